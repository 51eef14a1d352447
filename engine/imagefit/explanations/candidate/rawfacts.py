"""Reading the raw facts of one candidate after the other: a value that was seen before is looked up once, for all.

What a raw value means, where it stands among the facts that an explanation hangs on, and what it adds to the truths of
comparisons are remembered together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from imagefit.explanations.truths.comparisons import Truths
from imagefit.facts import Facts, Value
from imagefit.supply import FactReader, is_rememberable

__all__ = ["CandidateReader", "Read"]

REMEMBERED = 4096
"""So many raw values of one fact are remembered."""


class Read(NamedTuple):
    """A candidate that was read.

    Attributes
    ----------
    facts
        Its known facts.
    values
        Those of the facts that its explanation hangs on.
    shares
        What its facts add to the truths, each by itself.
    """

    facts: Facts
    values: tuple[Value | None, ...]
    shares: int


class CandidateReader:
    """Reads candidates as `FactReader` does, and what is looked up of them.

    Parameters
    ----------
    names
        The facts whose values are wanted.
    """

    def __init__(self, reader: FactReader, names: Sequence[str], truths: Truths) -> None:
        self._reader, self._truths = reader, truths
        self._places = {name: place for place, name in enumerate(names)}
        # Of those that are values of their facts as they are; True is no 1, though it equals it.
        self._seen: dict[str, dict[object, tuple[type, Value, int, int]]] = {}

    def read(self, facts: Mapping[str, object]) -> Read:
        """Read a candidate; raises as `FactReader.read`."""
        seen, count = self._seen, len(self._places)
        known: dict[str, Value] = dict(facts)  # type: ignore[arg-type]
        values: list[Value | None] = [None] * (count + 1)  # the last is for facts that are not wanted
        shares = 0
        kind: type | None
        for name, raw in facts.items():
            try:
                kind, value, place, share = seen[name][raw]
            except (KeyError, TypeError):  # not seen before, or nothing that can be looked up
                kind = None
            if type(raw) is not kind:
                if (found := self._reader.value(name, raw)) is None:
                    del known[name]
                    continue
                known[name] = value = found
                place, share = self._remembered(name, raw, value)
            values[place] = value
            shares += share
        return Read(known, tuple(values[:count]), shares)

    def _remembered(self, name: str, raw: object, value: Value) -> tuple[int, int]:
        place, share = self._places.get(name, len(self._places)), self._truths.share(name, value)
        is_zero = type(value) is float and value == 0  # or -0.0, which equals it, and is not to stay what it is
        if type(raw) is type(value) and not is_zero and is_rememberable(raw):
            of_fact = self._seen.setdefault(name, {})
            if len(of_fact) < REMEMBERED:
                of_fact[raw] = type(value), value, place, share
        return place, share
