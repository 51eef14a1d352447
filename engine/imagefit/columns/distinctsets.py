"""Distinct sets as Arrow lists them: an element is read once, however many of the lists have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from imagefit.columns import arrowdata
from imagefit.columns.distinct import Distinct, Members
from imagefit.errors import InputError
from imagefit.facts import Field, Value, read_value

__all__ = ["DistinctSets"]


class DistinctSets(Distinct):
    """Values of a field of sets, from an Arrow array of lists of text; Python makes sets when it asks for them."""

    def __init__(self, field: Field, lists: Any) -> None:
        super().__init__(field, len(lists) + 1)
        self.lists = lists  # kept, so that the address of its buffers stays its own
        is_given = arrowdata.known(lists)
        offsets = np.asarray(lists.offsets)[: len(lists) + 1].astype(np.int64)
        elements = _encoded(lists.values.slice(offsets[0], offsets[-1] - offsets[0]))
        self._names: list[str] = elements.dictionary.to_pylist()
        self._entries = np.asarray(pc.fill_null(elements.indices, len(self._names)), np.int32)
        self._ends = offsets - offsets[0]
        is_value = np.append(np.fromiter(map(self._is_value, self._names), np.bool_, len(self._names)), False)
        self._known = np.ones(self.size, np.bool_)
        self._known[0] = False
        if is_given is not None:
            self._known[1:] = is_given
        self._errors: dict[int, InputError] = {}
        if not is_value[self._entries].all():
            for code in np.unique(self._owners[~is_value[self._entries]]).tolist():
                if self._known[code]:
                    self._errors[code] = self._error(code)
                    self._known[code] = False

    def _is_value(self, element: str) -> bool:
        try:
            read_value(self.field, [element])
        except InputError:
            return False
        return True

    def _error(self, code: int) -> InputError:
        try:
            read_value(self.field, self.lists[code - 1].as_py())
        except InputError as error:
            return error.with_traceback(None)
        raise AssertionError(f"{self.field.name}: a list of a wrong element is right")

    @property
    def _owners(self) -> NDArray[np.intp]:
        """The code of the list that each element is of."""
        return np.repeat(np.arange(1, self.size), np.diff(self._ends))

    @cached_property
    def values(self) -> Sequence[Value | None]:
        """The set of each code."""
        return (None, *self._sets())

    def _sets(self) -> Iterator[Value | None]:
        names = [*self._names, None]
        elements = [names[entry] for entry in self._entries.tolist()]
        ends, known = self._ends.tolist(), self._known.tolist()
        for code in range(1, self.size):
            yield frozenset(elements[ends[code - 1] : ends[code]]) if known[code] else None

    @property
    def errors(self) -> Mapping[int, InputError]:
        """What is wrong with codes that are no values."""
        return self._errors

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Whether each code is known."""
        return self._known

    @cached_property
    def members(self) -> Members:
        """The elements of all sets."""
        owners, entries = self._owners, self._entries
        if not self._known[1:].all():
            is_known = self._known[owners]
            owners, entries = owners[is_known], entries[is_known]
        return Members(self._names, owners, entries)


def _encoded(elements: Any) -> Any:
    """Return elements as a dictionary of texts that all differ."""
    elements = arrowdata.plain(elements)
    if types.is_dictionary(elements.type):
        elements = elements.dictionary_decode()
    if types.is_null(elements.type):
        elements = elements.cast(pa.string())
    return pc.dictionary_encode(elements)
