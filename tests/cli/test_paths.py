"""The files of a command line: none is written twice, or read and written, whatever it is called; and side files."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import Result

from imagefit.cli.paths import FileType
from imagefit.cli.root import root

Run = Callable[..., Result]

IMAGES = "id,image.visibility\na,private\nb,publik\n"
AUDIT = ("audit", "in.csv", "--operation", "share", "--fail-on", "never")
MATCH = ("match", "--images", "in.csv", "--flavor", "s6.large.2", "--operation", "create_ecs")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with a table."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text(IMAGES)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def every_command(group: click.Group = root) -> Iterator[click.Command]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield command
        if isinstance(command, click.Group):
            yield from every_command(command)


def test_every_option_that_names_a_file_says_whether_it_is_read_or_written() -> None:
    makes_folders = {("demo", "folder"), ("new", "path")}  # they refuse one that has something in it
    looks_like_a_file = ("FILE", "DIR", "PATH", "PACK", "OLD", "NEW", "FOLDER")
    undeclared, declared = [], 0
    for command in every_command():
        for param in command.params:
            shown = (param.metavar or param.human_readable_name or "").strip("[].").partition("[")[0].upper()
            if shown in looks_like_a_file and (command.name, param.name) not in makes_folders:
                declared += 1
                undeclared += [] if isinstance(param.type, FileType) else [(command.name, param.name)]
    assert undeclared == []
    assert declared > 15


WRITTEN_TWICE = [
    ((*AUDIT, "-o", "out.csv", "--summary", "out.csv"), ("--output", "--summary")),
    ((*AUDIT, "-o", "out.csv", "--summary", "./x/../out.csv"), ("--output", "--summary")),
    ((*AUDIT, "-o", "out.csv", "--summary", "OUT.CSV"), ("--output", "--summary")),
    ((*AUDIT, "--summary", "link.csv", "-o", "there.csv"), ("--summary", "--output")),
    ((*AUDIT, "--summary", "hard.csv", "-o", "there.csv"), ("--summary", "--output")),
    ((*AUDIT, "--on-bad-row", "report", "-o", "out.csv", "--bad-rows", "out.csv"), ("--output", "--bad-rows")),
    ((*AUDIT, "--on-bad-row", "report", "--bad-rows", "s", "--summary", "s"), ("--bad-rows", "--summary")),
    (
        (*AUDIT, "--on-bad-row", "report", "-o", "out.csv", "--summary", "out.csv.bad-rows.jsonl"),
        ("--summary", "the file of bad rows"),
    ),
    ((*MATCH, "--fitting", "out.csv", "--matrix", "out.csv"), ("--fitting", "--matrix")),
]
READ_AND_WRITTEN = [
    ((*AUDIT, "-o", "in.csv"), ("--output", "FILE")),
    ((*AUDIT, "-o", "./in.csv"), ("--output", "FILE")),
    (("audit", "*.csv", "--operation", "share", "-o", "there.csv"), ("--output", "FILE")),
    ((*AUDIT, "--summary", "in-link.csv"), ("--summary", "FILE")),
    ((*AUDIT, "--on-bad-row", "report", "--bad-rows", "in-hard.csv"), ("--bad-rows", "FILE")),
    ((*AUDIT, "--ecs", "ecs.json", "-o", "ecs.json", "--format", "csv"), ("--output", "--ecs")),
    (("--pack", "pack", *AUDIT, "--summary", "pack/pack.yaml"), ("--summary", "--pack")),
    ((*AUDIT, "--pack", "pack/pack.yaml", "--summary", "pack/lamps.yaml"), ("--summary", "--pack")),
    ((*MATCH, "--fitting", "in.csv"), ("--fitting", "--images")),
    ((*MATCH, "--ecs", "ecs.json#a", "--matrix", "ecs.json"), ("--matrix", "--ecs")),
    (("match", "--fitting", "in.csv", *MATCH[1:]), ("--fitting", "--images")),
]


@pytest.mark.parametrize(("arguments", "options"), [*WRITTEN_TWICE, *READ_AND_WRITTEN])
def test_a_file_that_would_be_lost_is_a_usage_error_that_names_both_options(
    run: Run, folder: Path, lamps_folder: Path, arguments: tuple[str, ...], options: tuple[str, str]
) -> None:
    shutil.copytree(lamps_folder, folder / "pack")
    (folder / "pack" / "lamps.yaml").touch()
    (folder / "x").mkdir()
    (folder / "ecs.json").write_text('[{"id": "a", "ecs.region": "x"}]')
    (folder / "there.csv").write_text(IMAGES)
    for link, to in (("link.csv", "there.csv"), ("in-link.csv", "in.csv")):
        (folder / link).symlink_to(to)
    os.link(folder / "there.csv", folder / "hard.csv")
    os.link(folder / "in.csv", folder / "in-hard.csv")
    before = contents(folder)
    found = run(*arguments)
    assert (found.exit_code, found.stdout) == (2, "")
    assert all(option in found.stderr.splitlines()[0] for option in options), found.stderr
    assert contents(folder) == before


def test_the_pack_that_a_pack_extends_is_read_too(run: Run, folder: Path, lamps_folder: Path) -> None:
    shutil.copytree(lamps_folder, folder / "base")
    (folder / "mine").mkdir()
    rule = next(path for path in (folder / "base").glob("*.yaml") if "- id: " in path.read_text())
    name = rule.read_text().partition("- id: ")[2].split()[0]
    (folder / "mine" / "pack.yaml").write_text(
        "name: mine\nversion: 1.0.0\ntitle: Mine\nextends: ../base\n"
        f"adjustments: [{{drop: {name}, why: it is not wanted here, loosens: true}}]\n"
    )
    (folder / "in.csv").write_text("id,lamp.status\na,working\n")
    before = contents(folder)
    how = ("--pack", "mine", "audit", "in.csv", "--operation", "lend", "--fail-on", "never")
    found = run(*how, "--summary", "base/pack.yaml")
    assert (found.exit_code, contents(folder)) == (2, before)
    assert "--summary (base/pack.yaml) would write over what is read, --pack (mine)" in found.stderr
    assert run(*how, "--summary", "base/new.json").exit_code == 0


def test_what_a_project_file_names_is_read_too(run: Run, folder: Path) -> None:
    (folder / "imagefit.toml").write_text('operation = "share"\n[inputs]\nimages = "in.csv"\n')
    for arguments, name in (
        (["audit", "-o", "in.csv"], "the list images (in.csv)"),
        (["audit", "images", "--summary", "in.csv"], "the list images (in.csv)"),
        (["audit", "--summary", "imagefit.toml"], "the project file (imagefit.toml)"),
    ):
        before = contents(folder)
        found = run(*arguments)
        assert (found.exit_code, contents(folder)) == (2, before)
        assert name in found.stderr


@pytest.mark.slow
def test_redirected_streams_are_compared_too(start: Any, folder: Path) -> None:
    def redirected(stdout: str, *arguments: str, mode: str = "a") -> Any:
        with (folder / stdout).open(mode) as file:
            return start(*arguments, stdout=file)

    before = contents(folder)
    found = redirected("in.csv", *AUDIT)
    assert found.returncode == 2 and "standard output" in found.stderr and "FILE (in.csv)" in found.stderr
    found = redirected("in.csv", "check", "--operation", "share", "--image", "in.csv")
    assert found.returncode == 2 and "standard output" in found.stderr and "--image (in.csv)" in found.stderr
    with (folder / "in.csv").open() as file:
        found = start("audit", "-", *AUDIT[2:], "-o", "in.csv", stdin=file)
    assert found.returncode == 2 and "FILE (-)" in found.stderr and "--output (in.csv)" in found.stderr
    assert contents(folder) == before
    (folder / "in.csv").write_text("id,image.visibility\na,private\n")
    found = redirected("log", *AUDIT, "--summary", "log")
    assert found.returncode == 2 and "--summary (log) and standard output are one file" in found.stderr
    for name in ("/dev/stdout", "/dev/fd/1", "-"):  # on purpose; and what was there stays
        (folder / "log").write_text("before\n")
        assert redirected("log", *AUDIT, "-o", name, "--format", "csv").returncode == 0
        assert (folder / "log").read_text().startswith('before\n"id","image.visibility","verdict"')


@pytest.mark.slow
def test_what_loses_nothing_is_no_error(run: Run, folder: Path) -> None:
    (folder / "in.csv").write_text("id,image.visibility\na,private\n")
    assert run(*AUDIT, "-o", os.devnull, "--format", "csv", "--summary", os.devnull).exit_code == 0
    for _ in range(2):
        assert run(*AUDIT, "-o", "out.csv", "--summary", "summary.json").exit_code == 0
    assert run(*MATCH, "--fitting", "fits.csv", "--matrix").exit_code == 0
    assert run("check", "--operation", "share", "--image", "in.csv", "--ecs", "in.csv").exit_code in (1, 2, 3)


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("", "--output: no file is named; expected a path, or - for standard output"),
        ("folder", "--output: this is a folder: 'folder'; expected the path of a file"),
        ("new/", "--output: this is a folder: 'new/'; expected the path of a file"),
        ("missing/out.csv", "--output: there is no such folder: 'missing'"),
        ("in.csv/out.csv", "--output: this is no folder: 'in.csv'"),
    ],
)
def test_an_output_that_cannot_be_is_said_in_words(run: Run, folder: Path, output: str, said: str) -> None:
    (folder / "folder").mkdir()
    found = run(*AUDIT, "--output", output)
    assert (found.exit_code, found.stderr) == (2, f"imagefit: {said}\n")


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write anywhere")
def test_what_may_not_be_written_is_said_before_anything_starts(run: Run, folder: Path) -> None:
    (folder / "closed").mkdir(mode=0o500)
    (folder / "kept.csv").write_text("kept")
    (folder / "kept.csv").chmod(0o400)
    assert "this folder may not be written to: 'closed'" in run(*AUDIT, "-o", "closed/out.csv").stderr
    assert "this file may not be written: 'kept.csv'" in run(*AUDIT, "-o", "kept.csv").stderr


def test_a_name_that_is_too_long_is_said_with_the_name_that_was_given(run: Run) -> None:
    name = "x" * 300 + ".csv"
    found = run(*AUDIT, "--on-bad-row", "report", "-o", name)
    assert (found.exit_code, found.stderr) == (2, f"imagefit: {name}: File name too long\n")


class TestSideFiles:
    REPORT = (*AUDIT[2:], "--on-bad-row", "report")

    def test_each_output_and_each_input_has_its_own(self, run: Run, folder: Path) -> None:
        (folder / "other").mkdir()
        (folder / "two.csv").write_text(IMAGES)
        for arguments in (["in.csv", "-o", "out.csv"], ["in.csv", "-o", "out.parquet"], ["in.csv"], ["two.csv"]):
            assert run("audit", *arguments, *self.REPORT).exit_code == 2
        assert run("audit", "in.csv", "two.csv", *self.REPORT).exit_code == 2
        found = {path.name: len(path.read_text().splitlines()) for path in folder.glob("*.bad-rows.jsonl")}
        assert found == {
            "out.csv.bad-rows.jsonl": 1,
            "out.parquet.bad-rows.jsonl": 1,
            "in.csv.bad-rows.jsonl": 1,
            "two.csv.bad-rows.jsonl": 1,
            "in.csv+1.bad-rows.jsonl": 2,
        }

    def test_none_is_made_beside_a_device_or_a_pipe(self, run: Run, folder: Path) -> None:
        (folder / "null").symlink_to(os.devnull)
        assert run("audit", "in.csv", "-o", "null", "--format", "csv", *self.REPORT).exit_code == 2
        assert [path.name for path in folder.glob("*.bad-rows.jsonl")] == ["in.csv.bad-rows.jsonl"]

    @pytest.mark.parametrize("content", ["mine\n", '{"file": "x"}\n', "[1]\n", "{}"])
    def test_none_replaces_a_file_that_is_something_else(self, run: Run, folder: Path, content: str) -> None:
        (folder / "in.csv.bad-rows.jsonl").write_text(content)
        found = run("audit", "in.csv", *self.REPORT)
        assert (found.exit_code, found.stdout) == (2, "")
        assert "in.csv.bad-rows.jsonl: a file of that name is there already" in found.stderr
        assert (folder / "in.csv.bad-rows.jsonl").read_text() == content

    def test_none_replaces_that_of_another_input_of_the_name(self, run: Run, folder: Path) -> None:
        for name in ("a", "b"):
            (folder / name).mkdir()
            (folder / name / "in.csv").write_text(IMAGES)
        assert "1 row could not be read" in run("audit", "a/in.csv", *self.REPORT).stderr
        assert "is there already" in run("audit", "b/in.csv", *self.REPORT).stderr
        assert "1 row could not be read" in run("audit", "./a/in.csv", *self.REPORT).stderr
        line = json.loads((folder / "in.csv.bad-rows.jsonl").read_text())
        assert os.path.realpath(line["file"]) == str(folder / "a" / "in.csv")
