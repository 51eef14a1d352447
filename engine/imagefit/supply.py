"""Where the facts of a candidate come from: given counts before stated, and stated before assumed.

A fact that is *given* is the same for all candidates, whatever they say. *Stated* is what a candidate itself says: a
file, a column, a mapping. *Assumed* is what a person lets us use where nothing else is known; every verdict that used
it says so. Single candidates, columns and pairs all ask a `Supply`, which also knows how a person types these things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import TypeVar

from imagefit.errors import InputError, UnknownNameError, only_assumed
from imagefit.facts import Facts, Field, FieldType, Origin, OriginKind, Value, read_value, show_value
from imagefit.values import dataclass

__all__ = [
    "Assumption",
    "Assumptions",
    "Completed",
    "FactReader",
    "Same",
    "Supply",
    "assumption_text",
    "contradiction",
    "first_difference",
    "flag",
    "given_origins",
    "is_rememberable",
    "joined_facts",
    "read_assumption",
    "read_assumptions",
    "read_facts",
    "set_options",
]

S = TypeVar("S")

REMEMBERED, LONG = 4096, 256
"""So many raw values of one fact are remembered, none of more characters or elements."""

_REMEMBERED_TYPES = (str, int, float, bool, frozenset)
_SHOWN_VALUES = 8
_SIGN, _ENUM = "@", FieldType.ENUM


@dataclass(frozen=True, slots=True)
class Same:
    """An assumption: what another fact is, where that is known."""

    fact: str


Assumption = Value | Same
"""What a fact is assumed to be where it is missing."""


class Assumptions(dict[str, Assumption]):
    """Assumptions by fact, read already: a text in them is a text, whatever it begins with."""


@dataclass(frozen=True, slots=True)
class Completed:
    """The facts of one candidate with what is given and assumed put in.

    Attributes
    ----------
    used
        The assumptions that were used.
    origins
        Where each of the facts came from, as far as it is known.
    """

    facts: Facts
    used: Facts
    origins: Mapping[str, Origin]


_GIVEN, _ASSUMED = Origin(OriginKind.GIVEN), Origin(OriginKind.ASSUMED)


@dataclass(frozen=True)
class Supply:
    """What is given and what is assumed, for all candidates alike.

    Attributes
    ----------
    given
        Facts that hold for every candidate, whatever it says.
    assumptions
        What to use of a fact where neither given nor stated facts say it. It rests on those alone, and never on
        another assumption.
    origin
        Where the given facts came from.
    """

    given: Facts = field(default_factory=dict)
    assumptions: Mapping[str, Assumption] = field(default_factory=dict)
    origin: Origin = _GIVEN

    def complete(self, stated: Facts, origins: Mapping[str, Origin] | None = None) -> Completed:
        """Return the facts of a candidate that states these; `origins` says where those came from, if that is known.

        What was assumed already, by its origin, is among the assumptions that were used.
        """
        facts = {**stated, **self.given}
        found = given_origins(stated)
        if origins is not None:
            found |= origins
        if self.given:
            found |= dict.fromkeys(self.given, self.origin)
        used: dict[str, Value] = {}
        for name, assumption in self.assumptions.items():
            value = facts.get(assumption.fact) if isinstance(assumption, Same) else assumption
            if value is not None and name not in facts:
                used[name] = value
        if origins is not None:
            used |= {
                name: stated[name] for name in _assumed_already(origins) if name in stated and name not in self.given
            }
        if used:
            facts |= used
            found |= {name: found[name] if name in stated else _ASSUMED for name in used}
        return Completed(facts, used, found)

    def known(self, fact: str, stated: Callable[[str], Sequence[S]], fixed: Callable[[Value], S]) -> list[S]:
        """Return the sources of a fact without assumptions: each counts where those before it say nothing.

        Parameters
        ----------
        stated
            Returns what states a fact: the columns of that name.
        fixed
            Makes a source of one value that holds for all.
        """
        return [fixed(self.given[fact])] if fact in self.given else list(stated(fact))

    def assumed(self, fact: str, stated: Callable[[str], Sequence[S]], fixed: Callable[[Value], S]) -> list[S]:
        """Return the sources of what a fact is assumed to be, which count after the known ones; as of `known`."""
        assumption = self.assumptions.get(fact)
        if assumption is None:
            return []
        return self.known(assumption.fact, stated, fixed) if isinstance(assumption, Same) else [fixed(assumption)]

    def is_known_for_all(self, fact: str) -> bool:
        """Whether no candidate can lack the fact: it is given, or a value is assumed for it."""
        return fact in self.given or not isinstance(self.assumptions.get(fact, Same(fact)), Same)


def given_origins(facts: Facts) -> dict[str, Origin]:
    """Return the origins of facts of which nothing else is known."""
    return dict.fromkeys(facts, _GIVEN)


def _assumed_already(origins: Mapping[str, Origin]) -> list[str]:
    return [name for name, origin in origins.items() if origin.kind is OriginKind.ASSUMED]


# -- reading ---------------------------------------------------------------------------------------------


def read_facts(facts: Mapping[str, object], fields: Mapping[str, Field]) -> dict[str, Value]:
    """Turn a mapping of raw values into known facts.

    Raises
    ------
    InputError
        If a value is none of its fact's, or stands for another fact; `UnknownNameError` if there is no such fact.
    """
    known: dict[str, Value] = {}
    for name, raw in facts.items():
        of = fields.get(name) or _field(name, fields)
        if type(raw) is str and raw in of.values and of.type is _ENUM:  # the most usual case
            known[name] = raw
        elif isinstance(raw, str) and raw[:1] == _SIGN and raw[1:] in fields:
            raise only_assumed(name, raw)
        elif (value := read_value(of, raw)) is not None:
            known[name] = value
    return known


class FactReader:
    """Reads facts as `read_facts` does, and remembers what raw values mean: most candidates share most of theirs."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self._fields = fields
        # By name and by type: True is no 1, though it equals it.
        self._seen: dict[str, dict[type, dict[object, Value | None]]] = {}

    def read(self, facts: Mapping[str, object]) -> dict[str, Value]:
        """Return the known facts of a mapping; raises as `read_facts`."""
        seen = self._seen
        known: dict[str, Value] = {}
        for name, raw in facts.items():
            try:
                value = seen[name][type(raw)][raw]
            except (KeyError, TypeError):  # not seen before, or nothing that can be looked up
                value = self._read(name, raw)
            if value is not None:
                known[name] = value
        return known

    def value(self, name: str, raw: object) -> Value | None:
        """Return the value of one fact; raises as `read_facts`."""
        try:
            return self._seen[name][type(raw)][raw]
        except (KeyError, TypeError):
            return self._read(name, raw)

    def _read(self, name: str, raw: object) -> Value | None:
        value = read_value(self._fields.get(name) or _field(name, self._fields), raw)
        if is_rememberable(raw):
            of_type = self._seen.setdefault(name, {}).setdefault(type(raw), {})
            if len(of_type) < REMEMBERED:
                of_type[raw] = value
        return value


