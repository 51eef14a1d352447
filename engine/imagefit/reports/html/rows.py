"""The candidates of a report as data: columns of few distinct values, and cases, of which many rows are alike.

What a script reads is made here, and nothing is worked out: rows of the same verdict, reasons and plan are one `Case`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.widths import narrowest
from imagefit.escaping import address, line
from imagefit.rulepack.pack import Pack, Rule
from imagefit.rulepack.words import WAIVED
from imagefit.supply import flag
from imagefit.verdicts import VerdictKind

__all__ = ["FAILS", "NOTED", "OPEN", "WAIVES", "Case", "Coded", "PlanText", "Rows", "StepText", "Telling", "rule_name"]

FAILS, OPEN, NOTED, WAIVES = range(4)
"""What a rule says of a candidate, by number."""


Telling = tuple[str, int, str]
"""What a rule says of a candidate: its id, one of the numbers above, and the reason (empty: its title)."""


@dataclass(frozen=True, slots=True)
class StepText:
    """A step of a plan in words."""

    text: str
    by: str
    cost: str


@dataclass(frozen=True, slots=True)
class PlanText:
    """A plan in words: its steps, and what there is to say of what comes after."""

    steps: tuple[StepText, ...]
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """What some candidates have in common: all that the rules say of them.

    Attributes
    ----------
    rules
        What each rule says that says something.
    missing
        The facts that would decide it.
    is_hopeless
        Whether plans were looked for and none was found.
    asks
        What to type to learn what is missing, and the option to give the answer with.
    """

    verdict: VerdictKind
    operation: str
    rules: tuple[Telling, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    plans: tuple[PlanText, ...] = ()
    is_hopeless: bool = False
    asks: tuple[tuple[str, str], ...] = ()


@dataclass
class Coded:
    """A column that grows: the distinct texts, and a code for each row; None is unknown.

    Attributes
    ----------
    kind
        ``label`` (what rows are called), ``name``, ``fact``, or ``own``, a column of the caller's.
    """

    name: str
    kind: str
    title: str
    codes: list[NDArray[Any]] = field(default_factory=list)
    known: dict[str | None, int] = field(default_factory=dict)

    def add(self, values: Sequence[str | None], codes: NDArray[Any]) -> None:
        """Add rows: their distinct values, and the place of each row's among them."""
        own = [self.known.setdefault(value, len(self.known)) for value in values]
        self.codes.append(np.array(own, np.uint32)[codes])

    def cut(self, count: int) -> None:
        """Leave the first rows, and the values that they have."""
        known = list(self.known)
        used, codes = np.unique(np.concatenate([np.zeros(0, np.uint32), *self.codes])[:count], return_inverse=True)
        self.known = {known[code]: place for place, code in enumerate(used.tolist())}
        self.codes = [codes.astype(np.uint32)]

    def fill(self, rows: int) -> None:
        """Add rows of which this is not known."""
        if rows:
            self.add([None], np.zeros(rows, np.uint8))

    def values(self, count: int) -> list[str | None]:
        """Return the values of the first rows."""
        known = list(self.known)
        return [known[code] for code in np.concatenate([np.zeros(0, np.uint32), *self.codes])[:count].tolist()]

    def data(self) -> dict[str, Any]:
        """Return the column as JSON data: without codes where all rows have one value, or each its own."""
        codes = np.concatenate([np.zeros(0, np.uint32), *self.codes])
        values = [None if value is None else line(value) for value in self.known]
        is_plain = len(values) == 1 or (len(values) == len(codes) and bool((codes == np.arange(len(codes))).all()))
        told = {"name": line(self.name), "kind": self.kind, "title": line(self.title), "values": values}
        return told if is_plain else {**told, "codes": packed(codes, len(values))}


