"""One candidate: the verdict alone, with its explanation, which is read, and what starting costs.

Candidates are drawn from the skewed inventory and judged for `create_ecs`: a thousand different ones, and
nothing is remembered when they begin, so that what is remembered from one of them helps the next just as
far as it would for a user; and the same one again and again.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import checked
import imagefit
from imagefit.explanations.candidate.prepared import prepare
from imagefit.facts import Facts
from imagefit.verdicts import VerdictKind
from records import OURS

ROOT = Path(__file__).parents[1]
OPERATION = checked.OPERATION
COUNT = 1000
DISTINCT, AGAIN = "distinct", "the same again"
TOOLS = {"reference": OURS, "tabular": f"{OURS}, tabular", "durable": "durable_rules"}
NEEDS = {"reference": "imagefit", "tabular": "numpy", "durable": "durable"}
INSTALLED = [name for name in TOOLS if find_spec(NEEDS[name])]


@cache
def inventory() -> tuple[imagefit.Pack, list[Facts]]:
    """The built-in pack, and candidates that are all different."""
    return checked.inventory(COUNT)


@pytest.fixture
def each(benchmark: Any) -> Callable[..., None]:
    """Measure a function that `prepare` makes, on one candidate after the other."""

    def run(prepare: Callable[[], Callable[[Facts], object]], measure: str, tool: str, data: str) -> None:
        _, found = inventory()
        same = data == AGAIN and next(facts for facts in found if len(_checked(facts).rules) > 2)
        facts = [same] * COUNT if same else found

        def over_all(function: Callable[[Facts], object]) -> None:
            for one in facts:
                function(one)

        benchmark.extra_info.update(measure=measure, tool=tool, data=data, items=COUNT, unit="check")
        benchmark.pedantic(over_all, setup=lambda: ((prepare(),), {}), rounds=9, iterations=1)

    return run


def _checked(facts: Facts) -> imagefit.Verdict:
    return imagefit.check(facts, operation=OPERATION, pack=inventory()[0])


def checking(evaluator: str = "reference", as_dict: bool = False, **options: bool) -> Callable[[Facts], object]:
    """A function that checks a candidate, made ready for it and with nothing remembered."""
    pack, _ = inventory()
    pack.memory.clear()
    arguments: dict[str, Any] = {"operation": OPERATION, "pack": pack, "evaluator": evaluator, **options}
    imagefit.check({}, **arguments)
    if as_dict:
        return lambda facts: imagefit.check(facts, **arguments).to_dict()
    return lambda facts: checked.read(imagefit.check(facts, **arguments))


@pytest.mark.parametrize("evaluator", INSTALLED)
def test_verdict_only(each: Any, evaluator: str) -> None:
    """Each says the verdict in its shortest way; of durable_rules, the outcomes are enough."""
    pack, found = inventory()
    prepared, reference = prepare(pack, OPERATION, evaluator=evaluator), prepare(pack, OPERATION)
    rules, judge = prepared.rules, prepared.judge
    functions = {
        "reference": lambda facts: VerdictKind.of(rules, judge(facts)),
        "tabular": prepared.evaluator.verdict,
        "durable": judge,
    }
    for facts in found:
        expected = list(reference.judge(facts))
        assert list(judge(facts)) == expected
        if evaluator == "tabular":
            assert functions[evaluator](facts) == VerdictKind.of(rules, expected)
    each(lambda: functions[evaluator], "one check, verdict only", TOOLS[evaluator], DISTINCT)


@pytest.mark.parametrize("evaluator", INSTALLED)
@pytest.mark.parametrize("data", [DISTINCT, AGAIN])
def test_explained(each: Any, evaluator: str, data: str) -> None:
    tool = OURS if evaluator == "reference" else f"{OURS}, {evaluator}"
    each(lambda: checking(evaluator), "one check, explained", tool, data)


def test_all_rules_of_an_operation(each: Any) -> None:
    each(lambda: checking(all_rules=True), "one check, all rules explained", OURS, DISTINCT)


def test_as_a_dict(each: Any) -> None:
    each(lambda: checking(as_dict=True), "one check, explained, as a dict", OURS, DISTINCT)


def test_loading_the_pack(benchmark: Any) -> None:
    imagefit.load_pack()
    benchmark.extra_info.update(measure="loading the pack", tool=OURS, data="built-in", items=1, unit="load")
    benchmark.pedantic(imagefit.load_pack, rounds=10, iterations=1)


IMAGEFIT = str(Path(sys.executable).with_name("imagefit"))
IMAGES = ("--image", "data/samples/images.json", "--flavor", "s6.large.2", "--operation", OPERATION)
RUNS = {
    "python that does nothing": (sys.executable, "-c", "pass"),
    "import imagefit": (sys.executable, "-c", "import imagefit"),
    "imagefit --help": (IMAGEFIT, "--help"),
    "imagefit check, one candidate": (IMAGEFIT, "check", "--operation", "share", "--set", "image.visibility=private"),
    "imagefit check, a list of images": (IMAGEFIT, "check", *IMAGES),
}


@pytest.mark.parametrize("name", RUNS)
def test_wall_time(benchmark: Any, name: str) -> None:
    def run() -> int:
        return subprocess.run(RUNS[name], cwd=ROOT, env=os.environ, capture_output=True, check=False).returncode

    assert run() in (0, 1, 3)
    benchmark.extra_info.update(measure="a process, start to end", tool=name, data="wall time", items=1, unit="run")
    benchmark.pedantic(run, rounds=10, iterations=1, warmup_rounds=1)
