"""An output is whole or untouched, whatever happens to a run; `make faults` injects more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

INJECT = Path(__file__).parent / "faults" / "run.py"


@pytest.mark.slow
def test_outputs_are_whole_or_untouched_whatever_happens_to_a_run() -> None:
    command = [sys.executable, str(INJECT), "--runs", "21", "--seed", "suite"]
    process = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert process.returncode == 0, process.stdout + process.stderr
    assert "21 faults" in process.stdout
