"""Looking every row of a batch up in a decision table.

The index of a row is a sum of what its digits add. A lookup costs ten times as much as arithmetic on small
numbers, so digits are first multiplied together into one number, as long as all its values have room in a
table of what they add: mostly a row costs one or two lookups in each decision table, whatever it compares.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns.arrowdata import gather
from imagefit.columns.column import ByRow, Codes, Column, Constant
from imagefit.columns.widths import narrowest
from imagefit.evaluators.tabular.digits import Digit, Digits, Term, term_of
from imagefit.evaluators.tabular.tables import Axis
from imagefit.rulepack.remembered import Remembered

__all__ = ["Lookup"]

CHUNK_LIMIT = 1 << 15
"""Digits are multiplied together up to so many values: a table of bytes then stays in the processor's cache."""

PAIR_LIMIT = 1 << 12
"""Up to so many pairs of values are compared before rows are looked at; of more, those that occur."""

REMEMBERED = 8
"""So many ways to look up are remembered; columns with new dictionaries need a new one."""


class Lookup:
    """Looks rows up in one table; several threads may share it.

    Parameters
    ----------
    facts
        All that the table looks at, through parts of conditions too.
    results
        What is looked up, by index.
    """

    def __init__(self, axes: Sequence[Axis], facts: Iterable[str], results: NDArray[Any]) -> None:
        self._axes, self._facts, self._results = axes, tuple(facts), results
        self._plans = Remembered[tuple[object, ...], _Plan](REMEMBERED)

    def of(self, digits: Digits) -> ByRow:
        """Return the result of every row of a batch; an integer where it is the same in all."""
        columns = digits.encoded.columns
        key = tuple(_form(columns.get(name)) for name in self._facts)
        plan = self._plans.get(key)
        if plan is None:
            plan = _Plan([term_of(axis, digits, PAIR_LIMIT) for axis in self._axes], self._results)
            self._plans.remember(key, plan)
        return plan.of(digits)


def _form(column: Column | None) -> object:
    """Return what of a column decides how it is looked up: its values, if it is codes."""
    form: object = type(column)
    if isinstance(column, Codes):
        form = column.distinct.identity
    elif isinstance(column, Constant):
        form = column.constant
    return form


class _Plan:
    """How to look up where the columns have some form."""

    def __init__(self, terms: Sequence[Term | int], results: NDArray[Any]) -> None:
        constant = sum(term for term in terms if isinstance(term, int))
        chunks = _packed(term for term in terms if isinstance(term, Term))
        self._constant = int(results[constant])
        self._chunks = [_Chunk(own.digits) for own in chunks]
        tables = [chunk.table(own.terms) for chunk, own in zip(self._chunks, chunks, strict=True)]
        if len(chunks) == 1:
            self._tables = [pa.array(results[tables[0] + constant])]
        else:
            width = narrowest(len(results))
            for table in tables[:1]:
                table += constant
            self._tables = [pa.array(table.astype(width)) for table in tables]
            self._results = pa.array(results)

    def of(self, digits: Digits) -> ByRow:
        if not self._chunks:
            return self._constant
        first, *others = (
            gather(table, chunk.of(digits)) for chunk, table in zip(self._chunks, self._tables, strict=True)
        )
        if not others:
            return first
        index = first + others[0]
        for share in others[1:]:
            index += share
        return gather(self._results, index)


class _Draft:
    """Terms whose digits are multiplied together."""

    def __init__(self) -> None:
        self.terms: list[Term] = []
        self.digits: dict[Digit, None] = {}

    def size_with(self, term: Term) -> int:
        """Return how many values there are with another term."""
        return math.prod(digit.size for digit in {**self.digits, **dict.fromkeys(term.digits)})

    def add(self, term: Term) -> None:
        """Add a term."""
        self.terms.append(term)
        self.digits |= dict.fromkeys(term.digits)


def _packed(terms: Iterable[Term]) -> list[_Draft]:
    """Return the terms in as few drafts as is easy, each with those that share its digits."""
    drafts: list[_Draft] = []
    for term in sorted(terms, key=lambda term: -term.shares.size):
        for draft in sorted(drafts, key=lambda draft: draft.digits.keys().isdisjoint(term.digits)):
            if draft.size_with(term) <= CHUNK_LIMIT:
                draft.add(term)
                break
        else:
            drafts.append(_Draft())
            drafts[-1].add(term)
    return drafts


class _Chunk:
    """Digits multiplied together: always the two smallest numbers, so that most of the work is on bytes."""

    def __init__(self, digits: Iterable[Digit]) -> None:
        self._digits = list(digits)
        self._steps: list[tuple[int, int, Any]] = []
        orders = {place: [digit] for place, digit in enumerate(self._digits)}
        heap = [(digit.size, place) for place, digit in enumerate(self._digits)]
        heapq.heapify(heap)
        while len(heap) > 1:
            (size, left), (factor, right) = heapq.heappop(heap), heapq.heappop(heap)
            width = narrowest(size * factor + 1)  # the factor itself has to have room
            self._steps.append((left, right, width(factor)))
            orders[len(orders)] = orders[left] + orders[right]
            heapq.heappush(heap, (size * factor, len(orders) - 1))
        self._order = orders[len(orders) - 1]

    def of(self, digits: Digits) -> NDArray[Any]:
        """Return the product of every row."""
        numbers = [digits.array(digit) for digit in self._digits]
        for left, right, factor in self._steps:
            number = np.multiply(numbers[left], factor, dtype=factor.dtype)
            number += numbers[right]
            numbers.append(number)
        return numbers[-1]

    def table(self, terms: Iterable[Term]) -> NDArray[Any]:
        """Return what all terms together add, for every product."""
        total = np.zeros([digit.size for digit in self._order], np.intp)
        for term in terms:
            places = [self._order.index(digit) for digit in term.digits]
            shares = term.shares.transpose(np.argsort(places))
            total += shares.reshape([digit.size if digit in term.digits else 1 for digit in self._order])
        return total.ravel()
