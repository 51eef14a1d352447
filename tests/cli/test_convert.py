"""What is converted is read as what it was made of: the same rows, facts and verdicts, in any format."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import imagefit
from commands import run
from imagefit.cli import output
from imagefit.cli.root import root
from readers.payloads import flavor, ims_image

FORMATS = ("csv", "jsonl", "parquet", "arrow", "xlsx")

OPERATION = "create_ecs"


def verdicts(path: Path | str) -> list[dict[str, Any]]:
    """Return what an audit says of each row."""
    columns = ["verdict", "failed_rules", "unknown_rules", "warnings", "missing_facts", "reasons"]
    return imagefit.audit(str(path), operation=OPERATION).to_arrow().select(columns).to_pylist()


def records(path: Path | str) -> list[tuple[str, dict[str, Any], str | None]]:
    return [(record.key, dict(record.facts), record.operation) for record in imagefit.read(str(path)).records]


WORDS = st.text("a;1 \"',\n[]镜=+-@\t", min_size=1, max_size=5)
ROWS = st.fixed_dictionaries(
    {
        "id": st.sampled_from(("a", "007", "1e5", "")),
        "image.status": st.sampled_from(("active", "queued", None)),
        "image.owner": st.none() | WORDS.filter(str.strip),
        "image.min_disk_gib": st.none() | st.integers(0, 2**63 - 1),
        "image.size_gib": st.none() | st.floats(0, allow_nan=False, allow_infinity=False, width=64),
        "image.encrypted": st.sampled_from((True, False, None)),
        "image.attributes": st.none()
        | st.lists(st.builds("{}={}".format, st.sampled_from("ab"), st.sampled_from(("1", "x;y", " z", "[]")))),
    }
)


@pytest.mark.parametrize("kind", FORMATS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10, deadline=None)
@given(rows=st.lists(ROWS, max_size=4))
@example(rows=[{"id": "a", "image.size_gib": 3.0657444427533792e-238}])  # a workbook's numbers have 16 digits
def test_facts_of_any_value_come_back(tmp_path: Path, kind: str, rows: list[dict[str, Any]]) -> None:
    source, made = tmp_path / "facts.jsonl", tmp_path / f"made.{kind}"
    source.write_text("".join(f"{json.dumps(row)}\n" for row in [{"image.status": "active"}, *rows]), "utf-8")
    result = run("convert", str(source), str(made))
    assert result.exit_code == 0, result.stderr
    assert records(made) == records(source)


@pytest.mark.parametrize("kind", FORMATS)
class TestOfAService:
    """The lists of a service become tables of facts, of which an audit says the same."""

    @pytest.fixture
    def images(self, tmp_path: Path) -> Path:
        odd = ims_image(id="i2", hw_firmware_type="odd", __support_kvm=None)
        images = [ims_image(id="i1", name="web"), odd, ims_image(id="i3", min_disk=1024)]
        (tmp_path / "images.json").write_text(json.dumps({"images": images}))
        return tmp_path / "images.json"

    def test_images(self, images: Path, tmp_path: Path, kind: str) -> None:
        assert run("convert", str(images), str(tmp_path / f"t.{kind}")).exit_code == 0
        assert verdicts(tmp_path / f"t.{kind}") == verdicts(images)
        made = [record.name for record in imagefit.read(tmp_path / f"t.{kind}").records]
        assert made == [record.name for record in imagefit.read(images).records]

    def test_several_files_are_one_table(self, images: Path, tmp_path: Path, kind: str) -> None:
        (tmp_path / "own.csv").write_text("id;Zustand\nown;aktiv\n")
        said = ["--map", "Zustand=image.status", "--map-value", "image.status:aktiv=active"]
        result = run("convert", str(images), str(tmp_path / "own.csv"), str(tmp_path / f"t.{kind}"), *said)
        assert result.exit_code == 0
        assert f"t.{kind}: 4 rows" in result.stderr
        assert records(tmp_path / f"t.{kind}")[3] == ("own", {"image.status": "active"}, None)

    def test_flavors(self, tmp_path: Path, kind: str) -> None:
        (tmp_path / "f.json").write_text(json.dumps({"flavors": [flavor(id="c7n.large.2"), flavor(id="s6.small.1")]}))
        assert run("convert", str(tmp_path / "f.json"), str(tmp_path / f"t.{kind}")).exit_code == 0
        assert records(tmp_path / f"t.{kind}") == records(tmp_path / "f.json")

    def test_what_is_given_holds_for_all(self, images: Path, tmp_path: Path, kind: str) -> None:
        line = ["convert", str(images), str(tmp_path / f"t.{kind}"), "--set", "ecs.account=007"]
        assert run(*line).exit_code == 0
        assert [facts["ecs.account"] for _, facts, _ in records(tmp_path / f"t.{kind}")] == ["007"] * 3


def test_a_value_that_is_none_leaves_the_output_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,image.status\na,active\nb,actve\n")
    (tmp_path / "out.parquet").write_text("before")
    result = run("convert", str(tmp_path / "t.csv"), str(tmp_path / "out.parquet"))
    assert result.exit_code == 2
    assert "t.csv, row 2, image.status: not a value of this fact: 'actve'" in result.stderr
    assert (tmp_path / "out.parquet").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.parquet", "t.csv"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["t.csv", "out.pdf"],
            "out.pdf: unknown format of a table: 'pdf'; expected one of arrow, csv, jsonl, parquet, xlsx",
        ),
        (["t.csv", "out.csv", "--format", "tsv"], "unknown format of a table: 'tsv'"),
        (["t.csv", "-"], "Say what to write to standard output"),
        (["t.csv", "t.csv"], "t.csv"),
        (["t.csv"], "Missing argument"),
        (["t.csv", "-o", "out.csv"], "what it writes is its last argument, as in 'FILE... out.csv'"),
    ],
)
def test_mistakes_are_usage_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("id,image.status\na,active\n")
    result = run("convert", *arguments)
    assert (result.exit_code, said in result.stderr) == (2, True), result.stderr
    assert (tmp_path / "t.csv").read_text() == "id,image.status\na,active\n"


def test_it_may_go_to_standard_output(tmp_path: Path, start: Callable[..., Any]) -> None:
    (tmp_path / "t.csv").write_text("id,image.status\na,active\n")
    result = start("convert", str(tmp_path / "t.csv"), "-", "--format", "jsonl")
    assert json.loads(result.stdout) == {"id": "a", "image.status": "active"}


@pytest.mark.parametrize("format", FORMATS)
def test_on_standard_output_it_is_the_file_that_it_would_be(
    tmp_path: Path, start: Callable[..., Any], format: str
) -> None:
    (tmp_path / "t.csv").write_text("id,image.status\na,active\n")
    with (tmp_path / f"piped.{format}").open("wb") as piped:
        assert start("convert", str(tmp_path / "t.csv"), "-", "--format", format, stdout=piped).returncode == 0
    assert records(tmp_path / f"piped.{format}") == [("a", {"image.status": "active"}, None)]


@pytest.mark.parametrize("format", ["parquet", "arrow", "xlsx"])
def test_a_terminal_is_shown_nothing_that_is_no_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    class Terminal(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    (tmp_path / "t.csv").write_text("id,image.status\na,active\n")
    terminal = Terminal(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(output.sys, "stdout", terminal)
    with pytest.raises(click.UsageError, match="is nothing for a terminal: name a file as OUT"):
        root.main(["convert", str(tmp_path / "t.csv"), "-", "--format", format], "imagefit", standalone_mode=False)
    assert terminal.buffer.getvalue() == b""  # type: ignore[attr-defined]
