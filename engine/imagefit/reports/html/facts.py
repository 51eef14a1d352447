"""What is known of candidates as columns of a page: each fact as a text, with a sign where it was assumed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from imagefit.columns.column import Column, Constant, Encoded, Numbers
from imagefit.facts import Value
from imagefit.reports.html.rows import Coded
from imagefit.reports.words import show_fact
from imagefit.rulepack.pack import Pack

__all__ = ["distinct", "fact_columns"]


def fact_columns(encoded: Encoded, pack: Pack) -> list[Coded]:
    """Return the facts of some rows as columns; one that was assumed says so."""
    made = []
    for name, column in encoded.columns.items():
        values, codes = _coded(column, encoded.rows)
        assumed = encoded.assumed.get(name, False)
        texts = [None if value is None else show_fact(value, pack.fields.get(name)) for value in values]
        if assumed is None or assumed is not False:
            texts += [None if text is None else f"{text} (assumed)" for text in texts]
            codes = codes + len(values) * (np.ones(encoded.rows, np.intp) if assumed is None else assumed)
        coded = Coded(name, "fact", pack.fields[name].meaning if name in pack.fields else "")
        used, own = np.unique(codes, return_inverse=True)
        coded.add([texts[code] for code in used.tolist()], own)
        made.append(coded)
    return made


def _coded(column: Column, rows: int) -> tuple[list[Value | None], Any]:
    """Return the distinct values of a column that occur, and the place of each row's."""
    if isinstance(column, Constant):
        return [column.constant], np.zeros(rows, np.intp)
    if isinstance(column, Numbers):
        numbers, own = np.unique(column.numbers, return_inverse=True)
        return [*numbers.tolist(), None], np.where(column.known, own, len(numbers))
    used, own = np.unique(column.codes, return_inverse=True)
    return [column.values[code] for code in used.tolist()], own


def distinct(texts: Sequence[str | None]) -> tuple[list[str | None], Any]:
    """Return the distinct texts, in the order of their first rows, and the place of each row's."""
    known: dict[str | None, int] = {}
    codes = np.fromiter((known.setdefault(text, len(known)) for text in texts), np.uint32, len(texts))
    return list(known), codes
