"""The question the other way round: which flavors take an image, which images fit an ECS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import imagefit
from imagefit.cli.root import root
from imagefit.planning.choices import distance
from imagefit.rulepack.pack import Choice, Distance, Pack

IMAGE = {"id": "i", "image.architecture": "x86_64", "image.boot_mode": "uefi", "image.visibility": "private"}
OWN = {"image.type": "system_disk", "image.status": "active", "image.owner": "me", "ecs.account": "me"}
FLAVORS = [
    {"id": "arm", "ecs.architecture": "arm64", "ecs.accelerator": "none", "ecs.memory_mib": 4096, "ecs.family": "kc1"},
    {"id": "big", "ecs.architecture": "x86_64", "ecs.accelerator": "none", "ecs.memory_mib": 16384, "ecs.family": "c7"},
    {
        "id": "small",
        "ecs.architecture": "x86_64",
        "ecs.accelerator": "none",
        "ecs.memory_mib": 4096,
        "ecs.family": "c7",
    },
    {"id": "gpu", "ecs.architecture": "x86_64", "ecs.accelerator": "gpu", "ecs.memory_mib": 4096, "ecs.family": "pi2"},
]
SELECT = ["arch.matches", "boot.uefi-on-heterogeneous"]


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    images, flavors = tmp_path / "images.json", tmp_path / "flavors.json"
    images.write_text(json.dumps([{**IMAGE, **OWN}, {**IMAGE, **OWN, "id": "j", "image.architecture": "arm64"}]))
    flavors.write_text(json.dumps(FLAVORS))
    return str(images), str(flavors)


def test_flavors_that_take_an_image_come_first_and_the_nearest_of_them_before_others(files: tuple[str, str]) -> None:
    images, flavors = files
    wanted = {"ecs.memory_mib": 16384, "ecs.family": "c6"}
    found = imagefit.suggest(image=f"{images}#i", ecs=flavors, wanted=wanted, select=SELECT)
    assert [each.key for each in found.fitting] == ["big", "small"]
    assert [each.verdict for each in found.fitting] == ["compatible", "compatible"]
    assert [(each.key, each.plan and each.plan.remedies) for each in found.one_step] == [
        ("gpu", ("set-boot-mode-bios",))
    ]
    assert (found.others, found.reasons) == (1, (("arch.matches", 1),))


def test_each_verdict_is_that_of_a_check(files: tuple[str, str]) -> None:
    images, flavors = files
    found = imagefit.suggest(image=f"{images}#i", ecs=flavors)
    for each in (*found.fitting, *found.one_step):
        verdict = imagefit.check(image=f"{images}#i", ecs=f"{flavors}#{each.key}", operation="create_ecs")
        assert (each.verdict, each.missing) == (verdict.verdict, verdict.missing)
        assert each.plan is None or each.plan.remedies in [plan.remedies for plan in verdict.plans(100)]


def test_images_that_fit_one_flavor(files: tuple[str, str]) -> None:
    images, flavors = files
    found = imagefit.suggest(image=images, ecs=f"{flavors}#arm", select=["arch.matches"])
    assert found.what == "image" and [each.key for each in found.fitting] == ["j"] and found.others == 1


def test_without_flavors_the_catalog_is_asked(files: tuple[str, str]) -> None:
    found = imagefit.suggest(image=f"{files[0]}#i", like="c7n.xlarge.2", select=["arch.matches"])
    assert found.fitting[0].key == "c7n.xlarge.2" and len(found.fitting) > 200
    assert {each.verdict for each in found.fitting} == {"compatible"}
    assert found.others > 10 and dict(found.reasons) == {"arch.matches": found.others}


def test_the_command_line_shows_them(files: tuple[str, str]) -> None:
    images, flavors = files
    command = ["suggest", "--image", f"{images}#i", "--ecs", flavors, "--select", ",".join(SELECT)]
    shown = CliRunner().invoke(root, command, env={"COLUMNS": "80"}).stdout
    assert "2 flavors that fit, the nearest first:\n  big\n  small\n" in shown
    assert "  gpu\n    image owner: set the image's boot mode to BIOS" in shown
    assert "1 more do not fit, stopped by\n  1  arch.matches" in shown
    found = json.loads(CliRunner().invoke(root, [*command, "--format", "json"]).stdout)
    assert [each["key"] for each in found["fitting"]] == ["big", "small"]


def test_several_of_both_are_refused(files: tuple[str, str]) -> None:
    with pytest.raises(imagefit.InputError, match="2 images and 4 ECSs"):
        imagefit.suggest(image=files[0], ecs=files[1])


def test_a_pack_that_does_not_say_what_is_near_is_refused(files: tuple[str, str], lamps: Pack) -> None:
    with pytest.raises(imagefit.InputError):
        imagefit.suggest(image=f"{files[0]}#i", pack=lamps, operation="screw_in")


NUMBERS = st.integers(1, 1 << 20)
BY = Choice(
    "c", "c", "ecs", ("a", "b"), (Distance("a", "^[a-z]+", "other", 8, ""), Distance("b", "", "doublings", 2, ""))
)


@given(NUMBERS, NUMBERS)
def test_distance_is_symmetric_and_none_to_itself(one: int, other: int) -> None:
    this, that = {"a": "c7", "b": one}, {"a": "m7", "b": other}
    assert distance(BY, this, this) == 0
    assert distance(BY, this, that) == pytest.approx(distance(BY, that, this))
    assert distance(BY, {}, that) == 0 and distance(BY, this, {}) == 10
    assert distance(BY, {"b": 1}, {"b": 4}) == 4
