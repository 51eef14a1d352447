"""A baseline: the findings that are known, so that only new ones make a run fail.

A finding is a rule that fails, is undecided or warns, of a candidate and an operation. Candidates are told apart by
their names, those that have none by their facts, so that the order in which they come does not matter.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from functools import partial
from typing import Any

from imagefit.errors import InputError
from imagefit.facts import Facts
from imagefit.readers.called import CALLED
from imagefit.rulepack.pack import Outcome, Pack, Severity
from imagefit.values import dataclass
from imagefit.verdicts import VerdictKind, json_value, level_of

__all__ = ["BASELINE_VERSION", "SHOWN", "Compared", "Known", "baseline_pieces", "name_of_facts", "read_baseline"]

BASELINE_VERSION = 1

OUTCOMES = ("fail", "unknown", "warning")
"""What a rule can be of a candidate, the worst first: what is known of a rule covers what is less bad."""

Known = dict[tuple[str, str], dict[str, str]]
"""By operation and candidate, the rules that found something, and which of `OUTCOMES` each is."""

SHOWN = 20
"""So many new and fixed findings are kept to be shown; the others are counted."""


@dataclass
class Compared:
    """What a run finds, beside what is known.

    Attributes
    ----------
    known
        The baseline.
    select, ignore
        What chose the rules of this run: what it did not look at is not fixed.
    found
        What this run found, where it is to become the next baseline; else nothing is kept of it.
    old, new
        How many findings are known, and how many are not.
    level, is_warned
        What the new ones make: the highest level of a verdict, and whether a warning is among them.
    shown
        The first new ones: operation, candidate, rule, outcome.
    """

    pack: Pack
    known: Known = field(default_factory=dict)
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    found: Known | None = None
    old: int = 0
    new: int = 0
    level: int = 0
    is_warned: bool = False
    shown: list[tuple[str, str, str, str]] = field(default_factory=list)
    _met: Known = field(default_factory=dict)
    _alike: dict[tuple[tuple[str, str], ...], dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._warnings = {rule.id for rule in self.pack.rules if rule.severity is Severity.WARNING}

    def add(
        self, operation: str, candidate: str, failed: Iterable[str], unknown: Iterable[str], warned: Iterable[str]
    ) -> frozenset[str]:
        """Compare a candidate: the ids of the error rules that fail and are undecided, and of those that warn.

        Returns
        -------
        frozenset
            Those whose findings are known; where this run becomes the next baseline, all.
        """
        own = self._outcomes(failed, unknown, warned)
        place = operation, candidate
        if place in self.known:
            self._met.setdefault(place, {}).update(own)
        if own and self.found is not None:
            worst = _worst(self.found.get(place, {}), own)
            self.found[place] = self._alike.setdefault(tuple(worst.items()), worst)
        known = self._known(place, own)
        new = {rule: outcome for rule, outcome in own.items() if rule not in known}
        self.old, self.new = self.old + len(known), self.new + len(new)
        for rule, outcome in new.items() if self.found is None else ():
            self.level = max(self.level, _LEVELS[outcome])
            self.is_warned = self.is_warned or outcome == "warning"
            if len(self.shown) < SHOWN:
                self.shown.append((operation, candidate, rule, outcome))
        return known if self.found is None else frozenset(own)

    def known_of(
        self, operation: str, candidate: str, failed: Iterable[str], unknown: Iterable[str], warned: Iterable[str]
    ) -> frozenset[str]:
        """Return what `add` returns, and count nothing; several threads may ask."""
        own = self._outcomes(failed, unknown, warned)
        return self._known((operation, candidate), own) if self.found is None else frozenset(own)

    def _outcomes(self, *lists: Iterable[str]) -> dict[str, str]:
        own = {rule: outcome for outcome, rules in zip(OUTCOMES, lists, strict=True) for rule in rules}
        return {rule: outcome for rule, outcome in own.items() if outcome != "warning" or rule in self._warnings}

    def _known(self, place: tuple[str, str], own: Mapping[str, str]) -> frozenset[str]:
        known, rank = self.known.get(place, {}), OUTCOMES.index
        return frozenset(rule for rule, outcome in own.items() if rule in known and rank(known[rule]) <= rank(outcome))

    def fixed(self) -> list[tuple[str, str, str, str]]:
        """Return what is known and was looked for and not found, sorted."""
        chosen = {name: self._chosen(name) for name in {name for name, _ in self._met}}
        return sorted(
            (*place, rule, outcome)
            for place, own in self._met.items()
            for rule, outcome in self.known[place].items()
            if rule not in own and rule in chosen[place[0]]
        )

    def elsewhere(self) -> int:
        """Return how many findings are known of candidates that were not checked."""
        return sum(len(rules) for place, rules in self.known.items() if place not in self._met)

    def _chosen(self, operation: str) -> set[str]:
        return {rule.id for rule in self.pack.chosen_rules(operation, self.select, self.ignore)}


_LEVELS = {
    "fail": level_of(Severity.ERROR, Outcome.FAIL),
    "unknown": level_of(Severity.ERROR, Outcome.UNKNOWN),
    "warning": VerdictKind.COMPATIBLE.level,
}


def _worst(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    return {**one, **{r: min(o, one.get(r, o), key=OUTCOMES.index) for r, o in other.items()}} if one else {**other}


def name_of_facts(facts: Facts) -> str:
    """Return what to call a candidate that has no name: by its facts, whatever else is said of it."""
    from hashlib import sha256  # only candidates without a name need it, and importing it takes long

    told = {name: json_value(value) for name, value in facts.items() if name not in CALLED.values()}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return f"facts {sha256(text.encode()).hexdigest()[:24]}"


def baseline_pieces(known: Known) -> Iterator[str]:
    """Yield the text of a baseline, in an order of its own: the next one differs by what changed alone."""
    yield f'{{\n "baseline": {BASELINE_VERSION},\n "findings": ['
    texts: dict[tuple[tuple[str, str], ...], str] = {}  # of rules: many candidates have the same
    between = "\n"
    for operation, candidate in sorted(known):
        rules = known[operation, candidate]
        if (text := texts.get(key := tuple(rules.items()))) is None:
            own = {each: sorted(rule for rule, outcome in rules.items() if outcome == each) for each in OUTCOMES}
            lists = json.dumps({each: some for each, some in own.items() if some}, indent=1)
            text = texts[key] = lists[1:-2].replace("\n", "\n  ")
        named = f'"operation": {json.dumps(operation)},\n   "candidate": {json.dumps(candidate)}'
        yield f"{between}  {{\n   {named},{text}\n  }}"
        between = ",\n"
    yield "\n ]\n}\n" if known else "]\n}\n"


def read_baseline(text: str, name: str) -> Known:
    """Return the findings of a baseline.

    Raises
    ------
    InputError
        If it is none; names the place.
    """
    lists: dict[tuple[str, ...], list[str]] = {}
    try:
        data = json.loads(text, object_hook=partial(_with_shared_lists, lists))
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON ({error})", file=name, expected="what --write-baseline writes") from None
    if not isinstance(data, dict) or data.get("baseline") != BASELINE_VERSION:
        raise InputError(
            "no baseline", file=name, expected=f'"baseline": {BASELINE_VERSION}, as --write-baseline has it'
        )
    found = data.get("findings")
    if not isinstance(found, list):
        raise InputError("no baseline", file=name, column="findings", expected="a list")
    known: Known = {}
    alike: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
    for number, each in enumerate(found, start=1):
        if not _is_finding(each):
            expected = f"operation, candidate, and lists of rules as {', '.join(OUTCOMES)}"
            raise InputError("no finding", file=name, row=number, value=each, expected=expected)
        own = {rule: outcome for outcome in OUTCOMES for rule in each.get(outcome, ())}
        place = each["operation"], each["candidate"]
        worst = _worst(known.get(place, {}), own)
        known[place] = alike.setdefault(tuple(worst.items()), worst)
    return known


def _with_shared_lists(lists: dict[tuple[str, ...], list[str]], each: dict[str, Any]) -> dict[str, Any]:
    """Return a finding whose lists are the same objects as equal ones of those before."""
    for name in OUTCOMES:
        if isinstance(some := each.get(name), list):
            with contextlib.suppress(TypeError):  # none of names
                each[name] = lists.setdefault(tuple(some), some)
    return each


def _is_finding(each: Any) -> bool:
    if not isinstance(each, dict) or not all(isinstance(each.get(part), str) for part in ("operation", "candidate")):
        return False
    lists = [each.get(outcome, []) for outcome in OUTCOMES]
    return all(isinstance(some, list) and all(isinstance(rule, str) for rule in some) for some in lists)
