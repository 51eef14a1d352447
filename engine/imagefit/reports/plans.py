"""Plans as text for a person: numbered steps with who does each and what it costs, and what they rest on."""

from __future__ import annotations

from collections.abc import Sequence

from imagefit.facts import show_value
from imagefit.reports.layout import Page
from imagefit.rulepack.pack import Pack
from imagefit.values import replace
from imagefit.verdicts import Deciding, Plan, Plans, Step, Verdict, VerdictKind

__all__ = ["cost_words", "show_deciding", "show_plan", "show_plans", "without_remedies_of"]

_LABELS = 16
_FEW = 4


def cost_words(cost: tuple[str, ...]) -> str:
    """Return what something costs, in words: ``copies data, waits``."""
    return ", ".join(word.replace("_", " ") for word in cost)


def without_remedies_of(plans: Plans, verdict: Verdict, pack: Pack) -> Verdict:
    """Return a verdict whose rules offer only what no plan uses; of what is chosen by name, nothing else is offered."""
    used = {step.remedy for plan in plans for step in plan.steps}
    named = {step.chooses for plan in plans for step in plan.steps if step.chosen}
    choosing = ((name, each.chooses) for name, each in pack.remedies.items() if each.chooses)
    used |= {name for name, choice in choosing if pack.choices[choice].title in named}
    rules = (
        replace(rule, remedies=tuple(remedy for remedy in rule.remedies if remedy.id not in used))
        for rule in verdict.rules
    )
    return replace(verdict, rules=tuple(rules))


def show_plans(page: Page, plans: Plans, verdict: Verdict, pack: Pack, *, explain: bool) -> None:
    """Show the best plans, or which rules no remedy can satisfy."""
    if plans.no_plan:
        page.blank()
        page.text(
            "No plan of up to three steps makes it fit"
            + ("." if plans.is_whole else ", of those that were tried before the search was given up."),
            0,
            "strong",
        )
        is_each = len(plans.no_plan) == 1 or set(plans.no_plan) < {rule.rule for rule in verdict.failed}
        why = "No step that is surely possible satisfies" if is_each else "Each can be satisfied, but not all together:"
        page.text(f"{why} {', '.join(plans.no_plan)}.", 2)
    if not plans:
        return
    page.blank()
    which = "the shortest" if len(plans) == 1 else f"the best {len(plans)}"
    of = f"; {which} of {plans.found} plans" if plans.found > len(plans) else ""
    whatever = ", whatever is missing" if verdict.verdict is VerdictKind.UNKNOWN else ""
    page.text(f"What would make it fit{whatever} (tried and checked again{of}):", style="strong")
    for number, plan in enumerate(plans, start=1):
        show_plan(page, plan, pack, f"plan {number}", explain=explain)


def show_deciding(page: Page, deciding: Sequence[Deciding]) -> None:
    """Show the facts that are enough to decide an unknown verdict, a line for the first set of them."""
    if not deciding:
        return
    first, more = deciding[0], len(deciding) - 1
    few = ", ".join(first.facts) + (
        "" if not more else " (or another set)" if more == 1 else f" (or one of {more} other sets)"
    )
    then = "it can fit" if first.compatible is not None else "it can't fit"
    if first.incompatible is not None:
        steps = (
            []
            if first.plan is None
            else [f"{step.by}: {step.text}" if step.by else step.text for step in first.plan.steps]
        )
        what = "what helps is " + ", then ".join(steps) if steps else "no plan is known"
        then += f"; where it does not, {what}"
    page.hanging(f"enough to know: {few}; then {then}", 2)


def show_plan(page: Page, plan: Plan, pack: Pack, name: str, *, explain: bool = False) -> None:
    """Show one plan: its steps, and what it rests on."""
    fits = plan.verdict == VerdictKind.COMPATIBLE
    cost = f" ({cost_words(plan.cost)})" if plan.cost else ""
    page.text(
        f"{name}{cost}: then {'it fits' if fits else 'nothing known speaks against it'}", 2, "good" if fits else "open"
    )
    for number, step in enumerate(plan.steps, start=1):
        cost = f" ({cost_words(step.cost)})" if len(plan.steps) > 1 and step.cost else ""
        by = f"{step.by}: " if step.by else ""
        chosen = f": {step.chosen}" if step.chosen else ""
        page.labelled(f"{number}.", f"{by}{step.text}{chosen}{cost}", 4, 7)
        if step.chooses and not step.chosen:
            page.text(f"(any such {step.chooses}: none is known here by name)", 7, "dim")
        if explain:
            _explain(page, step, pack)
    for rule in plan.warnings:
        page.labelled("then warns", f"{rule}: {pack.rule(rule).title}", 4, _LABELS, "open")
    if plan.assumed:
        page.labelled("assumed", ", ".join(plan.assumed), 4, _LABELS, "dim")
    if plan.alike:
        few = (
            plan.alike
            if explain or len(plan.alike) <= _FEW
            else (*plan.alike[: _FEW - 1], f"and {len(plan.alike) - _FEW + 1} more")
        )
        page.labelled("taken alike", ", ".join(few), 4, _LABELS, "dim")
    if explain and plan.undecided:
        page.labelled("undecided", ", ".join(plan.undecided), 4, _LABELS, "dim")


def _explain(page: Page, step: Step, pack: Pack) -> None:
    """Show what a step goes through, and the facts that it changes."""
    if step.through is not None:
        title = pack.operations[step.through.operation].title
        told = "; ".join(f"{name} = {show_value(value)}" for name, value in step.through.facts.items())
        page.labelled("goes through", f"{title}, which fits" + (f" ({told})" if told else ""), 7, 22, "dim")
    if step.instead:
        page.labelled("instead", pack.operations[step.instead].title, 7, 22, "dim")
    for name, value in step.effects.items():
        page.labelled("then", f"{name} = {show_value(value)}", 7, 22, "dim")
