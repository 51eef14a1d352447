"""What reads its table again when it is asked: a copy of it is itself, and it is not pickled."""

from __future__ import annotations

from typing import NoReturn, Self

__all__ = ["ItsOwnCopy"]


class ItsOwnCopy:
    """Never changes, so that its copy is itself; and says why it can't be pickled."""

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        name = type(self).__name__
        raise TypeError(f"{name} reads its table again when it is asked: pickle its to_arrow() or summary() instead")
