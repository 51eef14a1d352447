"""An audit and a match as HTML, for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imagefit.escaping import html
from imagefit.facts import show_value

if TYPE_CHECKING:
    from imagefit.matching.product import Product

__all__ = ["audit_html", "match_html"]


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
    head = "".join(f"<th>{html(name)}</th>" for name in rows.schema.names)
    body = "".join(
        "<tr>" + "".join(f"<td>{html(_shown(value))}</td>" for value in row.values()) + "</tr>"
        for row in rows.to_pylist()
    )
    more = f"<p>… {count - rows.num_rows} more rows</p>" if count > rows.num_rows else ""
    return f"<p>{html(title)}</p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def match_html(match: Product) -> str:
    """Return the counts of a match, and the rules that fail or are unknown somewhere, as two tables."""
    title = f"{match.images.count:,} images × {match.ecss.count:,} ECSs, {match.operation}"
    counts = "".join(f"<tr><td>{html(kind)}</td>{_number(count)}</tr>" for kind, count in match.counts().items())
    rows = [
        f"<tr><td>{html(row['rule'])}</td><td>{html(row['severity'])}</td>{_number(row['fail'])}{_number(row['unknown'])}</tr>"
        for row in match.by_rule().to_pylist()
        if row["fail"] or row["unknown"]
    ]
    head = "<tr><th>rule</th><th>severity</th><th>fails</th><th>unknown</th></tr>"
    return f"<div><p><b>{html(title)}</b></p><table>{counts}</table><table>{head}{''.join(rows)}</table></div>"


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(map(_shown, value))
    return show_value(value) if isinstance(value, bool | int | float | str) else str(value)


def _number(count: int) -> str:
    return f'<td style="text-align: right">{count:,}</td>'
