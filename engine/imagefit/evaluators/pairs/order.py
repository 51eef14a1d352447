"""What can be said before any pair is looked at: which rows and lanes fail alone, and in which order to look.

The lanes are put in an order in which those that fit a row lie together: by what the rules that strike
out most look at. So the words of bits in which every pair fails are whole words, which nobody reads.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imagefit.evaluators.pairs.bits import bits_of, count_bits, pack_bits, width
from imagefit.evaluators.pairs.classes import Group, Rows, group_rules
from imagefit.evaluators.pairs.compile import PairRule
from imagefit.evaluators.pairs.leaves import Lanes

__all__ = ["Alone", "by_strictness", "in_order", "lanes_alone", "rows_alone"]

Alone = tuple[NDArray[np.uint16], NDArray[np.bool_]]
"""How many rules fail, and where some rule is unknown."""

MOST_CLASSES = 1 << 16
SAMPLE = 256


def rows_alone(rules: Sequence[PairRule], rows: Rows) -> Alone:
    """Apply the rules that look at no lane."""
    fails, unknown = np.zeros(rows.count, dtype=np.uint16), np.zeros(rows.count, dtype=np.bool_)
    for group in group_rules([rule for rule in rules if not rule.columns], MOST_CLASSES):
        classified = group.classify(rows)
        own, open_ = np.zeros(len(classified.sizes), dtype=np.uint16), np.zeros(len(classified.sizes), dtype=np.bool_)
        for rule in group.rules:
            found = rule.outcomes(classified, Lanes({}, 0))
            own += found[0][:, 0] != 0
            open_ |= found[1][:, 0] != 0
        if own.any():
            fails += own[classified.class_of]
        if open_.any():
            unknown |= open_[classified.class_of]
    return fails, unknown


def lanes_alone(rules: Sequence[PairRule], lanes: Lanes) -> Alone:
    """Apply the rules that look at no row."""
    fails, unknown = np.zeros(lanes.count, dtype=np.uint16), np.zeros(lanes.count, dtype=np.bool_)
    none = Group.of([]).classify(Rows({}, 1))
    for rule in rules:
        if rule.columns and not rule.atoms:
            found = rule.outcomes(none, lanes)
            fails += bits_of(found[0], lanes.count)[0]
            unknown |= bits_of(found[1], lanes.count)[0].view(np.bool_)
    return fails, unknown


def by_strictness(rules: Sequence[PairRule], rows: Rows, lanes: Lanes) -> list[PairRule]:
    """Return the rules that look at both sides, those that fail most pairs of a sample first."""
    sample = rows.take(slice(None, None, max(rows.count // SAMPLE, 1)))
    lanes = lanes.take(np.arange(0, lanes.count, max(lanes.count // SAMPLE, 1)))
    valid = pack_bits(np.ones(lanes.count, dtype=np.bool_))
    failing: dict[PairRule, int] = {}
    for rule in rules:
        if rule.columns and rule.atoms:  # each row of the sample is a class of its own
            fails, _, _ = rule.outcomes(lambda atom: atom.numbers[sample.columns[atom.column]], lanes)
            failing[rule] = int(np.broadcast_to(count_bits(fails & valid), sample.count).sum())
    return sorted(failing, key=lambda rule: -failing[rule])


def in_order(rules: Sequence[PairRule], lanes: Lanes) -> NDArray[np.intp]:
    """Return the lanes in an order in which those that the first rules do not tell apart lie together."""
    columns = dict.fromkeys(column for rule in rules for column in rule.columns)
    if not columns or width(lanes.count) <= 1:
        return np.arange(lanes.count)
    return np.lexsort([lanes.columns[column] for column in reversed(columns)])
