"""The project file: `imagefit.toml`, or `[tool.imagefit]`, and the environment above it."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from click.testing import Result
from tests.checked import verdict

from imagefit.cli.config_init import Found, project_text

Run = Callable[..., Result]
ROOT = Path(__file__).parents[2]
FLAVORS = {
    "flavors": [
        {
            "id": f"c7n.{size}.2",
            "name": f"c7n.{size}.2",
            "vcpus": "2",
            "ram": 4096,
            "os_extra_specs": {
                "ecs:performancetype": "computingv3",
                "ecs:instance_architecture": "x86_64",
                "ecs:generation": "c7n",
                "hw:numa_nodes": "1",
                "resource_type": "IOoptimizedS3_2",
                "cond:operation:status": "normal",
            },
        }
        for size in ("large", "xlarge")
    ]
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write a project file and go to its folder, or to one below it."""

    def write(text: str, *, name: str = "imagefit.toml", below: str = "") -> Path:
        folder = tmp_path / "project"
        (folder / below).mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
        monkeypatch.chdir(folder / below)
        return folder

    return write


def settings(run: Run, **env: str) -> dict[str, tuple[str | None, str]]:
    shown = json.loads(run("config", "show", "--format", "json", env=env).stdout)
    return {line["setting"]: (line["value"], line["where"]) for line in shown["settings"]}


def first_line(result: Result) -> str:
    return result.stdout.splitlines()[0]


class TestWhatCounts:
    def test_a_command_takes_from_the_file_what_it_is_not_told(self, run: Run, project) -> None:
        project('operation = "share"\n[set]\nimage.published_in_koogallery = true\n')
        result = run("check")
        assert first_line(result).startswith("INCOMPATIBLE: share the image")
        assert result.exit_code == 1

    def test_the_environment_counts_before_the_file_and_an_option_before_both(self, run: Run, project) -> None:
        project('operation = "share"\n')
        said = {"IMAGEFIT_OPERATION": "export"}
        assert ": share the image" in first_line(run("check"))
        assert ": export" in first_line(run("check", env=said))
        assert ": publish" in first_line(run("check", "--operation", "publish", env=said))

    def test_facts_are_completed_and_one_that_is_given_again_is_what_is_given(self, run: Run, project) -> None:
        project('operation = "share"\n[set]\nimage.published_in_koogallery = true\nimage.region = "cn-north-4"\n')
        assert run("check", "--set", "image.visibility=private").exit_code == 1
        assert run("check", "--set", "image.published_in_koogallery=false").exit_code == 3

    def test_facts_may_be_written_with_and_without_quotes_and_as_lists(self, run: Run, project) -> None:
        project(
            '[set]\n"ecs.account" = "007"\nimage.published_in_koogallery = false\nimage.shared_with = ["007", "008"]\n'
        )
        found = settings(run)
        assert found["set.ecs.account"] == ("007", "imagefit.toml:2")
        assert found["set.image.published_in_koogallery"] == ("false", "imagefit.toml:3")
        assert found["set.image.shared_with"] == ("007; 008", "imagefit.toml:4")

    def test_of_the_environment_several_values_stand_on_lines_of_their_own(self, run: Run) -> None:
        env = {"IMAGEFIT_SET": "image.published_in_koogallery=true\nimage.os_version=Windows Server 2019\n"}
        assert run("check", "--operation", "share", env=env).exit_code == 1
        wrong = run(
            "check", "--operation", "share", env={"IMAGEFIT_SET": "image.published_in_koogallery=true image.region=a"}
        )
        assert wrong.exit_code == 2
        assert "IMAGEFIT_SET takes one FACT=VALUE a line" in wrong.stderr

    def test_every_option_has_a_variable(self, run: Run, images: Path) -> None:
        env = {"IMAGEFIT_FORMAT": "json", "IMAGEFIT_IMAGE": f"{images}#web-bios", "IMAGEFIT_FAIL_ON": "never"}
        result = run("check", "--operation", "share", env=env)
        assert verdict(result.stdout)["image"]["name"] == "web-bios"
        assert result.exit_code == 0

    def test_what_a_request_asks_for_counts_before_the_operation_of_the_file(self, run: Run, project) -> None:
        folder = project('operation = "share"\n')
        request = {"server": {"name": "web", "flavorRef": "c7n.large.2", "imageRef": "5f2c", "vpcid": "v"}}
        (folder / "create.json").write_text(json.dumps(request))
        assert "create an ECS" in first_line(run("check", "--ecs", "create.json"))

    def test_rows_say_their_own_operation_before_the_file(self, run: Run, project) -> None:
        folder = project('operation = "share"\n')
        (folder / "rows.csv").write_text("operation,image.published_in_koogallery\nexport,true\n")
        (folder / "bare.csv").write_text("image.published_in_koogallery\ntrue\n")
        assert "export" in run("audit", "rows.csv", "--format", "csv").stdout
        assert "sharing" in run("audit", "bare.csv", "--format", "csv").stdout

    def test_the_pack_at_imagefit_itself_counts_before_the_file(self, run: Run, project) -> None:
        project('pack = "open-telekom-cloud"\n')
        assert "open-telekom-cloud" in run("--version").stdout
        assert "huawei-ims-intl" in run("--pack", "huawei-ims-intl", "--version").stdout
        shown = run("--pack", "huawei-ims-intl", "check", "--operation", "share", "--format", "json").stdout
        assert '"huawei-ims-intl"' in shown

    def test_without_it_nothing_of_the_file_counts(self, run: Run, project) -> None:
        project('operation = "nonsense"\npack = "nowhere"\n')
        for arguments in (("--no-config", "check"), ("check", "--no-config")):
            assert run(*arguments, "--operation", "share").exit_code == 3

    @pytest.mark.parametrize("line", [("facts", "image.region"), ("suggest", "--flavor", "x"), ("rules", "list")])
    def test_no_verb_needs_it_to_stand_before(self, run: Run, project, line: tuple[str, ...]) -> None:
        project('pack = "nowhere"\n')
        assert "nowhere" in run(*line).stderr
        ends = [run(*arguments) for arguments in (("--no-config", *line), (*line, "--no-config"))]
        assert ends[0].output == ends[1].output and "nowhere" not in ends[0].output


