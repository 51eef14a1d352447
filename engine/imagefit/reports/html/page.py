"""A report as one page of HTML that needs nothing else: no network, no server, no other file.

What was found stands in it as elements; the candidates as data, which the scripts of `static/` show, filter and sort.
A content policy names the one script and the one style that may act, by their digests.
"""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib.resources import files
from typing import BinaryIO

from imagefit.conditions import TRUE
from imagefit.escaping import in_script, line
from imagefit.reports.html.contents import SIGNS, STYLES, Contents, verdict_line
from imagefit.reports.html.elements import Node, bar, element, link, markup, raw, table, write_markup
from imagefit.reports.html.found import found_sections
from imagefit.reports.html.heat import heat_section
from imagefit.reports.html.rows import rule_name
from imagefit.reports.tree import condition_lines
from imagefit.rulepack.pack import Pack, Rule
from imagefit.verdicts import VerdictKind

__all__ = ["page_html", "write_page"]

VERSION = sys.modules["imagefit"].__version__  # the package above all, which is there, and is not imported from
SCRIPTS = ("data.js", "filter.js", "table.js", "one.js", "page.js")
WITHOUT_SCRIPTS = 100
"""So many candidates are shown where no script runs."""


def page_html(report: Contents) -> str:
    """Return the page."""
    return f"{DOCTYPE}{markup(_page(report))}\n"


def write_page(file: BinaryIO, report: Contents) -> None:
    """Write the page, which is not in memory as a whole."""
    file.write(DOCTYPE.encode())
    write_markup(file, _page(report))
    file.write(b"\n")


