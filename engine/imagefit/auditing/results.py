"""The results of a batch: the columns that an audit adds, each made when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.auditing.task import OperationTask
from imagefit.columns.arrowdata import arrow
from imagefit.columns.column import Encoded
from imagefit.errors import InputError
from imagefit.evaluators.results import Flags, Judged
from imagefit.explanations.cases.listedrules import Elements
from imagefit.explanations.cases.reasons import Reasons, reasons_of
from imagefit.explanations.cases.textlists import TextLists, flags_set
from imagefit.explanations.cases.unknowns import Memory
from imagefit.rulepack.pack import Rule
from imagefit.verdicts import LEVELS

if TYPE_CHECKING:
    from imagefit.planning.sketches import Sketched

__all__ = ["LISTS", "PLAN_COLUMNS", "RESULT_COLUMNS", "RESULT_TYPES", "Audited", "Results", "verdict_column"]

RESULT_COLUMNS = ("verdict", "failed_rules", "unknown_rules", "warnings", "missing_facts", "reasons")

PLAN_COLUMNS = ("plan", "plan_cost")
"""The columns that there are where plans are wanted: remedies in order, and what they cost."""

_OF_SKETCH = ("remedies", "cost")

LISTS = pa.list_(pa.dictionary(pa.int32(), pa.string()))
RESULT_TYPES = (pa.dictionary(pa.int8(), pa.string()), LISTS, LISTS, LISTS, LISTS, LISTS)


class Results:
    """What the rules of one operation say of a batch of candidates."""

    def __init__(self, task: OperationTask, judged: Judged) -> None:
        self.task, self.judged = task, judged

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self.judged.encoded.rows

    @cached_property
    def levels(self) -> NDArray[np.uint8]:
        """The verdict of each row, as its place in `LEVELS`."""
        return self.judged.levels()

    @cached_property
    def failing(self) -> Elements:
        """The error rules that fail."""
        return self._elements(self.task.failing, self.task.error_of_flag)

    @cached_property
    def undecided(self) -> Elements:
        """The error rules that are unknown."""
        return self._elements(self.task.undecided, self.task.error_of_flag)

    @cached_property
    def failed_rules(self) -> TextLists:
        """The ids of the error rules that fail."""
        return self._ids(self.failing, self.task.errors)

    @cached_property
    def unknown_rules(self) -> TextLists:
        """The ids of the error rules that are unknown."""
        return self._ids(self.undecided, self.task.errors)

    @cached_property
    def warnings(self) -> TextLists:
        """The ids of the warnings that fail, then of the notices that apply."""
        return self._ids(self.noted, self.task.noted_rules)

    @cached_property
    def missing_facts(self) -> TextLists:
        """The facts that could still change an unknown verdict, most decisive first."""
        return self.task.unknowns.missing(self.judged.encoded, self.levels, self.undecided, *self._cases)

    @cached_property
    def explained(self) -> Reasons:
        """Why the error rules fail, then why others are unknown."""
        return reasons_of(self.task.errors, self.judged.encoded, self.failing, self.undecided, *self._cases)

    @cached_property
    def _cases(self) -> tuple[NDArray[np.int32], Memory]:
        return self.task.unknowns.numbers(self.judged.encoded, self.undecided)

    @property
    def reasons(self) -> TextLists:
        """The reasons of each row."""
        return self.explained.lists

    @cached_property
    def planned(self) -> Sketched | None:
        """The plans of the rows; None if nobody wants them."""
        planning = self.task.planning
        return None if planning is None else planning.of(self.judged.encoded, self.levels)

    def columns(self) -> list[Any]:
        """Return the columns of `RESULT_COLUMNS`, and of `PLAN_COLUMNS` where plans are wanted, as Arrow arrays."""
        lists = [getattr(self, name).to_arrow() for name in RESULT_COLUMNS[1:]]
        if self.planned is not None:
            lists += [_ragged(self.planned, [getattr(s, name) for s in self.planned.sketches]) for name in _OF_SKETCH]
        return [verdict_column(self.levels), *lists]

    @cached_property
    def noted(self) -> Elements:
        """The warnings that fail and the notices that apply."""
        return self._elements(self.task.noted)

    def _elements(self, flags: Flags, places: NDArray[np.intp] | None = None) -> Elements:
        """Return the flags that each row has, by their numbers; or by their places, if they have others."""
        rows, numbers = flags_set(self.judged.masks(flags), len(flags))
        if places is None:
            return Elements(rows, numbers, self.rows)
        order = rows * len(flags) + places[numbers]
        order.sort(kind="stable")  # within each row; the rows are in order
        rows, found = np.divmod(order, max(1, len(flags)))
        return Elements(rows, found.astype(numbers.dtype), self.rows)

    def _ids(self, elements: Elements, rules: Sequence[Rule]) -> TextLists:
        return TextLists(elements.offsets, elements.places, pa.array([rule.id for rule in rules], pa.string()))


class Audited:
    """The results of a batch whose rows may ask for several operations.

    Attributes
    ----------
    parts
        The results of each operation, with the places of its rows (None: all).
    errors
        The rows that could not be read, by place, with the first of their errors; they are in no part.
    """

    def __init__(
        self,
        encoded: Encoded,
        parts: Sequence[tuple[Results, NDArray[np.intp] | None]],
        errors: Mapping[int, InputError],
        width: int = len(RESULT_COLUMNS),
    ) -> None:
        self.rows, self.parts, self.errors, self._width = encoded.rows, parts, errors, width
        self._encoded = encoded

    @cached_property
    def read_rows(self) -> NDArray[np.intp] | None:
        """The places of the rows that could be read; None if all were."""
        if not self.errors:
            return None
        return np.setdiff1d(np.arange(self.rows), np.fromiter(self.errors, np.intp))

    def places(self) -> list[tuple[int, Results, int]]:
        """Return the rows that could be read in their order: each with its results and its place among those."""
        places: list[tuple[int, Results, int]] = []
        for results, rows in self.parts:
            numbers = range(results.rows) if rows is None else rows.tolist()
            places += [(row, results, own) for own, row in enumerate(numbers)]
        return sorted(places, key=lambda place: place[0])

    @property
    def facts(self) -> Encoded:
        """The facts of the rows that could be read."""
        return self._encoded if self.read_rows is None else self._encoded.take(self.read_rows)

    @property
    def operations(self) -> Sequence[str]:
        """The operation of each row that could be read."""
        found = np.zeros(self.rows, np.intp)
        for number, (_, rows) in enumerate(self.parts):
            found[slice(None) if rows is None else rows] = number
        own = found if self.read_rows is None else found[self.read_rows]
        return [self.parts[number][0].task.operation for number in own.tolist()]

    @cached_property
    def levels(self) -> NDArray[np.uint8]:
        """The verdict of each row that could be read, as its place in `LEVELS`."""
        levels = np.zeros(self.rows, np.uint8)
        for results, rows in self.parts:
            levels[slice(None) if rows is None else rows] = results.levels
        return levels if self.read_rows is None else levels[self.read_rows]

    def columns(self) -> list[Any]:
        """Return the columns as of `Results.columns`, of the rows that could be read, as Arrow arrays."""
        if len(self.parts) == 1 and self.parts[0][1] is None:
            return self.parts[0][0].columns()
        if not self.parts:
            return [pa.array([], kind) for kind in (*RESULT_TYPES, LISTS, LISTS)[: self._width]]
        order = np.argsort(np.concatenate([rows for _, rows in self.parts if rows is not None]))
        made = zip(*(results.columns() for results, _ in self.parts), strict=True)
        chunks = (pa.chunked_array(list(pieces)).unify_dictionaries().combine_chunks() for pieces in made)
        return [chunk.take(arrow(order)) for chunk in chunks]


def _ragged(planned: Sketched, texts: Sequence[Sequence[str]]) -> Any:
    """Return lists of text, of which there are few different ones."""
    known = {text: code for code, text in enumerate(dict.fromkeys(text for some in texts for text in some))}
    offsets = np.cumsum([0, *map(len, texts)], dtype=np.int32)
    codes = np.array([known[text] for some in texts for text in some], np.int32)
    lists = TextLists(offsets, codes, pa.array(list(known), pa.string())).to_arrow()
    return lists.take(arrow(planned.numbers))


def verdict_column(levels: NDArray[np.uint8]) -> Any:
    """Return levels as an Arrow column of verdicts."""
    return pa.DictionaryArray.from_arrays(arrow(levels.astype(np.int8)), pa.array([level.value for level in LEVELS]))
