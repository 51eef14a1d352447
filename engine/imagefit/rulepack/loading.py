"""Load a pack from its folder: read the files, check everything, and report all problems at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TypeVar

from pydantic import BaseModel

from imagefit.errors import PackError, Problem, nearest, shortened
from imagefit.rulepack.assembly import Assembly
from imagefit.rulepack.models import PackModel, RuleModel, WordsModel
from imagefit.rulepack.pack import Pack, Rule
from imagefit.rulepack.parsing import Place
from imagefit.rulepack.shape import NOT_A_NAME, validate
from imagefit.rulepack.yamlfile import YamlFile, as_written, read_yaml

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
    has_gap: bool = False  # a file could not be read, so a name that is unknown may stand there

    def load(self) -> Pack:
        main = self.path / "pack.yaml" if self.path.is_dir() else self.path
        file = self._read(main, main.name)
        root = Place(file, (), file.data)
        header = self._validate(PackModel, root) or PackModel.model_construct(name="", version="", title="")
        assembly = Assembly(self.problems)
        for include in self._includes(main.parent, root):
            self._add(include, assembly)
        if self.has_gap:
            assembly.lose_all()
        pack = assembly.pack(header.name, header.version, header.title)
        for rule in pack.rules:
            self.problems.extend(self.check_examples(rule, pack))
        if self.problems:
            raise PackError(self.problems)
        return pack

    def _read(self, path: Path, name: str) -> YamlFile:
        file = read_yaml(path, name)
        self.problems += file.problems
        return file

    def _includes(self, folder: Path, root: Place) -> Iterator[YamlFile]:
        seen: set[str] = set()
        names = root.data.get("includes") if isinstance(root.data, dict) else None
        names = names if isinstance(names, list) else []
        if len(names) > MAX_INCLUDES:
            self.problems.append(root.at("includes").problem(f"more than {MAX_INCLUDES} includes"))
            return
        for index, name in enumerate(names):
            place = root.at("includes", index)
            if not isinstance(name, str):
                pass  # noted already, as every element of a wrong type is
            elif (message := _outside(folder, name)) is not None:
                self.problems.append(place.problem(message, found=shortened(name)))
            elif (normal := str(PurePosixPath(name))) in seen:
                self.problems.append(place.problem("included twice", found=shortened(name)))
            elif not (folder / name).is_file():
                near = nearest(name, (p.name for p in folder.glob("*.y*ml")))
                self.problems.append(place.problem("no such file", found=shortened(name), nearest=near))
            else:
                seen.add(normal)
                try:
                    yield self._read(folder / name, normal)
                    continue
                except PackError as error:
                    self.problems.extend(error.problems)
            self.has_gap = True

    def _add(self, file: YamlFile, assembly: Assembly) -> None:
        root = Place(file, (), file.data)
        if isinstance(file.data, list):
            for index in range(len(file.data)):
                place = root.at(index)
                if (rule := self._validate(RuleModel, place)) is not None:
                    assembly.add_rule(rule, place)
        elif isinstance(file.data, dict):
            self._add_words(root, assembly)
        else:
            expected = "a list of rules, or a mapping with operations, fields, conditions, remedies or sources"
            self.problems.append(root.problem("not a pack's file", found=as_written(file.data), expected=expected))
            self.has_gap = True

    def _add_words(self, root: Place, assembly: Assembly) -> None:
        """Add the definitions that are right; a wrong one is one problem, not one more at each use of it."""
        words, found = validate(WordsModel, root)
        if words is None:
            self.problems += [problem for _, problem in found]
            wrong = {path[:2] for path, _ in found}
            for path, problem in found:
                has_name = len(path) > 1 and problem.message != NOT_A_NAME
                assembly.lose(str(path[0]), str(path[1]) if has_name else None)
            kept = {
                kind: {name: entry for name, entry in entries.items() if (kind, name) not in wrong}
                for kind, entries in root.data.items()
                if (kind,) not in wrong
            }
            words = WordsModel.model_validate(kept)
        assembly.add_words(words, root)

    def _validate(self, model: type[Model], place: Place) -> Model | None:
        validated, found = validate(model, place)
        self.problems += [problem for _, problem in found]
        return validated


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
