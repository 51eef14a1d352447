"""The facts of a pack as text: all of them in a list, or one with all that is known of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from imagefit.facts import Field, show_value
from imagefit.reports.layout import Page
from imagefit.reports.words import gist, least_text
from imagefit.rulepack.pack import Pack, Rule
from imagefit.supply import flag
from imagefit.verdicts import json_value

__all__ = ["fact_data", "fact_list", "fact_text"]

_LABELS = 13


def fact_list(facts: Iterable[Field], *, width: int = 80, colour: bool = False) -> str:
    """Return facts as a table of name, type and meaning."""
    page = Page(width, colour)
    page.table([("FACT", "TYPE", "MEANING"), *((f.name, _kind(f), gist(f.meaning)) for f in facts)], 0, [32, 12])
    return str(page)


def fact_text(fact: Field, pack: Pack, *, width: int = 80, colour: bool = False) -> str:
    """Return what the pack says of a fact: type, meaning, where it comes from, which rules look at it."""
    page = Page(width, colour)
    page.text(fact.name, style="name")
    page.text(fact.meaning)
    page.blank()
    page.labelled("type", _type(fact), 0, _LABELS, "dim")
    if fact.example is not None:
        page.labelled("example", show_value(fact.example), 0, _LABELS, "dim")
    page.labelled("to give it", flag(fact), 0, _LABELS, "dim")
    for default in (each for each in pack.assumptions.values() if each.fact == fact.name):
        page.labelled("assumed", f"{show_value(default.value)}: {default.meaning}", 0, _LABELS, "dim")
    page.blank()
    _calls(page, fact, pack)
    rules = rules_of(fact, pack)
    page.text("Rules that look at it:" if rules else "No rule looks at it.", style="strong")
    page.table([(rule.id, rule.title) for rule in rules], 2, [36])
    return str(page)


def fact_data(fact: Field, pack: Pack) -> dict[str, Any]:
    """Return the same as JSON data."""
    return {
        "fact": fact.name,
        "type": fact.type.value,
        "values": list(fact.values),
        "elements": fact.elements,
        "unit": fact.unit,
        "at_least": fact.at_least,
        "meaning": fact.meaning,
        "example": json_value(fact.example),
        "supplied_by": [
            {"call": call.name, "api": call.api, "command": call.typed({}), "terraform": call.terraform}
            | {"option": f"{call.option} {call.file}"}
            for call in (pack.calls[name] for name in fact.supplied_by)
        ],
        "rules": [rule.id for rule in rules_of(fact, pack)],
    }


def rules_of(fact: Field, pack: Pack) -> list[Rule]:
    """Return the rules that look at a fact."""
    return [rule for rule in pack.rules if fact.name in rule.facts]


def _calls(page: Page, fact: Field, pack: Pack) -> None:
    if not fact.supplied_by:
        page.text("No call of the cloud supplies it: somebody has to say it.", style="strong")
        page.blank()
        return
    page.text("It comes from:", style="strong")
    for call in (pack.calls[name] for name in fact.supplied_by):
        where = f" (for {', '.join(call.operations)})" if call.operations else ""
        page.hanging(call.title + where, 2)
        for label, text in (("api", call.api), ("terraform", call.terraform)):
            if text:
                page.labelled(label, text, 4, _LABELS + 4, "dim")
        page.line((call.typed({}), None), indent=4)  # not wrapped: it is to be pasted
        page.line((f"then {call.option} {call.file}", "dim"), indent=6)
    page.blank()


def _kind(fact: Field) -> str:
    return f"{fact.type}, {fact.unit}" if fact.unit else fact.type.value


def _type(fact: Field) -> str:
    if fact.values:
        return f"{fact.type}: {', '.join(fact.values)}"
    if fact.elements:
        return f"{fact.type} of {fact.elements}"
    return _kind(fact) + least_text(fact)
