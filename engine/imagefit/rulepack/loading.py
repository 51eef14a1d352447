"""Load a pack from its folder: read the files, check everything, and report all problems at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any as Anything
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from imagefit.errors import PackError, Problem, nearest, shortened
from imagefit.rulepack.assembly import Assembly
from imagefit.rulepack.models import PackModel, RuleModel, WordsModel
from imagefit.rulepack.pack import Pack, Rule
from imagefit.rulepack.parsing import Place
from imagefit.rulepack.yamlfile import YamlFile, read_yaml

__all__ = ["ExampleCheck", "load"]

Model = TypeVar("Model", bound=BaseModel)
ExampleCheck = Callable[[Rule, Pack], Iterable[Problem]]
"""Says what is wrong with a rule's examples; given from outside, for this package evaluates nothing."""

MAX_INCLUDES = 500


def load(path: Path, check_examples: ExampleCheck) -> Pack:
    """Load the pack in the folder `path` (or whose ``pack.yaml`` is `path`).

    Raises
    ------
    PackError
        With every problem found in any file of the pack.
    """
    return _Loader(path, check_examples).load()


@dataclass
class _Loader:
    path: Path
    check_examples: ExampleCheck
    problems: list[Problem] = field(default_factory=list)

    def load(self) -> Pack:
        main = self.path / "pack.yaml" if self.path.is_dir() else self.path
        file = read_yaml(main, main.name)
        root = Place(file, (), file.data)
        header = self._validate(PackModel, root)
        if header is None:
            raise PackError(self.problems)
        assembly = Assembly(self.problems)
        for include in self._includes(main.parent, root):
            self._add(include, assembly)
        pack = assembly.pack(header.name, header.version, header.title)
        if pack is None or self.problems:
            raise PackError(self.problems)
        problems = [problem for rule in pack.rules for problem in self.check_examples(rule, pack)]
        if problems:
            raise PackError(problems)
        return pack

    def _includes(self, folder: Path, root: Place) -> Iterator[YamlFile]:
        seen: set[str] = set()
        names = root.data["includes"]
        if len(names) > MAX_INCLUDES:
            self.problems.append(root.at("includes").problem(f"more than {MAX_INCLUDES} includes"))
            return
        for index, name in enumerate(names):
            place = root.at("includes", index)
            if (message := _outside(folder, name)) is not None:
                self.problems.append(place.problem(message, found=shortened(name)))
            elif (normal := str(PurePosixPath(name))) in seen:
                self.problems.append(place.problem("included twice", found=shortened(name)))
            elif not (folder / name).is_file():
                near = nearest(name, (p.name for p in folder.glob("*.y*ml")))
                self.problems.append(place.problem("no such file", found=shortened(name), nearest=near))
            else:
                seen.add(normal)
                try:
                    yield read_yaml(folder / name, normal)
                except PackError as error:
                    self.problems.extend(error.problems)

    def _add(self, file: YamlFile, assembly: Assembly) -> None:
        root = Place(file, (), file.data)
        if isinstance(file.data, list):
            for index in range(len(file.data)):
                place = root.at(index)
                if (rule := self._validate(RuleModel, place)) is not None:
                    assembly.add_rule(rule, place)
        elif isinstance(file.data, dict):
            if (words := self._validate(WordsModel, root)) is not None:
                assembly.add_words(words, root)
        else:
            expected = "a list of rules, or a mapping with operations, fields, conditions, remedies or sources"
            self.problems.append(root.problem("not a pack's file", found=shortened(file.data), expected=expected))

    def _validate(self, model: type[Model], place: Place) -> Model | None:
        try:
            return model.model_validate(place.data)
        except ValidationError as error:
            for details in error.errors(include_url=False):
                self.problems.append(_problem(details, model, place))
            return None


def _outside(folder: Path, name: str) -> str | None:
    """Say why a file may not be included, or None: a pack is its folder and nothing else."""
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or "\\" in name or "\x00" in name:
        return "an include must stay inside the pack's folder"
    if pure == PurePosixPath("pack.yaml"):
        return "pack.yaml can't include itself"
    real = Path(os.path.realpath(folder / name))
    if not real.is_relative_to(os.path.realpath(folder)):
        return "an include must stay inside the pack's folder, links included"
    return None


def _problem(details: Anything, model: type[BaseModel], place: Place) -> Problem:
    """Turn one of pydantic's errors into a problem with its place and the nearest right key."""
    path, kind = tuple(details["loc"]), details["type"]
    here = Place(place.file, (*place.path, *path), None)
    if kind == "extra_forbidden":
        known = _keys(model, path[:-1])
        key = str(path[-1])
        expected = "one of " + ", ".join(known) if known else None
        return here.problem(
            "unknown key", of_key=True, found=shortened(key), expected=expected, nearest=nearest(key, known)
        )
    if kind == "missing":
        return Place(place.file, (*place.path, *path[:-1]), None).problem("a key is missing", expected=str(path[-1]))
    if path and path[-1] == "[key]":
        here = Place(place.file, (*place.path, *path[:-1]), None)
        return here.problem("not a name", of_key=True, found=shortened(path[-2]), expected=_expected(details))
    found = shortened(details["input"]) if not isinstance(details["input"], dict | list) else None
    near = None
    if kind in ("enum", "literal_error") and isinstance(details["input"], str):
        near = nearest(details["input"], details["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", "))
    return here.problem("not what is expected here", found=found, expected=_expected(details), nearest=near)


def _expected(details: Anything) -> str:
    kind, context = details["type"], details.get("ctx", {})
    texts = {
        "string_type": "text (a number or a date needs quotes)",
        "string_too_short": "text that is not empty",
        "too_short": f"at least {context.get('min_length')} of them",
        "list_type": "a list",
        "dict_type": "a mapping",
        "model_type": "a mapping",
        "string_pattern_mismatch": f"text like {context.get('pattern')}",
    }
    message: str = details["msg"]
    return texts.get(kind) or (context["expected"] if "expected" in context else message[0].lower() + message[1:])


def _keys(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """Return the keys that the model allows at the end of `path`."""
    current: Anything = model
    for step in path:
        if isinstance(current, type) and issubclass(current, BaseModel) and step in current.model_fields:
            current = current.model_fields[str(step)].annotation
        inner = [
            arg for arg in getattr(current, "__args__", ()) if isinstance(arg, type) and issubclass(arg, BaseModel)
        ]
        current = inner[0] if inner else current
    if not (isinstance(current, type) and issubclass(current, BaseModel)):
        return []
    return sorted(info.alias or name for name, info in current.model_fields.items())
