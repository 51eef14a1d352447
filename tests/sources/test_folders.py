"""A folder is its files, by their names; what in it is not read is said."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import imagefit
from commands import run
from imagefit.errors import ImagefitWarning, InputError
from imagefit.sources.limits import FILES
from readers.payloads import flavor, ims_image

SAID = "inventory: 3 files are read; not read: 1 hidden, 1 folders, 1 neither file nor folder, 2 others ("


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with three files that are read, and of each kind of what is not."""
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "inventory"
    (place / "more").mkdir(parents=True)
    os.mkfifo(place / "pipe")
    (place / "b.json").write_text(json.dumps({"images": [ims_image(id="b")]}))
    (place / "a.csv").write_text("id,image.status\na,active\n")
    (place / "c.jsonl").write_text('{"id": "c", "image.status": "queued"}\n')
    (place / "more" / "d.csv").write_text("id,image.status\nd,active\n")
    (place / ".hidden.csv").write_text("id,image.status\nh,active\n")
    (place / "README.md").write_text("# Inventory\n")
    (place / "notes.json").write_text('{"team": "x"}')
    return place


LINE = ["--operation", "share", "--select", "status", "--fail-on", "never"]


class TestEachVerb:
    def test_check(self, folder: Path) -> None:
        for files in (["inventory"], ["--image", "inventory"]):
            result = run("check", *files, *LINE, "--format", "json")
            verdicts = json.loads(result.stdout)["verdicts"]
            assert [verdict["key"] for verdict in verdicts] == ["a", "b", "c"]
            assert SAID in result.stderr

    def test_audit(self, folder: Path) -> None:
        result = run("audit", "inventory", *LINE, "--format", "jsonl")
        assert [json.loads(line)["key"] for line in result.stdout.splitlines()] == ["a", "b", "c"]
        assert SAID in result.stderr

    def test_match(self, folder: Path) -> None:
        line = ["--flavor", "c7n.large.2", "--operation", "create_ecs", "--select", "status", "--fitting", "out.jsonl"]
        for files in (["inventory"], ["--images", "inventory"]):
            result = run("match", *files, *line)
            assert [json.loads(pair)["image"] for pair in Path("out.jsonl").read_text().splitlines()] == ["a", "b"]
            assert SAID in result.stderr

    def test_convert(self, folder: Path) -> None:
        result = run("convert", "inventory", "out.csv")
        assert [line.split(",")[0] for line in Path("out.csv").read_text().splitlines()] == [
            '"id"',
            '"a"',
            '"b"',
            '"c"',
        ]
        assert SAID in result.stderr

    def test_in_python(self, folder: Path) -> None:
        audit = imagefit.audit("inventory", operation="share")
        assert len(audit) == 3
        assert any(note.startswith(SAID) for note in audit.notes)
        with pytest.warns(ImagefitWarning, match="not read: 1 hidden"):
            match = imagefit.match("inventory", [flavor(id="c7n.large.2")], operation="create_ecs")
        assert match.images.count == 3


def test_why_a_file_is_not_read_is_said(folder: Path) -> None:
    stderr = run("audit", "inventory", *LINE).stderr
    assert "notes.json: the content is in no format that is read" in stderr
    assert "README.md: the content is in no format that is read" in stderr


def test_a_folder_of_which_nothing_is_read_is_an_error(folder: Path) -> None:
    (folder / "more" / "d.csv").write_text("colour\nred\n")
    result = run("audit", "inventory/more", *LINE)
    assert (result.exit_code, "inventory/more: nothing in this folder is read" in result.stderr) == (2, True)


def test_a_folder_with_very_many_entries_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imagefit.sources.folders.FILES", type(FILES)(5, FILES.unit, FILES.of, FILES.why))
    with pytest.raises(InputError, match="inventory: a folder of 8 entries; expected at most 5"):
        imagefit.audit("inventory", operation="share")


def test_an_output_that_is_a_file_of_a_folder_that_is_read_is_a_usage_error(folder: Path) -> None:
    before = (folder / "a.csv").read_text()
    result = run("audit", "inventory", *LINE, "-o", "inventory/a.csv")
    assert (result.exit_code, (folder / "a.csv").read_text()) == (2, before)


def test_a_project_names_folders(folder: Path) -> None:
    Path("imagefit.toml").write_text('[inputs]\nimages = "inventory"\n')
    result = run("audit", *LINE, "--format", "jsonl")
    assert [json.loads(line)["key"] for line in result.stdout.splitlines()] == ["a", "b", "c"]
