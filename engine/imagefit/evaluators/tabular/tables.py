"""Decision tables: the outcomes of a few rules for every combination of their cells.

The reference evaluator fills a table for each rule; rules that look at the same are then put into one table,
as long as it stays small. A rule that is too large for a table is split into parts first. Nothing here
needs numpy, and no logic of conditions is written a second time.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial, reduce
from operator import getitem, or_
from struct import iter_unpack

from imagefit.conditions import Condition, Leaf, leaves
from imagefit.evaluators.cells import FieldCells
from imagefit.evaluators.reference import Truth, kleene, outcome_of
from imagefit.evaluators.tabular.splitting import split
from imagefit.evaluators.tabular.subjects import CellMaker, Subject, count_of, size_of, subject_of, truths_of
from imagefit.facts import Field
from imagefit.rulepack.pack import Outcome, Rule
from imagefit.values import dataclass
from imagefit.verdicts import level_of

__all__ = ["Axis", "DecisionTables", "GroupTable", "PartTable", "compile_rules"]

RULE_LIMIT = 1024
GROUP_LIMIT = 2048

RANKED = tuple(sorted(Outcome))
SHIFTS = (6, 4, 2, 0)  # of four outcomes in a byte
_RANK = {outcome: rank for rank, outcome in enumerate(RANKED)}


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis of a table is about, its cells (None: unknown, false, true), and what a cell adds to the index."""

    subject: Subject
    cells: FieldCells | None
    stride: int

    @property
    def count(self) -> int:
        """The number of cells."""
        return count_of(self.cells)


@dataclass(frozen=True, slots=True)
class PartTable:
    """The truths of a part of a condition, by index; `leaf` stands for the part wherever it is used."""

    leaf: Leaf
    axes: tuple[Axis, ...]
    truths: tuple[Truth, ...]


@dataclass(frozen=True, slots=True)
class RuleTable:
    """The outcomes of one rule by index, as places in `RANKED`."""

    place: int
    rule: Rule
    leaves: tuple[Leaf, ...]
    axes: tuple[Axis, ...]
    outcomes: bytes


@dataclass(frozen=True)
class GroupTable:
    """A table for some rules.

    Attributes
    ----------
    places
        Where the rules stand among all.
    classes
        By index: the class. A class is a combination of outcomes that occurs.
    outcomes
        By class: the rules' outcomes. First the classes without a failing or unknown error rule, then those
        that leave the verdict unknown, then those with a failing one.
    first_unknown, first_failing
        The classes at which the second and the third kind begin.
    """

    places: tuple[int, ...]
    axes: tuple[Axis, ...]
    classes: tuple[int, ...]
    outcomes: tuple[tuple[Outcome, ...], ...]
    first_unknown: int
    first_failing: int


@dataclass(frozen=True)
class DecisionTables:
    """All tables for some rules. `parts` come in the order in which they have to be looked up."""

    rules: tuple[Rule, ...]
    fields: Mapping[str, Field]
    parts: tuple[PartTable, ...]
    groups: tuple[GroupTable, ...]

    @cached_property
    def facts(self) -> frozenset[str]:
        """The names of all facts that a rule looks at."""
        return frozenset(name for rule in self.rules for name in rule.facts)


def compile_rules(
    rules: Sequence[Rule],
    fields: Mapping[str, Field],
    *,
    rule_limit: int = RULE_LIMIT,
    group_limit: int = GROUP_LIMIT,
) -> DecisionTables:
    """Make the decision tables of some rules.

    Parameters
    ----------
    rule_limit, group_limit
        At most so many combinations of cells stand in the table of a rule before it is split, and in one
        that several rules share. The outcomes do not depend on it.
    """
    names = (f"part {number}" for number in itertools.count())
    maker = CellMaker(fields)
    parts: list[PartTable] = []
    tables: list[RuleTable] = []
    for place, rule in enumerate(rules):
        when, require, split_off = split(rule.when, rule.required, fields, rule_limit, names)
        parts += [_part_table(part.leaf, part.condition, maker) for part in split_off]
        tables.append(_rule_table(place, rule, when, require, maker))
    groups = tuple(_group(members, maker) for members in _merged(tables, maker, group_limit))
    return DecisionTables(tuple(rules), fields, tuple(parts), groups)


