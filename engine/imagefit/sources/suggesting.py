"""Which column of a table could be which fact: by names that are near, and by values that fit.

The names and the values that readers know of a cloud's own tables are known here, too. Nothing is decided: a person
looks at what is proposed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

from imagefit.errors import InputError, nearest
from imagefit.facts import Field, FieldType, Value, read_text, read_value, show_value
from imagefit.readers.catalogs import shipped_catalogs
from imagefit.readers.console import TITLES, console_table
from imagefit.readers.flavors import flavor_table
from imagefit.readers.images import image_table
from imagefit.readers.own import other_unit
from imagefit.readers.translation import NotUnderstood, Translation
from imagefit.sources.batch import Batch
from imagefit.sources.names import KEY_COLUMNS, OPERATION_COLUMN
from imagefit.values import dataclass

__all__ = ["Proposal", "propose"]

LOOKED_AT, DISTINCT, COLUMNS = 10_000, 200, 400
"""So many rows, different values of a column, and columns are looked at."""

SURE, SURE_BY_VALUES, NEAR = 0.8, 0.6, 0.5
"""From which likeness of names on a column is proposed outright, or where values speak for it; or looked at."""

_YES = {"yes": True, "y": True, "1": True, "ja": True, "oui": True, "si": True, "sí": True, "是": True, "on": True}
_NO = {"no": False, "n": False, "0": False, "nein": False, "non": False, "否": False, "off": False}
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^\W\d_a-zA-Z]+")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a column could be.

    Attributes
    ----------
    spelled
        What its values are called here, of those that are called otherwise.
    unread
        Values of which nothing is known.
    doubts
        What there is to look at, in words; if there is something, it is not proposed outright.
    """

    column: str
    field: Field
    spelled: Mapping[str, str]
    unread: Sequence[str]
    doubts: Sequence[str]
    likeness: float


def propose(batches: Iterator[Batch], fields: Mapping[str, Field], side: str | None) -> list[Proposal]:
    """Return what the columns of a table could be, the nearest of each; a fact is proposed outright once.

    Parameters
    ----------
    side
        What the facts begin with that are meant (``image``, ``ecs``); None: that which more columns are like.
    """
    values = _values(batches)
    sides = {fact.partition(".")[0] for fact in fields}
    keys = {*KEY_COLUMNS, OPERATION_COLUMN, *(f"{side}{key}" for side in sides for key in ("id", "name"))}
    own = [name for name in values if not {name, _squeezed(name)} & keys and name not in fields]
    found = {name: _candidates(name, values[name], fields) for name in own[:COLUMNS]}
    side = side or _side(found)
    chosen: dict[str, Proposal] = {}
    rest: list[Proposal] = []
    for candidates in found.values():
        ours = [each for each in candidates if each.field.name.startswith(f"{side}.")] or candidates
        rest += ours[:1]
    for each in sorted(rest, key=lambda one: (bool(one.doubts), -one.likeness)):
        other = chosen.setdefault(each.field.name, each)
        if other is not each:
            chosen[each.column] = _doubted(each, f"{other.column} is nearer to it")
    order = {name: place for place, name in enumerate(values)}
    return sorted(chosen.values(), key=lambda one: order[one.column])


def _doubted(one: Proposal, doubt: str) -> Proposal:
    return Proposal(one.column, one.field, one.spelled, one.unread, (*one.doubts, doubt), one.likeness)


def _side(found: Mapping[str, Sequence[Proposal]]) -> str:
    likeness: dict[str, float] = {}
    for candidates in found.values():
        best: dict[str, float] = {}
        for each in candidates:
            side = each.field.name.partition(".")[0]
            best[side] = max(best.get(side, 0.0), each.likeness)
        for side, one in best.items():
            likeness[side] = likeness.get(side, 0.0) + one
    return max(likeness, key=lambda side: likeness[side], default="image")


def _values(batches: Iterator[Batch]) -> dict[str, list[str]]:
    """Return the different values of each column, as text."""
    found: dict[str, dict[str, None]] = {}
    rows = 0
    for batch in batches:
        data: Any = batch.data.slice(0, LOOKED_AT - rows)
        for name, column in zip(data.schema.names, data.columns, strict=True):
            seen = found.setdefault(name, {})
            for value in islice(column.to_pylist(), LOOKED_AT):
                if value is not None and value != "" and value == value and len(seen) < DISTINCT:
                    seen[_text(value)] = None
        rows += data.num_rows
        if rows >= LOOKED_AT:
            break
    return {name: list(seen) for name, seen in found.items()}


