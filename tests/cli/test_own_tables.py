"""Tables of one's own on the command line, in all three verbs."""

from __future__ import annotations

import csv
import io
import json
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
