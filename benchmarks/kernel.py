"""What the compiled evaluator takes beside decision tables: one batch, encoded, verdicts and words of flags made of it.

``python benchmarks/kernel.py``: CPU nanoseconds a row on one thread, the least of some turns taken one after the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import candidates
import rulesets
from imagefit.columns.encoding import Encoder
from imagefit.evaluators import evaluate_with
from imagefit.evaluators.planes.judged import PlanesJudge
from imagefit.evaluators.results import Flags, Judged
from imagefit.kernel.library import Kernel, compiled
from imagefit.rulepack.pack import Outcome, Pack
from imagefit.sources.batch import SLICE_ROWS
from peers import bounds

TURNS = 15

WORKLOADS: dict[str, tuple[Callable[[], Pack], str]] = {
    "the built-in pack, skewed": (rulesets.measured, "skewed"),
    "the built-in pack, adversarial": (rulesets.measured, "adversarial"),
    "32 generated rules": (lambda: rulesets.generated(32), "skewed"),
    "100": (lambda: rulesets.generated(100), "skewed"),
    "400": (lambda: rulesets.generated(400), "skewed"),
}


def main() -> None:
    print("| rules | reading the columns | encoding | planes, AVX2 | in plain C | decision tables | tables / planes |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, (pack_of, kind) in WORKLOADS.items():
        costs = measured(pack_of(), kind)
        shown = " | ".join(f"{cost:.1f}" for cost in costs)
        print(f"| {name} | {shown} | {costs[-1] / costs[2]:.1f}x |", flush=True)


def measured(pack: Pack, kind: str) -> list[float]:
    """Return the nanoseconds a row of each column of the table."""
    table = candidates.table(rulesets.facts_of(pack), SLICE_ROWS, kind).combine_chunks()
    (batch,), arrays = table.to_batches(), bounds.codes_of(table)
    encoder = Encoder(pack.fields)
    rules = pack.rules_for(rulesets.OPERATION)
    quick = PlanesJudge(compiled(), rules, pack.fields)
    plain = PlanesJudge(Kernel(compiled().path, plainly=True), rules, pack.fields)
    tables = evaluate_with("tabular", pack, rules)
    works: list[tuple[Callable[[], Any], Callable[[Any], object]]] = [
        (lambda: arrays, bounds.read_codes),
        (lambda: batch, encoder.encode),
        (lambda: encoder.encode(batch), lambda encoded: _asked(quick.judge(encoded), quick.order)),
        (lambda: encoder.encode(batch), lambda encoded: _asked(plain.judge(encoded), plain.order)),
        (lambda: encoder.encode(batch), lambda encoded: _asked(tables.judge_columns(encoded), tables.order)),
    ]
    least = [float("inf")] * len(works)
    for _ in range(TURNS):
        for place, (prepare, work) in enumerate(works):
            given = prepare()  # codes are made when they are first asked for
            begin = time.thread_time()
            work(given)
            least[place] = min(least[place], time.thread_time() - begin)
    return [1e9 * cost / SLICE_ROWS for cost in least]


def _asked(found: Judged, order: object) -> object:
    flags: Flags = tuple((n, o) for o in (Outcome.FAIL, Outcome.UNKNOWN) for n in order)  # type: ignore[attr-defined]
    return found.levels(), found.masks(flags)


if __name__ == "__main__":
    main()
