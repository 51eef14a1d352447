"""The distinct values of a column, read once: what its codes stand for.

Reading and comparing happen here, per distinct value and never per row. What others make of distinct values
is remembered with them, for the batches that follow; a function that is `remembered` owns what it made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, wraps
from itertools import chain
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.fingerprints import are_surely_distinct
from imagefit.columns.memory import Memory
from imagefit.columns.toldapart import places_among
from imagefit.errors import InputError
from imagefit.facts import NO_ELEMENT, Field, FieldType, Value, read_value
from imagefit.values import dataclass

__all__ = [
    "Distinct",
    "DistinctMarked",
    "DistinctTexts",
    "DistinctValues",
    "Members",
    "remembered",
    "remembered_with_other",
]

P = ParamSpec("P")
T = TypeVar("T")
D = TypeVar("D", bound="Distinct")
D2 = TypeVar("D2", bound="Distinct")


@dataclass(frozen=True, eq=False, slots=True)
class Members:
    """The elements of the sets among distinct values, each set's as often as it lists them.

    Attributes
    ----------
    names
        The elements, each once; some may be in no set.
    owners, places
        For each element of each set, the code of the set and the place of the element in `names`.
    """

    names: Sequence[str]
    owners: NDArray[np.intp]
    places: NDArray[np.int32]


class Distinct:
    """Distinct values of a field. Code 0 is unknown, and code ``k + 1`` is entry ``k`` of the dictionary.

    Attributes
    ----------
    size
        The number of codes.
    values
        By code; None where a code is unknown. Two codes can have one value (``true`` and ``True``).
    errors
        What is wrong with the entries that are no values of the field, by code. Such a code counts as
        unknown; whether some row has it is for the column to say.
    identity
        Stands for them as a key that does not keep them in memory.
    """

    def __init__(self, field: Field, size: int) -> None:
        self.field = field
        self.size = size
        self._memory = Memory()
        self._others = WeakKeyDictionary[Distinct, Memory]()  # they come and go with the batches
        self.identity = object()

    @property
    def values(self) -> Sequence[Value | None]:
        """The value of each code."""
        raise NotImplementedError

    def value(self, code: int) -> Value | None:
        """Return the value of one code."""
        return self.values[code]

    @property
    def errors(self) -> Mapping[int, InputError]:
        """What is wrong with codes that are no values."""
        return {}

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Whether each code is known."""
        return np.fromiter((value is not None for value in self.values), np.bool_, self.size)

    @cached_property
    def first(self) -> NDArray[np.uint32]:
        """For each code the first code with the same value; 0 for what is unknown."""
        seen: dict[Value | None, int] = {None: 0}
        return np.fromiter((seen.setdefault(v, code) for code, v in enumerate(self.values)), np.uint32, self.size)

    @cached_property
    def is_known_throughout(self) -> bool:
        """Whether every code is known but 0."""
        return bool(self.known[1:].all())

    @cached_property
    def canonical(self) -> NDArray[np.uint32] | None:
        """What `first` is, where some code is not the first with its value; else None."""
        return None if np.array_equal(self.first, np.arange(self.size)) else self.first

    @cached_property
    def members(self) -> Members:
        """The elements of those that are sets."""
        sets = [value if isinstance(value, frozenset) else () for value in self.values]
        lengths = np.fromiter(map(len, sets), np.intp, self.size)
        numbers: dict[str, int] = {}
        found = (numbers.setdefault(element, len(numbers)) for element in chain.from_iterable(sets))
        places = np.fromiter(found, np.int32, int(lengths.sum()))
        return Members(list(numbers), np.repeat(np.arange(self.size), lengths), places)

    @cached_property
    def numbers(self) -> NDArray[Any]:
        """The number of each code, of an integer or a number; 0 where it is unknown."""
        kind = np.int64 if self.field.type is FieldType.INTEGER else np.float64
        return np.array([value or 0 for value in self.values], kind)

    def places_among(self, texts: Iterable[str]) -> NDArray[np.int32]:
        """Return for each code the place of its value among distinct `texts`, -1 if it is none of them."""
        places = {text: place for place, text in enumerate(texts)}
        found = (places.get(value, -1) if isinstance(value, str) else -1 for value in self.values)
        return np.fromiter(found, np.int32, self.size)

    def memory_with(self, other: Distinct) -> Memory:
        """Return what is remembered of these and of other distinct values, for as long as there are those."""
        return self._others.setdefault(other, Memory())


