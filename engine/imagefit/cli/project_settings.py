"""The project file: what a team says once, so that no command line has to repeat it.

It is the nearest ``imagefit.toml``, or ``pyproject.toml`` with a table ``[tool.imagefit]``, in the working
folder or above. An option that is given counts before the environment, and that before the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from imagefit.cli.project_toml import SHARED_FILE, TABLE, table_of, text_of
from imagefit.errors import InputError, UnknownNameError
from imagefit.values import dataclass, pattern

__all__ = ["SETTINGS", "Project", "Setting", "read_project"]


@dataclass(frozen=True, slots=True)
class Setting:
    """What the file can say.

    Attributes
    ----------
    kind
        ``text``, ``texts`` (one or several), ``facts`` (a table), ``names`` (a table of texts), ``values`` (a table of
        such tables, by fact), ``paths`` (a table of one or several paths each), ``path``,
        or ``place`` (a path, or the name of something that ships).
    meaning
        In words, for the schema and for the file that ``imagefit config init`` writes.
    values
        What it can be; empty if anything.
    """

    kind: str
    meaning: str
    values: tuple[str, ...] = ()


SETTINGS: Mapping[str, Setting] = {
    "pack": Setting("place", "The rule pack: a folder, or the name of one that ships."),
    "operation": Setting("text", "What is to be done where neither a request nor a row says it, such as create_ecs."),
    "select": Setting("texts", "Use these rules only: ids, prefixes such as boot, or tags."),
    "ignore": Setting("texts", "Leave out these rules."),
    "fail-on": Setting(
        "text",
        "The least that makes the exit code of check and audit non-zero.",
        ("incompatible", "unknown", "assumed", "warning", "never"),
    ),
    "waivers": Setting("path", "A file of waivers: findings that somebody answers for until a day."),
    "baseline": Setting("path", "A file of findings that are known: check and audit fail only for others."),
    "log": Setting("path", "Where a line for each verdict of check and audit is added; imagefit replay reads it."),
    "redact": Setting("texts", "Facts whose values the log leaves out."),
    "set": Setting("facts", "Facts that are given; they count before what a file says."),
    "assume": Setting("facts", "Facts that are assumed where they are missing, and reported as assumed."),
    "map": Setting("names", "Columns of tables of one's own that are facts by another name."),
    "map-value": Setting("values", "What values of a fact are called in such tables, and what they are called here."),
    "inputs": Setting("paths", "Lists by name; images and ecss are used where a command names none."),
}
"""Every key of the file."""


@dataclass(frozen=True)
class Project:
    """What one project file says, understood and with its places.

    Attributes
    ----------
    path
        The file.
    values
        What each setting says: a text, a tuple of texts, or for a table a mapping of such.
    lines
        The line of the file, from 1, of each setting and of each entry of a table (``set.ecs.account``).
    """

    path: Path
    values: Mapping[str, Any]
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_above(self) -> bool:
        """Whether the file stands above the working folder."""
        return self.path.parent != Path.cwd()

    def place(self, key: str) -> str:
        """Return where a setting stands, as ``path:line``."""
        line = self.lines.get(key.replace(":", "."))
        return f"{self.shown_path}:{line}" if line else self.shown_path

    @property
    def shown_path(self) -> str:
        """The path as a person would write it: relative to the working folder."""
        return os.path.relpath(self.path)

    def texts(self, setting: str) -> tuple[str, ...] | None:
        """Return the values of a setting as options have them; None where the file does not say it.

        A table of facts gives ``FACT=VALUE`` texts.
        """
        value = self.values.get(setting)
        if value is None:
            return None
        if isinstance(value, Mapping):
            return tuple(f"{name}={text}" for name, text in value.items())
        return value if isinstance(value, tuple) else (value,)

    def input(self, name: str) -> tuple[str, ...]:
        """Return the paths of a named list, relative to the working folder; empty if there is no such list."""
        found: tuple[str, ...] = self.values.get("inputs", {}).get(name, ())
        return found

    def deciding(self) -> list[str]:
        """Return what the file sets that can change a verdict, in words."""
        whole = [
            name for name in ("pack", "operation", "select", "ignore", "waivers", "baseline") if name in self.values
        ]
        tables = ("set", "assume", "map", "map-value")
        facts = [f"{table} {name}" for table in tables for name in self.values.get(table, ())]
        return [*whole, *facts, *(f"inputs {name}" for name in self.values.get("inputs", ()))]


def read_project(path: Path) -> Project:
    """Read a project file.

    Raises
    ------
    InputError
        If it is no TOML, or a key or a value is not one of `SETTINGS`; names file, line, column and the nearest key.
    """
    text = text_of(path)
    found = table_of(path) or {}
    lines = _lines_of_keys(text, TABLE if path.name == SHARED_FILE else ())
    reader = _Reader(path, text, lines)
    values = {key: reader.setting(key, value) for key, value in found.items()}
    return Project(path, values, lines)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns what TOML says into the values of settings."""

    path: Path
    text: str
    lines: Mapping[str, int]

    def setting(self, key: str, value: object) -> object:
        setting = SETTINGS.get(key)
        if setting is None:
            error = UnknownNameError.of("setting", key, SETTINGS)
            raise error.at(file=self.at(key))
        if setting.kind == "facts":
            return {name: self.fact(f"{key}.{name}", each) for name, each in self.flat(key, value)}
        if setting.kind == "names":
            return {name: self.text_of(f"{key}.{name}", each) for name, each in self.flat(key, value)}
        if setting.kind == "values":
            return {
                f"{'.'.join(fact)}:{theirs}": self.fact(".".join((key, *fact, theirs)), each)
                for (*fact, theirs), each in self.once(key, value)
            }
        if setting.kind == "paths":
            if not isinstance(value, dict):
                raise self.error("not a table of lists by name", key, value, f"[{key}] with images = FILE")
            return {name: tuple(map(self.below, self.several(f"{key}.{name}", each))) for name, each in value.items()}
        if setting.kind == "texts":
            return self.several(key, value)
        if not isinstance(value, str):
            raise self.error("not a text", key, value, "a text in quotes")
        if setting.values and value not in setting.values:
            raise UnknownNameError.of("value", value, setting.values).at(file=self.at(key), column=key)
        if setting.kind == "path":
            return self.below(value)
        return self.pack(value) if setting.kind == "place" else value

    def flat(self, key: str, value: object) -> Iterator[tuple[str, object]]:
        """Yield the facts of a table: in TOML ``ecs.account`` without quotes is a table in a table."""
        return ((".".join(names), each) for names, each in self.once(key, value))

    def once(self, key: str, value: object) -> Iterator[tuple[tuple[str, ...], object]]:
        """Yield the leaves of a table; raises `InputError` for a name that stands there in quotes and without."""
        met: set[str] = set()
        for names, each in self.leaves(key, value):
            name = ".".join((key, *names))
            if name in met:
                message = "twice, once in quotes and once as a table"
                raise InputError(message, file=self.at(name), column=name, expected="one of the two")
            met.add(name)
            yield names, each

    def leaves(self, key: str, value: object) -> Iterator[tuple[tuple[str, ...], object]]:
        """Yield what stands in a table and in tables in it, with the names that lead there."""
        if not isinstance(value, dict):
            raise self.error("not a table of facts", key, value, f"[{key}] with FACT = VALUE")
        for name, inner in value.items():
            if isinstance(inner, dict):
                for names, each in self.leaves(f"{key}.{name}", inner):
                    yield (name, *names), each
            else:
                yield (name,), inner

    def fact(self, key: str, value: object) -> str:
        """Return the text that an option would give."""
        from imagefit.facts import show_value

        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return show_value(frozenset(value))
        if not isinstance(value, bool | int | str):
            raise self.error("not a fact's value", key, value, "a text, a whole number, true, false or a list of texts")
        return value if isinstance(value, str) else show_value(value)

    def text_of(self, key: str, value: object) -> str:
        if not isinstance(value, str) or not value:
            raise self.error("not a text", key, value, "the name of a fact in quotes")
        return value

    def several(self, key: str, value: object) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(each, str) and each for each in values):
            raise self.error("not a text or a list of texts", key, value, 'such as "boot" or ["boot", "arch"]')
        return tuple(values)

    def below(self, path: str) -> str:
        """Return a path of the file as one of the working folder; a file above it names nothing outside its folder."""
        if path == "-":
            return path
        if "://" in path:
            message = "a project file names no address: what is fetched is named on the command line"
            raise InputError(message, file=os.path.relpath(self.path), value=path)
        folder = self.path.parent
        place = Path(os.path.normpath(folder / path))
        if folder != Path.cwd() and not place.is_relative_to(folder):
            message = "a project file above the working folder names only what is below its own folder"
            raise InputError(message, file=os.path.relpath(self.path), value=path)
        return os.path.relpath(place)

    def pack(self, name: str) -> str:
        return self.below(name) if "/" in name or os.sep in name or (self.path.parent / name).exists() else name

    def at(self, key: str) -> str:
        """Return the file with the line and the column of a key, as editors open it."""
        line = self.lines.get(key)
        file = os.path.relpath(self.path)
        if line is None:
            return file
        text = self.text.split("\n")[line - 1]
        return f"{file}:{line}:{len(text) - len(text.lstrip()) + 1}"

    def error(self, message: str, key: str, value: object, expected: str) -> InputError:
        return InputError(message, file=self.at(key), column=key, value=repr(value), expected=expected)


_KEY = pattern(r"""\s*((?:[\w-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*(?:[\w-]+|"[^"\n]*"|'[^'\n]*'))*)\s*=""")
_HEADER = pattern(r"\s*\[+([^\[\]\n]+)\]+\s*(?:#.*)?$")


def _lines_of_keys(text: str, prefix: tuple[str, ...]) -> dict[str, int]:
    """Return the line of each key, by its dotted name below `prefix`; tomllib does not tell it."""
    found: dict[str, int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            name = table
        elif key := _KEY.match(line):
            name = (*table, *_parts(key[1]))
        else:
            continue
        if name[: len(prefix)] == prefix and len(name) > len(prefix):
            found.setdefault(".".join(name[len(prefix) :]), number)
    return found


def _parts(key: str) -> tuple[str, ...]:
    """Return the parts of a key of TOML, which dots divide."""
    return tuple(part.strip("\"'") for part in re.findall(r"""[\w-]+|"[^"]*"|'[^']*'""", key))
