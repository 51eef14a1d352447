"""Modules of imagefit as a process of our own finds them: those that Python finds, and only as long as it would."""

from __future__ import annotations

import os
import py_compile
import subprocess
import sys
from importlib.util import module_from_spec
from pathlib import Path

import pytest

from imagefit.cli.modules import ModuleFinder

SAID = """
import sys
sys.argv = ["imagefit", "rules", "list", "--select", "boot"]
if {quick}:
    from imagefit.cli.modules import find_own_modules
    find_own_modules()
from imagefit.cli.root import root
try:
    root()
except SystemExit:
    pass
from importlib.resources import files
for name, module in sorted(sys.modules.items()):
    others = ("imagefit.facts", "imagefit.rulepack", "imagefit.reports.text")
    if name.startswith("imagefit.cli.") and name != "imagefit.cli.modules" or name in others:
        spec = module.__spec__
        print(name, module.__file__, module.__cached__, getattr(module, "__path__", None), module.__package__)
        print(spec.name, spec.origin, spec.cached, spec.has_location, spec.submodule_search_locations, spec.parent)
        print(module.__loader__ is spec.loader, spec.loader.get_filename(name), len(spec.loader.get_source(name)))
        print(spec.loader.get_code(name).co_filename, spec.loader.is_package(name))
print(files("imagefit.readers").joinpath("names.csv").is_file())
"""


def test_modules_are_what_python_finds(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": "", "XDG_CACHE_HOME": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    said = []
    for quick in (False, True, True):
        run = [sys.executable, "-c", SAID.format(quick=quick)]
        done = subprocess.run(run, env=environment, capture_output=True, text=True, check=True, timeout=60)
        said.append(done.stdout)
    assert said[0].count("imagefit.cli.") > 20
    assert said[0] == said[1] == said[2]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "fresh.py"
    path.write_text("VALUE = 1\n")
    py_compile.compile(str(path), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
    return path


def test_a_module_is_made_of_what_was_compiled(source: Path) -> None:
    spec = ModuleFinder.find_spec("imagefit.fresh", [str(source.parent)])
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    assert vars(module)["VALUE"] == 1
    assert (module.__file__, vars(module)["__cached__"]) == (str(source), spec.cached)


def test_a_package_is_found_too(tmp_path: Path) -> None:
    inside = tmp_path / "parts/__init__.py"
    inside.parent.mkdir()
    inside.write_text("")
    py_compile.compile(str(inside), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
    spec = ModuleFinder.find_spec("imagefit.parts", [str(tmp_path)])
    assert spec is not None and spec.submodule_search_locations == [str(inside.parent)]


def test_python_looks_where_something_else_is_there(source: Path, tmp_path: Path) -> None:
    folder = str(source.parent)
    assert ModuleFinder.find_spec("imagefit.fresh", [folder, folder]) is None
    assert ModuleFinder.find_spec("imagefit.fresh") is None
    assert ModuleFinder.find_spec("others.fresh", [folder]) is None
    assert ModuleFinder.find_spec("imagefit.other", [folder]) is None
    (tmp_path / "bare.py").write_text("")
    assert ModuleFinder.find_spec("imagefit.bare", [folder]) is None  # never compiled
    for mode in (py_compile.PycInvalidationMode.CHECKED_HASH, py_compile.PycInvalidationMode.UNCHECKED_HASH):
        py_compile.compile(str(source), doraise=True, invalidation_mode=mode)
        assert ModuleFinder.find_spec("imagefit.fresh", [folder]) is None


def test_what_was_compiled_of_another_source_is_not_taken(source: Path) -> None:
    times = source.stat()
    source.write_text("VALUE = 10\n")
    os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert ModuleFinder.find_spec("imagefit.fresh", [str(source.parent)]) is None  # of another size
    source.write_text("VALUE = 2\n")
    os.utime(source, (times.st_atime + 5, times.st_mtime + 5))
    assert ModuleFinder.find_spec("imagefit.fresh", [str(source.parent)]) is None  # of another time
