"""How a caller gives things, for messages: as options of the command line, or as arguments in Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from imagefit.values import dataclass, replace

__all__ = ["ARGUMENTS", "OPTIONS", "OPTIONS_OF_MATCH", "Spelling"]


@dataclass(frozen=True, slots=True)
class Spelling:
    """How it is written.

    Attributes
    ----------
    options
        What stands before and after the name of something that is given.
    fact
        A fact that is given, with a place for its name.
    facts
        Where facts are given.
    picked
        One record of a file, taken on purpose.
    many
        Names of what takes many, where these are others.
    """

    options: tuple[str, str]
    fact: str
    facts: str
    picked: str
    many: Mapping[str, str] = field(default_factory=dict)

    def option(self, name: str) -> str:
        """Return what takes a thing of this name: ``--image``, ``image=``."""
        before, after = self.options
        return f"{before}{self.many.get(name, name)}{after}"


OPTIONS = Spelling(("--", ""), "--set {}=...", "--set", "--image FILE#ID")
OPTIONS_OF_MATCH = replace(OPTIONS, many={"image": "images"})
ARGUMENTS = Spelling(("", "="), "{{{!r}: ...}}", "facts", 'image="FILE#ID"')
