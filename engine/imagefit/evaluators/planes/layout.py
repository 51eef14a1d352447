"""Conditions laid out in planes, and the digits that these look at."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Encoded
from imagefit.conditions import Leaf, affirmed
from imagefit.evaluators.cells import FieldCells
from imagefit.evaluators.planes.columns import DigitColumns
from imagefit.evaluators.planes.terms import Term
from imagefit.evaluators.tabular.subjects import CellMaker, Subject, count_of, truths_of
from imagefit.kernel.library import Kernel
from imagefit.kernel.structures import BLOCK, SHUFFLED, Column, Digit, Job, Layer, Plane, Use
from imagefit.rulepack.remembered import Remembered
from imagefit.values import dataclass

__all__ = ["WIDTH", "Layout", "Truths", "arranged"]

WIDTH = 8
"""So many conditions are in a plane."""

MOST_CELLS = 256
"""A cell is a byte."""

REMEMBERED = 8
"""So many forms of columns are remembered: which facts are the same in all rows, and what they are."""

_ALL = (1 << WIDTH) - 1

Tables = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""For each cell a byte: the terms that it does not keep from being true, and those that it does not make false."""


@dataclass(frozen=True, eq=False, slots=True)
class Truths:
    """What conditions are in each row of a batch.

    Attributes
    ----------
    is_true, is_open
        uint8 *(planes, at least rows)*: of each condition whether it is true, whether it is unknown, as a bit.
    level
        uint8 *(rows,)*: 2 where a condition that counts is true, else 1 where one is unknown, else 0.
    """

    is_true: NDArray[np.uint8]
    is_open: NDArray[np.uint8]
    level: NDArray[np.uint8]


