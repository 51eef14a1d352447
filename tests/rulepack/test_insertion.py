"""Examples are put into a file's text, and nothing else of the text changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from boxes import WORDS, header, rule
from commands import run
from imagefit.errors import Position
from imagefit.rulepack.insertion import NewExample, with_examples
from imagefit.rulepack.pack import Outcome
from packfiles import write_pack

PASSES = NewExample({"a.b": 1}, Outcome.PASS, "a.b decides")
FAILS = NewExample({"a.b": 2}, Outcome.FAIL)
LINES = "- {facts: {a.b: 1}, outcome: pass}  # a.b decides\n    - {facts: {a.b: 2}, outcome: fail}\n"
INLINE = "{facts: {a.b: 1}, outcome: pass}, {facts: {a.b: 2}, outcome: fail}"


def extended(text: str, line: int = 1, column: int = 3) -> str:
    return with_examples(text, [(Position("x.yaml", line, column), [PASSES, FAILS])])


X, Z = "- id: x.y\n", "- id: x.z\n"
NEW = f"  examples:\n    {LINES}"
TITLE, TEXT = "  title: t  # so\n", "  title: |\n    text\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # below the last item, whatever is written behind or below it
        (
            X + "  examples:\n    - {facts: {}}  # why\n    # more\n\n# next\n" + Z,
            X + "  examples:\n    - {facts: {}}  # why\n    " + LINES + "    # more\n\n# next\n" + Z,
        ),
        # an item of several lines, keys that follow
        (
            X + "  examples:\n    - facts: {}\n      outcome: unknown\n  tags: [a]\n",
            X + "  examples:\n    - facts: {}\n      outcome: unknown\n    " + LINES + "  tags: [a]\n",
        ),
        # no line break at the end of the file
        (X + "  examples:\n    - {facts: {}}", X + "  examples:\n    - {facts: {}}\n    " + LINES[:-1]),
        # in brackets
        (X + "  examples: [{facts: {}} ]  # why\n", f"{X}  examples: [{{facts: {{}}}}, {INLINE} ]  # why\n"),
        (X + "  examples: []  # none\n  tags: []\n", X + "  examples:  # none\n    " + LINES + "  tags: []\n"),
        # none
        (X + TITLE + "\n" + Z, X + TITLE + NEW + "\n" + Z),
        (X + "  tags:\n    - a\n", X + "  tags:\n    - a\n" + NEW),
        (X + TEXT + Z, X + TEXT + NEW + Z),
        # a rule in braces
        ("- {id: x.y, title: t }\n", f"- {{id: x.y, title: t, examples: [{INLINE}] }}\n"),
        ("- {id: x.y, examples: []}\n", f"- {{id: x.y, examples: [{INLINE}]}}\n"),
    ],
)  # fmt: skip
def test_examples_stand_after_the_rules_own(before: str, after: str) -> None:
    assert extended(before) == after
    (first, *_) = yaml.safe_load(after)
    assert [e["outcome"] for e in first["examples"][-2:]] == ["pass", "fail"]


def test_line_ends_and_a_byte_order_mark_stay() -> None:
    text = "\ufeff- id: x.y\r\n  examples:\r\n    - {facts: {}}\r\n- id: x.z\r\n"
    assert extended(text) == text.replace("{}}\r\n", "{}}\r\n    " + LINES.replace("\n", "\r\n"))


def test_several_rules_of_a_file_are_extended_at_once() -> None:
    text = "- id: x.y\n  examples:\n    - {facts: {}}\n- id: x.z\n  examples: []\n"
    found = with_examples(text, [(Position("x", 1, 3), [FAILS]), (Position("x", 4, 3), [FAILS, PASSES])])
    assert [len(item["examples"]) for item in yaml.safe_load(found)] == [2, 2]


def test_a_rule_of_an_overlay_is_found_by_the_id_that_it_adjusts() -> None:
    changed = "adjustments:\n  - change: x.y\n    to: 3\n  - replace: x.z\n    with: {title: t}\n"
    assert yaml.safe_load(extended(changed, 2, 13))["adjustments"][0]["examples"] == [
        {"facts": {"a.b": 1}, "outcome": "pass"},
        {"facts": {"a.b": 2}, "outcome": "fail"},
    ]
    assert len(yaml.safe_load(extended(changed, 4, 14))["adjustments"][1]["with"]["examples"]) == 2


def test_a_place_without_a_rule_is_an_error() -> None:
    with pytest.raises(ValueError, match="no rule stands at"):
        extended("- id: x.y\n", line=7)


TWO = "when: {box.kind: glass}; require: {box.weight_kg: {at_most: 20}, box.sealed: true}"


class TestCommand:
    def test_what_is_written_makes_the_test_pass_and_keeps_the_rest(self, tmp_path: Path) -> None:
        text = (
            "# boxes\n\n" + rule("x", TWO) + "\n# the last\n" + rule("y", "require: {box.sealed: true}", "[]  # none")
        )
        folder = write_pack(tmp_path, {"pack.yaml": header(), "words.yaml": WORDS, "boxes.yaml": text})
        result = run("rules", "test", "--pack", str(folder), "--suggest", "--write")
        assert result.exit_code == 0
        assert re.fullmatch(rf"{folder}/boxes.yaml: [1-9] examples added\n", result.stdout)
        assert "all as expected" in result.stderr
        written = (folder / "boxes.yaml").read_text()
        assert [line for line in written.splitlines() if "outcome: " not in line] == [
            line.replace("[]  # none", " # none") for line in text.splitlines() if "outcome: " not in line
        ]
        again = run("rules", "test", "--pack", str(folder), "--suggest")
        assert (again.exit_code, again.stdout) == (0, "")

    def test_nothing_is_written_where_nothing_is_missing(self, lamps_folder: Path) -> None:
        before = {path: path.read_bytes() for path in lamps_folder.iterdir()}
        options = ("--suggest", "--write", "--select", "fitting.works")
        assert run("rules", "test", "--pack", str(lamps_folder), *options).exit_code == 0
        after = {path: path.read_bytes() for path in lamps_folder.iterdir()}
        assert after == before

    def test_rules_of_the_pack_that_is_extended_are_left_alone(self, tmp_path: Path) -> None:
        base = write_pack(tmp_path / "base", {"pack.yaml": header(), "words.yaml": WORDS, "boxes.yaml": rule("x", TWO)})
        over = "name: over\nversion: 1.0.0\ntitle: Over\nextends: ../base\nadjustments:\n"
        added = "  - why: new\n    add: {id: boxes.z, title: t, operations: [ship], message: m, "
        added += "require: {box.sealed: true}, "
        write_pack(tmp_path / "over", {"pack.yaml": over + added + "source: {document: manual}}\n"})
        result = run("rules", "test", "--pack", str(tmp_path / "over"), "--suggest", "--write")
        assert "boxes.x: left out, it is a rule of the pack that this one extends" in result.stderr
        assert result.stdout.startswith(f"{tmp_path}/over/pack.yaml: 3 examples added\n")
        assert (base / "boxes.yaml").read_text() == rule("x", TWO)

    def test_write_alone_is_refused(self) -> None:
        assert run("rules", "test", "--write").exit_code == 2
