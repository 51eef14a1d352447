"""Plans of the packs that ship: they verify over the corpus, by the public functions alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import imagefit
from imagefit.evaluators.reference import truth
from imagefit.explanations.remedies.effects import applied
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


def test_an_image_that_is_made_anew_is_its_owner_s_and_shared_with_no_one(built_in: Pack) -> None:
    def of_image(name: str) -> bool:
        return any(effect.fact.startswith("image.") for effect in built_in.remedies[name].effects)

    made = [name for name, remedy in built_in.remedies.items() if "copies_data" in remedy.cost and of_image(name)]
    made.append("install-on-temporary-ecs")
    assert {"replicate-to-ecs-region", "separate-disk-images", "recreate-image", "register-as-arm"} <= set(made)
    shared: dict[str, Any] = {
        "image.visibility": "shared",
        "image.recipients": 2,
        "image.published_in_koogallery": True,
    }
    shared |= {"image.shared_with": ["team-b"], "image.accepted_by": ["team-b"], "image.shared_with_kinds": ["project"]}
    new = {"image.visibility": "private", "image.recipients": 0, "image.published_in_koogallery": False}
    new |= dict.fromkeys(("image.shared_with", "image.accepted_by", "image.shared_with_kinds"), frozenset())
    for name in made:
        found, can_be_done = applied(built_in.remedies[name].effects, shared), built_in.remedies[name].requires
        assert {fact: found[fact] for fact in new} == new or truth(can_be_done, shared) is False, name


def test_an_image_that_is_installed_from_an_iso_image_is_in_no_gallery(built_in: Pack) -> None:
    iso = {"image.type": "iso", "image.visibility": "private", "image.status": "active", "image.encrypted": False}
    verdict = imagefit.check({**iso, "image.recipients": 0}, operation="share", pack=built_in)
    assert [plan.remedies for plan in verdict.plans()] == [("install-on-temporary-ecs",)]


def test_a_disk_that_is_encrypted_with_another_key_can_be_with_the_image_s(built_in: Pack) -> None:
    facts = {"image.encrypted": True, "image.key_id": "k1", "ecs.system_disk_encrypted": True}
    facts["ecs.system_disk_key"] = "k2"
    (rule,) = imagefit.check(
        facts, operation="create_ecs", pack=built_in, select="encryption.disk-uses-image-key"
    ).rules
    assert [remedy.id for remedy in rule.remedies] == ["leave-encryption-out", "encrypt-system-disk"]
    after = applied(built_in.remedies["encrypt-system-disk"].effects, facts)
    assert after["ecs.system_disk_key"] == "k1"


def test_another_account_s_disks_can_not_be_used_before_they_are_shared(built_in: Pack) -> None:
    facts: dict[str, Any] = {"image.visibility": "shared", "image.owner": "team-a", "ecs.account": "team-b"}
    facts |= {"image.shared_with": ["team-b"], "image.accepted_by": ["team-b"], "image.type": "full_ecs"}
    facts |= {"image.bound_to_zone": "z1", "ecs.availability_zone": "z2", "image.status": "active"}
    verdict = imagefit.check(facts, operation="create_ecs", pack=built_in)
    assert [plan.remedies for plan in verdict.plans()] == [
        ("wait-until-usable-in-region",),
        ("create-in-zone-of-image",),
    ]


@pytest.mark.parametrize("visibility", ["koogallery", "public"])
def test_what_is_no_private_image_does_not_become_one_by_no_longer_being_shared(
    built_in: Pack, visibility: str
) -> None:
    facts = {"image.visibility": visibility, "image.owner": "team-a", "actor.account": "team-a"}
    facts |= {"image.type": "system_disk", "image.encrypted": False, "image.made_from": "external_file"}
    verdict = imagefit.check(facts, operation="publish", pack=built_in)
    assert verdict.verdict == "incompatible" and not list(verdict.plans())


def test_who_owns_an_image_is_not_to_give_it_away_to_get_it_shared(built_in: Pack) -> None:
    facts = {"image.owner": "team-a", "recipient.account": "team-a", "ecs.account": "team-b", "ecs.region": "r1"}
    facts |= {"image.visibility": "private", "image.type": "system_disk", "image.status": "active", "image.size_gib": 4}
    facts |= {"actor.account": "team-b", "image.encrypted": False, "image.published_in_koogallery": False}
    verdict = imagefit.check(facts, operation="share_with", pack=built_in, select="sharing.not-with-oneself")
    assert verdict.verdict == "incompatible" and not list(verdict.plans())


def test_a_region_has_zones_of_its_own(built_in: Pack) -> None:
    remedy = built_in.remedies["create-in-image-region"]
    assert "ecs.availability_zone" not in applied(
        remedy.effects, {"image.region": "r2", "ecs.region": "r1", "ecs.availability_zone": "r1a"}
    )


@pytest.mark.parametrize("status", ["normal", "abandon"])
@pytest.mark.parametrize(
    ("facts", "remedy"),
    [
        ({"image.region": "r2", "ecs.region": "r1"}, "create-in-image-region"),
        ({"image.type": "full_ecs", "image.bound_to_zone": "r1b"}, "create-in-zone-of-image"),
    ],
)
def test_whether_a_flavor_is_on_sale_in_one_zone_is_not_taken_for_another(
    built_in: Pack, facts: dict[str, str], remedy: str, status: str
) -> None:
    here = {"ecs.availability_zone": "r1a", "ecs.flavor_status": status, **facts}
    verdict = imagefit.check(here, operation="create_ecs", pack=built_in, select=["locality", "flavor.on-sale"])
    (plan,) = [plan for plan in verdict.plans() if remedy in plan.remedies]
    (step,) = plan.steps
    assert "flavor" in step.text and step.effects["ecs.flavor_status"] == "normal"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["huawei-ims-api", "huawei-ims-china", "open-telekom-cloud"])
def test_plans_of_the_corpus_verify_in_profiles(name: str) -> None:
    assert check_plans(shipped_pack(name), 29) > 10
