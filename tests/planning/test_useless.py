"""Lint finds remedies that help no rule that names them, or break another, and errors that nothing satisfies."""

from __future__ import annotations

from pathlib import Path

import pytest

from boxes import WORDS, boxes, rule
from commands import run
from imagefit.analysis.lint.linter import lint
from packfiles import shipped_pack

FAILS = "[{facts: {box.weight_kg: 30}, outcome: fail}, {facts: {box.weight_kg: 3}, outcome: pass}]"
OLD = "repack: {text: pack it again, actor: anyone}"


def found(folder: Path, remedy: str) -> list[str]:
    words = WORDS.replace(OLD, f"repack: {{text: pack it again, actor: anyone, {remedy}}}")
    keys = "require: {box.weight_kg: {at_most: 20}}; remedies: [repack]"
    report = lint(boxes(folder, rule("light", keys, FAILS), words=words))
    return [finding.subject for finding in report.findings if finding.kind == "useless-remedy"]


@pytest.mark.parametrize(
    ("remedy", "helps"),
    [
        ("effects: {box.weight_kg: 20}", True),
        ("effects: {box.weight_kg: 21}", False),
        ("effects: {box.weight_kg: {same_as: shelf.limit_kg}}", True),
        ("effects: {box.weight_kg: {unknown: true}}", True),  # then it does not fail, at least
        ("effects: {box.sealed: true}", False),
        ("requires: {box.weight_kg: {below: 10}}, effects: {box.weight_kg: 20}", False),
        ("requires: {box.kind: book}, effects: {box.weight_kg: 20}", True),
    ],
)
def test_a_remedy_that_never_helps_is_found(tmp_path: Path, remedy: str, helps: bool) -> None:
    assert found(tmp_path, remedy) == ([] if helps else ["repack"])


ROOMY = "[{facts: {box.weight_kg: 1}, outcome: fail}, {facts: {box.weight_kg: 9}, outcome: pass}]"


@pytest.mark.parametrize(
    ("remedy", "breaks"),
    [
        ("effects: {box.weight_kg: 2}", True),
        ("effects: {box.weight_kg: 10}", False),
        ("effects: {box.weight_kg: {same_as: shelf.limit_kg}}", False),  # it depends on the shelf
        ("effects: {box.weight_kg: {unknown: true}}", False),
    ],
)
def test_a_remedy_that_breaks_another_rule_whenever_it_is_done_is_found(
    tmp_path: Path, remedy: str, breaks: bool
) -> None:
    words = WORDS.replace(OLD, f"repack: {{text: pack it again, actor: anyone, {remedy}}}")
    light = rule("light", "require: {box.weight_kg: {at_most: 20}}; remedies: [repack]", FAILS)
    full = rule("full", "require: {box.weight_kg: {at_least: 5}}", ROOMY)
    report = lint(boxes(tmp_path, light, full, words=words))
    found = [each for each in report.findings if each.kind == "breaking-remedy"]
    assert [each.subject for each in found] == (["repack"] if breaks else [])
    for each in found:
        assert each.witness is not None and each.witness["box.weight_kg"] == 30
        assert [other.partition(".")[2] for other in each.others] == ["light", "full"]


@pytest.mark.parametrize(
    ("names", "remedy", "finding", "note"),
    [
        ("; remedies: [repack]", "effects: {box.sealed: true}", True, False),
        ("; remedies: [repack]", "effects: {box.weight_kg: 1}", False, False),
        ("", "effects: {box.sealed: true}", False, True),
        ("", "effects: {box.weight_kg: 1}", False, False),
    ],
)
def test_an_error_that_nothing_satisfies_is_a_note_unless_it_names_remedies(
    tmp_path: Path, names: str, remedy: str, finding: bool, note: bool
) -> None:
    words = WORDS.replace(OLD, f"repack: {{text: pack it again, actor: anyone, {remedy}}}")
    report = lint(boxes(tmp_path, rule("light", "require: {box.weight_kg: {at_most: 20}}" + names, FAILS), words=words))
    assert [each.kind for each in report.findings if each.kind in ("hopeless", "unsatisfied")] == ["hopeless"] * finding
    assert [each.kind for each in report.notes] == ["unsatisfied"] * note


def test_rules_show_says_which_remedies_satisfy_a_rule() -> None:
    shown = run("rules", "show", "boot.arm-boots-uefi", env={"COLUMNS": "80"}).stdout
    assert "satisfied by  set-boot-mode-uefi" in shown


def test_the_shipped_pack_has_no_such_finding() -> None:
    report = lint(shipped_pack())
    assert report.findings == [] and {note.kind for note in report.notes} == {"unsatisfied"}
