"""Each trap of durable_rules: first that it is there, on the engine as it comes, then that we do not step in it.

If one of the first halves fails with a later version of the engine, a workaround can go.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import subprocess
import sys
import textwrap

import pytest

from imagefit.conditions import TRUE, AllOf, AnyOf, Condition, Leaf, Relation, negate
from imagefit.evaluators import reference
from imagefit.evaluators.cells import combinations
from imagefit.evaluators.durable.facts import MARKER, property_names
from imagefit.evaluators.durable.rulesets import compile_rules
from imagefit.facts import Facts, Field, FieldType
from imagefit.rulepack.pack import Outcome, Pack, Rule
from strategies import pack_of, rule_of

pytestmark = pytest.mark.durable
engine = pytest.importorskip("durable_rules_engine", exc_type=ImportError)
durable = pytest.importorskip("imagefit.evaluators.durable.engine", exc_type=ImportError)

names = (f"trap-{n}" for n in itertools.count())


def built(**rules: object) -> int:
    """A ruleset of the engine; each rule is one pattern, or several."""
    patterns = {name: p if isinstance(p, list) else [{"m": p}] for name, p in rules.items()}
    return engine.create_ruleset(next(names), json.dumps({name: {"all": p} for name, p in patterns.items()}))


def fires(handle: int, message: dict[str, object], post=engine.assert_fact) -> list[str]:
    """The rules that fire on a message, by name, each with the facts that made it fire."""
    _, state = post(handle, json.dumps(message))
    fired = engine.start_action_for_state(handle, state)
    message_text = fired and fired[1]
    found = []
    while message_text is not None:
        found.append(message_text)
        message_text = engine.complete_and_start_action(handle, state)
    return [next(iter(json.loads(text))) for text in found]


def rule(name: str, require: Condition, when: Condition = TRUE) -> Rule:
    return rule_of(f"made.{name}", when, require)


def texts(*facts: str) -> dict[str, Field]:
    return {name: Field(name, FieldType.STRING) for name in facts}


def equals(fact: str, text: str) -> Leaf:
    return Leaf(fact, Relation.EQUALS, text)


def judged(pack: Pack, facts: Facts) -> list[Outcome]:
    """The outcomes of the durable evaluator, which must be those of the definition."""
    found = list(durable.judge(pack, pack.rules)(facts))
    assert found == [reference.outcome(r, facts) for r in pack.rules]
    return found


def run(program: str, timeout: float) -> subprocess.CompletedProcess[str]:
    code = textwrap.dedent(program)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=timeout)


# -- the traps that the engine's users know ---------------------------------------------------------------


def test_an_event_is_consumed_by_one_rule_so_candidates_are_facts() -> None:
    same = {"one": {"x": "a"}, "two": {"$neq": {"x": "b"}}}
    assert fires(built(**same), {"id": "1", "x": "a"}, engine.assert_event) == ["one"]
    assert fires(built(**same), {"id": "1", "x": "a"}) == ["one", "two"]
    pack = pack_of([rule("one", equals("x", "b")), rule("two", negate(equals("x", "a")))], texts("x"))
    assert judged(pack, {"x": "a"}) == [Outcome.FAIL, Outcome.FAIL]


@pytest.mark.slow
def test_a_test_for_an_id_never_ends_so_no_fact_is_passed_under_that_name() -> None:
    program = """
        from durable.lang import assert_fact, m, ruleset, when_all
        with ruleset("endless"):
            @when_all(+m.id)
            def seen(c):
                pass
        assert_fact("endless", {"id": "1"})
    """
    with pytest.raises(subprocess.TimeoutExpired):
        run(program, timeout=2)
    assert set(property_names(["id", "sid", MARKER]).values()).isdisjoint({"id", "sid", MARKER})
    pack = pack_of([rule("id", equals("id", "a"), equals("sid", "0"))], texts("id", "sid"))
    expected = {None: Outcome.UNKNOWN, "a": Outcome.PASS, "b": Outcome.FAIL}
    for value, outcome in expected.items():
        assert judged(pack, {"sid": "0"} | ({} if value is None else {"id": value})) == [outcome]
    assert judged(pack, {"id": "b"}) == [Outcome.UNKNOWN]


def test_facts_without_an_id_collide_by_hash_so_each_candidate_has_one() -> None:
    """Of the integers from 0 on these are the first two."""
    handle = built(seen={"$gte": {"x": 0}})
    observed = 2
    codes = [engine.assert_fact(handle, json.dumps({"x": x}))[0] for x in (75_197, 203_709)]
    assert codes == [0, observed]
    layout = compile_rules([rule("one", Leaf("x", Relation.ABOVE, 0))], {"x": Field("x", FieldType.INTEGER)}, "p")[
        0
    ].layout
    assert json.loads(layout.fact({"x": 1}, "candidate"))["id"] == "candidate"


def test_no_match_raises_in_the_librarys_host_and_is_an_outcome_here() -> None:
    from durable.engine import MessageNotHandledException, Ruleset

    ruleset = Ruleset(next(names), None, {"one": {"all": [{"m": {"x": "a"}}], "run": lambda c: None}})
    with pytest.raises(MessageNotHandledException):
        ruleset.assert_fact({"id": "1", "x": "b"})
    pack = pack_of([rule("one", equals("x", "a"), equals("y", "a"))], texts("x", "y"))
    assert judged(pack, {"x": "b", "y": "b"}) == [Outcome.NOT_APPLICABLE]


def test_a_missing_property_matches_nothing_so_unknown_is_asked_for() -> None:
    handle = built(equal={"x": "a"}, different={"$neq": {"x": "a"}}, missing={"$nex": {"x": 1}}, always={"y": "b"})
    assert fires(handle, {"id": "1", "y": "b"}) == ["missing", "missing", "always"], "and once for the state"
    pack = pack_of([rule("equal", equals("x", "a")), rule("not", negate(equals("x", "a")))], texts("x"))
    assert judged(pack, {}) == [Outcome.UNKNOWN, Outcome.UNKNOWN]


def test_exceptions_in_actions_are_swallowed_so_no_action_runs() -> None:
    program = """
        from durable.engine import Host
        class Failing(Host):
            def get_action(self, name):
                return lambda c: 1 / 0
        host = Failing({"failing": {"one": {"all": [{"m": {"x": "a"}}], "run": "one"}}})
        print(host.assert_fact("failing", {"id": "1", "x": "a"})["exception"])
    """
    assert "division by zero" in run(program, timeout=60).stdout
    assert not any("'durable.engine" in str(value) for value in vars(durable).values())


def test_memory_is_given_back_only_by_retracting(monkeypatch: pytest.MonkeyPatch) -> None:
    handle = built(seen={"x": "a"})
    for n in range(3):
        fires(handle, {"id": str(n), "x": "a"})
    assert len(json.loads(engine.get_facts(handle, "0"))) == 3
    pack = pack_of([rule("one", equals("x", "a"))], texts("x"))
    made: list[int] = []
    create = engine.create_ruleset
    monkeypatch.setattr(engine, "create_ruleset", lambda *args: made.append(create(*args)) or made[-1])
    judge = durable.judge(pack, pack.rules)
    for _ in range(3):
        judge({"x": "a"})
    assert [len(json.loads(engine.get_facts(handle, "0"))) for handle in made] == [0]


@pytest.mark.slow
def test_some_500_rules_are_too_many_for_a_ruleset_so_they_are_dealt_out() -> None:
    program = """
        import durable_rules_engine, json
        rules = {f"r{n}": {"all": [{"m": {"$gte": {"x": n}}}]} for n in range(600)}
        durable_rules_engine.create_ruleset("many", json.dumps(rules))
    """
    with contextlib.suppress(subprocess.TimeoutExpired):  # or it never ends
        assert run(program, timeout=2).returncode != 0
    made = [rule(f"r{n:03}", Leaf("x", Relation.AT_LEAST, n), equals(f"y{n % 7}", "a")) for n in range(600)]
    fields = {"x": Field("x", FieldType.INTEGER), **texts(*(f"y{n}" for n in range(7)))}
    pack = pack_of(made, fields)
    judge = durable.judge(pack, pack.rules)
    for facts in ({}, {"x": 300}, {"x": 300, "y0": "a", "y1": "b"}, {f"y{n}": "a" for n in range(7)} | {"x": 599}):
        assert list(judge(facts)) == [reference.outcome(r, facts) for r in pack.rules]


# -- those that only its source shows -----------------------------------------------------------------------


def test_the_engines_own_fact_matches_a_test_for_absence_so_patterns_ask_for_a_candidate() -> None:
    assert fires(built(missing={"$nex": {"x": 1}}), {"id": "1", "x": "a"}) == ["missing"], "on the state's fact"
    pack = pack_of([rule("one", equals("x", "a"), equals("y", "a"))], texts("x", "y"))
    assert judged(pack, {"x": "a", "y": "b"}) == [Outcome.NOT_APPLICABLE]
    for name, definition in compile_rules(pack.rules, pack.fields, "p")[0].definition.items():
        for pattern in definition["all"]:
            (test,) = pattern.values()
            assert {MARKER: True} in test.get("$and", [test]), name


def test_of_an_empty_array_neither_any_item_matches_nor_all_do() -> None:
    handle = built(any={"$iany": {"s": {"$i": "a"}}}, none={"$iall": {"s": {"$neq": {"$i": "a"}}}}, always={"y": "b"})
    assert fires(handle, {"id": "1", "y": "b", "s": []}) == ["always"]
    fields = {"s": Field("s", FieldType.STRING_SET)}
    pack = pack_of([rule("no", Leaf("s", Relation.CONTAINS, "a", negated=True))], fields)
    assert judged(pack, {"s": frozenset()}) == [Outcome.PASS]


def test_a_matcher_has_room_for_64_nodes_so_rulesets_stay_below() -> None:
    handle = built(**{f"r{n}": {"$gte": {"x": n}} for n in range(70)})
    with pytest.raises(engine.error, match="303"):
        fires(handle, {"id": "1", "x": 100})
    pack = pack_of(
        [rule(f"r{n:03}", Leaf("x", Relation.ABOVE, n)) for n in range(200)], {"x": Field("x", FieldType.INTEGER)}
    )
    judged(pack, {"x": 1000})
    judged(pack, {"x": -1})
    judged(pack, {})


def test_a_rule_wider_than_that_is_told_in_parts() -> None:
    fields = {f"s{n}": Field(f"s{n}", FieldType.STRING_SET) for n in range(40)}
    leaf = [Leaf(name, Relation.CONTAINS, "a") for name in fields]
    wide = AnyOf(tuple(leaf))
    both = AllOf((AnyOf(tuple(leaf[:20])), AnyOf(tuple(leaf[20:]))))
    pack = pack_of([rule("wide", negate(wide)), rule("both", negate(both), wide), rule("not", wide)], fields)
    full = frozenset("a")
    for known in (
        {},
        dict.fromkeys(fields, full),
        {"s0": full},
        {"s0": full, "s39": full},
        dict.fromkeys(fields, frozenset()),
    ):
        judged(pack, known)


def test_a_pattern_holds_15_groups_so_larger_ones_are_several() -> None:
    def groups(count: int) -> dict[str, object]:
        return {"$and": [{"$or": [{f"x{n}": "a"}, {"$nex": {f"x{n}": 1}}]} for n in range(count)]}

    built(fits=groups(14))
    with pytest.raises(engine.error, match="113"):
        built(fits=groups(15))
    fields = texts(*(f"x{n}" for n in range(60)))
    pack = pack_of([rule("large", equals("x0", "b"), AllOf(tuple(equals(name, "a") for name in fields)))], fields)
    assert "dist" in compile_rules(pack.rules, fields, "p")[0].definition["made.large/applies"]
    assert judged(pack, dict.fromkeys(fields, "a")) == [Outcome.FAIL]
    assert judged(pack, {}) == [Outcome.UNKNOWN]
    for name in ("x1", "x30", "x59"):
        assert judged(pack, {name: "b"}) == [Outcome.NOT_APPLICABLE]


def test_lengths_count_modulo_65536_so_long_texts_are_digests() -> None:
    handle = built(equal={"x": "abc"})
    assert fires(handle, {"id": "1", "x": "abc" + "z" * 65_536}) == ["equal"]
    pack = pack_of([rule("one", equals("x", "abc"))], texts("x"))
    assert judged(pack, {"x": "abc" + "z" * 65_536}) == [Outcome.FAIL]


def test_an_exponent_needs_a_decimal_point() -> None:
    with pytest.raises(engine.error):
        fires(built(any={"$gt": {"x": 0.5}}), {"id": "1", "x": 1e20})
    pack = pack_of([rule("one", Leaf("x", Relation.ABOVE, 1e22))], {"x": Field("x", FieldType.NUMBER)})
    assert judged(pack, {"x": 1e23}) == [Outcome.PASS]
    assert judged(pack, {"x": 1e22}) == [Outcome.FAIL]


def test_names_that_the_engine_can_not_tell_apart_are_spelled_apart() -> None:
    one, other = "image.f7553", "image.f870850"
    assert fires(built(seen={one: "a"}), {"id": "1", other: "a"}) == ["seen"]
    pack = pack_of([rule("one", equals(one, "a"), equals(other, "b"))], texts(one, other))
    for first, second in itertools.product(("a", "b", None), repeat=2):
        judged(pack, {name: value for name, value in ((one, first), (other, second)) if value})


def test_a_comparison_with_a_missing_fact_reads_memory_so_it_is_asked_for_first() -> None:
    pack = pack_of([rule("one", Leaf("x", Relation.EQUALS, None, "y"))], texts("x", "y"))
    definition = compile_rules(pack.rules, pack.fields, "p")[0].definition["made.one/violated"]
    assert definition["all"] == [{"m": {"$and": [{MARKER: True}, {"$ex": {"y": 1}}, {"$neq": {"x": {"$m": "y"}}}]}}]
    for facts in combinations({"x": ("a", "b"), "y": ("a", "b")}, unknown=True):
        judged(pack, facts)


def test_a_long_list_of_values_is_searched_and_not_built() -> None:
    literals = frozenset(f"v{n}" for n in range(700))
    made = [rule("in", Leaf("x", Relation.IN, literals)), rule("not", Leaf("x", Relation.IN, literals, negated=True))]
    pack = pack_of(made, texts("x"))
    assert judged(pack, {"x": "v699"}) == [Outcome.PASS, Outcome.FAIL]
    assert judged(pack, {"x": "v700"}) == [Outcome.FAIL, Outcome.PASS]
    assert judged(pack, {}) == [Outcome.UNKNOWN, Outcome.UNKNOWN]


@pytest.mark.parametrize("count", [3, 60, 199, 200, 500])
def test_a_set_is_compared_with_any_number_of_elements(count: int) -> None:
    elements = frozenset(f"v{n}" for n in range(count))
    relations = (Relation.CONTAINS_ANY, Relation.CONTAINS_ALL)
    made = [rule(f"{r}-{n}", Leaf("s", r, elements, negated=n)) for r in relations for n in (False, True)]
    made.append(rule("both", Leaf("s", Relation.CONTAINS_ANY, elements), Leaf("s", Relation.CONTAINS_ALL, elements)))
    pack = pack_of(made, {"s": Field("s", FieldType.STRING_SET)})
    for found in (frozenset(), frozenset(["v0"]), elements, elements - {"v1"} | {"w"}, frozenset(["w"])):
        judged(pack, {"s": found})
    judged(pack, {})


def test_what_the_engine_can_not_hold_is_an_error_that_names_the_rule() -> None:
    from imagefit.errors import EvaluatorError

    fields = texts(*(f"x{n}" for n in range(201)))
    pack = pack_of([rule("vast", AllOf(tuple(equals(name, "a") for name in fields)))], fields)
    with pytest.raises(EvaluatorError, match=r"can't hold made\.vast"):
        durable.judge(pack, pack.rules)
