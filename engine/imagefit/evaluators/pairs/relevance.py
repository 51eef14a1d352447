"""Which facts of a row matter once some others are known: of a public image, nobody asks whom it is shared with.

A part of a condition that is decided although everything else is unknown stays decided, whatever else is
learned: strong Kleene logic is monotone. So what stands in it need not be looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from imagefit.evaluators.pairs.compile import PairRule
from imagefit.evaluators.pairs.leaves import Classes, Joined, Lanes, Node, RowLeaf

__all__ = ["relevance", "settling_columns"]

Flags = NDArray[np.bool_]


def settling_columns(rules: Iterable[PairRule]) -> set[str]:
    """Return the columns of rows that the rules look at by themselves only, and not beside a lane."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for rule in rules:
        for leaf in (*_leaves(rule.when), *_leaves(rule.require)):
            found[isinstance(leaf, RowLeaf)].update(atom.column for atom in leaf.atoms)
    return found[True] - found[False]


def relevance(rules: Iterable[PairRule], settled: Collection[str], classes: Classes, count: int) -> dict[str, Flags]:
    """Return for each other column in which classes of the settled columns it matters.

    Parameters
    ----------
    settled
        Columns whose cells are known in each class.
    classes, count
        The classes, and how many there are.
    """
    return _Relevance(settled, classes, count).of(rules)


class _Relevance:
    def __init__(self, settled: Collection[str], classes: Classes, count: int) -> None:
        self.settled, self.classes, self.count = settled, classes, count
        self.found: dict[str, Flags] = {}

    def of(self, rules: Iterable[PairRule]) -> dict[str, Flags]:
        for rule in rules:
            self._visit(rule.when, np.ones(self.count, dtype=np.bool_))
            self._visit(rule.require, ~self._decided(rule.when)[1])
        return self.found

    def _visit(self, node: Node, is_asked: Flags) -> None:
        """Mark what a part looks at where its truth is asked for and not decided yet."""
        true, false = self._decided(node)
        is_open = is_asked & ~true & ~false
        if isinstance(node, Joined):
            for part in node.parts:
                self._visit(part, is_open)
            return
        for atom in node.atoms:
            if atom.column not in self.settled:
                self.found[atom.column] = self.found.get(atom.column, np.zeros(self.count, dtype=np.bool_)) | is_open

    def _decided(self, node: Node) -> tuple[Flags, Flags]:
        """Return where a part is true, and where it is false, if all that is not settled is unknown."""
        if isinstance(node, Joined):
            found = [self._decided(part) for part in node.parts]
            every = [np.logical_and.reduce([flags[n] for flags in found]) for n in range(2)]
            some = [np.logical_or.reduce([flags[n] for flags in found]) for n in range(2)]
            true, false = (every[0], some[1]) if node.is_all else (some[0], every[1])
            return np.broadcast_to(true, self.count), np.broadcast_to(false, self.count)
        if node.columns or any(atom.column not in self.settled for atom in node.atoms):
            return np.zeros(self.count, dtype=np.bool_), np.zeros(self.count, dtype=np.bool_)
        words = node.truths(self.classes, Lanes({}, 0))
        true, false = (np.broadcast_to(part[:, 0] != 0, self.count) for part in words)
        return true, false


def _leaves(node: Node) -> Iterable[Node]:
    if not isinstance(node, Joined):
        return [node]
    return [leaf for part in node.parts for leaf in _leaves(part)]
