"""One piece of work inside a process of its own: prints what it cost as JSON, without starting and making data.

``python inside.py check seen|distinct|"distinct, as JSON"|"round trip" COUNT``, ``rules RULES ROWS``,
``table TOOL KIND ROWS`` or ``pairs TOOL KIND IMAGES ECSS``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from peak_memory import peak_mib

Work = Callable[[], object]


def check(how: str, count: str) -> Work:
    """Check candidates one after the other, explained: all different ones, or those that were seen before."""
    import imagefit
    from checked import OPERATION, inventory

    pack, facts = inventory(int(count))
    if how == "round trip":
        listed = [{name: sorted(v) if isinstance(v, frozenset) else v for name, v in own.items()} for own in facts]
        return lambda: _each(lambda own: json.loads(json.dumps(own)), listed)
    one = partial(imagefit.check, operation=OPERATION, pack=pack)
    if how == "distinct, as JSON":
        one({})
        return lambda: _each(lambda own: one(own).to_json(), facts)
    for own in facts[:1] if how == "distinct" else facts:
        one(own)
    return lambda: _each(one, facts)


def _each(work: Callable[[Any], object], facts: list[Any]) -> None:
    for own in facts:
        work(own)


def rules(count: str, rows: str) -> Work:
    """Judge a table by generated rules, the plan included; warm, as in a service that audits again."""
    import candidates
    import ours
    import rulesets

    pack, every = rulesets.generated(int(count)), rulesets.generated(400)
    work = partial(ours.masks, pack, candidates.table(rulesets.facts_of(every), int(rows)))
    work()
    return work


def table(tool: str, kind: str, rows: str) -> Work:
    """Judge a table in memory."""
    from test_tables import TOOLS
    from workloads import SIZES, Workloads

    work, _ = TOOLS[tool](Workloads(replace(SIZES["bench"], rows=int(rows)), Path()), kind)
    work()
    return work


def pairs(tool: str, kind: str, images: str, ecss: str) -> Work:
    """Judge every image with every ECS, cold."""
    from candidates import sides
    from test_pairs import TOOLS

    return TOOLS[tool](*sides(kind, int(images), int(ecss)))[0]


def main(what: str, *arguments: str) -> None:
    work: Any = {"check": check, "rules": rules, "table": table, "pairs": pairs}[what](*arguments)
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps({"cpu": cpu, "wall": wall, "peak_mb": peak_mib() * 1.048576}))


if __name__ == "__main__":
    main(*sys.argv[1:])
