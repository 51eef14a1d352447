"""What fits, as text for a person: the nearest first, then what one step would make fit, then why the rest does not."""

from __future__ import annotations

from collections.abc import Sequence

from imagefit.planning.choices import Suggestion, Suggestions
from imagefit.reports.layout import Page
from imagefit.reports.plans import cost_words
from imagefit.verdicts import VerdictKind

__all__ = ["suggestions_text"]

SHOWN_RULES = 6


def suggestions_text(found: Suggestions, title: str, most: int = 10, *, width: int = 80, colour: bool = False) -> str:
    """Return suggestions as text, at most so many of each kind (0: all)."""
    page = Page(width, colour)
    page.text(title, style="strong")
    fit = [each for each in found.fitting if each.verdict is VerdictKind.COMPATIBLE]
    may = [each for each in found.fitting if each.verdict is VerdictKind.UNKNOWN]
    _listed(page, f"{_count(fit, found.what)} that fit", fit, most, "good")
    _listed(page, f"{_count(may, found.what)} that nothing known speaks against", may, most, "open")
    if may:
        missing = list(dict.fromkeys(name for each in may for name in each.missing))
        page.labelled("undecided", ", ".join(missing), 2, 13, "dim")
    if assumed := list(dict.fromkeys(name for each in found.fitting for name in each.assumed)):
        page.labelled("assumed", ", ".join(assumed), 2, 13, "dim")
    _listed(page, f"{_count(found.one_step, found.what)} that would with one step", found.one_step, most, "name")
    page.blank()
    page.text(f"{found.others} more do not fit" + (", stopped by" if found.reasons else ""), style="bad")
    page.counted([[f"{count:,}", rule] for rule, count in found.reasons[:SHOWN_RULES]], 2) if found.reasons else None
    return str(page)


def _count(some: Sequence[object], what: str) -> str:
    return f"{len(some):,} {what}{'' if len(some) == 1 else 's'}"


def _listed(page: Page, title: str, some: Sequence[Suggestion], most: int, style: str) -> None:
    if not some:
        return
    page.blank()
    page.text(f"{title}, the nearest first:", style=style)
    for each in some[: most or None]:
        name = each.key if each.name in ("", each.key) else f"{each.name} ({each.key})"
        page.hanging(name, 2)
        if each.plan is not None:
            (step,) = each.plan.steps
            cost = f" ({cost_words(step.cost)})" if step.cost else ""
            page.hanging(f"{step.by}: {step.text}{cost}" if step.by else f"{step.text}{cost}", 4)
    if most and len(some) > most:
        page.text(f"and {len(some) - most:,} more, which --limit 0 shows", 2, "dim")
