"""Small packs that would need huge tables, searches or networks: bounded answers, and what was not examined is said."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

import imagefit
from blowups import KINDS, OPERATION, REFUSED, a_thousand, files, rule_count
from commands import run
from imagefit import PackError
from imagefit.analysis.coverage import coverage_of
from imagefit.analysis.decisions import leaf_places
from imagefit.analysis.lint.findings import FindingKind
from imagefit.analysis.lint.linter import lint
from imagefit.api.packs import load_unproven_pack, shipped_packs
from imagefit.budgets import Budget
from imagefit.explanations.candidate import ruleresults
from imagefit.explanations.missing.ofrule import Missing, missing_of_rule
from imagefit.reports.jsontext import json_text
from imagefit.rulepack.pack import Rule
from packfiles import shipped_pack, write_pack


@pytest.mark.parametrize("kind", KINDS)
def test_a_pack_that_blows_up_loads(kind: str, tmp_path: Path) -> None:
    made = files(kind, Random(1))
    assert len(load_unproven_pack(write_pack(tmp_path, made)).rules) == rule_count(made)


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_blows_up_is_refused_with_a_place(kind: str, tmp_path: Path) -> None:
    with pytest.raises(PackError) as caught:
        load_unproven_pack(write_pack(tmp_path, files(kind, Random(1))))
    assert all(problem.line > 0 for problem in caught.value.problems)


@pytest.mark.parametrize("kind", KINDS)
def test_a_verdict_of_a_pack_that_blows_up_says_what_was_not_examined(kind: str, tmp_path: Path) -> None:
    pack = load_unproven_pack(write_pack(tmp_path, files(kind, Random(2))))
    verdict = imagefit.check({}, operation=OPERATION, pack=pack)
    assert verdict.verdict == "unknown"
    assert {*verdict.missing, *verdict.not_examined} <= set(pack.fields)
    for said in (verdict, *verdict.rules):
        data = said.to_dict()
        assert said.missing, "what is unknown waits for something"
        assert said.missing_at_least == data.get("missing_at_least", False) == bool(said.not_examined)
        assert data.get("not_examined", []) == list(said.not_examined)
        assert not {*said.missing} & {*said.not_examined}


def test_what_nobody_reads_of_undecided_rules_is_not_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []

    def counted(rule: Rule, *rest: Any) -> Missing:
        searched.append(rule.id)
        return missing_of_rule(rule, *rest)

    monkeypatch.setattr(ruleresults, "missing_of_rule", counted)
    pack = load_unproven_pack(write_pack(tmp_path, a_thousand(Random(1))))
    verdict = imagefit.check({}, operation=OPERATION, pack=pack)
    undecided = [rule.rule for rule in verdict.undecided]
    assert verdict.verdict == "unknown" and verdict.missing and len(undecided) > 900 and not searched
    assert verdict.undecided[0].missing and searched == undecided[:1]
    verdict.to_dict()
    assert sorted(searched) == sorted(undecided)
    assert verdict.to_dict() == imagefit.check({}, operation=OPERATION, pack=pack).to_dict()


@pytest.mark.parametrize("kind", KINDS)
def test_lint_and_coverage_of_a_pack_that_blows_up_end_and_are_never_fine_by_not_looking(
    kind: str, tmp_path: Path
) -> None:
    pack = load_unproven_pack(write_pack(tmp_path, files(kind, Random(2))))
    budget = Budget(100_000)
    report = lint(pack, budget)
    decided = [finding for finding in report.findings if finding.kind is not FindingKind.NOT_DECIDED]
    assert len(report.findings) - len(decided) == len(report.not_examined)
    assert report.not_examined or not budget.has_ended
    assert len(json_text(report.to_dict())) < 1_000_000
    covered = coverage_of(pack, budget=Budget(50_000))
    assert not covered.is_full
    for rule in covered.rules:
        assert rule.not_examined or len(rule.leaves) == len(leaf_places(rule.rule))


def test_what_a_budget_leaves_out_is_said_in_every_format(tmp_path: Path) -> None:
    folder = str(write_pack(tmp_path / "pack", files("entangled", Random(2))))
    (tmp_path / "row.json").write_text('[{"id": "a", "f1": true}]')
    given = ["--pack", folder, "--from", "facts-json", "--operation", OPERATION, "--fail-on", "never"]
    text = run("check", "--image", str(tmp_path / "row.json"), *given)
    assert "undecided without at least" in " ".join(text.output.split()) or "at least (the most decisive" in text.output
    assert "not decided within the budget whether these matter" in " ".join(text.output.split())
    table = run("audit", str(tmp_path / "row.json"), *given, "--format", "csv")
    assert '"at least; ' in table.output or ",at least; " in table.output


def test_no_budget_ends_over_a_pack_that_ships() -> None:
    for name in shipped_packs():
        pack = shipped_pack(name)
        for operation in pack.operations:
            verdict = imagefit.check({}, operation=operation, pack=pack)
            assert not verdict.missing_at_least, (name, operation)
            assert not any(rule.missing_at_least for rule in verdict.rules), (name, operation)
