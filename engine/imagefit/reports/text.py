"""A verdict as text for a person: the verdict, the reasons, what could be done, what is not known.

Everything that decides stands first and on one screen; `explained` adds the conditions in full.
"""

from __future__ import annotations

from collections.abc import Sequence

from imagefit.errors import number_of
from imagefit.facts import show_value
from imagefit.reports.findings.model import Report
from imagefit.reports.layout import Page, cell_width
from imagefit.reports.plans import show_deciding, show_plans, without_remedies_of
from imagefit.reports.sources import source_text
from imagefit.reports.words import VERDICT_STYLES, counterpart, expectation, first_names, gist, show_fact
from imagefit.rulepack.pack import Outcome, Pack, Severity
from imagefit.supply import flag
from imagefit.verdicts import AT_LEAST, SHOWN, Deciding, Plans, RuleResult, Verdict, VerdictKind, missing_text

__all__ = ["report_text", "verdict_text"]

_LABELS = 13  # the column at which the text beside labels such as "remedy" begins

ONE_BY_ONE = 3
"""Of more verdicts, what is the same of several stands once."""

MOST_NAMED = 12
"""So many facts that were not examined are named."""


def verdict_text(
    verdict: Verdict,
    pack: Pack,
    subjects: Sequence[tuple[str, str]] = (),
    *,
    width: int = 80,
    colour: bool = False,
    explain: bool = False,
    plans: Plans | None = None,
    deciding: Sequence[Deciding] = (),
) -> str:
    """Return a verdict as text.

    Parameters
    ----------
    verdict, pack
        The verdict, and the pack that gave it.
    subjects
        What it is about, as label and text: ``("image", "web-22 (5f2c...), images.json")``.
    width
        In columns of a terminal.
    colour
        Whether to use a terminal's colours.
    explain
        Whether to show each rule's whole condition tree, each node's truth, and where facts came from.
    plans
        What would make it fit. A rule's own remedies are shown where no plan uses them.
    deciding
        The sets of facts that would decide it.
    """
    page = Page(width, colour)
    if plans is not None:
        verdict = without_remedies_of(plans, verdict, pack)
    title = pack.operations[verdict.operation].title if verdict.operation in pack.operations else verdict.operation
    reasons = f" ({number_of(len(verdict.failed), 'rule')} against it)" if verdict.failed else ""
    page.text(f"{verdict.verdict.upper()}: {title}{reasons}", style=VERDICT_STYLES[verdict.verdict])
    for label, text in subjects:
        page.labelled(label, text, 2, _LABELS, "dim")
    for note in verdict.notes:
        page.labelled("note", note, 2, _LABELS)
    for name, value in sorted(verdict.assumed.items()):
        page.labelled("assumed", f"{name} = {show_value(value)}", 2, _LABELS, "dim")
    _errors(page, verdict, pack, explain)
    if plans is not None:
        show_plans(page, plans, verdict, pack, explain=explain)
    _supply(page, verdict, pack)
    show_deciding(page, deciding)
    _advice(page, verdict, pack, explain)
    _others(page, verdict, pack, explain)
    _ask(page, verdict)
    if explain:
        from imagefit.reports.explained import explain_facts

        explain_facts(page, verdict, pack)
    return str(page)


def report_text(report: Report) -> str:
    """Return the verdicts of a check, one after the other; of many, what is the same once."""
    if len(report.checked) > ONE_BY_ONE and not report.explain:
        from imagefit.reports.grouped import grouped_text

        return grouped_text(report)
    return "\n".join(
        verdict_text(
            checked.verdict,
            report.pack,
            checked.subjects,
            width=report.width,
            colour=report.colour,
            explain=report.explain,
            plans=report.plans_of(checked.verdict),
            deciding=report.deciding_of(checked.verdict),
        )
        + "\n"
        for checked in report.checked
    )


def _errors(page: Page, verdict: Verdict, pack: Pack, explain: bool) -> None:
    for rule in verdict.failed:
        _failing(page, rule, verdict, pack, explain)
    undecided = verdict.undecided
    if verdict.verdict is VerdictKind.INCOMPATIBLE:
        _listed(page, "Not decided either", undecided, pack, verdict, explain)
    elif undecided:
        page.blank()
        page.text(f"Undecided for want of facts ({number_of(len(undecided), 'rule')}):", style="strong")
        if explain:
            for rule in undecided:
                _failing(page, rule, verdict, pack, explain)
        else:
            page.table([(rule.rule, missing_text(rule.missing, rule.not_examined)) for rule in undecided], 2, [38])
    elif verdict.verdict is VerdictKind.COMPATIBLE:
        waived = f", but for {number_of(len(verdict.waived), 'waived finding')}" if verdict.waived else ""
        page.text(f"No rule speaks against it{waived}.", 2)


def _failing(page: Page, rule: RuleResult, verdict: Verdict, pack: Pack, explain: bool) -> None:
    """Show a rule with its message, the deciding leaves, the remedies and the source."""
    page.blank()
    page.text(_heading(rule), style="name")
    page.text(rule.message if rule.outcome is Outcome.FAIL else rule.title, 2)
    _leaves(page, rule, pack)
    if rule.outcome is not Outcome.UNKNOWN:
        _remedies(page, rule)
    page.labelled("source", source_text(pack.rule(rule.rule), pack), 2, _LABELS, "dim")
    if rule.error_codes and rule.outcome is Outcome.FAIL:
        page.labelled("cloud says", ", ".join(rule.error_codes), 2, _LABELS, "dim")
    if explain:
        from imagefit.reports.explained import explain_rule

        explain_rule(page, rule, verdict, pack)


