"""Check the shape of a file's data against a model, and say what is wrong where, in an author's words.

pydantic finds what is wrong; what it says of it is meant for programmers, so nothing of that is shown
where there is a better text.
"""

from __future__ import annotations

from typing import Any as Anything
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from imagefit.errors import Problem, nearest
from imagefit.rulepack.models import PATTERNS, RuleModel
from imagefit.rulepack.parsing import Place
from imagefit.rulepack.yamlfile import Path_, as_written

__all__ = ["NOT_A_NAME", "validate"]

Model = TypeVar("Model", bound=BaseModel)

NOT_A_NAME = "not a name"

_EXPECTED = {
    "string_type": "text (a number or a date needs quotes)",
    "string_too_short": "text that is not empty",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}


def validate(model: type[Model], place: Place) -> tuple[Model | None, list[tuple[Path_, Problem]]]:
    """Return the data as a model, or None and each problem with the path, from `place`, to what is wrong."""
    try:
        return model.model_validate(place.data), []
    except ValidationError as error:
        found = error.errors(include_url=False)
        unknown = [_unknown_key(details, model, place) for details in found if details["type"] == "extra_forbidden"]
        meant = {(*path[:-1], problem.nearest) for path, problem in unknown}
        others = [_other(details, model, place) for details in found if details["type"] != "extra_forbidden"]
        return None, unknown + [(path, problem) for path, problem in others if path not in meant]


def _unknown_key(details: Anything, model: type[BaseModel], place: Place) -> tuple[Path_, Problem]:
    path = tuple(details["loc"])
    known = _keys(model, path[:-1])
    return path, _at(place, path).problem(
        "unknown key",
        of_key=True,
        found=as_written(path[-1]),
        expected="one of " + ", ".join(known),
        nearest=nearest(str(path[-1]), known),
    )


def _other(details: Anything, model: type[BaseModel], place: Place) -> tuple[Path_, Problem]:
    path, kind = tuple(details["loc"]), details["type"]
    if kind == "missing":
        return path, _at(place, path[:-1]).problem(f"`{path[-1]}` is missing")
    if path and path[-1] == "[key]":
        at, found = _at(place, path[:-1]), as_written(path[-2])
        return path[:-1], at.problem(NOT_A_NAME, of_key=True, found=found, expected=_expected(details))
    near = None
    if kind in ("enum", "literal_error") and isinstance(details["input"], str):
        near = nearest(details["input"], details["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", "))
    expected = "`all`, or a list of operations" if _is_operations(model, path, kind) else _expected(details)
    return path, _at(place, path).problem(
        _subject(path), found=as_written(details["input"]), expected=expected, nearest=near
    )


def _at(place: Place, path: Path_) -> Place:
    return Place(place.file, (*place.path, *path), None)


def _is_operations(model: type[BaseModel], path: Path_, kind: str) -> bool:
    return model is RuleModel and path == ("operations",) and kind in ("list_type", "too_short")


def _subject(path: Path_) -> str:
    """Say what is wrong: a key's value, an element of its list, or the whole."""
    if not path:
        return "not what is expected here"
    if isinstance(path[-1], int):
        return f"wrong element of `{path[-2]}`" if len(path) > 1 else "wrong element"
    return f"wrong `{path[-1]}`"


def _expected(details: Anything) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return PATTERNS[context["pattern"]]
    if kind == "too_short":
        return "at least one element"
    message: str = details["msg"].removeprefix("Value error, ")
    return _EXPECTED.get(kind) or (context["expected"] if "expected" in context else message[0].lower() + message[1:])


def _keys(model: type[BaseModel], path: Path_) -> list[str]:
    """Return the keys that the model allows at the end of `path`."""
    current: Anything = model
    for step in path:
        if isinstance(current, type) and issubclass(current, BaseModel) and step in current.model_fields:
            current = current.model_fields[str(step)].annotation
        inner = [
            arg for arg in getattr(current, "__args__", ()) if isinstance(arg, type) and issubclass(arg, BaseModel)
        ]
        current = inner[0] if inner else current
    return sorted(info.alias or name for name, info in current.model_fields.items())
