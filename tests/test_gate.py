"""The gate on benchmarks: what it lets pass, and what it says of a job that has become slower."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(Path(__file__).parents[1] / "benchmarks")
    import gate

    return gate


def test_a_ratio_a_quarter_worse_fails_and_one_a_fifth_worse_does_not(gate: ModuleType) -> None:
    committed = {"slower": 2.0, "a bit slower": 2.0, "quicker": 2.0}
    (line,) = gate.worse({"slower": 2.6, "a bit slower": 2.4, "quicker": 0.5}, committed)
    assert line.startswith("slower: 2.6x") and "1.30 times the 2x" in line


def test_a_job_without_a_committed_ratio_fails(gate: ModuleType) -> None:
    (line,) = gate.worse({"new": 1.0}, {})
    assert line.startswith("new: 1x") and "--update" in line
