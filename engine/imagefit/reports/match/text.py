"""A match as text for a person: the verdicts counted, who finds a partner, what stops the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from imagefit.errors import number_of
from imagefit.facts import show_value
from imagefit.matching.matrix import matrix_of
from imagefit.matching.misses import partners_of
from imagefit.matching.summary import summary_of
from imagefit.reports.layout import Page
from imagefit.reports.match.matrix import matrix_text
from imagefit.reports.match.view import NAMES, View, rule_rows
from imagefit.reports.plans import show_plan
from imagefit.reports.words import VERDICT_STYLES
from imagefit.rulepack.pack import Severity
from imagefit.supply import flag
from imagefit.verdicts import VerdictKind

if TYPE_CHECKING:
    from imagefit.matching.assumed import AssumedFact
    from imagefit.matching.misses import Miss, PartnersOf
    from imagefit.matching.product import Product
    from imagefit.matching.sides import Side
    from imagefit.matching.summary import Partners, RuleCounts, Summary
    from imagefit.rulepack.pack import Pack

__all__ = ["assumed_lines", "counted_text", "partners_text", "rules_text", "summary_text", "view_text"]

SHOWN_RULES = 12
SHOWN_ROWS = 40
MOST_CLASSES = 10_000


def view_text(view: View) -> str:
    """Return a view of a match as text."""
    match = view.match
    how: dict[str, Any] = {"width": view.width, "colour": view.colour}
    most = SHOWN_ROWS if view.limit is None else view.limit
    if view.is_matrix:
        text = matrix_text(match, matrix_of(match, MOST_CLASSES), most=most, **how)
    elif view.is_of_one:
        text = partners_text(partners_of(match, view.image, view.ecs, view.misses), match, most, **how)
    elif view.by == "rule":
        text = rules_text(rule_rows(match), **how)
    elif view.by is not None:
        side = match.images if view.by == "image" else match.ecss
        text = counted_text(match.by_image() if view.by == "image" else match.by_ecs(), side, most, **how)
    else:
        text = summary_text(summary_of(match), match.pack, **how)
    return f"{text}\n"


def summary_text(summary: Summary, pack: Pack, *, width: int = 80, colour: bool = False) -> str:
    """Return the summary of a match as text."""
    page = Page(width, colour)
    title = pack.operations[summary.operation].title
    images, ecss = _counted(summary.images, "image"), _counted(summary.ecss, "ecs")
    page.text(f"{title}: {images} x {ecss}, {summary.images * summary.ecss:,} pairs", style="strong")
    for name, value in summary.given.items():
        page.labelled("given", f"{name} = {_shown(value)}", 2, 13, "dim")
    for line in assumed_lines(summary.assumed, summary.assumed_of):
        page.labelled("assumed", line, 2, 13, "dim")
    page.blank()
    _counts(page, summary)
    page.blank()
    page.text(_partners(summary.images_fitting, summary.images, "image"))
    page.text(_partners(summary.ecss_fitting, summary.ecss, "ecs"))
    errors = [rule for rule in summary.rules if rule.severity is Severity.ERROR]
    warnings = [rule for rule in summary.rules if rule.severity is Severity.WARNING]
    _rules(page, "Rules that decide, and how many pairs", errors)
    _rules(page, "Warnings, which decide nothing", warnings)
    _missing(page, summary, pack)
    return str(page)


def assumed_lines(assumed: Mapping[str, Any], of_rows: Sequence[AssumedFact]) -> list[str]:
    """Return what is assumed, in words: of all pairs, and of some images or ECSs."""
    of_all = [f"{name} = {_shown(value)}" for name, value in assumed.items()]
    return of_all + [
        f"{each.fact} = {_shown(each.value)}, of "
        + (
            f"{each.count:,} of {_counted(each.of, each.side)}"
            if each.count < each.of
            else f"all {NAMES[each.side][1]}"
        )
        for each in of_rows
    ]


def counted_text(table: Any, side: Side, most: int, *, width: int = 80, colour: bool = False) -> str:
    """Return the counts by image or by ECS as text: `most` rows of them (0: all), in the caller's order."""
    page = Page(width, colour)
    kinds = ("compatible", "unknown", "incompatible")
    shown = table.slice(0, most or table.num_rows).to_pylist()
    rows = [(side.label(number), *(f"{row[kind]:,}" for kind in kinds)) for number, row in enumerate(shown)]
    page.aligned((NAMES[side.what][0], *kinds), rows, 0)
    if table.num_rows > len(shown):
        page.text(f"and {table.num_rows - len(shown):,} more, which --limit 0 shows")
    return str(page)


