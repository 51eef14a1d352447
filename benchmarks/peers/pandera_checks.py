"""pandera: a check a rule, validated lazily, so that it collects all failure cases.

A check is true or false, so that each rule is two: that it does not fail, and that it can't. The masks are
those of `pandas_masks`; what pandera adds is what it costs to say which rows failed which check. The checks
are those of one column: a check of the whole frame lists every column of a failing row, at 36 times the cost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from imagefit.conditions import AllOf, negate
from imagefit.rulepack.pack import Pack, Rule, Severity
from peers import Judged
from peers.pandas_masks import Masks

__all__ = ["judge", "judged"]


def judge(pack: Pack, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the failure cases of both checks of every rule."""
    masks = Masks(frame)
    keys = pd.DataFrame({"key": np.arange(len(frame))})
    checks = [
        _check(masks, rule, place, what) for rule in pack.rules for place, what in enumerate(("fails", "may fail"))
    ]
    try:
        pa.DataFrameSchema({"key": pa.Column(checks=checks)}).validate(keys, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases: pd.DataFrame = errors.failure_cases
        return cases
    return pd.DataFrame({"check": [], "index": []})


def _check(masks: Masks, rule: Rule, place: int, what: str) -> pa.Check:
    violation = AllOf((rule.when, negate(rule.require)))
    holds: Callable[[pd.Series], Any] = lambda _: ~masks.of(violation)[place].reset_index(drop=True)  # noqa: E731
    return pa.Check(holds, name=f"{rule.id} {what}", error=f"{rule.id} {what}")


def judged(pack: Pack, cases: pd.DataFrame, rows: int) -> Judged:
    """Return the failure cases in the form that all are compared in."""
    fails, may_fail = np.zeros((2, len(pack.rules), rows), bool)
    places = {rule.id: place for place, rule in enumerate(pack.rules)}
    for check, group in cases.drop_duplicates(["check", "index"]).groupby("check"):
        name, _, what = str(check).partition(" ")
        (fails if what == "fails" else may_fail)[places[name], group["index"].astype(int)] = True
    is_error = np.array([rule.severity is Severity.ERROR for rule in pack.rules])
    verdicts = fails[is_error].any(axis=0).astype(np.uint8) + may_fail[is_error].any(axis=0)
    return Judged(verdicts, fails, may_fail & ~fails)
