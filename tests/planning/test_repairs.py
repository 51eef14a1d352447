"""A request is repaired by the smallest change of its own fields, which was applied, read and judged again."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagefit
from commands import run
from imagefit.readers.patches import merged

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
IMAGES, FLAVORS = str(SAMPLES / "images.json"), str(SAMPLES / "flavors.json")
GIVEN = ["--set", "image.region=cn-north-4", "--assume", "ecs.account=@image.owner"]
RULES: dict[str, Any] = {"set": {"image.region": "cn-north-4"}, "assume": {"ecs.account": "@image.owner"}}


def body(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    return found


def apply(target: object, patch: object) -> object:
    """The algorithm of RFC 7396, section 2, once more."""
    if not isinstance(patch, dict):
        return patch
    result = copy.deepcopy(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = apply(result.get(name), value)
    return result


def small_disk() -> dict[str, Any]:
    found = body("create-orders")
    found["server"]["root_volume"]["size"] = 10
    return found


def small_and_abroad() -> dict[str, Any]:
    found = body("create-hongkong")
    found["server"]["root_volume"]["size"] = 10
    return found


def small_and_sold_out() -> dict[str, Any]:
    found = small_disk()
    found["server"] |= {"flavorRef": "c1.xlarge", "availability_zone": "cn-north-4a"}
    return found


CASES = {
    "its disk": (small_disk(), [["disk size"]]),
    "its zone": (body("create-hongkong"), [["zone"]]),
    "its flavor": (body("create-depot-nova"), [["flavor"]]),
    "its flavor or its image": (body("create-shelf-camera"), [["flavor"], ["image"]]),
    "its disk and its zone": (small_and_abroad(), [["disk size", "zone"]]),
    "its disk and its flavor": (small_and_sold_out(), [["disk size", "flavor"]]),
}


@pytest.mark.parametrize("case", CASES)
def test_the_smallest_change_is_found_and_the_request_then_fits(case: str) -> None:
    request, expected = CASES[case]
    found = imagefit.suggest(request=request, image=IMAGES, ecs=FLAVORS, limit=0, **RULES)
    assert found.verdict == "incompatible" and found.repairs
    fields = [[change.field for change in repair.changes] for repair in found.repairs]
    assert [list(each) for each in dict.fromkeys(map(tuple, fields))] == expected
    for repair in found.repairs:
        changed = apply(request, repair.patch)
        named = changed["server"].get("imageRef") or changed["server"]["block_device_mapping_v2"][0]["uuid"]  # type: ignore[index]
        checked = {"ecs": [FLAVORS, changed], "facts": RULES["set"], "assume": RULES["assume"]}
        verdict = imagefit.check(image=f"{IMAGES}#{named}", **checked)
        assert verdict.verdict == repair.verdict == "compatible"


def test_a_request_that_fits_needs_none() -> None:
    found = imagefit.suggest(request=body("create-orders"), image=IMAGES, ecs=FLAVORS, **RULES)
    assert (found.verdict, found.repairs) == ("compatible", ())


def test_the_patch_on_the_command_line_makes_check_compatible(tmp_path: Path) -> None:
    request = tmp_path / "create.json"
    request.write_text(json.dumps(small_and_abroad()))
    command = ["suggest", "--request", str(request), "--image", IMAGES, "--ecs", FLAVORS, *GIVEN]
    patch = json.loads(run(*command, "--format", "patch").stdout)
    assert patch["server"]["root_volume"] == {"size": 40}
    checked = ["check", "--image", IMAGES, "--ecs", str(request), "--ecs", FLAVORS, *GIVEN]
    assert run(*checked).exit_code == 1
    request.write_text(json.dumps(apply(small_and_abroad(), patch)))
    assert run(*checked).exit_code == 0


def test_the_text_names_what_becomes_what(tmp_path: Path) -> None:
    request = tmp_path / "create.json"
    request.write_text(json.dumps(small_disk()))
    command = ["suggest", "--request", str(request), "--image", IMAGES, "--ecs", FLAVORS, *GIVEN, "--limit", "1"]
    shown = run(*command, env={"COLUMNS": "80"}).stdout
    assert "repair 1: then it fits\n  disk size  10 becomes 40\n" in shown


def test_of_the_disk_sizes_that_would_do_the_nearest_alone_is_shown() -> None:
    for request, zones in ((small_disk(), 0), (small_and_abroad(), 3)):
        found = imagefit.suggest(request=request, image=IMAGES, ecs=FLAVORS, limit=0, **RULES)
        sizes = [change.after for repair in found.repairs for change in repair.changes if change.field == "disk size"]
        assert sizes == [40] * max(zones, 1) == [40] * len(found.repairs)


def test_a_flavor_and_an_image_are_changed_together_where_neither_helps_alone(tmp_path: Path) -> None:
    request = small_and_sold_out()
    request["server"] |= {"imageRef": "deleted", "root_volume": {"volumetype": "SSD", "size": 100}}
    own = {"image.type": "system_disk", "image.visibility": "public", "image.architecture": "x86_64"}
    facts = [
        {"id": "deleted", "image.status": "deleted", **own},
        {"id": "iso", "image.status": "active", **own, "image.type": "data_disk"},
        {"id": "active", "image.status": "active", **own},
    ]
    images = tmp_path / "images.json"
    images.write_text(json.dumps(facts))
    found = imagefit.suggest(request=request, image=str(images), ecs=FLAVORS)
    assert {"status.active", "flavor.on-sale"} <= set(found.failed)
    assert found.repairs and {repair.verdict.value for repair in found.repairs} == {"unknown"}
    for repair in found.repairs:
        assert [change.field for change in repair.changes] == ["flavor", "image"]
        assert repair.changes[1].after == "active"
        changed = apply(request, repair.patch)
        assert imagefit.check(image=str(images), ecs=[FLAVORS, changed]).verdict == "unknown"


def test_of_several_ecss_beside_a_request_that_names_none_no_first_one_is_taken(tmp_path: Path) -> None:
    request, servers = str(SAMPLES / "change-os.json"), str(SAMPLES / "servers.json")
    gpu, till = "b02d504b-0055-52f5-b9e5-9617e2e20a08", "791fcb38-3d86-5ec2-9156-54eef39e01c9"
    with pytest.raises(imagefit.InputError, match="one ECS, and 3 are given"):
        imagefit.suggest(request=request, image=IMAGES, ecs=servers, **RULES)
    for one, rule in ((gpu, "boot.uefi-on-heterogeneous"), (till, "locality.image-in-ecs-region")):
        found = imagefit.suggest(request=request, image=IMAGES, ecs=f"{servers}#{one}", **RULES)
        assert rule in found.failed


def test_of_several_images_beside_a_request_that_names_none_no_first_one_is_taken() -> None:
    request = body("create-orders")
    camera, orders = "a186df85-85ab-5b72-a613-1c6f2c4e2931", request["server"].pop("imageRef")
    with pytest.raises(imagefit.InputError, match="one image, and 18 are given"):
        imagefit.suggest(request=request, image=IMAGES, ecs=FLAVORS, **RULES)
    for one, failed in ((orders, ()), (camera, ("arch.matches",))):
        assert imagefit.suggest(request=request, image=f"{IMAGES}#{one}", ecs=FLAVORS, **RULES).failed == failed


def test_of_two_images_with_the_id_that_the_request_names_none_is_taken() -> None:
    request = small_disk()
    images = {each["id"]: each for each in json.loads(Path(IMAGES).read_text())["images"]}
    own = images[request["server"]["imageRef"]]
    assert imagefit.suggest(request=request, image=[own, own], ecs=FLAVORS, **RULES).repairs
    for both in ([own, {**own, "status": "saving"}], [{**own, "status": "saving"}, own]):
        with pytest.raises(imagefit.InputError, match="an image of which two are given, and they differ"):
            imagefit.suggest(request=request, image=both, ecs=FLAVORS, **RULES)


def test_what_two_that_differ_are_called_is_chosen_in_no_repair(tmp_path: Path) -> None:
    request = body("create-depot-nova")
    flavors = json.loads(Path(FLAVORS).read_text())["flavors"]

    def chosen(*more: dict[str, Any]) -> set[str]:
        (path := tmp_path / "flavors.json").write_text(json.dumps({"flavors": [*flavors, *more]}))
        found = imagefit.suggest(request=request, image=IMAGES, ecs=str(path), limit=0, **RULES)
        return {str(change.after) for repair in found.repairs for change in repair.changes if change.field == "flavor"}

    first = min(chosen())
    (flavor,) = (each for each in flavors if each["id"] == first)
    assert chosen(flavor) == chosen()
    assert chosen({**flavor, "ram": 1024}) == chosen() - {first}


def test_what_the_request_still_names_of_the_region_that_it_leaves_is_said() -> None:
    request = str(SAMPLES / "create-hongkong.json")
    found = imagefit.suggest(request=request, image=IMAGES, ecs=FLAVORS, **RULES)
    assert found.repairs[0].elsewhere == ("vpcid", "nics", "security_groups", "key_name")
    command = ["suggest", "--request", request, "--image", IMAGES, "--ecs", FLAVORS, *GIVEN]
    shown = run(*command, env={"COLUMNS": "80"}).stdout
    assert "  unchanged  vpcid, nics, security_groups" in shown
    stays = imagefit.suggest(request=small_disk(), image=IMAGES, ecs=FLAVORS, **RULES)
    assert stays.repairs[0].elsewhere == () and "elsewhere" not in stays.repairs[0].to_dict()


def test_a_zone_that_is_given_counts_before_that_of_the_request_as_in_a_check() -> None:
    request, zoned = str(SAMPLES / "create-hongkong.json"), {**RULES["set"], "ecs.availability_zone": "cn-north-4a"}
    found = imagefit.suggest(request=request, image=IMAGES, ecs=FLAVORS, set=zoned, assume=RULES["assume"])
    verdict = imagefit.check(zoned, image=IMAGES, ecs=[request, FLAVORS], assume=RULES["assume"])
    assert found.verdict == verdict.verdict == "compatible" and not found.repairs


def test_a_zone_that_no_catalog_has_is_tried_where_flavors_name_it(tmp_path: Path) -> None:
    flavors = json.loads(Path(FLAVORS).read_text("utf-8"))
    (flavor,) = (each for each in flavors["flavors"] if each["id"] == "t6.large.2")
    flavor["os_extra_specs"] |= {"cond:operation:az": "moon-1a(sellout),moon-1b(normal),moon-1c(normal)"}
    flavor["os_extra_specs"]["cond:operation:status"] = "abandon"
    listed = tmp_path / "flavors.json"
    listed.write_text(json.dumps({"flavors": [flavor]}))
    request = body("create-orders")
    request["server"] |= {"flavorRef": "t6.large.2", "availability_zone": "moon-1a"}
    given = {"set": {"image.region": "moon-1", "ecs.region": "moon-1"}, "assume": RULES["assume"]}
    found = imagefit.suggest(request=request, image=IMAGES, ecs=str(listed), **given)
    assert found.failed == ("flavor.on-sale",)
    assert [[(c.field, c.after) for c in each.changes] for each in found.repairs] == [
        [("zone", "moon-1b")],
        [("zone", "moon-1c")],
    ]
    assert {each.verdict for each in found.repairs} == {"compatible"}


@pytest.mark.parametrize("option", ["--ecs", "--image", "--request"])
def test_each_file_may_come_from_standard_input_and_is_read_once(option: str, tmp_path: Path) -> None:
    request = tmp_path / "create.json"
    request.write_text(json.dumps(small_and_abroad()))
    files = {"--request": str(request), "--image": IMAGES, "--ecs": FLAVORS}
    shown = []
    for each in (files, {**files, option: "-"}):
        command = ["suggest", *(part for pair in each.items() for part in pair), *GIVEN, "--format", "patch"]
        result = run(*command, input=Path(files[option]).read_text("utf-8"))
        assert result.exit_code == 0
        shown.append(result.stdout)
    assert shown[0] == shown[1]
    two = ["suggest", "--request", "-", "--image", IMAGES, "--ecs", "-", *GIVEN]
    result = run(*two, input=request.read_text())
    assert result.exit_code == 2 and "--ecs: standard input can be read once only" in result.stderr


def test_what_a_check_notes_of_the_request_is_noted_of_its_repair(tmp_path: Path) -> None:
    request = tmp_path / "create.json"
    request.write_text(json.dumps(body("create-orders")))
    env, files = {"COLUMNS": "80"}, ["--image", IMAGES, *GIVEN]
    found = json.loads(run("suggest", "--request", str(request), *files, "--format", "json").stdout)
    checked = json.loads(run("check", "--ecs", str(request), *files, "--format", "json").stdout)
    assert found["notes"] == checked["verdicts"][0]["notes"]
    assert found["notes"] == [
        "the request says nothing of flavor c7n.xlarge.2 but its id: give a list of flavors as --ecs, too"
    ]
    shown = run("suggest", "--request", str(request), *files, env=env).stdout
    assert "\n  note       the request says nothing of flavor c7n.xlarge.2 but its id: give a\n" in shown
    listed = run("suggest", "--request", str(request), *files, "--ecs", FLAVORS, "--format", "json")
    assert json.loads(listed.stdout)["notes"] == []


def test_what_would_newly_warn_is_said_and_comes_after_what_would_not(tmp_path: Path) -> None:
    flavors = tmp_path / "flavors.json"
    own = {"ecs.flavor_status": "normal", "ecs.virtualization": "kvm"}
    kinds = {"old": {"ecs.flavor_status": "sellout"}, "scsi": {"ecs.virtualization": "qingtian"}, "same": {}}
    flavors.write_text(json.dumps([{"id": name, **own, **more} for name, more in kinds.items()]))
    request = body("create-orders")
    request["server"] |= {"flavorRef": "old"}
    select = ["flavor.on-sale", "disk.qingtian-scsi"]
    found = imagefit.suggest(request=request, image=IMAGES, ecs=str(flavors), select=select)
    assert [(each.changes[0].after, each.warnings) for each in found.repairs] == [
        ("same", ()),
        ("scsi", ("disk.qingtian-scsi",)),
    ]
    assert found.to_dict()["repairs"][1]["warnings"] == ["disk.qingtian-scsi"]
    (tmp_path / "create.json").write_text(json.dumps(request))
    command = ["suggest", "--request", str(tmp_path / "create.json"), "--image", IMAGES, "--ecs", str(flavors)]
    shown = run(*command, "--select", ",".join(select), env={"COLUMNS": "80"}).stdout
    assert shown.endswith("old becomes scsi\n  warnings   disk.qingtian-scsi\n")


@pytest.mark.filterwarnings("ignore::imagefit.ImagefitWarning")
@pytest.mark.parametrize("nonsense", [{"a": [1]}, [{}]])
@pytest.mark.parametrize("field", ["availability_zone", "size"])
def test_whatever_a_request_says_of_a_field_can_be_repaired(field: str, nonsense: object) -> None:
    request = body("create-shelf-camera")
    (request["server"] if field != "size" else request["server"]["root_volume"])[field] = nonsense
    found = imagefit.suggest(request=request, image=IMAGES, set=RULES["set"])
    assert found.verdict in ("incompatible", "unknown")
    for repair in found.repairs:
        changed = apply(request, repair.patch)
        (named,) = {changed["server"]["imageRef"]}  # type: ignore[index]
        verdict = imagefit.check(image=f"{IMAGES}#{named}", ecs=changed, facts=RULES["set"])
        assert verdict.verdict == repair.verdict


def test_where_nothing_helps_that_is_said(tmp_path: Path) -> None:
    request = tmp_path / "create.json"
    request.write_text(json.dumps({"os-change": {"imageid": "i", "userid": "u", "keyname": "k"}}))
    (tmp_path / "images.json").write_text(json.dumps([{"id": "i", "image.type": "iso", "image.visibility": "private"}]))
    command = ["suggest", "--request", str(request), "--image", str(tmp_path / "images.json")]
    result = run(*command, env={"COLUMNS": "80"})
    said = " ".join(result.stdout.split())
    assert (
        result.exit_code == 1
        and "No other image of those that are known makes it fit. imagefit check shows what else would." in said
    )
    patch = run(*command, "--format", "patch")
    assert (patch.exit_code, json.loads(patch.stdout)) == (1, {})


def test_an_undecided_request_that_nothing_decides_is_not_called_unfit() -> None:
    request = str(SAMPLES / "create-orders.json")
    command = ["suggest", "--request", request, "--image", IMAGES, "--ecs", FLAVORS]
    checked = run("check", "--image", IMAGES, "--ecs", request, "--ecs", FLAVORS)
    result = run(*command, env={"COLUMNS": "80"})
    assert result.exit_code == checked.exit_code == 3
    said = " ".join(result.stdout.split())
    assert "as it is. No other disk size, zone, flavor or image of those that are known decides it." in said
    assert "Nothing known speaks against it" in said and "makes it fit" not in said


@pytest.mark.parametrize(
    "option", [["--flavor", "c7n.large.2"], ["--like", "c7n.large.2"], ["--vcpus", "4"], ["--az", "cn-north-4a"]]
)
def test_what_is_asked_for_is_refused_beside_a_request_that_says_it(option: list[str]) -> None:
    result = run("suggest", "--request", str(SAMPLES / "create-orders.json"), *option)
    assert result.exit_code == 2 and option[0] in result.stderr and option[1] in result.stderr


def test_an_operation_beside_a_request_is_said_not_to_be_used() -> None:
    command = ["suggest", "--request", str(SAMPLES / "create-orders.json"), "--image", IMAGES, "--operation", "share"]
    assert "--operation is not used" in run(*command).stderr


def test_what_is_no_request_is_refused() -> None:
    with pytest.raises(imagefit.InputError, match="not the body of one request"):
        imagefit.suggest(request=f"{FLAVORS}#c7n.xlarge.2")
    for name in ("images.json", "members.json", "servers.json", "facts.csv", "images-console.csv", "tfplan.json"):
        result = run("suggest", "--request", str(SAMPLES / name))
        assert result.exit_code == 2
        assert result.stderr.splitlines()[-1].endswith(
            f"{name}: not the body of one request; expected one such as create.json"
        )
    result = run("suggest", "--image", IMAGES, "--format", "patch")
    assert result.exit_code == 2 and "--request" in result.stderr


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_a_patch_is_merged_as_the_rfc_says(target: object, patch: object) -> None:
    assert merged(target, patch) == apply(target, patch)
