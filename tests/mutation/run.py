"""Mutation testing of the modules that define what a rule means, and what is said of it.

``python tests/mutation/run.py [--only conditions] [--every 10]``. Each mutant is run against the tests of its target,
the quick ones first, in a process of its own. A mutant that no test notices has to be explained in
docs/mutation.md, word for word as it is printed; exits with 1 where one is not.
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
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from mutants import mutants

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "mutation.md"


@dataclass(frozen=True)
class Target:
    """A module to mutate, and the files of tests that have to notice, in stages: the quick ones first."""

    module: str
    stages: tuple[tuple[str, ...], ...]

    @property
    def path(self) -> str:
        """The module's file, from the project's root."""
        return f"engine/{self.module.replace('.', '/')}.py"


SEMANTICS = (
    ("tests/test_conditions.py", "tests/evaluators/test_reference.py"),
    (
        "tests/rulepack/test_pack.py",
        "tests/rulepack/test_digest.py",
        "tests/test_explain.py",
        "tests/test_missing.py",
    ),
    ("tests/test_properties.py",),
)
TARGETS = {
    "conditions": Target("imagefit.conditions", SEMANTICS),
    "reference": Target("imagefit.evaluators.reference", SEMANTICS),
    "explain": Target(
        "imagefit.explanations.candidate.explainer",
        (("tests/test_explain.py",), ("tests/test_api.py", "tests/reports/test_text.py")),
    ),
    "results": Target(
        "imagefit.explanations.candidate.ruleresults",
        (("tests/test_explain.py",), ("tests/test_remembered.py", "tests/test_properties.py")),
    ),
    "missing": Target(
        "imagefit.explanations.missing.ofrule",
        (("tests/test_missing.py",), ("tests/test_explain.py", "tests/test_properties.py")),
    ),
    "tables": Target(
        "imagefit.evaluators.tabular.tables",
        (("tests/evaluators/test_tabular.py",), ("tests/evaluators/test_tabular_batches.py",)),
    ),
    "functions": Target(
        "imagefit.explanations.truths.functions", (("tests/test_quick_truths.py",), ("tests/test_missing.py",))
    ),
    "fieldcells": Target(
        "imagefit.evaluators.fieldcells",
        (("tests/evaluators/test_cells.py",), ("tests/analysis/test_enumeration.py",)),
    ),
    "cells": Target(
        "imagefit.evaluators.cells",
        (
            ("tests/evaluators/test_cells.py",),
            ("tests/analysis/test_enumeration.py", "tests/evaluators/test_tabular.py"),
        ),
    ),
}
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
    parser.add_argument("--only", choices=TARGETS, help="mutate this module alone")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="run every Nth mutant only")
    options = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT / "tests"))
    _preload()
    page = PAGE.read_text("utf-8") if PAGE.exists() else ""
    unexplained = 0
    for key in [options.only] if options.only else TARGETS:
        name, path, stages = TARGETS[key].module, TARGETS[key].path, TARGETS[key].stages
        source = (ROOT / path).read_text("utf-8")
        if is_noticed(name, source, [test for tests in stages for test in tests]):
            print(f"{path}: the tests fail as it is")
            return 2
        found = list(mutants(source))[:: options.every]
        survive = 0
        for mutant in found:
            if not any(is_noticed(name, mutant.source, tests) for tests in stages):
                is_explained = mutant.name in page
                survive, unexplained = survive + 1, unexplained + (not is_explained)
                print(f"  {'explained  ' if is_explained else 'UNEXPLAINED'} {mutant}", flush=True)
        print(f"{path}: {len(found)} mutants, {len(found) - survive} noticed, {survive} survive", flush=True)
    return 1 if unexplained else 0


def _preload() -> None:
    """Import what every mutant's tests need, but nothing of ours, so that the forks begin with it."""
    import hypothesis  # noqa: F401
    import pydantic  # noqa: F401
    import pytest  # noqa: F401
    import yaml  # noqa: F401


if __name__ == "__main__":
    sys.exit(main())
