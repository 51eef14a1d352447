"""What to ask the cloud for, where facts are missing: the pack's calls, those that decide most first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from imagefit.facts import Facts, Field, Origin, OriginKind, Value
from imagefit.rulepack.pack import PLACEHOLDER, Call, Pack
from imagefit.rulepack.remembered import Remembered
from imagefit.verdicts import Ask

__all__ = ["MOST_ASKED", "Asker"]

MOST_ASKED = 3
"""So many calls are named."""

REMEMBERED = 256

_API = OriginKind.API

Answers = tuple[tuple[str, ...], frozenset[str], tuple[Value | None, ...]]


class Asker:
    """Knows what to ask for an operation, and remembers what it said of candidates that miss the same facts."""

    def __init__(self, pack: Pack, operation: str) -> None:
        calls = [call for call in pack.calls.values() if not call.operations or operation in call.operations]
        self._calls = {call.name: call for call in calls}
        self._suppliers = {f.name: [self._calls[n] for n in f.supplied_by if n in self._calls] for f in _supplied(pack)}
        self._usual = {field.name: field.supplied_by[0] for field in _supplied(pack)}
        self._shown = tuple(dict.fromkeys(name for call in calls for name in PLACEHOLDER.findall(call.command)))
        self._seen = Remembered[Answers, tuple[Ask, ...]](REMEMBERED)

    def asks(self, missing: tuple[str, ...], facts: Facts, origins: Mapping[str, Origin]) -> tuple[Ask, ...]:
        """Return what to ask for, at most `MOST_ASKED` calls.

        Parameters
        ----------
        missing
            The facts that could still change the verdict, the most decisive first.
        facts, origins
            What is known of the candidate. A call is not asked for again where a whole payload has told a fact that
            it is the usual one for.
        """
        if not self._calls:
            return ()
        told = [name for name, origin in origins.items() if origin.kind is _API and not origin.is_part]
        answered = frozenset([self._usual[name] for name in told if name in self._usual])
        key = (missing, answered, tuple(map(facts.get, self._shown)))
        if (found := self._seen.get(key)) is None:
            found = self._seen.remember(key, self._found(missing, answered, facts))
        return found

    def _found(self, missing: Sequence[str], answered: frozenset[str], facts: Facts) -> tuple[Ask, ...]:
        found: dict[str, list[str]] = {}  # in the order of the most decisive fact of each
        for name in missing:
            call = next((call for call in self._suppliers.get(name, ()) if call.name not in answered), None)
            if call is not None:
                found.setdefault(call.name, []).append(name)
        return tuple(_ask(self._calls[name], facts, supplied) for name, supplied in list(found.items())[:MOST_ASKED])


def _supplied(pack: Pack) -> list[Field]:
    return [field for field in pack.fields.values() if field.supplied_by]


def _ask(call: Call, facts: Facts, supplies: Sequence[str]) -> Ask:
    option = f"{call.option} {call.file}"
    return Ask(call.name, call.typed(facts), option, call.api, call.terraform, tuple(supplies))
