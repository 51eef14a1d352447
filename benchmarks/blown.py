"""What a verdict costs, in CPU seconds, on packs that were made to blow up, and how often a budget ended.

``python benchmarks/blown.py [PACKS]`` makes so many packs of up to 200 rules (`tests/blowups.py`), checks three
candidates on each, and prints a row for each kind. A pack's first verdict has to make ready what the others use.
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
from blowups import KINDS, OPERATION, files
from imagefit.api.packs import load_unproven_pack
from imagefit.rulepack.pack import Pack


def candidates(pack: Pack, random: Random) -> Iterator[dict[str, object]]:
    """One of which nothing is known, and two of which more is: each fact has its example, or is unknown."""
    for share in (0.0, 0.5, 0.9):
        yield {name: field.example for name, field in pack.fields.items() if random.random() < share}


def told(name: str, found: Sequence[tuple[float, bool]]) -> str:
    cost = sorted(1e3 * seconds for seconds, _ in found)
    ended = sum(has_ended for _, has_ended in found)
    shown = [statistics.median(cost), cost[-1 - len(cost) // 100], cost[-1]]
    return f"| {name} | {' | '.join(f'{ms:.1f}' for ms in shown)} | {ended} of {len(found)} |"


def main(count: int) -> None:
    first: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    later: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    imagefit.check({}, operation="share").to_dict()  # what any first check imports
    for number in range(count):
        kind = list(KINDS)[number % len(KINDS)]
        random = Random(number)
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files(kind, random).items():
                Path(folder, name).write_text(text, "utf-8")
            pack = load_unproven_pack(folder)
        gc.collect()
        for place, facts in enumerate(candidates(pack, random)):
            begin = time.process_time()
            verdict = imagefit.check(facts, operation=OPERATION, pack=pack)
            verdict.to_dict()
            seconds = time.process_time() - begin
            (later if place else first)[kind].append((seconds, verdict.missing_at_least))
    print("| first verdict of a pack | median ms | 99 % | worst | a budget ended |\n|---|---:|---:|---:|---:|")
    for kind, found in first.items():
        print(told(kind, found))
    print(told("all", [each for found in first.values() for each in found]))
    print(told("all, later verdicts", [each for found in later.values() for each in found]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
