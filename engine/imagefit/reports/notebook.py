"""How results show themselves in a notebook: the verdict first and in colour, what was counted, then single rows.

A fragment is for light and dark pages alike: texts have the page's colour, and a verdict has its own ground, a sign and
a word. Styles stand in the elements, for a fragment has no page of its own; nothing is a script.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from imagefit.conditions import TRUE
from imagefit.facts import show_value
from imagefit.reports.html.contents import SIGNS, verdict_line
from imagefit.reports.html.elements import Node, element, markup
from imagefit.reports.tree import condition_lines
from imagefit.rulepack.pack import Pack, Rule, Severity
from imagefit.verdicts import PackRef, RuleResult, Verdict, VerdictKind, missing_text

if TYPE_CHECKING:
    from imagefit.auditing.summary import Summary
    from imagefit.matching.product import Product
    from imagefit.matching.summary import Summary as MatchSummary

__all__ = ["audit_html", "match_html", "match_summary_html", "pack_html", "rule_html", "summary_html", "verdict_html"]

GROUNDS = {VerdictKind.INCOMPATIBLE: "#a8261d", VerdictKind.UNKNOWN: "#7d5500", VerdictKind.COMPATIBLE: "#19683b"}
"""The grounds of a verdict in white: legible on a light page and on a dark one."""

SHOWN_RULES, SHOWN_ROWS = 10, 20
SHOWN_COLUMNS = ("verdict", "reasons", "warnings", "plan")
"""What is shown of a row of an audit, before the caller's own columns."""

FRAME = "font-variant-numeric:tabular-nums;line-height:1.5"
LINE = "vertical-align:top;padding:3px 12px 3px 0;border-top:1px solid rgba(128,128,128,.3)"
CELL = f"text-align:left;{LINE}"
NUMBER = f"text-align:right;{LINE}"
WIDE = f"{CELL};min-width:20em"
SOFT = "opacity:.75"


def audit_html(counts: Mapping[VerdictKind, int], summary: Summary | None, batch: Any, columns: Sequence[str]) -> str:
    """Return an audit: its verdicts, the rules that stop rows, and the first rows.

    Parameters
    ----------
    summary
        Where it is at hand.
    batch
        A ``pyarrow.RecordBatch``: the caller's columns, then ours.
    columns
        Ours, without what a caller had put before their names.
    """
    told = [] if summary is None else _rules_of(summary)
    shown, carried = batch.slice(0, SHOWN_ROWS), batch.num_columns - len(columns)
    order = [*(carried + columns.index(name) for name in SHOWN_COLUMNS if name in columns), *range(carried)]
    rows = list(zip(*(shown.column(place).to_pylist() for place in order), strict=True))
    names = [str(batch.schema.names[place]) for place in order]
    return _frame(*_counted(counts, "candidates"), *told, *_rows(names, rows, sum(counts.values())))


def summary_html(summary: Summary) -> str:
    """Return the summary of an audit: its verdicts, the rules that stop rows, what is missing, what would help."""
    missing = [[_text(each.fact), _text(each.flag), _number(each.rows)] for each in summary.missing[:SHOWN_RULES]]
    levers = () if summary.levers is None else summary.levers.single[:SHOWN_RULES]
    helping = [[_text(each.remedy), _text(each.text), _number(each.fits), _number(each.clears)] for each in levers]
    return _frame(
        *_counted({kind: summary.verdicts.get(kind, 0) for kind in VerdictKind}, "candidates"),
        *_rules_of(summary),
        *_table("What is not known", ("fact", "option", "candidates"), missing),
        *_table("What would make them fit", ("remedy", "", "fit", "open"), helping),
        _pack_line(summary.pack),
    )


def match_html(product: Product) -> str:
    """Return a match: its verdicts, and the rules that stop pairs."""
    title = f"{product.images.count:,} images × {product.ecss.count:,} ECSs, {product.operation}"
    rows = [row for row in product.by_rule().to_pylist() if row["severity"] == Severity.ERROR]
    rows.sort(key=lambda row: (-row["fail"], -row["unknown"], row["rule"]))
    found = [(row["rule"], row["fail"], row["unknown"]) for row in rows if row["fail"] or row["unknown"]]
    return _frame(*_counted(product.counts(), "pairs"), _soft(title), *_stopping(found, "pairs"))