class TestInputs:
    def test_the_lists_are_used_where_a_command_names_none(self, run: Run, project, images: Path) -> None:
        folder = project('operation = "create_ecs"\n[inputs]\nimages = "images.json"\necss = "flavors.json"\n')
        (folder / "images.json").write_bytes(images.read_bytes())
        (folder / "flavors.json").write_text(json.dumps(FLAVORS))
        assert "4 checked" in run("check").stderr
        assert "2 rows" in run("audit", "--operation", "share").stdout + run("audit", "--operation", "share").stderr
        assert "4 pairs" in run("match").stdout

    def test_flavors_are_not_paired_where_an_operation_looks_at_no_ecs(self, run: Run, project, images: Path) -> None:
        folder = project('[inputs]\nimages = "images.json"\necss = "flavors.json"\n')
        (folder / "images.json").write_bytes(images.read_bytes())
        (folder / "flavors.json").write_text(json.dumps(FLAVORS))
        assert "2 checked" in run("check", "--operation", "share").stderr

    def test_a_list_is_named_by_its_name_and_one_of_its_records_by_id(self, run: Run, project, images: Path) -> None:
        folder = project('[inputs]\nproduction = "lists/images.json"\n')
        (folder / "lists").mkdir()
        (folder / "lists" / "images.json").write_bytes(images.read_bytes())
        assert "2 checked" in run("check", "--image", "production", "--operation", "share").stderr
        assert "web-bios" in run("check", "--image", "production#web-bios", "--operation", "share").stdout

    @pytest.mark.parametrize("verb", ["check", "audit", "match"])
    def test_a_list_that_is_not_there_is_told_with_the_line_that_names_it(
        self, run: Run, project: Callable[..., Path], verb: str
    ) -> None:
        project('operation = "create_ecs"\n[inputs]\nimages = "nowhere.json"\necss = "nowhere-either.json"\n')
        result = run(verb)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == "imagefit: imagefit.toml:3, images: there is no such file: 'nowhere.json'\n"

    def test_a_file_is_a_file_whatever_the_lists_are_called(self, run: Run, project, images: Path) -> None:
        folder = project('[inputs]\nproduction = "nowhere.json"\n')
        (folder / "production").write_bytes(images.read_bytes())
        assert "2 checked" in run("check", "--image", "production", "--operation", "share").stderr

    def test_a_request_is_completed_by_the_flavors_of_the_project(self, run: Run, project, images: Path) -> None:
        folder = project('[inputs]\nimages = "images.json"\necss = "flavors.json"\n')
        (folder / "images.json").write_bytes(images.read_bytes())
        (folder / "flavors.json").write_text(json.dumps(FLAVORS))
        image = "11111111-aaaa-4000-8000-000000000002"
        request = {"server": {"name": "web", "flavorRef": "c7n.xlarge.2", "imageRef": image, "vpcid": "v"}}
        (folder / "create.json").write_text(json.dumps(request))
        result = run("check", "--ecs", "create.json", "--explain")
        assert "web-bios" in result.stdout
        assert "ecs.architecture" in result.stdout
        assert "says nothing of flavor" not in result.stdout


