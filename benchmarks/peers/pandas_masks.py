"""pandas: boolean masks over categorical columns, each comparison made once and shared by the rules.

pandas has no fast three-valued logic (its nullable booleans cost more than these masks), so every condition
has two masks: where it is true, and where it may be (is true or unknown). *And* and *or* work on both alike;
*not* swaps them. A violation's masks are what is wanted: it is certain, or it is possible.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from imagefit.conditions import AllOf, AnyOf, Condition, Leaf, Relation, negate
from imagefit.facts import FieldType
from imagefit.rulepack.pack import Pack, Severity
from peers import Judged

__all__ = ["Masks", "frame", "judge", "judged"]

Mask = npt.NDArray[np.bool_]


@dataclass
class Masks:
    """The masks of one frame: of each condition, where it is true and where it may be."""

    frame: pd.DataFrame
    made: dict[Condition, tuple[Any, Any]] = field(default_factory=dict)
    unknown: dict[str, Any] = field(default_factory=dict)

    def of(self, condition: Condition) -> tuple[Any, Any]:
        """Return both masks of a condition; a condition that two rules share has them made once."""
        if condition not in self.made:
            if isinstance(condition, Leaf):
                self.made[condition] = self._leaf(condition)
            else:
                self.made[condition] = self._joined(condition)
        return self.made[condition]

    def _joined(self, condition: AllOf | AnyOf) -> tuple[Any, Any]:
        (true, maybe), *others = (self.of(part) for part in condition.parts if part != AllOf(()))
        for its_true, its_maybe in others:
            if isinstance(condition, AllOf):
                true, maybe = true & its_true, maybe & its_maybe
            else:
                true, maybe = true | its_true, maybe | its_maybe
        return true, maybe

    def _leaf(self, leaf: Leaf) -> tuple[Any, Any]:
        if leaf.negated:
            true, maybe = self.of(negate(leaf))
            return ~maybe, ~true
        true = _compare(leaf, self.frame)
        names = list(dict.fromkeys(leaf.facts))
        unknown = self._unknown(names[0])
        for name in names[1:]:
            unknown = unknown | self._unknown(name)
        if leaf.relation is Relation.CONTAINS_ALL:
            true = true & ~unknown
        return true, true | unknown

    def _unknown(self, name: str) -> Any:
        if name not in self.unknown:
            self.unknown[name] = self.frame[name].isna()
        return self.unknown[name]


def judge(pack: Pack, frame: pd.DataFrame) -> tuple[pd.Series, list[Any], list[Any]]:
    """Return the verdicts, and of each rule where it fails and where it may."""
    masks = Masks(frame)
    found = [masks.of(AllOf((rule.when, negate(rule.require)))) for rule in pack.rules]
    errors = [pair for pair, rule in zip(found, pack.rules, strict=True) if rule.severity is Severity.ERROR]
    fails, may_fail = errors[0]
    for its_fails, its_may in errors[1:]:
        fails, may_fail = fails | its_fails, may_fail | its_may
    return fails.astype("uint8") + may_fail.astype("uint8"), [true for true, _ in found], [m for _, m in found]


def _compare(leaf: Leaf, frame: pd.DataFrame) -> Any:
    """Return where a comparison is true; where an operand is missing it is false."""
    own = frame[leaf.fact]
    if leaf.relation in (Relation.CONTAINS, Relation.CONTAINS_ANY, Relation.CONTAINS_ALL):
        return _compare_sets(leaf, frame)
    other = frame[leaf.other] if leaf.other is not None else leaf.operand
    if leaf.other is not None and isinstance(own.dtype, pd.CategoricalDtype):
        return (own.cat.codes == other.cat.codes) & (own.cat.codes >= 0)  # the same categories: see `frame`
    if leaf.relation is Relation.EQUALS:
        return own == other
    if leaf.relation is Relation.IN:  # of few values, comparing with each is faster than isin
        return functools.reduce(operator.or_, (own == value for value in sorted(leaf.operand)))  # type: ignore[arg-type, type-var]
    return own >= other if leaf.relation is Relation.AT_LEAST else own > other


def _compare_sets(leaf: Leaf, frame: pd.DataFrame) -> Any:
    """Compare a set: once for each distinct one, or for every two that can meet, and look that up."""
    own = frame[leaf.fact].cat
    sets = [_elements(text) for text in own.categories.tolist()]
    if leaf.other is None:
        wanted = frozenset({leaf.operand}) if leaf.relation is Relation.CONTAINS else frozenset(leaf.operand)  # type: ignore[arg-type]
        holds = np.array([*(_holds(leaf.relation, s, wanted) for s in sets), False])
        return pd.Series(holds[own.codes.to_numpy()], index=frame.index)
    other = frame[leaf.other].cat
    own_codes, other_codes = own.codes.to_numpy(), other.codes.to_numpy()
    operands = [
        _elements(text) if leaf.relation is not Relation.CONTAINS else {text} for text in other.categories.tolist()
    ]
    if len(sets) * len(operands) <= 1 << 14:
        grid = np.array(
            [[*(_holds(leaf.relation, s, o) for o in operands), False] for s in sets] + [[False] * (len(operands) + 1)]
        )
        found = grid[own_codes, other_codes]
    elif leaf.relation is Relation.CONTAINS:
        found = _contains(sets, other.categories.tolist(), own_codes, other_codes)
    else:
        found = _compare_words(leaf.relation, sets, operands, own_codes, other_codes)
    return pd.Series(found, index=frame.index)


def _elements(text: str) -> frozenset[str]:
    return frozenset(text.split(";")) - {""}


def _holds(relation: Relation, own: frozenset[str], operand: Any) -> bool:
    return own >= operand if relation is Relation.CONTAINS_ALL else not own.isdisjoint(operand)


def _contains(sets: list[frozenset[str]], texts: list[str], own: Any, other: Any) -> Mask:
    """Look each row's set and text up among those that are a set and an element of it."""
    places = {text: place for place, text in enumerate(texts)}
    size = len(texts) + 1
    members = [n * size + places[text] for n, s in enumerate(sets) for text in s if text in places]
    pairs = own.astype("int64") * size + other
    return pd.Series(np.where((own < 0) | (other < 0), -1, pairs)).isin(members).to_numpy()


