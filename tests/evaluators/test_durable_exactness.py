"""No value becomes another in the engine: texts, integers, numbers and sets are compared exactly."""

from __future__ import annotations

import locale

import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagefit
from imagefit.conditions import TRUE, Leaf, Relation
from imagefit.evaluators import reference
from imagefit.facts import Facts, Field, FieldType, Value
from imagefit.rulepack.pack import Outcome, Pack, Rule
from strategies import pack_of, rule_of

pytestmark = pytest.mark.durable
pytest.importorskip("durable_rules_engine", exc_type=ImportError)
durable = pytest.importorskip("imagefit.evaluators.durable.engine", exc_type=ImportError)


def requiring(*required: Leaf, name: str = "made.rule") -> list[Rule]:
    """One rule for each leaf."""
    return [rule_of(f"{name}-{n}", TRUE, leaf) for n, leaf in enumerate(required)]


def outcomes(pack: Pack, facts: Facts) -> list[Outcome]:
    return list(durable.judge(pack, pack.rules)(facts))


def expected(pack: Pack, facts: Facts) -> list[Outcome]:
    return [reference.outcome(rule, facts) for rule in pack.rules]


def field_pack(field: Field, *required: Leaf) -> Pack:
    return pack_of(requiring(*required), {field.name: field, "other": Field("other", field.type)})


TEXT = Field("text", FieldType.STRING)
HARD_TEXTS = [
    "a",
    "A",
    "a ",
    '"',
    "'",
    "\\",
    '\\"',
    "\\u0041",
    "\n\t\r\x00\x7f",
    "ä",
    "ä",
    "🙂",
    "1",
    "1.0",
    "1e5",
    "100000",
    "true",
    "null",
    "{}",
    "x" * 1000,
    "x" * 1001,
    "x" * 65_536,
    "a" + "x" * 65_536,
    "sha256:" + "0" * 64,
    "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
]


@pytest.mark.parametrize("text", HARD_TEXTS, ids=ascii)
def test_texts_are_equal_only_to_themselves(text: str) -> None:
    pack = field_pack(TEXT, Leaf("text", Relation.EQUALS, text), Leaf("text", Relation.EQUALS, None, "other"))
    judge = durable.judge(pack, pack.rules)
    for other in HARD_TEXTS:
        same = Outcome.PASS if text == other else Outcome.FAIL
        assert list(judge({"text": other, "other": text})) == [same, same]


def test_a_long_text_is_not_mistaken_for_the_digest_that_stands_for_it() -> None:
    from imagefit.evaluators.durable.facts import encoded

    long = "x" * 5000
    pack = field_pack(TEXT, Leaf("text", Relation.EQUALS, long))
    judge = durable.judge(pack, pack.rules)
    assert list(judge({"text": long})) == [Outcome.PASS]
    assert list(judge({"text": encoded(long)})) == [Outcome.FAIL]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_compared_exactly(text: str, other: str) -> None:
    pack = field_pack(TEXT, Leaf("text", Relation.EQUALS, text), Leaf("text", Relation.EQUALS, None, "other"))
    facts = {"text": other, "other": text}
    assert outcomes(pack, facts) == expected(pack, facts)


INTEGERS = [-(2**63), -(2**53) - 1, -(2**53), -1, 0, 1, 2**31, 2**53, 2**53 + 1, 2**63 - 2, 2**63 - 1]
NUMBERS = [-1.7976931348623157e308, -1e20, -1.0, -5e-324, 0.0, 5e-324, 1e-7, 0.1, 0.1 + 2**-55, 1.0, 1e5, 1e16, 1e20]


@pytest.mark.parametrize(
    ("field", "values"),
    [(Field("size", FieldType.INTEGER), INTEGERS), (Field("size", FieldType.NUMBER), NUMBERS)],
    ids=["integers", "numbers"],
)
def test_numbers_are_compared_exactly(field: Field, values: list[Value]) -> None:
    for literal in values:
        made = [
            Leaf("size", relation, operand, other, negated)
            for relation in (Relation.EQUALS, Relation.AT_LEAST, Relation.ABOVE)
            for operand, other in ((literal, None), (None, "other"))
            for negated in (False, True)
        ]
        pack = field_pack(field, *made, Leaf("size", Relation.IN, frozenset(values) - {literal}))
        judge = durable.judge(pack, pack.rules)
        for value in values:
            facts = {"size": value, "other": literal}
            assert list(judge(facts)) == expected(pack, facts), (value, literal)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_is_compared_exactly(literal: float, value: float) -> None:
    pack = field_pack(
        Field("size", FieldType.NUMBER), Leaf("size", Relation.AT_LEAST, literal), Leaf("size", Relation.ABOVE, literal)
    )
    assert outcomes(pack, {"size": value}) == expected(pack, {"size": value})


def test_numbers_are_refused_where_c_would_read_them_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    pack = field_pack(Field("size", FieldType.NUMBER), Leaf("size", Relation.ABOVE, 1.5))
    judge = durable.judge(pack, pack.rules)
    monkeypatch.setattr(locale, "localeconv", lambda: {"decimal_point": ","})
    with pytest.raises(imagefit.EvaluatorError, match="LC_NUMERIC"):
        judge({"size": 1.25})
    with pytest.raises(imagefit.EvaluatorError, match="LC_NUMERIC"):
        durable.judge(pack, pack.rules)


def test_sets_have_their_elements_and_an_empty_one_has_none() -> None:
    field = Field("text", FieldType.STRING_SET)
    relations = (Relation.CONTAINS_ANY, Relation.CONTAINS_ALL)
    operands = [frozenset("a"), frozenset("ab"), frozenset(["a", 'q"\\', "x" * 2000])]
    made = [Leaf("text", Relation.CONTAINS, element, None, n) for element in ("a", 'q"\\') for n in (False, True)]
    made += [Leaf("text", r, operand, None, n) for r in relations for operand in operands for n in (False, True)]
    made += [Leaf("text", r, None, "other", n) for r in relations for n in (False, True)]
    pack = pack_of(requiring(*made), {"text": field, "other": Field("other", FieldType.STRING_SET)})
    judge = durable.judge(pack, pack.rules)
    elements = [frozenset(), frozenset("a"), frozenset("b"), *operands, frozenset(["x" * 2000])]
    for first in [None, *elements]:
        for second in [None, *elements]:
            facts = {name: value for name, value in (("text", first), ("other", second)) if value is not None}
            assert list(judge(facts)) == expected(pack, facts)


def test_a_set_of_any_size_is_evaluated() -> None:
    fields = {"text": Field("text", FieldType.STRING_SET), "other": Field("other", FieldType.STRING)}
    pack = pack_of(
        requiring(Leaf("text", Relation.CONTAINS, "e7"), Leaf("text", Relation.CONTAINS, None, "other")), fields
    )
    large = frozenset(f"{'long ' * 30}{n}" for n in range(150_000))
    judge = durable.judge(pack, pack.rules)
    assert list(judge({"text": large | {"e7"}, "other": "e8"})) == [Outcome.PASS, Outcome.FAIL]
    assert list(judge({"text": large | {"e8"}, "other": "e8"})) == [Outcome.FAIL, Outcome.PASS]
