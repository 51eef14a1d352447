"""What the elements of a set look like, where they have a form such as ``name=value``."""

from __future__ import annotations

import re

__all__ = ["elements_pattern"]


def elements_pattern(elements: str) -> str:
    """Return what an element of this form matches: words stand for text without the signs, the last for any text."""
    parts = re.split("([a-z]+)", elements)
    signs = re.escape("".join(parts[::2]))
    words = [f"[^{signs}]+" if signs else ".+"] * (len(parts) // 2 - 1) + [".+"]
    pieces = [re.escape(sign) + word for sign, word in zip(parts[::2], words, strict=False)]
    return f"(?s:{''.join(pieces)}{re.escape(parts[-1])})"
