from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result

import imagefit
from imagefit.auditing import writing as audit_writing
from imagefit.reports.csvfile import neutralised
from readers.payloads import ims_image

Run = Callable[..., Result]

LINES = ("t.jsonl", '{"lamp.status": "working", "lamp.bse": "e27"}\n')
HEADER = "id,lamp.status,lamp.base,socket.base,note\n"
ROWS = HEADER + "=1+1,working,e27,e27,007\nb,broken,e14,e27,\nc,,e27,,x\n"
RESULTS = ["verdict", "failed_rules", "unknown_rules", "warnings", "missing_facts", "reasons"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "lamps.csv").write_text(ROWS)
    return tmp_path / "lamps.csv"


@pytest.fixture
def audit(run: Run, lamps_folder: Path) -> Run:
    """Run ``imagefit audit`` with the pack of another domain."""
    return lambda *arguments, **options: run("audit", "--pack", str(lamps_folder), *map(str, arguments), **options)


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestExitCodes:
    @pytest.mark.parametrize(
        ("fail_on", "rows", "code"),
        [
            ("unknown", "a,working,e27,e27,", 3),
            ("unknown", "a,broken,e27,e27,", 1),
            ("incompatible", "a,,e27,e27,", 0),
            ("incompatible", "a,broken,e27,e27,", 1),
            ("never", "a,broken,e27,e27,", 0),
            ("unknown", "", 0),
        ],
    )
    def test_the_worst_row_decides(self, audit: Run, tmp_path: Path, fail_on: str, rows: str, code: int) -> None:
        (tmp_path / "t.csv").write_text(HEADER + rows)
        assert audit(tmp_path / "t.csv", "--operation", "lend", "--fail-on", fail_on).exit_code in (
            code,
            code * (rows == ""),
        )

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ([], "say what is to be done"),
            (["--operation", "lned"], "--operation: unknown operation: 'lned'"),
            (["--operation", "lend", "--format", "cvs"], "--format: unknown output format: 'cvs'"),
            (["--operation", "lend", "--output", "x.txt"], "unknown output format: 'txt'"),
            (["--operation", "lend", "--from", "xml"], "unknown format: 'xml'"),
            (["--operation", "lend", "--all-rules"], "--all-rules is for --format jsonl"),
            (["--operation", "lend", "--evaluator", "tablar"], "unknown evaluator: 'tablar'"),
            (["--operation", "lend", "--ecs", "a", "--flavor", "b"], "--ecs and --flavor exclude each other"),
        ],
    )
    def test_2_a_wrong_option_is_named(self, audit: Run, table: Path, arguments: list[str], message: str) -> None:
        found = audit(table, *arguments)
        assert (found.exit_code, found.stdout) == (2, "")
        assert message in found.stderr

    def test_2_a_wrong_value_names_file_row_and_column(self, audit: Run, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text(HEADER + "a,working,e27,e27,\nb,brokn,,,\n")
        found = audit(tmp_path / "t.csv", "--operation", "lend", "--output", tmp_path / "out.csv")
        assert found.exit_code == 2
        assert f"{tmp_path / 't.csv'}, row 2, lamp.status: not a value of this fact: 'brokn'" in found.stderr
        assert files_in(tmp_path) == ["t.csv"]


class TestText:
    def test_it_shows_the_summary_and_the_first_rows(self, audit: Run, table: Path) -> None:
        found = audit(table, "--operation", "screw_in", "--first", "2")
        assert found.stdout.startswith("3 rows: screw_in\n")
        assert "The first 2 rows:" in found.stdout
        assert "incompatible  b" in found.stdout
        assert "--set socket.base=" in found.stdout
        assert all(len(line) <= 80 for line in found.stdout.splitlines())
        assert found.stderr.endswith("read as facts-csv, 3 rows; 3 of 5 columns are facts; not facts: 'note'\n")

    def test_control_characters_in_the_data_never_reach_the_terminal(self, audit: Run, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text(HEADER + "a\x1b[31mb,broken,e27,e27,\n")
        assert "\x1b" not in audit(tmp_path / "t.csv", "--operation", "lend").stdout


class TestCsv:
    def test_the_callers_columns_come_first_and_untouched(self, audit: Run, table: Path) -> None:
        found = audit(table, "--operation", "screw_in", "--format", "csv")
        header, *rows = csv.reader(io.StringIO(found.stdout))
        assert header == [*HEADER.strip().split(","), *RESULTS]
        assert [row[:5] for row in rows] == list(csv.reader(io.StringIO(ROWS)))[1:]
        assert rows[1][5] == "incompatible"
        assert "3 rows: screw_in" in found.stderr

    def test_lists_are_joined(self, audit: Run, table: Path) -> None:
        found = audit(table, "--operation", "screw_in", "--format", "csv")
        row = list(csv.DictReader(io.StringIO(found.stdout)))[1]
        failed = row["failed_rules"].split("; ")
        assert len(failed) >= 2 and failed == sorted(failed)

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
    def test_what_a_spreadsheet_would_execute_gets_an_apostrophe(self, start: str) -> None:
        texts = pa.array([f"{start}1", f"a{start}1", "", None])
        assert neutralised(texts).to_pylist() == [f"'{start}1", f"a{start}1", "", None]

    @pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
    def test_the_place_of_a_text_in_its_column_means_nothing(self, kind: pa.DataType) -> None:
        texts = pa.array(["=skipped", None, "", "@last"], kind)
        assert neutralised(texts.slice(1)).to_pylist() == [None, "", "'@last"]
        assert neutralised(texts.slice(1, 2)).to_pylist() == [None, ""]
        assert neutralised(pa.array([], kind)).to_pylist() == []

    def test_the_callers_own_columns_and_their_names_stay_untouched(self, audit: Run, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text("=name,lamp.status\n-5,working\n")
        found = audit(tmp_path / "t.csv", "--operation", "lend", "--format", "csv", "--prefix", "=")
        (row,) = csv.DictReader(io.StringIO(found.stdout))
        assert row["=name"] == "-5"
        assert row["'=verdict"] == "compatible", "the name of a column of ours is ours"

    def test_lists_and_nested_columns_of_the_caller_have_a_form_in_csv(self, audit: Run, tmp_path: Path) -> None:
        rows = [{"lamp.status": "working", "l": ["a", "b"], "e": [], "n": {"x": 1}, "m": [1], "t": None}]
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
        found = audit(tmp_path / "t.parquet", "--operation", "lend", "--format", "csv")
        (row,) = csv.DictReader(io.StringIO(found.stdout))
        assert [row[name] for name in "lenmt"] == ["a;b", "[]", '{"x": 1}', "[1]", ""]

    def test_a_column_of_our_name_is_an_error_and_a_prefix_helps(self, audit: Run, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text("verdict,lamp.status\nmine,working\n")
        assert (
            "verdict: the table has a column of this name"
            in audit(tmp_path / "t.csv", "--operation", "lend", "--format", "csv").stderr
        )
        found = audit(tmp_path / "t.csv", "--operation", "lend", "--format", "csv", "--prefix", "our.")
        assert next(csv.reader(io.StringIO(found.stdout))) == ["verdict", "lamp.status", *(f"our.{r}" for r in RESULTS)]


class TestStandardOutput:
    def test_a_dash_is_standard_output(self, audit: Run, table: Path) -> None:
        options = (table, "--operation", "lend", "--format", "csv")
        assert audit(*options, "-o", "-").stdout == audit(*options).stdout != ""
        assert audit(table, "--operation", "lend", "--output", "-").stdout == audit(table, "--operation", "lend").stdout

    def test_the_summary_can_go_there_beside_a_file(self, audit: Run, table: Path, tmp_path: Path) -> None:
        out = tmp_path / "out.csv"
        found = audit(table, "--operation", "lend", "-o", out, "--summary", "-")
        audit(table, "--operation", "lend", "-o", out, "--summary", tmp_path / "summary.json")
        assert found.stdout == (tmp_path / "summary.json").read_text()
        assert json.loads(found.stdout)["summary"]["rows"] == 3

    def test_where_no_table_is_asked_for_the_summary_is_alone(self, audit: Run, table: Path) -> None:
        found = audit(table, "--operation", "lend", "--summary", "-")
        assert json.loads(found.stdout)["summary"]["rows"] == 3
        assert "3 rows: lend" in found.stderr

    def test_a_table_and_the_summary_are_not_mixed(self, audit: Run, table: Path) -> None:
        for options in (["--format", "csv"], ["--output", "-"], ["--format", "text"]):
            found = audit(table, "--operation", "lend", "--summary", "-", *options)
            assert (found.exit_code, found.stdout) == (2, "")
            assert "can't both go to standard output" in found.stderr


class TestJsonLines:
    def test_each_line_is_the_verdict_of_check(self, audit: Run, table: Path, lamps_folder: Path) -> None:
        found = audit(table, "--operation", "screw_in", "--format", "jsonl")
        pack = imagefit.load_pack(lamps_folder)
        facts = {"lamp.status": "broken", "lamp.base": "e14", "socket.base": "e27"}
        expected = imagefit.check(facts, operation="screw_in", pack=pack, key="b").to_dict()
        line = json.loads(found.stdout.splitlines()[1])
        assert line.pop("columns") == list(csv.DictReader(table.read_text().splitlines()))[1]
        assert line == expected

    def test_all_rules_are_explained_on_request(self, audit: Run, table: Path) -> None:
        found = audit(table, "--operation", "screw_in", "--format", "jsonl", "--all-rules")
        rules = [len(json.loads(line)["rules"]) for line in found.stdout.splitlines()]
        assert len(set(rules)) == 1 and rules[0] > 2


class TestParquet:
    def test_rows_and_types_come_back_with_lists_added(self, audit: Run, table: Path, tmp_path: Path) -> None:
        found = audit(table, "--operation", "screw_in", "-o", tmp_path / "out.parquet")
        assert found.stdout == ""
        written = pq.read_table(tmp_path / "out.parquet")
        assert written.column_names == [*HEADER.strip().split(","), *RESULTS]
        assert written["id"].to_pylist() == ["=1+1", "b", "c"]
        assert written.schema.field("verdict").type == pa.string()
        assert written.schema.field("reasons").type.value_type == pa.string()
        assert written["verdict"].to_pylist()[1] == "incompatible"

    @pytest.mark.parametrize("options", [[], ["--all-rules"]])
    def test_rows_without_any_column_have_lines_too(self, audit: Run, tmp_path: Path, options: list[str]) -> None:
        (tmp_path / "t.jsonl").write_text("{}\n{}\n")
        audit(tmp_path / "t.jsonl", "--operation", "lend", *options, "-o", tmp_path / "out.jsonl")
        lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
        assert [(line["verdict"], line["columns"]) for line in lines] == [("unknown", {})] * 2

    def test_parquet_goes_to_parquet_with_its_types_and_metadata(self, audit: Run, tmp_path: Path) -> None:
        schema = pa.schema([("n", pa.int8()), ("lamp.status", pa.large_string())], metadata={"made": "here"})
        table = pa.table({"n": [1, 2, None] * 5, "lamp.status": ["working", None, "broken"] * 5}, schema=schema)
        pq.write_table(table, tmp_path / "t.parquet", row_group_size=4)
        audit(tmp_path / "t.parquet", "--operation", "lend", "--output", tmp_path / "out.parquet")
        written = pq.read_table(tmp_path / "out.parquet")
        assert written.select(["n", "lamp.status"]).equals(table)
        assert written.schema.metadata[b"made"] == b"here"
        assert written["verdict"].to_pylist()[2::3] == ["incompatible"] * 5

    def test_no_rows_are_a_file_of_no_rows(self, audit: Run, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text(HEADER)
        assert audit(tmp_path / "t.csv", "--operation", "lend", "-o", tmp_path / "out.parquet").exit_code == 0
        written = pq.read_table(tmp_path / "out.parquet")
        assert (written.num_rows, written.column_names) == (0, [*HEADER.strip().split(","), *RESULTS])


class TestBadRows:
    TEXT = HEADER + "a,working,e27,e27,\nb,brokn,,,\nshort\nc,,,,\n"

    def test_they_are_left_out_counted_and_written_to_a_file_of_their_own(self, audit: Run, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text(self.TEXT)
        out = tmp_path / "out.csv"
        found = audit(tmp_path / "t.csv", "--operation", "lend", "--on-bad-row", "report", "--output", out)
        assert found.exit_code == 2
        assert [row["id"] for row in csv.DictReader(io.StringIO(out.read_text()))] == ["a", "c"]
        bad = [json.loads(line) for line in (tmp_path / "out.csv.bad-rows.jsonl").read_text().splitlines()]
        assert [(row["row"], row["column"]) for row in bad] == [(2, "lamp.status"), (3, None)]
        assert "brokn" in bad[0]["error"] and "brokn" in bad[0]["content"] and bad[1]["content"] == "short"
        assert "2 rows could not be read" in found.stderr

    def test_json_lines_have_them_too(self, audit: Run, tmp_path: Path) -> None:
        lines = ['{"id": "a", "lamp.status": "working"}', "{", '{"id": "b", "lamp.status": 7}', '{"id": "c"}']
        (tmp_path / "t.jsonl").write_text("\n".join(lines))
        arguments = [
            "--operation",
            "lend",
            "--on-bad-row",
            "report",
            "--bad-rows",
            tmp_path / "bad",
            "--format",
            "jsonl",
        ]
        found = audit(tmp_path / "t.jsonl", *arguments)
        assert [json.loads(line)["key"] for line in found.stdout.splitlines()] == ["a", "c"]
        assert [json.loads(line)["row"] for line in (tmp_path / "bad").read_text().splitlines()] == [2, 3]

    def test_they_are_the_same_in_every_format(self, audit: Run, tmp_path: Path) -> None:
        rows = [{"id": f"l{n}", "lamp.status": f"workin{n}" if n % 3 else "working"} for n in range(9_000)]
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
        (tmp_path / "t.csv").write_text("id,lamp.status\n" + "".join(f"{','.join(row.values())}\n" for row in rows))
        (tmp_path / "t.json").write_text(json.dumps(rows))
        (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
        wrong = [(n, row) for n, row in enumerate(rows, start=1) if row["lamp.status"] != "working"]
        for kind in ("csv", "json", "jsonl", "parquet"):
            table, bad = tmp_path / f"t.{kind}", tmp_path / f"bad-{kind}"
            assert audit(table, "--operation", "lend", "--on-bad-row", "report", "--bad-rows", bad).exit_code == 2
            found = [json.loads(line) for line in bad.read_text().splitlines()]
            assert [(line["row"], json.loads(line["content"])) for line in found] == wrong
            assert all("did you mean 'working'?" in line["error"] for line in found[:5])

    def test_without_any_there_is_no_such_file(self, audit: Run, table: Path) -> None:
        found = audit(table, "--operation", "lend", "--on-bad-row", "report", "--output", table.parent / "out.csv")
        assert found.exit_code == 1
        assert files_in(table.parent) == ["lamps.csv", "out.csv"]


class TestInput:
    def test_several_files_and_patterns_are_one_table(self, audit: Run, table: Path) -> None:
        (table.parent / "more.jsonl").write_text('{"id": "d", "lamp.status": "broken"}\n{"id": "e"}\n')
        found = audit(table.parent / "*.csv", table.parent / "more.jsonl", "--operation", "lend", "--format", "csv")
        assert [row["id"] for row in csv.DictReader(io.StringIO(found.stdout))] == ["=1+1", "b", "c", "d", "e"]

    def test_standard_input_is_read(self, start: Any, lamps_folder: Path) -> None:
        command = ["audit", "-", "--pack", str(lamps_folder), "--operation", "lend", "--format", "csv"]
        found = start(*command, input=ROWS)
        assert [row["id"] for row in csv.DictReader(io.StringIO(found.stdout))] == ["=1+1", "b", "c"]
        assert "\n3 rows: lend" in found.stderr

    def test_each_row_can_say_its_operation(self, audit: Run, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text("operation,lamp.status\nlend,broken\nscrew_in,broken\n")
        found = audit(tmp_path / "t.csv", "--format", "jsonl")
        assert [json.loads(line)["operation"] for line in found.stdout.splitlines()] == ["lend", "screw_in"]

    def test_given_and_assumed_facts_count(self, audit: Run, table: Path) -> None:
        arguments = ["--set", "socket.base=e14", "--assume", "lamp.status=working", "--format", "jsonl"]
        found = audit(table, "--operation", "screw_in", *arguments)
        assert [json.loads(line)["assumed"] for line in found.stdout.splitlines()] == [
            {},
            {},
            {"lamp.status": "working"},
        ]
        assert "lamp.status was assumed in 1 row" in found.stderr

    def test_a_column_that_is_nearly_a_fact_is_pointed_out(self, audit: Run, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text("lamp.status,lamp.bse\nworking,e27\n")
        found = audit(tmp_path / "t.csv", "--operation", "lend")
        assert (
            "t.csv: read as facts-csv, 1 row; 1 of 2 columns are facts; 'lamp.bse' is nearly lamp.base\n"
            in found.stderr
        )

    @pytest.mark.parametrize(("name", "text"), [("t.csv", "lamp.status,lamp.bse\nworking,e27\n"), LINES])
    def test_strict_refuses_it(self, audit: Run, tmp_path: Path, name: str, text: str) -> None:
        (tmp_path / name).write_text(text)
        output = tmp_path / "verdicts.csv"
        found = audit(tmp_path / name, "--operation", "lend", "--strict", "--output", str(output))
        assert found.exit_code == 2
        assert not output.exists()
        assert "lamp.bse: nearly a fact, and none; did you mean 'lamp.base'?" in found.stderr

    def test_nothing_is_said_of_a_file_that_is_used_throughout_unless_asked(self, audit: Run, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text("id,lamp.status\na,working\n")
        assert audit(tmp_path / "t.csv", "--operation", "lend").stderr == ""
        told = audit(tmp_path / "t.csv", "--operation", "lend", "-v").stderr
        assert told.endswith("t.csv: read as facts-csv, 1 row; 1 of 2 columns are facts\n")

    def test_image_lists_are_audited_with_one_flavor(self, run: Run, tmp_path: Path) -> None:
        image = {"id": "i", "name": "n", "status": "active", "__imagetype": "private", "virtual_env_type": "IsoImage"}
        (tmp_path / "images.json").write_text(json.dumps({"images": [image]}))
        found = run("audit", str(tmp_path / "images.json"), "--operation", "create_ecs", "--flavor", "s6.large.2")
        assert "incompatible" not in found.stdout.splitlines()[0]
        assert "n (i)" in found.stdout


class TestOutput:
    def test_the_summary_is_written_as_json_too(self, audit: Run, table: Path) -> None:
        audit(table, "--operation", "screw_in", "--summary", table.parent / "summary.json")
        summary = json.loads((table.parent / "summary.json").read_text())
        assert summary["format_version"] == 1
        assert summary["pack"]["name"] == "lamps"
        assert summary["summary"]["rows"] == 3
        assert {"verdicts", "rules", "missing", "reasons"} <= summary["summary"].keys()

    def test_a_failure_leaves_what_was_there(self, audit: Run, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        out = table.parent / "out.csv"
        out.write_text("before")
        interrupted = Mock(side_effect=KeyboardInterrupt)
        monkeypatch.setattr(audit_writing, "run_audit", interrupted)
        found = audit(table, "--operation", "lend", "--output", out)
        interrupted.assert_called_once()
        assert found.exit_code == 130
        assert f"interrupted after 0 rows; {out} was not written" in found.stderr
        assert out.read_text() == "before"
        assert files_in(table.parent) == ["lamps.csv", "out.csv"]

    @pytest.mark.slow
    def test_ctrl_c_cleans_up(self, tmp_path: Path, lamps_folder: Path) -> None:
        (tmp_path / "t.jsonl").write_text('{"lamp.status": "broken"}\n' * 4_000_000)
        command = [sys.executable, "-m", "imagefit.cli", "audit", "t.jsonl", "--pack", str(lamps_folder)]
        process = subprocess.Popen(
            [*command, "--operation", "lend", "--output", "out.csv"], cwd=tmp_path, stderr=subprocess.PIPE, text=True
        )
        while len(files_in(tmp_path)) < 2:  # until the file beside the output is there
            assert process.poll() is None
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 130
        assert "interrupted after" in said and "out.csv was not written" in said
        assert "Traceback" not in said
        assert files_in(tmp_path) == ["t.jsonl"]

    @pytest.mark.slow
    def test_a_closed_pipe_ends_quietly(self, tmp_path: Path, lamps_folder: Path) -> None:
        (tmp_path / "t.jsonl").write_text('{"lamp.status": "broken"}\n' * 50_000)
        command = f"{sys.executable} -m imagefit.cli audit t.jsonl --pack {lamps_folder} --operation lend --format csv"
        found = subprocess.run(
            ["bash", "-c", f"{command} | head -1; exit ${{PIPESTATUS[0]}}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert found.returncode == 128 + signal.SIGPIPE
        assert found.stderr == ""

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no full device here")
    def test_a_full_disk_ends_with_a_message(self, audit: Run, table: Path) -> None:
        found = audit(table, "--operation", "lend", "--format", "csv", "--output", "/dev/full")
        assert found.exit_code == 2
        assert "could not be written" in found.stderr


def test_members_beside_images_are_said_to_be_rows_of_their_own(run: Run, tmp_path: Path) -> None:
    (images := tmp_path / "images.json").write_text(json.dumps({"images": [ims_image()]}))
    (members := tmp_path / "members.json").write_text('{"members": []}')
    both = run("audit", str(images), str(members), "--operation", "share", "--fail-on", "never")
    assert f"{members}: the members of an image are rows of their own here; check and match complete" in both.stderr
    alone = run("audit", str(members), "--operation", "share", "--fail-on", "never")
    assert "rows of their own" not in alone.stderr


def test_an_operation_for_all_rows_is_told_where_rows_ask_for_others(run: Run, tmp_path: Path) -> None:
    (table := tmp_path / "rows.csv").write_text("operation,image.visibility\nshare,private\ndelete,private\n,public\n")
    told = run("audit", str(table), "--operation", "share", "--fail-on", "never")
    assert "rows ask for delete; share, which is asked for all of them, counts" in told.stderr
    table.write_text("operation,image.visibility\nshare,private\n,public\n")
    assert "rows ask for" not in run("audit", str(table), "--operation", "share", "--fail-on", "never").stderr
