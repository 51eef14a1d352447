"""What is shown of plans: in text, in JSON, by each verb, and in a pack of another domain."""

from __future__ import annotations

import json

import imagefit
from commands import run
from imagefit.reports.text import verdict_text
from imagefit.rulepack.pack import Pack
from packfiles import PLUGS_FOLDER, shipped_pack, small_pack

BRITISH = {
    "appliance.plug": "type_g",
    "socket.shape": "type_c",
    "appliance.watts": 60,
    "appliance.earthed": False,
    "appliance.marks": ["ce"],
}


def plug(*arguments: str, **facts: object) -> str:
    """What ``imagefit check`` prints of a plug and a socket."""
    given = [f"--set={name}={'; '.join(v) if isinstance(v, list) else v}" for name, v in {**BRITISH, **facts}.items()]
    command = ["check", "--pack", str(PLUGS_FOLDER), "--operation", "plug_in", *given, *arguments]
    return run(*command, env={"COLUMNS": "80"}).stdout


def test_a_plan_is_shown_with_who_does_what_and_what_it_costs() -> None:
    shown = plug()
    assert "  plan 1 (handy): then it fits\n    1. user: use an adapter from type_g to type_c\n" in shown
    assert "  remedy " not in shown  # the plan uses the only one


def test_without_plans_a_rule_shows_its_own_remedies() -> None:
    shown = plug("--plans", "0")
    assert "plan 1" not in shown
    assert "  remedy     user: use an adapter from type_g to type_c\n" in shown


def test_where_nothing_helps_it_says_which_rule_nothing_satisfies() -> None:
    shown = plug(**{"appliance.watts": "1500"})  # an adapter is not for what draws much
    assert (
        "No plan of up to three steps makes it fit.\n  No step that is surely possible satisfies fit.shape.\n" in shown
    )


def test_the_facts_after_each_step_are_explained() -> None:
    assert "then           appliance.plug = type_c" in plug("--explain")


def test_json_has_the_steps() -> None:
    (found,) = json.loads(plug("--format", "json"))["verdicts"]
    assert found["no_plan"] == []
    assert found["plans"] == [
        {
            "steps": [
                {
                    "remedy": "use-adapter",
                    "text": "use an adapter from type_g to type_c",
                    "by": "user",
                    "cost": ["handy"],
                    "through": None,
                    "effects": {"appliance.plug": "type_c"},
                }
            ],
            "verdict": "compatible",
            "relies_on": [],
            "warnings": [],
        }
    ]
    (found,) = json.loads(plug("--format", "json", **{"appliance.watts": "1500"}))["verdicts"]
    assert found["no_plan"] == ["fit.shape"] and found["plans"] == []


def test_a_step_goes_through_an_operation_only_where_that_is_compatible() -> None:
    facts = {
        "appliance.maker": "Braun",
        "appliance.marks": [],
        "appliance.sold_in": ["de"],
        "appliance.plug": "type_c",
        "appliance.earthed": True,
        "socket.marks": ["ce"],
        "socket.country": "de",
    }
    (plan,) = imagefit.check(facts, operation="sell", pack=small_pack()).plans()
    through = plan.steps[0].through
    assert through is not None and through.operation == "plug_in"
    assert through.facts == {"socket.earthed": True, "socket.shape": "type_c"}
    del facts["appliance.plug"]  # so that nobody knows whether the tester can plug it in
    assert imagefit.check(facts, operation="sell", pack=small_pack()).plans().no_plan == ("safety.marks",)


def test_a_plan_says_what_it_takes_to_be_alike(built_in: Pack) -> None:
    facts = {"image.architecture": "arm64", "ecs.architecture": "x86_64", "ecs.memory_mib": 4096}
    verdict = imagefit.check(facts, operation="create_ecs", pack=built_in, select=["arch.matches"])
    alike = {plan.remedies: plan.alike for plan in verdict.plans()}
    assert alike == {("choose-image-for-architecture",): (), ("choose-flavor-for-architecture",): ()}
    options = {"operation": "create_ecs", "pack": built_in, "select": ["arch.matches", "sizing.memory-min"]}
    verdict = imagefit.check(facts | {"image.min_memory_mib": 2048}, **options)
    assert {plan.remedies: plan.alike for plan in verdict.plans()} == {
        ("choose-image-for-architecture",): ("image.min_memory_mib",),
        ("choose-flavor-for-architecture",): ("ecs.memory_mib",),
    }
    verdict = imagefit.check(facts, **options)  # how much memory the image needs nobody knows, before as after
    assert [(plan.alike, plan.undecided) for plan in verdict.plans()] == [((), ("image.min_memory_mib",))] * 2


def test_every_verb_that_explains_a_candidate_knows_its_plans(built_in: Pack) -> None:
    image, ecs = {"id": "a", "image.architecture": "arm64"}, {"id": "b", "ecs.architecture": "x86_64"}
    options = {"operation": "create_ecs", "select": ["arch.matches"]}
    checked = imagefit.check({"image.architecture": "arm64", "ecs.architecture": "x86_64"}, **options)
    audited = imagefit.audit([image | ecs], **options).explain(0)
    matched = imagefit.match([image], [ecs], **options).explain(0, 0)
    assert checked.plans() == audited.plans() == matched.plans()
    assert len(checked.plans()) == 2


def test_what_is_compatible_needs_no_plan() -> None:
    verdict = imagefit.check({"image.status": "active"}, operation="delete", select=["status"])
    assert list(verdict.plans()) == [] and verdict.plans().no_plan == ()
    assert verdict_text(verdict, shipped_pack(), plans=verdict.plans()).count("plan") == 0
