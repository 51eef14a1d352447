"""Works inside one process, which take turns: prints what each cost as JSON, without starting and making data.

``python inside.py ROUNDS check seen|distinct|"distinct, as JSON" COUNT``, ``rules ROWS``, ``table PEER KIND ROWS`` or
``pairs PEER KIND IMAGES ECSS``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from peak_memory import peak_mib
from records import OURS

MOST, SHORT = 5, 1.0
"""In its turn, a tool does its work so many times at most, as long as that took less than so many seconds."""

Work = Callable[[], object]
Works = Mapping[str, Callable[[], Work]]
"""Of each tool, what makes it ready and returns what is measured."""


def check(how: str, count: str) -> Works:
    """Check candidates and read why, one after the other: all different ones, or those that were seen before."""
    import imagefit
    from checked import OPERATION, inventory, read

    pack, facts = inventory(int(count))
    listed = [{name: sorted(v) if isinstance(v, frozenset) else v for name, v in own.items()} for own in facts]
    one = partial(imagefit.check, operation=OPERATION, pack=pack, evaluator="tabular")

    def ready() -> Work:
        if how != "seen":
            pack.memory.clear()
        one({}).to_json()
        if how == "seen":
            _each(one, facts)
        is_json = how == "distinct, as JSON"
        return partial(_each, (lambda own: one(own).to_json()) if is_json else (lambda own: read(one(own))), facts)

    return {OURS: ready, "JSON": lambda: partial(_each, lambda own: json.loads(json.dumps(own)), listed)}


def _each(work: Callable[[Any], object], facts: Iterable[Any]) -> None:
    for own in facts:
        work(own)


def rules(rows: str) -> Works:
    """Judge a table by 400 and by 100 generated rules, the plan included."""
    import candidates
    import ours
    import rulesets

    packs = {OURS: rulesets.generated(400), "100 rules": rulesets.generated(100)}
    table = candidates.table(rulesets.facts_of(packs[OURS]), int(rows))
    return {tool: _ready(partial(ours.masks, pack, table)) for tool, pack in packs.items()}


def table(peer: str, kind: str, rows: str) -> Works:
    """Judge a table in memory."""
    from test_tables import TOOLS
    from workloads import SIZES, Workloads

    workloads = Workloads(replace(SIZES["bench"], rows=int(rows)), Path())
    return {tool: _ready(TOOLS[tool](workloads, kind)[0]) for tool in (OURS, peer)}


def pairs(peer: str, kind: str, images: str, ecss: str) -> Works:
    """Judge every image with every ECS."""
    from candidates import sides
    from test_pairs import TOOLS

    own = sides(kind, int(images), int(ecss))
    return {tool: _ready(TOOLS[tool](*own)[0]) for tool in (OURS, peer)}


def _ready(work: Work) -> Callable[[], Work]:
    return lambda: work


def main(rounds: str, what: str, *arguments: str) -> None:
    works: Works = {"check": check, "rules": rules, "table": table, "pairs": pairs}[what](*arguments)  # type: ignore[operator]
    costs: dict[str, list[dict[str, float]]] = {tool: [] for tool in works}
    for number in range(int(rounds) + 1):  # the first is for warming up
        for tool, ready in works.items():
            turn = _turn(ready)
            if number:
                costs[tool].append({**turn, "peak_mb": peak_mib() * 1.048576})
    print(json.dumps(costs))


def _turn(ready: Callable[[], Work]) -> dict[str, float]:
    """Measure a tool's turn: what takes less than a second is done a few times, and the median counts."""
    costs: list[dict[str, float]] = []
    while len(costs) < MOST and sum(cost["wall"] for cost in costs) < SHORT:
        work = ready()
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        costs.append({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall})
    return sorted(costs, key=lambda cost: cost["cpu"])[(len(costs) - 1) // 2]


if __name__ == "__main__":
    main(*sys.argv[1:])
