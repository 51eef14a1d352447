"""What users put into their pipelines: the page on CI, and the hooks of pre-commit."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

import commands
from imagefit.rulepack.starter import lay_out

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
PROJECT = """
operation = "create_ecs"
waivers = "waivers.yaml"
set = {"ecs.account" = "4c8e1f0a7b3d4d2e9f6a5b1c0d3e2f41", "image.region" = "cn-north-4", "ecs.region" = "cn-north-4"}
inputs = {images = "images.json", ecss = "flavors.json"}
"""
WAIVERS = """
waivers:
  - {rule: boot, image: [shelf-camera], reason: tested, owner: camera team, until: 2999-12-31}
  - {rule: flavor, image: [shelf-camera], reason: tested, owner: camera team, until: 2999-12-31}
"""


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def steps(data: object) -> Iterator[str]:
    """Yield the command lines of a pipeline, wherever they stand in it."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "run":
                yield value
            elif key == "script":
                yield from value
            else:
                yield from steps(value)
    elif isinstance(data, list):
        for each in data:
            yield from steps(each)


GITHUB, GITLAB, PRE_COMMIT = (yaml.safe_load(block) for block in blocks("yaml"))
JENKINS = re.findall(r"sh '([^']*)'", blocks("groovy")[0])
LINES = [line for line in (*steps(GITHUB), *steps(GITLAB), *JENKINS) if "pip install" not in line]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("images.json", "flavors.json", "tfplan.json"):
        shutil.copy(ROOT / "data" / "samples" / name, tmp_path)
    (tmp_path / "imagefit.toml").write_text(PROJECT)
    (tmp_path / "waivers.yaml").write_text(WAIVERS)
    return tmp_path


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def run(line: str, folder: Path, **more: str) -> Done:
    """Run a line in a folder: in a shell, or in this process if it is a plain command of imagefit."""
    if line.startswith("imagefit ") and not set(line) & set("|>&;"):
        with contextlib.chdir(folder):
            result = commands.run(*shlex.split(line)[1:])
        return Done(result.exit_code, result.stdout, result.stderr)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("IMAGEFIT_", "GIT_"))}
    environment |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", **more}
    done = subprocess.run(
        ["bash", "-e", "-c", line],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def test_there_are_command_lines_for_each_server() -> None:
    assert (len(list(steps(GITHUB))), len(list(steps(GITLAB))), len(JENKINS), len(LINES)) == (4, 4, 2, 6)


@pytest.mark.parametrize("line", LINES)
def test_a_pipeline_is_green_on_the_samples(line: str, folder: Path) -> None:
    if "known.json" in line:
        assert run(f"{line} --write-baseline", folder).returncode == 0
    done = run(line, folder, GITHUB_STEP_SUMMARY="summary.md")
    assert done.returncode == 0, done.stderr
    for name in (*re.findall(r"(?:-o|--summary|--log) (\S+)", line), *re.findall(r"STEP_(SUMMARY)", line)):
        assert (folder / {"SUMMARY": "summary.md"}.get(name, name)).stat().st_size


def test_a_pipeline_is_red_without_the_waivers(folder: Path) -> None:
    (folder / "waivers.yaml").write_text("waivers: []\n")
    assert {run(line, folder).returncode for line in LINES if "never" not in line and "check" in line} == {1}


def test_what_the_pipelines_keep_is_what_they_write() -> None:
    written = set(re.findall(r"(?:-o|--summary|--log) (\S+)", " ".join(LINES)))
    gitlab = [job["artifacts"] for job in GITLAB.values()]
    kept = {gitlab[0]["reports"]["junit"], *gitlab[1]["paths"], *re.findall(r"(?:junit|Artifacts) '([^']*)'", PAGE)}
    kept |= {
        step["with"]["sarif_file"] for step in GITHUB["jobs"]["imagefit"]["steps"] if "upload" in step.get("uses", "")
    }
    assert kept == written


@pytest.mark.slow
@pytest.mark.parametrize("page", ["log.md", "baseline.md", "waivers.md"])
def test_the_command_lines_of_other_pages_answer(page: str, folder: Path) -> None:
    (folder / "imagefit.toml").unlink()
    (folder / "waivers.yaml").unlink()
    found = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    lines = [line for block in found for line in re.sub(r"(\||\\)\n\s*", r"\1 ", block).splitlines()]
    assert lines
    for line in lines:
        done = run(re.sub(r"\s#\s.*", "", line), folder)
        assert done.returncode in (0, 1, 3), (line, done.stderr)


class TestHooks:
    def test_the_page_names_those_that_there_are(self) -> None:
        (repo,) = PRE_COMMIT["repos"]
        assert [hook["id"] for hook in repo["hooks"]] == [hook["id"] for hook in HOOKS]

    @pytest.mark.parametrize(
        "name", ["images.json", "flavors.json", "tfplan.json", "create-orders.json", "a/servers.json"]
    )
    def test_files_of_the_usual_names_are_checked(self, name: str) -> None:
        assert re.search(HOOKS[0]["files"], name)
        assert not re.search(HOOKS[0]["files"], "package.json")

    def test_the_entries_are_commands(self, folder: Path) -> None:
        check, rules = HOOKS
        done = run(f"{check['entry']} images.json flavors.json tfplan.json", folder)
        assert done.returncode == 0, done.stderr
        lay_out(folder / "ours")
        assert run(f"{rules['entry']} --pack ours", folder).returncode == 0

    @pytest.mark.slow
    @pytest.mark.skipif(find_spec("pre_commit") is None, reason="pre-commit is not installed here")
    def test_pre_commit_runs_them(self, folder: Path) -> None:
        """Real pre-commit, with the imagefit of this environment."""
        lay_out(folder / "ours")
        (folder / "package.json").write_text("{}")
        own = [hook | {"language": "system"} for hook in HOOKS]
        own[1] |= {"args": ["--pack", "ours"], "files": "^ours/"}
        config = {"repos": [{"repo": "local", "hooks": own}]}
        (folder / ".pre-commit-config.yaml").write_text(json.dumps(config))
        module = shlex.quote(sys.executable) + " -m pre_commit"
        home = str(folder / ".cache")
        assert (
            run(f"{module} validate-manifest {shlex.quote(str(ROOT / '.pre-commit-hooks.yaml'))}", folder).returncode
            == 0
        )
        run("git init -q . && git add images.json flavors.json tfplan.json package.json ours", folder)
        done = run(f"{module} run", folder, PRE_COMMIT_HOME=home)
        assert done.returncode == 0, done.stdout
        assert done.stdout.count("Passed") == 2
        rule = next(path for path in (folder / "ours").rglob("*.yaml") if "outcome: fail" in path.read_text())
        rule.write_text(rule.read_text().replace("outcome: fail", "outcome: pass", 1))
        (folder / "waivers.yaml").write_text("waivers: []\n")
        run("git add ours", folder)
        done = run(f"{module} run", folder, PRE_COMMIT_HOME=home)
        assert done.returncode == 1
        assert "INCOMPATIBLE" in done.stdout
        assert done.stdout.count("Failed") == 2
