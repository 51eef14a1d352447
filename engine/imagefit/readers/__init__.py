"""Readers turn files into records of facts, each fact with its origin.

They are the only place that knows a vendor's format. `read` tells formats apart by content; `flavor` says
what a flavor's id alone tells; `pick` chooses one record of a document. Readers evaluate nothing.
"""

from __future__ import annotations

from imagefit.readers.catalogs import Catalogs
from imagefit.readers.records import Document, Format, Kind, Record, pick
from imagefit.sources.reading import flavor, format_named, read

__all__ = ["Catalogs", "Document", "Format", "Kind", "Record", "flavor", "format_named", "pick", "read"]
