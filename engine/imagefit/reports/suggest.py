"""What fits, as text for a person: the nearest first, then what one step would make fit, then why the rest does not."""

from __future__ import annotations

from collections.abc import Sequence

from imagefit.errors import number_of
from imagefit.facts import Facts, Value, show_value
from imagefit.planning.choices import Suggestion, Suggestions
from imagefit.planning.repairs import Repairs
from imagefit.reports.layout import Page
from imagefit.reports.plans import cost_words
from imagefit.rulepack.pack import Pack
from imagefit.verdicts import VerdictKind

__all__ = ["repairs_text", "suggestions_text"]

SHOWN_RULES = 6


def suggestions_text(found: Suggestions, title: str, pack: Pack, *, width: int = 80, colour: bool = False) -> str:
    """Return suggestions as text."""
    page = Page(width, colour)
    page.text(title, style="strong")
    is_open = any(map(_ends_open, found.one_step))
    counts, what = found.counts, found.what
    for kind, some, is_what, style in (
        ("fitting", found.fitting, "that fits" if counts["fitting"] == 1 else "that fit", "good"),
        ("undecided", found.undecided, "that nothing known speaks against", "open"),
        ("one_step", found.one_step, "that one step would mend" if is_open else "that would fit with one step", "name"),
    ):
        _listed(page, f"{number_of(counts[kind], what)} {is_what}", some, counts[kind], style, pack, found.wanted)
    if others := counts["others"]:
        page.blank()
        some_more = f"{others:,} more" if sum(counts.values()) > others else number_of(others, what)
        page.text(f"{some_more} {'does' if others == 1 else 'do'} not fit, stopped by", style="bad")
        page.counted(
            [[f"{count:,}", f"{rule}: {pack.rule(rule).title}"] for rule, count in found.reasons[:SHOWN_RULES]], 2
        )
    return str(page)


def repairs_text(found: Repairs, *, width: int = 80, colour: bool = False) -> str:
    """Return the repairs of a request as text."""
    page = Page(width, colour)
    if found.verdict is VerdictKind.COMPATIBLE:
        page.text(f"{found.key} needs no repair: it fits", style="good")
        return str(page)
    failed = f", by {', '.join(found.failed)}" if found.failed else ""
    page.text(f"{found.key}: {found.verdict}{failed}", style="strong")
    if found.missing:
        page.labelled("undecided", ", ".join(found.missing), 2, 13, "dim")
    for note in found.notes:
        page.labelled("note", note, 2, 13, "dim")
    if not found.repairs:
        *fields, last = found.fields
        other = f"No other {', '.join(fields)} or {last}" if fields else f"No other {last}"
        page.blank()
        if found.verdict is VerdictKind.UNKNOWN:
            text = f"Nothing known speaks against it as it is. {other} of those that are known decides it."
            page.text(text, style="open")
        else:
            text = f"{other} of those that are known makes it fit{', nor three of these together' if fields else ''}."
            page.text(f"{text} imagefit check shows what else would.", style="bad")
    for number, repair in enumerate(found.repairs, start=1):
        fits = repair.verdict is VerdictKind.COMPATIBLE
        page.blank()
        then = "then it fits" if fits else "then nothing known speaks against it"
        page.text(f"repair {number}: {then}", style="good" if fits else "open")
        for change in repair.changes:
            name = f"{change.name} ({change.after})" if change.name else str(change.after)
            before = "" if change.before is None else f"{change.before} becomes "
            page.labelled(change.field, f"{before}{name}", 2, 13)
        if repair.elsewhere:
            still = ", ".join(repair.elsewhere)
            page.labelled("unchanged", f"{still}: of the region before; name those of the new one", 2, 13, "open")
        for label, names, style in (
            ("undecided", repair.missing, "dim"),
            ("assumed", repair.assumed, "dim"),
            ("warnings", repair.warnings, "open"),
        ):
            page.labelled(label, ", ".join(names), 2, 13, style) if names else None
    return str(page)


def _value(pack: Pack, name: str, value: Value) -> str:
    unit = pack.fields[name].unit
    return f"{show_value(value)} {unit}" if unit else show_value(value)


def _listed(
    page: Page, title: str, some: Sequence[Suggestion], count: int, style: str, pack: Pack, wanted: Facts
) -> None:
    if not some:
        return
    page.blank()
    page.text(f"{title}, the nearest first:" if count > 1 else f"{title}:", style=style)
    of_all = set(some[0].warnings).intersection(*(each.warnings for each in some))
    for each in some:
        values = [_value(pack, name, value) for name, value in each.facts.items() if name in wanted]
        page.hanging(", ".join((each.key if each.name in ("", each.key) else f"{each.name} ({each.key})", *values)), 2)
        for rule in each.warnings:
            page.hanging(_said(pack, rule), 4) if rule not in of_all else None
        if each.plan is not None:
            (step,) = each.plan.steps
            cost = f" ({cost_words(step.cost)})" if step.cost else ""
            page.hanging(f"{step.by}: {step.text}{cost}" if step.by else f"{step.text}{cost}", 4)
            if _ends_open(each):
                page.text("then nothing known speaks against it", 4, "open")
            for rule in each.plan.warnings:
                page.hanging(f"then {_said(pack, rule)}", 4)
    if count > len(some):
        page.text(f"and {count - len(some):,} more, which --limit 0 shows", 2, "dim")
    undecided = [name for each in some for name in (each.missing if each.plan is None else each.plan.undecided)]
    assumed, warned = [name for each in some for name in each.assumed], [n for n in some[0].warnings if n in of_all]
    for label, names in (
        ("undecided", undecided),
        ("assumed", assumed),
        ("warnings", warned),
    ):
        if names:
            page.labelled(label, ", ".join(dict.fromkeys(names)), 2, 13, "dim")


def _said(pack: Pack, name: str) -> str:
    rule = pack.rule(name)
    return f"{rule.severity} {name}: {rule.title}"


def _ends_open(some: Suggestion) -> bool:
    """Whether a step leaves undecided what was."""
    return some.plan is not None and some.plan.verdict is not VerdictKind.COMPATIBLE
