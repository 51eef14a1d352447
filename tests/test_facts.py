"""Facts: which raw values are values of a field, which are unknown, and which are an error."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from imagefit import InputError
from imagefit.facts import Field, FieldType, Origin, OriginKind, Value, read_text, read_value, show_value
from imagefit.values.printed import PRINTED, is_printed
from strategies import ELEMENTS, values

ENUM = Field("f", FieldType.ENUM, ("bios", "uefi"))
FLAG = Field("f", FieldType.BOOLEAN)
WHOLE = Field("f", FieldType.INTEGER, unit="GiB")
NUMBER = Field("f", FieldType.NUMBER)
SIZE = Field("f", FieldType.INTEGER, unit="GiB", at_least=0)
WEIGHT = Field("f", FieldType.NUMBER, at_least=0.0)
HEAT = Field("f", FieldType.NUMBER, at_least=-273.15)
COUNT = Field("f", FieldType.INTEGER, at_least=2)
TEXT = Field("f", FieldType.STRING)
SET = Field("f", FieldType.STRING_SET, ("kvm", "xen"))
ANY_SET = Field("f", FieldType.STRING_SET)
ALL = (ENUM, FLAG, WHOLE, NUMBER, TEXT, SET, ANY_SET, SIZE, WEIGHT)


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        (ENUM, "uefi", "uefi"),
        (FLAG, True, True),
        (FLAG, "true", True),
        (FLAG, "TRUE", True),
        (FLAG, "True", True),
        (FLAG, "fAlSe", False),
        (WHOLE, 40, 40),
        (WHOLE, 40.0, 40),
        (WHOLE, "40", 40),
        (WHOLE, "+40", 40),
        (WHOLE, "-0", 0),
        (WHOLE, "40.0", 40),
        (WHOLE, " 40 ", 40),
        (WHOLE, "007", 7),
        (WHOLE, 2**63 - 1, 2**63 - 1),
        (WHOLE, -(2**63), -(2**63)),
        (WHOLE, "9223372036854775807", 2**63 - 1),
        (NUMBER, 1, 1.0),
        (NUMBER, 1.5, 1.5),
        (NUMBER, "1.5", 1.5),
        (NUMBER, ".5", 0.5),
        (NUMBER, "5.", 5.0),
        (NUMBER, "1e3", 1000.0),
        (NUMBER, "-1E-3", -0.001),
        (NUMBER, -0.0, 0.0),
        (NUMBER, 2**63, float(2**63)),
        (SIZE, 0, 0),
        (SIZE, "-0", 0),
        (SIZE, -0.0, 0),
        (SIZE, "-0.0", 0),
        (WEIGHT, -0.0, 0.0),
        (WEIGHT, "-0", 0.0),
        (WEIGHT, "-1e-400", 0.0),
        (WEIGHT, 5e-324, 5e-324),
        (HEAT, -273.15, -273.15),
        (HEAT, "-0.5", -0.5),
        (COUNT, 2, 2),
        (TEXT, "007", "007"),
        (TEXT, "1e5", "1e5"),
        (TEXT, "NA", "NA"),
        (TEXT, "null", "null"),
        (TEXT, "nan", "nan"),
        (TEXT, " ", " "),
        (TEXT, "ü\u0000", "ü\u0000"),
        (SET, ["kvm"], frozenset({"kvm"})),
        (SET, ("kvm", "kvm"), frozenset({"kvm"})),
        (SET, {"kvm", "xen"}, frozenset({"kvm", "xen"})),
        (SET, frozenset(), frozenset()),
        (SET, [], frozenset()),
        (SET, "[]", frozenset()),
        (SET, "kvm", frozenset({"kvm"})),
        (SET, "kvm;xen", frozenset({"kvm", "xen"})),
        (SET, " kvm ; xen ", frozenset({"kvm", "xen"})),
        (ANY_SET, "a b;c", frozenset({"a b", "c"})),
        (ANY_SET, ["a;b"], frozenset({"a;b"})),
    ],
)
def test_a_value_of_the_field_is_known(field: Field, raw: object, value: Value) -> None:
    read = read_value(field, raw)
    assert read == value
    assert type(read) is type(value)
    assert math.copysign(1, read) == 1 if raw == -0.0 and field is NUMBER else True


@pytest.mark.parametrize("field", ALL)
@pytest.mark.parametrize("raw", [None, "", float("nan")])
def test_null_empty_text_and_nan_are_unknown(field: Field, raw: object) -> None:
    assert read_value(field, raw) is None


@pytest.mark.parametrize("field", [WHOLE, NUMBER])
@pytest.mark.parametrize("text", ["nan", "NaN", " nan "])
def test_nan_as_text_is_an_unknown_number(field: Field, text: str) -> None:
    assert read_text(field, text) is None


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        (ENUM, "UEFI"),
        (ENUM, " uefi"),
        (ENUM, "other"),
        (ENUM, True),
        (ENUM, 1),
        (ENUM, ["uefi"]),
        (FLAG, "yes"),
        (FLAG, "1"),
        (FLAG, " true"),
        (FLAG, 1),
        (FLAG, 0.0),
        (WHOLE, "1.5"),
        (WHOLE, 1.5),
        (WHOLE, True),
        (WHOLE, "1e3"),
        (WHOLE, "1_000"),
        (WHOLE, "0x10"),
        (WHOLE, "\uff11\uff12"),
        (WHOLE, "1,000"),
        (WHOLE, "40 GiB"),
        (WHOLE, 2**63),
        (WHOLE, -(2**63) - 1),
        (WHOLE, float(2**63)),
        (WHOLE, float("inf")),
        (WHOLE, "9" * 5000),
        (SIZE, -1),
        (SIZE, -1.0),
        (SIZE, "-1"),
        (SIZE, "-0.5"),
        (SIZE, Decimal(-1)),
        (SIZE, -(2**63)),
        (WEIGHT, -1),
        (WEIGHT, -5e-324),
        (WEIGHT, "-0.5"),
        (WEIGHT, "-1e-320"),
        (HEAT, -273.16),
        (COUNT, 1),
        (COUNT, "0"),
        (NUMBER, "inf"),
        (NUMBER, "1e400"),
        (NUMBER, float("-inf")),
        (NUMBER, 10**400),
        (NUMBER, False),
        (NUMBER, "."),
        (NUMBER, "e5"),
        (NUMBER, "1e99999"),
        (NUMBER, [1.0]),
        (TEXT, 7),
        (TEXT, False),
        (TEXT, "\ud800"),
        (SET, ["kvm", "vmware"]),
        (SET, "kvm;vmware"),
        (SET, "kvm;"),
        (SET, ";"),
        (SET, ["kvm", 1]),
        (SET, [""]),
        (SET, [None]),
        (SET, {"kvm": 1}),
        (ANY_SET, ["\udc80"]),
        (ANY_SET, 7),
        (ANY_SET, [["a"]]),
    ],
)
def test_anything_else_is_an_error_that_says_what_was_expected(field: Field, raw: object) -> None:
    with pytest.raises(InputError) as caught:
        read_value(field, raw)
    assert caught.value.column == "f"
    assert caught.value.expected
    str(caught.value).encode()


def test_a_wrong_enum_value_names_the_nearest() -> None:
    with pytest.raises(InputError, match=r"did you mean 'uefi'\?$"):
        read_value(ENUM, "UEFI")
    with pytest.raises(InputError, match=r"expected a set of kvm, xen .*; did you mean 'kvm'\?$"):
        read_value(SET, ["xen", "kwm"])


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (ENUM, "one of bios, uefi"),
        (FLAG, "true or false"),
        (WHOLE, "a whole number of GiB"),
        (NUMBER, "a number"),
        (TEXT, "text"),
        (SET, "a set of kvm, xen (a JSON list, or text separated by ';'; [] if there is none)"),
        (ANY_SET, "a set of strings (a JSON list, or text separated by ';'; [] if there is none)"),
    ],
)
def test_a_field_says_what_it_expects(field: Field, text: str) -> None:
    assert field.expects == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "unknown"),
        (True, "true"),
        (False, "false"),
        ("a b", "a b"),
        (40, "40"),
        (-(2**63), "-9223372036854775808"),
        (2.0, "2"),
        (2.5, "2.5"),
        (0.1, "0.1"),
        (1e20, "1e+20"),
        (frozenset(), "[]"),
        (frozenset({"b", "a"}), "a; b"),
        (frozenset({"none"}), '["none"]'),
        (frozenset({"a;b", "c"}), '["a;b", "c"]'),
    ],
)
def test_a_value_is_shown_as_a_person_would_write_it(value: Value | None, text: str) -> None:
    assert show_value(value) == text


@pytest.mark.parametrize("text", ["[]", " [] ", "none"])
@pytest.mark.parametrize("field", [SET, ANY_SET])
def test_both_spellings_of_nothing_are_a_known_empty_set(field: Field, text: str) -> None:
    assert read_text(field, text) == frozenset()


def test_an_element_that_is_called_none_is_one() -> None:
    assert read_text(Field("f", FieldType.STRING_SET, values=("none", "gpu")), "none") == frozenset({"none"})


PRINTED_SETS = ["[a]", "[a;b]", '["a", 1]', "['a' 'b']", "['a', None]", "{'a': 'b'}", "set(['a', 1])", "{}", "{a,b}"]
PRINTED_SETS += ["array(['a'], dtype=object)", "a, b", "a|b", "a\nb", "a\u3001b", "'a'", "a;None"]
PRINTED_SETS += ["None", "NULL", "nan", "N/A", "-"]


@pytest.mark.parametrize("text", PRINTED_SETS)
def test_what_a_program_printed_for_a_set_is_no_element(text: str) -> None:
    with pytest.raises(InputError, match=r"JSON list, or text separated by ';'; .* if there is none"):
        read_text(ANY_SET, text)
    assert read_text(ANY_SET, json.dumps([text])) == frozenset({text})


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3), st.sampled_from([list, tuple, set, frozenset]))
@example(["it's", 'a "b"'], list)
@example(["a;b", "\\"], tuple)
def test_a_set_as_python_prints_it_is_read(elements: list[str], kind: type) -> None:
    assert read_text(ANY_SET, str(kind(elements))) == frozenset(elements)


@pytest.mark.parametrize("text", ["[]", "()", "set()", "frozenset()"])
def test_so_is_an_empty_one(text: str) -> None:
    assert read_text(ANY_SET, text) == frozenset()


@pytest.mark.parametrize("text", ["a=b,c=d", "a=b c=d", "a=b, c=d", "{a=b}", "a=b\nc=d"])
def test_several_pairs_are_no_element(text: str) -> None:
    with pytest.raises(InputError, match="a set of name=value"):
        read_text(Field("f", FieldType.STRING_SET, elements="name=value"), text)


@pytest.mark.parametrize(
    "text",
    ["9f8e7d6c5b4a", "Ubuntu 22.04 server 64bit", "hss=a,b", "V100 (32G)", "a=b=c", "nvidia-t4:1", "none of them"],
)
def test_an_element_of_several_words_is_one(text: str) -> None:
    assert read_text(ANY_SET, text) == frozenset({text})


@given(st.text(st.sampled_from("aN=,;| \n-\u3001([{'/nulsoe"), max_size=12))
@example("NaN")
@example("n/A")
@example("frozenset(a)")
@example("set(a")
def test_databases_know_printed_texts_by_an_expression_that_says_the_same(text: str) -> None:
    assert is_printed(text) == (re.fullmatch(PRINTED, text) is not None)


@given(st.frozensets(st.text(min_size=1), max_size=4))
@example(frozenset({"[]"}))
@example(frozenset({'["a"]'}))
@example(frozenset({"[", "]"}))
def test_a_set_that_is_shown_reads_as_the_same_set(elements: frozenset[str]) -> None:
    assert read_text(ANY_SET, show_value(elements)) == elements


@given(st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.integers(-(10**7), 10**7).map(lambda n: n / 8))
def test_a_scalar_that_is_shown_reads_as_the_same_value(value: bool | int | float) -> None:
    kind = FieldType.BOOLEAN if isinstance(value, bool) else FieldType.NUMBER
    kind = FieldType.INTEGER if type(value) is int else kind
    assert read_text(Field("f", kind), show_value(value)) == value  # of longer fractions, ten digits are shown


PAIRS = Field("f", FieldType.STRING_SET, elements="name=value")


@pytest.mark.parametrize("raw", ["a=b", "a=b;c=d=e", ["__support_kvm=true"], [], "none"])
def test_elements_of_their_form_are_read(raw: object) -> None:
    assert isinstance(read_value(PAIRS, raw), frozenset)


@pytest.mark.parametrize("raw", ["nothing", "a=b;c", "a=", "=b", ["none"], "-", "{}"])
def test_an_element_of_another_form_is_refused_with_the_form(raw: object) -> None:
    with pytest.raises(InputError, match="a set of name=value"):
        read_value(PAIRS, raw)


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        (WHOLE, "40", 40),
        (WHOLE, "40.00", 40),
        (WHOLE, "4E+1", 40),
        (WHOLE, str(2**53 + 1), 2**53 + 1),
        (NUMBER, "1.50", 1.5),
        (NUMBER, "-0", 0.0),
        (NUMBER, "1E+25", 1e25),
        (WHOLE, "NaN", None),
        (WHOLE, "sNaN", None),
    ],
)
def test_decimals_as_databases_give_them_are_numbers(field: Field, raw: str, value: Value | None) -> None:
    read = read_value(field, Decimal(raw))
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize("raw", ["1.5", "1E+30", "1E+999999", "Infinity", str(2**63)])
def test_decimals_that_are_no_whole_numbers_are_refused(raw: str) -> None:
    with pytest.raises(InputError, match="expected a whole number"):
        read_value(WHOLE, Decimal(raw))


def test_scalars_and_rows_of_numpy_and_pandas_count_as_what_they_are_in_python() -> None:
    np, pd = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    for field, raw, value in (
        (WHOLE, np.int64(40), 40),
        (WHOLE, np.uint64(2**63), InputError),
        (WHOLE, np.float32(40), 40),
        (WHOLE, np.bool_(True), InputError),
        (NUMBER, np.float64(1.5), 1.5),
        (NUMBER, np.float32("nan"), None),
        (FLAG, np.bool_(True), True),
        (FLAG, np.int64(1), InputError),
        (TEXT, np.str_("a"), "a"),
        (SET, np.array(["kvm"]), frozenset({"kvm"})),  # as pandas has a row of lists from Parquet
        (SET, np.array([]), frozenset()),
        (SET, np.array([["kvm"]]), InputError),
        (SET, np.array([1]), InputError),
        (WHOLE, np.array([1]), InputError),
        (WHOLE, pd.NA, None),
        (TEXT, pd.NaT, None),
    ):
        if value is InputError:
            with pytest.raises(InputError):
                read_value(field, raw)
        else:
            read = read_value(field, raw)
            assert read == value
            assert isinstance(read, type(value))


def test_an_origin_is_shown_with_its_detail() -> None:
    assert str(Origin(OriginKind.API, "min_disk in images.json")) == "api: min_disk in images.json"
    assert str(Origin(OriginKind.GIVEN)) == "given"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


def raw_values(field: Field) -> st.SearchStrategy[tuple[Field, object]]:
    """What may stand for a value of the field: anything of JSON, a value, its text, or elements with something else."""
    right = values(field)
    spelled = right.map(show_value)
    elements = st.lists(st.sampled_from([*ELEMENTS, *field.values]) | json_values, max_size=3)
    return st.tuples(st.just(field), json_values | right | spelled | spelled.map(str.upper) | elements)


@given(st.sampled_from(ALL).flatmap(raw_values))
def test_any_raw_value_is_a_value_unknown_or_an_input_error(case: tuple[Field, object]) -> None:
    field, raw = case
    try:
        value = read_value(field, raw)
    except InputError as error:
        str(error).encode()  # can be written anywhere
    else:
        assert value is None or read_value(field, value) == value  # what was read is read again as the same


@given(st.sampled_from(ALL), st.text())
def test_any_text_is_read_as_a_value_of_the_type_or_refused(field: Field, text: str) -> None:
    types = {FieldType.BOOLEAN: bool, FieldType.INTEGER: int, FieldType.NUMBER: float, FieldType.STRING_SET: frozenset}
    try:
        value = read_text(field, text)
    except InputError:
        return
    assert value is None or type(value) is types.get(field.type, str)


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_64_bit_integer_survives_json_csv_and_display(number: int) -> None:
    assert read_value(WHOLE, json.loads(json.dumps(number))) == number
    assert read_text(WHOLE, show_value(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_survives_json_and_csv(number: float) -> None:
    assert read_value(NUMBER, json.loads(json.dumps(number))) == number
    assert read_text(NUMBER, repr(number)) == number
