"""What a log says of the rows of an audit: facts become JSON by columns, some thousand rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import repeat

from imagefit.auditing.results import Audited, Results
from imagefit.columns.column import Codes, Column, Constant
from imagefit.evaluators.results import outcome_letters
from imagefit.facts import Value
from imagefit.values import dataclass
from imagefit.verdicts.logged import ASSUMED, GIVEN, STATED, LoggedFacts, Reading, fact_in_json

__all__ = ["LoggedRow", "logged_rows"]

AT_ONCE = 4096
"""Of so many rows facts are texts at a time."""

REMEMBERED = 4096
"""So many texts of a column, and of what came out, are remembered."""

Texts = Sequence[str | None]
"""A fact of some rows as a key and its value; None where it is unknown."""


@dataclass(frozen=True, slots=True)
class LoggedRow:
    """What a log says of a row: its facts, and what came out, as JSON."""

    key: str
    operation: str
    facts: LoggedFacts
    found: str


def logged_rows(
    audited: Audited, key_of: Callable[[int], str], given: Collection[str], redact: frozenset[str]
) -> Iterator[LoggedRow]:
    """Yield what a log says of each row that could be read.

    Parameters
    ----------
    given
        The facts that were given for all.
    redact
        The facts whose values are left out.
    """
    parts = {id(results): (_facts(results, given, redact), _found(results)) for results, _ in audited.parts}
    for row, results, _ in audited.places():
        facts, found = parts[id(results)]
        yield LoggedRow(key_of(row), results.task.operation, next(facts), next(found))


def _found(results: Results) -> Iterator[str]:
    """Yield what came out of each row."""
    reading, known = Reading(results.task.rules), dict[str, str]()
    for letters in outcome_letters(results.judged, len(results.task.rules)):
        if (found := known.get(letters)) is None:
            if len(known) >= REMEMBERED:
                known.clear()
            found = known[letters] = reading.found(letters).in_json()
        yield found


def _facts(results: Results, given: Collection[str], redact: frozenset[str]) -> Iterator[LoggedFacts]:
    """Yield the facts of each row."""
    encoded = results.judged.encoded
    columns = {name: _texts_of(name, encoded.columns[name]) for name in sorted(encoded.columns)}
    for start in range(0, encoded.rows, AT_ONCE):
        stop = min(start + AT_ONCE, encoded.rows)
        own: dict[str, list[Texts]] = {GIVEN: [], STATED: [], ASSUMED: [], _REDACTED: []}
        for name, texts_of in columns.items():
            texts = texts_of(start, stop)
            kind, mask = GIVEN if name in given else STATED, encoded.assumed.get(name)
            if name in redact:
                kind, texts = _REDACTED, [text and text[: text.index(": ")] for text in texts]
            elif mask is not None:
                is_assumed = mask[start:stop].tolist()
                own[ASSUMED].append([text if each else None for text, each in zip(texts, is_assumed, strict=True)])
                texts = [None if each else text for text, each in zip(texts, is_assumed, strict=True)]
            elif name in encoded.assumed:
                kind = ASSUMED
            own[kind].append(texts)
        yield from map(LoggedFacts, *(_joined(every, stop - start) for every in own.values()))


_REDACTED = "redacted"


def _joined(columns: Sequence[Texts], rows: int) -> Iterable[str]:
    """Return what each row has of some columns."""
    return map(_together, zip(*columns, strict=True)) if columns else repeat("", rows)


def _together(texts: Iterable[str | None]) -> str:
    return ", ".join(filter(None, texts))


def _texts_of(name: str, column: Column) -> Callable[[int, int], Texts]:
    """Return what makes the texts of a fact of some rows, from one on and before another."""
    if isinstance(column, Constant):
        text = fact_in_json(name, column.constant)
        return lambda start, stop: [text] * (stop - start)
    if isinstance(column, Codes):
        return _OfCodes(name, column)
    numbers, is_known, begin = column.numbers, column.is_known, fact_in_json(name, 0).removesuffix("0")

    def of_numbers(start: int, stop: int) -> Texts:
        texts = [f"{begin}{number!r}" for number in numbers[start:stop].tolist()]  # which is how JSON has it, too
        if is_known is None:
            return texts
        return [text if known else None for text, known in zip(texts, is_known[start:stop].tolist(), strict=True)]

    return of_numbers


class _OfCodes:
    """Makes the texts of a fact from a column of codes, each once for rows that are near to each other."""

    def __init__(self, name: str, column: Codes) -> None:
        self._name, self._column = name, column
        self._known: dict[int, str | None] = {}

    def __call__(self, start: int, stop: int) -> Texts:
        codes, known = self._column.codes[start:stop].tolist(), self._known
        if len(known) > REMEMBERED:
            known.clear()
        for code in dict.fromkeys(codes):
            if code not in known:
                known[code] = self._text(self._column.distinct.value(code))
        return [known[code] for code in codes]

    def _text(self, value: Value | None) -> str | None:
        return None if value is None else fact_in_json(self._name, value)