def _part_table(leaf: Leaf, condition: Condition, maker: CellMaker) -> PartTable:
    axes = _axes(leaves(condition), maker)
    truths = _truths(axes, leaves(condition), maker.fields)
    return PartTable(leaf, axes, tuple(kleene(condition, truth_of) for truth_of in truths))


def _rule_table(place: int, rule: Rule, when: Condition, require: Condition, maker: CellMaker) -> RuleTable:
    all_leaves = (*leaves(when), *leaves(require))
    axes = _axes(all_leaves, maker)
    truths = _truths(axes, all_leaves, maker.fields)
    outcomes = bytes(_RANK[outcome_of(kleene(when, truth_of), kleene(require, truth_of))] for truth_of in truths)
    return RuleTable(place, rule, all_leaves, axes, outcomes)


def _axes(some: Iterable[Leaf], maker: CellMaker) -> tuple[Axis, ...]:
    found = maker.all_cells(some)
    axes, stride = [], size_of(found.values())
    for subject, cells in found.items():
        stride //= count_of(cells)
        axes.append(Axis(subject, cells, stride))
    return tuple(axes)


def _truths(
    axes: Sequence[Axis], some: Iterable[Leaf], fields: Mapping[str, Field]
) -> Iterator[Callable[[Leaf], Truth]]:
    """Yield the truths of leaves in each combination of cells, in the order of the index."""
    places = {axis.subject: place for place, axis in enumerate(axes)}
    by_leaf: dict[int, tuple[int, list[Truth]]] = {}  # by identity: comparing leaves is slow
    for leaf in some:
        place = places[subject_of(leaf, fields)]
        by_leaf[id(leaf)] = (place, truths_of(leaf, axes[place].cells))
    for cells in itertools.product(*(range(axis.count) for axis in axes)):
        yield partial(_truth, by_leaf, cells)


def _truth(by_leaf: Mapping[int, tuple[int, list[Truth]]], cells: Sequence[int], leaf: Leaf) -> Truth:
    place, truths = by_leaf[id(leaf)]
    return truths[cells[place]]


class _Draft:
    """Rules that will share a table, with the leaves of each of its subjects and the number of their cells."""

    def __init__(self, maker: CellMaker) -> None:
        self.maker = maker
        self.tables: list[RuleTable] = []
        self.leaves: dict[Subject, dict[Leaf, None]] = {}
        self.counts: dict[Subject, int] = {}
        self.size = 1

    def least_with(self, counts: Mapping[Subject, int]) -> int:
        """Return how many combinations of cells there are at least if leaves are added that make so many cells."""
        least = self.size
        for subject, own in counts.items():
            before = self.counts.get(subject, 1)
            if own > before:
                least = least // before * own
        return least

    def counts_with(self, own: Mapping[Subject, Mapping[Leaf, None]]) -> dict[Subject, int]:
        """Return the number of cells of each subject if leaves are added."""
        counts = dict(self.counts)
        for subject, some in own.items():
            before = self.leaves.get(subject, {})
            if subject not in counts or not some.keys() <= before.keys():
                counts[subject] = count_of(self.maker.cells(subject, {**before, **some}))
        return counts

    def add(self, table: RuleTable, own: Mapping[Subject, Mapping[Leaf, None]]) -> None:
        """Add a rule."""
        self.counts = self.counts_with(own)
        self.size = math.prod(self.counts.values())
        self.tables.append(table)
        for subject, some in own.items():
            self.leaves.setdefault(subject, {}).update(some)


def _merged(tables: Sequence[RuleTable], maker: CellMaker, limit: int) -> list[list[RuleTable]]:
    """Put rules together while their table stays within the limit: with those that share most subjects first."""
    drafts: list[_Draft] = []
    having: dict[Subject, list[int]] = {}  # the places of the drafts
    for table in sorted(tables, key=lambda t: (-len(t.outcomes), t.place)):
        own = maker.leaves_by_subject(table.leaves)
        counts = {axis.subject: axis.count for axis in table.axes}
        shared = Counter(place for subject in own for place in having.get(subject, ()))
        sharing = sorted(shared, key=lambda place: (-shared[place], place))
        for place in itertools.chain(sharing, (n for n in range(len(drafts)) if n not in shared)):
            draft = drafts[place]
            if draft.least_with(counts) <= limit and math.prod(draft.counts_with(own).values()) <= limit:
                break
        else:
            place, draft = len(drafts), _Draft(maker)
            drafts.append(draft)
        for subject in own.keys() - draft.leaves.keys():
            having.setdefault(subject, []).append(place)
        draft.add(table, own)
    return [draft.tables for draft in drafts]


