"""Looking up a small table at every row: the one operation that batches of candidates are made of."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["gather"]

_TAKE = pc.get_function("array_take")
_UNCHECKED = pc.TakeOptions(boundscheck=False)


def gather(table: Any, codes: NDArray[Any]) -> NDArray[Any]:
    """Return ``table[code]`` for each code.

    Parameters
    ----------
    table
        An Arrow array without nulls.
    codes
        Integers that are places in the table; that is not checked. Arrow takes codes of any width as they
        are and is twice as fast as numpy, which widens them first.
    """
    taken: Any = _TAKE.call([table, pa.array(codes)], _UNCHECKED)
    found: NDArray[Any] = taken.to_numpy()
    return found
