from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import Result
from tests.checked import verdict as verdict_of
from tests.checked import verdicts

from imagefit.cli.options import parse_facts
from imagefit.facts import FieldType
from imagefit.reports.layout import cell_width
from imagefit.rulepack.pack import Pack
from imagefit.supply import flag

Run = Callable[..., Result]

NPU_FLAVOR = "ai1.large.4"
FIT = (
    *("--set", "lamp.base=e27", "--set", "socket.base=e27", "--set", "lamp.power_w=8"),
    *("--set", "socket.max_power_w=60", "--set", "lamp.status=working", "--set", "socket.has_dimmer=false"),
)


@pytest.fixture
def lamp(run: Run, lamps_folder: Path) -> Run:
    """Run ``imagefit check`` on the pack of another domain."""
    return lambda *arguments, **options: run("check", "--pack", str(lamps_folder), *arguments, **options)


class TestExitCodes:
    def test_0_what_fits(self, lamp: Run) -> None:
        assert lamp("--operation", "screw_in", *FIT).exit_code == 0

    def test_1_what_is_incompatible(self, lamp: Run) -> None:
        assert lamp("--operation", "lend", "--set", "lamp.status=broken").exit_code == 1

    def test_each_operation_that_is_named_is_checked(self, lamp: Run) -> None:
        result = lamp("--operation", "lend", "--operation", "screw_in", *FIT, "--format", "json")
        assert [verdict["operation"] for verdict in verdicts(result.stdout)] == ["lend", "screw_in"]
        assert result.exit_code == 0
        result = lamp("--operation", "screw_in", "--operation", "lend", "--set", "lamp.status=broken")
        assert result.exit_code == 1, "the worst counts"
        assert "2 checked: 2 incompatible" in result.stderr

    def test_several_candidates_and_operations_are_a_product(self, lamp: Run, tmp_path: Path) -> None:
        (tmp_path / "lamps.json").write_text('[{"key": "a", "lamp.base": "e27"}, {"key": "b", "lamp.base": "e14"}]')
        options = ("--image", str(tmp_path / "lamps.json"), "--operation", "lend", "--operation", "screw_in")
        found = verdicts(lamp(*options, "--format", "json").stdout)
        assert [(verdict["key"], verdict["operation"]) for verdict in found] == [
            *(("a", "lend"), ("a", "screw_in")),
            *(("b", "lend"), ("b", "screw_in")),
        ]

    def test_3_what_is_undecided(self, lamp: Run) -> None:
        assert lamp("--operation", "lend").exit_code == 3

    @pytest.mark.parametrize(
        ("fail_on", "facts", "code"),
        [
            ("incompatible", ["lamp.status=broken"], 1),
            ("incompatible", [], 0),
            ("unknown", [], 3),
            ("warning", ["lamp.status=broken"], 1),
            ("warning", [], 3),
            ("never", ["lamp.status=broken"], 0),
            ("never", [], 0),
        ],
    )
    def test_fail_on_says_what_counts(self, lamp: Run, fail_on: str, facts: list[str], code: int) -> None:
        options = [word for fact in facts for word in ("--set", fact)]
        assert lamp("--operation", "lend", "--fail-on", fail_on, *options).exit_code == code

    @pytest.mark.parametrize(("fail_on", "code"), [("warning", 4), ("unknown", 0), ("never", 0)])
    def test_4_only_warnings_when_asked_for(self, lamp: Run, fail_on: str, code: int) -> None:
        dimmed = (*FIT[:-1], "socket.has_dimmer=true", "--set", "lamp.dimmable=false")
        assert lamp("--operation", "screw_in", *dimmed, "--fail-on", fail_on).exit_code == code

    def test_the_worst_of_several_counts(self, lamp: Run, tmp_path: Path) -> None:
        file = tmp_path / "lamps.json"
        file.write_text(json.dumps([{"lamp.status": "working"}, {}, {"lamp.status": "broken"}]))
        result = lamp("--operation", "lend", "--image", str(file))
        assert result.exit_code == 1
        assert "3 checked: 1 incompatible, 1 unknown, 1 compatible" in result.stderr


