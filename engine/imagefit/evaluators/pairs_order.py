"""What can be said before any pair is looked at: which rows and lanes fail alone, and in which order to look.

The lanes are put in an order in which those that fit a row lie together: by what the rules that strike
out most look at. So the words of bits in which every pair fails are whole words, which nobody reads.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imagefit.evaluators.pairs_bits import bits_of, count_bits, pack_bits, width
from imagefit.evaluators.pairs_classes import Group, Rows, group_rules
from imagefit.evaluators.pairs_compile import PairRule
from imagefit.evaluators.pairs_leaves import Lanes

__all__ = ["Flags", "by_strictness", "in_order", "lanes_alone", "rows_alone"]

Flags = tuple[NDArray[np.bool_], NDArray[np.bool_]]
"""Where some rule fails, and where some rule is unknown."""

MOST_CLASSES = 1 << 16
SAMPLE = 256


def rows_alone(rules: Sequence[PairRule], rows: Rows) -> Flags:
    """Apply the rules that look at no lane."""
    fails, unknown = np.zeros(rows.count, dtype=np.bool_), np.zeros(rows.count, dtype=np.bool_)
    for group in group_rules([rule for rule in rules if not rule.columns], MOST_CLASSES):
        classified = group.classify(rows)
        found = [rule.outcomes(classified, Lanes({}, 0)) for rule in group.rules]
        for flags, number in ((fails, 0), (unknown, 1)):
            of_class = np.zeros(len(classified.sizes), dtype=np.bool_)
            for words in found:
                of_class |= words[number][:, 0] != 0
            if of_class.any():
                flags |= of_class[classified.class_of]
    return fails, unknown


def lanes_alone(rules: Sequence[PairRule], lanes: Lanes) -> Flags:
    """Apply the rules that look at no row."""
    fails, unknown = np.zeros(lanes.count, dtype=np.bool_), np.zeros(lanes.count, dtype=np.bool_)
    none = Group.of([]).classify(Rows({}, 1))
    for rule in rules:
        if rule.columns and not rule.atoms:
            for flags, words in zip((fails, unknown), rule.outcomes(none, lanes), strict=False):
                flags |= bits_of(words, lanes.count)[0].view(np.bool_)
    return fails, unknown


def by_strictness(rules: Sequence[PairRule], rows: Rows, lanes: Lanes) -> list[PairRule]:
    """Return the rules that look at both sides, those that fail most pairs of a sample first."""
    sample = rows.take(slice(None, None, max(rows.count // SAMPLE, 1)))
    lanes = lanes.take(np.arange(0, lanes.count, max(lanes.count // SAMPLE, 1)))
    valid = pack_bits(np.ones(lanes.count, dtype=np.bool_))
    failing: dict[PairRule, int] = {}
    for rule in rules:
        if rule.columns and rule.atoms:
            classified = Group.of([rule]).classify(sample)
            fails, _, _ = rule.outcomes(classified, lanes)
            counts = np.broadcast_to(count_bits(fails & valid), classified.sizes.shape)
            failing[rule] = int(counts @ classified.sizes)
    return sorted(failing, key=lambda rule: -failing[rule])


def in_order(rules: Sequence[PairRule], lanes: Lanes) -> NDArray[np.intp]:
    """Return the lanes in an order in which those that the first rules do not tell apart lie together."""
    columns = dict.fromkeys(column for rule in rules for column in rule.columns)
    if not columns or width(lanes.count) <= 1:
        return np.arange(lanes.count)
    return np.lexsort([lanes.columns[column] for column in reversed(columns)])
