"""Which unknown facts could still change an outcome or a verdict: by hand, and by trying everything.

Of rules in general, and of verdicts, the definition is a property in test_properties.
"""

from __future__ import annotations

from random import Random

import pytest

import imagefit
from bynumbers import deciders, outcome_by_numbers
from imagefit.budgets import Budget
from imagefit.conditions import TRUE, AllOf, AnyOf, Condition, Leaf, Relation, negate
from imagefit.explanations.missing.ofrule import Looks, Missing, _RuleInDoubt, missing_of_rule
from imagefit.explanations.missing.ofverdict import Doubt, missing_of_verdict
from imagefit.explanations.truths.residuals import residual
from imagefit.facts import Facts, Field, FieldType
from imagefit.rulepack.pack import Outcome, Rule, Severity
from strategies import FIELDS as MADE
from strategies import pack_of, rule_of

FIELDS = {
    **{name: Field(name, FieldType.BOOLEAN) for name in "abcdef"},
    **{name: Field(name, FieldType.STRING_SET) for name in ("s1", "s2", "s3", "s4")},
    "n": Field("n", FieldType.INTEGER),
    "m": Field("m", FieldType.INTEGER),
    "t": Field("t", FieldType.STRING),
    "u": Field("u", FieldType.STRING),
    "e": Field("e", FieldType.ENUM, ("x", "y", "z")),
    "only": Field("only", FieldType.ENUM, ("one",)),
}


def is_(name: str, value: bool = True) -> Leaf:
    return Leaf(name, Relation.EQUALS, value)


def rule(require: Condition, when: Condition = TRUE, name: str = "r.r", severity: Severity = Severity.ERROR) -> Rule:
    return rule_of(name, when, require, severity)


def rule_missing(rule: Rule, facts: Facts, looks: Looks | None = None) -> tuple[str, ...]:
    found = missing_of_rule(rule, facts, looks or Looks(FIELDS), Budget())
    assert found.not_examined == ()
    return found.facts


@pytest.mark.parametrize(
    ("when", "require", "facts", "missing"),
    [
        (TRUE, is_("a"), {}, ("a",)),
        (TRUE, AllOf((is_("a"), is_("b"))), {}, ("a", "b")),
        (TRUE, AllOf((is_("a"), is_("b"))), {"a": True}, ("b",)),
        (is_("a"), is_("b"), {}, ("a", "b")),
        (is_("a"), is_("b"), {"b": False}, ("a",)),
        # passes already, but may still turn out not to apply
        (is_("a"), is_("b"), {"b": True}, ("a",)),
        # decides nothing: only one value is possible
        (TRUE, Leaf("only", Relation.EQUALS, "one"), {}, ("only",)),  # unknown until it is known, though
        # two ways out, one of them closed
        (TRUE, AnyOf((is_("a"), is_("b"))), {"a": False}, ("b",)),
        # b matters only together with c
        (TRUE, AnyOf((is_("a"), AllOf((is_("b"), is_("c"))))), {"c": False}, ("a",)),
        # a fact that stands on both sides
        (is_("a"), AnyOf((is_("a"), is_("b"))), {}, ("a", "b")),
        (is_("a"), AnyOf((is_("a"), is_("b"))), {"a": True}, ()),
        # what is compared with another fact
        (TRUE, Leaf("n", Relation.ABOVE, None, "m"), {}, ("n", "m")),
        (TRUE, Leaf("n", Relation.ABOVE, None, "m"), {"m": 5}, ("n",)),
        (TRUE, Leaf("t", Relation.EQUALS, None, "u"), {"t": "x"}, ("u",)),
        (TRUE, Leaf("s1", Relation.CONTAINS, None, "t"), {"s1": frozenset()}, ("t",)),
    ],
)
def test_the_facts_that_could_still_change_an_outcome(
    when: Condition, require: Condition, facts: Facts, missing: tuple[str, ...]
) -> None:
    assert rule_missing(rule(require, when), facts) == missing


def test_a_fact_that_stays_unknown_keeps_another_from_mattering_where_it_alone_decides() -> None:
    either = AnyOf((AllOf((is_("a"), is_("b"))), AllOf((is_("a"), is_("c")))))
    assert rule_missing(rule(either), {"a": False}) == ()
    assert set(rule_missing(rule(either), {})) == {"a", "b", "c"}


