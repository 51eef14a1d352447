"""Many verdicts of a check as text: what is the same of several stands once, with those whom it concerns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from imagefit.facts import show_value
from imagefit.reports.findings.model import ORDER, Checked, Report
from imagefit.reports.layout import Page
from imagefit.reports.sources import source_text
from imagefit.reports.words import VERDICT_STYLES, counterpart, first_names
from imagefit.rulepack.pack import Outcome, Severity
from imagefit.supply import flag
from imagefit.verdicts import RuleResult, VerdictKind, missing_text

__all__ = ["grouped_text"]

NAMED, REASONS, REMEDIES, ASKED = 6, 4, 3, 3
"""So many candidates are named at a time, reasons and remedies of a rule shown, and calls to ask the cloud."""

_LABELS = 13

T = TypeVar("T", bound=Hashable)
_Found = Mapping[str, Mapping[str, Sequence[tuple[str, RuleResult]]]]
"""By rule and by message: what the candidates are called, and what the rule says of each."""


def grouped_text(report: Report) -> str:
    """Return the verdicts as text: a block a rule with its reasons, then what would decide, then what is compatible."""
    page = Page(report.width, report.colour)
    named = list(zip(_names(report), report.checked, strict=True))
    _head(page, report)
    _rules(page, _found(named, Severity.ERROR), report, "bad")
    _undecided(page, [(name, each) for name, each in named if each.verdict.verdict is VerdictKind.UNKNOWN], report)
    _rules(page, _found(named, Severity.WARNING), report, "open")
    _rules(page, _found(named, Severity.NOTICE), report, "name")
    fit = [name for name, each in named if each.verdict.verdict is VerdictKind.COMPATIBLE]
    if fit:
        page.blank()
        page.labelled("compatible", first_names(fit, NAMED), 0, _LABELS, VERDICT_STYLES[VerdictKind.COMPATIBLE])
    page.blank()
    page.text("Each by itself, with plans: --explain. A line a finding: --format concise.", style="dim")
    return f"{page}\n"


def _head(page: Page, report: Report) -> None:
    verdicts = [each.verdict for each in report.checked]
    operations = Counter(verdict.operation for verdict in verdicts)
    titles = {name: report.pack.operations[name].title for name in operations}
    told = ", ".join(titles[name] + (f" ({count:,})" if len(titles) > 1 else "") for name, count in operations.items())
    page.text(f"{len(verdicts):,} checked: {told}", style="strong")
    digits = len(f"{len(verdicts):,}")
    for kind in ORDER:
        if count := report.count(kind):
            page.line((f"{count:>{digits},}  ", None), (str(kind), VERDICT_STYLES[kind]), indent=2)
    assumed = Counter(
        f"{name} = {show_value(value)}" for verdict in verdicts for name, value in verdict.assumed.items()
    )
    for label, texts in (
        ("assumed", assumed),
        ("note", Counter(note for verdict in verdicts for note in verdict.notes)),
    ):
        for text, count in texts.most_common(NAMED):
            page.labelled(label, text + _of(count, len(verdicts)), 2, _LABELS, "dim")
        if len(texts) > NAMED:
            page.text(f"and {len(texts) - NAMED:,} more", _LABELS, "dim")


def _found(named: Sequence[tuple[str, Checked]], severity: Severity) -> _Found:
    """Return what rules of a severity have to say, by rule and by message: what concerns most first."""
    found: dict[str, dict[str, list[tuple[str, RuleResult]]]] = {}
    outcome = Outcome.PASS if severity is Severity.NOTICE else Outcome.FAIL
    for name, each in named:
        for result in each.verdict.rules:
            if result.severity is severity and result.outcome is outcome:
                found.setdefault(result.rule, {}).setdefault(result.message, []).append((name, result))
    return dict(sorted(found.items(), key=lambda item: (-sum(map(len, item[1].values())), item[0])))


def _rules(page: Page, found: _Found, report: Report, style: str) -> None:
    for rule, by_message in found.items():
        page.blank()
        count = sum(map(len, by_message.values()))
        severity = report.pack.rule(rule).severity
        mark = "" if severity is Severity.ERROR else f" ({severity})"
        page.text(f"{rule}{mark}: {count:,} of {len(report.checked):,}", style=style)
        messages = sorted(by_message.items(), key=lambda item: -len(item[1]))
        for message, concerned in messages[:REASONS]:
            page.text(message, 2)
            page.labelled("concerns", first_names([name for name, _ in concerned], NAMED), 4, _LABELS + 2, "dim")
        if (more := len(messages) - REASONS) > 0:
            rest = sum(len(concerned) for _, concerned in messages[REASONS:])
            page.text(f"and {more:,} more such reasons, of {rest:,}", 2, "dim")
        results = [result for _, concerned in messages for _, result in concerned]
        remedies = Counter((each.actor, each.text) for result in results for each in result.remedies)
        for (actor, text), helped in remedies.most_common(REMEDIES):
            by = f"{actor}: " if actor else ""
            page.labelled("remedy", f"{by}{text}{_of(helped, count)}", 2, _LABELS, "dim")
        page.labelled("source", source_text(report.pack.rule(rule), report.pack), 2, _LABELS, "dim")
        if codes := results[0].error_codes:
            page.labelled("cloud says", ", ".join(codes), 2, _LABELS, "dim")


def _undecided(page: Page, named: Sequence[tuple[str, Checked]], report: Report) -> None:
    """Show which rules are open, who waits for them, and what would decide most."""
    if not named:
        return
    verdicts = [each.verdict for _, each in named]
    page.blank()
    page.text(f"Undecided for want of facts: {len(named):,}", style=VERDICT_STYLES[VerdictKind.UNKNOWN])
    page.labelled("concerns", first_names([name for name, _ in named], NAMED), 4, _LABELS + 2, "dim")
    rules = Counter(
        (each.rule, missing_text(each.missing, each.not_examined)) for verdict in verdicts for each in verdict.undecided
    )
    page.counted([[f"{count:,}", f"{rule}: {facts}"] for (rule, facts), count in rules.most_common()], 2)
    page.blank()
    page.text("To decide them, supply (what most wait for first):", style="strong")
    others = {name: other for verdict in verdicts for name in verdict.missing if (other := counterpart(name, verdict))}
    missing = Counter(name for verdict in verdicts for name in verdict.missing)
    rows = []
    for name, count in missing.most_common():
        also = f" or --assume {name}=@{others[name]}" if name in others else ""
        rows.append([f"{count:,}", flag(report.pack.fields[name]) + also])
    page.counted(rows, 2)
    asks = Counter((ask.command, ask.option) for verdict in verdicts for ask in verdict.ask)
    if asks:
        page.blank()
        page.text("Or ask the cloud (what decides most first):", style="strong")
    for (command, option), _ in asks.most_common(ASKED):
        page.line((command, None), indent=2)  # not wrapped: it is to be pasted
        page.line((f"then {option}", "dim"), indent=4)


def _names(report: Report) -> list[str]:
    """Return what to call the candidates: by the names of image and ECS, where these tell them apart, else by keys."""
    several = len({each.verdict.operation for each in report.checked}) > 1
    short = [
        each.place.address
        or " x ".join(side.name or side.id for side in (each.image, each.ecs) if side and (side.name or side.id))
        or each.verdict.key
        for each in report.checked
    ]
    seen = Counter(zip(short, (each.verdict.operation for each in report.checked), strict=True))
    names = [
        name if seen[name, each.verdict.operation] == 1 else each.verdict.key or name
        for name, each in zip(short, report.checked, strict=True)
    ]
    return [
        f"{name} ({each.verdict.operation})" if several else name
        for name, each in zip(names, report.checked, strict=True)
    ]


def _of(count: int, all_of_them: int) -> str:
    return "" if count == all_of_them else f" (of {count:,})"