def _page(report: Contents) -> Node:
    data = report.rows.data(report.pack, [each.rule for each in report.stopped])
    if report.heat is not None:
        data["heat"] = report.heat.data(list(report.rows.columns))
    rules = [rule["id"] for rule in data["rules"]]
    text = in_script(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
    del data  # which takes several times the room of its text
    style = _static("page.css")
    script = '"use strict";\n(() => {\n' + "\n".join(map(_static, SCRIPTS)) + "})();\n"
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    return element(
        "html",
        {"lang": "en"},
        element(
            "head",
            None,
            element("meta", {"charset": "utf-8"}),
            element("meta", {"http-equiv": "Content-Security-Policy", "content": policy}),
            element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
            element("meta", {"name": "referrer", "content": "no-referrer"}),
            element("meta", {"name": "color-scheme", "content": "light dark"}),
            element("title", None, f"{_title(report)} – imagefit {report.verb}"),
            raw("style", style),
        ),
        element(
            "body",
            None,
            element("a", {"class": "skip", "href": "#candidates"}, "To the candidates"),
            _pattern(),
            _header(report),
            element("main", None, *_sections(report, rules)),
            _footer(report),
            raw("script", text, DATA),
            raw("script", script),
        ),
    )


DOCTYPE = "<!DOCTYPE html>\n"
DATA = {"type": "application/json", "id": "data"}


def _title(report: Contents) -> str:
    """Return the verdict in a few words, of one candidate with what it is called."""
    name = next((key for key, _ in report.rows.first(1)), "") if report.size == 1 else ""
    return verdict_line(report.counts, report.noun, "" if name.isdigit() else name)


def _static(name: str) -> str:
    return files("imagefit.reports.html").joinpath("static", name).read_text("utf-8")


def _digest(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode("ascii")


def _pattern() -> Node:
    """Return the hatching of what is undecided, so that its colour does not stand alone."""
    pattern = {"id": "hatch", "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"}
    return element(
        "svg",
        {"width": "0", "height": "0", "class": "unseen", "aria-hidden": "true"},
        element(
            "defs",
            None,
            element(
                "pattern",
                {**pattern, "patternTransform": "rotate(45)"},
                element("rect", {"width": "6", "height": "6"}),
                element("path", {"d": "M0 0V6"}),
            ),
        ),
    )


def _header(report: Contents) -> Node:
    titles = "; ".join(report.pack.operations[name].title for name in report.operations)
    counts = [(kind, report.counts.get(kind, 0)) for kind in VerdictKind]
    shares = [f"{count:,} {kind} ({_share(count, report.size)})" for kind, count in counts]
    return element(
        "header",
        None,
        element(
            "p",
            {"class": "over"},
            element("span", None, f"imagefit {report.verb}"),
            element("span", None, f"{report.pack.name} {report.pack.version}"),
        ),
        element("h1", {"class": "data"}, _title(report)),
        element("p", {"class": "data"}, "; ".join(filter(None, (titles, report.of)))),
        bar([(STYLES[kind], count) for kind, count in counts], report.size, "whole", ", ".join(shares)),
        element(
            "ul",
            {"class": "counts"},
            *(
                element(
                    "li",
                    {"class": STYLES[kind]},
                    element("b", None, element("span", {"aria-hidden": "true"}, f"{SIGNS[kind]} "), f"{count:,}"),
                    f" {kind} ",
                    element("span", {"class": "soft"}, _share(count, report.size)),
                )
                for kind, count in counts
            ),
        ),
        *(element("p", {"class": "soft data"}, note) for note in report.notes),
    )


def _share(count: int, size: int) -> str:
    return f"{100 * count / size:.1f} %" if size else "none"


def _sections(report: Contents, rules: Sequence[str]) -> Iterator[Node]:
    if report.size > 1:
        yield element("div", {"class": "found"}, *found_sections(report, rules))
    if report.heat is not None:
        yield heat_section(report.heat)
    yield element(
        "section",
        {"id": "candidates", "aria-labelledby": "of-candidates"},
        element("h2", {"id": "of-candidates"}, report.noun.capitalize()),
        element("noscript", None, *_without_scripts(report)),
        element("div", {"id": "printed"}),
    )
    if (written := _written(report, rules)) is not None:
        yield written


def _without_scripts(report: Contents) -> Iterator[Node]:
    """Yield the first candidates, for where no script runs: a preview of a mail."""
    rows = []
    for key, case in report.rows.first(WITHOUT_SCRIPTS):
        why = "; ".join(text or id_ for id_, _, text in case.rules)
        rows.append(
            [
                element("td", {"class": STYLES[case.verdict]}, f"{SIGNS[case.verdict]} {case.verdict}"),
                element("td", {"class": "data"}, key),
                element("td", {"class": "data"}, why),
            ]
        )
    yield element(
        "p", None, f"To search and filter, open this file in a browser that runs its script. {len(rows)} rows:"
    )
    yield table(
        "The first rows", (element("th", {"scope": "col"}, name) for name in ("verdict", "candidate", "why")), rows
    )


def _written(report: Contents, rules: Sequence[str]) -> Node | None:
    """Return the rules that say something, with what they require, and where they are written."""
    if not rules:
        return None
    by_name = {line(rule_name(rule)): rule for rule in reversed(report.pack.rules)}
    return element(
        "section",
        {"class": "written"},
        element("h2", None, "Rules, and where they are written"),
        element("p", {"class": "soft"}, "Those that say something of a candidate here."),
        *(_rule(by_name[name], place, report.pack) for place, name in enumerate(rules)),
    )


def _rule(rule: Rule, place: int, pack: Pack) -> Node:
    source = pack.sources.get(rule.source.document)
    where = ", ".join(filter(None, (source.title if source else rule.source.document, rule.source.section)))
    trees = []
    for title, condition in (("Applies when", rule.when), ("Requires", rule.require)):
        if condition != TRUE:
            lines = [
                element("li", {"class": f"data d{min(depth, 3)}"}, text)
                for depth, text in condition_lines(condition, pack.fields)
            ]
            trees += [element("p", {"class": "soft"}, title), element("ul", {"class": "tree"}, *lines)]
    return element(
        "details",
        {"id": f"rule-{place}"},
        element(
            "summary",
            None,
            element("span", {"class": "id"}, rule_name(rule)),
            element("span", {"class": "soft"}, f" {rule.severity} "),
            element("span", {"class": "data"}, rule.title),
        ),
        element("p", {"class": "soft"}, "Source: ", link(where, source.address if source else "")),
        *trees,
    )


def _footer(report: Contents) -> Node:
    return element(
        "footer",
        None,
        element("p", None, f"{report.pack.title or report.pack.name}."),
        element(
            "p", {"class": "id"}, f"{report.pack.name} {report.pack.version}, {report.pack.digest}; imagefit {VERSION}"
        ),
        element(
            "p", None, "Compatible means that no rule of the pack speaks against it, not that the cloud has agreed."
        ),
    )
