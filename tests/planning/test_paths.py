"""What is asked of some actions, whatever their order, is asked of each order, and nothing else."""

from __future__ import annotations

from itertools import combinations

from hypothesis import assume, given
from hypothesis import strategies as st

from imagefit.planning.moves import NOT_PASSING, Moves
from imagefit.planning.paths import Paths
from imagefit.planning.planner import planner_of
from imagefit.planning.search import MOST_STEPS
from imagefit.rulepack.pack import Pack
from strategies import packs_with_remedies


@given(packs_with_remedies(), st.booleans())
def test_a_trial_asks_what_its_orders_ask(pack: Pack, assumed: bool) -> None:
    assume(any("use" in rule.operations for rule in pack.rules))
    moves = Moves(planner_of(pack, "use").workshop, "use")
    paths = Paths(moves, assumed)
    for size in range(MOST_STEPS + 1):
        for places in combinations(range(len(moves.actions)), size):
            some = sum(1 << place for place in places)
            trial = paths.trial(some, NOT_PASSING)
            those, bits, common = trial
            untouched = {n + NOT_PASSING for place, n in enumerate(moves.first) if bits >> place & 1}
            parts = [part for fewer in range(size) for part in combinations(places, fewer)]
            assert sorted(those) == sorted(sum(1 << place for place in part) for part in parts)
            for order in moves.orders(some):
                path, tests = paths.path(order), paths.tests(order, NOT_PASSING, trial)
                assert (path is None) is (tests is None)
                if path is not None and tests is not None:
                    wanted = {number + NOT_PASSING for number in path.errors if number != moves.never} | {*path.steps}
                    asked = {*untouched, *common, *tests}
                    before = [paths.path(order[:length]) for length in range(len(order))]
                    stops = {
                        number
                        for place, at in zip(order, before, strict=True)
                        if at is not None
                        for _, number in moves.stops(place, at.changed)
                    }
                    assert wanted <= asked <= wanted | stops
