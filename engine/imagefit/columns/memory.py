"""What functions have made of something, for as long as that is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

__all__ = ["Memory"]

T = TypeVar("T")


class Memory:
    """What functions have made, by what they are and what they were given."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], Any] = {}

    def of(self, make: Callable[..., T], of: Sequence[object], *args: Any, **named: Any) -> T:
        """Return what a function makes of something that is not told apart, and of what else it is given."""
        key = (make, *args, *named.items())
        if key not in self._made:
            self._made[key] = make(*of, *args, **named)
        made: T = self._made[key]
        return made
