"""What a caller says of tables of his own: how they are written."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["AS_THEY_ARE", "OwnTables"]


@dataclass(frozen=True, slots=True)
class OwnTables:
    """How tables are written.

    Attributes
    ----------
    delimiter
        What separates the cells of CSV; None: what the file shows.
    encoding
        Of text without a byte order mark; None: UTF-8.
    """

    delimiter: str | None = None
    encoding: str | None = None


AS_THEY_ARE = OwnTables()
"""Nothing is said of them."""
