"""Explanations by hand: which leaves are named, what is said, in which order, and what is remembered."""

from __future__ import annotations

from dataclasses import replace

import pytest

import imagefit.explanations.candidate.explainer
from imagefit.conditions import TRUE, AllOf, AnyOf, Condition, Leaf, Relation, negate
from imagefit.explanations.candidate.explainer import Explainer
from imagefit.explanations.candidate.ruleresults import deciding_leaves
from imagefit.facts import Facts, Field, FieldType
from imagefit.rulepack.pack import Outcome, Pack, Remedy, Rule, Severity, SourceRef
from imagefit.verdicts import SHOWN, VerdictKind
from strategies import FIELDS, pack_of

BOOLEANS = {name: Field(name, FieldType.BOOLEAN) for name in "abcd"}
SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.NOTICE)


def is_(name: str, value: bool = True) -> Leaf:
    return Leaf(name, Relation.EQUALS, value)


def rule(
    require: Condition,
    when: Condition = TRUE,
    name: str = "r.r",
    severity: Severity = Severity.ERROR,
    message: str = "it fails",
    remedies: tuple[str, ...] = (),
) -> Rule:
    return Rule(name, f"title of {name}", ("use",), when, require, severity, message, remedies, SourceRef("doc", "§ 1"))


def explained(pack: Pack, facts: Facts, *outcomes: Outcome, all_rules: bool = False) -> imagefit.Verdict:
    return Explainer(pack, pack.rules).verdict("use", outcomes, facts, all_rules=all_rules)


def named(require: Condition, when: Condition, facts: Facts, outcome: Outcome) -> list[str]:
    found = deciding_leaves(rule(require, when), outcome, facts)
    return [f"{leaf.part}: {leaf.fact} {'yes' if leaf.operator == 'equals' else 'no'}" for leaf in found]


@pytest.mark.parametrize(
    ("when", "require", "facts", "outcome", "expected"),
    [
        # a failing rule: all that makes it apply, and each leaf of `require` that fails
        (is_("a"), is_("b"), {"a": True, "b": False}, Outcome.FAIL, ["when: a yes", "require: b yes"]),
        (
            TRUE,
            AllOf((is_("a"), is_("b"))),
            {"a": False, "b": False},
            Outcome.FAIL,
            ["require: a yes", "require: b yes"],
        ),
        (TRUE, AllOf((is_("a"), is_("b"))), {"a": True, "b": False}, Outcome.FAIL, ["require: b yes"]),
        (
            TRUE,
            AnyOf((is_("a"), is_("b"))),
            {"a": False, "b": False},
            Outcome.FAIL,
            ["require: a yes", "require: b yes"],
        ),
        (TRUE, negate(is_("a")), {"a": True}, Outcome.FAIL, ["require: a no"]),
        # of several reasons why it applies, one with the fewest leaves
        (
            AnyOf((AllOf((is_("a"), is_("b"))), is_("c"))),
            is_("d"),
            {"a": True, "b": True, "c": True, "d": False},
            Outcome.FAIL,
            ["when: c yes", "require: d yes"],
        ),
        # a rule that does not apply: one reason, and nothing of `require`
        (AllOf((is_("a"), is_("b"))), is_("c"), {"a": False, "b": False}, Outcome.NOT_APPLICABLE, ["when: a yes"]),
        (
            AnyOf((is_("a"), is_("b"))),
            is_("c"),
            {"a": False, "b": False},
            Outcome.NOT_APPLICABLE,
            ["when: a yes", "when: b yes"],
        ),
        # one that passes: one way in which it does
        (TRUE, AnyOf((is_("a"), is_("b"))), {"a": True, "b": True}, Outcome.PASS, ["require: a yes"]),
        # one that is unknown: what is open, and what keeps it open
        (TRUE, AllOf((is_("a"), is_("b"))), {"a": True}, Outcome.UNKNOWN, ["require: a yes", "require: b yes"]),
        # no leaf twice
        (is_("a"), AnyOf((is_("b"), AllOf((is_("b"), is_("c"))))), {"a": True, "b": False, "c": True}, Outcome.FAIL,
         ["when: a yes", "require: b yes"]),
    ],
)  # fmt: skip
def test_the_leaves_that_decide(
    when: Condition, require: Condition, facts: Facts, outcome: Outcome, expected: list[str]
) -> None:
    assert named(require, when, facts, outcome) == expected