class TestMistakes:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ("--operation len", "--operation: unknown operation: 'len'; expected one of lend, screw_in; did you mean"),
            ("", "--operation: say what is to be done; expected one of screw_in, lend"),
            ("--opration lend", "--operation"),
            ("--operation lend --fail-on always", "'always' is not one of"),
            ("--operation lend --image no-such.json", "no-such.json: there is no such file"),
            ("--operation lend --image - --from imz", "did you mean 'ims'?"),
            ("--operation lend --evaluator refrence", "did you mean 'reference'?"),
            ("--operation lend --select fiting", "did you mean 'fitting'?"),
            ("--operation lend --select ,", "names no rule: ','; expected rule ids, prefixes or tags"),
            ("--operation lend --ignore fitting,powr", "did you mean 'power'?"),
            ("--operation lend --set lamp.bse=e27", "did you mean 'lamp.base'?"),
            ("--operation lend --set lamp.base", "--set: not an assignment: 'lamp.base'; expected FACT=VALUE"),
            ("--operation lend --set lamp.base=", "--set, lamp.base: no value"),
            (
                "--operation lend --set lamp.base=e72",
                "--set, lamp.base: not a value of this fact: 'e72'; "
                "expected one of e14, e27, gu10; did you mean 'e27'?",
            ),
            (
                "--operation lend --set lamp.base=e14 --set lamp.base=e27",
                "--set, lamp.base: given two values: e14 and e27",
            ),
            (
                "--operation lend --assume lamp.base=@lamp.bas",
                "--assume, lamp.base: unknown fact: 'lamp.bas'; expected",
            ),
            ("--operation lend --assume lamp.base=@lamp.power_w", "lamp.power_w"),
        ],
    )
    def test_2_and_a_message_that_helps(self, lamp: Run, options: str, message: str) -> None:
        result = lamp(*options.split(), input="{}")
        assert result.exit_code == 2
        assert message in result.stderr
        assert result.stdout == ""

    def test_a_pack_that_does_not_load_exits_2_with_every_problem(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "pack.yaml").write_text("name: x\nversion: 1.0.0\ntitle: x\nincludes: [a.yaml, b.yaml]\n")
        result = run("check", "--pack", str(tmp_path), "--operation", "lend")
        assert result.exit_code == 2
        assert len(result.stderr.strip().split("\n")) == 2

    @pytest.mark.parametrize("content", ["", "{", "[]", "null", "7", '{"a": 1, "a": 2}', "\x00", "a,b\n1\n"])
    def test_a_file_that_is_no_input_is_an_error(self, run: Run, tmp_path: Path, content: str) -> None:
        (file := tmp_path / "input.json").write_text(content)
        result = run("check", "--operation", "share", "--image", str(file))
        assert result.exit_code == 2
        assert str(file) in result.stderr

    @pytest.mark.parametrize("place", ["", "#web-uefi"])
    def test_a_place_without_a_file_is_an_error(self, run: Run, place: str) -> None:
        result = run("check", "--operation", "share", "--image", place)
        assert result.exit_code == 2
        assert "no file is named" in result.stderr

    @pytest.mark.parametrize(
        "options", ["--select base", "--select fitting.works --ignore fitting.works", "--ignore fitting"]
    )
    def test_a_selection_that_leaves_nothing_to_check_is_no_good_news(self, lamp: Run, options: str) -> None:
        result = lamp("--operation", "lend", *options.split())
        assert (result.exit_code, result.stdout) == (2, "")
        assert "select and ignore leave no rule of lend; expected one of fitting" in result.stderr

    def test_a_misspelt_format_is_an_error_though_no_file_is_read(self, run: Run) -> None:
        result = run("check", "--operation", "share", "--from", "imz")
        assert result.exit_code == 2
        assert "unknown format: 'imz'" in result.stderr and "did you mean 'ims'?" in result.stderr

    def test_standard_input_is_read_once_only(self, run: Run) -> None:
        result = run(
            "check", "--operation", "create_ecs", "--image", "-", "--ecs", "-", input='{"image.status": "active"}'
        )
        assert result.exit_code == 2
        assert "standard input can be read once only" in result.stderr


