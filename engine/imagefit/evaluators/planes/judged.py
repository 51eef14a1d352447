"""Rules in planes: a rule's violation is a condition, and so is what it applies to.

A rule that would have too many terms is left to decision tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Encoded
from imagefit.conditions import AllOf, leaves, negate
from imagefit.evaluators.planes.layout import WIDTH, Layout, Truths, arranged
from imagefit.evaluators.planes.terms import Term, terms_of
from imagefit.evaluators.results import WORD, Flags, words_for
from imagefit.evaluators.tabular.batches import BatchJudge, LookedUp
from imagefit.evaluators.tabular.subjects import CellMaker, Subject, subject_of
from imagefit.evaluators.tabular.tables import compile_rules
from imagefit.facts import Field
from imagefit.kernel.library import Kernel
from imagefit.kernel.structures import Part
from imagefit.rulepack.pack import Outcome, Rule, Severity
from imagefit.values import dataclass

__all__ = ["PlanesJudge", "PlanesJudged"]

MOST_TERMS = 32
"""A rule of more terms costs more than a decision table."""

Bytes = NDArray[np.uint8]
"""A bit for each rule of a plane: of one plane for each row, or of one row for each plane."""

_BYTES = np.arange(1 << WIDTH, dtype=np.uint64)


@dataclass(frozen=True, eq=False, slots=True)
class _Bits:
    """Where a word has bits of a plane: for each byte of it the bits, or how far the byte is shifted."""

    plane: int
    outcome: Outcome
    bits: NDArray[np.uint64] | None
    shift: int = 0


class PlanesJudge:
    """Judges batches by planes; several threads may share it.

    Attributes
    ----------
    planes
        The places of the rules in each plane: first those of errors.
    every
        For each plane all its rules, as bits.
    rest
        The places of the rules that are left to decision tables.
    """

    def __init__(self, kernel: Kernel, rules: Sequence[Rule], fields: Mapping[str, Field]) -> None:
        self.kernel, self.rules = kernel, tuple(rules)
        self._maker = CellMaker(fields)
        violated = [terms_of(AllOf((rule.when, negate(rule.required))), MOST_TERMS) for rule in rules]
        applies = [terms_of(rule.when, MOST_TERMS) for rule in rules]
        fits = [n for n in range(len(rules)) if violated[n] is not None and applies[n] is not None]
        errors = [n for n in fits if rules[n].severity is Severity.ERROR]
        of_errors = _planes(errors, rules, fields)
        self.planes = [*of_errors, *_planes([n for n in fits if n not in set(errors)], rules, fields)]
        self.every = np.array([(1 << len(plane)) - 1 for plane in self.planes], np.uint8)
        self.rest = sorted(set(range(len(rules))) - set(fits))
        self._violated = self._layout(violated, len(of_errors))
        self._applies = applies
        self._of_rest = BatchJudge(compile_rules([rules[n] for n in self.rest], fields)) if self.rest else None
        self._words: dict[Flags, list[list[_Bits]]] = {}

    @property
    def order(self) -> list[int]:
        """The places of all rules, plane by plane."""
        return [*(place for plane in self.planes for place in plane), *self.rest]

    @cached_property
    def applies(self) -> Layout:
        """What the rules apply to: looked at only for outcomes that are neither failing nor unknown."""
        return self._layout(self._applies, 0)

    def judge(self, encoded: Encoded) -> PlanesJudged:
        """Judge the rules on each row."""
        rest = None if self._of_rest is None else self._of_rest.judge(encoded)
        return PlanesJudged(self, encoded, self._violated.judge(encoded), rest)

    def words(self, flags: Flags) -> list[list[_Bits]]:
        """Return what each word of flags has of which plane."""
        if flags not in self._words:
            self._words[flags] = [
                self._word(flags[first : first + WORD]) for first in range(0, words_for(flags) * WORD, WORD)
            ]
        return self._words[flags]

    def _layout(self, terms: Sequence[Sequence[Term] | None], of_errors: int) -> Layout:
        errors = [(1 << len(plane)) - 1 if n < of_errors else 0 for n, plane in enumerate(self.planes)]
        return Layout(self.kernel, [[terms[n] or () for n in plane] for plane in self.planes], errors, self._maker)

    def _word(self, flags: Flags) -> list[_Bits]:
        at = {place: (number, bit) for number, plane in enumerate(self.planes) for bit, place in enumerate(plane)}
        found: dict[tuple[int, Outcome], list[tuple[int, int]]] = {}
        for flag, (place, outcome) in enumerate(flags):
            if place in at:
                number, bit = at[place]
                found.setdefault((number, outcome), []).append((bit, flag))
        return [self._bits(number, outcome, pairs) for (number, outcome), pairs in found.items()]

    def _bits(self, number: int, outcome: Outcome, pairs: Sequence[tuple[int, int]]) -> _Bits:
        shifts = {flag - bit for bit, flag in pairs}
        if len(shifts) == 1 and len(pairs) == len(self.planes[number]) and min(shifts) >= 0:
            return _Bits(number, outcome, None, shifts.pop())
        bits = np.zeros(len(_BYTES), np.uint64)
        for bit, flag in pairs:
            bits |= (_BYTES >> np.uint64(bit) & np.uint64(1)) << np.uint64(flag)
        return _Bits(number, outcome, bits)


class PlanesJudged:
    """The outcomes of a batch; see `Judged`."""

    def __init__(self, judge: PlanesJudge, encoded: Encoded, violated: Truths, rest: LookedUp | None) -> None:
        self.encoded = encoded
        self._judge, self._violated, self._rest = judge, violated, rest

    @cached_property
    def _applies(self) -> Truths:
        return self._judge.applies.judge(self.encoded)

    def levels(self) -> NDArray[np.uint8]:
        """Return the verdict of each row, as its place in `LEVELS`."""
        own = self._violated.level
        return own if self._rest is None else np.maximum(own, self._rest.levels())

    def masks(self, flags: Flags) -> list[NDArray[np.uint64]]:
        """Return the flags of each row as bits of words of 64, the first flag as the lowest bit of the first word."""
        words = []
        for parts in self._judge.words(flags):
            planes = [self._having(part.outcome, (part.plane, slice(None))) for part in parts]
            words.append(
                self._judge.kernel.words(
                    [
                        Part(plane.ctypes.data, None if part.bits is None else part.bits.ctypes.data, part.shift)
                        for plane, part in zip(planes, parts, strict=True)
                    ],
                    self.encoded.rows,
                )
            )
        if self._rest is not None:
            number = {place: n for n, place in enumerate(self._judge.rest)}
            for word, own in zip(
                words, self._rest.masks(tuple((number.get(place, -1), o) for place, o in flags)), strict=True
            ):
                word |= own
        return words

    def outcomes(self, row: int) -> list[Outcome]:
        """Return the rules' outcomes in one row."""
        found = [Outcome.NOT_APPLICABLE] * len(self._judge.rules)
        for outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS):
            for plane, byte in zip(self._judge.planes, self._having(outcome, (slice(None), row)).tolist(), strict=True):
                for bit, place in enumerate(plane):
                    if byte >> bit & 1:
                        found[place] = outcome
        if self._rest is not None:
            for place, outcome in zip(self._judge.rest, self._rest.outcomes(row), strict=True):
                found[place] = outcome
        return found

    def _having(self, outcome: Outcome, where: tuple[int | slice, int | slice]) -> Bytes:
        """Return which rules have an outcome, as bits, somewhere in *(planes, rows)*."""
        is_true: Bytes = self._violated.is_true[where]
        is_open: Bytes = self._violated.is_open[where]
        if outcome is Outcome.FAIL:
            return is_true
        if outcome is Outcome.UNKNOWN:
            return is_open
        applies: Bytes = self._applies.is_true[where] | self._applies.is_open[where]
        if outcome is Outcome.PASS:
            passes: Bytes = applies & ~(is_true | is_open)
            return passes
        idle: Bytes = ~applies & self._judge.every[where[0]]
        return idle


def _planes(places: Sequence[int], rules: Sequence[Rule], fields: Mapping[str, Field]) -> list[list[int]]:
    """Return the places of some rules in planes."""
    numbers: dict[Subject, int] = {}
    facts = []
    for place in places:
        own = {subject_of(leaf, fields) for side in (rules[place].when, rules[place].required) for leaf in leaves(side)}
        facts.append(sum(1 << numbers.setdefault(subject, len(numbers)) for subject in own))
    return [[places[n] for n in plane] for plane in arranged(facts)]
