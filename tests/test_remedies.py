"""Remedies are tried before they are offered: what they change, and what else would fail after them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagefit
from imagefit.conditions import TRUE
from imagefit.explanations.candidate.explainer import Explainer
from imagefit.explanations.remedies.effects import applied
from imagefit.facts import Facts, FieldType
from imagefit.reports.text import verdict_text
from imagefit.rulepack.pack import Effect, Outcome, Pack, Remedy, Severity
from strategies import FIELDS, candidates, conditions, packs, values


def check(facts: Facts, operation: str, pack: Pack) -> Mapping[str, list[str]]:
    """What each failing rule offers."""
    verdict = imagefit.check(facts, operation=operation, pack=pack)
    return {rule.rule: [remedy.id for remedy in rule.remedies] for rule in verdict.rules if rule.outcome == "fail"}


@pytest.mark.parametrize(
    ("effect", "before", "after"),
    [
        (Effect("left.count", value=0), {"left.count": 7}, {"left.count": 0}),
        (Effect("left.flag", value=False), {}, {"left.flag": False}),
        (Effect("left.count", becomes_unknown=True), {"left.count": 7}, {}),
        (Effect("left.text", same_as="right.text"), {"right.text": "x"}, {"left.text": "x", "right.text": "x"}),
        (Effect("left.text", same_as="right.text"), {"left.text": "x"}, {}),
        (Effect("left.set", add=frozenset("b")), {"left.set": frozenset("a")}, {"left.set": frozenset("ab")}),
        (Effect("left.set", add=frozenset("b")), {}, {}),  # there may be others in it
        (
            Effect("left.set", add_from="right.text"),
            {"left.set": frozenset(), "right.text": "b"},
            {"left.set": frozenset("b"), "right.text": "b"},
        ),
        (
            Effect("left.set", add_from="right.set"),
            {"left.set": frozenset("a"), "right.set": frozenset("bx")},
            {"left.set": frozenset("abx"), "right.set": frozenset("bx")},
        ),
        (Effect("left.set", add_from="right.text"), {"left.set": frozenset("a")}, {}),
    ],
)
def test_an_effect_changes_its_fact(effect: Effect, before: Facts, after: Facts) -> None:
    kept = dict(before)
    assert applied([effect], before) == after
    assert before == kept


def test_effects_happen_at_once() -> None:
    swapped = [Effect("left.text", same_as="right.text"), Effect("right.text", same_as="left.text")]
    assert applied(swapped, {"left.text": "a", "right.text": "b"}) == {"left.text": "b", "right.text": "a"}


@st.composite
def effects(draw: st.DrawFn) -> Effect:
    field = draw(st.sampled_from(list(FIELDS.values())))
    fitting = [
        other.name
        for other in FIELDS.values()
        if other.type is field.type
        and other.name != field.name
        and (not field.values or (other.values and set(other.values) <= set(field.values)))
    ]
    choices = [
        values(field).map(lambda value: Effect(field.name, value=value)),
        st.just(Effect(field.name, becomes_unknown=True)),
    ]
    if fitting:
        choices.append(st.sampled_from(fitting).map(lambda other: Effect(field.name, same_as=other)))
    if field.type is FieldType.STRING_SET:
        choices.append(values(field).map(lambda value: Effect(field.name, add=value)))  # type: ignore[arg-type]
    return draw(st.one_of(choices))


@st.composite
def packs_with_remedies(draw: st.DrawFn) -> Pack:
    pack = draw(packs())
    remedies = {}
    for name in ("first", "second", "third"):
        requires = draw(st.one_of(st.just(TRUE), conditions(max_leaves=1)))
        done = draw(st.lists(effects(), min_size=1, max_size=3, unique_by=lambda effect: effect.fact))
        remedies[name] = Remedy(name, f"do the {name}", "", requires, tuple(done))
    return replace(pack, remedies=remedies, rules=tuple(replace(rule, remedies=(*remedies,)) for rule in pack.rules))


@given(packs_with_remedies(), candidates())
def test_no_remedy_is_offered_that_makes_another_error_fail_and_each_says_which_warnings_would(
    pack: Pack, facts: Facts
) -> None:
    rules = pack.rules_for("use")

    def failing(facts: Facts) -> dict[str, Severity]:
        verdict = imagefit.check(facts, operation="use", pack=pack)
        return {rule.rule: rule.severity for rule in verdict.rules if rule.outcome == "fail"}

    before = failing(facts)
    explained = Explainer(pack, rules).verdict("use", [Outcome.FAIL] * len(rules), facts)
    for rule in explained.rules:
        offered = {remedy.id: remedy for remedy in rule.remedies}
        for remedy in pack.remedies.values():
            after = applied(remedy.effects, facts)
            worse = {name: severity for name, severity in failing(after).items() if name not in before}
            if remedy.id in offered:
                assert Severity.ERROR not in worse.values()
                assert sorted(offered[remedy.id].warnings) == sorted(worse)
            else:
                possible = replace(rules[0], when=TRUE, require=remedy.requires, severity=Severity.ERROR)
                cannot = imagefit.check(
                    facts, operation="use", pack=replace(pack, rules=(replace(possible, operations=("use",)),))
                )
                assert Severity.ERROR in worse.values() or after == dict(facts) or cannot.verdict == "incompatible"


def test_a_disk_that_would_be_too_large_for_the_service_is_no_way_out(built_in: Pack) -> None:
    small = {"ecs.system_disk": "explicit", "ecs.system_disk_gib": 40, "image.min_disk_gib": 100}
    assert "enlarge-system-disk" in check(small, "create_ecs", built_in)["sizing.system-disk"]
    assert check({**small, "image.min_disk_gib": 2000}, "create_ecs", built_in)["sizing.system-disk"] == []


def test_an_image_is_not_registered_for_a_hypervisor_that_does_not_boot_it(built_in: Pack) -> None:
    arm = {"image.architecture": "arm64", "image.boot_mode": "bios"}
    assert check(arm, "create_ecs", built_in)["boot.arm-boots-uefi"] == [
        "set-boot-mode-uefi",
        "register-as-arm",
    ]
    on_xen = check({**arm, "ecs.virtualization": "xen"}, "create_ecs", built_in)
    assert on_xen["boot.arm-boots-uefi"] == []


def test_a_remedy_that_changes_nothing_is_none(built_in: Pack) -> None:
    gpu = {"image.gpu_types": {"P100"}, "ecs.gpu_types": set(), "ecs.accelerator": "gpu"}
    offered = check({**gpu, "ecs.gpu_types": {"V100"}}, "create_ecs", built_in)["drivers.gpu-model"]
    assert "choose-image-for-gpu-model" in offered
    assert "choose-image-for-gpu-model" not in check(gpu, "create_ecs", built_in)["drivers.gpu-model"]


def test_a_remedy_is_judged_by_the_rules_that_were_chosen(built_in: Pack) -> None:
    facts = {"ecs.system_disk": "explicit", "ecs.system_disk_gib": 40, "image.min_disk_gib": 2000}
    verdict = imagefit.check(
        facts, operation="create_ecs", pack=built_in, select="sizing.system-disk", ignore="sizing.system-disk-limit"
    )
    assert [remedy.id for remedy in verdict.failed[0].remedies] == ["enlarge-system-disk"]


def test_what_is_chosen_instead_heeds_what_would_fail_if_it_were_otherwise_alike(built_in: Pack) -> None:
    """An image for a server that boots in BIOS mode: not one for ARM, as the one that is asked about."""
    facts = {"image.architecture": "arm64", "image.boot_mode": "uefi", "ecs.boot_mode": "bios"}
    verdict = imagefit.check(facts, operation="change_os", pack=built_in, select="boot")
    (rule,) = [rule for rule in verdict.failed if rule.rule == "boot.mode-matches-ecs"]
    (chosen,) = rule.remedies
    assert (chosen.id, chosen.heeding) == ("choose-image-with-ecs-boot-mode", ("boot.arm-boots-uefi",))
    assert "; heed boot.arm-boots-uefi, too" in verdict_text(verdict, built_in, width=200)


def test_the_warning_that_a_remedy_causes_stands_beside_it(built_in: Pack) -> None:
    unpayable = {"ecs.billing": "pay_per_use", "ecs.charging_allowed": []}
    verdict = imagefit.check(unpayable, operation="create_ecs", pack=built_in)
    (rule,) = verdict.warnings
    expected = {
        "id": "choose-yearly-billing",
        "text": "choose a flavor that is paid for by use, or pay by the year or month",
        "by": "ECS owner",
        "warnings": ["flavor.charging-mode-yearly"],
    }
    assert rule.to_dict()["remedies"] == [expected]
    shown = verdict_text(verdict, built_in, width=200)
    assert "then there is a warning of flavor.charging-mode-yearly" in shown
