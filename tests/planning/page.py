"""The page docs/plans.md: for each error rule a candidate that fails it alone, and what would make it fit.

``python tests/planning/page.py > docs/plans.md``
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import imagefit
from imagefit.rulepack.pack import Pack, Severity
from imagefit.verdicts import Plan, Verdict

__all__ = ["alone", "page"]

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "corpus" / "huawei-ims.jsonl"
HEAD = """# What would make it fit

<!-- Made by `python tests/planning/page.py > docs/plans.md`; do not edit. -->

For each error rule of the pack `huawei-ims` one candidate of the corpus that fails it alone, one that has a plan if
there is one, and its plans: remedies that were applied one after the other and checked again. A plan here is no
Terraform plan. The three best are shown; "fits" ends compatible, "open" leaves undecided what was, and nothing known
against it. Where there is none, it needs more to be known than the candidates of the corpus say, or nothing helps.

| rule | operation | plans, the cheapest first |
|---|---|---|
"""


def alone(pack: Pack) -> dict[str, Verdict]:
    """Return for each error rule the candidate of the corpus that fails it alone, with the fewest rules undecided."""
    found: dict[str, tuple[tuple[int, int, int], Verdict]] = {}
    for line in CORPUS.read_text("utf-8").splitlines():
        row = json.loads(line)
        failing = row["outcomes"].get("fail", [])
        if row["verdict"] != "incompatible" or not failing:
            continue
        verdict = imagefit.check(row["facts"], operation=row["operation"], pack=pack)
        if len(verdict.failed) == 1:
            rule = verdict.failed[0].rule
            rank = not verdict.plans(1), len(verdict.undecided), -len(verdict.facts)
            if rule not in found or rank < found[rule][0]:
                found[rule] = rank, verdict
    return {rule: verdict for rule, (_, verdict) in found.items()}


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
        named = ", ".join(f"`{name}`" for name in rule.remedies)
        none = (
            f"none: its remedies ({named}) can't be done on any of them"
            if named
            else "none: no remedy is known to the pack"
        )
        yield f"| `{rule.id}` | {verdict.operation} | {'<br>'.join(map(_plan, plans)) or none} |"


def page(pack: Pack) -> str:
    """Return the page."""
    return HEAD + "\n".join(_lines(pack)) + "\n"


if __name__ == "__main__":
    print(page(imagefit.load_pack()), end="")
