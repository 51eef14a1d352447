"""Pages of HTML as tests read them: their elements, what is seen of them without scripts, and their data."""

from __future__ import annotations

import json
from base64 import b64decode
from html.parser import HTMLParser
from typing import Any

SCRIPTED = {"script", "style"}


class Page(HTMLParser):
    """A page as elements with attributes, the texts of scripts and styles, and the text that is seen without them."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.contents: dict[str, list[str]] = {"script": [], "style": []}
        self.text = self.heading = ""
        self._cells: list[tuple[str, str]] = []
        self._is_in_cell = False
        self._inside: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in ("th", "td"):
            self._cells.append((tag, ""))
            self._is_in_cell = True
        self._inside = tag if tag in {*SCRIPTED, "h1"} else None

    def handle_endtag(self, tag: str) -> None:
        self._inside = None
        if tag in ("th", "td"):
            self._is_in_cell = False

    def handle_data(self, data: str) -> None:
        if self._inside == "h1":
            self.heading = data
        if self._inside not in SCRIPTED:
            self.text += data
            if self._is_in_cell:
                self._cells[-1] = self._cells[-1][0], self._cells[-1][1] + data
        else:
            self.contents[self._inside].append(data)

    def cells(self, tag: str) -> list[str]:
        """Return the texts of the headings (``th``) or the cells (``td``) of tables."""
        return [text for name, text in self._cells if name == tag]

    @property
    def data(self) -> Any:
        return json.loads(self.contents["script"][0])

    def decoded(self, column: str) -> list[str | None]:
        """Return a column of the data as the script reads it."""
        (told,) = (each for each in self.data["columns"] if each["name"] == column)
        count = self.data["rows"]["count"]
        if "codes" not in told:
            return told["values"] if len(told["values"]) == count else told["values"] * count
        return [told["values"][code] for code in unpacked(told["codes"])]


def unpacked(told: dict[str, Any]) -> list[int]:
    raw = b64decode(told["numbers"])
    return [int.from_bytes(raw[at : at + told["bytes"]], "little") for at in range(0, len(raw), told["bytes"])]


def is_alone(page: Page, has_styles: bool = False) -> bool:
    """Whether a page loads nothing: no element names something to load, links go to the web or within the page.

    Styles stand in elements of a fragment alone, and load nothing there.
    """
    named = [(tag, a) for tag, a in page.elements if {"src", "srcset", "data", "action", "background"} & a.keys()]
    links = [str(a["href"]) for tag, a in page.elements if "href" in a]
    handlers = [a for _, a in page.elements if any(name.startswith("on") for name in a)]
    styles = [str(a["style"]) for _, a in page.elements if "style" in a]
    sheet = "".join(page.contents["style"]).replace("url(#hatch)", "")
    tags = {tag for tag, _ in page.elements}
    return (
        not named
        and not handlers
        and not tags & {"iframe", "object", "embed", "img", "link", "base", "form", "audio", "video"}
        and all(link.startswith(("#", "http://", "https://")) for link in links)
        and (has_styles or not styles)
        and not any(word in text for word in ("url(", "@import", "expression") for text in (*styles, sheet))
    )
