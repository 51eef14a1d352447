"""The page docs/plans.md: for each error rule a candidate that fails it alone, and what would make it fit.

``python tests/planning/page.py > docs/plans.md``
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import imagefit
from imagefit.analysis.lint.remedies import satisfying
from imagefit.budgets import COMMAND, Budget
from imagefit.planning.planner import planner_of
from imagefit.planning.workshop import State
from imagefit.rulepack.pack import Pack, Rule, Severity
from imagefit.verdicts import Plan, Verdict

__all__ = ["alone", "page"]

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "corpus" / "huawei-ims.jsonl"
HEAD = """# What would make it fit

<!-- Made by `python tests/planning/page.py > docs/plans.md`; do not edit. -->

For each error rule of the pack `huawei-ims` one candidate of the corpus that fails it alone, one that has a plan if
there is one, and its plans: remedies that were applied one after the other and checked again. A plan here is no
Terraform plan. The three best are shown; "fits" ends compatible, "open" leaves undecided what was, and nothing known
against it. Where no candidate of the corpus has a plan, what they do not say is completed by the vocabulary's examples,
so that every fact is known; where there is none even so, the reason stands there.

| rule | operation | plans, the cheapest first |
|---|---|---|
"""


def alone(pack: Pack) -> dict[str, Verdict]:
    """Return for each error rule the candidate of the corpus that fails it alone, with the fewest rules undecided."""
    rows = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    rows = [row for row in rows if row["verdict"] == "incompatible" and row["outcomes"].get("fail")]
    found = _best(pack, rows, {})
    lacking = {rule for rule, verdict in found.items() if not verdict.plans(1)}
    lacking |= {rule.id for rule in pack.rules if rule.severity is Severity.ERROR} - found.keys()
    examples = {of.name: of.example for of in pack.fields.values() if of.example is not None}
    some = [row for row in rows if lacking.intersection(row["outcomes"]["fail"])]
    completed = _best(pack, some, examples)
    return found | {rule: verdict for rule, verdict in completed.items() if rule in lacking}


def _best(pack: Pack, rows: Iterable[Mapping[str, Any]], otherwise: Mapping[str, object]) -> dict[str, Verdict]:
    """Return for each rule the best of the candidates that fail it alone."""
    found: dict[str, tuple[tuple[int, int, int], Verdict]] = {}
    for row in rows:
        verdict = imagefit.check({**otherwise, **row["facts"]}, operation=row["operation"], pack=pack)
        if len(verdict.failed) == 1:
            rule = verdict.failed[0].rule
            rank = not verdict.plans(1), len(verdict.undecided), -len(verdict.facts)
            if rule not in found or rank < found[rule][0]:
                found[rule] = rank, verdict
    return {rule: verdict for rule, (_, verdict) in found.items()}


def why_none(rule: Rule, verdict: Verdict, pack: Pack) -> str:
    """Return why there is no plan where every fact is known."""
    names = satisfying(rule, pack, Budget(COMMAND))
    if not names:
        return "none: no remedy of the pack satisfies it"
    search = planner_of(pack, verdict.operation)
    start = search.workshop.start(verdict.operation, verdict.facts, ())
    said = []
    for name in names:
        action = next(each for each in search.workshop.actions if each.remedy.id == name)
        after = search.workshop.done(action, start)
        if isinstance(after, State):
            judging = search.judging(after.operation)
            fails = ", ".join(f"`{judging.rules[place].id}`" for place in judging.failing(after.outcomes))
            said.append(f"`{name}` leaves {fails}" if fails else f"`{name}` leaves it undecided")
        else:
            is_for = action.remedy.is_for(verdict.operation)
            said.append(f"`{name}` can't be done" + ("" if is_for else f" for {verdict.operation}"))
    return "none: " + "; ".join(said)


def _plan(plan: Plan) -> str:
    steps = ", then ".join(f"`{name}`" for name in plan.remedies)
    cost = f" ({', '.join(word.replace('_', ' ') for word in plan.cost)})" if plan.cost else ""
    warns = f", warns `{'`, `'.join(plan.warnings)}`" if plan.warnings else ""
    return f"{steps}{cost}: {'fits' if plan.verdict == 'compatible' else 'open'}{warns}"


def _lines(pack: Pack) -> Iterator[str]:
    found = alone(pack)
    for rule in pack.rules:
        if rule.severity is not Severity.ERROR:
            continue
        if rule.id not in found:
            yield f"| `{rule.id}` | {', '.join(rule.operations)} | no candidate of the corpus fails it alone |"
            continue
        verdict = found[rule.id]
        plans = verdict.plans(3)
        none = "" if plans else why_none(rule, verdict, pack)
        yield f"| `{rule.id}` | {verdict.operation} | {'<br>'.join(map(_plan, plans)) or none} |"


def page(pack: Pack) -> str:
    """Return the page."""
    return HEAD + "\n".join(_lines(pack)) + "\n"


if __name__ == "__main__":
    print(page(imagefit.load_pack()), end="")
