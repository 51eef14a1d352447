"""What is built holds what is worked with: every module, what stands beside modules, the rule packs, the catalogs."""

from __future__ import annotations

import runpy
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kernels import compile_quickly

ROOT = Path(__file__).parents[1]
NOT_OURS = ("__pycache__", "*.egg-info", ".*", "*.so")
SOURCES_OF_KERNEL = {f"imagefit/kernel/{name}" for name in ("exported.h", "kernel.c", "reading.c", "writing.c")}
FOLDERS = ("engine", "rules", "data", "schemas", "docs", "tests", "benchmarks")
FILES = (
    "pyproject.toml",
    "setup.py",
    "MANIFEST.in",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "LICENSE",
    "Makefile",
)

Build = Callable[[str], Path]


def files_below(folder: Path) -> set[str]:
    """Return the files of a folder that somebody wrote, as paths from its parent."""
    found = (path.relative_to(folder.parent) for path in folder.rglob("*") if path.is_file())
    return {path.as_posix() for path in found if not any(part.endswith(".egg-info") for part in path.parts)}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project to build from, since building writes beside the code."""
    copy = tmp_path_factory.mktemp("checkout")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns(*NOT_OURS))
    for file in FILES:
        shutil.copy(ROOT / file, copy / file)
    compile_quickly(copy)
    return copy


@pytest.fixture(scope="module")
def build(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Build as pip does: ``build("wheel")`` returns the file."""

    def execute(kind: str) -> Path:
        out = tmp_path_factory.mktemp(kind)
        code = f"from setuptools.build_meta import build_{kind}\nbuild_{kind}({str(out)!r})"
        process = subprocess.run(
            [sys.executable, "-c", code], cwd=checkout, capture_output=True, text=True, check=False, timeout=300
        )
        assert process.returncode == 0, process.stderr
        (file,) = out.iterdir()
        return file

    return execute


def test_a_wheel_holds_the_package_with_the_rule_packs_and_the_catalogs_inside(build: Build, checkout: Path) -> None:
    with zipfile.ZipFile(build("wheel")) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    expected = files_below(checkout / "engine" / "imagefit")
    for folder in ("rules", "data"):
        expected |= {f"imagefit/{name}" for name in files_below(checkout / folder)}
    expected |= {
        name.replace(".yaml", ".json") for name in expected if name.endswith("/pack.yaml") and "/rules/" in name
    }
    assert {"imagefit/py.typed", "imagefit/rules/pack.yaml", "imagefit/data/samples/images.json"} <= expected
    compiled = {name for name in held if name.startswith("imagefit/kernel/_kernel.")}
    assert len(compiled) == (shutil.which("cc") is not None)
    assert held - compiled == expected - SOURCES_OF_KERNEL


@pytest.mark.parametrize(("has_lock", "options"), [(True, {"bdist_wheel": {"py_limited_api": "cp311"}}), (False, {})])
def test_a_python_without_the_lock_is_not_asked_for_the_limited_api(
    monkeypatch: pytest.MonkeyPatch, has_lock: bool, options: dict[str, object]
) -> None:
    told: dict[str, Any] = {}
    monkeypatch.setattr("setuptools.setup", lambda **given: told.update(given))
    monkeypatch.setitem(sysconfig.get_config_vars(), "Py_GIL_DISABLED", int(not has_lock))
    runpy.run_path(str(ROOT / "setup.py"))
    (kernel,) = told["ext_modules"]
    assert told["options"] == options
    assert kernel.py_limited_api is bool(kernel.define_macros) is has_lock


def test_a_source_distribution_holds_everything_that_is_worked_with(build: Build, checkout: Path) -> None:
    with tarfile.open(build("sdist")) as sdist:
        held = {member.name.partition("/")[2] for member in sdist.getmembers() if member.isfile()}
    made = {name for name in held if ".egg-info/" in name} | {"PKG-INFO", "setup.cfg"}
    assert held - made == set(FILES).union(*(files_below(checkout / folder) for folder in FOLDERS))


def test_an_editable_install_is_a_plain_path_which_type_checkers_follow(build: Build, checkout: Path) -> None:
    with zipfile.ZipFile(build("editable")) as wheel:
        ours = [name for name in wheel.namelist() if ".dist-info/" not in name]
        assert [name.rpartition(".")[2] for name in ours] == ["pth"]
        assert wheel.read(ours[0]).decode().splitlines() == [str(checkout / "engine")]
