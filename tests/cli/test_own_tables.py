"""Tables of one's own on the command line, in all three verbs."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

SHARED = ["--operation", "share", "--select", "status", "--fail-on", "never"]


@pytest.fixture
def excel(tmp_path: Path) -> Path:
    """What Excel writes in China: GBK, and a list separator of the system's."""
    path = tmp_path / "镜像.csv"
    path.write_bytes("id;备注;image.status\r\na;镜像;active\r\nb;国;queued\r\n".encode("gbk"))
    return path


@pytest.fixture
def theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in with a table that has names of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inventory.csv").write_text("id,Zustand,CPU Typ\na,aktiv,arm64\nb,queued,x86\n")
    return tmp_path


MAPPED = ["--map", "Zustand=image.status", "--map-value", "image.status:aktiv=active"]
CPU = ["--map", "CPU Typ=image.architecture", "--map-value", "image.architecture:x86=x86_64"]

PROJECT = """
[map]
Zustand = "image.status"
"CPU Typ" = "image.architecture"
elsewhere = "ecs.account"

[map-value]
image.status.aktiv = "active"
"image.architecture" = {"x86" = "x86_64"}
"""


class TestNames:
    @pytest.mark.parametrize("way", ["options", "project file", "environment"])
    def test_all_verbs_read_them(self, run: Run, theirs: Path, way: str) -> None:
        said = [*MAPPED, *CPU] if way == "options" else []
        env = {}
        if way == "project file":
            (theirs / "imagefit.toml").write_text(PROJECT)
        if way == "environment":
            env["IMAGEFIT_MAP"] = "Zustand=image.status\nCPU Typ=image.architecture"
            env["IMAGEFIT_MAP_VALUE"] = "image.status:aktiv=active\nimage.architecture:x86=x86_64"
        result = run("check", "inventory.csv", *said, *SHARED, "--format", "json", env=env)
        verdicts = json.loads(result.stdout)["verdicts"]
        assert [(v["key"], v["verdict"]) for v in verdicts] == [("a", "compatible"), ("b", "incompatible")]
        result = run("audit", "inventory.csv", *said, *SHARED, "-o", "out.jsonl", env=env)
        lines = [json.loads(line) for line in (theirs / "out.jsonl").read_text().splitlines()]
        assert [line["verdict"] for line in lines] == ["compatible", "incompatible"]
        line = ["match", "inventory.csv", "--flavor", "c7n.large.2", "--operation", "create_ecs", "--select"]
        result = run(*line, "arch.matches", *said, "--fitting", "fits.jsonl", env=env)
        assert [json.loads(pair)["image"] for pair in (theirs / "fits.jsonl").read_text().splitlines()] == ["b"]
        assert "elsewhere" not in result.stderr  # a project's map is for all its tables

    @pytest.mark.parametrize("way", ["options", "project file"])
    def test_suggest_reads_them(self, run: Run, theirs: Path, way: str) -> None:
        said = [*MAPPED, *CPU] if way == "options" else []
        if way == "project file":
            (theirs / "imagefit.toml").write_text(PROJECT)
        line = ["suggest", "--image", "inventory.csv", "--flavor", "c7n.large.2", "--select", "arch,status"]
        found = json.loads(run(*line, *said, "--format", "json").stdout)
        assert found["counts"] == {"fitting": 0, "undecided": 0, "one_step": 1, "others": 1}
        assert [each["key"] for each in found["one_step"]] == ["b"]  # x86, but queued; the other is for ARM
        assert found["reasons"] == {"arch.matches": 1}

    def test_suggest_reads_them_for_a_request(self, run: Run, theirs: Path) -> None:
        (theirs / "create.json").write_text('{"server": {"imageRef": "b", "flavorRef": "c7n.large.2", "name": "n"}}')
        line = ["suggest", "--request", "create.json", "--image", "inventory.csv", "--select", "arch", *MAPPED]
        assert run(*line, *CPU, "--format", "json").exit_code == 0
        wrong = run(*line, "--map", "CPU=image.architecture")
        assert wrong.exit_code == 2
        assert "--map: no table has this column: 'CPU'; expected one of CPU Typ, Zustand" in wrong.stderr

    def test_a_project_file_to_begin_with_has_them(self, run: Run, theirs: Path) -> None:
        (theirs / "inventory.csv").write_text("id,Region,Zustand\na,cn-north-4,aktiv\n")
        result = run("config", "init", "inventory.csv", "--map", "Region=image.region", *MAPPED)
        assert result.exit_code == 0
        found = tomllib.loads((theirs / "imagefit.toml").read_text())
        assert found["set"] == {"image": {"region": "cn-north-4"}}
        assert found["map"] == {"Region": "image.region", "Zustand": "image.status"}
        assert found["map-value"] == {"image.status": {"aktiv": "active"}}
        result = run("check", "inventory.csv", *SHARED, "--format", "json")
        assert json.loads(result.stdout)["verdicts"][0]["verdict"] == "compatible"
        assert run("config", "init", "inventory.csv", "--map", "Regio=image.region", "-o", "-").exit_code == 2

    @pytest.mark.parametrize("verb", ["check", "audit", "match"])
    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (["--map", "Zustand=image.stat"], "--map: unknown fact: 'image.stat'; did you mean 'image.status'?"),
            (["--map", "Zustnd=image.status"], "no table has this column: 'Zustnd'; expected one of CPU Typ,"),
            (["--map", "Zustand"], "--map: no column with its fact: 'Zustand'; expected COLUMN=FACT"),
            (["--map-value", "image.status:aktiv"], "--map-value: no value of a fact"),
            ([*MAPPED[:3], "image.status:aktiv=activ"], "--map-value, image.status: not a value of this fact: 'activ'"),
            ([*MAPPED, "--map-value", "image.status:aktiv=queued"], "image.status:aktiv is given two values"),
            ([*MAPPED, "--map", "CPU Typ=image.status"], "Zustand and CPU Typ: two columns state image.status"),
            (MAPPED[:2], "inventory.csv, row 1, Zustand (image.status): not a value of this fact: 'aktiv'"),
        ],
    )
    def test_mistakes_are_named(self, run: Run, theirs: Path, verb: str, options: list[str], said: str) -> None:
        flavor = [] if verb == "audit" else ["--flavor", "c7n.large.2"]
        result = run(verb, "inventory.csv", *options, *flavor, "--operation", "create_ecs")
        assert (result.exit_code, result.stdout) == (2, "")
        assert said in result.stderr

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ('[map]\nZustand = "image.stat"', "imagefit.toml:2: unknown fact: 'image.stat'"),
            ("[map]\nZustand = 3", "imagefit.toml:2:1, map.Zustand: not a text: '3'"),
            ('[map-value]\nimage.status.aktiv = "activ"', "imagefit.toml:2, image.status: not a value of this fact"),
        ],
    )
    def test_mistakes_of_the_project_file_are_at_their_line(self, run: Run, theirs: Path, line: str, said: str) -> None:
        (theirs / "imagefit.toml").write_text(line)
        result = run("audit", "inventory.csv", "--operation", "share")
        assert result.exit_code == 2
        assert said in result.stderr

    @pytest.mark.parametrize("options", [MAPPED, ["--encoding", "gbk"], ["--delimiter", ";"]])
    def test_nothing_of_it_is_passed_over_where_a_database_reads(
        self, run: Run, theirs: Path, options: list[str]
    ) -> None:
        result = run("audit", "inventory.csv", "--on", "duckdb", *options, "--operation", "share", "-o", "out")
        assert result.exit_code == 2
        assert options[0] in result.stderr

    def test_a_late_key_of_json_lines_is_looked_for_at_the_end(self, run: Run, theirs: Path) -> None:
        rows = [{"id": n, "Zustand": "active"} for n in range(20_000)]
        (theirs / "rows.jsonl").write_text("\n".join(map(json.dumps, [*rows, {"id": "z", "late": "arm64"}])))
        line = ["audit", "rows.jsonl", "--operation", "share", "-o", "out.jsonl", "--map", "Zustand=image.status"]
        result = run(*line, "--map", "late=image.architecture", "--fail-on", "never")
        assert (result.exit_code, (theirs / "out.jsonl").exists()) == (0, True)
        (theirs / "out.jsonl").unlink()
        result = run(*line, "--map", "lat=image.architecture")
        assert (result.exit_code, (theirs / "out.jsonl").exists()) == (2, False)
        assert (
            "no table has this column: 'lat'; expected one of Zustand, id, late; did you mean 'late'?" in result.stderr
        )


