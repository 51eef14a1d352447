"""Files without an option: what each is, its content tells; and Terraform plans among them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from tests import checked

from packfiles import shipped_pack
from readers.payloads import ims_image

Run = Callable[..., Result]
PLANS = Path(__file__).parents[1] / "plans"
SAMPLES = Path(__file__).parents[2] / "data" / "samples"
IMAGE = "0e2f1c1a-6a3b-4c55-9b55-0d5a1f2e3c01"
WEB = "huaweicloud_compute_instance.web[0]"


def verdicts(result: Result) -> dict[str, dict]:
    return {each["key"]: each for each in checked.verdicts(result.stdout)}


def test_images_and_a_request_are_told_apart_in_any_order(run: Run) -> None:
    files = [str(SAMPLES / name) for name in ("create-orders.json", "images.json", "flavors.json")]
    told = run("check", "--image", files[1], "--ecs", files[0], "--ecs", files[2])
    assert run("check", *files).stdout == told.stdout
    assert run("check", *reversed(files)).stdout == told.stdout


def test_one_of_a_file_is_named_by_its_id(run: Run) -> None:
    result = run("check", f"{SAMPLES / 'images.json'}#orders-web", "--operation", "share")
    assert "orders-web" in result.stdout
    assert result.stdout.count("share the image") == 1


def test_standard_input_is_told_by_its_content_too(run: Run) -> None:
    by_name = run("check", str(SAMPLES / "create-orders.json"), "--format", "json")
    piped = run("check", "-", "--format", "json", input=(SAMPLES / "create-orders.json").read_text())
    assert list(verdicts(piped)) == list(verdicts(by_name))


def test_a_match_takes_both_sides_by_their_content(run: Run) -> None:
    images, flavors = str(SAMPLES / "images.json"), str(SAMPLES / "flavors.json")
    named = run("match", "--images", images, "--ecs", flavors, "--operation", "create_ecs")
    assert run("match", flavors, images, "--operation", "create_ecs").stdout == named.stdout


def test_facts_are_of_the_side_that_they_speak_of(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"id": "arm", "image.architecture": "arm64"}]')
    (tmp_path / "b.json").write_text('[{"id": "intel", "ecs.architecture": "x86_64"}]')
    result = run("check", str(tmp_path / "b.json"), str(tmp_path / "a.json"), "--operation", "create_ecs")
    assert "arch.matches" in result.stdout
    assert result.exit_code == 1


def test_a_file_that_is_nothing_that_is_read_is_an_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("image: 1\n")
    result = run("check", str(tmp_path / "a.yaml"), "--operation", "share")
    assert result.exit_code == 2
    assert "YAML" in result.stderr


class TestPlans:
    def test_each_planned_change_is_a_verdict_under_its_address(self, run: Run) -> None:
        found = verdicts(run("check", str(PLANS / "create.json"), "--format", "json"))
        assert found[WEB]["operation"] == "create_ecs"
        assert found['module.node["a"].huaweicloud_compute_instance.it']["operation"] == "create_ecs"
        assert found["huaweicloud_ims_image_export.archive"]["operation"] == "export"
        assert not any("from_volume" in key or "vpc" in key for key in found)

    def test_the_images_that_the_plan_knows_complete_it(self, run: Run) -> None:
        burst = verdicts(run("check", str(PLANS / "create.json"), "--format", "json"))[
            "huaweicloud_as_configuration.burst"
        ]
        (rule,) = [rule for rule in burst["rules"] if rule["outcome"] == "fail"]
        assert rule["rule"] == "sizing.system-disk"  # 20 GiB, and the image says 40

    def test_an_image_that_is_given_counts_before_the_one_of_the_plan(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "facts.json").write_text(json.dumps([{"id": IMAGE, "image.architecture": "arm64"}]))
        found = verdicts(
            run("check", str(PLANS / "create.json"), "--image", str(tmp_path / "facts.json"), "--format", "json")
        )
        assert found[WEB]["verdict"] == "incompatible"
        assert any(rule["rule"] == "arch.matches" for rule in found[WEB]["rules"] if rule["outcome"] == "fail")

    @pytest.mark.parametrize("order", [("plan", "list"), ("list", "plan")])
    def test_what_is_given_counts_before_the_plan_in_any_order(
        self, run: Run, tmp_path: Path, order: tuple[str, str]
    ) -> None:
        (given := tmp_path / "images.json").write_text(json.dumps({"images": [ims_image(id=IMAGE, status="queued")]}))
        files = {"plan": str(PLANS / "create.json"), "list": str(given)}
        found = verdicts(run("check", *(files[each] for each in order), "--format", "json"))[WEB]
        assert "status.active" in [rule["rule"] for rule in found["rules"] if rule["outcome"] == "fail"]

    @pytest.mark.parametrize("same", [True, False])
    def test_an_image_that_is_given_twice_is_refused_where_it_differs(
        self, run: Run, tmp_path: Path, same: bool
    ) -> None:
        for name, status in (("one", "active"), ("two", "active" if same else "queued")):
            (tmp_path / f"{name}.json").write_text(json.dumps({"images": [ims_image(id=IMAGE, status=status)]}))
        result = run("check", str(PLANS / "create.json"), *(str(tmp_path / f"{name}.json") for name in ("one", "two")))
        assert (result.exit_code == 2) is not same
        said = f"the plan names an image of which two are given, and they differ: '{IMAGE}'; expected one of them: "
        assert (said in result.stderr) is not same

    def test_a_name_that_two_images_have_is_refused(self, run: Run, tmp_path: Path) -> None:
        two = [ims_image(id="1", name="jammy"), ims_image(id="2", name="jammy")]
        (images := tmp_path / "images.json").write_text(json.dumps({"images": two}))
        plan = json.loads((PLANS / "create.json").read_text())
        (change,) = (each["change"] for each in plan["resource_changes"] if each["address"] == WEB)
        change["after"] |= {"image_id": None, "image_name": "jammy"}
        (file := tmp_path / "plan.json").write_text(json.dumps(plan))
        result = run("check", str(file), "--image", str(images))
        assert result.exit_code == 2
        assert "the plan names an image of which two are given, and they differ: 'jammy'" in result.stderr

    def test_what_is_known_after_apply_is_said_and_never_guessed(self, run: Run) -> None:
        result = run("check", str(PLANS / "create.json"))
        assert "known after apply: availability_zone, image_id" in result.stdout
        found = verdicts(run("check", str(PLANS / "create.json"), "--format", "json"))
        assert found["huaweicloud_compute_instance.from_golden"]["verdict"] == "unknown"

    def test_secrets_are_never_printed(self, run: Run) -> None:
        for options in ((), ("--explain", "-v"), ("--format", "json", "--all-rules", "--explain")):
            result = run("check", str(PLANS / "create.json"), *options)
            assert "Never-1-printed" not in result.stdout + result.stderr

    def test_a_plan_that_touches_no_image_is_nothing_to_check(self, run: Run, tmp_path: Path) -> None:
        plan = json.loads((PLANS / "create.json").read_text())
        plan["resource_changes"] = [each for each in plan["resource_changes"] if each["type"] == "huaweicloud_vpc"]
        (tmp_path / "plan.json").write_text(json.dumps(plan))
        result = run("check", str(tmp_path / "plan.json"))
        assert (result.exit_code, result.stdout) == (0, "")
        assert "nothing that the plan changes asks anything of an image" in result.stderr
        assert verdicts(run("check", str(tmp_path / "plan.json"), "--format", "json")) == {}

    def test_what_it_asks_of_images_and_is_not_read_is_said_and_no_row(self, run: Run, tmp_path: Path) -> None:
        plan = json.loads((PLANS / "create.json").read_text())
        (vpc,) = (each for each in plan["resource_changes"] if each["type"] == "huaweicloud_vpc")
        kind = "huaweicloud_bms_instance"
        vpc |= {"type": kind, "address": f"{kind}.metal"}
        vpc["change"]["after"] |= {"image_id": IMAGE}
        (file := tmp_path / "plan.json").write_text(json.dumps(plan))
        assert f"the plan changes {kind}, too, of which nothing is read" in run("check", str(file)).stderr
        file.write_text(json.dumps(plan | {"resource_changes": [vpc], "prior_state": None}))
        checked = run("check", str(file))
        assert (checked.exit_code, checked.stdout) == (0, "")
        assert f"{kind}.metal: what is planned of {kind} is not read: it is no candidate" in checked.stderr
        assert "nothing that the plan changes" not in checked.stderr
        assert run("audit", str(file), "--operation", "create_ecs", "--format", "jsonl").stdout == ""

    def test_it_stands_beside_lists_of_images_and_flavors(self, run: Run) -> None:
        result = run("check", str(PLANS / "change.json"), str(SAMPLES / "images.json"), str(SAMPLES / "flavors.json"))
        assert "7 checked" in result.stderr

    @pytest.mark.parametrize("name", ["create", "change"])
    def test_every_verdict_is_of_an_operation_of_the_pack(self, run: Run, name: str, tmp_path: Path) -> None:
        shutil.copy(PLANS / f"{name}.json", tmp_path / "plan.json.txt")  # the name tells nothing
        found = verdicts(run("check", str(tmp_path / "plan.json.txt"), "--format", "json"))
        assert found
        assert {each["operation"] for each in found.values()} <= shipped_pack().operations.keys()
