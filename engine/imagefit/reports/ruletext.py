"""A rule of a pack as text for a person: what it says, its conditions, its truth table, its examples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from imagefit.conditions import TRUE
from imagefit.facts import Facts, show_value
from imagefit.reports.explained import add_tree
from imagefit.reports.layout import Page, cell_width
from imagefit.reports.truthtable import truth_table
from imagefit.rulepack.pack import Adjustment, AdjustmentKind, Effect, Pack, Rule, Severity, SourceRef

__all__ = ["adjustment_text", "effect_text", "facts_text", "rule_list", "rule_text", "source_lines"]

_LABELS = 13


def rule_list(rules: Iterable[Rule], *, width: int = 80, colour: bool = False) -> str:
    """Return rules as a table of id and title, with the severity where that is not error."""
    page = Page(width, colour)
    page.table([("RULE", "TITLE"), *((rule.id, _title(rule)) for rule in rules)], 0, [36])
    return str(page)


def rule_text(
    rule: Rule, pack: Pack, satisfied_by: Sequence[str] | None = None, *, width: int = 80, colour: bool = False
) -> str:
    """Return everything that the pack says about a rule, and which remedies satisfy it, if that was looked for."""
    page = Page(width, colour)
    page.text(rule.id, style="name")
    page.text(rule.title)
    page.blank()
    for label, text in _particulars(rule):
        page.labelled(label, text, 0, _LABELS, "dim")
    for adjustment in pack.adjustments:
        if adjustment.rule == rule.id:
            page.labelled("adjusted", f"by {pack.name}, {adjustment_text(adjustment)}", 0, _LABELS, "dim")
    if rule.description:
        page.blank()
        page.text(rule.description)
    page.blank()
    if rule.when != TRUE:
        add_tree(page, "Applies when:", rule.when, pack, indent=0)
    if rule.require != TRUE:
        add_tree(page, "Requires:", rule.require, pack, indent=0)
    _truth_table(page, rule, pack)
    _remedies(page, rule, pack)
    if satisfied_by is not None:
        page.blank()
        named = [name for name in satisfied_by if name in rule.remedies]
        others = [name for name in satisfied_by if name not in rule.remedies]
        page.labelled("satisfied by", ", ".join(named) or "no remedy that it names", 0, _LABELS + 1, "dim")
        if others:
            page.labelled("also by", ", ".join(others), 0, _LABELS + 1, "dim")
    _sources(page, rule, pack)
    _examples(page, rule)
    return str(page)


def adjustment_text(adjustment: Adjustment) -> str:
    """Return in words what an overlay does to a rule and why: ``changed (x at_most 20 -> 30), loosening: why``."""
    done = {
        AdjustmentKind.ADD: "added",
        AdjustmentKind.REPLACE: "replaced",
        AdjustmentKind.DROP: "dropped",
        AdjustmentKind.CHANGE: f"changed ({adjustment.detail})",
    }[adjustment.kind]
    return f"{done}{', loosening' if adjustment.loosens else ''}: {adjustment.why}"


def source_lines(source: SourceRef, pack: Pack) -> tuple[str, str]:
    """Return the title and section of a source with the day it was read, and its address."""
    document = pack.sources[source.document]
    title = f"{document.title}, {source.section}" if source.section else document.title
    return f"{title} (read on {document.read})", document.address


def facts_text(facts: Facts) -> str:
    """Return facts on one line: ``image.boot_mode = uefi, ecs.accelerator = npu``."""
    return ", ".join(f"{name} = {show_value(value)}" for name, value in facts.items()) or "no fact known"


def _title(rule: Rule) -> str:
    return rule.title if rule.severity is Severity.ERROR else f"{rule.title} ({rule.severity})"


def effect_text(effect: Effect) -> str:
    """Return in words what a remedy does to a fact."""
    if effect.becomes_unknown:
        return f"{effect.fact} becomes unknown"
    if effect.same_as is not None:
        return f"{effect.fact} becomes what {effect.same_as} is"
    if effect.add is not None:
        return f"{effect.fact} gains {show_value(effect.add)}"
    if effect.add_from is not None:
        return f"{effect.fact} gains what {effect.add_from} is"
    if effect.value == frozenset():
        return f"{effect.fact} becomes empty"
    return f"{effect.fact} becomes {show_value(effect.value)}"


def _particulars(rule: Rule) -> list[tuple[str, str]]:
    pairs = [
        ("severity", rule.severity.value),
        ("operations", ", ".join(rule.operations)),
        ("was", ", ".join(rule.was)),
        ("tags", ", ".join(rule.tags)),
        ("message", rule.message),
        ("cloud says", ", ".join(rule.error_codes)),
        ("basis", rule.basis.value),
    ]
    return [(label, text) for label, text in pairs if text]


def _truth_table(page: Page, rule: Rule, pack: Pack) -> None:
    table = truth_table(rule, pack)
    page.blank()
    page.text(
        f"Truth table ({table.combinations} combinations of the values that the rule tells apart):", style="strong"
    )
    if not table.rows:
        page.text("too many to show", 2)
        return
    header: Sequence[str] = table.facts
    widths = [max(map(cell_width, column)) for column in zip(header, *(cells for cells, _ in table.rows), strict=True)]
    if sum(widths) + 2 * len(widths) + 16 > page.width:
        header = [f"[{number}]" for number in range(1, len(table.facts) + 1)]
        for number, name in zip(header, table.facts, strict=True):
            page.text(f"{number} {name}", 2)
    rows = [(*header, "outcome"), *((*cells, result.replace("_", " ")) for cells, result in table.rows)]
    page.grid(rows, 2)


def _remedies(page: Page, rule: Rule, pack: Pack) -> None:
    if not rule.remedies:
        return
    page.blank()
    page.text("Remedies:", style="strong")
    for name in rule.remedies:
        remedy = pack.remedies[name]
        page.text(f"{name} ({remedy.actor})" if remedy.actor else name, 2)
        page.text(remedy.text, 4)
        if remedy.cost:
            page.hanging(f"costs {', '.join(remedy.cost)}", 4)
        if remedy.through is not None:
            page.hanging(f"goes through {remedy.through.operation}, which has to be compatible", 4)
        if remedy.instead:
            page.hanging(f"instead: {remedy.instead}", 4)
        if remedy.operations:
            page.hanging(f"can be done for {', '.join(remedy.operations)}", 4)
        if remedy.requires != TRUE:
            add_tree(page, "can be done when", remedy.requires, pack, indent=4)
        for effect in remedy.effects:
            page.hanging(f"then {effect_text(effect)}", 4)


def _sources(page: Page, rule: Rule, pack: Pack) -> None:
    page.blank()
    page.text("Source:", style="strong")
    for source in (rule.source, *rule.see_also):
        title, address = source_lines(source, pack)
        page.hanging(title, 2)
        page.text(address, 4)


def _examples(page: Page, rule: Rule) -> None:
    page.blank()
    page.text("Examples:", style="strong")
    page.table([(e.outcome.replace("_", " "), facts_text(e.facts)) for e in rule.examples], 2, [16])
