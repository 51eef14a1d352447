"""The documentation of the formats is made from the tables."""

from __future__ import annotations

from pathlib import Path

from imagefit.sources.describe import describe
from imagefit.sources.formats import Format

PAGE = Path(__file__).parents[2] / "docs" / "readers.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == describe(), (
        "make it with: python -m imagefit.sources.describe > docs/readers.md"
    )


def test_every_format_is_described():
    assert all(f"| `{format}` | {format.meaning} |" in describe() for format in Format)
