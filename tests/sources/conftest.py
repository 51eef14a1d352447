"""The tests of the sources read text and data as files, as those of the readers do."""

from __future__ import annotations

from readers.conftest import fields, read_data, read_one, read_text

__all__ = ["fields", "read_data", "read_one", "read_text"]
