"""Run a corpus: candidates in JSON Lines with the outcomes that every implementation must find.

``tests/corpus/README.md`` documents the format. Nothing here depends on how a corpus was made.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imagefit.analysis.verify.child import Maker, maker
from imagefit.analysis.verify.report import Disagreement
from imagefit.errors import InputError, UnknownNameError, nearest
from imagefit.facts import Facts, read_value
from imagefit.rulepack.pack import Outcome, Pack, Rule
from imagefit.verdicts import VerdictKind

__all__ = ["CorpusRun", "Entry", "read_corpus", "run_corpus"]

LISTED = (Outcome.FAIL, Outcome.NOT_APPLICABLE, Outcome.PASS)
"""The outcomes that a line lists; a rule of the operation that it does not list is unknown."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: a candidate, and what is right of it."""

    operation: str
    facts: Facts
    outcomes: Mapping[str, Outcome]
    verdict: VerdictKind


@dataclass(frozen=True, slots=True)
class CorpusRun:
    """What a corpus showed."""

    evaluators: tuple[str, ...]
    left_out: Mapping[str, str]
    entries: int
    outcomes: int
    disagreements: tuple[Disagreement, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as in the JSON of ``rules verify --corpus``."""
        return {
            "evaluators": list(self.evaluators),
            "left_out": dict(self.left_out),
            "candidates": self.entries,
            "outcomes": self.outcomes,
            "disagreements": [one.to_dict() for one in self.disagreements],
        }


def read_corpus(path: str | Path, pack: Pack) -> Iterator[Entry]:
    """Yield the lines of a corpus.

    Raises
    ------
    InputError
        If a line is not in the format, or speaks of what the pack does not have; names file and line.
    """
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    yield _entry(json.loads(line), pack)
                except InputError as error:
                    raise error.at(file=str(path), row=f"line {number}") from None
                except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                    message = f"not a line of a corpus ({type(error).__name__}: {error})"
                    raise InputError(message, file=str(path), row=f"line {number}") from None


def _entry(data: Mapping[str, Any], pack: Pack) -> Entry:
    operation, listed = data["operation"], data["outcomes"]
    rules = [rule.id for rule in pack.rules_for(operation)]
    outcomes = dict.fromkeys(rules, Outcome.UNKNOWN)
    for name, ids in listed.items():
        if name not in LISTED:
            raise UnknownNameError.of("outcome of a corpus", name, (outcome.value for outcome in LISTED))
        for rule_id in ids:
            if rule_id not in outcomes:
                near = nearest(rule_id, rules)
                raise InputError(f"no rule of {operation}", value=rule_id, nearest=near)
            outcomes[rule_id] = Outcome(name)
    facts = {
        name: value for name, raw in data["facts"].items() if (value := read_value(pack.field(name), raw)) is not None
    }
    return Entry(operation, facts, outcomes, VerdictKind(data["verdict"]))


def run_corpus(
    path: str | Path, pack: Pack, names: Sequence[str], left_out: Mapping[str, str], make: Maker | None = None
) -> CorpusRun:
    """Give every candidate to the evaluators of these names; raises as `read_corpus`."""
    make = make or maker(pack)
    entries = list(read_corpus(path, pack))
    places: dict[str, list[int]] = {}
    for place, entry in enumerate(entries):
        places.setdefault(entry.operation, []).append(place)
    found: list[list[Disagreement]] = [[] for _ in entries]
    outcomes = 0
    for operation, own in places.items():
        rules = pack.rules_for(operation)
        outcomes += len(rules) * len(own)
        for name in names:  # all candidates of an operation at once: to some evaluators, one is a table of one row
            judged = make(name, rules).judge_all([entries[place].facts for place in own])
            for place, said in zip(own, judged, strict=True):
                found[place] += _wrong(name, entries[place], rules, said)
    disagreements = tuple(itertools.chain.from_iterable(found))
    return CorpusRun(tuple(names), left_out, len(entries), outcomes, disagreements)


def _wrong(name: str, entry: Entry, rules: Sequence[Rule], outcomes: Sequence[Outcome]) -> Iterator[Disagreement]:
    for rule, outcome in zip(rules, outcomes, strict=True):
        if outcome is not (expected := entry.outcomes[rule.id]):
            yield Disagreement(rule.id, entry.operation, name, entry.facts, outcome, expected)
    if not all(isinstance(outcome, Outcome) for outcome in outcomes):
        return  # the evaluator ended on the way
    if (kind := VerdictKind.of(rules, outcomes)) is not entry.verdict:
        yield Disagreement(None, entry.operation, name, entry.facts, kind, entry.verdict)
