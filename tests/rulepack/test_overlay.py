"""Overlays: a pack that extends another and adjusts it, saying why, and whether it loosens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given

from boxes import WORDS, header, rule
from imagefit import ImagefitWarning, Pack, PackError, check, load_pack
from imagefit.analysis import enumeration
from imagefit.analysis.diff import diff
from imagefit.analysis.loosening import loosening
from imagefit.api.packs import shipped_packs
from imagefit.evaluators.reference import outcome
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Rule, Severity
from packfiles import place_of, shipped_pack, write_pack
from strategies import FIELDS, candidates, rules

LIGHT = """\
- id: boxes.light
  title: glass weighs at most 20 kg
  operations: [store, ship]
  when: {is: breaks}
  require: {box.weight_kg: {at_most: 20}}
  message: "it weighs {box.weight_kg} kg"
  remedies: [repack]
  source: {document: manual}
  examples:
    - {facts: {box.kind: glass, box.weight_kg: 21}, outcome: fail}
    - {facts: {box.kind: glass, box.weight_kg: 20}, outcome: pass}
    - {facts: {box.kind: glass}, outcome: unknown}
    - {facts: {box.kind: toy, box.weight_kg: 21}, outcome: not_applicable}
"""
SEALED = rule(
    "sealed",
    "require: {box.sealed: true}",
    "[{facts: {box.sealed: true}, outcome: pass}, {facts: {box.sealed: false}, outcome: fail}, "
    "{facts: {}, outcome: unknown}]",
)
BASE = {"pack.yaml": header(), "words.yaml": WORDS, "boxes.yaml": LIGHT + SEALED}
OVER = "name: over\nversion: 2.0.0\ntitle: Over\nextends: ../base\n"
LIFT = "adjustments:\n  - {change: boxes.light, limit: {box.weight_kg: {at_most: 20}}, to: 30, why: new shelves"
RETITLED = ", title: glass weighs at most 30 kg"
DROP = "adjustments: [{drop: boxes.sealed, why: nobody looks, loosens: true}]\n"


def overlay(folder: Path, text: str, files: Mapping[str, str] | None = None) -> Pack:
    """Load an overlay of the pack of boxes; `text` is what follows the four lines of its header."""
    write_pack(folder / "base", BASE)
    return load_pack(write_pack(folder / "over", {"pack.yaml": OVER + text, **(files or {})}))


def problem(folder: Path, text: str, files: Mapping[str, str] | None = None) -> str:
    """The only problem of an overlay; a `^` in its text marks where it must stand."""
    marked = OVER + text
    with pytest.raises(PackError) as raised:
        overlay(folder, text.replace("^", ""), files)
    (found,) = raised.value.problems
    if "^" in marked:
        assert (found.file, found.line, found.column) == (f"{folder}/over/pack.yaml", *place_of(marked, "^"))
    return str(found).partition(": ")[2]


def outcome_of(pack: Pack, rule_id: str, facts: Facts) -> Outcome:
    return outcome(pack.rule(rule_id), facts)


# -- what an overlay can do ---------------------------------------------------------------------------


def test_a_rule_is_dropped(tmp_path: Path) -> None:
    pack = overlay(tmp_path, DROP)
    assert [one.id for one in pack.rules] == ["boxes.light"]
    (adjusted,) = pack.adjustments
    assert (adjusted.kind, adjusted.rule, adjusted.why, adjusted.loosens) == (
        "drop",
        "boxes.sealed",
        "nobody looks",
        True,
    )
    assert (pack.name, pack.version, pack.extends) == ("over", "2.0.0", "boxes")


def test_a_limit_is_changed_and_what_contradicts_it_is_no_example_any_more(tmp_path: Path) -> None:
    more = ", loosens: true, examples: [{facts: {box.kind: glass, box.weight_kg: 31}, outcome: fail}]}\n"
    pack = overlay(tmp_path, LIFT + RETITLED + more)
    light = pack.rule("boxes.light")
    assert outcome(light, {"box.kind": "glass", "box.weight_kg": 30}) is Outcome.PASS
    assert outcome(light, {"box.kind": "glass", "box.weight_kg": 31}) is Outcome.FAIL
    assert [dict(example.facts).get("box.weight_kg") for example in light.examples] == [20, None, 21, 31]
    assert pack.adjustments[0].detail == "box.weight_kg at_most 20 -> 30"
    assert (light.remedies, light.message) == (("repack",), "it weighs {box.weight_kg} kg")


def test_texts_remedies_and_source_of_a_changed_rule_can_be_given_anew(tmp_path: Path) -> None:
    more = (
        ", loosens: true, message: 'too heavy', remedies: [], source: {document: manual, section: '2'}, "
        "description: new, examples: [{facts: {box.kind: glass, box.weight_kg: 31}, outcome: fail}]}\n"
    )
    light = overlay(tmp_path, LIFT + RETITLED + more).rule("boxes.light")
    assert (light.title, light.message, light.remedies) == ("glass weighs at most 30 kg", "too heavy", ())
    assert (light.source.section, light.description) == ("2", "new")
    assert [ref.section for ref in light.see_also] == [""]  # what the base pack's rule cites


def test_an_operand_may_be_a_list_or_another_fact(tmp_path: Path) -> None:
    limit = "adjustments: [{change: boxes.light, limit: {box.kind: glass}, to: [glass, toy], why: toys break too, "
    example = "examples: [{facts: {box.kind: book, box.weight_kg: 99}, outcome: not_applicable}]}]\n"
    assert (
        outcome_of(overlay(tmp_path / "a", limit + example), "boxes.light", {"box.kind": "toy", "box.weight_kg": 21})
        is Outcome.FAIL
    )
    other = LIFT.replace("to: 30", "to: {field: shelf.limit_kg}") + ", title: as the shelf, loosens: true, examples: "
    facts = "box.kind: glass, box.weight_kg: 9, shelf.limit_kg"
    other += f"[{{facts: {{{facts}: 9}}, outcome: pass}}, {{facts: {{{facts}: 8}}, outcome: fail}}]}}\n"
    assert "shelf.limit_kg" in overlay(tmp_path / "b", other).rule("boxes.light").facts


def test_a_named_condition_with_another_operand_is_no_longer_called_so(tmp_path: Path) -> None:
    limit = "adjustments: [{change: boxes.light, limit: {box.kind: glass}, to: toy, why: toys, loosens: true, "
    example = "examples: [{facts: {box.kind: toy, box.weight_kg: 21}, outcome: fail}, {facts: {box.kind: toy, "
    example += "box.weight_kg: 20}, outcome: pass}, {facts: {box.kind: book}, outcome: not_applicable}, "
    example += "{facts: {box.kind: toy}, outcome: unknown}]}]\n"
    assert overlay(tmp_path, limit + example).rule("boxes.light").when.name is None  # type: ignore[union-attr]


ADD = """\
adjustments:
  - add:
      id: {id}
      title: no toys on the wall
      operations: [store]
      when: {{box.kind: toy}}
      require: {{shelf.kind: {{not: wall}}}}
      message: a toy on the {{shelf.kind}}
      source: {{document: rumour}}
      examples:
        - {{facts: {{box.kind: toy, shelf.kind: wall}}, outcome: fail}}
        - {{facts: {{box.kind: toy, shelf.kind: floor}}, outcome: pass}}
        - {{facts: {{box.kind: toy}}, outcome: unknown}}
        - {{facts: {{box.kind: book, shelf.kind: wall}}, outcome: not_applicable}}
    why: they fall
