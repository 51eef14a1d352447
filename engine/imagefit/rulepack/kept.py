"""What is made ready of a pack belongs to the pack, and goes when the pack goes: a service may load packs again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from imagefit.rulepack.pack import Pack

__all__ = ["kept_by_pack"]

P = ParamSpec("P")
T = TypeVar("T")


def kept_by_pack(make: Callable[Concatenate[Pack, P], T]) -> Callable[Concatenate[Pack, P], T]:
    """Let a function remember in the pack what it makes of it: that stays as long as the pack does, and no longer."""

    @wraps(make)
    def kept(pack: Pack, /, *args: P.args, **options: P.kwargs) -> T:
        key = (make, args, *options.items())
        found: T | None = pack.memory.get(key)
        return pack.memory.remember(key, make(pack, *args, **options)) if found is None else found

    return kept
