"""Cells: which values of a fact the leaves can tell apart, with a representative value of each.

The abstract domain of a few leaves is small: an enum's values, the numbers at and between the constants
they are compared with, the strings that are named and some that are not. `representatives` returns,
for each fact that is not known, values such that every combination of leaf truths that any completion
of the candidate reaches is reached by a combination of representatives. Whatever must look at every
case (missing facts, proofs, truth tables, witnesses) enumerates these.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from imagefit.conditions import Leaf
from imagefit.evaluators.reference import leaf_truth
from imagefit.facts import INTEGER_LIMIT, Facts, Field, FieldType, Value

__all__ = ["combinations", "representatives"]

MAX_SUBSETS = 4096


def representatives(
    leaves: Iterable[Leaf], fields: Mapping[str, Field], known: Facts | None = None
) -> dict[str, tuple[Value, ...]]:
    """Return representative values for each fact that the leaves look at and that `known` lacks.

    Parameters
    ----------
    leaves
        Comparisons, as they stand in one rule or in several.
    fields
        The vocabulary.
    known
        Facts that are settled; a leaf that compares an unknown fact with a known one counts as a
        comparison with a literal.

    Returns
    -------
    dict
        Fact names in the order of first mention, each with at least one value; values that no leaf
        tells apart are represented once.
    """
    known = known or {}
    literals: dict[str, list[Leaf]] = {}
    links: list[Leaf] = []
    for leaf in dict.fromkeys(leaves):
        unknown = [name for name in leaf.facts if name not in known]
        for name in unknown:
            literals.setdefault(name, [])
        if len(set(unknown)) == 2:
            links.append(leaf)
        elif unknown:
            literals[unknown[0]].append(leaf)
    found: dict[str, tuple[Value, ...]] = {}
    for component in _components(literals, links):
        found |= _Component([fields[name] for name in component], literals, links, known).values()
    return {name: found[name] for name in literals}


def combinations(values: Mapping[str, Sequence[Value]], *, unknown: bool = False) -> Iterator[dict[str, Value]]:
    """Yield every combination of the values as facts; with `unknown`, each fact is also left out."""
    names = list(values)
    choices: list[Sequence[Value | None]] = [(None, *values[name]) if unknown else values[name] for name in names]
    for chosen in itertools.product(*choices):
        yield {name: value for name, value in zip(names, chosen, strict=True) if value is not None}


def _components(names: Iterable[str], links: Iterable[Leaf]) -> list[list[str]]:
    """Group facts that leaves compare with each other; each group in the order of first mention."""
    groups = {name: [name] for name in names}
    for link in links:
        assert link.other is not None
        first, second = groups[link.fact], groups[link.other]
        if first is not second:
            first.extend(second)
            groups.update(dict.fromkeys(second, first))
    return list({id(group): group for group in groups.values()}.values())


@dataclass
class _Component:
    """Facts that are compared with each other (mostly just one): their values are chosen together."""

    members: list[Field]
    literals: Mapping[str, list[Leaf]]
    links: list[Leaf]
    known: Facts

    def values(self) -> dict[str, tuple[Value, ...]]:
        scalars = [f for f in self.members if f.type is not FieldType.STRING_SET]
        if scalars and scalars[0].type.is_ordered:
            points = self._points(scalars)
            found: dict[str, list[Value]] = {f.name: list(points) for f in scalars}
        elif scalars and scalars[0].type is FieldType.BOOLEAN:
            found = {f.name: [False, True] for f in scalars}
        else:
            found = self._texts(scalars)
        if len(scalars) < len(self.members):
            named = sorted({str(value) for values in found.values() for value in values})
            for f in self.members:
                if f.type is FieldType.STRING_SET:
                    found[f.name] = list(self._subsets(f, named))
        if len(self.members) == 1:
            name = self.members[0].name
            found[name] = list({self._signature(name, value): value for value in reversed(found[name])}.values())[::-1]
        return {name: tuple(values) for name, values in found.items()}

    def _signature(self, name: str, value: Value) -> tuple[bool | None, ...]:
        facts = {**self.known, name: value}
        return tuple(leaf_truth(leaf, facts) for leaf in self.literals[name])

    def _constants(self, names: Iterable[str]) -> Iterator[Value]:
        """Yield what the facts are compared with: literals, and known values of other facts."""
        for name in names:
            for leaf in self.literals[name]:
                other = leaf.other if leaf.fact == name else leaf.fact
                operand = leaf.operand if other is None or other == name else self.known.get(other)
                if isinstance(operand, frozenset):
                    yield from sorted(operand, key=repr)
                elif operand is not None:
                    yield operand

    # -- numbers: at the constants, and between them ---------------------------------------------

    def _points(self, scalars: list[Field]) -> list[Value]:
        """Return each constant, and in each gap as many points as facts could stand there."""
        constants = sorted({c for c in self._constants(f.name for f in scalars) if isinstance(c, int | float)})
        whole = scalars[0].type is FieldType.INTEGER
        count = len(scalars)
        low = -INTEGER_LIMIT if whole else -sys.float_info.max
        high = INTEGER_LIMIT - 1 if whole else sys.float_info.max
        points: list[Value] = []
        for left, right in itertools.pairwise([None, *constants, None]):
            points += [p for p in _between(left, right, count, whole) if low <= p <= high]
            if right is not None:
                points.append(right)
        return points

    # -- text: what is named, and what is not ------------------------------------------------------

    def _texts(self, scalars: list[Field]) -> dict[str, list[Value]]:
        """Return the named texts and a few others; texts that nothing tells apart count as one group."""
        named = {str(c) for c in self._constants(f.name for f in self.members)}
        universe = [*sorted(named), *(v for f in self.members for v in f.values)]
        universe += _fresh(len(scalars), set(universe))
        sets = [f for f in self.members if f not in scalars]
        looked_for = [_elements(leaf, self.known) for f in sets for leaf in self.literals[f.name]]
        groups: dict[object, list[str]] = {}
        for text in dict.fromkeys(universe):
            key = tuple(self._signature(f.name, text) if _holds(f, text) else None for f in scalars)
            in_sets = (*(text in elements for elements in looked_for), *(_may_contain(f, text) for f in sets))
            groups.setdefault((key, in_sets), []).append(text)
        kept = [text for texts in groups.values() for text in texts[: len(self.members)]]
        return {f.name: [text for text in kept if _holds(f, text)] or list(f.values[:1]) for f in scalars}

    # -- sets: subsets of the elements that are named -------------------------------------------------

    def _subsets(self, f: Field, named: list[str]) -> Iterator[frozenset[str]]:
        """Return subsets by classes of elements that no leaf tells apart: none, the first, the last, all.

        Elements that a linked fact can be are classes of their own, and so is one that nothing names.
        """
        sets = [m for m in self.members if m.type is FieldType.STRING_SET]
        operands = [_elements(leaf, self.known) for m in sets for leaf in self.literals[m.name]]
        elements = {e for operand in operands for e in operand}
        if len(sets) > 1 or any(leaf.other == m.name for m in sets for leaf in self.literals[m.name]):
            # two sets are compared: what nothing names can still be in one and not in the other
            elements |= {value for m in sets for value in m.values}
            elements |= set(_fresh(len(sets), {*elements, *named}))
        groups: dict[tuple[bool, ...], list[str]] = {}
        for element in sorted(elements - set(named)):
            held = (_may_contain(m, element) for m in sets)
            groups.setdefault((*(element in operand for operand in operands), *held), []).append(element)
        classes = [[element] for element in named]
        for key, group in groups.items():
            is_named = any(key[: len(operands)])
            classes += [group] if is_named else [[element] for element in group[: len(sets)]]
        options = []
        for members in classes:
            allowed = [member for member in members if _may_contain(f, member)]
            subsets = {(): None, tuple(allowed[:1]): None, tuple(allowed[-1:]): None, tuple(allowed): None}
            options.append([s for s in subsets if len(sets) > 1 or len(s) != 1 or s == tuple(allowed[:1])])
        for chosen in itertools.islice(itertools.product(*options), MAX_SUBSETS):
            yield frozenset(itertools.chain.from_iterable(chosen))


def _elements(leaf: Leaf, known: Facts | None = None) -> frozenset[str]:
    """Return the elements that a leaf on a set looks for."""
    operand = leaf.operand if leaf.other is None else (known or {}).get(leaf.other, (known or {}).get(leaf.fact))
    if isinstance(operand, frozenset):
        return frozenset(str(e) for e in operand)
    return frozenset() if operand is None else frozenset([str(operand)])


def _holds(f: Field, text: str) -> bool:
    return f.type is FieldType.STRING or text in f.values


def _may_contain(f: Field, element: str) -> bool:
    return not f.values or element in f.values


def _fresh(count: int, taken: set[str]) -> list[str]:
    names = (f"other-{n}" if n else "other" for n in itertools.count())
    return list(itertools.islice((name for name in names if name not in taken), count))


def _between(left: float | None, right: float | None, count: int, whole: bool) -> list[int | float]:
    """Return up to `count` numbers strictly between two constants (None: no bound on that side)."""
    if left is None and right is None:
        return [n if whole else float(n) for n in range(1, count + 1)]
    if left is None:
        assert right is not None
        return [right - step for step in range(count, 0, -1)] if whole else _steps(right, -count)
    if right is None:
        return [left + step for step in range(1, count + 1)] if whole else _steps(left, count)
    if whole:
        return [left + step for step in range(1, count + 1) if left + step < right]
    shares = [step / (count + 1) for step in range(1, count + 1)]
    points = [left * (1.0 - share) + right * share for share in shares]  # right - left could overflow
    return sorted({p for p in points if left < p < right})


def _steps(start: float, count: int) -> list[int | float]:
    """Return floats beyond `start`, each different from it however large it is."""
    size = max(1.0, abs(start) * 2.0**-40)
    return sorted(start + size * step for step in (range(1, count + 1) if count > 0 else range(count, 0)))
