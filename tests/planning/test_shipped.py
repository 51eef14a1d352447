"""Plans of the packs that ship: they verify over the corpus, by the public functions alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import imagefit
from imagefit.explanations.remedies import applied
from imagefit.rulepack.pack import Pack
from packfiles import shipped_pack

CORPUS = Path(__file__).parents[1] / "corpus" / "huawei-ims.jsonl"
EVERY = 1000


def check_plans(pack: Pack, one_in: int) -> int:
    """Check every plan of some candidates of the corpus, and return how many there were."""
    count = 0
    for line in CORPUS.read_text("utf-8").splitlines()[::one_in]:
        row = json.loads(line)
        verdict = imagefit.check(row["facts"], operation=row["operation"], pack=pack)
        plans = verdict.plans(EVERY)
        assert plans.is_whole
        for plan in plans:
            count += 1
            facts, operation = verdict.facts, row["operation"]
            for step in plan.steps:
                remedy = pack.remedies[step.remedy]
                assert remedy.is_for(operation)
                if remedy.through is not None:
                    there = applied(remedy.through.facts, facts)
                    assert imagefit.check(there, operation=remedy.through.operation, pack=pack).verdict == "compatible"
                facts, operation = applied(remedy.effects, facts), remedy.instead or operation
            end = imagefit.check(facts, operation=operation, pack=pack)
            before = imagefit.check(verdict.facts, operation=operation, pack=pack)
            assert end.verdict == plan.verdict != "incompatible"
            assert {rule.rule for rule in end.undecided} <= {rule.rule for rule in before.undecided}
            new = {r.rule for r in end.warnings if r.severity == "warning"} - {r.rule for r in before.warnings}
            assert new == set(plan.warnings)
            assert set(end.missing) <= set(plan.relies_on)
    return count


def test_plans_of_the_corpus_verify(built_in: Pack) -> None:
    assert check_plans(built_in, 12) > 50


def test_steps_end_in_no_other_operation_than_the_one_that_is_wanted(built_in: Pack) -> None:
    deleting = {name: remedy for name, remedy in built_in.remedies.items() if "then delete it" in remedy.text}
    assert deleting and {remedy.operations for remedy in deleting.values()} == {("delete",)}
    facts = {"image.recipients": 128, "image.type": "system_disk", "image.status": "active"}
    verdict = imagefit.check(facts, operation="share", pack=built_in, select="sharing.recipient-limit")
    assert [plan.remedies for plan in verdict.plans()] == [("stop-sharing-down-to-127",)]


def test_an_ecs_that_is_resized_keeps_its_image(built_in: Pack) -> None:
    assert not [r.id for r in built_in.remedies.values() if r.chooses == "image" and r.is_for("resize")]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["huawei-ims-api", "huawei-ims-china", "open-telekom-cloud"])
def test_plans_of_the_corpus_verify_in_profiles(name: str) -> None:
    assert check_plans(shipped_pack(name), 29) > 10
