"""Check the shape of a file's data against a model, and say what is wrong where, in an author's words.

pydantic finds what is wrong; what it says of it is meant for programmers, so nothing of that is shown
where there is a better text.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from imagefit.errors import Problem, nearest, shortened
from imagefit.rulepack.modelparts import PATTERNS
from imagefit.rulepack.parsing import Place
from imagefit.rulepack.yamlfile import Path_, as_written

__all__ = ["NOT_A_NAME", "validate"]

Model = TypeVar("Model", bound=BaseModel)

NOT_A_NAME = "not a name"

_EXPECTED = {
    "string_type": "text (a number or a date needs quotes)",
    "string_too_short": "text that is not empty",
    "float_type": "a number",
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
        others = _others([details for details in found if details["type"] != "extra_forbidden"], place)
        return None, unknown + [(path, problem) for path, problem in others if path not in meant]


def _unknown_key(details: Any, model: type[BaseModel], place: Place) -> tuple[Path_, Problem]:
    path = tuple(details["loc"])
    known = _keys(model, path[:-1])
    return path, _at(place, path).problem(
        "unknown key",
        of_key=True,
        found=as_written(path[-1]),
        expected="one of " + ", ".join(known) if known else None,
        nearest=nearest(str(path[-1]), known),
    )


def _others(found: list[Any], place: Place) -> Iterator[tuple[Path_, Problem]]:
    """Yield the problems; a value that may be of several kinds, and is of none, is one problem.

    pydantic reports one error for each kind and puts the kind's name into the path. If one kind is right
    as a whole (the value is a list), just what is wrong inside is said.
    """
    choices: dict[Path_, list[tuple[Path_, Any]]] = {}
    for details in found:
        steps = tuple(details["loc"])
        if details["type"] == "missing":
            yield steps, _at(place, steps[:-1]).problem(_is_missing(steps, place.data))
        elif steps and steps[-1] == "[key]":
            at, name = _at(place, steps[:-1]), as_written(steps[-2])
            yield steps[:-1], at.problem(NOT_A_NAME, of_key=True, found=name, expected=_expected(details))
        else:
            path, chosen_at = _path(steps, place.data)
            if chosen_at is None:
                yield path, _wrong(path, [details], place)
            else:
                choices.setdefault(chosen_at, []).append((path, details))
    for chosen_at, errors in choices.items():
        inside = [(path, _wrong(path, [details], place)) for path, details in errors if path != chosen_at]
        yield from inside or [(chosen_at, _wrong(chosen_at, [details for _, details in errors], place))]


def _is_missing(steps: Path_, data: Any) -> str:
    """Say what is missing; of a rule or an adjustment, with the rule's id, for a line number says little."""
    named = data if isinstance(data, dict) else {}
    if isinstance(added := named.get("add"), dict):
        named, steps = added, steps[1:] if steps[0] == "add" else steps
    rule = next((named[key] for key in ("id", "replace", "change", "drop") if isinstance(named.get(key), str)), None)
    if rule is None:
        return f"`{steps[-1]}` is missing"
    return f"{shortened(rule)[1:-1]}: {'.'.join(map(str, steps))} is missing"


def _path(steps: Path_, data: Any) -> tuple[Path_, Path_ | None]:
    """Return the steps that lead through the data, and those before the first choice of kinds."""
    path: Path_ = ()
    chosen_at: Path_ | None = None
    for step in steps:
        if step in data if isinstance(data, dict) else isinstance(data, list) and isinstance(step, int):
            path, data = (*path, step), data[step]
        elif chosen_at is None:
            chosen_at = path
    return path, chosen_at


def _wrong(path: Path_, errors: list[Any], place: Place) -> Problem:
    details = errors[0]
    near = None
    if details["type"] in ("enum", "literal_error") and isinstance(details["input"], str):
        near = nearest(details["input"], details["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", "))
    expected = ", or ".join(map(_expected, errors))
    found = as_written(details["input"])
    return _at(place, path).problem(_subject(path), found=found, expected=expected, nearest=near)


def _at(place: Place, path: Path_) -> Place:
    return Place(place.file, (*place.path, *path), None)


def _subject(path: Path_) -> str:
    """Say what is wrong: a key's value, an element of its list, or the whole."""
    if not path:
        return "not what is expected here"
    if isinstance(path[-1], int):
        return f"wrong element of `{path[-2]}`" if len(path) > 1 else "wrong element"
    return f"wrong `{path[-1]}`"


def _expected(details: Any) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return PATTERNS[context["pattern"]]
    if kind == "too_short":
        return "at least one element"
    message: str = details["msg"].removeprefix("Value error, ")
    if "expected" in context:
        return str(context["expected"]).replace("True", "true")
    return _EXPECTED.get(kind) or message[0].lower() + message[1:]


def _keys(model: type[BaseModel], path: Path_) -> list[str]:
    """Return the keys that the model allows at the end of `path`; none where anything may stand."""
    current: Any = model
    for step in path:
        current = _plain(current)
        if not hasattr(current, "model_fields"):
            current = (get_args(current) or (current,))[-1]  # of a list or a mapping
        elif step in current.model_fields:
            current = current.model_fields[str(step)].annotation
    current = _plain(current)
    return sorted(info.alias or name for name, info in getattr(current, "model_fields", {}).items())


def _plain(kind: Any) -> Any:
    """Return a type without what says more of it, and of several that it may be the first with something in it."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return next(
            (own for one in get_args(kind) if hasattr(own := _plain(one), "model_fields") or get_args(own)), kind
        )
    return kind
