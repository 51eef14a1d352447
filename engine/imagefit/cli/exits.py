"""Exit codes: what a verb ends with, as far as ``--fail-on`` lets what it found count.

Errors of usage and input end with 2 (`cli.errors`), whatever was found.
"""

from __future__ import annotations

from imagefit.verdicts import VerdictKind

__all__ = ["FAIL_ON", "exit_code"]

FAIL_ON = ("incompatible", "unknown", "warning", "never")
"""What can be asked to count: each counts with what stands before it; `never` is nothing."""

INCOMPATIBLE, UNDECIDED, WARNINGS_ONLY = 1, 3, 4


def exit_code(level: int, fail_on: str, *, is_warned: bool = False) -> int:
    """Return the exit code of the worst that was found.

    Parameters
    ----------
    level
        The highest level of a verdict (`VerdictKind.level`).
    fail_on
        One of `FAIL_ON`.
    is_warned
        Whether a rule of severity warning fails.
    """
    counting = 0 if fail_on == "never" else FAIL_ON.index(fail_on) + 1
    if counting >= 1 and level == VerdictKind.INCOMPATIBLE.level:
        return INCOMPATIBLE
    if counting >= 2 and level == VerdictKind.UNKNOWN.level:
        return UNDECIDED
    return WARNINGS_ONLY if counting >= 3 and is_warned else 0
