"""What is missing where rules are unknown: worked out once for each case, however many rows and batches have it."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from dataclasses import field
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns.column import Encoded
from imagefit.columns.ragged import as_bytes, places_in
from imagefit.columns.toldapart import told_apart
from imagefit.conditions import affirmed, leaves
from imagefit.explanations.candidate.explainer import Doubts, Explainer
from imagefit.explanations.cases.listedrules import Elements
from imagefit.explanations.cases.rowcases import UnknownCases
from imagefit.explanations.cases.textlists import TextLists
from imagefit.explanations.missing.ofverdict import unknown_of
from imagefit.explanations.truths.linkedfacts import linked_facts
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack, Rule
from imagefit.rulepack.remembered import Remembered
from imagefit.values import dataclass
from imagefit.verdicts import AT_LEAST

__all__ = ["Memory", "Unknowns"]

REMEMBERED = 1 << 15
"""So many of each are remembered, at about a kilobyte; when so many cases have numbers, numbering begins anew."""


class Told(NamedTuple):
    """A rule that is unknown in a case: what is said of it, and which of its facts are not known."""

    rule: Rule
    text: str
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Memory:
    """One numbering of cases, and what is worked out of them.

    Attributes
    ----------
    cases
        The number of each case, as the columns of a batch tell it.
    numbers, told
        The number of each case, and by number what is known of it.
    missing, doubts
        What is missing by the numbers of a row's cases (int32, as bytes), and what groups of its rules wait for.
    """

    cases: Remembered[Hashable, int] = field(default_factory=lambda: Remembered(REMEMBERED))
    numbers: dict[Hashable, int] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    missing: Remembered[bytes, tuple[str, ...]] = field(default_factory=lambda: Remembered(REMEMBERED))
    doubts: Doubts = field(default_factory=lambda: Remembered(REMEMBERED))


class Unknowns:
    """Explains the unknown outcomes of some rules; several threads may share it."""

    def __init__(self, pack: Pack, rules: Sequence[Rule], explainer: Explainer) -> None:
        self._rules, self._explainer = rules, explainer
        self._fields = pack.fields
        self._own = [[*leaves(rule.when), *leaves(rule.require)] for rule in rules]
        every = dict.fromkeys(affirmed(leaf) for some in self._own for leaf in some)
        self._linked = linked_facts(every, pack.fields)
        self._cases: dict[int, UnknownCases] = {}
        self._memory = Memory()
        self._lock = threading.Lock()

    def numbers(self, encoded: Encoded, undecided: Elements) -> tuple[NDArray[np.int32], Memory]:
        """Return the number of each element's case, and the memory in which that is its number."""
        with self._lock:
            if len(self._memory.numbers) > REMEMBERED:
                self._memory = Memory()
            memory = self._memory
        found = np.empty(len(undecided.rows), np.int32)
        for place, own in undecided.by_place():
            part = encoded.part(undecided.rows[own], self._cases_of(place).facts)
            codes, examples, keys = self._cases_of(place).keyed(part)
            numbers = []
            for key, row in zip(keys, examples.tolist(), strict=True):
                if (number := memory.cases.get((place, key))) is None:
                    number = memory.cases.remember((place, key), self._number(memory, place, part, row))
                numbers.append(number)
            found[own] = np.array(numbers, np.int32)[codes]
        return found, memory

    def _cases_of(self, place: int) -> UnknownCases:
        """Return what tells the cases of one rule apart; made when the rule is first unknown."""
        if (found := self._cases.get(place)) is None:
            found = self._cases[place] = UnknownCases(self._own[place], self._linked, self._fields)
        return found

    def _number(self, memory: Memory, place: int, part: Encoded, row: int) -> int:
        facts = part.facts(row)
        key = (place, self._cases_of(place).key(facts))
        if (number := memory.numbers.get(key)) is None:
            rule = self._rules[place]
            told = Told(rule, self._explainer.rule(rule, Outcome.UNKNOWN, facts).message, unknown_of(rule, facts))
            with self._lock:
                if (number := memory.numbers.get(key)) is None:
                    memory.told.append(told)
                    number = memory.numbers[key] = len(memory.told) - 1
        return number

    def missing(
        self,
        encoded: Encoded,
        levels: NDArray[np.uint8],
        undecided: Elements,
        numbers: NDArray[np.int32],
        memory: Memory,
    ) -> TextLists:
        """Return the facts that could still change the verdict of each row that is unknown.

        Rows whose undecided rules have the same cases miss the same facts. Where the budget ended over some facts,
        the others stand behind `AT_LEAST`.

        Parameters
        ----------
        levels
            The verdict of each row.
        numbers, memory
            The number of each undecided element's case, and the memory in which it has that number.
        """
        rows = np.flatnonzero(levels == 1)
        bounds = undecided.offsets
        lengths = (bounds[1:] - bounds[:-1])[rows]
        own_numbers = numbers[places_in(bounds[rows], lengths)]
        encoded_lists = told_apart(as_bytes(own_numbers, np.append(0, np.cumsum(lengths))))
        kinds = encoded_lists.indices.to_numpy()
        examples = np.zeros(len(encoded_lists.dictionary), np.intp)
        examples[kinds] = rows
        kinds_missing: list[tuple[str, ...]] = []
        for key, row in zip(encoded_lists.dictionary.to_pylist(), examples.tolist(), strict=True):
            if (missing := memory.missing.get(key)) is None:
                own = np.frombuffer(key, numbers.dtype).tolist()
                rules, _, unknown = zip(*[memory.told[number] for number in own], strict=True)
                found = self._explainer.missing_of(
                    rules, unknown, own, partial(_facts, encoded, rules, row), memory.doubts
                )
                missing = (AT_LEAST, *found.facts) if found.not_examined else found.facts
                memory.missing.remember(key, missing)
            kinds_missing.append(missing)
        return _by_kind(kinds_missing, kinds, rows, encoded.rows)


def _facts(encoded: Encoded, rules: Sequence[Rule], row: int) -> Facts:
    """Return what is known in a row of the facts that some rules look at."""
    return encoded.part(np.array([row]), dict.fromkeys(name for rule in rules for name in rule.facts)).facts(0)


def _by_kind(texts: Sequence[Sequence[str]], kinds: NDArray[np.int32], rows: NDArray[np.intp], count: int) -> TextLists:
    """Return a list of texts for each of `count` rows: that of its kind for some rows, an empty one for the others.

    Parameters
    ----------
    texts
        The texts of each kind.
    kinds, rows
        Some rows in order, and the kind of each.
    """
    names: dict[str, int] = {}
    codes = [[names.setdefault(name, len(names)) for name in own] for own in texts]
    lengths = np.zeros(count, np.int32)
    of_kind = np.array([len(own) for own in codes], np.int32)
    lengths[rows] = of_kind[kinds] if len(rows) else 0
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(lengths, out=offsets[1:])
    starts = np.cumsum(of_kind) - of_kind
    flat = np.array([code for own in codes for code in own], np.int32)
    places = places_in(starts[kinds], lengths[rows])
    return TextLists(offsets, flat[places], pa.array(list(names), pa.string()))
