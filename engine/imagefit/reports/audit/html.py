"""A few rows of a table as HTML, for notebooks."""

from __future__ import annotations

from html import escape
from typing import Any

from imagefit.facts import show_value

__all__ = ["audit_html"]


def audit_html(title: str, rows: Any, count: int) -> str:
    """Return an HTML table.

    Parameters
    ----------
    title
        Shown above it.
    rows
        A ``pyarrow.RecordBatch``, all of which is shown.
    count
        How many rows there are in all.
    """
    head = "".join(f"<th>{escape(name)}</th>" for name in rows.schema.names)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(_shown(value))}</td>" for value in row.values()) + "</tr>"
        for row in rows.to_pylist()
    )
    more = f"<p>… {count - rows.num_rows} more rows</p>" if count > rows.num_rows else ""
    return f"<p>{escape(title)}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(map(_shown, value))
    return show_value(value) if isinstance(value, bool | int | float | str) else str(value)
