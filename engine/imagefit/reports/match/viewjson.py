"""A view of a match as JSON: an object with the pack, the operation, and what is asked for."""

from __future__ import annotations

from typing import Any

from imagefit.matching.misses import partners_of
from imagefit.matching.summary import summary_of
from imagefit.reports.jsontext import FORMAT_VERSION, json_text
from imagefit.reports.match.view import View
from imagefit.verdicts import PackRef

__all__ = ["view_json"]


def view_json(view: View) -> str:
    """Return the summary of a match, its counts, or the partners of one image or ECS."""
    match = view.match
    told: dict[str, Any] = {
        "format_version": FORMAT_VERSION,
        "pack": PackRef.of(match.pack).to_dict(),
        "operation": match.operation,
    }
    if view.is_of_one:
        told["partners"] = partners_of(match, view.image, view.ecs, view.misses).to_dict()
    elif view.by is not None:
        _, batches = view.table()
        told[f"by_{view.by}"] = [row for batch in batches for row in batch.to_pylist()]
    else:
        told["summary"] = {key: value for key, value in summary_of(match).to_dict().items() if key != "operation"}
    return json_text(told) + "\n"
