"""`imagefit rules schema`: prints what is kept in schemas/."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands import run
from imagefit.cli.rules_schema import KINDS
from imagefit.rulepack.schemas import SCHEMAS

KEPT = Path(__file__).parents[2] / "schemas"


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_printed_as_it_is_kept(kind: str) -> None:
    result = run("rules", "schema", kind)
    assert result.exit_code == 0
    assert result.stdout == (KEPT / f"{kind}.json").read_text("utf-8")


def test_rules_are_the_default_and_every_kind_can_be_named() -> None:
    assert run("rules", "schema").stdout == (KEPT / "rules.json").read_text("utf-8")
    assert set(KINDS) == set(SCHEMAS)


def test_an_unknown_kind_is_a_usage_error() -> None:
    result = run("rules", "schema", "ruls")
    assert result.exit_code == 2
