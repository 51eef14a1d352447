"""Messages of many candidates at once: the texts that `rulepack.pack.render` makes of each, as an Arrow array."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.arrowdata import arrow, coded
from imagefit.columns.ascending import ranked
from imagefit.columns.column import Codes, Column, Constant, Encoded, Numbers
from imagefit.columns.distinct import Distinct, DistinctTexts, remembered
from imagefit.columns.distinctsets import DistinctSets
from imagefit.facts import show_value
from imagefit.rulepack.pack import PLACEHOLDER
from imagefit.values.printed import PRINTED

__all__ = ["rendered", "shown_sets"]

_ODD = rf";|^$|^[^!-~]|[^!-~]$|\A(?:{PRINTED})\z"
"""Elements for which a set may be shown otherwise than as its elements with semicolons between."""


def rendered(template: str, candidates: Encoded) -> Any:
    """Return a message for each candidate, with its facts filled in."""
    pieces = PLACEHOLDER.split(template)  # text and names by turns
    columns = [
        _shown(name, candidates.columns.get(name), candidates.rows) if number % 2 else pa.scalar(name, pa.string())
        for number, name in enumerate(pieces)
    ]
    if len(columns) == 1:
        return pa.array([template] * candidates.rows, pa.string())
    return pc.binary_join_element_wise(*columns, pa.scalar("", pa.string()))


def _shown(name: str, column: Column | None, rows: int) -> Any:
    """Return a fact of each candidate as text; an unknown one is named in brackets."""
    unknown = f"[{name}]"
    if column is None or isinstance(column, Constant):
        text = unknown if column is None else show_value(column.constant)
        return pa.array([text] * rows, pa.string())
    if isinstance(column, Numbers):
        return _shown_numbers(column, unknown)
    distinct = column.distinct
    if isinstance(distinct, DistinctSets):
        used, places = ranked(column.codes, distinct.size)
        return shown_sets(distinct, used, unknown).take(arrow(places))
    if rows < distinct.size and not isinstance(distinct, DistinctTexts):
        return pa.array([_text(column, row, unknown) for row in range(rows)], pa.string())
    return _shown_values(distinct, unknown).take(pa.array(column.codes)).cast(pa.string())


def shown_sets(distinct: DistinctSets, codes: NDArray[Any], unknown: str) -> Any:
    """Show sets as `facts.show_value` does: their elements as columns, those that it would quote one by one."""

    def shown(lists: Any) -> Any:
        offsets = np.asarray(lists.offsets)
        is_odd = np.append(np.asarray(pc.match_substring_regex(lists.values, _ODD)), False)
        is_long = offsets[1:] > offsets[:-1]
        is_alone = ~is_long | (np.logical_or.reduceat(is_odd, offsets[:-1]) if len(lists) else is_long)
        alone = [show_value(frozenset(each)) for each in lists.filter(arrow(is_alone)).to_pylist()]
        return pc.replace_with_mask(pc.binary_join(lists, "; "), arrow(is_alone), pa.array(alone, pa.string()))

    return distinct.texts_of(codes, shown, unknown)


def _text(column: Codes, row: int, unknown: str) -> str:
    value = column.value(row)
    return unknown if value is None else show_value(value)


@remembered
def _shown_values(distinct: Distinct, unknown: str) -> Any:
    if isinstance(distinct, DistinctTexts):
        texts = pa.concat_arrays([pa.array([unknown], distinct.texts.type), distinct.texts])
        return pc.if_else(pa.array(distinct.known), texts, pa.scalar(unknown, texts.type))
    return pa.array([unknown if value is None else show_value(value) for value in distinct.values], pa.string())


def _shown_numbers(column: Numbers, unknown: str) -> Any:
    if column.numbers.dtype.kind == "i":
        texts = pa.array(column.numbers).cast(pa.string())
    else:
        values, places = coded(column.numbers)
        shown: Any = pa.array([show_value(value) for value in values.tolist()], pa.string())
        texts = shown.take(pa.array(places))
    return texts if column.is_known is None else pc.if_else(pa.array(column.is_known), texts, pa.scalar(unknown))
