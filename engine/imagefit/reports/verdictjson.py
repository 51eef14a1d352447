"""The verdicts of a check as JSON: an object with the pack and all of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from imagefit.facts import Origin
from imagefit.reports.findings.model import Checked, Report
from imagefit.reports.jsontext import FORMAT_VERSION, json_text
from imagefit.reports.tree import condition_dict
from imagefit.verdicts import PackRef, json_value
from imagefit.verdicts.plans import plans_dict

__all__ = ["report_json", "verdict_data"]

MOST_INDENTED = 100
"""Of more verdicts, each stands on a line: nobody reads them, and indenting takes ten times as long as the rest."""


def report_json(report: Report) -> str:
    """Return what a check prints: an object with the pack and all verdicts."""
    data = [verdict_data(checked, report) for checked in report.checked]
    head = {"format_version": FORMAT_VERSION, "pack": PackRef.of(report.pack).to_dict()}
    if len(data) <= MOST_INDENTED:
        return json_text({**head, "verdicts": data}) + "\n"
    lines = ",\n".join(json_text(each, None) for each in data)
    return f'{json_text(head, None)[:-1]}, "verdicts": [\n{lines}\n]}}\n'


def verdict_data(checked: Checked, report: Report) -> dict[str, Any]:
    """Return a verdict as JSON data, with what it is of.

    Of a report that explains, also its facts, their origins and each rule's conditions.
    """
    verdict, pack, explain = checked.verdict, report.pack, report.explain
    told = verdict.to_dict()
    if (found := report.plans_of(verdict)) is not None:
        told |= plans_dict(found, report.deciding_of(verdict))
    data = {"key": told.pop("key")} | {
        name: None if side is None else asdict(side) for name, side in (("image", checked.image), ("ecs", checked.ecs))
    }
    data |= told | ({} if checked.known is None else {"known": sorted(checked.known)})
    for shown in data["rules"] if explain else ():
        rule = pack.rule(shown["rule"])
        shown["when"] = condition_dict(rule.when, verdict.facts)
        shown["require"] = condition_dict(rule.require, verdict.facts)
    if explain:
        data["facts"] = {
            name: {"value": json_value(value)} | _origin(verdict.origins.get(name))
            for name, value in sorted(verdict.facts.items())
        }
    return data


def _origin(origin: Origin | None) -> dict[str, Any]:
    return {} if origin is None else {"origin": {"kind": origin.kind.value, "detail": origin.detail}}
