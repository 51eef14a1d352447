"""What evaluators hand back: of a batch of candidates `Judged`, of the pairs of two sides a `PairResults`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Encoded
from imagefit.rulepack.pack import Outcome
from imagefit.values import dataclass
from imagefit.verdicts.logged import CODES

__all__ = [
    "OUTCOMES",
    "WORD",
    "Counts",
    "Flags",
    "Judged",
    "Numbers",
    "OnRows",
    "PairResults",
    "Totals",
    "outcome_letters",
    "words_for",
]

WORD = 64

Flags = tuple[tuple[int, Outcome], ...]
"""What `Judged.masks` has a bit for: that the rule at a place has an outcome."""

OUTCOMES = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.NOT_APPLICABLE)
"""The outcomes by the number that stands for each in arrays."""

Counts = NDArray[np.int64]
Numbers = NDArray[np.intp]

OnRows = Callable[[int], object]
"""Is told of rows that are done, from any thread."""


class Judged(Protocol):
    """The outcomes of a batch."""

    @property
    def encoded(self) -> Encoded:
        """The candidates."""

    def levels(self) -> NDArray[np.uint8]:
        """Return the verdict of each row, as its place in `LEVELS`."""

    def masks(self, flags: Flags) -> list[NDArray[np.uint64]]:
        """Return the flags of each row as bits of words of 64, the first flag as the lowest bit of the first word."""

    def outcomes(self, row: int) -> list[Outcome]:
        """Return the rules' outcomes in one row."""


@dataclass(frozen=True, eq=False, slots=True)
class Totals:
    """How many pairs of each row, and of each lane, are compatible, and how many unknown; the others are neither."""

    by_row: tuple[Counts, Counts]
    by_lane: tuple[Counts, Counts]


class PairResults(Protocol):
    """The pairs of two sides, *rows* and *lanes*; each answer is worked out when it is asked for."""

    @property
    def totals(self) -> Totals:
        """The verdicts counted, by row and by lane."""

    @property
    def by_row(self) -> tuple[Counts, Counts]:
        """The compatible and the unknown pairs of each row."""

    @property
    def outcomes(self) -> Counts:
        """For each rule (first axis) the number of pairs with each of `OUTCOMES` (second axis)."""

    @property
    def alone(self) -> Counts:
        """For each rule the number of pairs that it stops and no other rule does; 0 for rules that do not decide."""

    def count(self, on_rows: OnRows | None = None) -> Totals:
        """Count the verdicts, and tell of rows that are done."""

    def compatible(self) -> Iterator[tuple[Numbers, Numbers]]:
        """Yield the compatible pairs as numbers of rows and of lanes, by row, then by lane."""

    def levels(self) -> Iterator[NDArray[np.uint8]]:
        """Yield the verdicts of all pairs, some rows at a time: a row of places in `LEVELS`, one for each lane."""

    def outcomes_of(self, place: int) -> NDArray[np.uint8]:
        """Return what one rule says of each pair, rows by lanes, as places in `OUTCOMES`; meant for few pairs."""

    def tally(self) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
        """Count for each pair the error rules that fail and that are unknown; meant for one row, or one lane."""


def outcome_letters(judged: Judged, rules: int) -> list[str]:
    """Return what all of so many rules say of each row of a batch: a letter of `CODES` for each rule."""
    flags = tuple((place, outcome) for outcome in OUTCOMES[:-1] for place in range(rules))
    letters = np.full((judged.encoded.rows, rules), ord(CODES[OUTCOMES[-1]]), np.uint8)
    words = judged.masks(flags)
    for number, (place, outcome) in enumerate(flags):
        has = (words[number // WORD] >> np.uint64(number % WORD)) & np.uint64(1)
        letters[has.astype(np.bool_), place] = ord(CODES[outcome])
    text = letters.tobytes().decode("ascii")
    return [text[start : start + rules] for start in range(0, len(text), rules)]


def words_for(flags: Sequence[object]) -> int:
    """Return how many words of 64 bits hold the flags."""
    return max(1, -(-len(flags) // WORD))
