"""The elements of many sets, and sets with more elements added to them, by columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns.ascending import ranked
from imagefit.columns.column import Codes, Constant
from imagefit.columns.distinct import Distinct, DistinctTexts
from imagefit.columns.distinctsets import DistinctSets
from imagefit.columns.ragged import places_in
from imagefit.columns.widths import narrowest
from imagefit.facts import FieldType, Value

__all__ = ["elements_of", "united", "values_of"]

Elements = tuple[list[str], NDArray[np.int32], NDArray[np.intp]]
"""Names of elements, the places among them of each row's elements, and how many each row has."""


def united(sets: Codes, more: Codes | Constant) -> tuple[Codes, NDArray[np.bool_]]:
    """Return each row's set with the elements of another column's set, or its text; unknown where either is.

    Each row has a code of its own, and whether the elements are values of the field is not looked at.

    Returns
    -------
    Codes
        The sets.
    numpy.ndarray
        Where they are what they were, unknown or known.
    """
    rows, was_known = len(sets.codes), sets.known
    is_known = was_known & (True if isinstance(more, Constant) else more.known)
    names, places, lengths = elements_of(sets, rows)
    new_names, new_places, new_lengths = elements_of(more, rows)
    numbers = {name: place for place, name in enumerate(names)}
    new_places = np.array([numbers.setdefault(name, len(numbers)) for name in new_names], np.int32)[new_places]
    ends = np.cumsum(lengths + new_lengths)
    found = np.empty(ends[-1] if rows else 0, np.int32)
    is_new = np.zeros(len(found), np.bool_)
    is_new[places_in(ends - new_lengths, new_lengths)] = True
    found[~is_new], found[is_new] = places, new_places
    distinct = DistinctSets.of_members(sets.distinct.field, list(numbers), found, np.append(0, ends))
    owners = np.repeat(np.arange(rows), lengths + new_lengths)
    of_rows = owners * len(numbers) + found
    is_more = is_new & ~np.isin(of_rows, of_rows[~is_new])
    is_same = ~was_known | (is_known & (np.bincount(owners[is_more], minlength=rows) == 0))
    codes = np.arange(1, rows + 1, dtype=narrowest(rows + 1))
    return Codes(codes * is_known, distinct), is_same


def elements_of(column: Codes | Constant, rows: int) -> Elements:
    """Return what the sets of some rows list, or the one text of each row; of an unknown one, anything."""
    if isinstance(column, Constant):
        own = sorted(column.constant) if isinstance(column.constant, frozenset) else [str(column.constant)]
        return own, np.tile(np.arange(len(own), dtype=np.int32), rows), np.full(rows, len(own))
    if column.distinct.field.type is FieldType.STRING_SET:
        members = column.distinct.members
        counts = np.bincount(members.owners, minlength=column.distinct.size)
        starts, lengths = (np.cumsum(counts) - counts)[column.codes], counts[column.codes]
        return list(members.names), members.places[places_in(starts, lengths)], lengths
    used, places = ranked(column.codes, column.distinct.size)
    return [str(value) for value in values_of(column.distinct, used)], places.astype(np.int32), np.ones(rows, np.intp)


def values_of(distinct: Distinct, codes: NDArray[Any]) -> Sequence[Value | None]:
    """Return the values of some codes; of texts, without making all of them."""
    if not isinstance(distinct, DistinctTexts):
        return [distinct.values[code] for code in codes.tolist()]
    places = codes.astype(np.int64) - 1
    return [text or None for text in distinct.texts.take(pa.array(places, mask=places < 0)).to_pylist()]
