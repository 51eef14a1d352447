"""What the README shows is what happens: each of its command lines runs, on the samples that ship."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import setuptools

from commands import run
from imagefit.rulepack.starter import lay_out
from kernels import compile_quickly

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
SAMPLES = ROOT / "data" / "samples"
ANSWERS = {0, 1, 3}
"""Exit codes of a command that has done what it was asked for."""


def blocks(kind: str) -> list[str]:
    """Return the contents of the README's fenced blocks of a kind (the empty kind is plain output)."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def lines_of(block: str) -> list[str]:
    """Return the command lines of a block without their comments; one that ends in a backslash goes on."""
    lines = (re.sub(r"\s+#\s.*", "", line) for line in re.sub(r"\\\n\s*", "", block).splitlines())
    return [line for line in lines if line.strip()]


LINES = [line for block in blocks("sh") for line in lines_of(block)]
PLAIN = [line for line in LINES if line.startswith("imagefit ") and not {">", "&&"} & set(shlex.split(line))]
MAKE = [line for line in LINES if line.startswith("make ")]
INSTALL = [line for line in LINES if "pip install" in line]
OTHERS = [line for line in LINES if line not in {*PLAIN, *MAKE, *INSTALL}]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the samples and a pack of one's own, in which the test runs."""
    for file in SAMPLES.iterdir():
        shutil.copy(file, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_in_shell(line: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-e", "-c", line],
        cwd=folder,
        env=os.environ | {"PATH": programs} | environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_right_after_its_first_lines_it_shows_two_commands() -> None:
    assert lines_of(blocks("sh")[0]) == ["make demo", "make test"]
    before = README.partition("```")[0]
    assert len(before.splitlines()) <= 5


def test_every_command_line_is_tried() -> None:
    assert len(PLAIN) > 20
    assert (len(MAKE), len(INSTALL), len(OTHERS)) == (2, 1, 3)


@pytest.mark.parametrize("line", PLAIN, ids=str)
def test_a_command_line_answers_and_complains_of_nothing(line: str, folder: Path) -> None:
    arguments = shlex.split(line)[1:]
    if "--pack" in arguments:
        lay_out(folder / "my-pack")
    there = set(folder.iterdir())
    result = run(*arguments)
    assert isinstance(result.exception, SystemExit | None), result.exception
    assert result.exit_code in ANSWERS, result.stderr
    has_answered = bool(result.stdout) or set(folder.iterdir()) > there
    assert has_answered or re.search("all as expected|nothing found", result.stderr)


@pytest.mark.parametrize("line", OTHERS, ids=str)
def test_a_line_of_the_shell_runs(line: str, folder: Path) -> None:
    found = run_in_shell(line, folder)
    assert found.returncode == 0, found.stderr
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize("line", MAKE, ids=str)
def test_a_target_of_make_is_there(line: str) -> None:
    target = shlex.split(line)[1]
    found = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr


@pytest.mark.long  # `make dist` installs what pip would build of a checkout, and tries that
@pytest.mark.parametrize("line", INSTALL, ids=str)
def test_it_installs_as_it_says(line: str, tmp_path: Path) -> None:
    for name in ("engine", "rules", "data"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    compile_quickly(tmp_path)
    # Nothing is downloaded: what it needs, and what builds it, is taken from where this test runs.
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    site_packages = str(Path(setuptools.__file__).parents[1])
    found = run_in_shell(f"{line}\ncd /\nwhich imagefit", tmp_path, PYTHONPATH=site_packages, **offline)
    assert found.returncode == 0, found.stderr
    assert found.stdout.splitlines()[-1] == str(tmp_path / ".venv" / "bin" / "imagefit")


def test_the_answer_that_it_shows_is_the_answer(folder: Path) -> None:
    shown = next(block for block in blocks("") if block.startswith("INCOMPATIBLE"))
    line = next(line for line in PLAIN if "#shelf-camera" in line)
    said = run(*shlex.split(line)[1:]).stdout
    beginning, _, end = shown.partition("  ...\n")
    assert said.startswith(beginning)
    assert end == ""


def test_its_python_does_what_its_comments_say(folder: Path) -> None:
    import pandas

    facts = {"id": "a", "image.visibility": "public", "image.status": "active"}
    names = {
        "table": pandas.DataFrame([facts] * 4),
        "images": [facts],
        "ecss": [{"id": "b", "ecs.accelerator": "none"}, {"id": "c", "ecs.accelerator": "npu"}],
    }
    (block,) = blocks("python")
    exec(block, names)
    compared = 0
    for line in block.splitlines():
        code, _, comment = line.partition("  # ")
        if comment.startswith("'"):
            compared += 1
            assert eval(code, names) == ast.literal_eval(comment)
    assert compared == 2
