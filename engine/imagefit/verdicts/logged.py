"""A verdict as a line of a log: all that it takes to evaluate it again, then what came out.

What came out is worked out from the rest of the line and the pack that it names; replaying compares that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from imagefit.escaping import in_json
from imagefit.facts import Facts, OriginKind, Value
from imagefit.rulepack.pack import Outcome, Rule
from imagefit.values import dataclass
from imagefit.verdicts import LEVELS, NOTED, PackRef, VerdictKind, json_value, level_of

if TYPE_CHECKING:
    from imagefit.rulepack.waivers import Waiver

__all__ = [
    "ASSUMED",
    "CODES",
    "GIVEN",
    "KINDS",
    "LISTS",
    "LOG_VERSION",
    "STATED",
    "Found",
    "LogHead",
    "LoggedFacts",
    "Reading",
    "fact_in_json",
    "letters_of",
    "waivers_in_force",
]

LOG_VERSION = 1

CODES: Mapping[Outcome, str] = {
    Outcome.NOT_APPLICABLE: "-",
    Outcome.PASS: "p",
    Outcome.FAIL: "f",
    Outcome.UNKNOWN: "u",
}
"""The letter of an outcome; `outcomes` of a line has one for each rule of the operation, in the order of their ids."""


LISTS = ("failed_rules", "unknown_rules", "warnings")
GIVEN, STATED, ASSUMED = "given", "stated", "assumed"
KINDS: Mapping[OriginKind, str] = {OriginKind.GIVEN: GIVEN, OriginKind.ASSUMED: ASSUMED}
"""How a line calls where a fact came from; what is not here is stated."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came out of an evaluation: the verdict, the ids that tables name, and a letter for each rule."""

    verdict: str
    failed_rules: tuple[str, ...]
    unknown_rules: tuple[str, ...]
    warnings: tuple[str, ...]
    outcomes: str

    @classmethod
    def read(cls, line: Mapping[str, Any]) -> Self:
        """Return what a line says that came out; raises `KeyError` or `TypeError` if it is no line of a log."""
        failed, unknown, warnings = (tuple(line[name]) for name in LISTS)
        return cls(line["verdict"], failed, unknown, warnings, line["outcomes"])

    def in_json(self) -> str:
        """Return it as the last keys of a line."""
        lists = {name: getattr(self, name) for name in LISTS}
        return _json({"verdict": self.verdict, **lists, "outcomes": self.outcomes})[1:-1]


class Reading:
    """Makes what came out of the letters of an operation's rules."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        judged = [(place, rule, outcome) for place, rule in enumerate(rules) for outcome in Outcome]
        self._levels = {(p, CODES[o]): (level_of(r.severity, o), r.id) for p, r, o in judged if level_of(r.severity, o)}
        self._noted = {(p, CODES[o]): r.id for p, r, o in judged if NOTED.get(r.severity) is o}

    def found(self, letters: str) -> Found:
        """Return what came out."""
        places = list(enumerate(letters))
        deciding = [self._levels[place] for place in places if place in self._levels]
        level = max((own for own, _ in deciding), default=0)
        failed, unknown = (tuple(rule for own, rule in deciding if own == each) for each in _DECIDING)
        noted = tuple(self._noted[place] for place in places if place in self._noted)
        return Found(LEVELS[level].value, failed, unknown, noted, letters)


_DECIDING = (VerdictKind.INCOMPATIBLE.level, VerdictKind.UNKNOWN.level)


def letters_of(outcomes: Iterable[Outcome]) -> str:
    """Return the letters of outcomes."""
    return "".join(CODES[outcome] for outcome in outcomes)


def waivers_in_force(waivers: Iterable[Waiver], today: date) -> dict[str, Any] | None:
    """Return the waivers that count today as a line has them, with the digest of what they say; None without any."""
    told = [dict(waiver.told) for waiver in waivers if waiver.counts_on(today)]
    if not told:
        return None
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    from hashlib import sha256  # only a log needs it, and importing it takes long

    return {"digest": f"sha256:{sha256(text.encode()).hexdigest()}", "day": today.isoformat(), "in_force": told}


@dataclass(frozen=True, slots=True)
class LoggedFacts:
    """The facts of a candidate as JSON: what a line has in each of its objects, and the names of those left out."""

    given: str = ""
    stated: str = ""
    assumed: str = ""
    redacted: str = ""

    @classmethod
    def of(cls, facts: Facts, kinds: Mapping[str, str], redact: frozenset[str]) -> Self:
        """Return them.

        Parameters
        ----------
        kinds
            Where each fact came from, as `KINDS` calls it; one that is not there is stated.
        redact
            The facts whose values are left out.
        """
        own: dict[str, list[str]] = {GIVEN: [], STATED: [], ASSUMED: []}
        for name in sorted(facts.keys() - redact):
            own[kinds.get(name, STATED)].append(fact_in_json(name, facts[name]))
        given, stated, assumed = map(", ".join, own.values())
        return cls(given, stated, assumed, ", ".join(map(_json, sorted(redact.intersection(facts)))))


_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode  # to make one takes longer than to use it


def fact_in_json(name: str, value: Value) -> str:
    """Return a fact as a key of an object and its value."""
    return f"{_json(name)}: {_json(json_value(value))}"


@dataclass(frozen=True)
class LogHead:
    """What the lines of a run have in common.

    Attributes
    ----------
    version
        Of imagefit.
    waivers
        As `waivers_in_force` returns them.
    select, ignore
        The names that chose the rules.
    redact
        The facts whose values are left out.
    """

    pack: PackRef
    version: str
    waivers: Mapping[str, Any] | None = None
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    redact: frozenset[str] = frozenset()

    def line(self, key: str, operation: str, facts: LoggedFacts, found: str) -> bytes:
        """Return a line, with its end; `found` is what came out, as `Found.in_json` returns it."""
        first, second, third = self._between
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        objects = f'"given": {{{facts.given}}}, "stated": {{{facts.stated}}}, "assumed": {{{facts.assumed}}}'
        data = (
            f'{first}"{time}"{second}{_json(key)}, "operation": {_json(operation)}{third}{{{objects}}}, '
            f'"redacted": [{facts.redacted}], {found}}}'
        )
        return f"{in_json(data)}\n".encode()

    @cached_property
    def _between(self) -> tuple[str, str, str]:
        """What is the same in all lines, around the time, the key with the operation, and what follows these."""
        run = {"imagefit": self.version, "pack": self.pack.to_dict(), "waivers": self.waivers}
        chosen = {"select": list(self.select), "ignore": list(self.ignore)}
        begin = f'{{"log": {LOG_VERSION}, "time": '
        return begin, f', {_json(run)[1:-1]}, "key": ', f', {_json(chosen)[1:-1]}, "facts": '