def test_a_leaf_says_what_was_expected_and_what_was_found() -> None:
    compared = Leaf("n", Relation.ABOVE, None, "m", negated=True)
    (leaf,) = deciding_leaves(rule(compared), Outcome.FAIL, {"n": 5, "m": 3})
    assert (leaf.part, leaf.fact, leaf.operator, leaf.expected_fact) == ("require", "n", "at_most", "m")
    assert (leaf.expected, leaf.actual, leaf.truth) == (3, 5, False)
    (leaf,) = deciding_leaves(rule(compared), Outcome.UNKNOWN, {"n": 5})
    assert (leaf.expected, leaf.actual, leaf.truth) == (None, 5, None)
    (leaf,) = deciding_leaves(rule(Leaf("n", Relation.ABOVE, 7)), Outcome.FAIL, {"n": 5})
    assert (leaf.expected_fact, leaf.expected, leaf.actual, leaf.truth) == (None, 7, 5, False)


# -- which rules are shown, in which order -------------------------------------------------------------


@pytest.mark.parametrize(
    ("severity", "shown"),
    [
        (Severity.ERROR, {Outcome.FAIL, Outcome.UNKNOWN}),
        (Severity.WARNING, {Outcome.FAIL, Outcome.UNKNOWN}),
        (Severity.NOTICE, {Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS}),
    ],
)
def test_what_fails_or_is_unknown_is_shown_and_notices_wherever_they_may_apply(
    severity: Severity, shown: set[Outcome]
) -> None:
    assert {outcome for outcome in Outcome if outcome in SHOWN[severity]} == shown


def test_errors_come_first_then_what_fails_then_by_id() -> None:
    order = [
        ("r.9", Severity.ERROR, Outcome.FAIL),
        ("r.3", Severity.ERROR, Outcome.UNKNOWN),
        ("r.4", Severity.ERROR, Outcome.UNKNOWN),
        ("r.5", Severity.ERROR, Outcome.PASS),
        ("r.2", Severity.WARNING, Outcome.FAIL),
        ("r.1", Severity.WARNING, Outcome.UNKNOWN),
        ("r.0", Severity.WARNING, Outcome.NOT_APPLICABLE),
        ("r.7", Severity.NOTICE, Outcome.PASS),
        ("r.6", Severity.NOTICE, Outcome.NOT_APPLICABLE),
    ]
    made = {name: (rule(is_("a"), name=name, severity=severity), outcome) for name, severity, outcome in order}
    pack = replace(pack_of([made[name][0] for name in made]), fields=BOOLEANS)
    outcomes = [made[one.id][1] for one in pack.rules]
    assert [r.rule for r in explained(pack, {}, *outcomes, all_rules=True).rules] == [name for name, _, _ in order]
    shown = [name for name, _, outcome in order if outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE)] + ["r.7"]
    assert [r.rule for r in explained(pack, {}, *outcomes).rules] == shown


def test_two_rules_are_in_order_too() -> None:
    pack = replace(pack_of([rule(is_("a"), name="r.1"), rule(is_("b"), name="r.2")]), fields=BOOLEANS)
    verdict = explained(pack, {"b": False}, Outcome.UNKNOWN, Outcome.FAIL)
    assert [found.rule for found in verdict.rules] == ["r.2", "r.1"]


@pytest.mark.parametrize(
    ("outcomes", "kind"),
    [
        ((), VerdictKind.COMPATIBLE),
        ((Outcome.PASS, Outcome.NOT_APPLICABLE), VerdictKind.COMPATIBLE),
        ((Outcome.PASS, Outcome.UNKNOWN), VerdictKind.UNKNOWN),
        ((Outcome.UNKNOWN, Outcome.FAIL), VerdictKind.INCOMPATIBLE),
        ((Outcome.FAIL, Outcome.UNKNOWN), VerdictKind.INCOMPATIBLE),
    ],
)
def test_a_verdict_is_the_worst_of_its_error_rules(outcomes: tuple[Outcome, ...], kind: VerdictKind) -> None:
    assert VerdictKind.of([rule(TRUE)] * len(outcomes), outcomes) is kind
    for severity in (Severity.WARNING, Severity.NOTICE):
        assert VerdictKind.of([rule(TRUE, severity=severity)] * len(outcomes), outcomes) is VerdictKind.COMPATIBLE


# -- what is said ----------------------------------------------------------------------------------------