class DistinctValues(Distinct):
    """Values read one by one from what JSON, Python or a dictionary holds.

    `source` is kept as long as they are, so that the address of its buffers stays its own.
    """

    def __init__(self, field: Field, raw: Sequence[object], source: object = None) -> None:
        super().__init__(field, len(raw) + 1)
        self.source = source
        self._errors: dict[int, InputError] = {}
        self._elements: dict[type, set[str]] = {str: set(), list: set()}  # of sets that were read, from texts and lists
        self._values = (None, *(self._read(code, entry) for code, entry in enumerate(raw, start=1)))

    @classmethod
    def of(cls, field: Field, values: Sequence[Value | None]) -> DistinctValues:
        """Return values that were read before."""
        found = cls(field, [])
        found._values = (None, *values)
        found.size = len(found._values)
        return found

    def grown(self, raw: Sequence[object]) -> DistinctValues:
        """Return these values and further ones, whose codes follow; only those are read."""
        found = DistinctValues(self.field, [])
        found._errors |= self._errors
        found._elements = self._elements
        if self._has_all_of(raw):
            found._values = (*self._values, *map(frozenset[str], raw))  # type: ignore[arg-type]
        else:
            found._values = (*self._values, *(found._read(code, each) for code, each in enumerate(raw, self.size)))
        found.size = len(found._values)
        return found

    def _has_all_of(self, raw: Sequence[Any]) -> bool:
        """Whether all are lists whose elements a set may have: none of these has to be looked at again."""
        if not all(type(entry) is list for entry in raw):
            return False
        try:
            elements = set(chain.from_iterable(raw))
            read_value(self.field, elements - self._elements[list])
        except (InputError, TypeError):
            return False
        self._elements[list] |= elements
        return True

    def _read(self, code: int, entry: object) -> Value | None:
        is_set = self.field.type is FieldType.STRING_SET
        if is_set and (known := self._of_known(entry)) is not None:
            return known
        try:
            value = read_value(self.field, entry)
        except InputError as error:
            self._errors[code] = error.with_traceback(None)
            return None
        if isinstance(value, frozenset) and type(entry) in self._elements and not _is_list_text(entry):
            self._elements[type(entry)].update(map(str, value))
        return value

    def _of_known(self, entry: object) -> frozenset[str] | None:
        """Return a set all of whose elements were read before: no element has to be looked at again."""
        if type(entry) is str and entry != NO_ELEMENT and not _is_list_text(entry):
            parts = entry.split(";")
        elif type(entry) is list and all(type(element) is str for element in entry):
            parts = entry
        else:
            return None
        return frozenset(parts) if self._elements[type(entry)].issuperset(parts) else None

    @property
    def values(self) -> Sequence[Value | None]:
        """The value of each code."""
        return self._values

    @property
    def errors(self) -> Mapping[int, InputError]:
        """What is wrong with codes that are no values."""
        return self._errors


def _is_list_text(entry: object) -> bool:
    return isinstance(entry, str) and "[" in entry


