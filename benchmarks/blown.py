"""What a verdict costs, in CPU seconds, on packs that were made to blow up, and how often a budget ended.

``python benchmarks/blown.py [PACKS]`` makes so many packs of up to 200 rules (`tests/blowups.py`), checks three
candidates on each, and prints a row for each kind; and a fiftieth as many of 1,000 rules, which have some 5, 12 or
25 comparisons each and all hang together. A pack's first verdict has to make ready what the others use. What explains
its rules is worked out when it is read: the last column is what it takes, in the median, to read all of it as JSON.
"""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import imagefit
from blowups import KINDS, OPERATION, a_thousand, files
from imagefit.api.packs import load_unproven_pack
from imagefit.rulepack.pack import Pack

THOUSAND = {f"1,000 rules, {count} comparisons": levels for levels, count in ((1, 5), (2, 12), (3, 25))}

Cost = tuple[float, float, bool]
"""Seconds of a verdict, and of reading all of it; and whether a budget ended."""


def candidates(pack: Pack, random: Random) -> Iterator[dict[str, object]]:
    """One of which nothing is known, and two of which more is: each fact has its example, or is unknown."""
    for share in (0.0, 0.5, 0.9):
        yield {name: field.example for name, field in pack.fields.items() if random.random() < share}


def told(name: str, found: Sequence[Cost]) -> str:
    cost = sorted(1e3 * seconds for seconds, _, _ in found)
    ended = sum(has_ended for _, _, has_ended in found)
    read = statistics.median(1e3 * seconds for _, seconds, _ in found)
    shown = [statistics.median(cost), cost[-1 - len(cost) // 100], cost[-1]]
    return f"| {name} | {' | '.join(f'{ms:.1f}' for ms in shown)} | {ended} of {len(found)} | {read:.1f} |"


def main(count: int) -> None:
    first: dict[str, list[Cost]] = defaultdict(list)
    later: dict[str, list[Cost]] = defaultdict(list)
    imagefit.check({}, operation="share").to_dict()  # what any first check imports
    for number in range(count + count // 50 * len(THOUSAND)):
        kind = list(KINDS)[number % len(KINDS)] if number < count else list(THOUSAND)[number % len(THOUSAND)]
        random = Random(number)
        with tempfile.TemporaryDirectory() as folder:
            made = a_thousand(random, THOUSAND[kind]) if kind in THOUSAND else files(kind, random)
            for name, text in made.items():
                Path(folder, name).write_text(text, "utf-8")
            pack = load_unproven_pack(folder)
        gc.collect()
        for place, facts in enumerate(candidates(pack, random)):
            begin = time.process_time()
            verdict = imagefit.check(facts, operation=OPERATION, pack=pack)
            done = time.process_time()
            verdict.to_dict()
            cost = done - begin, time.process_time() - done, verdict.missing_at_least
            (later if place else first)[kind].append(cost)
    print("| first verdict of a pack | median ms | 99 % | worst | a budget ended | all read, ms |")
    print("|---|---:|---:|---:|---:|---:|")
    for kind, found in first.items():
        print(told(kind, found))
    for name, by_kind in (("all", first), ("all, later verdicts", later)):
        few = [each for kind, of in by_kind.items() if kind not in THOUSAND for each in of]
        print(told(f"{name}, but those of 1,000 rules", few))
    print(told("1,000 rules, later verdicts", [each for kind in THOUSAND for each in later[kind]]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