def verdict_missing(*rules: Rule, facts: Facts) -> tuple[str, ...]:
    found = missing_of_verdict(rules, facts, Looks(FIELDS), Budget())
    assert found.not_examined == ()
    return found.facts


def test_a_verdict_waits_for_what_its_undecided_rules_wait_for_the_most_decisive_first() -> None:
    rules = [
        rule(is_("b"), name="r.1"),
        rule(AllOf((is_("c"), is_("b"))), name="r.2"),
        rule(AllOf((is_("b"), is_("c"), is_("a"))), name="r.3"),
    ]
    assert verdict_missing(*rules, facts={}) == ("b", "c", "a")


def test_facts_that_as_many_rules_wait_for_come_by_name() -> None:
    assert verdict_missing(rule(AllOf((is_("c"), is_("a"), is_("b")))), facts={}) == ("a", "b", "c")


def test_a_fact_that_can_only_make_a_rule_inapplicable_still_decides() -> None:
    assert verdict_missing(rule(is_("b"), when=is_("a")), facts={"b": False}) == ("a",)


def test_a_fact_does_not_matter_if_another_rule_fails_whenever_it_could() -> None:
    # r.2 asks for b only where a is false, and then r.1 has failed already
    rules = [rule(is_("a"), name="r.1"), rule(is_("b"), when=is_("a", False), name="r.2")]
    assert verdict_missing(*rules, facts={}) == ("a",)
    assert verdict_missing(rules[1], facts={}) == ("a", "b")


def test_a_verdict_that_is_not_unknown_waits_for_nothing() -> None:
    field = "left.flag"
    pack = pack_of([rule(Leaf(field, Relation.EQUALS, True), name="r.1")])
    assert imagefit.check({field: False}, operation="use", pack=pack).missing == ()
    assert imagefit.check({field: True}, operation="use", pack=pack).missing == ()
    assert imagefit.check({}, operation="use", pack=pack).missing == (field,)
    assert field in MADE


def test_warnings_that_are_unknown_do_not_make_a_verdict_wait() -> None:
    warning = rule(Leaf("left.flag", Relation.EQUALS, True), name="r.w", severity=Severity.WARNING)
    verdict = imagefit.check({}, operation="use", pack=pack_of([warning]))
    assert (verdict.verdict, verdict.missing) == ("compatible", ())
    assert verdict.rules[0].missing == ("left.flag",)


# -- the definition: every way of completing the facts ---------------------------------------------------

DOMAINS = {
    **dict.fromkeys("abc", (False, True)),
    "e": ("x", "y", "z"),
    "only": ("one",),
    **dict.fromkeys("nm", range(-1, 5)),
}
"""All that comparisons of `entangled` tell apart: of numbers 0 to 2, and those beside them that can be in order."""


def entangled(seed: int) -> tuple[Rule, list[Facts]]:
    """A rule whose comparisons share few facts, so that most have to be learned together, and three candidates."""
    random = Random(seed)
    names = random.sample(list(DOMAINS), 4)

    def leaf() -> Condition:
        name = random.choice(names)
        if name in ("n", "m") and random.random() < 0.5:
            compared = Leaf(name, Relation.ABOVE, None, "m" if name == "n" else "n")
        elif name in ("n", "m"):
            compared = Leaf(name, Relation.ABOVE, random.choice((0, 1, 2)))
        else:
            compared = Leaf(name, Relation.EQUALS, random.choice(DOMAINS[name]))
        return negate(compared) if random.random() < 0.5 else compared

    def condition(depth: int) -> Condition:
        if depth == 0 or random.random() < 0.3:
            return leaf()
        return random.choice((AllOf, AnyOf))(tuple(condition(depth - 1) for _ in range(random.randint(2, 3))))

    severity = Severity.NOTICE if random.random() < 0.1 else Severity.ERROR
    when = condition(2) if random.random() < 0.7 or severity is Severity.NOTICE else TRUE
    require = TRUE if severity is Severity.NOTICE else condition(2)
    known = {**DOMAINS, **dict.fromkeys("nm", (0, 1, 2))}
    some = [{name: random.choice(known[name]) for name in names if random.random() < 0.2} for _ in range(3)]
    return rule(require, when, f"r.{seed}", severity), some


