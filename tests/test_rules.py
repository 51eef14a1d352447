"""What the built-in rules say of the samples and of the cases that people met: verdicts and what helps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import imagefit
from imagefit import Verdict, VerdictKind
from packfiles import shipped_pack

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
OWNER, OTHER = "team-a", "team-b"
SHARE = {"image.published_in_koogallery": False, "image.recipients": 0}

# What an image list leaves open of these operations, as it was before there were rules on keys, vaults and sharing:
# the changes to be made, what an image goes back to, how a full-ECS image was made.
LEFT_OPEN = {
    "delete": set(),
    "modify": {"cold-chain-readings", "debian-12-installer", "till-complete", "warehouse-complete"},
    "publish": {
        "depot-imported",
        "orders-web",
        "receipts-archive",
        "recipe-trainer",
        "scales-legacy",
        "shelf-camera",
    },
    "share": {"till-complete", "warehouse-complete"},
}
SHARED = "supplier-edi"
"""The one shared image of the list: the service lists it for its owner and for its recipients alike."""


def of_samples(operation: str, given: Mapping[str, Any]) -> dict[str, str]:
    """The verdict on each image of the sample list, by its name."""
    found = imagefit.audit(SAMPLES / "images.json", operation=operation, set=dict(given)).to_pandas()
    return dict(zip(found["name"], found["verdict"], strict=True))


@pytest.mark.parametrize("operation", LEFT_OPEN)
def test_an_image_list_alone_decides_what_it_can(operation: str) -> None:
    found = of_samples(operation, SHARE if operation == "share" else {})
    assert {name for name, verdict in found.items() if verdict == "unknown"} - {SHARED} == LEFT_OPEN[operation]


@pytest.mark.parametrize("operation", ["delete", "share"])
def test_who_asks_decides_what_may_be_done_with_a_shared_image(operation: str) -> None:
    given = SHARE if operation == "share" else {}
    assert of_samples(operation, given)[SHARED] == "unknown"
    assert of_samples(operation, {**given, "actor.account": "nobody"})[SHARED] == "incompatible"
    owner = imagefit.audit(SAMPLES / "images.json", operation=operation).to_arrow()
    rows = dict(zip(owner["name"].to_pylist(), owner["image.owner"].to_pylist(), strict=True))
    assert of_samples(operation, {**given, "actor.account": rows[SHARED]})[SHARED] == "compatible"


def checked(operation: str, select: list[str], **facts: object) -> Verdict:
    """Check facts whose names have ``__`` for the dot."""
    return imagefit.check(
        {name.replace("__", "."): value for name, value in facts.items()}, operation=operation, select=select
    )


@pytest.mark.parametrize("operation", ["share", "share_with", "modify", "delete", "export", "publish"])
@pytest.mark.parametrize(
    ("visibility", "account", "may"),
    [("private", OTHER, True), ("shared", OWNER, True), ("shared", OTHER, False), ("public", OWNER, False)],
)
def test_the_owner_of_a_shared_image_may_do_what_a_recipient_may_not(
    operation: str, visibility: str, account: str, may: bool
) -> None:
    rules = {"modify": "management.private-only", "delete": "management.private-only", "export": "export.type"}
    rule = rules.get(operation, "publish.type" if operation == "publish" else "sharing.only-private")
    verdict = checked(
        operation,
        [rule],
        image__visibility=visibility,
        image__owner=OWNER,
        actor__account=account,
        image__type="system_disk",
        image__encrypted=False,
        image__made_from="external_file",
    )
    assert verdict.verdict is (VerdictKind.COMPATIBLE if may else VerdictKind.INCOMPATIBLE)


def test_recipients_are_judged_each_by_its_own_answer() -> None:
    image = {
        "image.visibility": "shared",
        "image.owner": OWNER,
        "image.shared_with": ["accepted", "asked"],
        "image.accepted_by": ["accepted"],
    }
    found = {
        account: imagefit.check(
            {**image, "ecs.account": account}, operation="create_ecs", select=["access.shared-and-accepted"]
        )
        for account in ("accepted", "asked", "stranger")
    }
    assert [str(verdict.verdict) for verdict in found.values()] == ["compatible", "incompatible", "incompatible"]
    remedies = {a: [remedy.id for rule in v.failed for remedy in rule.remedies] for a, v in found.items()}
    assert remedies["asked"] == ["accept-shared-image"]
    assert remedies["stranger"] == ["ask-owner-to-share"]


def remedies_of(verdict: Verdict, rule: str) -> list[str]:
    (result,) = [result for result in verdict.rules if result.rule == rule]
    return [remedy.id for remedy in result.remedies]


ARM_ON_X86 = {
    "image.visibility": "private",
    "image.type": "system_disk",
    "image.status": "active",
    "image.architecture": "arm64",
    "image.boot_mode": "uefi",
    "ecs.architecture": "x86_64",
    "ecs.boot_mode": "bios",
}


def test_what_helps_depends_on_whether_the_ecs_exists() -> None:
    change = imagefit.check(ARM_ON_X86, operation="change_os")
    assert remedies_of(change, "arch.matches") == ["choose-image-for-architecture", "create-new-ecs-for-architecture"]
    assert remedies_of(change, "boot.mode-matches-ecs") == [
        "choose-image-with-ecs-boot-mode"
    ]  # one for x86_64, of course
    on_x86 = imagefit.check({**ARM_ON_X86, "image.architecture": "x86_64"}, operation="change_os")
    offered = ["choose-image-with-ecs-boot-mode", "set-boot-mode-of-ecs"]
    assert sorted(remedies_of(on_x86, "boot.mode-matches-ecs")) == offered
    create = imagefit.check(ARM_ON_X86, operation="create_ecs")
    assert remedies_of(create, "arch.matches") == ["choose-image-for-architecture", "choose-flavor-for-architecture"]
    resize = imagefit.check(ARM_ON_X86, operation="resize")
    assert remedies_of(resize, "arch.matches") == ["choose-flavor-for-architecture"]


@pytest.mark.parametrize(("architecture", "offered"), [("arm64", False), ("x86_64", True)])
def test_bios_is_offered_where_the_processor_boots_in_it(architecture: str, offered: bool) -> None:
    facts = {**ARM_ON_X86, "image.architecture": architecture, "ecs.accelerator": "npu"}
    verdict = imagefit.check({**facts, "ecs.architecture": architecture}, operation="create_ecs")
    assert ("set-boot-mode-bios" in remedies_of(verdict, "boot.uefi-on-heterogeneous")) is offered


@pytest.mark.parametrize(
    ("facts", "offered"),
    [
        ({"image.type": "system_disk", "image.encrypted": False}, True),
        ({"image.type": "system_disk", "image.encrypted": True}, False),
        ({"image.type": "iso", "image.encrypted": False}, False),
        ({"image.type": "system_disk", "image.encrypted": False, "image.size_gib": 200}, False),
        ({"image.type": "full_ecs", "image.encrypted": False, "image.bound_to_zone": "cn-north-4a"}, False),
    ],
)
def test_replicating_is_offered_for_what_can_be_replicated(facts: dict[str, object], offered: bool) -> None:
    here = {"image.visibility": "private", "image.status": "active", "image.region": "a", "ecs.region": "b"}
    verdict = imagefit.check({**here, **facts}, operation="create_ecs")
    assert ("replicate-to-ecs-region" in remedies_of(verdict, "locality.image-in-ecs-region")) is offered


def test_open_telekom_cloud_offers_no_replication_to_another_region() -> None:
    facts = {"image.visibility": "private", "image.region": "eu-de", "ecs.region": "eu-nl"}
    verdict = imagefit.check(facts, operation="create_ecs", pack=shipped_pack("open-telekom-cloud"))
    assert remedies_of(verdict, "locality.image-in-ecs-region") == ["create-in-image-region"]
    facts |= {"destination.region": "eu-nl"}
    verdict = imagefit.check(facts, operation="replicate_cross_region", pack=shipped_pack("open-telekom-cloud"))
    assert "replication.not-offered" in {rule.rule for rule in verdict.failed}


GPU = {"image.visibility": "public", "image.accelerators": ["gpu"], "image.attributes": ["__support_gpu_t4=true"]}
PLAIN = {"image.visibility": "public", "image.accelerators": [], "image.attributes": ["__support_kvm=true"]}


@pytest.mark.parametrize(
    ("image", "accelerator", "demands", "fits"),
    [
        (GPU, "gpu", ["__support_gpu_t4=true"], True),
        (GPU, "none", [], False),
        (PLAIN, "gpu", ["__support_gpu_t4=true"], False),
        (PLAIN, "none", [], True),
    ],
)
def test_images_for_accelerators_and_flavors_with_them_are_held_to_each_other(
    image: dict[str, object], accelerator: str, demands: list[str], fits: bool
) -> None:
    facts = {**image, "ecs.accelerator": accelerator, "ecs.required_image_attributes": demands}
    verdict = imagefit.check(facts, operation="create_ecs", select=["drivers", "flavor.required-image-attributes"])
    assert verdict.verdict is (VerdictKind.COMPATIBLE if fits else VerdictKind.INCOMPATIBLE)


@pytest.mark.parametrize("image", ["ecs", "bms"])
@pytest.mark.parametrize("flavor", ["ecs", "bms"])
def test_bare_metal_images_and_flavors_are_held_to_each_other(image: str, flavor: str) -> None:
    verdict = checked("create_ecs", ["type.bms-image"], image__platform_target=image, ecs__platform_target=flavor)
    assert (verdict.verdict is VerdictKind.COMPATIBLE) is (image == flavor)


def test_a_koogallery_image_on_export_names_the_code_of_the_service() -> None:
    verdict = imagefit.check({"image.visibility": "koogallery", "image.type": "system_disk"}, operation="export")
    assert "IMG.0078" in {code for rule in verdict.failed for code in rule.error_codes}


def test_the_page_makes_no_exception_for_arm_and_a_notice_says_what_that_means() -> None:
    facts = {**ARM_ON_X86, "ecs.architecture": "arm64", "ecs.accelerator": "npu"}
    for boot_mode, broken in (("uefi", "boot.uefi-on-heterogeneous"), ("bios", "boot.arm-boots-uefi")):
        verdict = imagefit.check({**facts, "image.boot_mode": boot_mode}, operation="create_ecs", select=["boot"])
        assert [rule.rule for rule in verdict.failed] == [broken]
        assert "boot.no-private-image-on-arm-heterogeneous" in {rule.rule for rule in verdict.rules}


@pytest.mark.parametrize(("status", "may"), [("active", True), ("killed", True), ("queued", False), ("saving", False)])
def test_an_image_that_is_not_being_created_can_be_deleted(status: str, may: bool) -> None:
    verdict = imagefit.check({"image.visibility": "private", "image.status": status}, operation="delete")
    assert verdict.verdict is (VerdictKind.COMPATIBLE if may else VerdictKind.INCOMPATIBLE)


DATA_DISK = {"image.type": "data_disk", "image.min_disk_gib": 100}
SIZES = ["sizing.data-disk", "sizing.data-disk-stated"]


@pytest.mark.parametrize(
    ("facts", "verdict", "missing"),
    [
        ({"ecs.data_disk": "explicit", "ecs.data_disk_gib": 99}, "incompatible", ()),
        ({"ecs.data_disk": "explicit", "ecs.data_disk_gib": 100}, "compatible", ()),
        ({"ecs.data_disk": "unstated"}, "compatible", ()),
        ({"ecs.data_disk": "explicit"}, "unknown", ("ecs.data_disk_gib",)),
        ({"ecs.data_disk_gib": 99}, "unknown", ("ecs.data_disk",)),
        ({}, "unknown", ("ecs.data_disk", "ecs.data_disk_gib")),
    ],
)
def test_a_disk_that_is_smaller_than_its_image_needs_is_none(
    facts: dict[str, object], verdict: str, missing: tuple[str, ...]
) -> None:
    found = imagefit.check({**DATA_DISK, **facts}, operation="create_disk", select=SIZES)
    assert (found.verdict.value, tuple(found.missing)) == (verdict, missing)


@pytest.mark.parametrize(
    ("size", "verdict", "said"),
    [
        ({"size": 50}, "incompatible", ["sizing.data-disk"]),
        ({"size": 100}, "compatible", []),
        ({"size": 0}, "compatible", ["sizing.data-disk-stated"]),
        ({}, "compatible", ["sizing.data-disk-stated"]),
    ],
)
def test_a_request_for_a_disk_is_judged_by_the_size_that_it_states(
    size: dict[str, int], verdict: str, said: list[str]
) -> None:
    body = {"volume": {"availability_zone": "cn-north-4a", "volume_type": "SSD", "imageRef": "i9", **size}}
    (record,) = imagefit.read(body).records
    found = imagefit.check({**DATA_DISK, **record.facts}, operation="create_disk", select=SIZES)
    assert (found.verdict.value, [rule.rule for rule in found.rules]) == (verdict, said)
    if found.failed:
        assert remedies_of(found, "sizing.data-disk") == ["enlarge-data-disk"]
        assert [plan.remedies for plan in found.plans()] == [("enlarge-data-disk",)]


def test_each_operation_has_rules_of_severity_error() -> None:
    pack = shipped_pack()
    assert {"resize", "create_image"} <= set(pack.operations)
    for operation in pack.operations:
        assert any(rule.severity is imagefit.Severity.ERROR for rule in pack.rules_for(operation)), operation
