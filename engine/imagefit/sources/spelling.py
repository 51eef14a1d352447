"""How a caller gives things, for messages: as options of the command line, or as arguments in Python."""

from __future__ import annotations

from imagefit.values import dataclass

__all__ = ["ARGUMENTS", "OPTIONS", "Spelling"]


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
    """

    options: tuple[str, str]
    fact: str
    facts: str
    picked: str

    def option(self, name: str) -> str:
        """Return what takes a thing of this name: ``--image``, ``image=``."""
        before, after = self.options
        return f"{before}{name}{after}"


OPTIONS = Spelling(("--", ""), "--set {}=...", "--set", "--image FILE#ID")
ARGUMENTS = Spelling(("", "="), "{{{!r}: ...}}", "facts", 'image="FILE#ID"')
