"""What plans cost, in CPU seconds: of one candidate over the corpus, of an audit, and of suggestions.

``python benchmarks/plans.py [--rows N]`` prints the figures and the ratios. Nothing of it is remembered between runs.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

import candidates
import generators
import imagefit
from imagefit.rulepack.pack import Pack

ROOT = Path(__file__).parents[1]
OPERATION = "create_ecs"

TURNS = 3
"""So many turns audits without and with plans take, of which the quickest counts."""


def seconds(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def corpus(pack: Pack) -> Iterator[imagefit.Verdict]:
    """Every candidate of the corpus that is not compatible."""
    for line in (ROOT / "tests" / "corpus" / "huawei-ims.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        verdict = imagefit.check(row["facts"], operation=row["operation"], pack=pack)
        if verdict.verdict != "compatible":
            yield verdict


def one_candidate(pack: Pack) -> None:
    verdicts = list(corpus(pack))
    gc.collect()
    gc.freeze()  # what the corpus itself holds is not the planner's to look through
    for run in ("first", "second"):
        found = sorted(seconds(verdict.plans) for verdict in verdicts)
        shown = ", ".join(f"{name} {1e3 * value:.2f} ms" for name, value in (
            ("median", statistics.median(found)), ("99 %", found[len(found) * 99 // 100]), ("worst", found[-1]),
        ))  # fmt: skip
        print(f"plans of one candidate, {run} run over {len(found)}: {shown} (target: median 5 ms, worst 20 ms)")


def audits(pack: Pack, rows: int) -> None:
    known = generators.candidates(generators.Maker(1, (1, 1)), "skewed")
    names = dict.fromkeys(name for rule in pack.rules_for(OPERATION) for name in rule.facts)
    skewed = candidates.lists_as_such(candidates.table([pack.fields[name] for name in names if name in known], rows))
    image = [name for name in names if name in known and name.startswith("image.")]
    inventory = candidates.lists_as_such(candidates.table([pack.fields[name] for name in image], rows))
    flavor = {"ecs.architecture": "x86_64", "ecs.accelerator": "npu", "ecs.memory_mib": 8192, "ecs.account": "a"}
    few = skewed.take(np.random.default_rng(1).zipf(1.3, rows) % min(1_000, rows))
    tables = ("skewed pairs", skewed, {}), ("images with one flavor", inventory, flavor)
    for name, table, given in (("pairs, of 1,000 different ones", few, {}), *tables):
        times: dict[bool, list[float]] = {False: [], True: []}
        for plans in (False, True) * TURNS:
            with tempfile.TemporaryDirectory() as folder:
                audit = imagefit.audit(table, operation=OPERATION, pack=imagefit.load_pack(), set=given, plans=plans)
                gc.collect()
                times[plans].append(
                    seconds(lambda audit=audit, folder=folder: audit.write(Path(folder) / "out.parquet"))
                )
        told(f"audit of {rows:,} {name}", times)


def commands(rows: int) -> None:
    """The same as a command, from file to file."""
    for ending in ("parquet", "csv"):
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, f"skewed.{ending}")
            generators.write(source, "candidates", rows, kind="skewed")
            times: dict[bool, list[float]] = {False: [], True: []}
            for plans in (False, True) * TURNS:
                line = ["audit", str(source), "--operation", OPERATION, "-o", f"{folder}/out.{ending}"]
                times[plans].append(process([*line, "--plans"] if plans else line))
            told(f"imagefit audit, {rows:,} skewed rows, {ending} to {ending}", times)


def told(name: str, times: Mapping[bool, Sequence[float]]) -> None:
    without, with_ = min(times[False]), min(times[True])
    print(f"{name}: {without:.2f} s, with plans {with_:.2f} s: {with_ / without:.2f}x (target: 1.5x)", flush=True)


def suggested() -> None:
    samples = ROOT / "data" / "samples" / "images.json"
    one = json.loads(samples.read_text("utf-8"))["images"][0]
    with tempfile.TemporaryDirectory() as folder:
        for count in (1, 10_000):
            images = [{**one, "id": f"{one['id']}-{n}", "min_disk": 20 + n % 80} for n in range(count)]
            Path(folder, f"{count}.json").write_text(json.dumps({"images": images}))
        lines = {
            "imagefit --version": ["--version"],
            "suggest over one image": ["suggest", "--image", f"{folder}/1.json", "--flavor", "c7n.xlarge.2"],
            "suggest over the shipped catalog": [
                "suggest",
                "--image",
                f"{samples}#orders-web",
                "--like",
                "c7n.xlarge.2",
            ],
            "suggest over 10,000 images": ["suggest", "--image", f"{folder}/10000.json", "--flavor", "c7n.xlarge.2"],
        }
        found: dict[str, list[float]] = {name: [] for name in lines}
        for _ in range(7):
            for name, line in lines.items():
                found[name].append(process(line))
    start, *_ = least = [min(own) for own in found.values()]
    for name, own in zip(lines, least, strict=True):
        print(f"{name}: {own:.2f} s, {own - start:.2f} s beyond the start of the process (target: 0.5 s)")


def process(line: list[str]) -> float:
    """Return the CPU seconds of a process of the command line."""
    command = [sys.executable, "-I", "-S", str(Path(__file__).with_name("measured.py"))]
    command += [str(Path(sys.executable).with_name("imagefit")), *line]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["code"] in (0, 1, 3), f"{line}: exit code {found['code']}"
    return float(found["cpu"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", choices=("one", "audit", "commands", "suggest"))
    chosen = parser.parse_args()
    built_in = imagefit.load_pack()
    if chosen.only in (None, "one"):
        one_candidate(built_in)
    if chosen.only in (None, "suggest"):
        suggested()
    if chosen.only in (None, "audit"):
        audits(built_in, chosen.rows)
    if chosen.only in (None, "commands"):
        commands(chosen.rows)
    sys.stdout.flush()
