"""Replaying a log: each line is evaluated again, by the pack that it names or by another one.

Lines come some thousand at a time. Those with the same pack, waivers, operation and selection are judged together,
in columns, so a log of any length takes little time and no more memory than a block of it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, islice
from typing import Any

import pyarrow as pa

from imagefit.columns.encoding import Encoder
from imagefit.columns.objects import objects_as_arrow, type_of
from imagefit.errors import ImagefitError, InputError
from imagefit.evaluators import quickest
from imagefit.evaluators.results import outcome_letters
from imagefit.explanations.candidate.prepared import prepare
from imagefit.rulepack.pack import Pack
from imagefit.rulepack.waivers import told_waivers, waived_pack
from imagefit.sources.opening import Opened
from imagefit.sources.strictjson import StrictJson
from imagefit.sources.text import BLANK
from imagefit.verdicts import LEVELS
from imagefit.verdicts.logged import LISTS, LOG_VERSION, Found, Reading

__all__ = ["Differing", "Replay", "replay"]

BLOCK = 2048
"""So many lines are judged at a time."""

KEPT = 1000
"""So many lines that come out otherwise are kept to be shown; the others are counted."""

PARTS: Mapping[str, Any] = {
    **dict.fromkeys(("key", "operation", "verdict", "outcomes"), str),
    **dict.fromkeys(("select", "ignore", "redacted", *LISTS), list),
    **dict.fromkeys(("pack", "facts"), dict),
    "waivers": dict | None,
}
"""What a line has, and of which type; lists are of text."""

_NOTHING, _CUT = object(), object()
_BEGINNING = '{"log":'


@dataclass(frozen=True, slots=True)
class Differing:
    """A line that comes out otherwise; `rules` are those that make the worse verdict, and do not make the other."""

    place: str  # file:line
    key: str
    operation: str
    old: str
    new: str
    rules: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as in the JSON of ``imagefit replay``."""
        return {name: getattr(self, name) for name in ("place", "key", "operation", "old", "new")} | {
            "rules": list(self.rules)
        }


@dataclass
class Replay:
    """What became of the lines of a log.

    Attributes
    ----------
    lines
        How many there are.
    same
        How many come out the same, bit for bit; by another pack, with the same verdict.
    differing, shown
        How many do not, and the first of them.
    moved
        Those with another verdict, by operation, old and new verdict.
    redacted
        How many can't be replayed, for the value of a fact was left out; by the facts.
    impossible
        How many can't be evaluated, by the pack or because they were cut off; by the reason.
    """

    lines: int = 0
    same: int = 0
    differing: int = 0
    shown: list[Differing] = field(default_factory=list)
    moved: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    redacted: Counter[str] = field(default_factory=Counter)
    impossible: Counter[str] = field(default_factory=Counter)

    def to_dict(self) -> dict[str, Any]:
        """Return it as the JSON of ``imagefit replay``."""
        moved = [
            dict(zip(("operation", "old", "new"), key, strict=True)) | {"count": n} for key, n in self.moved.items()
        ]
        return {
            "lines": self.lines,
            "same": self.same,
            "differing": self.differing,
            "moved": moved,
            "shown": [each.to_dict() for each in self.shown],
            "redacted": dict(self.redacted),
            "impossible": dict(self.impossible),
        }


def replay(
    log: Opened,
    pack_of: Callable[[Mapping[str, str]], Pack],
    found: Replay,
    *,
    evaluator: str | None = None,
    on_lines: Callable[[int], None] | None = None,
) -> None:
    """Evaluate lines again, and count into `found` what comes of them.

    Parameters
    ----------
    pack_of
        Returns the pack to evaluate by, from the `pack` of a line: that one, or another, by which lines are then
        the same if the verdict is.

    Raises
    ------
    InputError
        If a line is none of a log; names it.
    """
    prepared: dict[str, _Prepared] = {}
    rest = _lines(log)
    while block := list(islice(rest, BLOCK)):
        groups: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
        for number, raw in block:
            found.lines += 1
            if raw is _CUT:
                found.impossible[f"{log.name}, row {number}: cut off where it was written"] += 1
                continue
            line = _checked(number, raw, log.name)
            if line["redacted"]:
                found.redacted[", ".join(map(str, line["redacted"]))] += 1
                continue
            group = json.dumps([line[part] for part in ("pack", "waivers", "operation", "select", "ignore")])
            groups.setdefault(group, []).append((number, line))
        for group, some in groups.items():
            if group not in prepared:
                if len(prepared) > 64:
                    prepared.clear()
                prepared[group] = _Prepared(pack_of(some[0][1]["pack"]), some[0][1], log.name, evaluator)
            prepared[group].replay(some, found)
        if on_lines is not None:
            on_lines(len(block))


def _lines(log: Opened) -> Iterator[tuple[int, object]]:
    """Yield the number of each line and what it holds, `_CUT` of one that was begun; raises `InputError` of others."""
    strict = StrictJson(log.name)
    with log.text() as text:
        for line in text.lines():
            if not (stripped := line.strip(BLANK)):
                continue
            try:
                value = json.loads(stripped)  # five times as fast as the strict way, which says what is wrong
            except (ValueError, RecursionError):
                value = _CUT if _is_begun(stripped) else strict.document(stripped, text.line)
            yield text.line, value