def test_what_fails_says_its_message_and_what_is_unknown_names_what_is_missing() -> None:
    pack = replace(pack_of([rule(AllOf((is_("a"), is_("b"))), message="a is {a}")]), fields=BOOLEANS)
    assert explained(pack, {"a": False}, Outcome.FAIL).rules[0].message == "a is false"
    assert explained(pack, {"a": True}, Outcome.UNKNOWN).rules[0].message == "undecided without b"
    assert explained(pack, {}, Outcome.UNKNOWN).rules[0].message == "undecided without a, b"


def test_what_passes_or_does_not_apply_is_named_by_its_title() -> None:
    pack = replace(pack_of([rule(is_("a"), when=is_("b"))]), fields=BOOLEANS)
    passes = explained(pack, {"a": True, "b": True}, Outcome.PASS, all_rules=True).rules[0]
    assert (passes.message, passes.missing, passes.remedies) == ("title of r.r", (), ())
    open_still = explained(pack, {"a": True}, Outcome.PASS, all_rules=True).rules[0]
    assert open_still.missing == ("b",)
    away = explained(pack, {"b": False}, Outcome.NOT_APPLICABLE, all_rules=True).rules[0]
    assert (away.message, away.missing) == ("title of r.r", ())


def test_a_notice_says_its_message_and_whether_it_only_may_apply() -> None:
    notice = rule(TRUE, when=is_("a"), severity=Severity.NOTICE, message="mind the {a}")
    pack = replace(pack_of([notice]), fields=BOOLEANS)
    assert explained(pack, {"a": True}, Outcome.PASS).rules[0].message == "mind the true"
    maybe = explained(pack, {}, Outcome.UNKNOWN).rules[0]
    assert maybe.message == "may apply, depending on a: mind the [a]"
    assert maybe.missing == ("a",)
    assert [leaf.fact for leaf in maybe.leaves] == ["a"]


def test_a_notice_that_only_may_apply_is_shown_and_no_warning() -> None:
    notice = rule(TRUE, when=is_("a"), severity=Severity.NOTICE)
    pack = replace(pack_of([notice]), fields=BOOLEANS)
    applies, may_apply = explained(pack, {"a": True}, Outcome.PASS), explained(pack, {}, Outcome.UNKNOWN)
    assert [r.rule for r in applies.rules] == [r.rule for r in may_apply.rules] == ["r.r"]
    assert [r.rule for r in applies.warnings] == ["r.r"]
    assert may_apply.warnings == ()
    assert applies.verdict is may_apply.verdict is VerdictKind.COMPATIBLE


def remedies_of(facts: Facts, outcome: Outcome = Outcome.FAIL) -> list[tuple[str, str]]:
    remedies = {
        "always": Remedy("always", "change {b}", "someone", TRUE, ()),
        "if-c": Remedy("if-c", "do it", "the owner", is_("c"), ()),
    }
    broken = rule(is_("a"), remedies=("if-c", "always"))
    pack = replace(pack_of([broken]), fields=BOOLEANS, remedies=remedies)
    return [(remedy.id, remedy.text) for remedy in explained(pack, facts, outcome).rules[0].remedies]


def test_remedies_are_those_that_are_open_in_the_order_of_the_rule_with_facts_filled_in() -> None:
    assert remedies_of({"a": False, "b": True, "c": True}) == [("if-c", "do it"), ("always", "change true")]
    assert remedies_of({"a": False, "c": False}) == [("always", "change its b")]
    assert remedies_of({"a": False}) == [("if-c", "do it"), ("always", "change its b")]  # it may be possible


def test_remedies_are_those_for_the_operation() -> None:
    remedies = {
        "here": Remedy("here", "do it", "someone", TRUE, (), ("use",)),
        "elsewhere": Remedy("elsewhere", "do it there", "someone", TRUE, (), ("other",)),
    }
    broken = rule(is_("a"), remedies=("elsewhere", "here"))
    pack = replace(pack_of([broken]), fields=BOOLEANS, remedies=remedies)
    explainer = Explainer(pack, pack.rules)
    offered = {
        operation: [r.id for r in explainer.verdict(operation, [Outcome.FAIL], {"a": False}).rules[0].remedies]
        for operation in ("use", "other")
    }
    assert offered == {"use": ["here"], "other": ["elsewhere"]}