def match_summary_html(summary: MatchSummary) -> str:
    """Return the summary of a match: its verdicts, who fits something, and the rules that stop pairs."""
    rules = [each for each in summary.rules if each.severity is Severity.ERROR and (each.fail or each.unknown)]
    sides = (("images", summary.images, summary.images_fitting), ("ECSs", summary.ecss, summary.ecss_fitting))
    fitting = [[_text(what), *map(_number, (count, of.fitting, of.undecided, of.unfit))] for what, count, of in sides]
    missing = [[_text(each.fact), _number(each.lacking), _text(f"of {each.of:,}")] for each in summary.missing]
    return _frame(
        *_counted({kind: summary.counts[kind] for kind in VerdictKind}, "pairs"),
        *_table("Who fits", ("", "all", "fit something", "may", "fit nothing"), fitting),
        *_stopping([(each.rule, each.fail, each.unknown) for each in rules], "pairs"),
        *_table("What is not known", ("fact", "lacking", ""), missing[:SHOWN_RULES]),
    )


def verdict_html(verdict: Verdict) -> str:
    """Return a verdict with its reasons, where they are written, and what could be done."""
    named = f"{verdict.operation}{f', {verdict.key}' if verdict.key else ''}"
    assumed = ", ".join(f"{name} = {show_value(value)}" for name, value in sorted(verdict.assumed.items()))
    missing = missing_text(verdict.missing, verdict.not_examined) if verdict.missing else ""
    return _frame(
        element("p", None, _badge(verdict.verdict), f" {named}"),
        *_reasons("What speaks against it", verdict.failed),
        *_reasons("What is not decided", verdict.undecided),
        *_reasons("Warnings and notices", verdict.warnings),
        _soft(f"would decide it: {missing}") if missing else None,
        *(_soft(f"to ask: {ask.command}, then {ask.option}") for ask in verdict.ask),
        _soft(f"assumed: {assumed}") if assumed else None,
        *(_soft(note) for note in verdict.notes),
        _pack_line(verdict.pack),
    )


def pack_html(pack: Pack) -> str:
    """Return a pack: what it is about, and its rules by concern."""
    counts = f"{len(pack.rules)} rules, {len(pack.fields)} facts, {len(pack.operations)} operations"
    rows = []
    for concern, rules in groupby(pack.rules, lambda rule: rule.concern):
        own = list(rules)
        severities = [sum(rule.severity is severity for rule in own) for severity in Severity]
        rows.append([_text(concern), *map(_number, severities), _text("; ".join(rule.title for rule in own[:2]))])
    return _frame(
        element("p", None, element("b", None, f"{pack.name} {pack.version}"), f" {pack.title}"),
        _soft(counts + (f"; extends {pack.extends}" if pack.extends else "")),
        *_table("", ("concern", *(f"{severity}s" for severity in Severity), "such as"), rows),
        _soft(pack.digest),
    )


def rule_html(rule: Rule) -> str:
    """Return a rule: its title, when it applies, what it requires, its examples."""
    trees = []
    for title, condition in (("Applies when", rule.when), ("Requires", rule.require)):
        if condition != TRUE:
            lines = condition_lines(condition, {})
            items = [element("div", {"style": f"padding-left:{depth + 1}em"}, text) for depth, text in lines]
            trees += [_soft(title), *items]
    examples = [
        [
            _text(example.outcome.replace("_", " ")),
            _text(", ".join(f"{name} = {show_value(value)}" for name, value in example.facts.items())),
        ]
        for example in rule.examples
    ]
    particulars = [rule.severity, ", ".join(rule.operations), *(f"cloud says {code}" for code in rule.error_codes)]
    source = ", ".join(filter(None, (rule.source.document, rule.source.section)))
    return _frame(
        element("p", None, element("b", None, rule.id), f" {rule.title}"),
        _soft("; ".join(particulars)),
        element("p", None, rule.message),
        *trees,
        _soft(f"source: {source}"),
        *_table("Examples", ("outcome", "facts"), examples),
    )


def _frame(*parts: Node | None) -> str:
    return markup(element("div", {"style": FRAME}, *parts))