class TestFacts:
    def test_a_given_fact_counts_before_a_read_one(self, lamp: Run, tmp_path: Path) -> None:
        (file := tmp_path / "lamp.json").write_text('{"lamp.status": "broken"}')
        assert lamp("--operation", "lend", "--image", str(file)).exit_code == 1
        result = lamp("--operation", "lend", "--image", str(file), "--set", "lamp.status=working", "--explain")
        assert result.exit_code == 0
        assert "lamp.status  working  given: --set" in result.stdout

    def test_the_same_value_twice_is_no_contradiction(self, lamp: Run) -> None:
        assert lamp("--operation", "lend", *["--set", "lamp.status=working"] * 2).exit_code == 0

    def test_an_assumption_is_used_where_the_fact_is_missing_only(self, lamp: Run) -> None:
        result = lamp("--operation", "lend", "--assume", "lamp.status=working", "--format", "json")
        assert result.exit_code == 0
        assert verdict_of(result.stdout)["assumed"] == {"lamp.status": "working"}
        given = ("--set", "lamp.status=broken", "--format", "json")
        result = lamp("--operation", "lend", "--assume", "lamp.status=working", *given)
        assert result.exit_code == 1
        assert verdict_of(result.stdout)["assumed"] == {}

    def test_an_assumption_can_be_another_fact(self, lamp: Run) -> None:
        options = ("--select", "base", "--set", "lamp.base=e27", "--assume", "socket.base=@lamp.base")
        result = lamp("--operation", "screw_in", *options)
        assert result.exit_code == 0
        assert "assumed    socket.base = e27" in result.stdout

    def test_a_facts_file_can_name_the_operation(self, lamp: Run, tmp_path: Path) -> None:
        (file := tmp_path / "lamp.csv").write_text("lamp.status,operation\nworking,lend\n")
        assert lamp("--image", str(file)).exit_code == 0

    def test_files_that_contradict_each_other_are_an_error(self, lamp: Run, tmp_path: Path) -> None:
        (one := tmp_path / "one.json").write_text('{"lamp.base": "e14"}')
        (two := tmp_path / "two.json").write_text('{"lamp.base": "e27"}')
        files = ("--image", str(one), "--ecs", str(two))
        result = lamp("--operation", "lend", *files)
        assert result.exit_code == 2
        assert "lamp.base: two sources say different things: e14 and e27" in result.stderr
        assert lamp("--operation", "lend", *files, "--set", "lamp.base=e27").exit_code == 3

    def test_select_and_ignore_choose_the_rules(self, lamp: Run) -> None:
        assert lamp("--operation", "screw_in", "--ignore", "fitting.works,power,base").exit_code == 0
        assert lamp("--operation", "screw_in", "--select", "base,power", "--select", "fitting.works").exit_code == 3


