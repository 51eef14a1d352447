"""Writing waivers: from findings to entries of a file of them, each of just what was found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from imagefit.errors import InputError
from imagefit.rulepack.waivers import Waiver
from imagefit.rulepack.yamltext import yaml_value

__all__ = ["Entry", "Failing", "entries_of", "entry_lines", "is_waived", "last_day"]

_TIME = re.compile(r"(\d{1,4})([dw])")
_DAYS = {"d": 1, "w": 7}


@dataclass(frozen=True, slots=True)
class Failing:
    """A rule that fails of an image and an ECS, each by the name that a waiver can have of it; empty: there is none."""

    rule: str
    image: str
    ecs: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule, with the images and the ECSs for each pair of which it is waived; none: there is no such side."""

    rule: str
    image: tuple[str, ...]
    ecs: tuple[str, ...]


def entries_of(failing: Iterable[Failing]) -> list[Entry]:
    """Return the fewest simple entries that waive these findings and no other: images together that share an ECS.

    >>> [(e.image, e.ecs) for e in entries_of([Failing("r", "a", "x"), Failing("r", "b", "x"), Failing("r", "a", "y")])]
    [(('a', 'b'), ('x',)), (('a',), ('y',))]
    """
    images: dict[tuple[str, str, bool], dict[str, None]] = {}
    for each in failing:
        images.setdefault((each.rule, each.ecs, bool(each.image)), {})[each.image] = None
    alike: dict[tuple[str, tuple[str, ...], bool], list[str]] = {}
    for (rule, ecs, _), names in images.items():
        alike.setdefault((rule, tuple(names), bool(ecs)), []).append(ecs)
    return [Entry(rule, _named(names), _named(ecss)) for (rule, names, _), ecss in alike.items()]


def _named(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name)


def entry_lines(entry: Entry, reason: str, owner: str, ticket: str, until: date | None) -> list[str]:
    """Return an entry as YAML, a line for each of its keys."""
    sides = ((name, names) for name, names in (("image", entry.image), ("ecs", entry.ecs)) if names)
    lines = [f"rule: {yaml_value(entry.rule)}"]
    lines += [f"{name}: [{', '.join(map(yaml_value, names))}]" for name, names in sides]
    texts = {"reason": reason, "owner": owner, "ticket": ticket}
    lines += [f"{name}: {yaml_value(text)}" for name, text in texts.items() if text]
    return lines + ([f"until: {until}"] if until else [])


def is_waived(failing: Failing, waivers: Sequence[Waiver], today: date) -> bool:
    """Whether a waiver that counts today names just this finding already."""
    return any(
        waiver.counts_on(today)
        and waiver.where is None
        and failing.rule in waiver.rules
        and (not waiver.image or failing.image in waiver.image)
        and (not waiver.ecs or failing.ecs in waiver.ecs)
        for waiver in waivers
    )


def last_day(time: str, today: date) -> date:
    """Return the last day of a time from today on: ``30d``, ``6w``.

    Raises
    ------
    InputError
        If it is no such time.
    """
    found = _TIME.fullmatch(time)
    if found is None:
        raise InputError("no time", option="--ttl", value=time, expected="days or weeks, such as 30d or 6w")
    return today + timedelta(days=int(found[1]) * _DAYS[found[2]])
