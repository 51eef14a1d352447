"""Every candidate that some rules can tell apart, as a grid: one axis a fact, unknown first on each.

The grids are small enough to hold an outcome for each point, so that questions about the ways in which
facts can be learned are loops over neighbours, and share nothing with the searches that they check.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from imagefit.conditions import leaves
from imagefit.evaluators.cells import MAX_SUBSETS, representatives
from imagefit.evaluators.reference import outcome
from imagefit.facts import Facts, Field, Value
from imagefit.rulepack.pack import Outcome, Rule

__all__ = ["Grid"]


@dataclass(frozen=True)
class Grid:
    """The combinations of the cells of some facts; a point is known by its number.

    Attributes
    ----------
    axes
        For each fact, its values: None (unknown), then one for each cell.
    """

    axes: Mapping[str, tuple[Value | None, ...]]

    @classmethod
    def of(cls, rules: Sequence[Rule], fields: Mapping[str, Field], known: Facts | None = None) -> Grid:
        """Return the grid of the facts that the rules look at and that are not known.

        The fact that most rules wait for is first.
        """
        cells = representatives((leaf for rule in rules for leaf in leaves(rule.violation)), fields, known)
        uses = {name: sum(name in rule.facts for rule in rules) for name in cells}
        return cls({name: (None, *cells[name]) for name in sorted(cells, key=lambda name: -uses[name])})

    def without(self, names: Collection[str]) -> Grid:
        """Return the grid in which these facts stay unknown."""
        return Grid({name: values for name, values in self.axes.items() if name not in names})

    def known(self, name: str) -> tuple[Value, ...]:
        """Return the values on the axis of a fact."""
        return tuple(value for value in self.axes[name] if value is not None)

    @cached_property
    def size(self) -> int:
        """The number of points."""
        return math.prod(map(len, self.axes.values()))

    @cached_property
    def strides(self) -> Mapping[str, int]:
        """For each fact, how far one point is from the next along its axis."""
        found, stride = {}, self.size
        for name, values in self.axes.items():
            stride //= len(values)
            found[name] = stride
        return found

    @property
    def is_complete(self) -> bool:
        """Whether no case is left out: of a set with very many elements not all subsets are on its axis."""
        return all(len(values) <= MAX_SUBSETS for values in self.axes.values())

    def facts(self, point: int) -> dict[str, Value]:
        """Return the candidate at a point."""
        chosen = {name: values[self.place(point, name)] for name, values in self.axes.items()}
        return {name: value for name, value in chosen.items() if value is not None}

    def place(self, point: int, name: str) -> int:
        """Return where on a fact's axis the point is; 0 is unknown."""
        return point // self.strides[name] % len(self.axes[name])

    def unknown_at(self, name: str) -> Iterator[int]:
        """Yield the points at which the fact is unknown."""
        stride, length = self.strides[name], len(self.axes[name])
        for start in range(0, self.size, stride * length):
            yield from range(start, start + stride)

    def learned(self, point: int, name: str) -> range:
        """Return the points that learning the fact leads to from a point at which it is unknown."""
        stride = self.strides[name]
        return range(point + stride, point + stride * len(self.axes[name]), stride)

    def sample(self, count: int, seed: str) -> Iterator[dict[str, Value]]:
        """Yield that many candidates; the same for the same seed. One fact in four is unknown."""
        chance = random.Random(seed)
        for _ in range(count):
            yield {
                name: value
                for name, values in self.axes.items()
                if chance.random() < 0.75 and len(values) > 1
                if (value := values[chance.randrange(1, len(values))]) is not None
            }

    def walk(self, rules: Sequence[Rule]) -> Iterator[tuple[Facts, Sequence[Outcome]]]:
        """Yield every candidate with its outcomes by the definition, in the order of the points.

        From one candidate to the next few facts change: a rule is evaluated again only when one of its own has.
        """
        names, values = list(self.axes), list(self.axes.values())
        places = [0] * len(names)
        last = [max((names.index(name) for name in rule.facts), default=-1) for rule in rules]
        by_axis = [[n for n, axis in enumerate(last) if axis == own] for own in range(len(names))]
        facts: dict[str, Value] = {}
        outcomes = [outcome(rule, facts) for rule in rules]
        tables: list[dict[tuple[int, ...], Outcome]] = [{} for _ in rules]
        axes_of = [[names.index(name) for name in rule.facts] for rule in rules]
        while True:
            yield dict(facts), tuple(outcomes)
            axis = len(names) - 1
            while axis >= 0 and places[axis] == len(values[axis]) - 1:
                places[axis] = 0
                facts.pop(names[axis], None)
                axis -= 1
            if axis < 0:
                return
            places[axis] += 1
            if (value := values[axis][places[axis]]) is not None:
                facts[names[axis]] = value
            for changed in range(axis, len(names)):
                for number in by_axis[changed]:
                    key = tuple([places[own] for own in axes_of[number]])
                    if (found := tables[number].get(key)) is None:
                        found = tables[number][key] = outcome(rules[number], facts)
                    outcomes[number] = found
