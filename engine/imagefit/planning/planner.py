"""From a candidate to its plans, in words: searched, sorted by what they cost, and shown step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from imagefit.explanations.candidate.prepared import prepare
from imagefit.explanations.remedies.effects import filled
from imagefit.facts import Facts
from imagefit.planning.judging import Judging
from imagefit.planning.real import Known, real_actions
from imagefit.planning.search import Open, Order, Search
from imagefit.planning.workshop import Blocked, State, Workshop
from imagefit.rulepack.kept import kept_by_pack
from imagefit.rulepack.pack import Pack, Remedy
from imagefit.values import dataclass, replace
from imagefit.verdicts import Deciding, Passage, Plan, Plans, Step, VerdictKind

__all__ = ["PackPlanner", "Sketch", "best_of", "planner_of"]


@dataclass(frozen=True, slots=True)
class Sketch:
    """The plans of a candidate without their words.

    Attributes
    ----------
    remedies, cost
        Of the best plan; of none, nothing.
    is_compatible
        Whether plans end compatible; else they clear every failing rule, and leave undecided what was.
    every
        The remedies of each plan.
    """

    remedies: tuple[str, ...] = ()
    cost: tuple[str, ...] = ()
    is_compatible: bool = False
    every: frozenset[tuple[str, ...]] = frozenset()


@dataclass(frozen=True, eq=False)
class PackPlanner:
    """Works out plans by the rules of an operation that are selected."""

    pack: Pack
    operation: str
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    workshop: Workshop
    known: Callable[[], Known] | None = None

    def knowing(self, known: Callable[[], Known]) -> PackPlanner:
        """Return a planner whose steps choose from what is known to exist; it is asked for when there is need."""
        return replace(self, known=known)

    def plans(self, facts: Facts, assumed: Sequence[str], limit: int) -> Plans:
        """Return the best plans of a candidate.

        Those that end compatible; where there is none, those that clear every failing rule and leave undecided only
        what was undecided before.

        Parameters
        ----------
        assumed
            The facts that are assumed.
        limit
            So many plans at most, the one of the fewest steps among them.
        """
        search, found, orders, failing = self._searched(facts, assumed)
        judging = self.judging(self.operation)
        if not orders:
            hopeless = [place for place in failing if not search.plans(found.not_cleared_of(place))]
            rules = tuple(judging.rules[place].id for place in hopeless or failing)
            return Plans(no_plan=rules, is_whole=search.is_whole)
        ranked = sorted(orders, key=found.weight)
        best = ranked[:limit]
        shortest = min(ranked, key=len)
        if shortest not in best:
            best[-1] = shortest
        return Plans(tuple(found.plan(order) for order in best), len(ranked), (), search.is_whole)

    def deciding(self, facts: Facts, assumed: Sequence[str]) -> tuple[Deciding, ...]:
        """Return the smallest sets of facts that would decide the unknown verdict of a candidate."""
        from imagefit.planning.deciding import deciding  # here, for other verdicts need none of it

        def plan_of(learned: Facts) -> Plan | None:
            return best_of(self.plans(learned, assumed, 2))

        return deciding(self.pack, self.judging(self.operation), facts, plan_of)

    def sketch(self, facts: Facts, assumed: Sequence[str]) -> Sketch:
        """Return the plans of a candidate without their words."""
        search, found, orders, _ = self._searched(facts, assumed)
        ranked = sorted(orders, key=found.weight)
        if not ranked:
            return Sketch()
        names = [tuple(search.actions[place].remedy.id for place in order) for order in ranked]
        return Sketch(names[0], found.cost(ranked[0]), found.is_compatible(ranked[0]), frozenset(names))

    def end_of(self, facts: Facts, assumed: Sequence[str], order: Order) -> VerdictKind | None:
        """Return what the reference evaluator says after an order of actions; None if that is no plan."""
        start = self.workshop.start(self.operation, facts, assumed)
        search = Search(self.workshop, start, self.workshop.actions_for(self.operation))
        found, end = _Found(self, search, start), search.end(order)
        if isinstance(end, Blocked) or found.not_cleared(end):
            return None
        return VerdictKind.UNKNOWN if found.not_compatible(end) else VerdictKind.COMPATIBLE

    def one_step(self, facts: Facts, assumed: Sequence[str]) -> Plan | None:
        """Return the best plan of one step that does not choose anything else; None if there is none."""
        actions = [a for a in self.workshop.actions_for(self.operation) if not (a.remedy.chooses or a.remedy.instead)]
        start = self.workshop.start(self.operation, facts, assumed)
        search = Search(self.workshop, start, actions)
        found = _Found(self, search, start)
        orders = search.plans(found.not_compatible, 1) or search.plans(found.not_cleared, 1)
        return found.plan(min(orders, key=found.weight)) if orders else None

    def weight(self, plan: Plan) -> tuple[object, ...]:
        """Return what plans of different candidates are sorted by: those of one are sorted so, too."""
        is_open = plan.verdict != VerdictKind.COMPATIBLE
        return is_open, len(plan.warnings), self.counted(plan.steps), len(plan.steps)

    def counted(self, steps: Iterable[Remedy | Step]) -> tuple[int, ...]:
        """Return how much of each kind of cost steps have, what weighs most first."""
        ranks, levels = self._ranks
        costs = [ranks.get(name, 0) for step in steps for name in step.cost]
        return tuple(costs.count(level) for level in levels)

    def cost(self, steps: Iterable[Remedy | Step]) -> tuple[str, ...]:
        """Return what steps cost, what weighs most first."""
        ranks, _ = self._ranks
        return tuple(sorted({name for step in steps for name in step.cost}, key=lambda n: (-ranks.get(n, 0), n)))

    @cached_property
    def _ranks(self) -> tuple[Mapping[str, int], Sequence[int]]:
        ranks = {name: cost.rank for name, cost in self.pack.costs.items()}
        return ranks, sorted({rank for rank in ranks.values() if rank}, reverse=True)

    def _searched(self, facts: Facts, assumed: Sequence[str]) -> tuple[Search, _Found, list[Order], list[int]]:
        start = self.workshop.start(self.operation, facts, assumed)
        actions = self.workshop.actions_for(self.operation)
        if self.known is not None and any(action.remedy.chooses for action in actions):
            actions = tuple(real_actions(self.workshop, actions, start, self.known()))
        search = Search(self.workshop, start, actions)
        found = _Found(self, search, start)
        orders = search.plans(found.not_compatible)
        failing = self.judging(self.operation).failing(start.outcomes)
        if not orders and failing:
            orders = search.plans(found.not_cleared)
        return search, found, orders, failing

    def judging(self, operation: str) -> Judging:
        """Return what judges by the selected rules of an operation that there are some of."""
        judging = self.workshop.judging(operation)
        assert judging is not None
        return judging


class _Found:
    """What was found of one candidate: which rules are open after some steps, and how plans compare."""

    def __init__(self, planner: PackPlanner, search: Search, start: State) -> None:
        self._planner, self._search, self._start = planner, search, start
        self._before: dict[str, State] = {start.operation: start}

    def before(self, operation: str) -> State:
        """Return the candidate without any step, judged by the rules of an operation."""
        if operation not in self._before:
            start = self._start
            self._before[operation] = self._planner.workshop.start(operation, start.facts, start.assumed)
        return self._before[operation]

    def not_compatible(self, state: State) -> list[int]:
        """Return the rules that keep a candidate from being compatible."""
        judging = self._planner.judging(state.operation)
        return [*judging.failing(state.outcomes), *judging.undecided(state.outcomes)]

    def not_cleared(self, state: State) -> list[int]:
        """Return the rules that fail, or are undecided and were not before."""
        judging = self._planner.judging(state.operation)
        failing, undecided = judging.failing(state.outcomes), judging.undecided(state.outcomes)
        if undecided:
            before = set(judging.undecided(self.before(state.operation).outcomes))
            undecided = [place for place in undecided if place not in before]
        return [*failing, *undecided]

    def not_cleared_of(self, place: int) -> Open:
        """Return what says whether one rule of the operation is open."""

        def is_open(state: State) -> list[int]:
            is_same = state.operation == self._start.operation
            return [place] if is_same and place in self.not_cleared(state) else []

        return is_open

    def weight(self, order: Order) -> tuple[object, ...]:
        """Return what plans are sorted by: new warnings, then cost, then length, then the pack's order."""
        counts = self._planner.counted(map(self._remedy, order))
        verdict = 0 if not self.not_compatible(self._end(order)) else 1
        return verdict, len(self._warnings(order)), counts, len(order), order

    def cost(self, order: Order) -> tuple[str, ...]:
        """Return what a plan costs, what weighs most first."""
        return self._planner.cost(map(self._remedy, order))

    def is_compatible(self, order: Order) -> bool:
        """Whether a plan ends compatible."""
        return not self.not_compatible(self._end(order))

    def plan(self, order: Order) -> Plan:
        """Return a plan in words."""
        end = self._end(order)
        judging = self._planner.judging(end.operation)
        undecided = judging.undecided(end.outcomes)
        missing: tuple[str, ...] = ()
        if undecided:
            prepared = prepare(self._planner.pack, end.operation, self._planner.select, self._planner.ignore)
            missing = prepared.explainer.missing([judging.rules[place] for place in undecided], end.facts).facts
        return Plan(
            steps=tuple(self._step(order[:number]) for number in range(1, len(order) + 1)),
            verdict=VerdictKind.UNKNOWN if undecided else VerdictKind.COMPATIBLE,
            cost=self.cost(order),
            undecided=missing,
            assumed=tuple(sorted(end.relied | (end.assumed & judging.looked_at))),
            alike=self._alike(order),
            warnings=tuple(judging.rules[place].id for place in self._warnings(order)),
        )

    def _step(self, order: Order) -> Step:
        action, before, after = self._search.actions[order[-1]], self._end(order[:-1]), self._end(order)
        remedy, through = action.remedy, None
        if remedy.through is not None:
            facts = self._planner.workshop.passage(remedy.through, before.facts)
            told = {effect.fact: facts[effect.fact] for effect in remedy.through.facts if effect.fact in facts}
            through = Passage(remedy.through.operation, told)
        return Step(
            remedy=remedy.id,
            text=filled(remedy.text, before.facts, self._planner.pack.fields),
            by=remedy.actor,
            cost=remedy.cost,
            through=through,
            effects={
                name: after.facts.get(name)
                for name in sorted(action.changed)
                if action.chosen is None or before.facts.get(name) != after.facts.get(name)
            },
            chosen="" if action.chosen is None else action.chosen[0],
            chooses=self._planner.pack.choices[remedy.chooses].title if remedy.chooses else "",
            instead=remedy.instead,
            facts=after.facts,
        )

    def _alike(self, order: Order) -> tuple[str, ...]:
        """Return the facts in which what is chosen has to be like what it stands in for: a few that are enough.

        With all its other facts unknown, what comes after can still be done, and ends as it does.
        """
        found: set[str] = set()
        unknown: dict[int, frozenset[str]] = {}
        for number, place in enumerate(order):
            action = self._search.actions[place]
            if action.remedy.chooses and action.chosen is None:
                after = self._end(order[: number + 1])
                own = after.facts.keys() & self._planner.pack.choices[action.remedy.chooses].facts
                names = sorted(own - action.changed - after.assumed)
                unknown[number] = frozenset()
                for some in ([frozenset(names)], map(frozenset[str], zip(names, strict=True))):
                    for each in some:
                        more = {**unknown, number: unknown[number] | each}
                        if not each <= unknown[number] and self._ends_alike(order, more):
                            unknown = more
                found.update(name for name in names if name not in unknown[number])
        return tuple(sorted(found))

    def _ends_alike(self, order: Order, unknown: Mapping[int, frozenset[str]]) -> bool:
        """Whether a plan still holds where some facts are unknown after some of its steps."""
        state = self._start
        for number, place in enumerate(order):
            after = self._planner.workshop.done(self._search.actions[place], state)
            if isinstance(after, Blocked):
                return False
            state = after
            if some := unknown.get(number):
                facts = {name: value for name, value in state.facts.items() if name not in some}
                outcomes = self._planner.judging(state.operation).after(state.outcomes, some, facts)
                state = replace(state, facts=facts, outcomes=outcomes)
        end = self._end(order)
        judging = self._planner.judging(end.operation)
        undecided = judging.undecided(state.outcomes)
        return not judging.failing(state.outcomes) and set(undecided) <= set(judging.undecided(end.outcomes))

    def _warnings(self, order: Order) -> list[int]:
        end = self._end(order)
        judging = self._planner.judging(end.operation)
        before = set(judging.warned(self.before(end.operation).outcomes))
        return [place for place in judging.warned(end.outcomes) if place not in before]

    def _remedy(self, place: int) -> Remedy:
        return self._search.actions[place].remedy

    def _end(self, order: Order) -> State:
        end = self._search.end(order)
        assert not isinstance(end, Blocked)
        return end


def best_of(plans: Plans) -> Plan | None:
    """Return the best of two plans or more: of one alone, it is the one of the fewest steps, which may cost more."""
    return next(iter(plans), None)


@kept_by_pack
def planner_of(pack: Pack, operation: str, select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> PackPlanner:
    """Return what works out plans by the rules of an operation."""
    return PackPlanner(pack, operation, select, ignore, _workshop(pack, select, ignore))


@kept_by_pack
def _workshop(pack: Pack, select: tuple[str, ...], ignore: tuple[str, ...]) -> Workshop:
    return Workshop(pack, select, ignore)
