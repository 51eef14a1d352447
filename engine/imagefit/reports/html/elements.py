"""Elements of HTML, made from names, attributes and texts: whatever stands in a text, it stays a text.

Every text passes `escaping.line`, so that no hidden character acts either, and the serializer escapes the rest; only
`raw` puts in what is ours, a script or a style.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import BinaryIO
from xml.etree import ElementTree

from imagefit.escaping import address, line

__all__ = ["Node", "bar", "element", "link", "markup", "raw", "table", "write_markup"]

Node = ElementTree.Element


def element(name: str, attributes: Mapping[str, str | None] | None = None, *children: Node | str | None) -> Node:
    """Return an element; an attribute or a child that is None is left out."""
    made = ElementTree.Element(name, {k: line(v) for k, v in (attributes or {}).items() if v is not None})
    last: Node | None = None
    for child in children:
        if isinstance(child, str):
            if last is None:
                made.text = (made.text or "") + line(child)
            else:
                last.tail = (last.tail or "") + line(child)
        elif child is not None:
            made.append(child)
            last = child
    return made


def raw(name: str, content: str, attributes: Mapping[str, str] | None = None) -> Node:
    """Return a script or a style with a content of ours, which is written as it is."""
    made = ElementTree.Element(name, dict(attributes or {}))
    made.text = content
    return made


def link(text: str, target: str) -> Node:
    """Return a link to the web, or the text alone where there is no address."""
    if not target.lower().startswith(("http://", "https://")):
        return element("span", {"class": "data"}, text)
    return element("a", {"href": address(target), "rel": "noopener noreferrer", "target": "_blank"}, text)


def table(caption: str, head: Iterable[Node], rows: Iterable[Iterable[Node]], name: str | None = None) -> Node:
    """Return a table that can be scrolled to the side; its caption is for those who do not see it."""
    made = element(
        "table",
        {"class": name},
        element("caption", {"class": "unseen"}, caption),
        element("thead", None, element("tr", None, *head)),
        element("tbody", None, *(element("tr", None, *cells) for cells in rows)),
    )
    return element("div", {"class": "wide", "role": "region", "aria-label": caption, "tabindex": "0"}, made)


def bar(parts: Iterable[tuple[str, int]], most: int, name: str = "bar", label: str | None = None) -> Node:
    """Return a plot: parts of a whole, each with its style; a label says what it shows, where no numbers do."""
    shown, start = [], 0.0
    for style, size in parts:
        width = 100 * size / max(most, 1)
        if size:
            shown.append(
                element("rect", {"class": style, "x": f"{start:.3f}%", "width": f"{width:.3f}%", "height": "100%"})
            )
        start += width
    said = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    return element("svg", {"class": name, **said}, *shown)


def write_markup(file: BinaryIO, node: Node) -> None:
    """Write an element as HTML, bit by bit."""
    ElementTree.ElementTree(node).write(file, encoding="utf-8", method="html")


def markup(node: Node) -> str:
    """Return an element as HTML."""
    return ElementTree.tostring(node, encoding="unicode", method="html")
