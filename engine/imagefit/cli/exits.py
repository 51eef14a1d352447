"""The exit codes, and which of them the verdicts that a verb gave have: the same in every verb.

Errors of usage and input end with 2 (`cli.errors`), whatever was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagefit.verdicts.baseline import Compared

__all__ = [
    "BROKEN_PIPE",
    "FAIL_ON",
    "INCOMPATIBLE",
    "INTERNAL_ERROR",
    "INTERRUPTED",
    "UNDECIDED",
    "USAGE_ERROR",
    "WARNINGS_ONLY",
    "exit_code",
    "is_unknown_failure",
]

INCOMPATIBLE = 1
USAGE_ERROR = 2  # of the input and the output, too
UNDECIDED = 3
WARNINGS_ONLY = 4
INTERNAL_ERROR = 70
INTERRUPTED = 130  # as a shell reports what SIGINT ended
BROKEN_PIPE = 141  # as a shell reports what SIGPIPE ended

FAIL_ON = ("incompatible", "unknown", "warning", "assumed", "never")
"""What ``--fail-on`` can name: each of the first three counts with what stands before it; `assumed` is `unknown`, and
verdicts that rest on an assumption, too; `never` is nothing."""


def exit_code(
    level: int, fail_on: str, *, is_warned: bool = False, is_assumed: bool = False, compared: Compared | None = None
) -> int:
    """Return the exit code of the worst that was found.

    Parameters
    ----------
    level
        The highest level of a verdict (`VerdictKind.level`).
    fail_on
        One of `FAIL_ON`.
    is_warned
        Whether a rule of severity warning fails.
    is_assumed
        Whether a verdict rests on an assumption.
    compared
        What was found, beside a baseline: then only what is new counts of verdicts and warnings.
    """
    from imagefit.verdicts import VerdictKind

    if compared is not None:
        level, is_warned = compared.level, compared.is_warned
    counting = {"never": 0, "assumed": 2}.get(fail_on, FAIL_ON.index(fail_on) + 1)
    if counting >= 1 and level == VerdictKind.INCOMPATIBLE.level:
        return INCOMPATIBLE
    if counting >= 2 and level == VerdictKind.UNKNOWN.level:
        return UNDECIDED
    if fail_on == "assumed" and is_assumed:
        return UNDECIDED
    return WARNINGS_ONLY if counting >= 3 and is_warned else 0


def is_unknown_failure(fail_on: str) -> bool:
    """Return whether an undecided candidate makes a run fail."""
    return exit_code(1, fail_on) == UNDECIDED