class TestWhereItStands:
    def test_one_above_the_working_folder_is_used_and_named_with_what_it_decides(self, run: Run, project) -> None:
        project(
            'operation = "share"\nfail-on = "never"\n[set]\nimage.published_in_koogallery = true\n', below="deep/er"
        )
        result = run("check")
        assert result.exit_code == 0
        above = os.path.join("..", "..", "imagefit.toml")
        assert (
            f"imagefit: {above}: sets operation, set image.published_in_koogallery (--no-config leaves it out)"
            in result.stderr
        )

    def test_one_beside_is_used_without_a_word(self, run: Run, project) -> None:
        project('operation = "share"\n')
        assert "imagefit.toml" not in run("check").stderr

    def test_pyproject_serves_too_where_it_has_the_table(self, run: Run, project) -> None:
        folder = project('[project]\nname = "x"\n[tool.imagefit]\noperation = "share"\n', name="pyproject.toml")
        assert ": share the image" in first_line(run("check"))
        (folder / "inner").mkdir()
        (folder / "inner" / "pyproject.toml").write_text('[project]\nname = "y"\n')
        os.chdir(folder / "inner")
        assert ": share the image" in first_line(run("check"))

    @pytest.mark.parametrize(
        "text",
        [
            '[tool]\nimagefit = { operation = "share" }\n',
            '[tool]\n[tool."imagefit"]\noperation = "share"\n',
            '[ tool . imagefit ]\noperation = "share"\n',
            '["tool"."imagefit"]\noperation = "share"\n',
            'tool = { imagefit = { operation = "share" } }\n',
            'tool.imagefit.operation = "share"\n',
            '"tool".imagefit = { operation = "share" }\n',
            '["t\\u006fol".imagefit]\noperation = "share"\n',
            '["t\\U0000006fol".imagefit]\noperation = "share"\n',
        ],
    )
    def test_the_table_is_found_however_toml_lets_it_be_written(self, run: Run, project, text: str) -> None:
        project(text, name="pyproject.toml")
        assert ": share the image" in first_line(run("check"))

    def test_a_mistake_in_the_part_of_others_is_theirs_to_tell(self, run: Run, project) -> None:
        project('[project]\ndependencies = ["imagefit"\n', name="pyproject.toml")
        assert ": share the image" in first_line(run("check", "--operation", "share"))

    def test_suggest_takes_its_lists_by_their_names_too(self, run: Run, project, images: Path) -> None:
        folder = project('[inputs]\nimages = "images.json"\nshop = "images.json"\n')
        (folder / "images.json").write_bytes(images.read_bytes())
        named = run("suggest", "--image", "shop", "--flavor", "c7n.xlarge.2")
        assert named.exit_code == 0
        assert named.stdout.splitlines()[0] == "Which image of shop for c7n.xlarge.2"
        listed = run("suggest", "--flavor", "c7n.xlarge.2")
        assert listed.stdout.splitlines()[1:] == named.stdout.splitlines()[1:]

    def test_suggest_uses_its_lists_where_none_is_named(self, run: Run, project, images: Path) -> None:
        folder = project('[inputs]\nimages = "images.json"\necss = "flavors.json"\n')
        (folder / "images.json").write_bytes(images.read_bytes())
        (folder / "flavors.json").write_text(json.dumps(FLAVORS))
        flavors = run("suggest", "--image", "images.json#web-uefi", "--select", "arch").stdout
        assert flavors.splitlines()[0] == "Which flavor of flavors.json for images.json#web-uefi"
        assert "  c7n.large.2\n  c7n.xlarge.2\n" in flavors
        images_of = run("suggest", "--flavor", "c7n.large.2", "--select", "arch").stdout
        assert images_of.splitlines()[0] == "Which image of images.json for c7n.large.2"

    def test_suggest_repairs_a_request_by_its_lists(self, run: Run, project, images: Path) -> None:
        folder = project('[inputs]\nimages = "images.json"\necss = "flavors.json"\n')
        (folder / "images.json").write_bytes(images.read_bytes())
        sold_out = json.loads(json.dumps(FLAVORS))
        sold_out["flavors"][0]["os_extra_specs"]["cond:operation:status"] = "sellout"
        (folder / "flavors.json").write_text(json.dumps(sold_out))
        (image,) = (each["id"] for each in json.loads(images.read_text())["images"] if each["name"] == "web-uefi")
        server = {
            "name": "w",
            "imageRef": image,
            "flavorRef": "c7n.large.2",
            "vpcid": "v",
            "nics": [{"subnet_id": "s"}],
        }
        (folder / "create.json").write_text(json.dumps({"server": {**server, "root_volume": {"volumetype": "SSD"}}}))
        line = ("suggest", "--request", "create.json", "--select", "arch,flavor.on-sale", "--format", "json")
        found = json.loads(run(*line).stdout)
        assert found["failed"] == ["flavor.on-sale"]
        assert [each["patch"] for each in found["repairs"]] == [{"server": {"flavorRef": "c7n.xlarge.2"}}]

    def test_one_above_names_nothing_outside_its_folder(self, run: Run, project) -> None:
        project('[inputs]\nimages = "../secret.json"\n', below="inner")
        result = run("check", "--operation", "share")
        assert result.exit_code == 2
        assert "names only what is below its own folder" in result.stderr

    def test_its_paths_are_of_its_own_folder(self, run: Run, project, images: Path) -> None:
        folder = project('[inputs]\nimages = "images.json"\n', below="inner")
        (folder / "images.json").write_bytes(images.read_bytes())
        assert "2 checked" in run("check", "--operation", "share").stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('operations = "share"\n', "imagefit.toml:1:1: unknown setting: 'operations'"),
        ('fail-on = "warnings"\n', "imagefit.toml:1:1, fail-on: unknown value: 'warnings'"),
        ("[set]\n  ecs.account = 1.5\n", "imagefit.toml:2:3, set.ecs.account: not a fact's value"),
        ('\n[set]\necs.acount = "a"\n', "imagefit.toml:3: unknown fact: 'ecs.acount'; did you mean 'ecs.account'?"),
        ('[set]\necs.billing = "spt"\n', "imagefit.toml:2, ecs.billing: not a value of this fact: 'spt'"),
        ("select = 1\n", "imagefit.toml:1:1, select: not a text or a list of texts"),
        ("inputs = 1\n", "imagefit.toml:1:1, inputs: not a table of lists by name"),
        (
            '[set]\n"ecs.account" = "a"\necs.account = "b"\n',
            "imagefit.toml:2:1, set.ecs.account: twice, once in quotes",
        ),
        ("# \u2028\x85\n[set]\n  ecs.account = 1.5\n", "imagefit.toml:3:3, set.ecs.account: not a fact's value"),
        ("set = 1\n", "imagefit.toml:1:1, set: not a table of facts"),
        ("pack = true\n", "imagefit.toml:1:1, pack: not a text"),
        ("operation = \n", "imagefit.toml:1:13: no TOML"),
        ("a = 1\na = 2\n", "no TOML"),
    ],
)
def test_a_mistake_is_named_with_its_place(run: Run, project, text: str, said: str) -> None:
    project(text)
    result = run("check", "--operation", "share")
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_mark_in_front_of_the_text_is_none_of_it(run: Run, project, images: Path) -> None:
    folder = project("")
    (folder / "images.json").write_bytes(images.read_bytes())
    (folder / "imagefit.toml").write_bytes(b'\xef\xbb\xbfoperation = "share"\n')
    assert "2 checked" in run("check", "--image", "images.json").stderr