"""
SOURCES = {"sources.yaml": 'sources: {rumour: {title: A rumour, address: "", read: "2026-02-02"}}\n'}


def test_a_rule_is_added_with_words_of_the_overlay(tmp_path: Path) -> None:
    pack = overlay(tmp_path, "includes: [sources.yaml]\n" + ADD.format(id="toys.wall"), SOURCES)
    assert [one.id for one in pack.rules] == ["boxes.light", "boxes.sealed", "toys.wall"]
    assert {"rumour", "manual"} == set(pack.sources)
    verdict = check({"box.kind": "toy", "shelf.kind": "wall", "box.sealed": True}, operation="store", pack=pack)
    assert [one.rule for one in verdict.failed] == ["toys.wall"]
    assert verdict.pack.name == "over"


def test_adjustments_can_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    files = {**SOURCES, "toys.yaml": ADD.format(id="toys.wall")}
    pack = overlay(tmp_path, "includes: [sources.yaml, toys.yaml]\n" + DROP, files)
    assert [(made.kind.value, made.position.file) for made in pack.adjustments] == [  # type: ignore[union-attr]
        ("drop", f"{tmp_path}/over/pack.yaml"),
        ("add", f"{tmp_path}/over/toys.yaml"),
    ]


REPLACE = """\
adjustments:
  - replace: boxes.sealed
    why: glue is not enough
    with:
      title: a box is sealed and labelled
      operations: [store, ship]
      require: {box.sealed: true, box.labels: {contains: fragile}}
      message: "sealed {box.sealed}"
      source: {document: manual}
      examples:
        - {facts: {box.sealed: false, box.labels: [fragile]}, outcome: fail}
        - {facts: {box.sealed: true, box.labels: [fragile]}, outcome: pass}
        - {facts: {box.sealed: true}, outcome: unknown}
