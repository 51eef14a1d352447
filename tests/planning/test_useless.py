"""Lint finds remedies that help none of the rules that name them, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from boxes import WORDS, boxes, rule
from imagefit.analysis.lint.linter import lint

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
