"""Numbers for what is looked at again and again."""

from __future__ import annotations

from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["Numbered"]

T = TypeVar("T")


class Numbered(Generic[T]):
    """Numbers things when they are first asked for; several threads may ask at once.

    Attributes
    ----------
    made
        What has each number.

    Parameters
    ----------
    first
        What has the first numbers, which are given to nothing else.
    """

    def __init__(self, *first: T) -> None:
        self.made: list[T] = list(first)
        self._numbers: dict[Hashable, int] = {}
        self._lock = Lock()

    def of(self, key: Hashable, what: T) -> int:
        """Return the number of something that is told from others by a key."""
        if (number := self._numbers.get(key)) is None:
            with self._lock:
                if (number := self._numbers.get(key)) is None:  # no other thread was here meanwhile
                    self.made.append(what)
                    number = self._numbers[key] = len(self.made) - 1
        return number