def _text(value: object) -> str:
    if isinstance(value, list):
        return show_value(frozenset(map(str, value)))
    return show_value(value) if isinstance(value, bool | int | float) else str(value)


def _candidates(column: str, values: Sequence[str], fields: Mapping[str, Field]) -> list[Proposal]:
    likeness = {name: _likeness(column, name) for name in fields}
    found = [_proposal(column, fields[name], values, like) for name, like in likeness.items() if like >= NEAR]
    return sorted((each for each in found if each is not None), key=lambda one: (bool(one.doubts), -one.likeness))


def _proposal(column: str, of: Field, values: Sequence[str], likeness: float) -> Proposal | None:
    """Return what a column would be as a fact; None if hardly a value fits."""
    spelled: dict[str, str] = {}
    unread: list[str] = []
    guessed: list[str] = []
    for text in values:
        if (said := _read(of, text)) is not None:
            if said != text:
                spelled[text] = said
        elif (near := nearest(text, of.values)) is not None:
            spelled[text] = near
            guessed += [text] if near != text.strip().casefold() else []
        else:
            unread.append(text)
    if len(unread) * 2 > len(values) or (of.type is FieldType.STRING and likeness < SURE):
        return None
    is_told = len(values) > 1 and not unread and of.type in (FieldType.ENUM, FieldType.BOOLEAN)
    is_like = likeness >= (SURE_BY_VALUES if is_told else SURE)
    doubts = [] if is_like else [f"the names are alike to {likeness:.0%}"]
    if not values:
        doubts.append("it has no values to look at")
    if unit := other_unit(column, of):
        doubts.append(f"by its name it is in {unit}")
    if guessed:
        doubts.append(f"guessed by spelling: {', '.join(guessed[:4])}")
    return Proposal(column, of, spelled, unread, doubts, likeness)


def _read(of: Field, text: str) -> str | None:
    """Return what a value is called here; None if that is not known."""
    try:
        return text if read_text(of, text) is not None else None
    except InputError:
        pass
    if of.type is FieldType.BOOLEAN:
        meant = (_YES | _NO).get(text.strip().casefold())
        return None if meant is None else show_value(meant)
    if of.type in (FieldType.ENUM, FieldType.STRING_SET):
        for row in _rows().get(of.name, ()):
            for name in row.reads:
                value = _translated(row, name, text, of)
                if value is not None and _translated(row, name, _NONSENSE, of) is None:  # it is not that it is there
                    return show_value(value)
    return None


_NONSENSE = "\x1f?"


def _translated(row: Translation, attribute: str, text: str, of: Field) -> Value | None:
    try:
        value = row.translate({attribute: text})
        return None if value is None else read_value(of, value)
    except (NotUnderstood, InputError, KeyError, TypeError, ValueError):
        return None


def _likeness(column: str, fact: str) -> float:
    """Return how alike a column's name is to a fact's, or to a name that a reader knows for it: from 0 to 1."""
    own = _squeezed(column)
    side, _, last = fact.partition(".")
    without_side = _squeezed(re.sub(rf"(?i)^{side}s?\W*", "", column)) or own
    names = {_squeezed(fact), _squeezed(last), *_known_names().get(fact, ())}
    whole = max(difflib.SequenceMatcher(None, one, name).ratio() for one in {own, without_side} for name in names)
    return max(whole, _by_words(column, last))


def _by_words(column: str, name: str) -> float:
    """Return how many of a fact's words a column has: whole, or abbreviated."""
    has = [word.lower() for word in _WORDS.findall(column)]
    words = [word for word in name.split("_") if word not in ("gib", "mib")]
    found = [any(one == word or (len(one) > 2 and word.startswith(one)) for one in has) for word in words]
    extra = sum(not any(word.startswith(one) for word in words) for one in has)
    return sum(found) / len(words) * 0.85 - 0.05 * extra if words else 0.0


@cache
def _known_names() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for fact, rows in _rows().items():
        for row in rows:
            if len(row.reads) == 1:
                names = TITLES.get(row.reads[0], ()) if row in console_table(_CATALOGS) else row.reads
                found.setdefault(fact, set()).update(map(_squeezed, names))
    return {fact: frozenset(names - {""}) for fact, names in found.items()}


_CATALOGS = shipped_catalogs()


@cache
def _rows() -> Mapping[str, Sequence[Translation]]:
    found: dict[str, list[Translation]] = {}
    for row in (*image_table(_CATALOGS), *console_table(_CATALOGS), *flavor_table(_CATALOGS)):
        if not any(name.endswith("*") for name in row.reads):
            found.setdefault(row.fact, []).append(row)
    return found


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]+", "", name[:100]).lower()
