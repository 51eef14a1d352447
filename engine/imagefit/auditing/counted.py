"""Counted reasons: columns, of which none has an object of its own until somebody looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import pyarrow as pa
import pyarrow.compute as pc

from imagefit.rulepack.pack import Outcome
from imagefit.values import dataclass

__all__ = ["CountedReasons", "ReasonCount"]

AT_ONCE = 4096
"""So many reasons are objects at a time."""


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many rows have one reason, and the key of the first of them."""

    rule: str
    outcome: str
    reason: str
    rows: int
    example: str

    def to_dict(self) -> dict[str, Any]:
        """Return the count as JSON data."""
        return {
            "rule": self.rule,
            "outcome": self.outcome,
            "reason": self.reason,
            "rows": self.rows,
            "example": self.example,
        }


class CountedReasons(Sequence[ReasonCount]):
    """Reasons in an order; each is an object when it is asked for.

    Parameters
    ----------
    places
        The rows of the table that they are, in order: an Arrow array.
    """

    def __init__(self, table: Any, kinds: Sequence[tuple[Outcome, str]], places: Any) -> None:
        self._table, self._kinds, self._places = table, kinds, places

    def of(self, outcome: Outcome) -> CountedReasons:
        """Return those of rules with one outcome."""
        kinds = [place for place, (own, _) in enumerate(self._kinds) if own is outcome]
        is_own = pc.is_in(self._table["kind"].take(self._places).combine_chunks(), pa.array(kinds, pa.int32()))
        return CountedReasons(self._table, self._kinds, self._places.filter(is_own))

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> ReasonCount: ...
    @overload
    def __getitem__(self, place: slice) -> CountedReasons: ...
    def __getitem__(self, place: int | slice) -> ReasonCount | CountedReasons:
        if isinstance(place, slice):
            places = pa.array(range(len(self))[place], pa.int64())
            return CountedReasons(self._table, self._kinds, self._places.take(places))
        (found,) = CountedReasons(self._table, self._kinds, self._places.slice(range(len(self))[place], 1))
        return found

    def __iter__(self) -> Iterator[ReasonCount]:
        for start in range(0, len(self), AT_ONCE):
            some = self._table.take(self._places.slice(start, AT_ONCE))
            for kind, text, rows, key in zip(*(column.to_pylist() for column in some.columns), strict=True):
                outcome, rule = self._kinds[kind]
                yield ReasonCount(rule, outcome.value, text, rows, key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"<{len(self)} reasons>"
