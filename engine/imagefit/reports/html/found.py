"""What was found, as plots in tables: which rules stop candidates, what would make them fit, what is not known.

Each plot stands beside its numbers, so that who does not see it loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from imagefit.escaping import line
from imagefit.reports.html.contents import Contents
from imagefit.reports.html.elements import Node, bar, element, table
from imagefit.reports.html.rows import rule_name
from imagefit.reports.plans import cost_words
from imagefit.rulepack.pack import Pack, Severity

__all__ = ["found_sections"]

SHOWN = 10
"""So many rows of a table are shown before it is opened."""


def found_sections(report: Contents, rules: Sequence[str]) -> list[Node]:
    """Return the sections that there is something to say in; `rules` are those that the scripts know, in order."""
    sections = (_funnel(report, rules), _levers(report), _missing(report))
    return [section for section in sections if section is not None]


def _section(title: str, *children: Node | None) -> Node:
    return element("section", None, element("h2", None, title), *children)


def _key(*entries: tuple[str, str]) -> Node:
    """Return what the styles of a plot mean."""
    made = element("ul", {"class": "key"})
    for style, text in entries:
        square = element("rect", {"width": "100%", "height": "100%", "class": style})
        made.append(element("li", None, element("svg", {"aria-hidden": "true"}, square), text))
    return made


def _tables(caption: str, what: str, numbers: Sequence[str], rows: Sequence[Sequence[Node]]) -> list[Node]:
    """Return rows with plots as a table, and those beyond the first few as one to be opened."""
    made = []
    for some in (rows[:SHOWN], rows[SHOWN:]):
        heads = [_head(what), *(_head(name, "number") for name in numbers), element("td", {"class": "plot"})]
        made += [table(caption, heads, some)] if some else []
    if len(made) > 1:
        more = element("summary", {"class": "soft"}, f"and {len(rows) - SHOWN:,} more")
        made[1:] = [element("details", None, more, made[1])]
    return made


def _funnel(report: Contents, rules: Sequence[str]) -> Node | None:
    """Return the rules that stop candidates, with how many."""
    stopped = [each for each in report.stopped if report.pack.rule(each.rule).severity is Severity.ERROR]
    stopped = [each for each in stopped if each.stops or each.open]
    if not stopped:
        return None
    most = max(each.stops + each.open for each in stopped)
    is_alone = any(each.alone is not None for each in stopped)
    rows = []
    for each in stopped:
        alone = each.alone or 0
        parts = [("bad", alone), ("part", each.stops - alone), ("open", each.open)]
        numbers = [each.stops, *([alone] if is_alone else ()), each.open]
        rows.append([_rule_head(each.rule, report.pack, rules), *map(_number, numbers), _plot(bar(parts, most))])
    heads = ["stops", *(["alone"] if is_alone else ()), "open"]
    of = f"Rules, and the {report.noun} that each stops, stops alone, and leaves undecided"
    return _section(
        "What stops them",
        _key(("bad", "stopped by this rule alone"), ("part", "by others, too"), ("open", "undecided")),
        *_tables(of, "rule", heads, rows),
    )


def _levers(report: Contents) -> Node | None:
    """Return the remedies that make candidates fit, with how many."""
    levers = report.levers
    if levers is None or not (levers.planned or levers.without):
        return None
    most = max((lever.rows for lever in levers.single), default=0)
    rows = []
    for lever in levers.single:
        costs = "; ".join(filter(None, (lever.by, cost_words(lever.cost))))
        head = element(
            "th",
            {"scope": "row"},
            element("span", {"class": "data"}, lever.text),
            element("span", {"class": "title"}, element("span", {"class": "id"}, lever.remedy), f" {costs}"),
        )
        plot = bar([("good", lever.fits), ("open", lever.clears)], most)
        rows.append([head, _number(lever.fits), _number(lever.clears), _plot(plot)])
    of = f"Remedies, and the {report.noun} that each alone makes fit, or leaves nothing known against"
    told = [f"Of those that do not fit, {levers.planned:,} have a plan of up to three steps, {levers.without:,} none."]
    if len(levers.together) > 1:
        told.insert(0, f"Together, {', '.join(levers.together)} help {levers.together_rows:,}.")
    return _section(
        "What would make them fit",
        _key(("good", "then it fits"), ("open", "then nothing known speaks against it")),
        *_tables(of, "remedy", ["fit", "open"], rows),
        element("p", {"class": "data"}, " ".join(told)),
    )


def _missing(report: Contents) -> Node | None:
    """Return the facts that keep candidates undecided."""
    if not report.missing:
        return None
    facts = dict.fromkeys(fact for case in report.rows.cases for fact in case.missing)
    places = {name: place for place, name in enumerate(facts)}
    rows = []
    for each in report.missing:
        of = report.pack.fields.get(each.fact)
        head = element(
            "th",
            {"scope": "row"},
            _pick(each.fact, "missing", places.get(each.fact)),
            element("span", {"class": "title"}, of.meaning if of else ""),
            element("span", {"class": "title id data"}, each.flag),
        )
        whose = f" of {each.of:,} {each.whose}" if each.whose else ""
        rows.append([head, _number(each.lacking, whose), _plot(bar([("open", each.lacking)], each.of))])
    return _section("What is not known", *_tables("Facts that keep verdicts undecided", "fact", ["lacking"], rows))


def _pick(text: str, kind: str, place: int | None) -> Node:
    """Return what a script makes a button of, which shows the candidates of it."""
    chosen = None if place is None else str(place)
    name = "data id" if chosen is None else "pick data id"
    return element("span", {"class": name, "data-kind": kind if chosen else None, "data-at": chosen}, text)


def _rule_head(id_: str, pack: Pack, rules: Sequence[str]) -> Node:
    rule = pack.rule(id_)
    name = line(rule_name(rule))
    place = rules.index(name) if name in rules else None
    title = element("span", {"class": "title data"}, rule.title)
    return element("th", {"scope": "row"}, _pick(rule_name(rule), "rule", place), title)


def _head(text: str, style: str | None = None) -> Node:
    return element("th", {"scope": "col", "class": style}, text)


def _number(count: int, more: str = "") -> Node:
    return element("td", {"class": "number"}, f"{count:,}", element("span", {"class": "soft"}, more) if more else None)


def _plot(node: Node) -> Node:
    return element("td", {"class": "plot"}, node)
