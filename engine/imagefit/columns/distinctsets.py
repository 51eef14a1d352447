"""Distinct sets as lists or texts state them: an element is read once, however many of the sets have it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import compress
from typing import Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from imagefit.columns import arrowdata
from imagefit.columns.ascending import ascending
from imagefit.columns.distinct import DistinctMarked, Members
from imagefit.columns.ragged import places_in
from imagefit.columns.setparts import Part, SetParts
from imagefit.columns.toldapart import parts_of, told_apart
from imagefit.errors import InputError
from imagefit.facts import Field, Value, read_value

__all__ = ["DistinctSets"]


class DistinctSets(DistinctMarked):
    """Values of a field of sets: which elements each lists, as places among the elements that some set has.

    Python's sets are made when it asks for one. Entries that are no values are read again as they were, for the error.
    """

    def __init__(self, field: Field, lists: Any) -> None:
        offsets = np.asarray(lists.offsets)[: len(lists) + 1].astype(np.int64)
        elements = _encoded(lists.values.slice(offsets[0], offsets[-1] - offsets[0]))
        names: list[str] = elements.dictionary.to_pylist()
        entries = np.asarray(pc.fill_null(elements.indices, len(names)), np.int32)
        self._begin(field, names, entries, offsets - offsets[0])
        self.lists = lists  # kept, so that the address of its buffers stays its own
        self._find_errors(arrowdata.known(lists), lambda code: lists[code - 1].as_py())

    @classmethod
    def of_elements(
        cls, field: Field, names: Sequence[str | None], places: NDArray[np.int32], ends: NDArray[np.int64]
    ) -> DistinctSets:
        """Return the sets of lists, one after the other; of each element the place of its name is given.

        Parameters
        ----------
        names
            Each once; None stands for no text.
        ends
            Where each list ends among the places, the first of them behind a 0.
        """
        found = cls.__new__(cls)
        known = [name for name in names if name is not None]
        if len(known) < len(names):
            moved = np.cumsum([name is not None for name in names], dtype=np.int32) - np.int32(1)
            moved[[name is None for name in names]] = len(known)
            places = moved[places]
        found._begin(field, known, places, ends)
        found._find_errors(None, found._listed)
        return found

    @classmethod
    def of_members(
        cls, field: Field, names: list[str], places: NDArray[np.int32], ends: NDArray[np.int64]
    ) -> DistinctSets:
        """Return sets as `of_elements` does, whose elements are values already."""
        found = cls.__new__(cls)
        found._begin(field, names, places, ends)
        return found

    @classmethod
    def of_texts(cls, field: Field, texts: Any, seen: SetParts | None = None) -> DistinctSets:
        """Return the sets that texts state, as `facts.read_text` reads them; `seen` is what is known of their parts."""
        found = cls.__new__(cls)
        found.lists = texts
        ends, parts = parts_of(texts, ";")
        seen = SetParts(field) if seen is None else seen
        stated: list[tuple[str, int]] = [seen[part] for part in parts.dictionary.to_pylist()]
        numbers: dict[str, int] = {}
        of_part = np.array([numbers.setdefault(name, len(numbers)) for name, _ in stated], np.int32)
        said = np.array([*(own for _, own in stated), 0], np.uint8)
        names, entries = list(numbers), parts.indices.to_numpy()
        lengths = np.diff(ends)
        heads = np.full(len(texts), -1, np.int32)
        heads[lengths > 0] = entries[ends[:-1][lengths > 0]]
        is_empty = (said[heads] & Part.NOTHING > 0) & (lengths == 1)
        is_odd = (said[heads] & (Part.LIST | Part.BLANK) > 0) | (lengths == 0)
        if (said & Part.PRINTED).any():
            owners = np.repeat(np.arange(len(texts)), lengths)
            is_odd[owners[said[entries] & Part.PRINTED > 0]] = True
        is_odd &= ~is_empty
        is_left_out = np.repeat(is_empty | is_odd, lengths)
        lengths = lengths * ~(is_empty | is_odd)
        found._begin(field, names, of_part[entries[~is_left_out]], np.append(0, np.cumsum(lengths)))

        def raw(code: int) -> object:
            return texts[code - 1].as_py()

        is_value = np.zeros(len(names) + 1, np.bool_)
        is_value[of_part] = said[:-1] & Part.WRONG == 0
        found._refuse(is_value, raw)
        found._read_odd(np.flatnonzero(is_odd) + 1, raw)
        return found

    def _begin(self, field: Field, names: list[str], entries: NDArray[np.int32], ends: NDArray[np.int64]) -> None:
        super().__init__(field, len(ends))
        self._names, self._entries, self._ends = names, entries, ends
        self._errors = {}
        self._odd: dict[int, frozenset[str]] = {}
        self._known = np.ones(self.size, np.bool_)
        self._known[0] = False

    def _find_errors(self, is_given: NDArray[np.bool_] | None, raw: Callable[[int], object]) -> None:
        """Find the codes that are no values; `raw` returns what a code's entry was."""
        if is_given is not None:
            self._known[1:] = is_given
        occurs = np.zeros(len(self._names) + 1, np.bool_)  # names of lists that were left out need be no values
        occurs[self._entries] = True
        if self._is_value(list(compress(self._names, occurs))) and not occurs[-1]:
            return
        self._refuse(_flags(self._is_value([name]) for name in self._names), raw)

    def _refuse(self, is_value: NDArray[np.bool_], raw: Callable[[int], object]) -> None:
        """Say of the codes whose elements are not all values what is wrong with them."""
        if not is_value[self._entries].all():
            for code in ascending(self._owners[~is_value[self._entries]]).tolist():
                if self._known[code]:
                    self._errors[code] = self._error(raw(code))
                    self._known[code] = False

    def _is_value(self, elements: list[str]) -> bool:
        """Whether a set may have these elements."""
        try:
            read_value(self.field, elements)
        except InputError:
            return False
        return True

    def _error(self, entry: object) -> InputError:
        try:
            read_value(self.field, entry)
        except InputError as error:
            return error.with_traceback(None)
        raise AssertionError(f"{self.field.name}: a list of a wrong element is right")

    def _read_odd(self, codes: NDArray[np.intp], raw: Callable[[int], object]) -> None:
        """Read texts that may be lists of JSON, and empty ones, one by one."""
        for code in codes.tolist():
            try:
                value = read_value(self.field, raw(code))
            except InputError as error:
                self._errors[code], value = error.with_traceback(None), None
            self._known[code] = value is not None
            if isinstance(value, frozenset):
                self._odd[code] = value
        if self._odd:
            self._state_odd()

    def _state_odd(self) -> None:
        """Put the elements of what was read one by one among the others."""
        numbers = {name: place for place, name in enumerate(self._names)}
        parts = np.split(self._entries, self._ends[1:-1])
        for code, value in self._odd.items():
            parts[code - 1] = np.array([numbers.setdefault(name, len(numbers)) for name in sorted(value)], np.int32)
        self._names, self._entries = list(numbers), np.concatenate(parts)
        self._ends = np.append(0, np.cumsum([len(part) for part in parts]))

    @property
    def _owners(self) -> NDArray[np.intp]:
        """The code of the list that each element is of."""
        return np.repeat(np.arange(1, self.size), np.diff(self._ends))

    @property
    def values(self) -> Sequence[Value | None]:
        """The set of each code; made anew, for what it is made of would else wait for the search for garbage."""
        return _Sets(self)

    def value(self, code: int) -> Value | None:
        """Return the set of one code."""
        return frozenset(map(str, self._listed(code))) if self._known[code] else None

    def _listed(self, code: int) -> list[str | None]:
        """Return the elements of one code as they are listed."""
        names = self._names
        entries = self._entries[self._ends[code - 1] : self._ends[code]].tolist()
        return [names[entry] if entry < len(names) else None for entry in entries]

    def sets(self) -> Iterator[Value | None]:
        """Yield the set of each code."""
        names = [*self._names, None]
        elements = [names[entry] for entry in self._entries.tolist()]
        ends, known = self._ends.tolist(), self._known.tolist()
        yield None
        for code in range(1, self.size):
            yield frozenset(elements[ends[code - 1] : ends[code]]) if known[code] else None

    def sorted_texts(self, codes: NDArray[Any]) -> Any:
        """Return the elements of some codes, which are known, as an Arrow array of lists: each once, in order."""
        ranks, texts = self._ordered
        starts, lengths = self._ends[codes - 1], (self._ends[1:] - self._ends[:-1])[codes - 1]
        owners = np.repeat(np.arange(len(codes)), lengths)
        numbers = ascending(owners * max(1, len(texts)) + ranks[self._entries[places_in(starts, lengths)]])
        owners, found = np.divmod(numbers, max(1, len(texts)))
        offsets = np.append(0, np.cumsum(np.bincount(owners, minlength=len(codes)))).astype(np.int32)
        return pa.ListArray.from_arrays(arrowdata.arrow(offsets), texts.take(arrowdata.arrow(found)))

    @cached_property
    def _ordered(self) -> tuple[NDArray[np.int64], Any]:
        """The place of each element's name among all in order, and these, an Arrow array."""
        names = sorted(range(len(self._names)), key=self._names.__getitem__)
        ranks = np.zeros(len(names), np.int64)
        ranks[names] = np.arange(len(names))
        return ranks, pa.array([self._names[name] for name in names], pa.string())

    def texts_of(self, codes: NDArray[Any], make: Callable[[Any], Any], unknown: str) -> Any:
        """Return a text of each of some codes, as an Arrow array: `unknown`, or what `make` makes of `sorted_texts`."""
        is_known = self._known[codes]
        places = arrowdata.arrow(np.cumsum(is_known) - 1)
        texts = make(self.sorted_texts(codes[is_known].astype(np.intp)))
        return pc.fill_null(texts.take(pc.if_else(arrowdata.arrow(is_known), places, None)), unknown)

    @cached_property
    def members(self) -> Members:
        """The elements of all sets."""
        owners, entries = self._owners, self._entries
        if not self._known[1:].all():
            is_known = self._known[owners]
            owners, entries = owners[is_known], entries[is_known]
        return Members(self._names, owners, entries)


class _Sets(Sequence[Value | None]):
    """Sets by code, each made when it is asked for."""

    def __init__(self, distinct: DistinctSets) -> None:
        self._distinct = distinct

    def __len__(self) -> int:
        return self._distinct.size

    @overload
    def __getitem__(self, code: int) -> Value | None: ...
    @overload
    def __getitem__(self, code: slice) -> Sequence[Value | None]: ...
    def __getitem__(self, code: int | slice) -> Value | Sequence[Value | None] | None:
        if isinstance(code, slice):
            return [*self][code]
        return self._distinct.value(range(len(self))[code])

    def __iter__(self) -> Iterator[Value | None]:
        return self._distinct.sets()


def _flags(of_each: Iterable[bool]) -> NDArray[np.bool_]:
    """Return what is so of each, with one more that is not."""
    return np.array([*of_each, False], np.bool_)


def _encoded(elements: Any) -> Any:
    """Return elements as a dictionary of texts that all differ."""
    elements = arrowdata.plain(elements)
    if types.is_dictionary(elements.type):
        elements = elements.dictionary_decode()
    if types.is_null(elements.type):
        elements = elements.cast(pa.string())
    return told_apart(elements)
