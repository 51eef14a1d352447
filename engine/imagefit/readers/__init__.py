"""Readers say what a vendor's attributes mean: they make records of facts, each fact with its origin.

They are the only place that knows a vendor's words. They open no file and evaluate nothing.
"""

from __future__ import annotations

from imagefit.readers.catalogs import Catalogs
from imagefit.readers.records import Kind, Record

__all__ = ["Catalogs", "Kind", "Record"]