class Rows:
    """The candidates of a report, added piece by piece."""

    def __init__(self) -> None:
        self.count = 0
        self.cases: dict[Case, int] = {}
        self.columns: dict[str, Coded] = {}
        self._numbers: list[NDArray[np.uint32]] = []

    def add(self, cases: Sequence[Case], numbers: NDArray[Any], columns: Iterable[Coded]) -> None:
        """Add rows: their distinct cases, the place of each row's among them, and columns of these rows."""
        own = [self.cases.setdefault(case, len(self.cases)) for case in cases]
        self._numbers.append(np.array(own, np.uint32)[numbers])
        for piece in columns:
            if (column := self.columns.get(piece.name)) is None:
                column = self.columns[piece.name] = Coded(piece.name, piece.kind, piece.title)
                column.fill(self.count)
            for codes in piece.codes:
                column.add(list(piece.known), codes)
        self.count += len(numbers)
        for column in self.columns.values():
            column.fill(self.count - sum(map(len, column.codes)))

    @property
    def values(self) -> int:
        """How many different values the columns have."""
        return sum(len(column.known) for column in self.columns.values())

    def first(self, count: int) -> Iterator[tuple[str, Case]]:
        """Yield what the first rows are called, and their cases."""
        cases = list(self.cases)
        numbers = np.concatenate([np.zeros(0, np.uint32), *self._numbers])[:count].tolist()
        of_kinds = {kind: [c for c in self.columns.values() if c.kind == kind] for kind in ("name", "label")}
        texts = {kind: [column.values(count) for column in columns] for kind, columns in of_kinds.items()}
        for row, number in enumerate(numbers):
            names, labels = ([own[row] for own in texts[kind]] for kind in ("name", "label"))
            yield next(filter(None, names), "") or " × ".join(filter(None, labels)), cases[number]

    def data(self, pack: Pack, rules: Iterable[str]) -> dict[str, Any]:
        """Return what the script reads; `rules` are told of whether or not a row has them."""
        of_cases = {id_ for case in self.cases for id_, *_ in case.rules}
        ids = [rule.id for rule in pack.rules if rule.id in of_cases or rule.id in set(rules)]
        places = {id_: place for place, id_ in enumerate(ids)}
        operations = list(dict.fromkeys(case.operation for case in self.cases))
        facts = list(dict.fromkeys(fact for case in self.cases for fact in case.missing))
        texts: dict[str, int] = {}
        plans: dict[PlanText, int] = {}
        cases = [
            {
                "verdict": case.verdict.level,
                "operation": operations.index(case.operation),
                "rules": [
                    [places[id_], outcome, texts.setdefault(text, len(texts)) if text else -1]
                    for id_, outcome, text in case.rules
                ],
                "missing": [facts.index(fact) for fact in case.missing],
                "notes": [texts.setdefault(note, len(texts)) for note in case.notes],
                "plans": [plans.setdefault(plan, len(plans)) for plan in case.plans],
                "no_plan": case.is_hopeless,
                "asks": [[line(command), line(option)] for command, option in case.asks],
            }
            for case in self.cases
        ]
        numbers = np.concatenate([np.zeros(0, np.uint32), *self._numbers])
        return {
            "rows": {"count": self.count, "cases": packed(numbers, len(cases))},
            "cases": cases,
            "operations": [line(pack.operations[name].title) for name in operations],
            "rules": [_rule(pack.rule(id_), pack) for id_ in ids],
            "texts": [line(text) for text in texts],
            "facts": [_fact(name, pack) for name in facts],
            "plans": [
                {
                    "steps": [{"text": line(s.text), "by": line(s.by), "cost": line(s.cost)} for s in plan.steps],
                    "after": [line(text) for text in plan.after],
                }
                for plan in plans
            ],
            "columns": [column.data() for column in self.columns.values()],
        }


def packed(numbers: NDArray[Any], size: int) -> dict[str, Any]:
    """Return small numbers as JSON data: little-endian bytes in base64."""
    width = narrowest(size)
    small = numbers.astype(np.dtype(width).newbyteorder("<"))
    return {"numbers": b64encode(small.tobytes()).decode("ascii"), "bytes": small.itemsize}


def rule_name(rule: Rule) -> str:
    """Return what to call a rule: of a waiver's notice, the rule that it waives."""
    return rule.id.removeprefix(WAIVED).partition("~")[0] if rule.id.startswith(WAIVED) else rule.id


def _rule(rule: Rule, pack: Pack) -> dict[str, Any]:
    source = pack.sources.get(rule.source.document)
    title = rule.source.document if source is None else source.title
    target = "" if source is None else source.address
    return {
        "id": line(rule_name(rule)),
        "title": line(rule.title),
        "severity": rule.severity.value,
        "facts": list(rule.facts),
        "source": line(", ".join(filter(None, (title, rule.source.section)))),
        "address": address(target) if target.lower().startswith(("http://", "https://")) else "",
        "codes": [line(code) for code in rule.error_codes],
    }


def _fact(name: str, pack: Pack) -> dict[str, str]:
    if (of := pack.fields.get(name)) is None:  # more facts than could be looked at
        return {"name": line(name), "flag": line(name), "meaning": ""}
    return {"name": line(name), "flag": line(flag(of)), "meaning": line(of.meaning)}
