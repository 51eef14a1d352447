"""Verdicts of a check as a page: each with all that it says, plans in their words, and what to ask the cloud for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from imagefit.auditing.levers import Lever, Levers
from imagefit.columns.column import Encoded
from imagefit.columns.stacking import encode_facts
from imagefit.explanations.remedies.effects import filled
from imagefit.facts import OriginKind, show_value
from imagefit.reports.findings.model import Checked, Report, Side
from imagefit.reports.html.contents import Contents, Missing, Stopped
from imagefit.reports.html.facts import distinct, fact_columns
from imagefit.reports.html.page import page_html
from imagefit.reports.html.rows import FAILS, NOTED, OPEN, WAIVES, Case, Coded, PlanText, Rows, StepText
from imagefit.reports.plans import cost_words
from imagefit.rulepack.pack import Outcome, Pack, Severity
from imagefit.rulepack.words import WAIVED
from imagefit.supply import flag
from imagefit.verdicts import NOTED as NOTED_BY
from imagefit.verdicts import Plan, Plans, RuleResult, Verdict, VerdictKind

__all__ = ["report_html"]


def report_html(report: Report) -> str:
    """Return the verdicts of a check as a page."""
    verdicts, pack, plans = [checked.verdict for checked in report.checked], report.pack, report.plans or 0
    found = [(report.plans_of(verdict) if verdict.planner is not None else None) or Plans() for verdict in verdicts]
    rows = Rows()
    cases = [_case(verdict, own, plans > 0) for verdict, own in zip(verdicts, found, strict=True)]
    columns = [
        *_labels(report.checked),
        *fact_columns(_encoded(verdicts, pack), pack),
    ]
    rows.add(cases, np.arange(len(cases)), columns)
    contents = Contents(
        verb="check",
        noun="candidates",
        of="",
        pack=pack,
        operations=list(dict.fromkeys(verdict.operation for verdict in verdicts)),
        counts={kind: sum(verdict.verdict is kind for verdict in verdicts) for kind in VerdictKind},
        stopped=_stopped(verdicts),
        missing=_missing(verdicts, pack),
        rows=rows,
        levers=_levers(verdicts, found, pack) if plans else None,
        notes=_notes(verdicts),
    )
    return page_html(contents)


def _case(verdict: Verdict, plans: Plans, are_wanted: bool) -> Case:
    rules = [
        (result.rule, outcome, result.message) for result in verdict.rules if (outcome := _says(result)) is not None
    ]
    return Case(
        verdict.verdict,
        verdict.operation,
        tuple(sorted(rules, key=lambda rule: rule[1])),
        verdict.missing,
        verdict.notes,
        tuple(map(_plan, plans)),
        are_wanted and not plans and verdict.verdict is VerdictKind.INCOMPATIBLE,
        tuple((ask.command, ask.option) for ask in verdict.ask),
    )


def _says(result: RuleResult) -> int | None:
    """Return what a rule says, by its number in a case; None if nothing that counts."""
    if result.severity is Severity.ERROR:
        return {Outcome.FAIL: FAILS, Outcome.UNKNOWN: OPEN}.get(result.outcome)
    if NOTED_BY[result.severity] is not result.outcome:
        return None
    return WAIVES if result.rule.startswith(WAIVED) else NOTED


def _plan(plan: Plan) -> PlanText:
    steps = [
        StepText(f"{step.text}{f': {step.chosen}' if step.chosen else ''}", step.by, cost_words(step.cost))
        for step in plan.steps
    ]
    fits = plan.verdict == VerdictKind.COMPATIBLE
    after = ["Then it fits." if fits else "Then nothing known speaks against it."]
    after += [f"It then warns: {rule}." for rule in plan.warnings]
    after += [f"This rests on {', '.join(plan.relies_on)}."] if plan.relies_on else []
    return PlanText(tuple(steps), tuple(after))


def _labels(found: Sequence[Checked]) -> list[Coded]:
    """Return what candidates are called: their images and ECSs, or their keys; planned changes by their addresses."""
    made = []
    is_planned = any(checked.place.address for checked in found)
    for name, title in (("image", "Image"), ("ecs", "ECS")):
        sides: list[Side] = [getattr(checked, name) or Side() for checked in found]
        if any(side != Side() for side in sides):
            if not is_planned:
                made.append(_column(name, "label", title, [side.name or side.id or side.file for side in sides]))
            made.append(_column(f"{name} id", "own", "", [side.id for side in sides]))
            made.append(_column(f"{name} file", "own", "", [side.file for side in sides]))
    if is_planned or not made or any(checked.image is None and checked.ecs is None for checked in found):
        keys = [checked.verdict.key or checked.verdict.operation for checked in found]
        made.insert(0, _column("key", "label", "Candidate", keys))
    return made


def _column(name: str, kind: str, title: str, texts: Sequence[str]) -> Coded:
    column = Coded(name, kind, title)
    column.add(*distinct([text or None for text in texts]))
    return column


def _encoded(verdicts: Sequence[Verdict], pack: Pack) -> Encoded:
    encoded = encode_facts([verdict.facts for verdict in verdicts], pack.fields)
    assumed = {}
    for name in encoded.columns:
        origins = [verdict.origins.get(name) for verdict in verdicts]
        mask = np.array([origin is not None and origin.kind is OriginKind.ASSUMED for origin in origins])
        if mask.any():
            assumed[name] = mask
    return Encoded(encoded.rows, encoded.columns, assumed)


def _stopped(verdicts: Sequence[Verdict]) -> list[Stopped]:
    stops = Counter(result.rule for verdict in verdicts for result in verdict.failed)
    alone = Counter(verdict.failed[0].rule for verdict in verdicts if len(verdict.failed) == 1)
    undecided = Counter(result.rule for verdict in verdicts for result in verdict.undecided)
    found = [Stopped(rule, stops[rule], alone[rule], undecided[rule]) for rule in {**stops, **undecided}]
    return sorted(found, key=lambda each: (-each.stops, -(each.alone or 0), -each.open, each.rule))


def _missing(verdicts: Sequence[Verdict], pack: Pack) -> list[Missing]:
    counts = Counter(fact for verdict in verdicts for fact in verdict.missing)
    return [
        Missing(name, count, len(verdicts), "", flag(pack.fields[name]))
        for name, count in counts.most_common()
        if name in pack.fields
    ]


def _notes(verdicts: Sequence[Verdict]) -> list[str]:
    """Say what was assumed."""
    assumed = Counter(
        f"{name} = {show_value(value)}" for verdict in verdicts for name, value in verdict.assumed.items()
    )
    return [f"{text} was assumed{f' in {count:,}' if len(verdicts) > 1 else ''}." for text, count in assumed.items()]


def _levers(verdicts: Sequence[Verdict], plans: Sequence[Plans], pack: Pack) -> Levers:
    """Return which remedies are a whole plan of how many candidates that do not fit."""
    unfit = [own for verdict, own in zip(verdicts, plans, strict=True) if verdict.verdict is VerdictKind.INCOMPATIBLE]
    counts: Counter[tuple[str, bool]] = Counter()
    for own in unfit:
        counts.update(
            {(plan.remedies[0], plan.verdict == VerdictKind.COMPATIBLE) for plan in own if len(plan.steps) == 1}
        )
    found = []
    for name in dict.fromkeys(name for name, _ in counts):
        remedy = pack.remedies[name]
        text = filled(remedy.text, {}, pack.fields)
        found.append(Lever(name, text, remedy.actor, remedy.cost, counts[name, True], counts[name, False]))
    found.sort(key=lambda lever: (-lever.rows, lever.remedy))
    return Levers(tuple(found), planned=sum(map(bool, unfit)), without=sum(not own for own in unfit))
