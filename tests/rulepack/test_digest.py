"""The digest of a pack is over its meaning: any change of meaning changes it, a change of spelling does not."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
import yaml

from imagefit import load_pack
from packfiles import PLUGS, PLUGS_FOLDER, load_edited, small_pack, write_pack

HEAVY = "condition: {appliance.watts: {at_least: 1000}}"
PLUG_VALUES = "appliance.plug: {type: enum, values: [type_c, type_f, type_g]"
MARKS = "appliance.marks: {type: set, values: [ce, ukca, vde]"
REQUIRE = "appliance.plug: {same_as: socket.shape}"

# fmt: off
CHANGES_OF_MEANING = [
    ("pack.yaml", "name: plugs", "name: plugs-2"),
    ("pack.yaml", "version: 0.3.0", "version: 0.3.1"),
    # operations
    ("vocabulary.yaml", "title: plug the appliance", "title: put the appliance"),
    ("vocabulary.yaml", "meaning: by hand and without tools", "meaning: by hand"),
    ("vocabulary.yaml", "  sell:", "  lend: {title: lend it}\n  sell:"),
    # fields
    ("vocabulary.yaml", MARKS, MARKS[:-1] + ", gs]"),
    ("vocabulary.yaml", "unit: W, meaning: the most it draws", "unit: kW, meaning: the most it draws"),
    ("vocabulary.yaml", "meaning: the most it draws", "meaning: the least it draws"),
    ("vocabulary.yaml", "unit: W, meaning: the most it draws", "unit: W, at_least: 0, meaning: the most it draws"),
    ("vocabulary.yaml", "unit: W, meaning: the most it draws", "unit: W, at_least: 1, meaning: the most it draws"),
    ("vocabulary.yaml", "appliance.sold_in: {type: set,", "appliance.sold_in: {type: set, values: [de, fr],"),
    ("vocabulary.yaml", "\nconditions:", "  socket.hue: {type: string, meaning: hue, example: red}\n\nconditions:"),
    # a named condition that a rule uses
    ("vocabulary.yaml", "{above: 2000}", "{above: 2001}"),
    ("vocabulary.yaml", "{above: 2000}", "{at_least: 2000}"),
    # a named condition that a remedy uses
    ("vocabulary.yaml", HEAVY, "condition: {appliance.watts: {at_least: 1001}}"),
    # remedies
    ("remedies.yaml", "text: use an adapter", "text: buy an adapter"),
    ("remedies.yaml", "actor: user", "actor: seller"),
    ("remedies.yaml", "    requires: {not: {is: is_heavy}}\n", ""),
    ("remedies.yaml", "{not: {is: is_heavy}}", "{is: is_heavy}"),
    ("remedies.yaml", "appliance.plug: {same_as: socket.shape}", "appliance.maker: {same_as: socket.country}"),
    ("remedies.yaml", "{same_as: socket.shape}", "type_c"),
    ("remedies.yaml", "add: {field: socket.marks}", "add: ce"),
    ("remedies.yaml", "appliance.marks: {add: {field: socket.marks}}", "appliance.marks: {same_as: socket.marks}"),
    ("remedies.yaml", "add: [de]", "add: [de, fr]"),
    ("remedies.yaml", "      appliance.sold_in: {add: [de]}\n", "      appliance.sold_in: [de]\n"),
    ("remedies.yaml", "appliance.maker: {unknown: true}", "appliance.maker: Braun"),
    ("remedies.yaml", "appliance.earthed: true", "appliance.earthed: false"),
    ("remedies.yaml", "      appliance.earthed: true\n", ""),
    # sources
    ("sources.yaml", "title: A handbook of plugs", "title: A book of plugs"),
    ("sources.yaml", "example.org/plugs", "example.org/pins"),
    ("sources.yaml", "2026-01-31", "2026-01-30"),
    ("sources.yaml", "remarks: made up", "remarks: invented"),
    # rules
    ("fit.yaml", "title: a plug fits", "title: each plug fits"),
    ("fit.yaml", "operations: [plug_in]\n  require", "operations: [plug_in, sell]\n  require"),
    ("fit.yaml", "plug does not go into", "plug doesn't go into"),
    ("fit.yaml", "remedies: [use-adapter]", "remedies: [use-adapter, get-mark]"),
    ("fit.yaml", "  remedies: [use-adapter]\n", ""),
    ("fit.yaml", "section: Shapes", "section: Forms"),
    ("fit.yaml", "document: handbook, section", "document: law, section"),
    ("fit.yaml", "- {document: law", "- {document: handbook"),
    ("fit.yaml", '  see_also:\n    - {document: law, section: "§ 3"}\n', ""),
    ("fit.yaml", "tags: [mechanics]", "tags: [mechanics, plugs]"),
    ("fit.yaml", "error_codes: [P-17]", "error_codes: [P-18]"),
    ("fit.yaml", "basis: observed", "basis: inferred"),
    ("fit.yaml", "  basis: observed\n", ""),
    ("fit.yaml", "description: type C", "description: Type C"),
    ("fit.yaml", "severity: warning", "severity: error"),
    ("fit.yaml", "appliance.watts: {above: 100}", "appliance.watts: {above: 101}"),
    ("fit.yaml", "appliance.watts: {above: 100}", "appliance.watts: {at_least: 100}"),
    ("fit.yaml", "at_least: 100.5", "at_least: 100.25"),
    ("fit.yaml", "at_most: 400", "below: 400"),
    ("fit.yaml", "{at_least: {field: appliance.watts}}", "{above: {field: appliance.watts}}"),
    ("safety.yaml", "[Self, Nobody]", "[Self]"),
    ("safety.yaml", "contains_all: {field: socket.marks}", "contains_any: {field: socket.marks}"),
    ("safety.yaml", "contains_any: [ukca, vde]", "contains_any: [vde]"),
    ("safety.yaml", "operations: all", "operations: [sell]"),
]

CHANGES_OF_SPELLING = [
    # words about the pack that no verdict shows
    ("pack.yaml", "title: Which appliances", "title: What appliances"),
    ("vocabulary.yaml", "example: 800", "example: 801"),
    ("vocabulary.yaml", "meaning: draws much", "meaning: draws a lot"),
    # YAML
    ("fit.yaml", "basis: observed", "basis: observed  # a comment"),
    ("fit.yaml", "basis: observed", "basis: 'observed'"),
    ("fit.yaml", "tags: [mechanics]", "tags:\n    - mechanics"),
    ("fit.yaml", 'message: "it draws {appliance.watts} W"', "message: >-\n    it draws\n    {appliance.watts} W"),
    ("fit.yaml", "  tags: [mechanics]\n  error_codes: [P-17]\n", "  error_codes: [P-17]\n  tags: [mechanics]\n"),
    ("fit.yaml", "document: handbook, section: Shapes", "section: Shapes, document: handbook"),
    # defaults that are written out
    ("safety.yaml", "  operations: all\n", "  operations: all\n  severity: error\n  basis: documented\n  tags: []\n"),
    ("sources.yaml", 'read: "2026-02-01"', 'read: "2026-02-01", remarks: ""'),
    # order where it has no meaning
    ("vocabulary.yaml", PLUG_VALUES, "appliance.plug: {type: enum, values: [type_g, type_c, type_f]"),
    ("safety.yaml", "operations: all", "operations: [sell, plug_in]"),
    ("safety.yaml", "[Self, Nobody]", "[Nobody, Self]"),
    ("safety.yaml", "contains_any: [ukca, vde]", "contains_any: [vde, ukca]"),
    ("fit.yaml", "at_least: 100.5, at_most: 400", "at_most: 400, at_least: 100.5"),
    ("fit.yaml", "      - socket.watts: {at_least: {field: appliance.watts}}\n"
     "      - socket.volts: {at_most: {field: appliance.volts}}\n",
     "      - socket.volts: {at_most: {field: appliance.volts}}\n"
     "      - socket.watts: {at_least: {field: appliance.watts}}\n"),
    ("vocabulary.yaml", "- appliance.earthed: true\n        - appliance.watts: {above: 2000}",
     "- appliance.watts: {above: 2000}\n        - appliance.earthed: true"),
    # the same condition in other words
    ("fit.yaml", "    all:\n      - socket.watts: {at_least: {field: appliance.watts}}\n"
     "      - socket.volts: {at_most: {field: appliance.volts}}\n",
     "    socket.watts: {at_least: {field: appliance.watts}}\n"
     "    socket.volts: {at_most: {field: appliance.volts}}\n"),
    ("fit.yaml", "    appliance.watts: {above: 100}\n", "    not: {appliance.watts: {at_most: 100}}\n"),
    ("fit.yaml", "    appliance.watts: {above: 100}\n", "    all: [{appliance.watts: {above: 100}}]\n"),
    ("fit.yaml", "at_most: 400", "at_most: 400.0"),
    ("fit.yaml", REQUIRE, "appliance.plug: {equals: {field: socket.shape}}"),
    ("safety.yaml", "require: {socket.earthed: true}", "require: {socket.earthed: [true]}"),
    ("safety.yaml", "require: {socket.earthed: true}",
     "require: {any: [{socket.earthed: true}, {not: {socket.earthed: {not: true}}}]}"),
    ("safety.yaml", "    not:\n      appliance.maker: [Self, Nobody]", "    appliance.maker: {not_in: [Self, Nobody]}"),
    ("safety.yaml", "contains_any: [ukca, vde]}}\n", "contains_any: [ukca, vde, ukca]}}\n"),
    ("safety.yaml", "when: {is: needs_earth}",
     "when: {not: {all: [{not: {appliance.earthed: true}}, {appliance.watts: {at_most: 2000}}]}}"),
    ("vocabulary.yaml", HEAVY, "condition: {not: {appliance.watts: {below: 1000}}}"),
    # one example more
    ("fit.yaml", "    - {facts: {appliance.watts: 50}, outcome: not_applicable}",
     "    - {facts: {appliance.watts: 50}, outcome: not_applicable}\n    - {facts: {}, outcome: unknown}"),
]
# fmt: on


@pytest.mark.parametrize(("file", "old", "new"), CHANGES_OF_MEANING)
def test_a_change_of_meaning_changes_the_digest(tmp_path: Path, file: str, old: str, new: str) -> None:
    assert load_edited(tmp_path, file, old, new).digest != small_pack().digest


@pytest.mark.parametrize(("file", "old", "new"), CHANGES_OF_SPELLING)
def test_a_change_of_spelling_does_not_change_the_digest(tmp_path: Path, file: str, old: str, new: str) -> None:
    assert load_edited(tmp_path, file, old, new).digest == small_pack().digest


def test_no_two_changes_of_meaning_have_the_same_digest(tmp_path: Path) -> None:
    digests = [
        load_edited(tmp_path / str(number), *change).digest for number, change in enumerate(CHANGES_OF_MEANING[:20])
    ]
    assert len(set(digests)) == len(digests)


def test_order_of_keys_files_and_rules_does_not_change_the_digest(tmp_path: Path) -> None:
    shuffle = random.Random(7).shuffle

    def shuffled(data: object, path: tuple[str, ...] = ()) -> object:
        if isinstance(data, dict):
            items = list(data.items())
            shuffle(items)
            return {key: shuffled(value, (*path, str(key))) for key, value in items}
        if isinstance(data, list):
            items = [shuffled(item, path) for item in data]
            if path[-1:] not in (("remedies",), ("see_also",)):  # shown in this order
                shuffle(items)
            return items
        return data

    for number in range(5):
        # PyYAML writes what it reads by YAML 1.1; none of these files has a scalar on which 1.2 differs.
        files = {name: yaml.safe_dump(shuffled(yaml.safe_load(text)), sort_keys=False) for name, text in PLUGS.items()}
        assert load_pack(write_pack(tmp_path / str(number), files)).digest == small_pack().digest


def test_the_digest_is_a_sha_256_and_stays_what_it_is() -> None:
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", small_pack().digest)
    assert load_pack(PLUGS_FOLDER).digest == small_pack().digest


def test_renaming_a_named_condition_changes_nothing(tmp_path: Path) -> None:
    files = {name: text.replace("needs_earth", "wants_earth") for name, text in PLUGS.items()}
    assert load_pack(write_pack(tmp_path, files)).digest == small_pack().digest
