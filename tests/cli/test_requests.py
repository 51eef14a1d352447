"""Which image a request is checked with: the one that it names, and what has no image at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from tests.checked import verdict

Run = Callable[..., Result]

GIVEN = "11111111-aaaa-4000-8000-000000000001"  # the first of the fixture `images`
ELSEWHERE = "99999999-0000-4000-8000-000000000040"


def request_for(image: str | None, **more: Any) -> str:
    """Return the body of a request to create an ECS."""
    named = {} if image is None else {"imageRef": image}
    return json.dumps({"server": {"name": "n", "flavorRef": "c7n.large.2", "availability_zone": "z", **named, **more}})


@pytest.fixture
def body(tmp_path: Path) -> Callable[..., str]:
    """Write a request's body to a file, and return its path."""

    def written(*arguments: Any, **more: Any) -> str:
        (tmp_path / "create.json").write_text(request_for(*arguments, **more))
        return str(tmp_path / "create.json")

    return written


def test_an_image_that_is_not_among_those_given_is_an_error_that_names_those(
    run: Run, images: Path, body: Callable[..., str]
) -> None:
    result = run("check", "--image", str(images), "--ecs", body(ELSEWHERE))
    assert result.exit_code == 2
    assert f"names an image that is not among those given: '{ELSEWHERE}'; expected one of {GIVEN}," in result.stderr


def test_one_image_alone_is_no_exception(run: Run, images: Path, body: Callable[..., str]) -> None:
    one = json.loads(images.read_text())["images"][:1]
    images.write_text(json.dumps({"images": one}))
    assert run("check", "--image", str(images), "--ecs", body(ELSEWHERE)).exit_code == 2


def test_the_named_image_is_checked_and_no_other(run: Run, images: Path, body: Callable[..., str]) -> None:
    result = run("check", "--image", str(images), "--ecs", body(GIVEN), "--format", "json", "--fail-on", "never")
    data = verdict(result.stdout)
    assert data["key"].startswith(GIVEN)
    assert not any("names another image" in note for note in data["notes"])


def test_another_image_that_was_picked_on_purpose_is_checked_with_a_note(
    run: Run, images: Path, body: Callable[..., str]
) -> None:
    options = ("check", "--image", f"{images}#{GIVEN}", "--ecs", body(ELSEWHERE), "--fail-on", "never")
    note = f"the request names another image: {ELSEWHERE}"
    assert note in " ".join(run(*options).stdout.split())
    assert verdict(run(*options, "--format", "json").stdout)["notes"][-1] == note


def test_a_request_that_boots_from_a_volume_has_no_image(run: Run, images: Path, body: Callable[..., str]) -> None:
    disk = {"boot_index": "0", "uuid": "v1", "source_type": "volume", "destination_type": "volume"}
    file = body(None, block_device_mapping_v2=[disk])
    for options in ((), ("--image", str(images))):
        result = run("check", *options, "--ecs", file)
        assert result.exit_code == 2
        assert "the request boots from a volume, not an image" in result.stderr


def test_a_disk_that_was_made_from_no_image_is_no_candidate(run: Run, tmp_path: Path) -> None:
    made = {"image_id": "i7", "__imagetype": "gold", "hw_firmware_type": "bios"}
    data, system = {"id": "d1", "volume_image_metadata": {}}, {"id": "d2", "volume_image_metadata": made}
    file = tmp_path / "disks.json"
    file.write_text(json.dumps({"volumes": [data, system]}))
    result = run("check", "--image", str(file), "--operation", "share", "--format", "json", "--fail-on", "never")
    assert verdict(result.stdout)["key"] == "d2"
    assert "d1: the disk's metadata tells of no image: it is no candidate" in result.stderr
    file.write_text(json.dumps({"volumes": [data]}))
    result = run("check", "--image", str(file), "--operation", "share")
    assert result.exit_code == 2
    assert "nothing to check: the disk's metadata tells of no image" in result.stderr


def test_a_request_without_a_list_of_flavors_says_so_first(
    run: Run, images: Path, body: Callable[..., str], tmp_path: Path
) -> None:
    options = ("check", "--image", str(images), "--ecs", body(GIVEN), "--fail-on", "never")
    text = " ".join(run(*options).stdout.split())
    note = "the request says nothing of flavor c7n.large.2 but its id: give a list of flavors as --ecs, too"
    assert text.index(note) < text.index("Undecided for want of facts")
    flavor = {"id": "c7n.large.2", "ram": 4096, "vcpus": "2", "os_extra_specs": {"ecs:performancetype": "computingv3"}}
    (tmp_path / "flavors.json").write_text(json.dumps({"flavors": [flavor]}))
    assert note not in " ".join(run(*options, "--ecs", str(tmp_path / "flavors.json")).stdout.split())


def test_without_any_ecs_the_options_that_name_one_come_before_the_facts(run: Run, images: Path) -> None:
    text = run("check", "--image", str(images), "--operation", "create_ecs").stdout
    note = "no ECS is given: --ecs FILE or --flavor ID"
    assert note in text
    assert text.index(note) < text.index("--set ")
    assert note not in run("check", "--image", str(images), "--operation", "share").stdout


def test_what_to_ask_the_cloud_for_is_pasteable_and_comes_last(run: Run, images: Path) -> None:
    options = ("check", "--image", f"{images}#{GIVEN}", "--operation", "create_ecs", "--set", "ecs.region=cn-north-4")
    text = run(*options).stdout
    assert text.endswith(
        "\n  hcloud ECS ListFlavors --cli-region=cn-north-4 > flavors.json\n    then --ecs flavors.json\n"
    )
    (ask,) = verdict(run(*options, "--format", "json").stdout)["ask"]
    assert ask["command"] == "hcloud ECS ListFlavors --cli-region=cn-north-4 > flavors.json"
    assert (ask["option"], ask["api"]) == ("--ecs flavors.json", "GET /v1/{project_id}/cloudservers/flavors")
    assert "ecs.flavor_status" in ask["supplies"]


def test_a_region_of_a_private_cloud_is_one_line(
    run: Run, images: Path, body: Callable[..., str], tmp_path: Path
) -> None:
    region = ("--set", "image.region=my-cloud-1", "--set", "ecs.region=my-cloud-1")
    options = ("check", "--image", f"{images}#{GIVEN}", "--ecs", body(GIVEN), *region, "--fail-on", "never")
    lines = [line for line in run(*options).stderr.splitlines() if "my-cloud-1" in line]
    assert lines == ["imagefit: region my-cloud-1 is in no catalog"]
