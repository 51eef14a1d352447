"""Cells: which values of a fact comparisons can tell apart, with a representative value of each.

The abstract domain of a few leaves is small: an enum's values, the numbers at and between the literals
they are compared with, the texts that are named and any other, sets by the elements that are looked for.
Unknown is a cell of its own. All that enumerates, indexes or names cases begins here:

* `scalar_values` is the finest partition of one field that literals can make,
* `FieldCells` has the cells of a field that some leaves tell apart, and the cell of every value,
* `representatives` looks at facts that are compared with each other, too: their values are chosen
  together, so that every combination of leaf truths that any completion of a candidate reaches is reached
  by a combination of representatives.

Two look at more than the values of a field, and begin with the same literals, links and gaps:
`explanations.truths.linkedfacts` asks which candidates can be renamed into each other, and `evaluators.pairs.values`
cuts a column at all that the other side of a product has.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from imagefit.conditions import Leaf
from imagefit.evaluators.fieldcells import (
    FieldCells,
    literals_of,
    literals_of_leaf,
    other_texts,
    scalar_values,
    told_apart,
    truths_by_value,
)
from imagefit.evaluators.gaps import widest
from imagefit.facts import Facts, Field, FieldType, Scalar, Value
from imagefit.values import dataclass

__all__ = [
    "MAX_SUBSETS",
    "FieldCells",
    "Representatives",
    "a_few_values",
    "combinations",
    "cost_of",
    "linked",
    "literals_of",
    "other_texts",
    "representatives",
    "scalar_values",
]

MAX_SUBSETS = 4096

FEW = 8
"""So many of the first, and of the last, stand for long lists where a few values are enough."""

MOST_LACKING = 256
"""Of up to so many elements, a set of all but one is tried for each."""

Representatives = Mapping[str, Sequence[Value]]
"""A value of each cell of some facts, but for unknown."""


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
    by_literal: dict[str, list[Leaf]] = {}
    links: list[Leaf] = []
    for leaf in dict.fromkeys(leaves):
        unknown = [name for name in leaf.facts if name not in known]
        for name in unknown:
            by_literal.setdefault(name, [])
        if len(set(unknown)) == 2:
            links.append(leaf)
        elif unknown:
            by_literal[unknown[0]].append(leaf)
    found: dict[str, tuple[Value, ...]] = {}
    for names in linked(by_literal, links):
        members = [fields[name] for name in names]
        if len(members) > 1 or members[0].type is FieldType.STRING_SET:
            found |= _Linked(members, by_literal, known).values()
        else:
            found[names[0]] = told_apart(members[0], by_literal[names[0]], known)
    return {name: found[name] for name in by_literal}


def combinations(values: Representatives, *, unknown: bool = False) -> Iterator[dict[str, Value]]:
    """Yield every combination of the values as facts; with `unknown`, each fact is also left out."""
    names = list(values)
    choices: list[Sequence[Value | None]] = [(None, *values[name]) if unknown else values[name] for name in names]
    for chosen in itertools.product(*choices):
        yield {name: value for name, value in zip(names, chosen, strict=True) if value is not None}


def linked(names: Iterable[str], links: Iterable[Leaf]) -> list[list[str]]:
    """Group facts that leaves compare with each other, directly or by way of others, in the order of first mention."""
    groups = {name: [name] for name in names}
    for link in links:
        assert link.other is not None
        first, second = groups[link.fact], groups[link.other]
        if first is not second:
            first.extend(second)
            groups.update(dict.fromkeys(second, first))
    return list({id(group): group for group in groups.values()}.values())


def cost_of(leaves: Iterable[Leaf], fields: Mapping[str, Field]) -> int:
    """Return about how many evaluations of leaves their representatives take, without making them."""
    by_fact: dict[str, set[Leaf]] = {}
    for leaf in leaves:
        for name in leaf.facts:
            by_fact.setdefault(name, set()).add(leaf)
    return sum(_points(fields[name], literals_of(own), len(own)) * len(own) for name, own in by_fact.items())


def _points(field: Field, literals: Collection[Scalar], leaves: int) -> int:
    """Return at most how many values of a field are looked at."""
    if field.type is FieldType.STRING_SET:
        return min(MAX_SUBSETS, 1 << 2 * min(leaves, 6), 1 << min(len(literals), 12))
    return len(field.values) or 2 * len(literals) + 2


def a_few_values(field: Field, leaves: Iterable[Leaf], fields: Mapping[str, Field]) -> tuple[Value, ...]:
    """Return values of a field, with which each of some leaves can be true and false; no leaf is evaluated.

    Of long lists, enums and sets they name what is first and last, and what is in none of the lists.
    """
    own = list(leaves)
    listed = frozenset(literal for leaf in own for literal in leaf.literals)
    named = dict.fromkeys(literal for leaf in own for literal in _ends(_ascending(leaf.literals)))
    if field.type is FieldType.STRING_SET:
        texts = [text for text in sorted(map(str, named)) if field.may_contain(text)] or [
            field.shaped(text) for text in field.values[:2] or other_texts((), 2)
        ]
        every, without = frozenset(texts), texts if len(texts) <= MOST_LACKING else _ends(texts)
        sets = (frozenset[str](), every, *(frozenset((text,)) for text in texts), *(every - {text} for text in without))
        return tuple(dict.fromkeys(sets))
    if field.type.is_ordered or field.type is FieldType.BOOLEAN:
        return tuple(scalar_values(field, named, 2))
    if not field.values:
        return (*named, *other_texts(map(str, listed), 2))
    held = frozenset(field.values)
    others = [frozenset(fields[name].values) for leaf in own for name in leaf.facts if name != field.name]
    found = [list(named), field.values, [value for value in field.values if value not in listed]]
    found += [[value for value in field.values if value in its] for its in others]
    return tuple(dict.fromkeys(value for values in found for value in values[: 2 * FEW] if value in held))


def _ends(ascending: Sequence[Scalar]) -> Sequence[Scalar]:
    return ascending if len(ascending) <= 2 * FEW else (*ascending[:FEW], *ascending[-FEW:])


def _ascending(literals: Collection[Scalar]) -> Sequence[Scalar]:
    return sorted(literals, key=str if any(isinstance(literal, str) for literal in literals) else None)


def _not_lower(field: Field, values: Sequence[Value]) -> list[Value]:
    """Return those of some values that a field can be."""
    least = field.at_least
    return [value for value in values if least is None or value >= least]  # type: ignore[operator]


# -- facts that are compared with each other, and sets ---------------------------------------------------


@dataclass
class _Linked:
    """Facts that are compared with each other, or a set: their values are chosen together."""

    members: list[Field]
    by_literal: Mapping[str, list[Leaf]]
    known: Facts

    def values(self) -> dict[str, tuple[Value, ...]]:
        scalars = [f for f in self.members if f.type is not FieldType.STRING_SET]
        sets = [f for f in self.members if f.type is FieldType.STRING_SET]
        if scalars and (scalars[0].type.is_ordered or scalars[0].type is FieldType.BOOLEAN):
            literals = literals_of((leaf for f in scalars for leaf in self.by_literal[f.name]), self.known)
            of, leasts = widest(scalars)
            shared = scalar_values(of, literals | leasts, len(scalars))
            found: dict[str, list[Value]] = {f.name: _not_lower(f, shared) for f in scalars}
        else:
            found = self._texts(scalars, sets)
        named = sorted({str(value) for values in found.values() for value in values})
        for f in sets:
            found[f.name] = list(self._subsets(f, sets, named))
        if len(self.members) == 1:
            ((name, values),) = found.items()
            signatures = truths_by_value(name, values, self.by_literal[name], self.known)
            found[name] = list(dict(zip(reversed(signatures), reversed(values), strict=True)).values())[::-1]
        return {name: tuple(values) for name, values in found.items()}

    def _holds(self, of: Field, text: str) -> bool:
        """Whether a text may be a fact's value, or an element of it."""
        if of.values:
            return text in self._known_values[of.name]
        return of.type is not FieldType.STRING_SET or of.may_contain(text)

    @cached_property
    def _known_values(self) -> Mapping[str, frozenset[str]]:
        return {of.name: frozenset(of.values) for of in self.members}

    def _looked_for(self, sets: Sequence[Field]) -> list[frozenset[Scalar]]:
        """Return the elements that each leaf on a set looks for."""
        return [literals_of_leaf(leaf, self.known) for f in sets for leaf in self.by_literal[f.name]]

    def _texts(self, scalars: Sequence[Field], sets: Sequence[Field]) -> dict[str, list[Value]]:
        """Return the named texts and a few others; texts that nothing tells apart count as one group."""
        literals = literals_of((leaf for f in self.members for leaf in self.by_literal[f.name]), self.known)
        universe = [*sorted(map(str, literals)), *(v for f in self.members for v in f.values)]
        others = other_texts(universe, len(scalars), sets)
        universe += [*others, *(f.shaped(text) for f in sets for text in others)]
        universe = list(dict.fromkeys(universe))
        held = {f.name: [self._holds(f, text) for text in universe] for f in self.members}
        truths = [truths_by_value(f.name, universe, self.by_literal[f.name], self.known) for f in scalars]
        pairs = (zip(own, held[f.name], strict=True) for f, own in zip(scalars, truths, strict=True))
        told: list[Sequence[object]] = [[truth if holds else None for truth, holds in own] for own in pairs]
        told += [[text in own for text in universe] for own in self._looked_for(sets)] + [held[f.name] for f in sets]
        groups: dict[object, list[str]] = {}
        for text, signature in zip(universe, zip(*told, strict=True), strict=True):
            groups.setdefault(signature, []).append(text)
        kept = [text for texts in groups.values() for text in texts[: len(self.members)]]
        return {f.name: [text for text in kept if self._holds(f, text)] or list(f.values[:1]) for f in scalars}

    def _subsets(self, f: Field, sets: Sequence[Field], named: list[str]) -> Iterator[frozenset[str]]:
        """Return subsets by classes of elements that no leaf tells apart: none, the first, the last, all.

        Elements that a linked fact can be are classes of their own, and so is one that nothing names.
        """
        looked_for = self._looked_for(sets)
        elements = {str(e) for own in looked_for for e in own}
        if len(sets) > 1 or any(leaf.other == m.name for m in sets for leaf in self.by_literal[m.name]):
            # two sets are compared: what nothing names can still be in one and not in the other
            elements |= {value for m in sets for value in m.values}
            others = other_texts({*elements, *named}, len(sets), sets)
            elements |= {m.shaped(text) for m in sets for text in others}
        groups: dict[tuple[bool, ...], list[str]] = {}
        for element in sorted(elements - set(named)):
            held = (self._holds(m, element) for m in sets)
            groups.setdefault((*(element in own for own in looked_for), *held), []).append(element)
        classes = [[element] for element in named]
        for key, group in groups.items():
            is_named = any(key[: len(looked_for)])
            classes += [group] if is_named else [[element] for element in group[: len(sets)]]
        options = []
        for members in classes:
            allowed = [member for member in members if self._holds(f, member)]
            subsets = {(): None, tuple(allowed[:1]): None, tuple(allowed[-1:]): None, tuple(allowed): None}
            options.append([s for s in subsets if len(sets) > 1 or len(s) != 1 or s == tuple(allowed[:1])])
        for chosen in itertools.islice(itertools.product(*options), MAX_SUBSETS):
            yield frozenset(itertools.chain.from_iterable(chosen))