def test_an_undecided_rule_asks_for_facts_and_offers_no_remedies() -> None:
    assert remedies_of({}, Outcome.UNKNOWN) == []


def test_a_remedy_says_in_words_what_is_unknown() -> None:
    text = "put it into {box.home_region}, below {box.max_weight_kg} kg, with {lid}"
    fields = {
        "box.home_region": Field("box.home_region", FieldType.STRING),
        "box.max_weight_kg": Field("box.max_weight_kg", FieldType.NUMBER, unit="kg"),
        "lid": Field("lid", FieldType.STRING),
    }
    broken = rule(is_("a"), remedies=("r",))
    pack = replace(
        pack_of([broken]), fields={**BOOLEANS, **fields}, remedies={"r": Remedy("r", text, "someone", TRUE, ())}
    )

    def shown(facts: Facts) -> str:
        return explained(pack, {"a": False, **facts}, Outcome.FAIL).rules[0].remedies[0].text

    assert shown({}) == "put it into the box's home region, below the box's max weight kg, with its lid"
    assert (
        shown({"box.max_weight_kg": 3.5, "lid": "red"}) == "put it into the box's home region, below 3.5 kg, with red"
    )


def test_source_error_codes_and_severity_are_those_of_the_rule() -> None:
    broken = replace(rule(is_("a")), error_codes=("E.1",))
    result = explained(replace(pack_of([broken]), fields=BOOLEANS), {"a": False}, Outcome.FAIL).rules[0]
    assert (result.source, result.error_codes, result.severity) == (SourceRef("doc", "§ 1"), ("E.1",), Severity.ERROR)
    fine = explained(replace(pack_of([broken]), fields=BOOLEANS), {"a": True}, Outcome.PASS, all_rules=True).rules[0]
    assert fine.error_codes == ()


# -- what is remembered ----------------------------------------------------------------------------------


def test_candidates_that_agree_on_what_a_rule_looks_at_share_its_explanation() -> None:
    pack = replace(pack_of([rule(is_("a"))]), fields=BOOLEANS)
    explainer = Explainer(pack, pack.rules)
    first = explainer.verdict("use", [Outcome.FAIL], {"a": False, "d": True})
    second = explainer.verdict("use", [Outcome.FAIL], {"a": False, "d": False})
    assert first.rules[0] is second.rules[0]


def test_what_remedies_show_and_require_is_not_shared_by_candidates_that_differ_in_it() -> None:
    remedies = {"r": Remedy("r", "use {d}", "someone", is_("c"), ())}
    broken = rule(is_("a"), remedies=("r",))
    pack = replace(pack_of([broken]), fields=BOOLEANS, remedies=remedies)
    explainer = Explainer(pack, pack.rules)

    def texts(**facts: bool) -> list[str]:
        return [r.text for r in explainer.verdict("use", [Outcome.FAIL], {"a": False, **facts}).rules[0].remedies]

    assert texts(d=True) == ["use true"]
    assert texts(d=False) == ["use false"]
    assert texts(d=False, c=False) == []
    assert texts() == ["use its d"]


def test_remembering_is_bounded_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imagefit.explanations.candidate.ruleresults, "REMEMBERED", 3)
    field = "left.count"
    pack = pack_of([rule(AllOf((Leaf(field, Relation.EQUALS, 1), Leaf("left.flag", Relation.EQUALS, True))))])
    assert set(pack.fields) == set(FIELDS)
    small, fresh = Explainer(pack, pack.rules), lambda: Explainer(pack, pack.rules)
    for number in [*range(10), *range(10)]:
        outcome = Outcome.UNKNOWN if number == 1 else Outcome.FAIL
        for _ in range(2):
            found = small.verdict("use", [outcome], {field: number})
            assert found.to_dict() == fresh().verdict("use", [outcome], {field: number}).to_dict()
    assert all(len(results.seen) <= 3 for results in small._results.values())


def test_remembering_what_is_missing_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imagefit.explanations.candidate.explainer, "REMEMBERED", 3)
    both = AllOf((Leaf("left.count", Relation.AT_LEAST, 0), Leaf("left.flag", Relation.EQUALS, True)))
    pack = pack_of([rule(both)])
    explainer = Explainer(pack, pack.rules)
    for number in [*range(10), *range(10)]:
        assert explainer.verdict("use", [Outcome.UNKNOWN], {"left.count": number}).missing == ("left.flag",)
        assert len(explainer._doubts) <= 3
