"""Different numbers in order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ascending"]


def ascending(numbers: NDArray[Any]) -> NDArray[Any]:
    """Return the different ones among many integers, in order.

    It is what numpy's `unique` returns, which puts them into a table first: of numbers that hardly repeat that takes
    up to fifty times as long as sorting them.
    """
    found = np.sort(numbers)
    is_first = np.ones(len(found), np.bool_)
    np.not_equal(found[1:], found[:-1], out=is_first[1:])
    return found[is_first]