def is_rememberable(raw: object) -> bool:
    """Whether a raw value can be looked up, and is short enough to be remembered."""
    if isinstance(raw, str | frozenset) and len(raw) > LONG:
        return False
    return type(raw) in _REMEMBERED_TYPES and raw == raw  # NaN is no key


def read_assumptions(assume: Mapping[str, object] | None, fields: Mapping[str, Field]) -> Assumptions:
    """Read a mapping of assumptions, each as `read_assumption` does; one that is unknown assumes nothing."""
    if assume is None or isinstance(assume, Assumptions):
        return Assumptions() if assume is None else assume
    found = Assumptions()
    for name, raw in assume.items():
        if (assumption := read_assumption(_field(name, fields), raw, fields)) is not None:
            found[name] = assumption
    return found


def read_assumption(of: Field, raw: object, fields: Mapping[str, Field]) -> Assumption | None:
    """Read what a fact is assumed to be: a value, or ``@other.fact`` for what that fact is.

    A text that itself begins with ``@`` is written with one more: ``@@text``.

    Raises
    ------
    InputError
        If `raw` is no value of the field, or the other fact can be what this one can't; `UnknownNameError` if there
        is no other fact of that name.
    """
    if isinstance(raw, Same):
        raw = _SIGN + raw.fact
    if not isinstance(raw, str) or not raw.startswith(_SIGN):
        return read_value(of, raw)
    if raw.startswith(_SIGN, 1):
        return read_value(of, raw[1:])
    other = _field(raw[1:], fields)
    if other.type is not of.type:
        raise InputError("not a fact of the same type", column=of.name, value=raw, expected=of.type.with_article)
    if not of.takes(other):
        raise InputError("not a fact of the same values", column=of.name, value=raw, expected=of.expects)
    return Same(other.name)


