"""Plans hold: every one verifies, none is missed, and learning a fact turns none into its opposite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

import imagefit
from imagefit.budgets import Budget
from imagefit.evaluators.reference import outcome, truth
from imagefit.explanations.remedies.effects import applied
from imagefit.facts import Facts
from imagefit.planning.planner import planner_of
from imagefit.planning.search import Search
from imagefit.planning.workshop import State
from imagefit.rulepack.pack import Outcome, Pack, Remedy, Severity
from imagefit.verdicts import Plan, Plans, Verdict
from packfiles import shipped_pack, small_pack
from strategies import COSTS, FEW_FIELDS, few_candidates, more, packs_with_remedies, values

EVERY = 10_000

# An oracle of its own: what a plan is, written down once more and without any thought of speed.

Todo = tuple[str, Facts]
"""The operation that is to be done, and the candidate's facts."""


def outcomes(pack: Pack, todo: Todo, severity: Severity, wanted: Outcome) -> set[str]:
    rules = [rule for rule in pack.rules if todo[0] in rule.operations and rule.severity is severity]
    return {rule.id for rule in rules if outcome(rule, todo[1]) is wanted}


def failing(pack: Pack, todo: Todo) -> set[str]:
    return outcomes(pack, todo, Severity.ERROR, Outcome.FAIL)


def undecided(pack: Pack, todo: Todo) -> set[str]:
    return outcomes(pack, todo, Severity.ERROR, Outcome.UNKNOWN)


def has_rules(pack: Pack, operation: str) -> bool:
    return any(operation in rule.operations for rule in pack.rules)


def done(pack: Pack, remedy: Remedy, todo: Todo) -> Todo | None:
    """The candidate after a remedy; None where that can't be done or changes nothing."""
    operation, facts = todo
    if not remedy.is_for(operation) or truth(remedy.requires, facts) is not True or remedy.instead == operation:
        return None
    if remedy.through is not None:
        through = remedy.through.operation, applied(remedy.through.facts, facts)
        if failing(pack, through) or undecided(pack, through):
            return None
    after = remedy.instead or operation, applied(remedy.effects, facts)
    return None if after == todo else after


def end(pack: Pack, order: Sequence[str], todo: Todo) -> Todo | None:
    for name in order:
        after = done(pack, pack.remedies[name], todo)
        if after is None:
            return None
        todo = after
    return todo


def weight(pack: Pack, order: Sequence[str], todo: Todo) -> tuple[object, ...]:
    """What plans are sorted by, as the documentation says it."""
    after = end(pack, order, todo)
    assert after is not None
    new = outcomes(pack, after, Severity.WARNING, Outcome.FAIL)
    new -= outcomes(pack, (after[0], todo[1]), Severity.WARNING, Outcome.FAIL)
    words = [word for name in order for word in pack.remedies[name].cost]
    counts = [words.count(cost.name) for cost in sorted(COSTS.values(), key=lambda cost: -cost.rank) if cost.rank]
    return bool(undecided(pack, after)), len(new), counts, len(order)


def brute_force(pack: Pack, todo: Todo) -> Iterator[tuple[str, ...]]:
    """Every plan, of each set of remedies the first order in which it works."""
    orders = [order for size in range(1, 4) for order in permutations(pack.remedies, size)]
    ends = {order: end(pack, order, todo) for order in orders}

    def is_compatible(order: tuple[str, ...]) -> bool:
        after = ends[order]
        return after is not None and not failing(pack, after) and not undecided(pack, after)

    def is_cleared(order: tuple[str, ...]) -> bool:
        after = ends[order]
        if after is None or failing(pack, after):
            return False
        return undecided(pack, after) <= undecided(pack, (after[0], todo[1]))

    goals = [is_compatible, is_cleared] if failing(pack, todo) else [is_compatible]
    for is_end in goals:
        found: list[frozenset[str]] = []
        for order in orders:  # by length, and of each length in the order of the pack
            if is_end(order) and not any(some <= set(order) for some in found):
                found.append(frozenset(order))
                yield order
        if found:
            return


def plans_of(pack: Pack, facts: Facts, limit: int = EVERY) -> tuple[Verdict, Plans]:
    verdict = imagefit.check(facts, operation="use", pack=pack)
    return verdict, verdict.plans(limit)


def with_use(pack: Pack) -> Pack:
    assume(has_rules(pack, "use"))
    return pack


@settings(max_examples=more(4))
@given(packs_with_remedies().map(with_use), few_candidates())
def test_brute_force_finds_the_same_plans_in_the_same_order(pack: Pack, facts: Facts) -> None:
    verdict, plans = plans_of(pack, facts)
    if verdict.verdict == "compatible":
        assert not plans
        return
    todo = "use", verdict.facts
    expected = sorted(brute_force(pack, todo), key=lambda order: weight(pack, order, todo))
    assert [plan.remedies for plan in plans] == expected
    assert plans.is_whole and plans.found == len(expected)


