"""The durable evaluator says what the definition says, of every candidate, and keeps nothing of any."""

from __future__ import annotations

import gc
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagefit
from imagefit.conditions import leaves
from imagefit.evaluators import EVALUATORS, reference
from imagefit.evaluators.cells import representatives
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack
from strategies import candidates, conditions, pack_of, packs, rule_of

pytestmark = pytest.mark.durable
engine = pytest.importorskip("durable_rules_engine", exc_type=ImportError)
durable = pytest.importorskip("imagefit.evaluators.durable.engine", exc_type=ImportError)


def outcomes(pack: Pack, facts: Facts) -> list[Outcome]:
    return list(durable.judge(pack, pack.rules)(facts))


def expected(pack: Pack, facts: Facts) -> list[Outcome]:
    return [reference.outcome(rule, facts) for rule in pack.rules]


# -- agreement -------------------------------------------------------------------------------------------


@pytest.mark.slow
@given(packs(), st.lists(candidates(), max_size=5))
def test_it_agrees_with_the_definition_on_any_pack_and_candidate(pack: Pack, made: list[Facts]) -> None:
    judge = durable.judge(pack, pack.rules)
    for facts in made:
        assert list(judge(facts)) == expected(pack, facts)


@given(st.lists(conditions(max_leaves=25), min_size=1, max_size=3), candidates())
def test_it_agrees_on_large_conditions(made, facts: Facts) -> None:
    rules = [rule_of(f"made.rule-{n}", condition, condition) for n, condition in enumerate(made)]
    pack = pack_of(rules)
    assert outcomes(pack, facts) == expected(pack, facts)


def test_it_can_be_chosen_by_name() -> None:
    assert EVALUATORS["durable"].module == "imagefit.evaluators.durable.engine"
    facts = {"image.visibility": "shared", "image.encrypted": "true"}
    given_reference = imagefit.check(facts, operation="share").to_dict()
    assert imagefit.check(facts, operation="share", evaluator="durable").to_dict() == given_reference


def test_without_the_library_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    with pytest.raises(imagefit.EvaluatorError, match=r"pip install 'imagefit\[durable\]'.*C compiler") as error:
        durable.judge(pack_of([]), [])
    assert "\n" not in str(error.value)


# -- state: nothing of a candidate stays ------------------------------------------------------------------


class Failing:
    """The engine, but one of its functions raises when it is called for the n-th time."""

    def __init__(self, name: str, at: int) -> None:
        self.name, self.at = name, at

    def __getattr__(self, name: str) -> object:
        if name == self.name:
            self.at -= 1
            if self.at == 0:
                return self._raise
        return getattr(engine, name)

    @staticmethod
    def _raise(*_: object) -> None:
        raise KeyboardInterrupt


@pytest.mark.parametrize("at", range(2, 8))
@pytest.mark.parametrize(
    "function", ["assert_fact", "start_action_for_state", "complete_and_start_action", "retract_fact"]
)
def test_after_an_error_nothing_of_the_candidate_is_left(
    function: str, at: int, monkeypatch: pytest.MonkeyPatch, built_in: Pack
) -> None:
    monkeypatch.setitem(sys.modules, "durable_rules_engine", Failing(function, at))
    judge = durable.judge(built_in, built_in.rules_for("share"))
    private = {"image.visibility": "private", "image.encrypted": True}
    for _ in range(20):
        try:
            judge(private)
        except KeyboardInterrupt:
            break
    for facts in ({}, private, {"image.visibility": "public"}, {}):
        assert list(judge(facts)) == [reference.outcome(rule, facts) for rule in built_in.rules_for("share")]


def test_an_error_of_the_engine_is_raised_and_not_swallowed(monkeypatch: pytest.MonkeyPatch, built_in: Pack) -> None:
    judge = durable.judge(built_in, built_in.rules_for("share"))
    monkeypatch.setattr("imagefit.evaluators.durable.facts.Layout.fact", lambda *_: '{"id":"candidate","sid":"0",')
    with pytest.raises(engine.error):
        judge({})
    monkeypatch.undo()
    assert list(judge({})) == [reference.outcome(rule, {}) for rule in built_in.rules_for("share")]


def test_a_candidate_does_not_depend_on_those_before_it(built_in: Pack) -> None:
    rules = built_in.rules_for("create_ecs")
    cells = representatives((leaf for rule in rules for leaf in leaves(rule.violation)), built_in.fields)
    made: list[Facts] = [{name: found[n % len(found)] for name, found in cells.items() if n % 5} for n in range(40)]
    judge = durable.judge(built_in, rules)
    forward = [list(judge(facts)) for facts in made]
    backward = [list(judge(facts)) for facts in reversed(made)]
    assert forward == backward[::-1] == [[reference.outcome(rule, facts) for rule in rules] for facts in made]


def test_it_may_be_called_from_several_threads(built_in: Pack) -> None:
    rules = built_in.rules_for("share")
    judge = durable.judge(built_in, rules)
    made: list[Facts] = [
        {"image.recipients": n, "image.type": kind} for n in range(150) for kind in ("iso", "full_ecs")
    ]
    wrong: list[Facts] = []

    def work() -> None:
        wrong.extend(f for f in made if list(judge(f)) != [reference.outcome(rule, f) for rule in rules])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.fixture
def handles(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[int]]:
    """The rulesets that the engine holds."""
    held: set[int] = set()
    create, delete = engine.create_ruleset, engine.delete_ruleset

    def created(*args: str) -> int:
        held.add(handle := create(*args))
        return handle

    def deleted(handle: int) -> None:
        held.discard(handle)
        delete(handle)

    monkeypatch.setattr(engine, "create_ruleset", created)
    monkeypatch.setattr(engine, "delete_ruleset", deleted)
    yield held


def test_rulesets_are_freed_with_the_judge(handles: set[int], built_in: Pack) -> None:
    judge = durable.judge(built_in, built_in.rules)
    judge({})
    assert handles
    del judge
    gc.collect()
    assert handles == set()


GROWTH = """
    import imagefit
    from imagefit.evaluators.durable.engine import judge

    def resident():
        return int(open("/proc/self/statm").read().split()[1]) * 4

    pack = imagefit.load_pack()
    evaluate = judge(pack, pack.rules_for("create_ecs"))
    kinds = ("private", "public", "shared", "koogallery")
    for n in range(8_000):
        evaluate({"image.visibility": kinds[n % 4], "image.owner": f"account-{n}", "ecs.account": "me"})
        if n == 2000:
            before = resident()
    judged = resident()
    for n in range(30):
        judge(pack, pack.rules)({})
        if n == 10:
            built = resident()
    print(judged - before, resident() - built)
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_long_running_process_does_not_grow() -> None:
    found = subprocess.run([sys.executable, "-c", textwrap.dedent(GROWTH)], capture_output=True, text=True, check=True)
    over_candidates, over_packs = map(int, found.stdout.split())
    assert over_candidates < 3000, "KiB over 6,000 candidates; one pack's states take 3,000"
    assert over_packs < 1500, "KiB over 20 packs"
