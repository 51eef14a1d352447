"""Read one YAML file into plain data, and remember where everything stood.

PyYAML's C parser gives events with marks; nothing is ever constructed from them but text, numbers,
booleans, lists and mappings, by YAML 1.2's core schema (`no`, `on` and `1_000` are text). Aliases, tags,
merge keys, duplicate keys, absurd nesting, large and non-UTF-8 files are refused: a pack is data.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from imagefit.errors import PackError, Position, Problem, one_line, shortened
from imagefit.rulepack.digesting import digest_of_file

__all__ = ["Path_", "YamlFile", "as_written", "read_yaml", "yaml_of"]

MAX_BYTES = 2_000_000
MAX_DEPTH = 40
MAX_NODES = 200_000

Path_ = tuple[str | int, ...]
"""The way to a node: keys and list indexes from the root."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file's data, and for the path of each node its position (of the key, where it has one).

    `problems` are those that leave the file readable: keys that stand twice. `digest` is of its bytes.
    """

    name: str
    data: Any
    values: Mapping[Path_, Position]
    keys: Mapping[Path_, Position] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    digest: str = ""

    def position(self, path: Path_, *, of_key: bool = False) -> Position:
        """Return where the node at `path` stands, or the nearest node above it that exists."""
        while path and path not in self.values:
            path = path[:-1]
        return (self.keys.get(path) if of_key else None) or self.values.get(path) or Position(self.name, 1, 1)

    def problem(self, path: Path_, message: str, *, of_key: bool = False, **details: str | None) -> Problem:
        """Build the problem that stands at `path`."""
        place = self.position(path, of_key=of_key)
        return Problem(place.file, place.line, place.column, message, **details)


def as_written(data: Any) -> str:
    """Show data in a message about as a file has it: text in quotes, `true`, `null`, `[1, 2]`."""
    if isinstance(data, str):
        return shortened(data)
    if isinstance(data, float) and not math.isfinite(data):
        return "a number that is too large"
    return one_line(json.dumps(data, ensure_ascii=False))


def read_yaml(path: Path, name: str) -> YamlFile:
    """Read the file at `path`, to be called `name` in messages.

    Raises
    ------
    PackError
        If it can't be read, is no UTF-8, no YAML, ...
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # a name that can be no path's is a ValueError
        why = getattr(error, "strerror", None) or error
        raise PackError([Problem(name, 0, 0, f"can't be read: {why}")]) from error
    if len(raw) > MAX_BYTES:
        raise PackError([Problem(name, 0, 0, "the file is too large", expected=f"at most {MAX_BYTES:,} bytes")])
    return yaml_of(raw, name)


def yaml_of(raw: bytes, name: str) -> YamlFile:
    """Read the content of a file; raises as `read_yaml` does."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise PackError([Problem(name, line, column, "not UTF-8", found=f"byte 0x{raw[error.start]:02x}")]) from None
    reader = _Reader(name)
    data = reader.read(text)
    if not reader.is_whole:
        raise PackError(reader.problems)
    return YamlFile(name, data, reader.values, reader.keys, tuple(reader.problems), digest_of_file(raw))


class _Refused(Exception):
    """The file breaks a limit: nothing more of it is read."""


class _Reader:
    """Builds data and positions from the parser's events, in one pass, and collects problems."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.values: dict[Path_, Position] = {}
        self.keys: dict[Path_, Position] = {}
        self.nodes = 0
        self.is_whole = False

    def read(self, text: str) -> Any:
        events = yaml.parse(text, _LOADER)
        try:
            next(events)  # the start of the stream
            if isinstance(next(events), yaml.StreamEndEvent):
                raise self._refused(None, "the file is empty")
            data = self._node(next(events), events, ())
            next(events)  # the end of the document
            if not isinstance(extra := next(events), yaml.StreamEndEvent):
                raise self._refused(extra.start_mark, "more than one YAML document")
            self.is_whole = True
            return data
        except yaml.MarkedYAMLError as error:
            self._problem(error.problem_mark or error.context_mark, f"not YAML: {error.problem or error.context}")
        except (yaml.YAMLError, ValueError) as error:
            self._problem(None, f"not YAML: {shortened(' '.join(str(error).split()))}")
        except _Refused:
            pass
        return None

    def _node(self, event: Any, events: Iterator[Any], path: Path_) -> Any:
        self._check_limits(event, path)
        mark = event.start_mark
        self.values[path] = Position(self.name, mark.line + 1, mark.column + 1)
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event.value, plain=not event.style)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(child := next(events), yaml.SequenceEndEvent):
                items.append(self._node(child, events, (*path, len(items))))
            return items
        built: dict[str, Any] = {}
        while not isinstance(child := next(events), yaml.MappingEndEvent):
            key = self._key(child)
            if key in built:
                self._problem(child.start_mark, "duplicate key", found=shortened(key))
            else:
                self.keys[(*path, key)] = Position(self.name, child.start_mark.line + 1, child.start_mark.column + 1)
            built[key] = self._node(next(events), events, (*path, key))
        return built

    def _key(self, event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise self._refused(event.start_mark, "a key must be text")
        self._check_limits(event, ())
        return str(event.value)

    def _check_limits(self, event: Any, path: Path_) -> None:
        self.nodes += 1
        message = found = None
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            message = "anchors and aliases are not allowed in a pack"
        elif event.tag is not None:
            message, found = "tags are not allowed in a pack", shortened(_as_tagged(event.tag))
        elif len(path) > MAX_DEPTH:
            message = f"nested more than {MAX_DEPTH} levels deep"
        elif self.nodes > MAX_NODES:
            message = f"more than {MAX_NODES:,} nodes"
        if message is not None:
            raise self._refused(event.start_mark, message, found)

    def _refused(self, mark: Any, message: str, found: str | None = None) -> _Refused:
        self._problem(mark, message, found)
        return _Refused()

    def _problem(self, mark: Any, message: str, found: str | None = None) -> None:
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        self.problems.append(Problem(self.name, line, column, message, found=found))


def _as_tagged(tag: str) -> str:
    """Return a tag about as the file has it: ``!!python/object`` stands for a longer name."""
    return f"!!{tag.removeprefix(_STANDARD)}" if tag.startswith(_STANDARD) else tag


_STANDARD = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?[0-9]{1,30}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,30}|[0-9]{1,300}(?:\.[0-9]{0,30})?)(?:[eE][-+]?[0-9]{1,3})?")
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def _scalar(text: str, *, plain: bool) -> Any:
    """Read a scalar by YAML 1.2's core schema; quoted and block text is always text."""
    if not plain:
        return text
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text