def test_a_file_that_is_no_text_is_refused(run: Run, project) -> None:
    folder = project("")
    (folder / "imagefit.toml").write_bytes(b'operation = "\xff"\n')
    result = run("check")
    assert result.exit_code == 2
    assert "imagefit.toml: not UTF-8" in result.stderr


class TestInit:
    def test_it_writes_what_the_payloads_say(self, run: Run, project, images: Path) -> None:
        folder = project("", name="other")
        (folder / "images.json").write_bytes(images.read_bytes())
        (folder / "flavors.json").write_text(json.dumps(FLAVORS))
        request = {
            "server": {
                "name": "web",
                "flavorRef": "c7n.large.2",
                "imageRef": "5f2c",
                "vpcid": "v",
                "extendparam": {"chargingMode": "prePaid", "regionID": "cn-north-4"},
            }
        }
        (folder / "create.json").write_text(json.dumps(request))
        result = run("config", "init", "images.json", "flavors.json", "create.json")
        assert result.exit_code == 0, result.stderr
        written = tomllib.loads((folder / "imagefit.toml").read_text())
        assert written["inputs"] == {"images": "images.json", "ecss": "flavors.json"}
        assert written["operation"] == "create_ecs"
        assert written["set"]["ecs"] == {"region": "cn-north-4"}
        assert written["assume"]["ecs"] == {"billing": "yearly_monthly"}
        assert run("config", "show").exit_code == 0
        spot = {"marketType": "spot", "regionID": "cn-north-4"}  # another request says itself how it is billed
        (folder / "spot.json").write_text(json.dumps({"server": {**request["server"], "extendparam": spot}}))
        (folder / "images.json").write_text(json.dumps([{"id": "5f2c", "image.visibility": "koogallery"}]))
        result = run("check", "--ecs", "spot.json", "--select", "billing")
        assert result.exit_code == 1 and "billing.spot-koogallery" in result.stdout

    def test_what_is_there_is_never_written_over(self, run: Run, project) -> None:
        folder = project('operation = "share"\n')
        result = run("config", "init")
        assert result.exit_code == 2
        assert "already" in result.stderr
        assert (folder / "imagefit.toml").read_text() == 'operation = "share"\n'

    def test_without_payloads_all_is_there_as_a_comment(self, run: Run, project) -> None:
        project("", name="other")
        assert tomllib.loads(run("config", "init", "-o", "-").stdout) == {"set": {}, "assume": {}, "inputs": {}}

    @pytest.mark.parametrize("hostile", ['a"b', "a\\b", "a\nb", "\x00\x7f", "\N{GRINNING FACE}", "'''"])
    def test_any_text_is_written_as_a_text(self, hostile: str) -> None:
        text = project_text(Found(inputs={"images": [hostile, "b"]}, operation=hostile, facts={"ecs.region": hostile}))
        found = tomllib.loads(text)
        assert found["operation"] == found["inputs"]["images"][0] == found["set"]["ecs"]["region"] == hostile


