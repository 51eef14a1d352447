"""A match as HTML, for notebooks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagefit.matching.product import Product

__all__ = ["match_html"]


def match_html(match: Product) -> str:
    """Return the counts of a match, and the rules that fail or are unknown somewhere, as two tables."""
    title = f"{match.images.count:,} images × {match.ecss.count:,} ECSs, {match.operation}"
    counts = "".join(f"<tr><td>{escape(kind)}</td>{_number(count)}</tr>" for kind, count in match.counts().items())
    rows = [
        f"<tr><td>{escape(row['rule'])}</td><td>{row['severity']}</td>{_number(row['fail'])}{_number(row['unknown'])}</tr>"
        for row in match.by_rule().to_pylist()
        if row["fail"] or row["unknown"]
    ]
    head = "<tr><th>rule</th><th>severity</th><th>fails</th><th>unknown</th></tr>"
    return f"<div><p><b>{escape(title)}</b></p><table>{counts}</table><table>{head}{''.join(rows)}</table></div>"


def _number(count: int) -> str:
    return f'<td style="text-align: right">{count:,}</td>'