class TestWhatSeparatesCellsAndWhatTextIsWrittenIn:
    def test_check(self, run: Run, excel: Path) -> None:
        result = run("check", str(excel), "--encoding", "gbk", *SHARED, "--format", "json")
        verdicts = json.loads(result.stdout)["verdicts"]
        assert [(v["key"], v["verdict"]) for v in verdicts] == [("a", "compatible"), ("b", "incompatible")]

    def test_audit(self, run: Run, excel: Path, tmp_path: Path) -> None:
        result = run("audit", str(excel), "--encoding", "gbk", *SHARED, "-o", str(tmp_path / "out.csv"))
        assert result.exit_code == 0
        rows = csv.reader(io.StringIO((tmp_path / "out.csv").read_text("utf-8")))
        assert [row[:4] for row in rows][1:] == [
            ["a", "镜像", "active", "compatible"],
            ["b", "国", "queued", "incompatible"],
        ]

    def test_match(self, run: Run, excel: Path, tmp_path: Path) -> None:
        line = ["match", "--images", str(excel), "--flavor", "c7n.large.2", "--encoding", "gbk", "--delimiter", ";"]
        result = run(*line, "--operation", "create_ecs", "--select", "status", "--fitting", str(tmp_path / "f.jsonl"))
        assert result.exit_code == 0
        assert [json.loads(pair)["image"] for pair in (tmp_path / "f.jsonl").read_text().splitlines()] == ["a"]

    @pytest.mark.parametrize("verb", ["check", "audit", "match"])
    @pytest.mark.parametrize(
        ("option", "value", "said"),
        [
            ("--encoding", "gbkk", "--encoding: unknown encoding: 'gbkk'; expected one of big5, cp1250,"),
            ("--delimiter", "ab", "--delimiter: nothing that separates cells: 'ab'"),
            ("--delimiter", '"', "--delimiter: nothing that separates cells"),
        ],
    )
    def test_what_can_not_be_is_a_usage_error(
        self, run: Run, excel: Path, verb: str, option: str, value: str, said: str
    ) -> None:
        result = run(verb, str(excel), option, value, "--operation", "share")
        assert result.exit_code == 2
        assert said in result.stderr

    def test_an_encoding_to_try_is_named(self, run: Run, excel: Path) -> None:
        result = run("check", str(excel), *SHARED)
        assert result.exit_code == 2
        assert "not UTF-8 at byte 3" in result.stderr
        assert "or what --encoding says, such as gbk" in result.stderr

    def test_a_finding_is_at_its_line(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text('sep=;\nid;note;image.status\na;"1\n2";active\nb;;queued\n')
        result = run("check", str(tmp_path / "t.csv"), *SHARED, "--format", "github")
        assert "t.csv,line=5" in result.stdout
