"""Fail where a job has become slower: its CPU seconds against a peer's, beside what gate.json says that they were.

``python benchmarks/gate.py [WORDS ...]`` measures the jobs whose titles have all the words, five rounds in which the
tools take turns. A ratio that is more than a quarter worse fails; ``--update`` writes what was measured.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from jobs import SIZES, jobs_of, measured

__all__ = ["worse"]

COMMITTED = Path(__file__).with_name("gate.json")
ROUNDS = 5
MOST = 1.25
"""So many times the committed ratio is let pass: medians of five rounds differ by a tenth on a machine in use."""


def worse(found: Mapping[str, float], committed: Mapping[str, float]) -> list[str]:
    """Return a line for each job that has become too slow, or that nothing is committed of."""
    lines = []
    for title, ratio in found.items():
        if title not in committed:
            lines.append(f"{title}: {ratio:.3g}x, and gate.json has no ratio; run it with --update")
        elif ratio > committed[title] * MOST:
            lines.append(
                f"{title}: {ratio:.3g}x is {ratio / committed[title]:.2f} times the {committed[title]:.3g}x it was"
            )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("words", nargs="*", help="of the titles of jobs")
    parser.add_argument("--update", action="store_true", help="commit to what is measured")
    options = parser.parse_args()
    committed: dict[str, float] = json.loads(COMMITTED.read_text()) if COMMITTED.exists() else {}
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for job in jobs_of(SIZES["gate"], Path(folder)):
            if all(word.lower() in job.title.lower() for word in options.words):
                found[job.title] = job.ratio(measured(job, ROUNDS))
                was = f" (was {committed[job.title]:.3g}x)" if job.title in committed else ""
                print(f"{found[job.title]:8.3g}x  {job.title}{was}", flush=True)
    if options.update:
        merged = {**committed, **{title: float(f"{ratio:.3g}") for title, ratio in found.items()}}
        COMMITTED.write_text(json.dumps(merged, indent=1) + "\n")
    elif failures := worse(found, committed):
        sys.exit("\n".join(["", "slower than it was:", *failures]))


if __name__ == "__main__":
    main()
