"""The nearest misses of a match are ordered by what their plans cost."""

from __future__ import annotations

import json
from pathlib import Path

import imagefit
from commands import run

IMAGE = {"id": "i", "image.architecture": "x86_64", "image.min_disk_gib": 40, "image.status": "active"}
DISK = {"ecs.system_disk": "explicit"}
ECSS = [
    {"id": "other", "ecs.architecture": "arm64", **DISK, "ecs.system_disk_gib": 40},
    {"id": "small", "ecs.architecture": "x86_64", **DISK, "ecs.system_disk_gib": 10},
    {"id": "fits", "ecs.architecture": "x86_64", **DISK, "ecs.system_disk_gib": 40},
]
SELECT = ["arch.matches", "sizing.system-disk"]


def test_what_costs_least_to_mend_is_nearest() -> None:
    found = imagefit.match([IMAGE], ECSS, operation="create_ecs", select=SELECT).misses(image="i")
    assert [(miss.ecs, miss.plan and miss.plan.remedies) for miss in found] == [
        ("small", ("enlarge-system-disk",)),  # free
        ("other", ("choose-flavor-for-architecture",)),  # something else than what was asked for
    ]
    assert [miss.plan and miss.plan.steps[0].chosen for miss in found] == ["", "fits"]  # of the lists of the match
    assert [miss.plan for miss in found] == [miss.verdict.plans(2)[0] for miss in found]


DEMANDING = {"ecs.required_image_attributes": ["a=1"], "ecs.accelerator": "gpu"}
PLAIN = {"ecs.required_image_attributes": [], "ecs.accelerator": "none"}


def test_the_plan_of_a_miss_is_the_cheapest_where_a_shorter_one_costs_more() -> None:
    image = {"id": "i", "image.visibility": "private", "image.attributes": []}
    ecss = [{"id": "gpu", "ecs.family": "pi2", **DEMANDING}, {"id": "plain", "ecs.family": "c7", **PLAIN}]
    select = ["flavor.required-image-attributes"]
    (miss,) = imagefit.match([image], ecss, operation="resize", select=select).misses(image="i")
    remedies = [plan.remedies for plan in miss.verdict.plans()]
    cheapest, shortest = ("create-new-ecs", "declare-required-attributes"), ("choose-flavor-without-accelerator",)
    assert remedies == [cheapest, shortest]  # another flavor than what was asked for costs more than a new ECS
    assert miss.plan is not None and miss.plan.remedies == cheapest


def test_what_no_list_holds_is_no_plan() -> None:
    (miss,) = imagefit.match([IMAGE], ECSS[:1], operation="create_ecs", select=SELECT).misses(image="i")
    assert miss.plan is None


def test_what_nothing_known_speaks_against_is_nearer_than_what_has_to_be_mended() -> None:
    unsaid = [{"id": "unsaid", **DISK, "ecs.system_disk_gib": 40}, {"id": "less", "ecs.architecture": "x86_64", **DISK}]
    match = imagefit.match([IMAGE], [*ECSS, *unsaid], operation="create_ecs", select=SELECT)
    found = [(miss.ecs, str(miss.verdict.verdict)) for miss in match.misses(image="i")]
    assert found == [
        ("unsaid", "unknown"),
        ("less", "unknown"),
        ("small", "incompatible"),
        ("other", "incompatible"),
    ]
    assert [miss.ecs for miss in match.misses(image="i", n=1)] == ["unsaid"]


def test_the_text_says_of_how_many_misses_these_are_the_nearest(tmp_path: Path) -> None:
    for name, rows in (("images", [IMAGE]), ("ecss", ECSS)):
        (tmp_path / f"{name}.json").write_text(json.dumps(rows))
    files = ["--images", str(tmp_path / "images.json"), "--ecs", str(tmp_path / "ecss.json"), "--for-image", "i"]
    command = ["match", *files, "--operation", "create_ecs", "--select", ",".join(SELECT)]
    assert "\nThe nearest misses:\n" in run(*command).stdout
    assert "\nThe nearest 1 of 2 misses:\n" in run(*command, "--misses", "1").stdout


def test_none_are_none() -> None:
    assert imagefit.match([IMAGE], ECSS, operation="create_ecs", select=SELECT).misses(image="i", n=0) == []
