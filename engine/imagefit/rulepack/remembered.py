"""A memory with a bound: what was worked out once and may be asked for again. It knows nothing of what it remembers."""

from __future__ import annotations

import threading
from itertools import islice
from typing import Any, TypeVar

__all__ = ["Remembered"]

K = TypeVar("K")
V = TypeVar("V")


class Remembered(dict[K, V]):
    """At most so many things by their keys; what came first is forgotten first. Several threads may share one.

    A copy, also one that is pickled, remembers nothing: what is remembered can always be made again.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()

    def remember(self, key: K, value: V) -> V:
        """Remember a value, and return it."""
        with self._lock:
            if len(self) >= self.limit and key not in self:
                # Several at once: finding the first of a dict takes longer, the more were deleted before it.
                for first in list(islice(self, len(self) - self.limit + 1 + self.limit // 8)):
                    del self[first]
            self[key] = value
        return value

    def __reduce__(self) -> Any:
        return type(self), (self.limit,)
