"""Texts that comparisons join: what of them matters where one of them is unknown.

Rules ask of free text only whether two are the same and whether one is in a set. So two candidates whose
texts can be renamed into each other, without touching what the rules name, have the same future: it does
not matter which account owns an image, but whether that account is among its recipients.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

from imagefit.conditions import Leaf
from imagefit.evaluators.atoms import constants_of
from imagefit.facts import Facts, Field, FieldType

__all__ = ["JoinedTexts", "joined_texts"]


class JoinedTexts:
    """Facts of free text, or of sets of it, that are compared with each other, directly or by way of others.

    Attributes
    ----------
    names
        The facts, sets last.
    facts
        The same.
    """

    def __init__(self, names: Iterable[str], constants: Iterable[str], fields: Mapping[str, Field]) -> None:
        self.names = tuple(sorted(names, key=lambda name: (fields[name].type is FieldType.STRING_SET, name)))
        self.facts = frozenset(self.names)
        self._constants = frozenset(constants)

    def alike(self, facts: Facts) -> Hashable:
        """Return what is equal for candidates whose texts can be renamed into each other; names stay themselves."""
        names: dict[str, Hashable] = {}
        found: list[Hashable] = []
        for fact in self.names:
            value = facts.get(fact)
            if isinstance(value, frozenset):
                old = frozenset(self._name(text, names) for text in value if text in names or text in self._constants)
                found.append((old, len(value) - len(old)))
                for text in sorted(value):
                    self._name(text, names)
            else:
                found.append(None if value is None else self._name(str(value), names))
        return tuple(found)

    def _name(self, text: str, names: dict[str, Hashable]) -> Hashable:
        return text if text in self._constants else names.setdefault(text, len(names))


def joined_texts(some: Iterable[Leaf], fields: Mapping[str, Field]) -> list[JoinedTexts]:
    """Return the facts of free text that leaves compare with each other, those together that hang together."""
    some = list(some)
    groups: list[set[str]] = []
    for leaf in some:
        if leaf.other not in (None, leaf.fact) and all(_is_free(fields[name]) for name in leaf.facts):
            together = [group for group in groups if not group.isdisjoint(leaf.facts)]
            groups = [group for group in groups if group.isdisjoint(leaf.facts)]
            groups.append({*leaf.facts}.union(*together))
    return [JoinedTexts(group, _constants(group, some, fields), fields) for group in groups]


def _constants(names: set[str], some: Sequence[Leaf], fields: Mapping[str, Field]) -> Iterable[str]:
    """Yield the texts that rules name where they speak of these facts, and the values of enums compared with them."""
    own = [leaf for leaf in some if not names.isdisjoint(leaf.facts)]
    yield from map(str, constants_of(own))
    for leaf in own:
        for name in leaf.facts:
            yield from fields[name].values


def _is_free(of: Field) -> bool:
    return of.type in (FieldType.STRING, FieldType.STRING_SET) and not of.values
