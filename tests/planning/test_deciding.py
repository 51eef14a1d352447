"""The smallest sets of facts that would decide an unknown verdict do decide it, and none smaller lets it fit."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import assume, given

import imagefit
from commands import run
from imagefit.conditions import leaves
from imagefit.evaluators.cells import representatives
from imagefit.facts import Facts
from imagefit.rulepack.pack import Pack
from strategies import FEW_FIELDS, few_candidates, packs_with_remedies

SELECT = ["access.private-to-its-owner", "boot.uefi-on-heterogeneous"]
KNOWN = {"image.visibility": "private", "image.boot_mode": "uefi", "image.owner": "me", "image.type": "system_disk"}


def test_what_is_enough_to_know_and_what_helps_otherwise() -> None:
    verdict = imagefit.check({**KNOWN, "ecs.account": "me"}, operation="create_ecs", select=SELECT)
    (found,) = verdict.deciding()
    assert found.facts == ("ecs.accelerator",) and found.compatible == {"ecs.accelerator": "none"}
    assert found.incompatible is not None and found.incompatible["ecs.accelerator"] in ("gpu", "npu", "encoding_card")
    assert found.plan is not None and found.plan.verdict == "compatible"
    otherwise = imagefit.check({**verdict.facts, **found.incompatible}, operation="create_ecs", select=SELECT)
    assert set(found.plan.remedies) <= {remedy.id for rule in otherwise.failed for remedy in rule.remedies}
    assert verdict.to_dict(plans=3)["deciding"][0]["compatible"] == {"ecs.accelerator": "none"}


def test_the_text_has_a_line_of_it() -> None:
    given = [f"--set={name}={value}" for name, value in {**KNOWN, "ecs.account": "me"}.items()]
    command = ["check", "--operation", "create_ecs", *given, "--select", ",".join(SELECT)]
    shown = " ".join(run(*command, env={"COLUMNS": "80"}).stdout.split())
    assert "enough to know: ecs.accelerator; then it can fit; where it does not, what helps is" in shown


def test_a_verdict_that_is_decided_needs_nothing() -> None:
    assert imagefit.check({"image.status": "queued"}, operation="delete", select=["status"]).deciding() == ()


def fits(pack: Pack, facts: Facts) -> bool:
    return imagefit.check(facts, operation="use", pack=pack).verdict == "compatible"


@given(packs_with_remedies(max_remedies=2), few_candidates())
def test_brute_force_finds_no_smaller_set_that_lets_it_fit(pack: Pack, facts: Facts) -> None:
    assume(any("use" in rule.operations for rule in pack.rules))
    verdict = imagefit.check(facts, operation="use", pack=pack)
    found = verdict.deciding()
    assert bool(found) <= (verdict.verdict == "unknown")
    for each in found:
        assert each.compatible is None or (
            set(each.compatible) == set(each.facts) and fits(pack, {**facts, **each.compatible})
        )
        if each.incompatible is not None:
            otherwise = imagefit.check({**facts, **each.incompatible}, operation="use", pack=pack)
            assert otherwise.verdict == "incompatible" and set(each.incompatible) <= set(each.facts)
            best = next((plan.remedies for plan in otherwise.plans()), None)
            assert best == (None if each.plan is None else each.plan.remedies)
    if verdict.verdict != "unknown":
        return
    own = [leaf for rule in pack.rules for leaf in leaves(rule.violation)]
    values = {name: some for name, some in representatives(own, FEW_FIELDS, facts).items() if name not in facts}
    sizes = [len(each.facts) for each in found if each.compatible is not None]
    for size in range(1, min(sizes, default=len(values) + 1)):
        for names in combinations(values, size):
            for chosen in product(*(values[name] for name in names)):
                assert not fits(pack, {**facts, **dict(zip(names, chosen, strict=True))})
