"""How wide numbers have to be."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["narrowest"]


def narrowest(size: int) -> type[np.unsignedinteger[Any]]:
    """Return the narrowest unsigned type that has `size` codes."""
    return np.uint8 if size <= 1 << 8 else np.uint16 if size <= 1 << 16 else np.uint32
