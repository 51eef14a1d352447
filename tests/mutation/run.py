"""Mutation testing of the two modules that define what a rule means.

``python tests/mutation/run.py [--only conditions]``. Each mutant is run against the tests below, the quick ones
first, in a process of its own. A mutant that no test notices has to be explained in docs/mutation.md,
word for word as it is printed; exits with 1 where one is not.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.abc
import importlib.util
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from mutants import mutants

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "mutation.md"
MODULES = {
    "conditions": ("imagefit.conditions", "engine/imagefit/conditions.py"),
    "reference": ("imagefit.evaluators.reference", "engine/imagefit/evaluators/reference.py"),
}
QUICK = ["tests/test_conditions.py", "tests/evaluators/test_reference.py"]
MORE = [
    "tests/rulepack/test_pack.py",
    "tests/rulepack/test_digest.py",
    "tests/test_explain.py",
    "tests/test_missing.py",
]
SLOW = ["tests/test_properties.py"]
OPTIONS = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
MAX_SECONDS = 600


class Replaced(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from another source."""

    def __init__(self, name: str, source: str) -> None:
        self.name, self.source = name, source

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        return importlib.util.spec_from_loader(name, self) if name == self.name else None

    def create_module(self, spec: Any) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.source, f"<mutant of {self.name}>", "exec"), module.__dict__)


def is_noticed(name: str, source: str, tests: Sequence[str]) -> bool:
    """Whether a test fails with that source; runs in a forked process, for imports can't be undone."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            import pytest

            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            os.dup2(silent, 2)
            sys.meta_path.insert(0, Replaced(name, source))
            code = int(pytest.main([*OPTIONS, *tests]))
        finally:
            os._exit(min(code, 120))
    end = time.monotonic() + MAX_SECONDS
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) != 0
        time.sleep(0.01)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, 9)
    os.waitpid(child, 0)
    return True  # it never ends, which a person would notice


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=MODULES, help="mutate this module alone")
    options = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT / "tests"))
    _preload()
    page = PAGE.read_text("utf-8") if PAGE.exists() else ""
    unexplained = 0
    for key in [options.only] if options.only else MODULES:
        name, path = MODULES[key]
        source = (ROOT / path).read_text("utf-8")
        if is_noticed(name, source, [*QUICK, *MORE, *SLOW]):
            print(f"{path}: the tests fail as it is")
            return 2
        found = list(mutants(source))
        survivors = [m for m in found if not any(is_noticed(name, m.source, tests) for tests in (QUICK, MORE, SLOW))]
        noticed = len(found) - len(survivors)
        print(f"{path}: {len(found)} mutants, {noticed} noticed, {len(survivors)} survive", flush=True)
        for mutant in survivors:
            is_explained = mutant.name in page
            unexplained += not is_explained
            print(f"  {'explained  ' if is_explained else 'UNEXPLAINED'} {mutant}", flush=True)
    return 1 if unexplained else 0


def _preload() -> None:
    """Import what every mutant's tests need, but nothing of ours, so that the forks begin with it."""
    import hypothesis  # noqa: F401
    import pydantic  # noqa: F401
    import pytest  # noqa: F401
    import yaml  # noqa: F401


if __name__ == "__main__":
    sys.exit(main())
