"""The page that shows plans of each error rule is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from imagefit.rulepack.pack import Pack, Severity

sys.path.append(str(Path(__file__).parent))
from page import ROOT, page


@pytest.mark.slow
def test_the_page_is_up_to_date(built_in: Pack) -> None:
    shown = page(built_in)
    assert (ROOT / "docs" / "plans.md").read_text("utf-8") == shown
    assert all(f"| `{rule.id}` |" in shown for rule in built_in.rules if rule.severity is Severity.ERROR)