def _remedies(page: Page, rule: RuleResult) -> None:
    for remedy in rule.remedies:
        by = f"{remedy.actor}: " if remedy.actor else ""
        then = f"; then there is a warning of {', '.join(remedy.warnings)}" if remedy.warnings else ""
        then += f"; heed {', '.join(remedy.heeding)}, too" if remedy.heeding else ""
        page.labelled("remedy", f"{by}{remedy.text}{then}", 2, _LABELS, "dim")


def _heading(rule: RuleResult) -> str:
    if rule.outcome is Outcome.FAIL and rule.severity is Severity.ERROR:
        return rule.rule
    is_undecided = rule.outcome is Outcome.UNKNOWN and rule.severity is not Severity.NOTICE
    return f"{rule.rule} ({'undecided' if is_undecided else rule.severity})"


def _leaves(page: Page, rule: RuleResult, pack: Pack) -> None:
    """Show what was expected and found: what is required first, then what made the rule apply."""
    rows = []
    for leaf in sorted(rule.leaves, key=lambda leaf: leaf.part != "require"):
        role = "expected" if leaf.part == "require" else "applies to"
        found = show_fact(leaf.actual, pack.fields.get(leaf.fact))
        rows.append((leaf.fact, found, f"{role}: {expectation(leaf, pack.fields)}"))
    page.table(rows, 4, [34, 20])


def _supply(page: Page, verdict: Verdict, pack: Pack) -> None:
    """Show the options that would supply what is missing, the most decisive first."""
    if not verdict.missing and not verdict.not_examined:
        return
    page.blank()
    at_least = f"{AT_LEAST} " if verdict.not_examined else ""
    page.text(f"To decide it, supply {at_least}(the most decisive first):", style="strong")
    for name in verdict.missing:
        line, meaning = flag(pack.fields[name]), gist(pack.fields[name].meaning)
        fits = cell_width(line) + cell_width(meaning) + 5 <= page.width
        page.hanging(f"{line}  ({meaning})" if fits and meaning else line, 2)
        if (other := counterpart(name, verdict)) is not None:
            page.hanging(f"or --assume {name}=@{other}", 4)
    if verdict.not_examined:
        page.hanging(
            f"not decided within the budget whether these matter: {first_names(verdict.not_examined, MOST_NAMED)}", 2
        )


def _ask(page: Page, verdict: Verdict) -> None:
    """Show what to ask the cloud for, to be pasted, and how to give the answer."""
    if not verdict.ask:
        return
    page.blank()
    page.text("Or ask the cloud (what decides most first):", style="strong")
    for ask in verdict.ask:
        page.line((ask.command, None), indent=2)  # not wrapped: it is to be pasted
        page.line((f"then {ask.option}", "dim"), indent=4)


def _advice(page: Page, verdict: Verdict, pack: Pack, explain: bool) -> None:
    warnings = [rule for rule in verdict.warnings if rule.severity is Severity.WARNING]
    notices = [r for r in verdict.rules if r.severity is Severity.NOTICE and r.outcome in SHOWN[r.severity]]
    for rule in (*warnings, *notices):
        if explain:
            _failing(page, rule, verdict, pack, explain)
            continue
        page.blank()
        page.text(_heading(rule), style="open" if rule.severity is Severity.WARNING else "name")
        page.text(rule.message, 2)
        _remedies(page, rule)
    undecided = [r for r in verdict.rules if r.severity is Severity.WARNING and r.outcome is Outcome.UNKNOWN]
    if undecided and not explain:
        page.blank()
        page.hanging(f"Warnings not decided: {', '.join(rule.rule for rule in undecided)}", 0)
    else:
        _listed(page, "Warnings not decided", undecided, pack, verdict, explain)


def _others(page: Page, verdict: Verdict, pack: Pack, explain: bool) -> None:
    """Show the rules that are only there because all were asked for."""
    shown = {*verdict.failed, *verdict.undecided, *verdict.warnings}
    rest = [rule for rule in verdict.rules if rule not in shown and rule.outcome is not Outcome.UNKNOWN]
    if not rest:
        return
    page.blank()
    page.text(f"The other rules ({len(rest)}):", style="strong")
    if not explain:
        page.table([(rule.rule, rule.outcome.replace("_", " ")) for rule in rest], 2, [40])
        return
    from imagefit.reports.explained import explain_rule

    for rule in rest:
        page.blank()
        page.text(f"{rule.rule} ({rule.outcome.replace('_', ' ')})", style="name")
        page.text(rule.title, 2)
        explain_rule(page, rule, verdict, pack)


def _listed(page: Page, title: str, rules: Sequence[RuleResult], pack: Pack, verdict: Verdict, explain: bool) -> None:
    if not rules:
        return
    if explain:
        for rule in rules:
            _failing(page, rule, verdict, pack, explain)
        return
    page.blank()
    page.text(f"{title} ({number_of(len(rules), 'rule')}):", style="strong")
    page.table([(rule.rule, missing_text(rule.missing, rule.not_examined)) for rule in rules], 2, [38])