def rules_text(rows: Sequence[Mapping[str, Any]], *, width: int = 80, colour: bool = False) -> str:
    """Return the counts by rule as text: of the pairs that a rule fails, also how many it stops alone."""
    page = Page(width, colour)
    for severity in Severity:
        own = [row for row in rows if row["severity"] == severity]
        if not own:
            continue
        page.blank()
        columns = ("fail", *(("alone",) if severity is Severity.ERROR else ()), "unknown", "pass", "not_applicable")
        head = (f"rules of severity {severity}", *(name.replace("not_applicable", "n/a") for name in columns))
        page.aligned(head, [(row["rule"], *(f"{row[name]:,}" for name in columns)) for row in own], 2)
    return str(page)


def partners_text(partners: PartnersOf, match: Product, most: int, *, width: int = 80, colour: bool = False) -> str:
    """Return what fits one image or one ECS, and the nearest misses with their reasons, as text."""
    page = Page(width, colour)
    own, others = partners.side, partners.others
    label = own.label(partners.row)
    key = own.key(partners.row)
    named = label if label == key else f"{label} ({key})"
    page.text(f"{match.pack.operations[match.operation].title}: {NAMES[own.what][0]} {named}", style="strong")
    for line in assumed_lines(partners.assumed, partners.assumed_of):
        page.labelled("assumed", line, 2, 13, "dim")
    page.blank()
    count = len(partners.fitting)
    page.text(
        f"{count:,} of {_counted(others.count, others.what)} {_verb(count)}" + ":" * bool(count),
        style="good",
    )
    for row in partners.fitting[: most or None]:
        page.text(others.label(row), 2)
    if most and count > most:
        page.text(f"and {count - most:,} more, which --limit 0 shows", 2)
    if partners.misses:
        page.blank()
        shown, missed = len(partners.misses), others.count - count
        page.text(f"The nearest {f'{shown:,} of {missed:,} ' if missed > shown else ''}misses:", style="strong")
    for miss in partners.misses:
        _miss(page, others.label(miss.ecs_row if own.what == "image" else miss.image_row), miss, match.pack)
    return str(page)


def _counted(count: int, what: str) -> str:
    return number_of(count, NAMES[what][0])


def _counts(page: Page, summary: Summary) -> None:
    total = max(summary.images * summary.ecss, 1)
    shown = {VerdictKind(kind): f"{count:,}" for kind, count in reversed(summary.counts.items())}
    wide = max(map(len, shown.values()))
    for kind, text in shown.items():
        share = f"{100 * summary.counts[kind.value] / total:.1f} %"
        page.line((f"{kind:12}", VERDICT_STYLES[kind]), (f"  {text:>{wide}}  {share:>7}", None), indent=2)


def _partners(partners: Partners, count: int, what: str) -> str:
    other = NAMES["ecs" if what == "image" else "image"][0]
    if count == 0:
        return f"There are no {NAMES[what][1]}."
    parts = [f"{partners.fitting:,} of {_counted(count, what)} {_verb(partners.fitting)} at least one {other}"]
    if partners.undecided:
        parts.append(f"{partners.undecided:,} may, once more is known")
    if partners.unfit:
        parts.append(f"{partners.unfit:,} {_verb(partners.unfit)} none")
    return "; ".join(parts) + "."


def _verb(count: int) -> str:
    return "fits" if count == 1 else "fit"


def _rules(page: Page, title: str, rules: Sequence[RuleCounts]) -> None:
    found = [rule for rule in rules if rule.fail or rule.unknown]
    if not found:
        return
    page.blank()
    rows = [(rule.rule, f"{rule.fail:,}", f"{rule.unknown:,}") for rule in found[:SHOWN_RULES]]
    page.aligned((title, "fail", "unknown"), rows, 2)
    if len(found) > SHOWN_RULES:
        page.text(f"and {len(found) - SHOWN_RULES} more, which --by rule shows", 2)


def _missing(page: Page, summary: Summary, pack: Pack) -> None:
    if not summary.missing:
        return
    page.blank()
    page.text("Who lacks what would decide more:", style="strong")
    rows = []
    for missing in summary.missing[:SHOWN_RULES]:
        is_all = missing.lacking == missing.of  # --set would overrule what the others say
        share = "all" if is_all else f"{max(100 * missing.lacking / missing.of, 0.1):.1f} % of"
        option = flag(pack.fields[missing.fact], "--set" if is_all else "--assume")
        rows.append((f"{share} {NAMES[missing.side][1]}", option))
    page.table(rows, 2, [20])


def _miss(page: Page, key: str, miss: Miss, pack: Pack) -> None:
    verdict = miss.verdict
    page.blank()
    page.text(f"{key}: {verdict.verdict}", 2, VERDICT_STYLES[verdict.verdict])
    for rule in verdict.failed or verdict.undecided:
        page.hanging(f"{rule.rule}: {rule.message}", 4)
        for remedy in rule.remedies[:1] if miss.plan is None else ():
            page.labelled("remedy", remedy.text, 6, 14, "dim")
    if miss.plan is not None:
        show_plan(page, miss.plan, pack, "plan")


def _shown(value: Any) -> str:
    return show_value(frozenset(value) if isinstance(value, list) else value)
