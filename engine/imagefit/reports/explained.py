"""What ``--explain`` adds to a verdict's text: condition trees with truths, and where each fact came from."""

from __future__ import annotations

from imagefit.conditions import TRUE, Condition
from imagefit.reports.layout import Page
from imagefit.reports.tree import condition_lines
from imagefit.reports.words import show_fact
from imagefit.rulepack.pack import Pack
from imagefit.verdicts import RuleResult, Verdict

__all__ = ["add_tree", "explain_facts", "explain_rule"]


def explain_rule(page: Page, result: RuleResult, verdict: Verdict, pack: Pack) -> None:
    """Add a rule's conditions with the truth of every node, the address of its source and its basis."""
    rule = pack.rule(result.rule)
    for label, condition in (("when", rule.when), ("require", rule.require)):
        if condition != TRUE:
            add_tree(page, label, condition, pack, verdict)
    source = pack.sources.get(rule.source.document)
    if source is not None:
        page.text(f"source, read on {source.read}:", 2, "dim")
        page.text(source.address, 4)


def add_tree(
    page: Page, label: str, condition: Condition, pack: Pack, verdict: Verdict | None = None, indent: int = 2
) -> None:
    """Add a condition tree below a label; on a verdict's candidate, each node with its truth."""
    page.text(label, indent, "strong" if indent == 0 else "dim")
    facts = None if verdict is None else verdict.facts
    for depth, text in condition_lines(condition, pack.fields, facts):
        page.hanging(text, indent + 2 + 2 * depth)


def explain_facts(page: Page, verdict: Verdict, pack: Pack) -> None:
    """Add every known fact with its value and where it came from, and the pack that decided."""
    page.blank()
    page.text(f"Facts ({len(verdict.facts)}):" if verdict.facts else "No fact is known.", style="strong")
    rows = []
    for name, value in sorted(verdict.facts.items()):
        origin = verdict.origins.get(name)
        rows.append((name, show_fact(value, pack.fields.get(name)), "given" if origin is None else str(origin)))
    page.table(rows, 2, [32, 24])
    page.blank()
    page.labelled("pack", f"{verdict.pack.name} {verdict.pack.version} {verdict.pack.digest}", 0, 6, "dim")
