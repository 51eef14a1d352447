"""Load a pack from its folder: read the files, check everything, and report all problems at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NoReturn, TypeVar

from pydantic import BaseModel

from imagefit.errors import PackError, Problem, nearest, shortened
from imagefit.rulepack.assembly import Assembly
from imagefit.rulepack.models import PackModel, RuleModel, WordsModel
from imagefit.rulepack.overlay import adjustment_model
from imagefit.rulepack.pack import Adjustment, Example, Pack, Rule
from imagefit.rulepack.parsing import Place
from imagefit.rulepack.shape import NOT_A_NAME, validate
from imagefit.rulepack.yamlfile import YamlFile, as_written, read_yaml

__all__ = ["ExampleCheck", "Overlays", "load"]

Model = TypeVar("Model", bound=BaseModel)
ExampleCheck = Callable[[Rule, Pack], Iterable[Problem]]
"""Says what is wrong with a rule's examples; given from outside, for this package evaluates nothing."""

MAX_INCLUDES = 500
MAX_ADJUSTMENTS = 1000
MAX_EXTENDED = 10  # overlays of overlays


@dataclass(frozen=True)
class Overlays:
    """What has to be known of overlays that this package does not know.

    Attributes
    ----------
    shipped
        The packs that ship, by name.
    check
        Says what is wrong with an adjustment: whether it loosens must be what it says.
    is_right
        Whether an example has the outcome that it states.
    """

    shipped: Mapping[str, Path] = field(default_factory=dict)
    check: Callable[[Adjustment, Pack], Iterable[Problem]] = lambda adjustment, pack: ()
    is_right: Callable[[Rule, Example], bool] = lambda rule, example: True


def load(
    path: Path,
    check_examples: ExampleCheck,
    overlays: Overlays | None = None,
    prefix: str = "",
    files: dict[Path, str] | None = None,
) -> Pack:
    """Load the pack in the folder `path` (or whose ``pack.yaml`` is `path`), and the pack that it extends.

    Parameters
    ----------
    prefix
        Stands before the names of the pack's files in messages and positions, such as ``packs/mine/``.
    files
        The digest of each file that is read is put here.

    Raises
    ------
    PackError
        With every problem found in any file of the pack.
    """
    return _Loader(path, check_examples, overlays or Overlays(), {} if files is None else files, prefix).load()


