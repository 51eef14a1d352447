"""``imagefit demo``: the samples outside the package, and lines that work there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_every_sample_is_handed_out_as_it_is(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    result = run("demo", "--to", str(folder))
    assert result.exit_code == 0
    assert contents(folder) == contents(SAMPLES)


@pytest.mark.slow
def test_what_to_try_next_can_be_pasted_and_runs(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "what's up"
    script = run("demo", "--to", str(folder)).stdout
    found = subprocess.run(
        ["sh"],
        input=script.replace("imagefit ", f"{sys.executable} -W error -m imagefit "),
        capture_output=True,
        text=True,
        cwd="/",
        timeout=120,
        check=False,
    )
    for said in (
        "INCOMPATIBLE: create an ECS from the image",
        "UNKNOWN: share the image",
        "7 rows: share",
        "18 images x 9 ECSs, 162 pairs",
        "The nearest 5 of 6 misses:",
    ):
        assert said in found.stdout
    assert "Traceback" not in found.stderr


def written(path: Path) -> tuple[int, int]:
    """Return which file it is, and when it was written: reading it may change other times."""
    found = os.stat(path)
    return found.st_ino, found.st_mtime_ns


def test_what_is_there_unchanged_is_left_alone_and_what_is_missing_is_added(run: Run, tmp_path: Path) -> None:
    run("demo", "--to", str(tmp_path))
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "images.json").unlink()
    old = written(tmp_path / "flavors.json")
    result = run("demo", "--to", str(tmp_path))
    assert result.exit_code == 0
    assert ", 1 of them new" in result.stderr
    assert written(tmp_path / "flavors.json") == old
    assert contents(tmp_path) == contents(SAMPLES) | {"mine.txt": b"mine"}


def test_nothing_is_overwritten_and_then_nothing_is_written(run: Run, tmp_path: Path) -> None:
    (tmp_path / "images.json").write_text("mine")
    result = run("demo", "--to", str(tmp_path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{tmp_path / 'images.json'}: another file of that name is there already" in result.stderr
    assert contents(tmp_path) == {"images.json": b"mine"}


def test_a_link_to_nowhere_is_not_written_through(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "samples"
    folder.mkdir()
    (folder / "images.json").symlink_to(tmp_path / "elsewhere")
    assert run("demo", "--to", str(folder)).exit_code == 2
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["", "file"])
def test_what_can_be_no_folder_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    result = run("demo", "--to", str(tmp_path / name) if name else "")
    assert (result.exit_code, result.stdout) == (2, "")


def test_the_package_can_be_run_as_the_command() -> None:
    command = [sys.executable, "-m", "imagefit", "--version"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert found.stdout.startswith("imagefit ")


def test_region_and_account_decide_a_request_with_its_image_list_and_flavor_list(run: Run) -> None:
    """What a user has at hand, and two facts that no file says."""
    files = {"--image": "images.json", "--ecs": "create-orders.json"}
    options = [part for option, name in files.items() for part in (option, str(SAMPLES / name))]
    given = ("--set", "image.region=cn-north-4", "--set", "ecs.account=4c8e1f0a7b3d4d2e9f6a5b1c0d3e2f41")
    result = run("check", *options, "--ecs", str(SAMPLES / "flavors.json"), *given)
    assert result.stdout.startswith("COMPATIBLE: create an ECS from the image\n")
    assert result.exit_code == 0