def _badge(kind: VerdictKind) -> Node:
    style = (
        f"background:{GROUNDS[kind]};color:#fff;font-weight:600;padding:1px 8px;border-radius:3px;white-space:nowrap"
    )
    return element("span", {"style": style}, f"{SIGNS[kind]} {kind}")


def _counted(counts: Mapping[VerdictKind, int], noun: str) -> list[Node]:
    """Return the verdict in words, a bar of the counts, and the counts."""
    worst = next((kind for kind in VerdictKind if counts.get(kind)), None)
    size = sum(counts.values())
    bar = [
        element("span", {"style": f"flex:{counts[kind]} 0 3px;background:{GROUNDS[kind]};margin-right:1px"})
        for kind in VerdictKind
        if counts.get(kind)
    ]
    texts = [f"{SIGNS[kind]} {counts.get(kind, 0):,} {kind}" for kind in VerdictKind]
    return [
        element("p", None, *((_badge(worst), " ") if worst else ()), element("b", None, verdict_line(counts, noun))),
        *(
            [element("div", {"style": "display:flex;height:8px;max-width:40em", "aria-hidden": "true"}, *bar)]
            if size
            else []
        ),
        _soft("   ".join(texts)),
    ]


def _rules_of(summary: Summary) -> Iterable[Node]:
    errors = [each for each in summary.rules if each.severity is Severity.ERROR]
    return _stopping([(each.rule, each.failed, each.unknown) for each in errors], "candidates")


def _stopping(found: Sequence[tuple[str, int, int]], noun: str) -> Iterable[Node]:
    rows = [[_text(rule), _number(stops), _number(undecided)] for rule, stops, undecided in found[:SHOWN_RULES]]
    more = f", and {len(found) - SHOWN_RULES} more" if len(found) > SHOWN_RULES else ""
    return _table(f"Rules that stop {noun}{more}", ("rule", "stops", "open"), rows)


def _reasons(title: str, results: Sequence[RuleResult]) -> Iterable[Node]:
    if not results:
        return
    yield element("p", {"style": "margin-bottom:0"}, element("b", None, title))
    for result in results:
        source = ", ".join(filter(None, (result.source.document, result.source.section)))
        codes = f"; cloud says {', '.join(result.error_codes)}" if result.error_codes else ""
        yield element(
            "div",
            {"style": "border-left:3px solid rgba(128,128,128,.5);padding-left:10px;margin:4px 0"},
            result.message,
            element("div", {"style": SOFT}, element("code", None, result.rule), f"; {source}{codes}"),
            *(
                element("div", None, f"→ {f'{each.actor}: ' if each.actor else ''}{each.text}")
                for each in result.remedies
            ),
        )


def _rows(names: Sequence[str], rows: Sequence[Any], count: int) -> Iterable[Node]:
    lines = []
    for verdict, *values in rows:
        badge = element("td", {"style": CELL}, _badge(VerdictKind(verdict)))
        lines.append([badge, *(_text(text, WIDE if len(text) > 40 else CELL) for text in map(_shown, values))])
    yield from _table("", names, lines)
    if count > len(rows):
        yield _soft(f"… {count - len(rows):,} more rows")


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[Node]]) -> Iterable[Node]:
    if not rows:
        return
    if title:
        yield element("p", {"style": "margin-bottom:0"}, element("b", None, title))
    head = [
        element("th", {"style": cell.get("style"), "scope": "col"}, text)
        for cell, text in zip(rows[0], heads, strict=True)
    ]
    yield element(
        "div",
        {"style": "overflow-x:auto"},
        element(
            "table",
            {"style": "border-collapse:collapse"},
            element("thead", None, element("tr", None, *head)),
            element("tbody", None, *(element("tr", None, *cells) for cells in rows)),
        ),
    )


def _text(text: str, style: str = CELL) -> Node:
    return element("td", {"style": style}, text)


def _number(count: int) -> Node:
    return element("td", {"style": NUMBER}, f"{count:,}")


def _soft(text: str) -> Node:
    return element("div", {"style": SOFT}, text)


def _pack_line(pack: PackRef) -> Node:
    return _soft(f"{pack.name} {pack.version}")


def _shown(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(map(_shown, value))
    return show_value(value) if isinstance(value, bool | int | float | str) else str(value)
