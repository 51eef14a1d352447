"""From Arrow data to `Column`s of facts, with given facts and assumptions put in.

What a value may look like is `facts.read_value`'s to say. It is asked per distinct value; the checks on
whole columns of numbers are the same ones, on arrays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import types

from imagefit.columns import arrowdata
from imagefit.columns.column import BadValues, Codes, Column, Constant, Encoded, Numbers
from imagefit.columns.distinct import Distinct, DistinctTexts, DistinctValues
from imagefit.columns.distinctnumbers import DistinctNumbers
from imagefit.columns.distinctsets import DistinctSets
from imagefit.columns.listcolumns import ListReader
from imagefit.columns.setparts import SetParts
from imagefit.columns.stacking import filled
from imagefit.columns.toldapart import told_apart
from imagefit.errors import InputError
from imagefit.facts import INTEGER_LIMIT, Facts, Field, FieldType, Value, read_value
from imagefit.kernel.library import is_compiled
from imagefit.rulepack.remembered import Remembered
from imagefit.supply import Supply, contradiction

__all__ = ["Encoder"]

FEW_SETS = 64
"""So few texts of sets are read one by one."""

DIGITS = 15
"""Numbers of so few digits are the same to Arrow and to Python, whatever type they become."""

REMEMBERED = 2
"""So many dictionaries of a column are remembered for the batches that follow."""


class Encoder:
    """Encodes batches of one table; several threads may share it.

    Parameters
    ----------
    fields
        The facts to look for, by the names of their columns.
    supply
        What is given and what is assumed; by default, neither is anything.
    beside
        Facts that something else states, the same in every row; a column that says something else is an error.
    """

    def __init__(
        self, fields: Mapping[str, Field], supply: Supply | None = None, *, beside: Facts | None = None
    ) -> None:
        self.fields = fields
        self.supply = Supply() if supply is None else supply
        self.beside = {name: value for name, value in (beside or {}).items() if name not in self.supply.given}
        booleans = (f for f in fields.values() if f.type is FieldType.BOOLEAN)
        self._booleans = {f.name: DistinctValues(f, [False, True]) for f in booleans}
        self._dictionaries = {name: Remembered[object, Distinct](REMEMBERED) for name in fields}
        self._reading = Lock()
        self._parts = {f.name: SetParts(f) for f in fields.values() if f.type is FieldType.STRING_SET}
        self._lists = {f.name: ListReader(f) for f in fields.values() if f.type is FieldType.STRING_SET}

    def encode(self, batch: Any) -> Encoded:
        """Encode a ``pyarrow.RecordBatch`` or ``Table``.

        Raises
        ------
        InputError
            If a fact has two columns. Bad values are not raised but returned, in ``bad``.
        """
        arrays: dict[str, Any] = {}
        for place, name in enumerate(batch.schema.names):
            if name not in self.fields or name in self.supply.given:
                continue
            if name in arrays:
                raise InputError("two columns of one name", column=name)
            arrays[name] = arrowdata.plain(arrowdata.whole(batch.column(place)))
        narrow = self._narrow(arrays)
        columns: dict[str, Column] = {}
        bad: list[BadValues] = []
        for name, array in arrays.items():
            of = self.fields[name]
            column, wrong = _checked(of, *narrow[name]) if name in narrow else self._column(of, array)
            bad += wrong
            if column is not None:
                columns[name] = column
        columns |= {name: Constant(value) for name, value in self.supply.given.items()}
        for name, value in self.beside.items():
            bad += _conflicts(name, columns.get(name), value)
            columns[name], _ = filled(columns.get(name), Constant(value), self.fields[name])
        assumed = self._assume(columns)
        return Encoded(batch.num_rows, columns, assumed, bad)

    def joined(self, rows: int, sides: Sequence[Mapping[str, Column]]) -> Encoded:
        """Return candidates whose facts are encoded already: each side counts where those before it say nothing."""
        columns: dict[str, Column] = {}
        for name, column in ((name, column) for side in sides for name, column in side.items()):
            columns[name], _ = filled(columns.get(name), column, self.fields[name])
        columns |= {name: Constant(value) for name, value in self.supply.given.items()}
        return Encoded(rows, columns, self._assume(columns))

    def _narrow(self, arrays: Mapping[str, Any]) -> dict[str, tuple[NDArray[np.uint8], Distinct]]:
        """Encode what has few values, many columns at a time: fewer and longer steps suit threads better.

        Compiled functions make codes when they are needed.

        Returns
        -------
        dict
            The codes *(rows,)* of such columns by name, 0 for unknown, and what they stand for.
        """
        found: dict[str, tuple[Any, Distinct]] = {}
        if is_compiled():
            return {}
        for name, array in arrays.items():
            if array.null_count == len(array):
                continue
            if types.is_dictionary(array.type):
                distinct = self._distinct(self.fields[name], array.dictionary)
                if distinct.size <= arrowdata.NARROW:
                    found[name] = array.indices, distinct
            elif types.is_boolean(array.type) and self.fields[name].type is FieldType.BOOLEAN:
                found[name] = array, self._booleans[name]
        codes = arrowdata.narrow_codes([array for array, _ in found.values()])
        return {name: (own, distinct) for (name, (_, distinct)), own in zip(found.items(), codes, strict=True)}

    def _column(self, of: Field, array: Any) -> tuple[Column | None, list[BadValues]]:
        """Encode one plain Arrow array that `_narrow` leaves; None if the fact is unknown in all rows."""
        kind = array.type
        if array.null_count == len(array) or types.is_null(kind):
            return None, []
        if types.is_boolean(kind) and of.name in self._booleans:
            return _coded(of, array, self._booleans[of.name])
        if types.is_dictionary(kind):
            return _coded(of, array.indices, self._distinct(of, array.dictionary))
        if arrowdata.is_text(kind):
            if of.type.is_ordered and (plain := _plain_numbers(of, array)) is not None:
                return plain, []
            array = told_apart(array)
            return _coded(of, array.indices, self._read(of, array.dictionary))
        if arrowdata.is_text_list(kind) and of.type is FieldType.STRING_SET:
            return _checked(of, *self._lists[of.name].read(array))
        if of.type.is_ordered and (types.is_integer(kind) or types.is_floating(kind)):
            return _numbers(of, array)
        rows = np.flatnonzero(~np.asarray(array.is_null(nan_is_null=True)))
        return None, [BadValues(of.name, rows, lambda row: _error(of, array[row].as_py()))]

    def _distinct(self, of: Field, dictionary: Any) -> Distinct:
        """Read a dictionary, or find it among those of the batches before."""
        remembered = self._dictionaries[of.name]
        key = (len(dictionary), dictionary.offset, *(None if b is None else b.address for b in dictionary.buffers()))
        with self._reading:  # once, and not in each thread that asks
            found = remembered.get(key)
            return remembered.remember(key, self._read(of, dictionary)) if found is None else found

    def _read(self, of: Field, dictionary: Any) -> Distinct:
        if of.type is FieldType.STRING and arrowdata.is_text(dictionary.type):
            return DistinctTexts(of, dictionary)
        if of.type.is_ordered and arrowdata.is_text(dictionary.type):
            return DistinctNumbers(of, dictionary)
        if of.type is FieldType.STRING_SET and arrowdata.is_text_list(dictionary.type):
            return DistinctSets(of, dictionary)
        if of.type is FieldType.STRING_SET and arrowdata.is_text(dictionary.type) and len(dictionary) > FEW_SETS:
            return DistinctSets.of_texts(of, dictionary, self._parts[of.name])
        return DistinctValues(of, dictionary.to_pylist(), dictionary)

    def _assume(self, columns: dict[str, Column]) -> dict[str, NDArray[np.bool_] | None]:
        before = dict(columns)

        def stated(name: str) -> Sequence[Column]:
            return [before[name]] if name in before else []

        assumed: dict[str, NDArray[np.bool_] | None] = {}
        for name in self.supply.assumptions:
            if isinstance(columns.get(name), Constant):
                continue
            for source in self.supply.assumed(name, stated, Constant):
                columns[name], rows = filled(columns.get(name), source, self.fields[name])
                if rows is None or rows.any():
                    assumed[name] = rows
        return assumed


def _coded(of: Field, indices: Any, distinct: Distinct) -> tuple[Column, list[BadValues]]:
    if is_compiled() and not distinct.errors and not of.type.is_ordered:
        return Codes(arrowdata.Indices(indices, distinct.size), distinct), []
    return _checked(of, arrowdata.codes(indices, distinct.size), distinct)


def _checked(of: Field, codes: NDArray[Any], distinct: Distinct) -> tuple[Column, list[BadValues]]:
    bad = []
    if distinct.errors:
        rows = np.flatnonzero(np.isin(codes, list(distinct.errors)))
        if len(rows):
            bad = [BadValues(of.name, rows, lambda row: distinct.errors[int(codes[row])])]
    if not of.type.is_ordered:
        return Codes(codes, distinct), bad
    return Numbers(distinct.numbers[codes], distinct.known[codes]), bad


def _plain_numbers(of: Field, texts: Any) -> Numbers | None:
    """Return texts as numbers, empty ones as unknown; None if some are more than a few digits, or may be too low."""
    if ((arrowdata.signs(texts) - np.uint8(ord("0"))) > 9).any():
        return None
    lengths = arrowdata.numbers(pc.fill_null(pc.binary_length(texts), 0))
    if lengths.max() > DIGITS:
        return None
    known = None if lengths.min() else lengths > 0
    if known is not None:  # not null: Arrow before 24 parses what lies in the place of some nulls
        texts = pc.if_else(arrowdata.arrow(known), texts, pa.scalar("0", texts.type))
    read = arrowdata.numbers(texts.cast(pa.int64() if of.type is FieldType.INTEGER else pa.float64()))
    return None if _has_lower(of, read) else Numbers(read, known)


def _numbers(of: Field, array: Any) -> tuple[Column, list[BadValues]]:
    raw, known = arrowdata.numbers(array), arrowdata.known(array)
    if raw.dtype.kind == "f":
        raw = raw.astype(np.float64, copy=False)
        is_number = ~np.isnan(raw)
        if not is_number.all():
            known = is_number if known is None else known & is_number
    wrong = _wrong_numbers(of, raw)
    bad = []
    if wrong is not None:
        wrong = wrong if known is None else wrong & known
        if wrong.any():
            known = ~wrong if known is None else known & ~wrong
            bad = [BadValues(of.name, np.flatnonzero(wrong), lambda row: _error(of, array[row].as_py()))]
    if of.type is FieldType.NUMBER:
        return Numbers(raw.astype(np.float64, copy=False) + 0.0, known), bad  # -0.0 becomes 0.0
    if raw.dtype.kind == "f" and known is not None:
        raw = np.where(known, raw, 0)
    return Numbers(raw.astype(np.int64, copy=False), known), bad


def _wrong_numbers(of: Field, raw: NDArray[Any]) -> NDArray[np.bool_] | None:
    """Return which numbers the field can't be, as `facts.read_value` says it; None if none can be wrong."""
    wrong: NDArray[np.bool_] | None = None
    if raw.dtype.kind == "f" and of.type is FieldType.NUMBER:
        wrong = np.isinf(raw)
    elif raw.dtype.kind == "f":
        wrong = ~((raw == np.trunc(raw)) & (raw >= -float(INTEGER_LIMIT)) & (raw < float(INTEGER_LIMIT)))
    elif raw.dtype == np.uint64 and of.type is FieldType.INTEGER:
        wrong = raw >= INTEGER_LIMIT
    if _has_lower(of, raw):
        lower: NDArray[np.bool_] = raw < of.at_least
        wrong = lower if wrong is None else wrong | lower
    return wrong


def _has_lower(of: Field, numbers: NDArray[Any]) -> bool:
    """Whether some number, be it one that is not known, is lower than the field can be."""
    return of.at_least is not None and len(numbers) > 0 and bool(np.fmin.reduce(numbers) < of.at_least)


def _conflicts(name: str, column: Column | None, value: Value) -> list[BadValues]:
    """Return the rows in which a column says something else than `value`."""
    if column is None or isinstance(column, Constant):
        return []
    if isinstance(column, Numbers):
        differs = column.known & (column.numbers != value)
    else:
        other = np.fromiter((v is not None and v != value for v in column.values), np.bool_, column.distinct.size)
        differs = other[column.codes]
    rows = np.flatnonzero(differs)
    return [BadValues(name, rows, lambda row: contradiction(name, column.value(row), value))] if len(rows) else []


def _error(of: Field, raw: object) -> InputError:
    try:
        read_value(of, raw)
    except InputError as error:
        return error
    return InputError("not a value of this fact", column=of.name, value=raw, expected=of.expects)