def all_that_matter(rule: Rule, facts: Facts) -> set[str]:
    ways: list[Facts] = [facts]
    for name in rule.facts:
        if name not in facts:
            ways += [{**way, name: value} for way in ways for value in DOMAINS[name]]
    return deciders(lambda way: outcome_by_numbers(rule, way), facts, ways)


Case = tuple[Rule, Facts, set[str]]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """Rules with candidates, and the facts that matter: those whose learning changes the outcome in some way."""
    made = map(entangled, range(150))
    return [(rule, facts, all_that_matter(rule, facts)) for rule, some in made for facts in some]


def test_what_is_missing_is_what_could_change_the_outcome(cases: list[Case]) -> None:
    looks = Looks(FIELDS)  # which keeps of each rule what candidates have in common
    for rule, facts, mattering in cases:
        assert set(rule_missing(rule, facts, looks)) == mattering


def test_the_search_finds_all_of_it_by_itself(cases: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    doubts = []
    monkeypatch.setattr(_RuleInDoubt, "proven", lambda doubt, names: doubts.append(doubt) or {})
    for rule, facts, mattering in cases:
        assert set(rule_missing(rule, facts)) == mattering
    assert len(doubts) > 100


def test_what_is_forced_matters_and_is_nearly_all_that_does(cases: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    searched = []
    monkeypatch.setattr(_RuleInDoubt, "search", lambda doubt, name: searched.append(name) or False)
    found = [(set(rule_missing(rule, facts)), mattering) for rule, facts, mattering in cases]
    assert searched
    assert all(forced <= mattering for forced, mattering in found)
    assert sum(len(forced) for forced, _ in found) > 0.95 * sum(len(mattering) for _, mattering in found)


def test_the_fact_that_is_learned_last_matters(cases: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is what is named where the budget ends before anything else is known to matter."""
    monkeypatch.setattr(_RuleInDoubt, "proven", lambda doubt, names: {})
    monkeypatch.setattr(_RuleInDoubt, "search", lambda doubt, name: None)
    in_doubt = 0
    for rule, facts, mattering in cases:
        missing = missing_of_rule(rule, facts, Looks(FIELDS), Budget())
        assert set(missing.facts) <= mattering <= {*missing.facts, *missing.not_examined}
        assert missing.facts or outcome_by_numbers(rule, facts) is not Outcome.UNKNOWN
        in_doubt += bool(missing.not_examined)
    assert in_doubt > 100


# -- residuals -----------------------------------------------------------------------------------------


def test_a_residual_is_what_is_still_open() -> None:
    condition = AllOf((is_("a"), AnyOf((is_("b"), is_("c")))))
    assert residual(condition, {"a": True, "b": True}, frozenset()) is True
    assert residual(condition, {"a": False}, frozenset()) is False
    assert residual(condition, {"a": True}, frozenset("bc")) is None
    assert residual(condition, {"b": True}, frozenset()) == residual(is_("a"), {}, frozenset())
    assert residual(condition, {"b": False, "c": False}, frozenset()) is False
    assert residual(condition, {"b": False}, frozenset()) == residual(AllOf((is_("c"), is_("a"))), {}, frozenset())


def test_a_residual_remembers_what_an_open_comparison_was_told() -> None:
    compared = Leaf("n", Relation.ABOVE, None, "m")
    assert residual(compared, {"n": 1}, frozenset()) != residual(compared, {"n": 2}, frozenset())
    assert residual(compared, {"n": 1}, frozenset({"m"})) is None


# -- what would cost too much --------------------------------------------------------------------------


def test_a_search_that_would_never_end_names_each_fact_or_says_that_it_was_not_examined() -> None:
    sets = ("s1", "s2", "s3", "s4")
    parts = [AllOf(tuple(negate(Leaf(s, Relation.CONTAINS, f"e{n}")) for s in sets)) for n in range(12)]
    huge = rule(AnyOf(tuple(parts)))
    for found in (
        missing_of_rule(huge, {}, Looks(FIELDS), Budget(20_000)),
        missing_of_verdict([huge], {}, Looks(FIELDS), Budget(20_000)),
    ):
        assert set(found.facts) | set(found.not_examined) == set(sets)
        assert found.facts


def parity(names: str) -> Condition:
    """True where an odd number of the facts is true: no part of it can be left out, whatever is known."""
    odd: Condition = is_(names[0])
    for name in names[1:]:
        odd = AnyOf((AllOf((odd, is_(name, False))), AllOf((negate(odd), is_(name)))))
    return odd


@pytest.mark.parametrize("steps", [0, 1, 5, 20, 80, 300, 1000, 5000])
def test_what_is_named_within_a_budget_matters_and_the_rest_is_said_to_be_not_examined(steps: int) -> None:
    rules = [rule(parity("abc"), name="r.1"), rule(negate(parity("abcd")), name="r.2")]
    of_verdict = missing_of_verdict(rules, {}, Looks(FIELDS), Budget(steps))
    of_rule = missing_of_rule(rules[1], {}, Looks(FIELDS), Budget(steps))
    assert {*of_verdict.facts, *of_verdict.not_examined} == {*of_rule.facts, *of_rule.not_examined} == set("abcd")
    assert of_verdict.facts  # an unknown verdict waits for something
    assert of_rule.facts


def hard(seed: int) -> Rule:
    """A rule of entangled comparisons of six facts."""
    random = Random(seed)
    parts = [AllOf(tuple(is_(name, random.random() < 0.5) for name in random.sample("abcdef", 2))) for _ in range(5)]
    return rule(AnyOf(tuple(parts[1:])), parts[0], name=f"r.{seed}")


@pytest.mark.parametrize("seed", range(20))
def test_a_budget_leaves_out_and_never_names_wrongly(seed: int) -> None:
    several = [hard(seed), hard(seed + 100)]
    exact = set(rule_missing(several[0], {})), set(verdict_missing(*several, facts={}))
    for steps in (3, 30, 100, 300):
        found = missing_of_rule(several[0], {}, Looks(FIELDS), Budget(steps))
        assert set(found.facts) <= exact[0] <= {*found.facts, *found.not_examined}
        found = missing_of_verdict(several, {}, Looks(FIELDS), Budget(steps))
        assert set(found.facts) <= exact[1] <= {*found.facts, *found.not_examined}


@pytest.mark.parametrize("seed", range(20))
def test_what_was_found_within_one_budget_is_what_another_one_finds_or_is_not_taken(seed: int) -> None:
    several = [hard(seed), hard(seed + 100)]

    def doubt(steps: int) -> Doubt:
        return Doubt(several, {}, Looks(FIELDS), Budget(steps))

    def said(doubt: Doubt) -> list[object]:
        parts = ("violating", "unsure", "clearing", "perhaps_clearing", "can_be_cleared")
        return [getattr(doubt, name) for name in parts]

    taken = set()
    for steps in (3, 30, 100, 300, 1000, 30_000):
        for others in (3, 30, 100, 300, 1000, 30_000):
            known = doubt(steps)
            said(known)
            found = known.within(Budget(others))
            taken.add(found is not None)
            assert found is None or said(found) == said(doubt(others))
    assert taken == {False, True}


def test_a_verdict_of_rules_that_overlap_waits_for_what_can_clear_the_last_doubt() -> None:
    tautology = rule(AnyOf((is_("b"), AllOf((is_("a"), is_("b", False))))), name="r.1")
    assert set(verdict_missing(tautology, rule(is_("c"), name="r.2"), facts={"a": True})) == {"b", "c"}
    assert verdict_missing(tautology, facts={"a": True}) == ("b",)


def test_a_set_of_more_elements_than_can_be_listed_is_named() -> None:
    # fails for one of 2^13 subsets alone
    all_of_them = rule(AnyOf((*(negate(Leaf("s1", Relation.CONTAINS, f"e{n}")) for n in range(13)), is_("a"))))
    assert rule_missing(all_of_them, {"a": False}) == ("s1",)
    assert verdict_missing(all_of_them, facts={"a": False}) == ("s1",)
    assert set(verdict_missing(all_of_them, facts={})) == {"a", "s1"}


def test_a_large_rule_of_many_facts_needs_no_search() -> None:
    fields = {f"f{n}": Field(f"f{n}", FieldType.BOOLEAN) for n in range(900)}
    chain = AllOf(tuple(AnyOf((is_(f"f{n}"), is_(f"f{n + 1}"))) for n in range(0, 900, 2)))
    looks = Looks(fields)
    assert missing_of_rule(rule(chain), {}, looks, Budget(0)) == Missing(tuple(fields))
    assert missing_of_verdict([rule(chain)], {}, looks, Budget(0)) == Missing(tuple(sorted(fields)))
