"""The columns of an audited table: the caller's, then the verdict and lists of text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from imagefit.reports.files import Layout

__all__ = ["audit_layout"]


def audit_layout(schema: Callable[[], Any], names: Sequence[str], **known: Any) -> Layout:
    """Return the layout of an audit; `names` are those of the result columns, the others as of `Layout`."""
    verdict, *lists = names
    results = pa.schema([pa.field(verdict, pa.string()), *(pa.field(name, pa.list_(pa.string())) for name in lists)])
    return Layout(schema, results, **known)