@settings(max_examples=more(2))
@given(packs_with_remedies().map(with_use), few_candidates())
def test_a_plan_that_is_shown_verifies_step_by_step(pack: Pack, facts: Facts) -> None:
    verdict, plans = plans_of(pack, facts)
    before = undecided(pack, ("use", verdict.facts))
    for plan in plans:
        todo: Todo = "use", verdict.facts
        for step in plan.steps:
            after = done(pack, pack.remedies[step.remedy], todo)
            assert after is not None
            todo = after
            assert todo[1] == step.facts
            assert {name: todo[1].get(name) for name in step.effects} == step.effects
        found = imagefit.check(todo[1], operation=todo[0], pack=pack)
        assert found.verdict == plan.verdict != "incompatible"
        assert set(plan.undecided) == set(found.missing)
        if todo[0] == "use" and plan.verdict == "unknown":
            assert undecided(pack, todo) <= before


@settings(max_examples=more(2))
@given(packs_with_remedies().map(with_use), few_candidates(), st.data())
def test_learning_a_fact_never_turns_the_end_of_a_plan_into_its_opposite(
    pack: Pack, facts: Facts, data: st.DataObject
) -> None:
    _, plans = plans_of(pack, facts)
    for name in (name for name in FEW_FIELDS if name not in facts) if plans else ():
        learned = {**facts, name: data.draw(values(FEW_FIELDS[name]))}
        for plan in plans:
            after = end(pack, plan.remedies, ("use", learned))
            if after is None:  # a step that the fact makes needless: what it was for is there already
                continue
            if plan.verdict == "compatible":
                assert not failing(pack, after) and not undecided(pack, after)
            elif name not in plan.relies_on:
                assert not failing(pack, after)


def takes_alike(pack: Pack, plan: Plan, todo: Todo, data: st.DataObject) -> Todo:
    """The candidate after a plan whose steps choose something that is alike only in what the plan says."""
    for name in plan.remedies:
        remedy = pack.remedies[name]
        after = done(pack, remedy, todo)
        if after is None:  # it changes nothing any more
            assert truth(remedy.requires, todo[1]) is True and applied(remedy.effects, todo[1]) == todo[1]
            continue
        todo = after
        if remedy.chooses:
            own = [n for n in pack.choices[remedy.chooses].facts if n not in {e.fact for e in remedy.effects}]
            others = {n: data.draw(st.none() | values(FEW_FIELDS[n]), n) for n in own if n not in plan.alike}
            facts = {n: value for n, value in {**todo[1], **others}.items() if value is not None}
            todo = todo[0], facts
    return todo


@settings(max_examples=more(3))
@given(packs_with_remedies().map(with_use), few_candidates(), st.data())
def test_what_is_chosen_has_to_be_alike_in_nothing_but_what_a_plan_says(
    pack: Pack, facts: Facts, data: st.DataObject
) -> None:
    _, plans = plans_of(pack, facts)
    for plan in plans:
        if any(step.chooses for step in plan.steps):
            before = end(pack, plan.remedies, ("use", facts))
            assert before is not None
            after = takes_alike(pack, plan, ("use", facts), data)
            assert failing(pack, after) | undecided(pack, after) <= undecided(pack, before)


@given(packs_with_remedies().map(with_use), few_candidates(), st.integers(1, 3))
def test_the_best_plans_are_the_first_of_all_and_have_the_shortest_among_them(
    pack: Pack, facts: Facts, limit: int
) -> None:
    every, best = plans_of(pack, facts)[1], plans_of(pack, facts, limit)[1]
    assert len(best) == min(limit, len(every)) and best.found == every.found and best.no_plan == every.no_plan
    if every:
        assert min(map(len, (plan.steps for plan in every))) == min(map(len, (plan.steps for plan in best)))
        assert best[:-1] == every[: len(best) - 1]


@settings(max_examples=more(2))
@given(packs_with_remedies().map(with_use), few_candidates())
def test_where_there_is_no_plan_failing_rules_say_why(pack: Pack, facts: Facts) -> None:
    verdict, plans = plans_of(pack, facts)
    failed = {rule.rule for rule in verdict.failed}
    assert set(plans.no_plan) <= failed
    assert bool(plans.no_plan) == (bool(failed) and not plans)


@settings(max_examples=more(2))
@given(packs_with_remedies().map(with_use), few_candidates(), st.data())
def test_a_step_needs_what_is_known_and_not_what_is_assumed(pack: Pack, facts: Facts, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FEW_FIELDS)))
    facts = {name: data.draw(values(FEW_FIELDS[name])), **facts}
    stated = {other: value for other, value in facts.items() if other != name}
    verdict = imagefit.check(stated, operation="use", pack=pack, assume={name: facts[name]})
    for plan in verdict.plans(EVERY):
        first = pack.remedies[plan.steps[0].remedy]
        assert truth(first.requires, stated) is True


def test_a_planner_is_kept_with_its_pack() -> None:
    small = small_pack()
    assert planner_of(small, "plug_in") is planner_of(small, "plug_in")


def test_a_search_that_is_given_up_says_so() -> None:
    pack = shipped_pack()
    facts = {"image.architecture": "arm64", "ecs.architecture": "x86_64", "image.boot_mode": "bios"}
    planner = planner_of(pack, "create_ecs")
    start = planner.workshop.start("create_ecs", facts, ())
    judging = planner.judging("create_ecs")
    actions = planner.workshop.actions_for("create_ecs")

    def failing(state: State) -> list[int]:
        return judging.failing(state.outcomes)

    whole = Search(planner.workshop, start, actions)
    assert whole.plans(failing) and whole.is_whole
    given_up = Search(planner.workshop, start, actions, Budget(1))
    assert set(given_up.plans(failing)) <= set(whole.plans(failing)) and not given_up.is_whole