def _field(name: str, fields: Mapping[str, Field]) -> Field:
    if name not in fields:
        raise UnknownNameError.of("fact", str(name), fields)
    return fields[name]


# -- sources that contradict each other ------------------------------------------------------------------


def first_difference(ones: Iterable[Value], others: Iterable[Value]) -> tuple[Value, Value] | None:
    """Return a value of each that differ: two sources of one fact may say the same only."""
    others = list(others)
    return next(((one, other) for one in ones for other in others if one != other), None)


def contradiction(fact: str, one: Value | None, other: Value | None, given: str = "--set {}=...") -> InputError:
    """Return the error that two sources say different things of one fact; `given` says what would decide."""
    both = f"{show_value(one)} and {show_value(other)}"
    return InputError(f"two sources say different things: {both}; {given.format(fact)} decides", column=fact)


def joined_facts(sources: Iterable[Facts], given: Facts, decides: str = "--set {}=...") -> dict[str, Value]:
    """Return what several sources state of one candidate, together.

    Parameters
    ----------
    given
        Facts that are given: the sources may say of them what they like.
    decides
        How a fact is given, with a place for its name.

    Raises
    ------
    InputError
        If two say different things of one fact.
    """
    found: dict[str, Value] = {}
    for facts in sources:
        for name, value in facts.items():
            if name not in given and first_difference([found.get(name, value)], [value]):
                raise contradiction(name, found[name], value, decides)
            found.setdefault(name, value)
    return found


# -- what a person types ---------------------------------------------------------------------------------


def flag(of: Field, option: str = "--set") -> str:
    """Return the option that would supply a fact, with what can stand there: ``--set image.boot_mode=bios|uefi``."""
    return f"{option} {of.name}={_placeholder(of)}"


def set_options(facts: Facts) -> str:
    """Return the facts as the command line takes them, to be pasted: ``--set image.boot_mode=uefi --set ...``."""
    import shlex

    return " ".join(f"--set {shlex.quote(f'{name}={_typed(value)}')}" for name, value in facts.items())


def assumption_text(assumption: Assumption) -> str:
    """Return an assumption as `read_assumption` reads it."""
    if isinstance(assumption, Same):
        return _SIGN + assumption.fact
    text = _typed(assumption)
    return _SIGN + text if text.startswith(_SIGN) else text


def _typed(value: Value) -> str:
    if isinstance(value, frozenset):
        shown = show_value(value)
        return shown if shown.startswith("[") else shown.replace("; ", ";")
    return repr(value) if isinstance(value, float) else show_value(value)


def _placeholder(of: Field) -> str:
    if of.type is FieldType.BOOLEAN:
        return "true|false"
    if of.type is FieldType.ENUM:
        few = len(of.values) <= _SHOWN_VALUES
        return "|".join(of.values if few else (*of.values[: _SHOWN_VALUES // 2], "..."))
    if of.type is FieldType.STRING_SET:
        name = of.elements.upper() or "NAME"
        return f"'[]'|'{name};...'"
    return (of.unit or {FieldType.INTEGER: "INTEGER", FieldType.NUMBER: "NUMBER"}.get(of.type, "TEXT")).upper()