def _group(tables: Sequence[RuleTable], maker: CellMaker) -> GroupTable:
    tables = sorted(tables, key=lambda table: table.place)
    axes = _axes((leaf for table in tables for leaf in table.leaves), maker)
    keys: Sequence[int | bytes] = _side_by_side([_spread(table, axes) for table in tables])
    outcomes = {key: _outcomes(key, len(tables)) for key in dict.fromkeys(keys)}
    levels_of = [{outcome: level_of(table.rule.severity, outcome) for outcome in RANKED} for table in tables]
    levels = {key: max(map(getitem, levels_of, own)) for key, own in outcomes.items()}
    ordered = sorted(sorted(outcomes), key=levels.__getitem__)
    number = {key: place for place, key in enumerate(ordered)}
    return GroupTable(
        places=tuple(table.place for table in tables),
        axes=axes,
        classes=tuple(map(number.__getitem__, keys)),
        outcomes=tuple(map(outcomes.__getitem__, ordered)),
        first_unknown=sum(level < 1 for level in levels.values()),
        first_failing=sum(level < 2 for level in levels.values()),
    )


def _side_by_side(columns: Sequence[bytes]) -> Sequence[int] | Sequence[bytes]:
    """Return the outcomes of all rules at each index: four in a byte, hence a byte for each, or some together.

    They compare as lists of the outcomes' places do. Bytes are shifted as one long number.
    """
    width = -(-len(columns) // 4)
    joined = bytearray(width * len(columns[0]))
    for place in range(width):
        four = columns[4 * place : 4 * place + 4]
        packed = reduce(or_, (int.from_bytes(own, "little") << shift for own, shift in zip(four, SHIFTS, strict=False)))
        joined[place::width] = packed.to_bytes(len(columns[0]), "little")
    return joined if width == 1 else [key for (key,) in iter_unpack(f"{width}s", joined)]


def _outcomes(key: int | bytes, count: int) -> tuple[Outcome, ...]:
    """Return the outcomes of one index."""
    return (_FOUR[key] if isinstance(key, int) else sum(map(_FOUR.__getitem__, key), ()))[:count]


_FOUR = [tuple(RANKED[byte >> shift & 3] for shift in SHIFTS) for byte in range(1 << 8)]


def _spread(table: RuleTable, axes: Sequence[Axis]) -> bytes:
    """Return the outcomes of a rule for each index of its group's table: pieces of its own, repeated and joined."""
    by_subject = {axis.subject: axis for axis in table.axes}
    steps: list[list[int] | None] = []
    starts = [{0}]
    for axis in axes:
        if (own := by_subject.get(axis.subject)) is None:
            steps.append(None)
            starts.append(starts[-1])
        else:
            cells = [cell * own.stride for cell in _coarser(axis.cells, own.cells)]
            steps.append(cells)
            starts.append({start + step for start in starts[-1] for step in set(cells)})
    pieces = {start: table.outcomes[start : start + 1] for start in starts.pop()}
    for axis, own_steps in zip(reversed(axes), reversed(steps), strict=True):
        if own_steps is None:
            pieces = {start: pieces[start] * axis.count for start in starts.pop()}
        else:
            pieces = {start: b"".join([pieces[start + step] for step in own_steps]) for start in starts.pop()}
    return pieces[0]


def _coarser(cells: FieldCells | None, own: FieldCells | None) -> list[int]:
    """Return for each cell of a group's axis the cell of a rule's axis that holds the same values."""
    if cells is None or own is None or cells is own:
        return list(range(count_of(cells)))
    columns = [cells.truths_of(leaf) for leaf in own.leaves]
    numbers = {truths: number for number, truths in enumerate(own.truths)}
    return [numbers[tuple(column[cell] for column in columns)] for cell in range(cells.count)]