class TestImagesAndEcss:
    def test_a_uefi_image_does_not_fit_an_NPU_FLAVOR(self, run: Run, images: Path) -> None:
        where = ("--image", f"{images}#web-uefi", "--flavor", NPU_FLAVOR, "--operation", "create_ecs")
        result = run("check", *where)
        assert result.exit_code == 1
        assert "boot.uefi-on-heterogeneous" in result.stdout
        assert "image      web-uefi (11111111-aaaa-4000-8000-000000000001)" in result.stdout
        assert f"ecs        {NPU_FLAVOR}, known by its id alone" in result.stdout

    def test_every_image_is_checked_with_every_ecs(self, run: Run, images: Path) -> None:
        flavors = ("--flavor", NPU_FLAVOR, "--flavor", "s6.large.2")
        result = run("check", "--image", str(images), *flavors, "--operation", "create_ecs", "--format", "json")
        assert [verdict["key"].split(" x ") for verdict in verdicts(result.stdout)] == [
            [f"11111111-aaaa-4000-8000-00000000000{image}", flavor] for image in (1, 2) for flavor in flavors[1::2]
        ]

    def test_an_absent_image_is_an_error_that_names_near_ones(self, run: Run, images: Path) -> None:
        result = run("check", "--image", f"{images}#web-ufi", "--operation", "share")
        assert result.exit_code == 2
        assert "did you mean 'web-uefi'?" in result.stderr

    def test_a_request_says_operation_image_and_flavor(self, run: Run, images: Path, tmp_path: Path) -> None:
        server = {"imageRef": "11111111-aaaa-4000-8000-000000000002", "flavorRef": "s6.large.2", "name": "web"}
        (request := tmp_path / "create.json").write_text(json.dumps({"server": server}))
        result = run("check", "--image", str(images), "--ecs", str(request), "--format", "json")
        verdict = verdict_of(result.stdout)
        assert verdict["operation"] == "create_ecs"
        assert verdict["key"] == "11111111-aaaa-4000-8000-000000000002 x web"

    def test_a_request_for_an_absent_image_is_an_error(self, run: Run, images: Path, tmp_path: Path) -> None:
        (request := tmp_path / "create.json").write_text('{"server": {"imageRef": "22", "flavorRef": "s6.large.2"}}')
        result = run("check", "--image", str(images), "--ecs", str(request))
        assert result.exit_code == 2
        assert "names an image that is not among those given" in result.stderr

    def test_a_request_that_names_another_image_than_the_one_given_is_said(
        self, run: Run, images: Path, tmp_path: Path
    ) -> None:
        (request := tmp_path / "create.json").write_text('{"server": {"imageRef": "22", "flavorRef": "s6.large.2"}}')
        one = f"{images}#11111111-aaaa-4000-8000-000000000002"
        result = run("check", "--image", one, "--ecs", str(request))
        assert "the request names another image: 22" in result.stdout

    def test_a_request_is_completed_by_its_flavor(self, run: Run, tmp_path: Path) -> None:
        server = {"imageRef": "11", "flavorRef": "zz9.large.2", "name": "web"}
        (request := tmp_path / "create.json").write_text(json.dumps({"server": server}))
        specs = {"ecs:performancetype": "ascend"}
        flavors = [
            {"id": name, "vcpus": "2", "ram": 4096, "os_extra_specs": specs} for name in ("zz9.large.2", "zz9.xlarge.2")
        ]
        (file := tmp_path / "flavors.json").write_text(json.dumps({"flavors": flavors}))
        result = run("check", "--ecs", str(request), "--ecs", str(file), "--format", "json", "--explain")
        verdict = verdict_of(result.stdout)
        assert verdict["facts"]["ecs.accelerator"]["value"] == "npu"
        assert verdict["facts"]["ecs.billing"]["value"] == "pay_per_use"
        result = run("check", "--ecs", str(request), "--ecs", f"{file}#zz9.xlarge.2")
        assert result.exit_code == 2
        assert "names a flavor that is not among those given: 'zz9.large.2'" in result.stderr
        assert "expected one of zz9.xlarge.2; did you mean 'zz9.xlarge.2'?" in result.stderr

    @pytest.mark.parametrize(
        ("name", "changes", "fact", "value"),
        [
            ("zz9.large.2", {"ecs:instance_architecture": "arm64"}, "ecs.architecture", "arm64"),
            ("zz9.large.2", {"resource_type": "ironic"}, "ecs.platform_target", "bms"),
            ("c7n.large.2", {"ecs:performancetype": "gpu"}, "ecs.accelerator", "gpu"),
            ("c7n.large.2", {"ecs:virtualization_env_types": "FusionCompute"}, "ecs.virtualization", "xen"),
            ("kc1.large.2", {"ecs:performancetype": "normal"}, "ecs.architecture", None),  # they contradict each other
            ("c7n.large.2", {}, "ecs.memory_mib", 2048),
        ],
    )
    def test_what_the_flavor_says_counts_more_than_what_its_id_in_the_request_tells(
        self, run: Run, tmp_path: Path, name: str, changes: dict[str, str], fact: str, value: object
    ) -> None:
        server = {"imageRef": "11", "flavorRef": name, "name": "web"}
        (request := tmp_path / "create.json").write_text(json.dumps({"server": server}))
        specs = {"ecs:performancetype": "normal"} | changes
        flavor = {"id": name, "vcpus": "2", "ram": 2048, "os_extra_specs": specs}
        (file := tmp_path / "flavors.json").write_text(json.dumps({"flavors": [flavor]}))
        for files in ((request, file), (file, request)):
            options = [option for each in files for option in ("--ecs", str(each))]
            facts = verdict_of(run("check", *options, "--format", "json", "--explain").stdout)["facts"]
            assert facts.get(fact, {}).get("value") == value

    @pytest.mark.parametrize(
        ("host", "status"), [("ecs.cn-south-1", None), ("ecs.cn-north-4", "normal"), ("x", "normal")]
    )
    def test_a_flavor_from_a_list_of_another_region_does_not_tell_whether_it_is_sold_there(
        self, run: Run, tmp_path: Path, host: str, status: str | None
    ) -> None:
        server = {"imageRef": "11", "flavorRef": "c7n.large.2", "name": "web", "availability_zone": "cn-north-4a"}
        (request := tmp_path / "create.json").write_text(json.dumps({"server": server}))
        links = [{"rel": "self", "href": f"https://{host}.myhuaweicloud.com/v1.0/p/flavors/c7n.large.2"}]
        specs = {"ecs:performancetype": "normal"}
        flavor = {"id": "c7n.large.2", "vcpus": "2", "ram": 4096, "os_extra_specs": specs, "links": links}
        (file := tmp_path / "flavors.json").write_text(json.dumps({"flavors": [flavor]}))
        beside = ("--ecs", str(request), "--ecs", str(file))
        alone = ("--ecs", str(file), "--az", "cn-north-4a", "--operation", "create_ecs")
        for options in (beside, alone):
            result = run("check", *options, "--format", "json", "--explain")
            assert verdict_of(result.stdout)["facts"].get("ecs.flavor_status", {}).get("value") == status
            said = "c7n.large.2 is from a list of cn-south-1: whether it is on sale in cn-north-4 is unknown"
            assert (said in result.stderr) == (status is None)

    def test_a_scaling_configuration_without_a_disk_has_not_the_one_of_a_flavor(self, run: Run, tmp_path: Path) -> None:
        config = {"flavorRef": "zz9.large.2", "imageRef": "11", "disk": []}
        (request := tmp_path / "scaling.json").write_text(
            json.dumps({"scaling_configurations": [{"scaling_configuration_name": "s", "instance_config": config}]})
        )
        flavor = {"id": "zz9.large.2", "vcpus": "2", "ram": 4096, "os_extra_specs": {"resource_type": "x"}}
        (file := tmp_path / "flavors.json").write_text(json.dumps({"flavors": [flavor]}))
        result = run("check", "--ecs", str(request), "--ecs", str(file), "--format", "json", "--explain")
        facts = verdict_of(result.stdout)["facts"]
        assert facts["ecs.memory_mib"]["value"] == 4096 and "ecs.system_disk" not in facts

    def test_an_os_change_is_of_the_ecs_beside_it(self, run: Run, images: Path, tmp_path: Path) -> None:
        (request := tmp_path / "change.json").write_text(
            '{"os-change": {"imageid": "11111111-aaaa-4000-8000-000000000001"}}'
        )
        (ecs := tmp_path / "ecs.json").write_text('{"ecs.boot_mode": "bios"}')
        result = run("check", "--image", str(images), "--ecs", str(request), "--ecs", str(ecs), "--format", "json")
        verdict = verdict_of(result.stdout)
        assert verdict["operation"] == "change_os"
        assert "boot.mode-matches-ecs" in [rule["rule"] for rule in verdict["rules"] if rule["outcome"] == "fail"]

    def test_members_complete_the_image_that_they_are_of(self, run: Run, images: Path, tmp_path: Path) -> None:
        member = {"member_id": "ffff", "status": "accepted", "image_id": "11111111-aaaa-4000-8000-000000000002"}
        (members := tmp_path / "members.json").write_text(json.dumps({"members": [member]}))
        both = ("--image", str(images), "--image", str(members))
        result = run("check", *both, "--operation", "share", "--format", "json", "--explain")
        recipients = [verdict["facts"].get("image.recipients") for verdict in verdicts(result.stdout)]
        assert [fact and fact["value"] for fact in recipients] == [None, 1]

    def test_members_of_another_image_are_refused(self, run: Run, images: Path, tmp_path: Path) -> None:
        member = {"member_id": "ffff", "status": "accepted", "image_id": "11111111-aaaa-4000-8000-000000000002"}
        (members := tmp_path / "members.json").write_text(json.dumps({"members": [member]}))
        one = ("--image", f"{images}#11111111-aaaa-4000-8000-000000000001")
        result = run("check", *one, "--image", str(members), "--operation", "share")
        assert result.exit_code == 2
        assert "the members of an image that is not among those given: '11111111-" in result.stderr

    def test_two_lists_of_the_members_of_one_image_have_to_agree(self, run: Run, images: Path, tmp_path: Path) -> None:
        image = "11111111-aaaa-4000-8000-000000000002"
        lists = []
        for account in ("eeee", "ffff"):
            lists.append(tmp_path / f"members-{account}.json")
            member = {"member_id": account, "status": "accepted", "image_id": image}
            lists[-1].write_text(json.dumps({"members": [member]}))
        first, second = (("--image", str(file)) for file in lists)
        of = ("check", "--image", f"{images}#{image}", "--operation", "share")
        assert run(*of, *first, *first).exit_code != 2
        result = run(*of, *first, *second)
        assert result.exit_code == 2
        assert "members-ffff.json" in result.stderr and "members-eeee.json has other members" in result.stderr

    def test_a_request_whose_flavor_is_given_twice_and_differently_is_refused(self, run: Run, tmp_path: Path) -> None:
        (request := tmp_path / "create.json").write_text(
            json.dumps({"server": {"imageRef": "11", "flavorRef": "zz9.large.2", "name": "web"}})
        )
        said = []
        for ram in (4096, 8192):
            flavor = {"id": "zz9.large.2", "vcpus": "2", "ram": ram, "os_extra_specs": {"resource_type": "x"}}
            said.append(tmp_path / f"flavors-{ram}.json")
            said[-1].write_text(json.dumps({"flavors": [flavor]}))
        first, second = (("--ecs", str(file)) for file in said)
        assert run("check", "--ecs", str(request), *first, *first).exit_code != 2
        result = run("check", "--ecs", str(request), *first, *second)
        assert result.exit_code == 2
        assert "of which two are given, and they differ: 'zz9.large.2'" in result.stderr
        assert "flavors-4096.json" in result.stderr and "flavors-8192.json" in result.stderr

    def test_an_empty_list_of_members_is_that_of_a_single_image(self, run: Run, images: Path, tmp_path: Path) -> None:
        (members := tmp_path / "members.json").write_text('{"members": []}')
        options = ("--image", str(members), "--operation", "share", "--select", "sharing.recipient-limit")
        assert run("check", "--image", f"{images}#11111111-aaaa-4000-8000-000000000001", *options).exit_code == 0
        result = run("check", "--image", str(images), *options)
        assert result.exit_code == 2
        assert "no member says of which image the list is; expected one image beside it" in result.stderr

    def test_what_is_no_image_is_refused_as_one(self, run: Run, tmp_path: Path) -> None:
        (file := tmp_path / "flavors.json").write_text('{"flavors": [{"id": "s6.large.2", "ram": 4096, "vcpus": "2"}]}')
        result = run("check", "--image", str(file), "--operation", "share")
        assert result.exit_code == 2
        assert "not what --image takes: 'ecs'" in result.stderr

    def test_the_zone_decides_whether_a_flavor_is_on_sale(self, run: Run, tmp_path: Path) -> None:
        specs = {"cond:operation:az": "az0(normal), az1(sellout)"}
        flavors = [{"id": "s6.large.2", "vcpus": "2", "ram": 4096, "os_extra_specs": specs}]
        (file := tmp_path / "flavors.json").write_text(json.dumps({"flavors": flavors}))
        options = ("--ecs", str(file), "--operation", "create_ecs", "--select", "flavor.on-sale")
        assert [run("check", *options, *zone).exit_code for zone in ([], ["--az", "az0"], ["--az", "az1"])] == [3, 0, 1]

    def test_a_request_says_the_zone_in_which_its_flavor_has_to_be_on_sale(self, run: Run, tmp_path: Path) -> None:
        specs = {"cond:operation:az": "az0(normal), az1(normal)", "cond:operation:status": "abandon"}
        flavors = [{"id": "zz9.large.2", "vcpus": "2", "ram": 4096, "os_extra_specs": specs}]
        (file := tmp_path / "flavors.json").write_text(json.dumps({"flavors": flavors}))
        options = ("--ecs", str(file), "--ecs", str(request := tmp_path / "create.json"), "--select", "flavor.on-sale")
        for asked, code in ((None, 3), ("az0", 0), ("az2", 1)):  # a zone that is not listed has the flavor's own status
            server = {"imageRef": "11", "flavorRef": "zz9.large.2", "name": "web", "availability_zone": asked}
            request.write_text(json.dumps({"server": server}))
            assert run("check", *options).exit_code == code
        assert run("check", *options, "--az", "az1").exit_code == 0, "what the option says counts more"

    @pytest.mark.parametrize("zone", [" az0", "az0,az1", "null", "-", "$AZ", "az 0"])
    @pytest.mark.parametrize("way", [("--az", ""), ("--set", "ecs.availability_zone=")])
    def test_no_flavor_is_off_sale_where_no_zone_is_called_so(
        self, run: Run, tmp_path: Path, zone: str, way: tuple[str, str]
    ) -> None:
        specs = {"cond:operation:az": "az0(normal)", "cond:operation:status": "abandon"}
        flavors = [{"id": "s6.large.2", "vcpus": "2", "ram": 4096, "os_extra_specs": specs}]
        (file := tmp_path / "flavors.json").write_text(json.dumps({"flavors": flavors}))
        options = ("--ecs", str(file), "--operation", "create_ecs", "--select", "flavor.on-sale")
        result = run("check", *options, way[0], way[1] + zone)
        assert result.exit_code == 2
        assert f"ecs.availability_zone: not an availability zone: '{zone}'; expected one, such as" in result.stderr

    @pytest.mark.parametrize("verb", ["check", "audit", "suggest"])
    def test_an_empty_zone_is_none(self, run: Run, images: Path, verb: str) -> None:
        file = f"{images}#11111111-aaaa-4000-8000-000000000001"
        images_of = [str(images)] if verb == "audit" else ["--image", file]
        flavor = ["--like" if verb == "suggest" else "--flavor", "c7n.large.2"]
        result = run(verb, *images_of, *flavor, "--operation", "create_ecs", "--az", "")
        assert result.exit_code == 2
        assert "not an availability zone: ''" in result.stderr

    @pytest.mark.parametrize("asked", [("--az", "cn-east-3a"), ("--set", "ecs.availability_zone=cn-east-3a")])
    def test_the_zone_that_the_caller_asks_for_is_the_request_s_in_all_that_is_said(
        self, run: Run, tmp_path: Path, asked: tuple[str, str]
    ) -> None:
        specs = {"cond:operation:az": "cn-north-4a(normal), cn-east-3a(sellout)", "cond:operation:status": "abandon"}
        flavors = [{"id": "zz9.large.2", "vcpus": "2", "ram": 4096, "os_extra_specs": specs}]
        (file := tmp_path / "flavors.json").write_text(json.dumps({"flavors": flavors}))
        server = {"imageRef": "11", "flavorRef": "zz9.large.2", "name": "web", "availability_zone": "cn-north-4a"}
        (request := tmp_path / "create.json").write_text(json.dumps({"server": server}))
        options = ("--ecs", str(file), "--ecs", str(request), *asked, "--format", "json", "--explain")
        result = run("check", *options)
        (verdict,) = json.loads(result.stdout)["verdicts"]
        facts = {name: each["value"] for name, each in verdict["facts"].items()}
        assert (facts["ecs.availability_zone"], facts["ecs.region"]) == ("cn-east-3a", "cn-east-3")
        assert facts["ecs.flavor_status"] == "sellout"
        assert (
            "asks for availability zone 'cn-north-4a'; 'cn-east-3a', which the caller asks for, counts" in result.stderr
        )

    def test_an_operation_that_overrules_a_requests_is_said(self, run: Run, tmp_path: Path) -> None:
        (request := tmp_path / "change.json").write_text('{"os-change": {"imageid": "11"}}')
        result = run("check", "--ecs", str(request), "--operation", "create_ecs", "--select", "type")
        assert "asks for change_os; --operation create_ecs counts" in result.stderr
        result = run("check", "--ecs", str(request), "--operation", "change_os", "--select", "type")
        assert result.stderr == ""

    def test_a_hash_in_a_file_name_is_part_of_it(self, run: Run, images: Path) -> None:
        images.rename(file := images.with_name("images#1.json"))
        assert run("check", "--image", str(file), "--operation", "share").exit_code == 3
        result = run("check", "--image", f"{file}#web-bios", "--operation", "share")
        assert "web-bios (1111" in result.stdout

    def test_v_shows_what_is_not_used_on_stderr(self, run: Run, images: Path) -> None:
        content = json.loads(images.read_text())
        content["images"][0]["__new_attribute"] = "7\x1b"
        images.write_text(json.dumps(content))
        quiet = run("check", "--image", f"{images}#web-uefi", "--operation", "share")
        verbose = run("check", "--image", f"{images}#web-uefi", "--operation", "share", "-v")
        assert "__new_attribute = " not in quiet.output
        assert "images.json: read as ims, 2 objects; not recognised: '__new_attribute'\n" in quiet.stderr
        assert "not recognised: __new_attribute = " in verbose.stderr
        assert "\x1b" not in verbose.stderr
        assert quiet.stdout == verbose.stdout

    def test_tables_go_to_standard_output_as_to_a_file(self, run: Run, images: Path, tmp_path: Path) -> None:
        asked = ("check", "--image", str(images), "--operation", "share")
        run(*asked, "-o", str(tmp_path / "verdicts.parquet"))
        shown = run(*asked, "--format", "parquet")
        assert pq.read_table(io.BytesIO(shown.stdout_bytes)) == pq.read_table(tmp_path / "verdicts.parquet")

    def test_an_attribute_that_is_misspelt_is_told_with_what_it_nearly_is(self, run: Run, images: Path) -> None:
        content = json.loads(images.read_text())
        first = content["images"][0]
        first["statsu"] = first.pop("status")
        images.write_text(json.dumps(content))
        strict = run("check", "--image", f"{images}#web-uefi", "--operation", "share", "--strict")
        assert "'statsu' is nearly status" in strict.stderr  # a service may have such an attribute, so it is no error
        assert strict.exit_code != 2


