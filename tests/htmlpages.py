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
        self._inside: str | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag if tag in {*SCRIPTED, "h1"} else None

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside == "h1":
            self.heading = data
        if self._inside not in SCRIPTED:
            self.text += data
        else:
            self.contents[self._inside].append(data)

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


def is_alone(page: Page) -> bool:
    """Whether a page loads nothing: no element names something to load, links go to the web or within the page."""
    named = [(tag, a) for tag, a in page.elements if {"src", "srcset", "data", "action", "background"} & a.keys()]
    links = [str(a["href"]) for tag, a in page.elements if "href" in a]
    handlers = [a for _, a in page.elements if any(name.startswith("on") or name == "style" for name in a)]
    tags = {tag for tag, _ in page.elements}
    return (
        not named
        and not handlers
        and not tags & {"iframe", "object", "embed", "img", "link", "base", "form", "audio", "video"}
        and all(link.startswith(("#", "http://", "https://")) for link in links)
        and "url(" not in page.contents["style"][0].replace("url(#hatch)", "")
        and "@import" not in page.contents["style"][0]
    )