@dataclass
class _Loader:
    path: Path
    check_examples: ExampleCheck
    overlays: Overlays
    files: dict[Path, str]
    prefix: str = ""  # of file names in messages: where the pack is
    extending: tuple[Path, ...] = ()  # the overlays on the way here
    problems: list[Problem] = field(default_factory=list)
    has_gap: bool = False  # a file could not be read, so a name that is unknown may stand there

    def load(self) -> Pack:
        main = self.path / "pack.yaml" if os.path.isdir(self.path) else self.path
        if main is not self.path and not os.path.isfile(main):
            message = "no pack.yaml in this folder" if not os.path.exists(main) else "its pack.yaml is no file"
            raise PackError([Problem(self.prefix.rstrip("/") or str(self.path), 0, 0, message)])
        if os.path.exists(main) and not os.path.isfile(main):
            expected = "a folder with a pack.yaml, or that file"
            raise PackError([Problem(str(self.path), 0, 0, "a pipe or a device is no pack", expected=expected)])
        file = self._read(main, main.name)
        root = Place(file, (), file.data)
        header = self._validate(PackModel, root) or PackModel.model_construct(name="", version="", title="")
        assembly = Assembly(self.problems, self._base(main, root), file.name)
        self._add_adjustments(root, assembly)
        for include in self._includes(main.parent, root):
            self._add(include, assembly)
        if self.has_gap:
            assembly.lose_all()
        self._check_is_something(root, assembly)
        pack = assembly.pack(header.name, header.version, header.title, self.overlays.is_right)
        self._check_rules(pack, assembly.base)
        if self.problems:
            raise PackError(self.problems)
        return pack

    def _check_is_something(self, root: Place, assembly: Assembly) -> None:
        """Note that a pack has no files, or an overlay nothing that makes it another pack."""
        if not isinstance(root.data, dict) or self.problems:
            return
        if "extends" in root.data:
            if not assembly.adjustments:
                self.problems.append(root.at("extends").problem("the pack adjusts nothing", of_key=True))
        elif not root.data.get("includes"):
            if "includes" in root.data:
                self.problems.append(
                    root.at("includes").problem("wrong `includes`", found="[]", expected="at least one element")
                )
            else:
                self.problems.append(root.problem("`includes` is missing"))

    def _check_rules(self, pack: Pack, base: Pack | None) -> None:
        """Ask what has to be asked of rules; those of a base pack have been asked already."""
        known = set() if base is None else {id(rule) for rule in base.rules}
        for rule in pack.rules:
            if id(rule) not in known:
                self.problems.extend(self.check_examples(rule, pack))
        for adjustment in pack.adjustments:
            self.problems.extend(self.overlays.check(adjustment, pack))

    def _base(self, main: Path, root: Place) -> Pack | None:
        """Load the pack that this one extends."""
        if not isinstance(root.data, dict) or not isinstance(name := root.data.get("extends"), str) or not name:
            return None
        place = root.at("extends")
        folder = self.overlays.shipped.get(name)
        if folder is None:
            near = nearest(name, self.overlays.shipped)
            if PurePosixPath(name).is_absolute() or "\\" in name or "\x00" in name:
                expected = "a pack's name, or a path from this folder"
                self._give_up(place.problem("not a pack to extend", found=shortened(name), expected=expected))
            folder = main.parent / name
            if not os.path.exists(folder):
                self._give_up(place.problem("no such pack", found=shortened(name), nearest=near))
        real = Path(os.path.realpath(folder / "pack.yaml" if os.path.isdir(folder) else folder))
        chain = (*self.extending, Path(os.path.realpath(main)))
        if real in chain:
            self._give_up(place.problem("packs extend each other", found=shortened(name)))
        if len(chain) > MAX_EXTENDED:
            self._give_up(place.problem(f"more than {MAX_EXTENDED} packs extend each other"))
        where = name if os.path.isdir(folder) else str(PurePosixPath(name).parent)
        prefix = f"{name}/" if name in self.overlays.shipped else f"{self.prefix}{where}/"
        try:
            return _Loader(folder, self.check_examples, self.overlays, self.files, prefix, chain).load()
        except PackError as error:
            self._give_up(place.problem("the pack that this one extends does not load"), *error.problems)

    def _give_up(self, *problems: Problem) -> NoReturn:
        """Stop: without the pack that it extends, nothing of an overlay can be understood."""
        raise PackError([*self.problems, *problems])

    def _add_adjustments(self, place: Place, assembly: Assembly) -> None:
        """Add the adjustments that a pack.yaml or an included file has."""
        items = place.data.get("adjustments") if isinstance(place.data, dict) else None
        if not isinstance(items, list):
            return
        if assembly.base is None:
            message = "only a pack that `extends` another one has adjustments"
            self.problems.append(place.at("adjustments").problem(message, of_key=True))
            return
        if len(items) > MAX_ADJUSTMENTS:
            self.problems.append(place.at("adjustments").problem(f"more than {MAX_ADJUSTMENTS} adjustments"))
            return
        for index in range(len(items)):
            at = place.at("adjustments", index)
            model = adjustment_model(at, self.problems)
            if model is None:
                continue
            adjustment, found = validate(model, at)
            self.problems += [problem for _, problem in found]
            if adjustment is not None:
                assembly.adjustments.append((adjustment, at))
                continue
            for key in ("add", "with"):  # the rule in it
                if isinstance(at.data.get(key), dict):
                    wrong = [path[1:] for path, _ in found if path[:1] == (key,)]
                    assembly.misshapen.append((at.at(key), wrong))

    def _read(self, path: Path, name: str) -> YamlFile:
        file = read_yaml(path, self.prefix + name)
        self.problems += file.problems
        self.files[path] = file.digest
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
            elif not os.path.isfile(folder / name):
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
            if assembly.base is not None:
                expected = "adjustments: [{add: ..., why: ...}]"
                self.problems.append(root.problem("an overlay has no rule files", expected=expected))
                return
            for index in range(len(file.data)):
                self._add_rule(root.at(index), assembly)
        elif isinstance(file.data, dict):
            self._add_words(root, assembly)
            self._add_adjustments(root, assembly)
        else:
            expected = "a list of rules, or a mapping with operations, fields, conditions, remedies or sources"
            self.problems.append(root.problem("not a pack's file", found=as_written(file.data), expected=expected))
            self.has_gap = True

    def _add_rule(self, place: Place, assembly: Assembly) -> None:
        rule, found = validate(RuleModel, place)
        self.problems += [problem for _, problem in found]
        if rule is not None:
            assembly.add_rule(rule, place)
        elif isinstance(place.data, dict):
            assembly.misshapen.append((place, [path for path, _ in found]))

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
