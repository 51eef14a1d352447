"""The durable evaluator over many candidates in one process: whether memory grows, and speed beside the others.

``python benchmarks/durable_memory.py [CANDIDATES]`` prints resident memory as it goes (Linux), then the
processor time of a candidate in each evaluator, outcomes of all rules of ``create_ecs``, no explanation.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator

import imagefit
from imagefit.conditions import leaves
from imagefit.evaluators import EVALUATORS, evaluate_with
from imagefit.evaluators.cells import representatives
from imagefit.facts import Facts, FieldType, Value
from imagefit.rulepack.pack import Pack

OPERATION = "create_ecs"


def candidates(pack: Pack, count: int) -> Iterator[Facts]:
    """Yield candidates of which no two have the same texts; one fact in twenty is unknown."""
    rules = pack.rules_for(OPERATION)
    cells = representatives((leaf for rule in rules for leaf in leaves(rule.violation)), pack.fields)
    texts = [name for name in cells if pack.fields[name].type is FieldType.STRING]
    chance = random.Random(1)
    for number in range(count):
        facts: dict[str, Value] = {
            name: chance.choice(values) for name, values in cells.items() if chance.random() > 0.05
        }
        facts |= {name: f"{facts[name]}-{number}" for name in texts if name in facts and chance.random() < 0.5}
        yield facts


def resident_mib() -> float:
    """Return the resident memory of this process in MiB."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 2**20


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    pack = imagefit.load_pack()
    rules = pack.rules_for(OPERATION)
    judge = evaluate_with("durable", pack, rules).judge
    for number, facts in enumerate(candidates(pack, count)):
        if number % (count // 10) == 0:
            print(f"{number:>10,} candidates {resident_mib():8.1f} MiB", flush=True)
        judge(facts)
    print(f"{count:>10,} candidates {resident_mib():8.1f} MiB")
    made = list(candidates(pack, 10_000))
    for name in EVALUATORS:
        judge = evaluate_with(name, pack, rules).judge
        for facts in made[:1000]:
            judge(facts)
        start = time.process_time()
        for facts in made:
            judge(facts)
        print(f"{name:<10} {(time.process_time() - start) / len(made) * 1e6:8.1f} us a candidate, {len(rules)} rules")


if __name__ == "__main__":
    main()
