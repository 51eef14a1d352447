"""Choosing rows of an audit by what was found of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from imagefit.auditing.judging import AuditTask
from imagefit.auditing.results import Audited, Results
from imagefit.errors import InputError, UnknownNameError
from imagefit.verdicts import LEVELS

__all__ = ["row_filter"]


def row_filter(task: AuditTask, verdict: str | None, rule: str | None) -> Callable[[Audited], NDArray[np.bool_]]:
    """Return a function that says which rows have a verdict and name a rule; None: any.

    Raises
    ------
    UnknownNameError
        If there is no such verdict or rule.
    InputError
        If it is no text.
    """
    if verdict is not None:
        _check_text(verdict, "verdict", f"one of {', '.join(LEVELS)}")
        if verdict not in LEVELS:
            raise UnknownNameError.of("verdict", verdict, [level.value for level in LEVELS])
    if rule is not None:
        _check_text(rule, "rule", "the id of a rule")
        rule = task.pack.rule(rule).id  # it may be named as it was before

    def keep(audited: Audited) -> NDArray[np.bool_]:
        mask = np.ones(audited.rows, np.bool_)
        if verdict is not None:
            mask &= audited.levels == LEVELS.index(verdict)
        if rule is not None:
            named = np.zeros(audited.rows, np.bool_)
            for results, rows in audited.parts:
                named[slice(None) if rows is None else rows] = _names(results, rule)
            mask &= named
        return mask

    return keep


def _check_text(value: object, what: str, expected: str) -> None:
    if not isinstance(value, str):
        raise InputError(f"not a {what}", value=value, expected=expected)


def _names(results: Results, rule: str) -> NDArray[np.bool_]:
    named = np.zeros(results.rows, np.bool_)
    task = results.task
    for elements, rules in (
        (results.failing, task.errors),
        (results.undecided, task.errors),
        (results.noted, task.noted_rules),
    ):
        places = [place for place, own in enumerate(rules) if own.id == rule]
        named[elements.rows[np.isin(elements.places, places)]] = True
    return named