def _is_begun(line: str) -> bool:
    """Whether a line that is no JSON begins as one of a log: a full disk left it so, and its run failed."""
    return line.startswith(_BEGINNING) or _BEGINNING.startswith(line)


def _checked(number: int, raw: object, name: str) -> Mapping[str, Any]:
    """Return what a line holds; raises `InputError` if it is none of a log."""
    line: dict[str, Any] = raw if isinstance(raw, dict) else {}
    if line.get("log") != LOG_VERSION:
        expected = f'what --log writes, "log": {LOG_VERSION} in it'
        raise InputError("no line of a log", file=name, row=number, expected=expected)
    for part, kind in PARTS.items():
        value = line.get(part, _NOTHING)
        if not isinstance(value, kind) or (kind is list and not all(isinstance(each, str) for each in value)):
            raise InputError("a damaged line of a log", file=name, row=number, column=part)
    if not isinstance(line["pack"].get("digest"), str) or not all(isinstance(f, dict) for f in line["facts"].values()):
        raise InputError("a damaged line of a log", file=name, row=number)
    told = (line["waivers"] or {}).get("in_force", [])
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
        raise InputError("a damaged line of a log", file=name, row=number, column="waivers")
    return line


class _Prepared:
    """The rules by which some lines are evaluated; where that can't be done, the reason."""

    def __init__(self, pack: Pack, line: Mapping[str, Any], name: str, evaluator: str | None) -> None:
        self.is_own = pack.digest == line["pack"]["digest"]
        self.reason = ""
        try:
            if line["waivers"] is not None:
                told, day = line["waivers"].get("in_force", ()), date.fromisoformat(line["waivers"].get("day", ""))
                pack, _ = waived_pack(pack, told_waivers(told, name, pack), day)
            select, ignore = (tuple(map(str, line[part])) for part in ("select", "ignore"))
            prepared = prepare(pack, line["operation"], select, ignore, evaluator or quickest())
        except (ImagefitError, TypeError, ValueError, AttributeError) as error:
            self.reason = str(error)
            return
        self.fields = {each: of for each, of in pack.fields.items() if each in prepared.looked_at}
        self.name, self.rules, self.reading = name, prepared.rules, Reading(prepared.rules)
        self.judge, self.encoder = prepared.evaluator.judge_columns, Encoder(self.fields)

    def replay(self, lines: Sequence[tuple[int, Mapping[str, Any]]], found: Replay) -> None:
        """Evaluate some lines."""
        if self.reason:
            found.impossible[self.reason] += len(lines)
            return
        rows = [dict(chain.from_iterable(map(dict.items, line["facts"].values()))) for _, line in lines]
        columns, wrong = self._columns(rows)
        encoded = self.encoder.encode(pa.table({"": pa.nulls(len(rows)), **columns}))
        wrong |= dict(encoded.errors())
        letters = outcome_letters(self.judge(encoded), len(self.rules))
        for row, ((number, line), own) in enumerate(zip(lines, letters, strict=True)):
            if row in wrong:
                found.impossible[str(wrong[row])] += 1
            else:
                self._compare(number, line, self.reading.found(own), found)

    def _columns(self, rows: Sequence[Mapping[str, object]]) -> tuple[dict[str, Any], dict[int, InputError]]:
        """Return the facts as Arrow arrays, and what is wrong by row: that a value is none of its fact's."""
        kinds = {name: type_of(of) for name, of in self.fields.items()}
        wrong: dict[int, InputError] = {}
        try:
            found: Any = pa.array(rows, pa.struct(list(kinds.items())))
            columns = dict(zip(kinds, found.flatten(), strict=True))
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            columns = {}
            for name, of in self.fields.items():
                columns[name], errors = objects_as_arrow(of, [row.get(name) for row in rows])
                wrong |= errors
        return {name: column for name, column in columns.items() if column.null_count < len(rows)}, wrong

    def _compare(self, number: int, line: Mapping[str, Any], new: Found, found: Replay) -> None:
        old = Found.read(line)
        if old == new if self.is_own else old.verdict == new.verdict:
            found.same += 1
            return
        found.differing += 1
        if old.verdict != new.verdict:
            found.moved[line["operation"], old.verdict, new.verdict] += 1
        if len(found.shown) < KEPT:
            rules = _reasons(old, new)
            found.shown.append(
                Differing(f"{self.name}:{number}", str(line["key"]), line["operation"], old.verdict, new.verdict, rules)
            )


def _reasons(old: Found, new: Found) -> tuple[str, ...]:
    """Return the rules that make the worse of two verdicts and do not make it in the other; all, of one verdict."""
    level = {kind.value: kind.level for kind in LEVELS}
    if old.verdict == new.verdict:
        both = [{*each.failed_rules, *each.unknown_rules, *each.warnings} for each in (old, new)]
        return tuple(sorted(both[0] ^ both[1]))
    worse, better = (new, old) if level.get(new.verdict, 0) > level.get(old.verdict, 0) else (old, new)
    part = "failed_rules" if worse.verdict == "incompatible" else "unknown_rules"
    return tuple(rule for rule in getattr(worse, part) if rule not in getattr(better, part))