"""


def test_a_rule_is_replaced_under_its_id(tmp_path: Path) -> None:
    pack = overlay(tmp_path, REPLACE)
    assert outcome_of(pack, "boxes.sealed", {"box.sealed": True, "box.labels": frozenset()}) is Outcome.FAIL
    assert pack.rule("boxes.sealed").operations == ("store", "ship")
    before, after = pack.adjustments[0].before, pack.adjustments[0].after
    assert before is not None
    assert before.operations == ("store",)
    assert after is pack.rule("boxes.sealed")


def test_two_limits_of_one_rule_can_be_changed(tmp_path: Path) -> None:
    passes = "examples: [{facts: {box.kind: glass, box.weight_kg: 15}, outcome: pass}]"
    first = LIFT.replace("to: 30", "to: 15") + f", title: less, {passes}}}\n"
    second = "  - {change: boxes.light, limit: {box.kind: glass}, to: [glass, book], why: books are heavy}\n"
    pack = overlay(tmp_path, first + second)
    assert outcome_of(pack, "boxes.light", {"box.kind": "book", "box.weight_kg": 16}) is Outcome.FAIL


def test_an_overlay_can_extend_an_overlay(tmp_path: Path) -> None:
    overlay(tmp_path, DROP)
    text = OVER.replace("../base", "../over").replace("name: over", "name: top")
    text += LIFT.replace("to: 30", "to: 10") + ", title: less, examples: [{facts: {"
    text += "box.kind: glass, box.weight_kg: 10}, outcome: pass}]}\n"
    pack = load_pack(write_pack(tmp_path / "top", {"pack.yaml": text}))
    assert (pack.extends, [one.id for one in pack.rules]) == ("over", ["boxes.light"])
    assert outcome_of(pack, "boxes.light", {"box.kind": "glass", "box.weight_kg": 11}) is Outcome.FAIL


def test_names_of_packs_that_ship_can_be_extended(tmp_path: Path) -> None:
    text = OVER.replace("../base", "huawei-ims") + "adjustments: [{drop: status.active, why: a test, loosens: true}]\n"
    pack = load_pack(write_pack(tmp_path, {"pack.yaml": text}))
    assert pack.extends == "huawei-ims"
    assert len(pack.rules) == len(shipped_pack().rules) - 1


def test_a_rule_knows_in_which_pack_it_stands(tmp_path: Path) -> None:
    pack = overlay(tmp_path, REPLACE)
    assert str(pack.rule("boxes.light").position) == f"{tmp_path}/over/../base/boxes.yaml:1:3"
    assert str(pack.rule("boxes.sealed").position) == f"{tmp_path}/over/pack.yaml:6:14"


# -- loosening ---------------------------------------------------------------------------------------


def test_a_loosening_that_is_not_said_is_refused_with_a_candidate(tmp_path: Path) -> None:
    more = RETITLED + ", examples: [{facts: {box.kind: glass, box.weight_kg: 31}, outcome: fail}]}\n"
    says = problem(tmp_path, LIFT.replace("{change", "{^change") + more)
    assert says == (
        "the adjustment loosens boxes.light and does not say so: fail (error) -> pass (error) on store with "
        "--set box.kind=glass --set box.weight_kg=21; expected loosens: true"
    )


def test_a_loosening_that_is_none_is_refused_with_the_size_of_the_proof(tmp_path: Path) -> None:
    more = (
        ", title: at most 10, loosens: true, examples: [{facts: {box.kind: glass, box.weight_kg: 9}, outcome: pass}]}\n"
    )
    says = problem(tmp_path, LIFT.replace("{change", "{^change").replace("to: 30", "to: 10") + more)
    assert says == (
        "the adjustment says that it loosens boxes.light, and no candidate comes off better: "
        "12 combinations looked at; expected no `loosens`"
    )


def test_dropping_a_rule_loosens_and_adding_one_does_not(tmp_path: Path) -> None:
    assert "loosens boxes.sealed" in problem(tmp_path, DROP.replace(", loosens: true", "").replace("drop", "^drop"))
    text = "includes: [sources.yaml]\n" + ADD.format(id="toys.wall") + "    loosens: true\n"
    assert "no candidate comes off better" in problem(tmp_path, text, SOURCES)


def test_a_loosening_that_can_not_be_examined_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enumeration, "MAX_STEPS", 4)
    more = RETITLED + ", loosens: true, examples: [{facts: {box.kind: glass, box.weight_kg: 31}, outcome: fail}]}\n"
    says = problem(tmp_path, LIFT.replace("{change", "{^change") + more)
    assert says == "can't tell whether this loosens boxes.light: too many cases: 12 combinations"


LOOSER = [
    ({"severity": Severity.WARNING}, True),
    ({"operations": ("store",)}, True),
    ({"operations": ("store", "ship", "sell")}, False),
    ({"severity": Severity.NOTICE}, True),
    ({"title": "another"}, False),
]


@pytest.mark.parametrize(("change", "loosens"), LOOSER)
def test_severity_and_operations_loosen_too(tmp_path: Path, change: dict[str, object], loosens: bool) -> None:
    from dataclasses import replace

    base = load_pack(write_pack(tmp_path, BASE))
    before = base.rule("boxes.light")
    found = loosening(before, replace(before, **change), base.fields)  # type: ignore[arg-type]
    assert (found.facts is not None) is loosens


def test_a_notice_can_be_dropped_without_loosening(tmp_path: Path) -> None:
    examples = (
        "[{facts: {box.kind: glass}, outcome: pass}, {facts: {}, outcome: unknown},"
        " {facts: {box.kind: toy}, outcome: not_applicable}]"
    )
    notice = rule("note", "severity: notice; when: {box.kind: glass}", examples)
    write_pack(tmp_path / "base", {**BASE, "boxes.yaml": LIGHT + notice})
    text = OVER + "adjustments: [{drop: boxes.note, why: known by now}]\n"
    assert len(load_pack(write_pack(tmp_path / "over", {"pack.yaml": text})).rules) == 1


def test_more_doubt_loosens_and_less_doubt_where_it_passed_does_not(tmp_path: Path) -> None:
    """A rule that fails and then is unknown comes off better; one that passes and then is unknown, worse."""
    base = load_pack(write_pack(tmp_path, BASE))
    from dataclasses import replace

    sealed = base.rule("boxes.sealed")
    light = base.rule("boxes.light").require
    both = replace(sealed, require=type(base.rule("boxes.light").when)((sealed.require, light)))
    assert loosening(sealed, both, base.fields).facts is None
    assert loosening(both, sealed, base.fields).facts is not None


@given(rules(max_leaves=3), rules(max_leaves=3), candidates())
def test_loosening_is_found_wherever_a_candidate_comes_off_better(old: Rule, new: Rule, facts: Facts) -> None:
    order = {Outcome.FAIL: 2, Outcome.UNKNOWN: 1}

    def weight(made: Rule, operation: str, on: Facts) -> int:
        if operation not in made.operations or made.severity is Severity.NOTICE:
            return 0
        return order.get(outcome(made, on), 0) and order[outcome(made, on)] + 2 * (made.severity is Severity.ERROR)

    found = loosening(old, new, FIELDS)
    if found.facts is not None:
        assert weight(old, found.operation, found.facts) > weight(new, found.operation, found.facts)
    else:
        assert all(weight(old, name, facts) <= weight(new, name, facts) for name in old.operations)


# -- what is wrong with an overlay ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("adjustments: [^{drop: boxes.sealed}]\n", "boxes.sealed: why is missing"),
        ("adjustments: [{drop: ^boxes.seal, why: x}]\n",
         "the pack has no such rule: boxes.seal; did you mean 'boxes.sealed'?"),
        ("adjustments: [{drop: boxes.light, ^wy: x, why: y}]\n",
         "unknown key: 'wy'; expected one of drop, loosens, source, why; did you mean 'why'?"),
        ("adjustments: [^{why: x}]\n",
         "not an adjustment: {\"why\": \"x\"}; expected one of add, replace, drop, change"),
        ("adjustments: [^{drop: boxes.sealed, replace: boxes.light, why: x}]\n",
         "not an adjustment: drop and replace; expected one of add, replace, drop, change"),
        (LIFT.replace("at_most: 20", "at_most: 21").replace("limit: {", "limit: ^{") + "}\n",
         "boxes.light has no such comparison; expected one of box.kind equals glass; box.weight_kg at_most 20"),
        (LIFT.replace("limit: {", "limit: ^{is: breaks, ") + "}\n",
         "not one comparison; expected one, such as {box.weight_kg: {at_most: 30}}"),
        (LIFT.replace("to: 30", "to: ^heavy") + "}\n",
         "not a value of box.weight_kg: 'heavy'; expected a whole number of kg"),
        (LIFT.replace("to: 30", "to: ^20") + "}\n", "nothing changes: 20"),
        (LIFT.replace("to: 30", "to: ^10") + "}\n",
         "the rule's title still says 20; expected a new `title` here"),
        (LIFT.replace("to: 30", "to: 10") + ", title: ^'20'}\n",
         "the rule's title still says 20; expected a new `title` here"),
        (LIFT.replace("to: 30", "to: 10") + ", title: less, message: ^'{box.owner}'}\n",
         "unknown placeholder: {box.owner}; expected a fact that the rule looks at"),
        (LIFT.replace("to: 30", "to: 10") + ", title: less, remedies: [^re-pack]}\n",
         "unknown remedy: 're-pack'; did you mean 'repack'?"),
        ("includes: [words.yaml]\n", "the pack adjusts nothing"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_where_it_stands(tmp_path: Path, text: str, says: str) -> None:
    assert problem(tmp_path, text, {"words.yaml": "remedies: {wait: {text: wait, actor: anyone}}\n"}) == says


def test_a_message_that_names_what_a_changed_rule_no_longer_looks_at_has_to_be_written_anew(tmp_path: Path) -> None:
    require = "require: {box.weight_kg: {at_most: 20}}"
    fits = LIGHT.replace(require, "require: {box.weight_kg: {at_most: {field: shelf.limit_kg}}}")
    told = fits.replace('kg} kg"', 'kg} kg of {shelf.limit_kg} kg"').partition("  examples:")[0] + "  examples: []\n"
    write_pack(tmp_path / "base", {**BASE, "boxes.yaml": told + SEALED})
    limit = "{box.weight_kg: {at_most: {field: shelf.limit_kg}}}"
    change = f"adjustments: [{{change: boxes.light, limit: {limit}, to: 30, why: they all hold that, loosens: true"
    with pytest.raises(PackError) as raised:
        load_pack(write_pack(tmp_path / "over", {"pack.yaml": OVER + change + "}]\n"}))
    assert [problem.message for problem in raised.value.problems] == ["the rule's message still names shelf.limit_kg"]
    with pytest.warns(ImagefitWarning):  # of examples, which are of no concern here
        load_pack(write_pack(tmp_path / "over", {"pack.yaml": OVER + change + ", message: above 30 kg}]\n"}))


def test_a_rule_is_adjusted_once(tmp_path: Path) -> None:
    text = DROP.replace("}]", "}, {drop: ^boxes.sealed, why: again}]")
    assert problem(tmp_path, text) == (
        f"the rule is adjusted twice: boxes.sealed; expected once; the first is at {tmp_path}/over/pack.yaml:5:16"
    )


def test_an_added_rule_has_an_id_of_its_own(tmp_path: Path) -> None:
    text = "includes: [sources.yaml]\n" + ADD.format(id="^boxes.light")
    assert problem(tmp_path, text, SOURCES) == (
        "a rule with this id exists: boxes.light; expected another id, or `replace`"
    )


def test_a_changed_rule_needs_examples_of_every_outcome(tmp_path: Path) -> None:
    with pytest.warns(ImagefitWarning, match="^over: examples are missing of boxes.light;"):
        overlay(tmp_path, LIFT + RETITLED + ", loosens: true}\n")


def test_words_of_the_base_are_not_defined_again(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"words.yaml:1:11: boxes defines this already in sources: manual"):
        overlay(
            tmp_path,
            "includes: [words.yaml]\n" + DROP,
            {"words.yaml": 'sources: {manual: {title: x, address: "", read: "2026-02-02"}}\n'},
        )


def test_an_overlay_has_no_rule_files(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="an overlay has no rule files; expected adjustments"):
        overlay(tmp_path, "includes: [more.yaml]\n" + DROP, {"more.yaml": SEALED.replace("boxes.", "more.")})


def test_only_an_overlay_has_adjustments(tmp_path: Path) -> None:
    files = {**BASE, "pack.yaml": header() + DROP}
    with pytest.raises(PackError, match=r"pack.yaml:5:1: only a pack that `extends` another one has adjustments"):
        load_pack(write_pack(tmp_path, files))


@pytest.mark.parametrize(
    ("extends", "says"),
    [
        ("../bass", "no such pack: '../bass'"),
        ("huawei-im", "no such pack: 'huawei-im'; did you mean 'huawei-ims'?"),
        ("/tmp", "not a pack to extend: '/tmp'; expected a pack's name, or a path from this folder"),
        (".", "packs extend each other: '.'"),
    ],
)
def test_what_can_not_be_extended(tmp_path: Path, extends: str, says: str) -> None:
    text = OVER.replace("../base", extends) + DROP
    with pytest.raises(PackError) as raised:
        load_pack(write_pack(tmp_path / "over", {"pack.yaml": text}))
    assert [str(found) for found in raised.value.problems] == [f"{tmp_path}/over/pack.yaml:4:10: {says}"]


def test_packs_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        write_pack(tmp_path / name, {"pack.yaml": OVER.replace("../base", f"../{other}") + DROP})
    with pytest.raises(PackError) as raised:
        load_pack(tmp_path / "a")
    assert [str(found) for found in raised.value.problems] == [
        f"{tmp_path}/a/../b/pack.yaml:4:10: packs extend each other: '../a'",
        f"{tmp_path}/a/pack.yaml:4:10: the pack that this one extends does not load",
    ]


def test_a_base_that_does_not_load_is_said_with_all_its_problems(tmp_path: Path) -> None:
    write_pack(tmp_path / "base", {**BASE, "boxes.yaml": LIGHT.replace("at_most", "atmost") + SEALED})
    with pytest.raises(PackError) as raised:
        load_pack(write_pack(tmp_path / "over", {"pack.yaml": OVER + DROP}))
    found = [str(found) for found in raised.value.problems]
    assert len(found) == 2
    base = f"{tmp_path}/over/../base/boxes.yaml"
    assert found[0].startswith(f"{base}:5:29: unknown operator: atmost; expected one of ")
    assert found[1] == f"{tmp_path}/over/pack.yaml:4:10: the pack that this one extends does not load"


# -- the whole -----------------------------------------------------------------------------------------


def test_the_digest_is_that_of_the_merged_meaning(tmp_path: Path) -> None:
    one = overlay(tmp_path, DROP).digest
    assert overlay(tmp_path, "# a comment\n" + DROP.replace("nobody looks", "another reason")).digest == one
    write_pack(tmp_path / "base", {"boxes.yaml": LIGHT.replace("at_most: 20", "below: 21") + SEALED})
    assert load_pack(tmp_path / "over").digest != one  # another comparison of the base pack


@pytest.mark.parametrize("name", [name for name in shipped_packs() if name != "huawei-ims"])
def test_each_profile_that_ships_adjusts_the_built_in_pack_and_says_why(name: str) -> None:
    pack = shipped_pack(name)
    assert (pack.name, pack.extends) == (name, "huawei-ims")
    assert all(made.why for made in pack.adjustments)
    touched = {one.rule for one in diff(shipped_pack(), pack).rules}
    assert touched == {made.rule for made in pack.adjustments}


FULL = {"image.type": "full_ecs", "image.full_ecs_origin": "ecs", "image.source_ecs_had_csbs_backup": False}
DISK, KEYED = {"image.type": "system_disk"}, {"image.encrypted": True}
LARGE = {"image.size_gib": 250, "image.region": "cn-north-4", "destination.region": "cn-east-3"}


@pytest.mark.parametrize(
    ("name", "rule_id", "facts", "expected"),
    [
        # the sources disagree: the overview allows the second case, the API reference only the first
        ("huawei-ims", "sharing.full-ecs-origin", FULL, "pass"),
        ("huawei-ims-api", "sharing.full-ecs-origin", FULL, "fail"),
        ("huawei-ims-china", "sharing.full-ecs-origin", FULL, "fail"),
        ("open-telekom-cloud", "sharing.full-ecs-origin", FULL, "fail"),
        ("huawei-ims-eu-west-0", "sharing.full-ecs-origin", {**FULL, "image.full_ecs_origin": "cbr_backup"}, "fail"),
        # 256 recipients, and encrypted images under a custom key
        ("huawei-ims", "sharing.recipient-limit", {**DISK, "image.recipients": 200}, "fail"),
        ("open-telekom-cloud", "sharing.recipient-limit", {**DISK, "image.recipients": 200}, "pass"),
        ("open-telekom-cloud", "sharing.recipient-limit", {"image.type": "full_ecs", "image.recipients": 10}, "fail"),
        ("open-telekom-cloud", "sharing.encrypted", {**KEYED, "image.encryption_key": "custom"}, "pass"),
        ("open-telekom-cloud", "sharing.encrypted", {**KEYED, "image.encryption_key": "default"}, "fail"),
        # 300 GiB between four regions, full-ECS images between five
        ("huawei-ims-china", "replication.cross-region-size", LARGE, "pass"),
        ("huawei-ims-china", "replication.cross-region-size", {**LARGE, "image.region": "cn-north-1"}, "fail"),
        ("huawei-ims-china", "replication.size", {"image.size_gib": 250}, "fail"),
        ("huawei-ims-china", "replication.full-ecs-regions",
         {**LARGE, "image.type": "full_ecs", "image.region": "cn-north-1"}, "pass"),
        ("huawei-ims-china", "replication.full-ecs-regions",
         {**LARGE, "image.type": "full_ecs", "image.region": "cn-southwest-2"}, "fail"),
        ("huawei-ims-eu-west-0", "replication.cross-region-type", {"image.type": "full_ecs"}, "fail"),
        ("open-telekom-cloud", "replication.cross-region-type", {"image.type": "full_ecs"}, "fail"),
        # more systems whose licence forbids exporting
        *[
            (name, "export.licensed-os", {"image.made_from": "public_image", "image.platform": platform}, expected)
            for name, platform, expected in [
                ("huawei-ims", "red_hat", "pass"),
                ("open-telekom-cloud", "ubuntu", "fail"),
                ("huawei-ims-china", "oracle_linux", "fail"),
                ("huawei-ims-api", "red_hat", "fail"),
                ("huawei-ims-api", "ubuntu", "pass"),
                ("huawei-ims-china", "centos", "pass"),
            ]
        ],
    ],
)  # fmt: skip
def test_where_sources_disagree_each_profile_follows_its_own(
    name: str, rule_id: str, facts: Facts, expected: str
) -> None:
    assert outcome_of(shipped_pack(name), rule_id, facts) == expected


def test_what_differs_and_why_is_in_the_reference_and_beside_the_rule() -> None:
    from imagefit.reports.markdown import pack_markdown
    from imagefit.reports.ruletext import rule_text

    pack = shipped_pack("huawei-ims-eu-west-0")
    text = pack_markdown(pack)
    assert "## What differs from huawei-ims" in text
    assert "- `access.full-ecs-needs-vault`: dropped, loosening: the region does not share" in text
    shown = rule_text(pack.rule("export.licensed-os"), pack, width=200)
    assert "adjusted     by huawei-ims-eu-west-0, changed (image.platform not_in suse, windows -> " in shown


def test_the_overlay_in_the_documentation_loads_and_is_refused_where_it_says_so(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "overlays.md").read_text("utf-8")
    text = page.split("```yaml\n# pack.yaml of an overlay\n")[1].split("```")[0]
    text = text.replace("includes: [sources.yaml]        # own words, if there are any\n", "")
    assert load_pack(write_pack(tmp_path, {"pack.yaml": text})).extends == "huawei-ims"
    looser = text.replace("to: 100", "to: 200").replace("at most 100", "at most 200")
    with pytest.raises(PackError, match=r"loosens sharing.recipient-limit and does not say so"):
        load_pack(write_pack(tmp_path, {"pack.yaml": looser}))


def test_a_rule_of_a_wrong_shape_in_an_adjustment_has_its_words_checked_too(tmp_path: Path) -> None:
    added = LIGHT.replace("- id: boxes", "  id: over").replace("title:", "titel:").replace("box.kind", "box.knd")
    adjustments = "adjustments:\n  - why: ours\n    add:\n" + "".join(f"    {line}\n" for line in added.splitlines())
    with pytest.raises(PackError) as raised:
        overlay(tmp_path, adjustments.replace("document: manual", "document: manaul"))
    said = str(raised.value)
    assert "unknown key: 'titel'" in said and "unknown source: 'manaul'; did you mean 'manual'?" in said
    assert said.count("unknown fact: 'box.knd'; did you mean 'box.kind'?") == 4


@pytest.mark.parametrize("key", ["title", "message", "description", "remedies"])
def test_nothing_is_no_text(tmp_path: Path, key: str) -> None:
    assert problem(tmp_path, LIFT.replace("to: 30", "to: 10") + f", {key}: ^null}}\n").startswith(f"wrong `{key}`")