class TestOutput:
    def test_json_is_the_verdict_of_the_python_interface(self, lamp: Run, lamps: Pack) -> None:
        import imagefit

        result = lamp("--operation", "lend", "--set", "lamp.status=broken", "--format", "json")
        expected = imagefit.check({"lamp.status": "broken"}, operation="lend", pack=lamps)
        found = verdict_of(result.stdout)
        assert {name: found[name] for name in expected.to_dict(plans=3) if name != "rules"} == {
            name: value for name, value in expected.to_dict(plans=3).items() if name != "rules"
        }
        assert [rule["rule"] for rule in found["rules"]] == [rule.rule for rule in expected.rules]
        assert result.stderr == ""

    def test_every_option_for_a_missing_fact_is_one_that_works(self, built_in: Pack) -> None:
        for field in built_in.fields.values():
            name, _, placeholder = flag(field).removeprefix("--set ").partition("=")
            values = ["1"] if placeholder.isupper() else placeholder.removesuffix("|...").split("|")
            if field.type is FieldType.STRING_SET:
                values = ["[]", ";".join(field.values or (("a=b", "c=d") if field.elements else ("A", "B")))]
            for value in values:
                assert name in parse_facts([f"{name}={value}"], built_in)

    def test_the_option_for_a_set_says_how_nothing_is_written(self, built_in: Pack) -> None:
        wanted = "--set ecs.required_image_attributes='[]'|'NAME=VALUE;...'"
        assert flag(built_in.field("ecs.required_image_attributes")) == wanted

    @pytest.mark.parametrize("text", ["[]", "none"])
    def test_both_words_for_nothing_are_an_empty_set(self, text: str, built_in: Pack) -> None:
        given = parse_facts([f"ecs.required_image_attributes={text}"], built_in)
        assert given == {"ecs.required_image_attributes": frozenset()}

    def test_what_is_no_name_with_a_value_is_refused(self, run: Run) -> None:
        result = run("check", "--operation", "change_os", "--set", "ecs.required_image_attributes=nothing")
        assert result.exit_code == 2
        assert "expected a set of name=value (a JSON list, or text separated by ';'; [] if there is none)" in (
            " ".join(result.stderr.split())
        )

    def test_the_missing_facts_and_their_options_agree(self, run: Run, built_in: Pack) -> None:
        text = run("check", "--operation", "create_ecs").stdout
        data = verdict_of(run("check", "--operation", "create_ecs", "--format", "json").stdout)
        flags = [line.split("--set ")[1].split("=")[0] for line in text.split("\n") if line.startswith("  --set ")]
        assert flags == data["missing"]

    def test_a_hostile_name_can_not_act_on_the_terminal(self, run: Run, images: Path) -> None:
        images.write_text(images.read_text().replace("web-uefi", "a\\u001b[2Jb\\u202ec\\u009b"))
        for output_format in ("text", "json"):
            output = run(
                "check", "--image", str(images), "--operation", "share", "--format", output_format, "-v"
            ).output
            assert not set(output) & {"\x1b", "\u202e", "\x9b"}

    @pytest.mark.parametrize("options", [[], ["--explain"], ["--all-rules"], ["--all-rules", "--explain"]])
    def test_text_is_at_most_80_columns_wide(self, run: Run, images: Path, options: list[str]) -> None:
        where = ("--image", str(images), "--flavor", NPU_FLAVOR, "--operation", "create_ecs")
        result = run("check", *where, *options, env={"COLUMNS": "80"})
        assert max(map(cell_width, result.stdout.split("\n"))) <= 80


def test_a_planned_image_that_is_not_among_those_given_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "images.json").write_text(json.dumps({"images": [{"id": "another", "status": "active"}]}))
    line = ["check", str(Path(__file__).parents[2] / "data" / "samples" / "tfplan.json"), "--explain"]
    alone = " ".join(run(*line).stdout.split())
    beside = " ".join(run(*line, "--image", str(tmp_path / "images.json")).stdout.split())
    assert ("no image is given" in alone, "is not among those that are given" in alone) == (True, False)
    assert ("no image is given" in beside, "is not among those that are given" in beside) == (False, True)
