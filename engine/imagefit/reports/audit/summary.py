"""The summary of an audit as text: counts, the rules that stop rows, what is missing, and the reasons."""

from __future__ import annotations

from collections.abc import Sequence

from imagefit.auditing.levers import Lever
from imagefit.auditing.summary import Summary
from imagefit.errors import number_of
from imagefit.reports.layout import Page
from imagefit.reports.plans import cost_words
from imagefit.reports.words import VERDICT_STYLES
from imagefit.rulepack.pack import Outcome, Severity
from imagefit.verdicts import VerdictKind

__all__ = ["summary_text"]

_REASONS = 20
_LEVERS = 8


def summary_text(summary: Summary, *, width: int = 80, colour: bool = False, reasons: int = _REASONS) -> str:
    """Return the summary as text, with at most so many reasons."""
    page = Page(width, colour)
    page.text(_title(summary), style="strong")
    digits = len(f"{summary.rows:,}")
    for kind in VerdictKind:
        count = summary.verdicts.get(kind, 0)
        share = f"{100 * count / summary.rows:5.1f} %" if summary.rows else ""
        style = VERDICT_STYLES[kind] if count else "dim"
        page.labelled(f"{count:>{digits},}  {share}", kind.value, 2, digits + len(share) + 6, style)
    if summary.bad_rows:
        page.text(f"{number_of(summary.bad_rows, 'row')} could not be read: not among these", 2, style="bad")
    for fact, count in summary.assumed.items():
        page.text(f"{fact} was assumed in {number_of(count, 'row')}", 2, style="dim")
    _rules(page, summary)
    _levers(page, summary)
    _missing(page, summary)
    _reasons(page, summary, reasons)
    return str(page)


def _title(summary: Summary) -> str:
    operations = ", ".join(
        name if len(summary.operations) == 1 else f"{name} ({count:,})" for name, count in summary.operations.items()
    )
    return f"{number_of(summary.rows, 'row')}: {operations}" if operations else number_of(summary.rows, "row")


def _rules(page: Page, summary: Summary) -> None:
    errors = [rule for rule in summary.rules if rule.severity is Severity.ERROR]
    if errors:
        page.blank()
        page.text("Rules, and the rows that each stops, alone stops, and leaves undecided:", style="strong")
        _grid(page, [("stops", "alone", "open", "rule"), *((r.failed, r.only, r.unknown, r.rule) for r in errors)])
    if noted := [rule for rule in summary.rules if rule.severity is not Severity.ERROR and rule.failed]:
        page.blank()
        page.text("Warnings and notices, and the rows that have them:", style="strong")
        _grid(page, [(rule.failed, f"{rule.rule} ({rule.severity})") for rule in noted])


def _levers(page: Page, summary: Summary) -> None:
    """Show which remedies would make how many rows fit."""
    levers = summary.levers
    if levers is None or not (levers.planned or levers.without):
        return
    page.blank()
    page.text("Levers: what alone makes rows fit (fit), or leaves nothing known against them (open):", style="strong")
    if levers.single:
        _grid(page, [("fit", "open", "remedy"), *((r.fits, r.clears, _lever(r)) for r in levers.single[:_LEVERS])])
        if (more := len(levers.single) - _LEVERS) > 0:
            page.text(f"and {more} more", 2, style="dim")
    else:
        page.text("nothing does", 2)
    if len(levers.together) > 1:
        page.text(f"Together {', '.join(levers.together)} help {number_of(levers.together_rows, 'row')}.", 2)
    have = "has" if levers.planned == 1 else "have"
    page.text(f"{number_of(levers.planned, 'row')} {have} a plan of up to three steps, {levers.without:,} none.", 2)


def _lever(lever: Lever) -> str:
    """Return a remedy by its id, in words, and with who does it and what it costs."""
    return f"{lever.remedy}: {lever.text} ({'; '.join(filter(None, (lever.by, cost_words(lever.cost))))})"


def _missing(page: Page, summary: Summary) -> None:
    if summary.missing:
        page.blank()
        page.text("Facts that keep rows undecided, and the option that supplies each:", style="strong")
        _grid(page, [(fact.rows, fact.flag) for fact in summary.missing])
    if count := summary.missing_at_least:
        page.text(
            f"{number_of(count, 'row')} may wait for other facts, too: not decided within the budget.", 2, style="dim"
        )


def _reasons(page: Page, summary: Summary, most: int) -> None:
    reasons = summary.reasons.of(Outcome.FAIL)
    if not reasons:
        return
    page.blank()
    page.text("Reasons, with the rows that have each and the first of them:", style="strong")
    _grid(page, [(r.rows, f"{r.rule}: {r.reason} (such as {r.example})") for r in reasons[:most]])
    if (more := len(reasons) - most) > 0:
        page.text(f"and {more:,} more", 2, style="dim")


def _grid(page: Page, rows: Sequence[Sequence[object]]) -> None:
    """Add rows of numbers, right-aligned, and a text."""
    page.counted([[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows], 2)
