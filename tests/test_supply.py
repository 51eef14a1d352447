"""Where facts come from: given before stated before assumed, for one candidate as for columns and pairs."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagefit
from imagefit import InputError, UnknownNameError, load_pack
from imagefit.cli.options import parse_assumptions, parse_facts
from imagefit.facts import Facts, Field, FieldType, Origin, OriginKind
from imagefit.supply import (
    Assumptions,
    Same,
    Supply,
    assumption_text,
    flag,
    joined_facts,
    read_assumption,
    read_assumptions,
    read_facts,
    set_options,
)
from packfiles import PLUGS_FOLDER, shipped_pack
from strategies import FIELDS, candidates

PACK = load_pack(PLUGS_FOLDER)
NARROW = Field("narrow", FieldType.ENUM, ("a", "b"))
WIDE = Field("wide", FieldType.ENUM, ("a", "b", "c"))
TEXT = Field("text", FieldType.STRING)
ENUMS = {field.name: field for field in (NARROW, WIDE, TEXT)}


def test_given_counts_before_stated_and_stated_before_assumed() -> None:
    supply = Supply({"a": "given"}, {"a": "assumed", "b": "assumed", "c": "assumed"})
    done = supply.complete({"a": "stated", "b": "stated"})
    assert done.facts == {"a": "given", "b": "stated", "c": "assumed"}
    assert done.used == {"c": "assumed"}


def test_an_assumption_rests_on_facts_and_not_on_other_assumptions() -> None:
    supply = Supply({}, {"a": "assumed", "b": Same("a")})
    assert supply.complete({}).facts == {"a": "assumed"}
    assert supply.complete({"a": "stated"}).facts == {"a": "stated", "b": "stated"}
    assert Supply({"a": "given"}, {"b": Same("a")}).complete({"a": "stated"}).used == {"b": "given"}


def test_each_fact_says_where_it_came_from() -> None:
    supply = Supply({"a": 1}, {"c": 3}, Origin(OriginKind.GIVEN, "given for all"))
    assert supply.complete({"a": 0, "b": 2, "d": 4}, {"b": Origin(OriginKind.FILE, "b.json")}).origins == {
        "a": Origin(OriginKind.GIVEN, "given for all"),
        "b": Origin(OriginKind.FILE, "b.json"),
        "c": Origin(OriginKind.ASSUMED),
        "d": Origin(OriginKind.GIVEN),
    }


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("@other", "unknown fact: 'other'"), ("@", "unknown fact: ''"), ("@wide", "not a fact of the same type")],
)
def test_what_follows_an_at_sign_is_a_fact_of_the_same_type(raw: str, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        read_assumption(TEXT, raw, ENUMS)


def test_two_at_signs_are_a_text_that_begins_with_one() -> None:
    assert read_assumption(TEXT, "@@wide", ENUMS) == "@wide"
    assert read_assumption(TEXT, "@@@wide", ENUMS) == "@@wide"
    assert read_assumption(TEXT, "@text", ENUMS) == Same("text")
    assert read_assumption(TEXT, "wide@", ENUMS) == "wide@"


def test_a_fact_is_not_assumed_to_be_what_it_can_not_be() -> None:
    assert read_assumption(WIDE, "@narrow", ENUMS) == Same("narrow")
    with pytest.raises(InputError, match="narrow: not a fact of the same values: '@wide'; expected one of a, b"):
        read_assumption(NARROW, "@wide", ENUMS)


def test_a_fact_is_not_assumed_to_be_one_that_can_be_less_than_it_can() -> None:
    count, size, part = (
        Field(n, FieldType.INTEGER, at_least=m) for n, m in (("count", 1), ("size", 0), ("part", None))
    )
    fields = {of.name: of for of in (count, size, part)}
    assert read_assumption(size, "@count", fields) == Same("count")
    assert read_assumption(part, "@size", fields) == Same("size")
    for other in ("size", "part"):
        expected = f"count: not a fact of the same values: '@{other}'; expected a whole number, at least 1"
        with pytest.raises(InputError, match=expected):
            read_assumption(count, f"@{other}", fields)


def test_assumptions_that_were_read_are_not_read_again() -> None:
    read = read_assumptions({"text": "@@wide"}, ENUMS)
    assert read_assumptions(read, ENUMS) == {"text": "@wide"}


def test_what_is_unknown_assumes_nothing() -> None:
    assert read_assumptions({"text": None, "wide": ""}, ENUMS) == {}
    assert read_assumptions(None, ENUMS) == {}


@given(candidates())
def test_an_assumption_reads_as_it_is_written(facts: Facts) -> None:
    for name, value in facts.items():
        assert read_assumption(FIELDS[name], assumption_text(value), FIELDS) == value
    assert read_assumption(TEXT, assumption_text(Same("text")), ENUMS) == Same("text")


def test_a_text_with_an_at_sign_is_assumed_alike_in_all_verbs_and_on_the_command_line() -> None:
    facts = {"image.visibility": "private", "image.owner": "@me"}
    options: dict[str, object] = {"operation": "create_ecs", "select": "access", "assume": {"ecs.account": "@@me"}}
    checked = imagefit.check(facts, **options)  # type: ignore[arg-type]
    audited = imagefit.audit([facts], **options)  # type: ignore[arg-type]
    matched = imagefit.match([facts], [{}], **options)  # type: ignore[arg-type]
    typed = parse_assumptions(["ecs.account=@@me"], shipped_pack())
    assert typed == {"ecs.account": "@me"}
    told = imagefit.check(facts, **{**options, "assume": typed})  # type: ignore[arg-type]
    for verdict in (checked, audited.explain(0), matched.explain(0, 0), told):
        assert (str(verdict.verdict), verdict.assumed) == ("compatible", {"ecs.account": "@me"})
    assert [str(kind) for kind, count in matched.counts().items() if count] == ["compatible"]
    assert audited.summary().verdicts["compatible"] == 1
    assert matched.summary().assumed == {"ecs.account": "@@me"}


def test_a_fact_that_is_given_is_not_what_another_fact_is() -> None:
    pack, said = (
        shipped_pack(),
        r"only an assumption may be what another fact is: '@image\.owner'; .*--assume ecs\.account=",
    )
    with pytest.raises(InputError, match=rf"--set, ecs\.account: {said}"):
        parse_facts(["ecs.account=@image.owner"], pack)
    with pytest.raises(InputError, match=said):
        imagefit.audit([{"image.type": "iso"}], operation="create_ecs", set={"ecs.account": "@image.owner"})
    assert parse_facts(["ecs.account=@someone"], pack) == {"ecs.account": "@someone"}


def test_one_option_can_not_assume_two_things() -> None:
    with pytest.raises(InputError, match=r"--assume, socket\.shape: given two values: @appliance\.plug and type_c"):
        parse_assumptions(["socket.shape=@appliance.plug", "socket.shape=type_c"], PACK)
    assert parse_assumptions(["socket.shape=type_c"] * 2, PACK) == Assumptions({"socket.shape": "type_c"})


# -- sources that contradict each other ------------------------------------------------------------------


def test_sources_may_say_the_same_of_a_fact() -> None:
    assert joined_facts([{"a": 1, "b": 2}, {"b": 2, "c": 3}], {}) == {"a": 1, "b": 2, "c": 3}


def test_sources_that_say_different_things_are_refused_unless_it_is_given() -> None:
    with pytest.raises(InputError, match=r"^b: two sources say different things: x and y; --set b=\.\.\. decides$"):
        joined_facts([{"a": 1, "b": "x"}, {"b": "y"}], {})
    assert joined_facts([{"b": "x"}, {"b": "y"}], {"b": "z"}) == {"b": "x"}


def test_the_same_is_said_of_columns_and_of_sides() -> None:
    images, ecss = [{"image.region": "r1"}], [{"image.region": "r2"}]
    with pytest.raises(
        InputError, match=r"image\.region: two sources say different things: r1 and r2; --set image\.reg"
    ):
        imagefit.match(images, ecss, operation="create_ecs")


# -- what a person types ---------------------------------------------------------------------------------


@given(st.data())
def test_facts_written_as_options_are_read_back(data: st.DataObject) -> None:
    names = [name for name, field in PACK.fields.items() if field.type is not FieldType.STRING_SET]
    texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)
    facts: Facts = {
        name: data.draw(_values(PACK.fields[name], texts)) for name in data.draw(st.sets(st.sampled_from(names)))
    }
    typed = shlex.split(set_options(facts))
    assert typed[::2] == ["--set"] * len(facts)
    assert parse_facts(typed[1::2], PACK) == facts


def _values(field: Field, texts: st.SearchStrategy[str]) -> st.SearchStrategy[object]:
    if field.type is FieldType.ENUM:
        return st.sampled_from(field.values)
    return {
        FieldType.BOOLEAN: st.booleans(),
        FieldType.INTEGER: st.integers(-(2**63), 2**63 - 1),
        FieldType.NUMBER: st.floats(allow_nan=False, allow_infinity=False),
        FieldType.STRING: texts,
    }[field.type]


def test_a_flag_says_what_can_stand_there() -> None:
    assert flag(NARROW) == "--set narrow=a|b"
    assert flag(TEXT, "--assume") == "--assume text=TEXT"


def test_a_fact_that_there_is_not_is_named() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown fact: 'txet'; did you mean 'text'\?"):
        read_facts({"txet": "a"}, {"text": TEXT, **{str(n): TEXT for n in range(20)}})
