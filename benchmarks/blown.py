"""What a verdict costs, in CPU seconds, on packs that were made to blow up, and how often a budget ended.

``python benchmarks/blown.py [PACKS]`` makes so many packs of up to 200 rules (`tests/blowups.py`), checks three
candidates on each, and prints a row for each kind; and a fiftieth as many of 1,000 rules, each of some five
comparisons. A pack's first verdict has to make ready what the others use.
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

THOUSAND = "1,000 rules"


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
    for number in range(count + count // 50):
        kind = list(KINDS)[number % len(KINDS)] if number < count else THOUSAND
        random = Random(number)
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (a_thousand(random) if kind == THOUSAND else files(kind, random)).items():
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
    for name, by_kind in (("all", first), ("all, later verdicts", later)):
        print(
            told(f"{name} but those of {THOUSAND}", [each for of in by_kind if of != THOUSAND for each in by_kind[of]])
        )
    print(told(f"{THOUSAND}, later verdicts", later[THOUSAND]))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