class TestShow:
    def test_each_setting_is_shown_with_its_place(self, run: Run, project) -> None:
        project('select = ["boot", "arch"]\n[set]\necs.account = "a"\n')
        found = settings(run, IMAGEFIT_FAIL_ON="never", IMAGEFIT_SET="ecs.account=b")
        assert found["select"] == ("boot, arch", "imagefit.toml:1")
        assert found["fail-on"] == ("never", "IMAGEFIT_FAIL_ON")
        assert found["set.ecs.account"] == ("b", "IMAGEFIT_SET")
        assert found["pack"] == ("the built-in pack", "default")

    def test_it_fits_a_terminal(self, run: Run, project) -> None:
        project('operation = "create_ecs"\n')
        lines = run("config", "show").stdout.splitlines()
        assert "  operation  create_ecs         imagefit.toml:1" in lines
        assert max(map(len, lines)) <= 80


def test_the_schema_is_kept_and_says_what_is_read(run: Run) -> None:
    kept = (ROOT / "schemas" / "project.json").read_text()
    assert run("config", "schema").stdout == kept
    check = jsonschema.Draft202012Validator(json.loads(kept))
    check.check_schema(json.loads(kept))
    right = tomllib.loads('select = "boot"\nfail-on = "never"\n[set]\necs.account = "a"\n[inputs]\nimages = ["a"]\n')
    assert check.is_valid(right)
    for wrong in ({"packs": "a"}, {"fail-on": "warnings"}, {"select": 1}, {"inputs": {"images": []}}):
        assert not check.is_valid(wrong)