class Layout:
    """Conditions in planes; several threads may share it.

    Parameters
    ----------
    planes
        The conditions of each plane, as their terms.
    errors
        For each plane the conditions that count for the level, as bits.
    """

    def __init__(
        self, kernel: Kernel, planes: Sequence[Sequence[Sequence[Term]]], errors: Sequence[int], maker: CellMaker
    ) -> None:
        self._kernel, self._errors = kernel, errors
        every = (leaf for plane in planes for terms in plane for term in terms for leaf in term)
        self._digits, self._digit_of = _digits(every, maker)
        self._layers = [list(map(self._layer, _layers(plane))) for plane in planes]
        self._forms = Remembered[tuple[int | None, ...], _Form](REMEMBERED)

    def judge(self, encoded: Encoded) -> Truths:
        """Judge the conditions on each row."""
        columns = DigitColumns(self._kernel, encoded)
        found = [columns.digit(subject, cells) for subject, cells in self._digits]
        key = tuple(own if isinstance(own, int) else None for own in found)
        form = self._forms.get(key)
        if form is None:
            form = self._forms.remember(key, _Form(self._layers, self._errors, key))
        digits = [own for own in found if not isinstance(own, int)]
        return form.judge(self._kernel, encoded.rows, digits, columns.made())

    def _layer(self, terms: Sequence[Term | None]) -> _DraftLayer:
        """Return what digits say of a term of each condition."""
        present, tables = 0, dict[int, Tables]()
        for bit, term in enumerate(terms):
            if term is None:
                continue
            present |= 1 << bit
            for leaf in term:
                number = self._digit_of[affirmed(leaf)]
                cells = self._digits[number][1]
                size = -(-count_of(cells) // SHUFFLED) * SHUFFLED
                own = tables.setdefault(number, (np.full(size, _ALL, np.uint8), np.full(size, _ALL, np.uint8)))
                for cell, truth in enumerate(truths_of(leaf, cells)):
                    if truth is not True:
                        own[0][cell] &= _ALL ^ 1 << bit
                    if truth is False:
                        own[1][cell] &= _ALL ^ 1 << bit
        return _DraftLayer(present, tables)


@dataclass(frozen=True, eq=False, slots=True)
class _DraftLayer:
    present: int
    tables: Mapping[int, Tables]


class _Form:
    """Planes where some digits are the same in all rows: what those say is said once."""

    def __init__(
        self, planes: Sequence[Sequence[_DraftLayer]], errors: Sequence[int], same: Sequence[int | None]
    ) -> None:
        numbers = {digit: number for number, digit in enumerate(d for d, cell in enumerate(same) if cell is None)}
        self._kept: list[NDArray[np.uint8]] = []
        made_planes, made_layers, made_uses = list[Plane](), list[Layer](), list[Use]()
        for drafts, counted in zip(planes, errors, strict=True):
            first_layer = len(made_layers)
            for draft in drafts:
                is_true = may_be = draft.present
                first_use = len(made_uses)
                for digit, tables in draft.tables.items():
                    if (cell := same[digit]) is None:
                        made_uses.append(self._use(numbers[digit], tables))
                    else:
                        is_true, may_be = is_true & int(tables[0][cell]), may_be & int(tables[1][cell])
                if may_be:
                    made_layers.append(Layer(first_use, len(made_uses) - first_use, is_true, may_be))
                else:
                    del made_uses[first_use:]
            made_planes.append(Plane(first_layer, len(made_layers) - first_layer, counted))
        self._digits = len(numbers)
        self._planes = _array(Plane, made_planes)
        self._layers, self._uses = _array(Layer, made_layers), _array(Use, made_uses)

    def _use(self, digit: int, tables: Tables) -> Use:
        self._kept += tables
        return Use(digit, len(tables[0]), tables[0].ctypes.data, tables[1].ctypes.data)

    def judge(self, kernel: Kernel, rows: int, digits: Sequence[Digit], made: Sequence[Column]) -> Truths:
        """Judge the conditions of all planes on the rows that the digits are of.

        `made` is what codes are made of on the way.
        """
        count, stride = len(self._planes), -(-rows // BLOCK) * BLOCK
        is_true, is_open = np.empty((2, count, stride), np.uint8)
        level = np.empty(stride, np.uint8)
        scratch = np.empty(len(digits) * BLOCK, np.uint8)
        told = _array(Digit, digits), _array(Column, made)
        job = Job(rows=rows, stride=stride, digits=len(digits), planes=count, columns=len(made))
        job.digit, job.column, job.plane, job.layer, job.use = map(
            ctypes.addressof, (*told, self._planes, self._layers, self._uses)
        )
        job.scratch, job.level = scratch.ctypes.data, level.ctypes.data
        job.is_true, job.is_open = is_true.ctypes.data, is_open.ctypes.data
        kernel.judge(job)
        return Truths(is_true, is_open, level[:rows])


def _array(kind: type[ctypes.Structure], some: Sequence[ctypes.Structure]) -> Any:
    """Return structures side by side, as C has them."""
    return (kind * len(some))(*some)


def _layers(conditions: Sequence[Sequence[Term]]) -> list[list[Term | None]]:
    """Return the first terms of all conditions, then the second ones, and so on."""
    count = max(map(len, conditions), default=0)
    return [[terms[n] if n < len(terms) else None for terms in conditions] for n in range(count)]


def _digits(every: Iterable[Leaf], maker: CellMaker) -> tuple[list[tuple[Subject, FieldCells | None]], dict[Leaf, int]]:
    """Return the digits that leaves look at, and the number of each leaf's digit, by the leaf without its negation."""
    digits: list[tuple[Subject, FieldCells | None]] = []
    digit_of: dict[Leaf, int] = {}
    for subject, own in maker.leaves_by_subject(every).items():
        todo = [list(own)]
        while todo:
            some = todo.pop()
            cells = maker.cells(subject, some)
            if count_of(cells) > MOST_CELLS:
                todo += [some[len(some) // 2 :], some[: len(some) // 2]]
                continue
            digit_of |= dict.fromkeys(some, len(digits))
            digits.append((subject, cells))
    return digits, digit_of


def arranged(facts: Sequence[int]) -> list[list[int]]:
    """Return the places of conditions in planes: those that look at the same stand together.

    Parameters
    ----------
    facts
        For each condition what it looks at, as bits.
    """
    left, planes = set(range(len(facts))), list[list[int]]()
    while left:
        plane, seen = list[int](), 0
        while left and len(plane) < WIDTH:
            best = min(left, key=lambda n: ((facts[n] & ~seen).bit_count(), -(facts[n] & seen).bit_count(), n))
            left.remove(best)
            plane.append(best)
            seen |= facts[best]
        planes.append(plane)
    return planes