def _compare_words(relation: Relation, sets: Any, operands: Any, own: Any, other: Any) -> Mask:
    """Compare sets as words of bits, a bit for each text that is in one."""
    names = {text: place for place, text in enumerate(sorted(frozenset().union(*sets, *operands)))}

    def words(of: list[frozenset[str]]) -> npt.NDArray[np.uint64]:
        bits = np.zeros((len(of) + 1, -(-len(names) // 64) * 64), np.uint8)
        for row, texts in enumerate(of):
            bits[row, [names[text] for text in texts]] = 1
        return np.packbits(bits, axis=1).view(np.uint64).T.copy()

    is_all = relation is Relation.CONTAINS_ALL
    found = np.full(len(own), is_all)
    for mine, its in zip(words(sets), words(operands), strict=True):
        wanted = its[other]
        common = mine[own] & wanted
        found = found & (common == wanted) if is_all else found | (common != 0)
    return found & (own >= 0) & (other >= 0)


def frame(table: Any, pack: Pack) -> pd.DataFrame:
    """Return an Arrow table as pandas holds it best.

    Texts are categoricals, and columns that are compared with each other have the same categories. Sets are
    categoricals of joined text. Numbers and booleans, which may be missing, are floats and categoricals.
    """
    columns: dict[str, Any] = {}
    for name in table.column_names:
        column = table.column(name)
        of = pack.fields[name]
        if of.type is FieldType.STRING_SET:
            indices = np.concatenate([c.indices.fill_null(-1).to_numpy() for c in column.chunks])
            texts = [";".join(entry) for entry in column.chunk(0).dictionary.to_pylist()]
            places, distinct = pd.factorize(np.array(texts, object))
            codes = np.append(places, -1)[indices]
            columns[name] = pd.Categorical.from_codes(codes, list(distinct))
        elif of.type is FieldType.BOOLEAN:
            codes = column.cast("int8").fill_null(-1).to_numpy()
            columns[name] = pd.Categorical.from_codes(codes, [False, True])
        else:
            columns[name] = column.to_pandas()
    found = pd.DataFrame(columns, copy=False)
    for names in _compared(pack):
        present = [name for name in names if isinstance(found[name].dtype, pd.CategoricalDtype)]
        together = sorted(set().union(*(found[name].cat.categories for name in present)))
        for name in present:
            found[name] = found[name].cat.set_categories(together)
    return found


def _compared(pack: Pack) -> list[list[str]]:
    groups: Mapping[str, list[str]] = {name: [name] for rule in pack.rules for name in rule.facts}
    for rule in pack.rules:
        for leaf in _leaves(rule.violation):
            if (
                leaf.other is not None
                and leaf.relation is Relation.EQUALS
                and groups[leaf.fact] is not groups[leaf.other]
            ):
                first, second = groups[leaf.fact], groups[leaf.other]
                first.extend(second)
                groups.update(dict.fromkeys(second, first))  # type: ignore[attr-defined]
    return [group for group in {id(g): g for g in groups.values()}.values() if len(group) > 1]


def _leaves(condition: Condition) -> list[Leaf]:
    if isinstance(condition, Leaf):
        return [condition]
    return [leaf for part in condition.parts for leaf in _leaves(part)]


def judged(result: tuple[pd.Series, list[Any], list[Any]]) -> Judged:
    """Return the result of `judge` in the form that all are compared in."""
    verdicts, fails, may_fail = result
    fails_, may_ = np.array([mask.to_numpy() for mask in fails]), np.array([mask.to_numpy() for mask in may_fail])
    return Judged(verdicts.to_numpy(), fails_, may_ & ~fails_)
