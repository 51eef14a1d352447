"""Images with families of ECSs, as a table of colours with numbers: a line for all images that are alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from imagefit.escaping import line
from imagefit.reports.html.elements import Node, element, table

__all__ = ["Heat", "Line", "heat_section"]

MOST_LINES, MOST_FAMILIES = 150, 60


@dataclass(frozen=True, slots=True)
class Line:
    """Images that fit alike: what the first is called, their places, and how many ECSs fit and may fit, by family."""

    label: str
    members: tuple[int, ...]
    compatible: tuple[int, ...]
    undecided: tuple[int, ...]

    @property
    def called(self) -> str:
        """What to call all of them."""
        more = len(self.members) - 1
        return f"{self.label} and {more:,} more" if more else self.label


@dataclass(frozen=True, slots=True)
class Heat:
    """Images with families.

    Attributes
    ----------
    families, sizes
        What families are called, and how many ECSs each has.
    family_of
        The family of each ECS, by its place.
    lines
        The lines, those that fit least first.
    """

    families: Sequence[str]
    sizes: Sequence[int]
    family_of: Sequence[int]
    lines: Sequence[Line]

    def data(self, columns: Sequence[str]) -> dict[str, Any]:
        """Return what the script takes to show the pairs of a field; `columns` are those of the rows."""
        return {
            "families": [line(name) for name in self.families],
            "family_of": list(self.family_of),
            "lines": [{"label": line(each.called), "members": list(each.members)} for each in self.lines[:MOST_LINES]],
            "image": columns.index("image"),
            "family": columns.index("ecs"),
        }


def heat_section(heat: Heat) -> Node:
    """Return the table of colours."""
    shown = range(min(len(heat.families), MOST_FAMILIES))
    rows = [
        [
            element("th", {"scope": "row", "class": "data", "title": each.label}, each.label),
            element("td", {"class": "number"}, f"{len(each.members):,}"),
            *(_field(heat, each, number, family) for family in shown),
        ]
        for number, each in enumerate(heat.lines[:MOST_LINES])
    ]
    heads = [
        element("th", {"scope": "col"}, "such as"),
        element("th", {"scope": "col", "class": "number"}, "images"),
        *(element("th", {"scope": "col", "class": "data"}, f"{heat.families[f]} ({heat.sizes[f]:,})") for f in shown),
    ]
    more = [
        f"{count:,} more {what}"
        for count, what in (
            (len(heat.lines) - MOST_LINES, "lines of images"),
            (len(heat.families) - MOST_FAMILIES, "families"),
        )
        if count > 0
    ]
    return element(
        "section",
        None,
        element("h2", None, "Images with families of ECSs"),
        element(
            "p",
            {"class": "soft"},
            "✓ so many of a family fit the image; ? none does, and so many are undecided; ✕ none fits. "
            "Images that fit alike stand in one line.",
        ),
        table("How many ECSs of each family fit each image", heads, rows, "heat"),
        element("p", {"class": "soft"}, f"and {', '.join(more)}") if more else None,
    )


def _field(heat: Heat, each: Line, number: int, family: int) -> Node:
    fit, open_, size = each.compatible[family], each.undecided[family], heat.sizes[family]
    style, text = ("bad", "✕")
    if fit:
        style, text = ("good" if fit == size else "some"), (f"✓ {fit:,}" if fit == size else f"✓ {fit:,}/{size:,}")
    elif open_:
        style, text = "open", f"? {open_:,}" if open_ == size else f"? {open_:,}/{size:,}"
    title = f"{heat.families[family]}: {fit:,} of {size:,} fit, {open_:,} undecided"
    pick = {"class": "pick", "data-kind": "heat", "data-at": str(number), "data-other": str(family), "title": title}
    return element("td", {"class": style}, element("span", pick, text))
