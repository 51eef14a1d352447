"""Strict, bounded JSON: repeated keys, absurd nesting and endless numbers are errors that name their place."""

from __future__ import annotations

import json
from collections.abc import Iterator

from imagefit.errors import InputError
from imagefit.sources.files import too_many

__all__ = ["parse_json", "parse_json_lines"]

LIMIT_DEPTH = 64
"""How deep objects and lists may nest; the deepest real payload has eight levels."""

_LIMIT_DIGITS = 40  # a 64-bit integer has 19 digits; longer ones are floats, which no integer fact accepts


class _Repeated(dict[str, object]):
    """An object whose text has a key more than once, until its place is known."""

    key: str = ""


def parse_json(text: str, name: str, row: int | None = None) -> object:
    """Parse one JSON document.

    Parameters
    ----------
    row
        The line, where the document is a line of JSON Lines.

    Raises
    ------
    InputError
        If it is not JSON, or breaks a limit; names the line and column, or the path.
    """
    try:
        data = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place = row if row is not None else f"line {error.lineno}, column {error.colno}"
        raise InputError(f"not JSON ({error.msg})", file=name, row=place) from None
    except RecursionError:
        raise InputError("nested too deeply", file=name, row=row, expected=f"at most {LIMIT_DEPTH} levels") from None
    _check(data, name, row)
    return data


def parse_json_lines(text: str, name: str) -> list[object]:
    """Parse JSON Lines: a document a line; empty lines are skipped."""
    lines = text.split("\n")
    too_many(len(lines) - 1, name)
    return [parse_json(line, name, number) for number, line in enumerate(lines, start=1) if line.strip(" \t\r")]


def _check(data: object, name: str, row: int | None) -> None:
    """Refuse repeated keys and absurd nesting; walks without recursion and without keeping what it has seen."""
    path: list[object] = []
    walking: list[Iterator[tuple[object, object]]] = [iter([("", data)])]
    while walking:
        for step, value in walking[-1]:
            if not isinstance(value, dict | list) or not value:
                continue
            if len(walking) > LIMIT_DEPTH:
                raise InputError("nested too deeply", file=name, row=row, expected=f"at most {LIMIT_DEPTH} levels")
            path.append(step)
            if isinstance(value, _Repeated):
                place = row if row is not None else _place(path)
                raise InputError("the key stands here more than once", file=name, row=place or None, value=value.key)
            walking.append(iter(value.items() if isinstance(value, dict) else enumerate(value)))
            break
        else:
            walking.pop()
            if path:
                path.pop()


def _place(path: list[object]) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).strip(".")[:200]


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    repeated = _Repeated(found)
    repeated.key = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return repeated


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LIMIT_DIGITS else float(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer)
