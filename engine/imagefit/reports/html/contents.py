"""What a page is made of: what was counted, and the candidates; the same for a check, an audit and a match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imagefit.auditing.levers import Levers
from imagefit.reports.html.heat import Heat
from imagefit.reports.html.rows import Rows
from imagefit.rulepack.pack import Pack
from imagefit.verdicts import VerdictKind

__all__ = ["SIGNS", "STYLES", "Contents", "Missing", "Stopped", "verdict_line"]

STYLES = {VerdictKind.INCOMPATIBLE: "bad", VerdictKind.UNKNOWN: "open", VerdictKind.COMPATIBLE: "good"}
SIGNS = {VerdictKind.INCOMPATIBLE: "✕", VerdictKind.UNKNOWN: "?", VerdictKind.COMPATIBLE: "✓"}


@dataclass(frozen=True, slots=True)
class Stopped:
    """How many candidates a rule stops, stops alone (None: not counted), and leaves undecided."""

    rule: str
    stops: int
    alone: int | None
    open: int


@dataclass(frozen=True, slots=True)
class Missing:
    """How many of how many lack a fact, and the option that supplies it."""

    fact: str
    lacking: int
    of: int
    whose: str
    flag: str


@dataclass(frozen=True)
class Contents:
    """What a page is made of.

    Attributes
    ----------
    verb
        ``check``, ``audit`` or ``match``.
    noun
        What is counted: ``candidates``, ``pairs``.
    of
        What was looked at, in a few words.
    stopped
        The rules that say something of some candidate.
    notes
        What a person should know of all this.
    """

    verb: str
    noun: str
    of: str
    pack: Pack
    operations: Sequence[str]
    counts: Mapping[VerdictKind, int]
    stopped: Sequence[Stopped]
    missing: Sequence[Missing]
    rows: Rows
    levers: Levers | None
    notes: Sequence[str]
    heat: Heat | None = None

    @property
    def size(self) -> int:
        """How many were judged."""
        return sum(self.counts.values())


def verdict_line(counts: Mapping[VerdictKind, int], noun: str, name: str = "") -> str:
    """Return the verdict in a few words: ``12 of 40 candidates do not fit``; of one, by its name if it has one."""
    size = sum(counts.values())
    one = noun.removesuffix("s")
    for kind, plural, single in (
        (VerdictKind.INCOMPATIBLE, "do not fit", "does not fit"),
        (VerdictKind.UNKNOWN, "are not decided", "is not decided"),
        (VerdictKind.COMPATIBLE, "fit", "fits"),
    ):
        count = counts.get(kind, 0)
        if count and size == 1:
            return f"{name or f'The {one}'} {single}"
        if count:
            many = f"All {size:,}" if count == size else f"{count:,} of {size:,}"
            return f"{many} {noun} {single if count == 1 else plural}"
    return "Nothing was checked"