class DistinctMarked(Distinct):
    """Distinct values of which it is found at once which codes are values, and what is wrong with the others."""

    _errors: dict[int, InputError]
    _known: NDArray[np.bool_]

    @property
    def errors(self) -> Mapping[int, InputError]:
        """What is wrong with codes that are no values."""
        return self._errors

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Whether each code is known."""
        return self._known


class DistinctTexts(Distinct):
    """Values of a field of any text, possibly very many: they stay in Arrow until Python asks for them."""

    def __init__(self, field: Field, texts: Any) -> None:
        super().__init__(field, len(texts) + 1)
        self.texts = texts
        self._one_by_one = len(texts) // 8

    def value(self, code: int) -> Value | None:
        """Return the value of one code: unless many are asked for, not all texts become Python's."""
        if not code or self._one_by_one <= 0:
            return self.values[code] if code else None
        self._one_by_one -= 1
        return self.texts[code - 1].as_py() or None

    @cached_property
    def values(self) -> Sequence[Value | None]:
        """The value of each code."""
        return (None, *(text or None for text in self.texts.to_pylist()))

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Whether each code is known: it is not null and no empty text."""
        return np.concatenate(([False], _numpy(pc.fill_null(pc.binary_length(self.texts), 0)) > 0))

    @cached_property
    def first(self) -> NDArray[np.uint32]:
        """For each code the first code with the same value; 0 for what is unknown."""
        found = np.arange(self.size) if self._all_differ else self._index_in(self.texts) + 1
        return np.where(self.known, found, 0).astype(np.uint32)

    @cached_property
    def canonical(self) -> NDArray[np.uint32] | None:
        """What `first` is, where some code is not the first with its value; else None."""
        return None if self.is_known_throughout and self._all_differ else super().canonical

    @cached_property
    def _all_differ(self) -> bool:
        return are_surely_distinct(self.texts) or len(pc.unique(self.texts)) == len(self.texts)

    def places_among(self, texts: Iterable[str]) -> NDArray[np.int32]:
        """Return for each code the place of its value among distinct `texts`, -1 if it is none of them."""
        return self._index_in(pa.array(list(texts), self.texts.type))

    def numbered(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return for each code 0 if it is unknown, else 1 and the place of its value among distinct `texts`.

        What is none of them comes after the last.
        """
        places = self.places_among(texts)
        return np.where(self.known, np.where(places < 0, len(texts), places) + 1, 0).astype(np.int32)

    def places_in(self, other: DistinctTexts) -> NDArray[np.int32]:
        """Return for each code the code of `other` that has the same value first; 0 if none has, or it is unknown."""
        texts = other.texts if other.texts.type == self.texts.type else other.texts.cast(self.texts.type)
        return self._index_in(texts) + np.int32(1)

    def codes_of(self, texts: Sequence[str]) -> NDArray[np.uint64]:
        """Return for each of any texts the first code that has it; 0 if none has."""
        found = pc.index_in(pa.array(texts, self.texts.type), value_set=self.texts)
        return (_numpy(pc.fill_null(found, -1)).astype(np.int64) + 1).astype(np.uint64)

    def _index_in(self, texts: Any) -> NDArray[np.int32]:
        found = places_among(self.texts, texts)
        return np.where(self.known, np.concatenate((np.array([-1], np.int32), found)), np.int32(-1))


def remembered(make: Callable[Concatenate[D, P], T]) -> Callable[Concatenate[D, P], T]:
    """Let distinct values remember what a function makes of them: once for each of its other arguments."""

    @wraps(make)
    def made(distinct: D, /, *args: P.args, **named: P.kwargs) -> T:
        return distinct._memory.of(make, (distinct,), *args, **named)

    return made


def remembered_with_other(make: Callable[Concatenate[D, D2, P], T]) -> Callable[Concatenate[D, D2, P], T]:
    """Let distinct values remember what a function makes of them and of other ones."""

    @wraps(make)
    def made(distinct: D, other: D2, /, *args: P.args, **named: P.kwargs) -> T:
        return distinct.memory_with(other).of(make, (distinct, other), *args, **named)

    return made


def _numpy(array: Any) -> NDArray[Any]:
    values: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return values
