"""Numbers around the least that a fact can be: what one reader takes, all do, and what one refuses, all refuse."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagefit import InputError
from imagefit.columns.encoding import Encoder
from imagefit.columns.objects import objects_as_arrow
from imagefit.facts import Field, FieldType, read_value
from imagefit.supply import Supply
from strategies import fewer

pytest.importorskip("duckdb")
pytest.importorskip("sqlglot")

WHOLE, NUMBER, WARM = (
    Field("thing.size", FieldType.INTEGER, at_least=0),
    Field("thing.weight", FieldType.NUMBER, at_least=0.0),
    Field("thing.heat", FieldType.NUMBER, at_least=-0.5),
)
SOME = Field("thing.parts", FieldType.INTEGER, at_least=2)
FIELDS = (WHOLE, NUMBER, WARM, SOME)

TEXTS = [
    "",
    " ",
    "nan",
    "-1",
    "- 1",
    "-0",
    "-0.0",
    "-0.5",
    "-0.50000001",
    "0",
    "+0",
    "0.0",
    "00",
    "1",
    "1.0",
    "2",
    "2.5",
]
TEXTS += ["-1e-320", "1e-320", "-9223372036854775808", "-9223372036854775809", "-1e400", " -1 ", "-1.0"]
INTEGERS = st.integers(-3, 3) | st.sampled_from((-(2**63), 2**63 - 1))
FLOATS = st.sampled_from((-0.0, 0.0, -0.5, -0.5000000001, 0.5, -1.0, 1.0, 2.0, -5e-324, 5e-324, float("-inf"), -1e300))
COLUMNS = {
    "text": (pa.string(), "text", st.sampled_from(TEXTS)),
    "integers": (pa.int64(), "integer", INTEGERS),
    "small": (pa.int8(), "integer", st.integers(-3, 3)),
    "floats": (pa.float64(), "number", FLOATS | st.just(float("nan"))),
}


def by_value(field: Field, raw: Sequence[object]) -> tuple[list[object], list[int]]:
    """What the reference makes of values, and the rows that it refuses."""
    found: list[object] = []
    wrong: list[int] = []
    for row, value in enumerate(raw):
        try:
            found.append(read_value(field, value))
        except InputError:
            found.append(None)
            wrong.append(row)
    return found, wrong


def by_columns(field: Field, column: object) -> tuple[list[object], list[int]]:
    encoded = Encoder({field.name: field}, Supply({}, {})).encode(pa.record_batch([column], [field.name]))
    return [encoded.facts(row).get(field.name) for row in range(encoded.rows)], [row for row, _ in encoded.errors()]


def by_duckdb(field: Field, column: object, kind: str) -> tuple[list[object], list[int]]:
    import duckdb

    from imagefit.evaluators.sql.dialects import dialect_of
    from imagefit.evaluators.sql.reading import Kind, Reading
    from imagefit.evaluators.sql.terms import name_of

    dialect = dialect_of("duckdb")
    own = Reading(dialect, field, name_of("raw"), Kind[kind.upper()])
    assert own.is_wrong is not None
    asked = f"SELECT {dialect.sql(own.fact.value)}, COALESCE({dialect.sql(own.is_wrong)}, FALSE) FROM raw ORDER BY row"
    with duckdb.connect() as connection:
        connection.register("raw", pa.table({"row": pa.array(range(len(column)), pa.int64()), "raw": column}))
        rows = connection.execute(asked).fetchall()
    return [value for value, _ in rows], [row for row, (_, is_wrong) in enumerate(rows) if is_wrong]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@pytest.mark.parametrize("called", COLUMNS)
@given(data=st.data())
def test_all_readers_take_the_same_numbers(field: Field, called: str, data: st.DataObject) -> None:
    kind, _, values = COLUMNS[called]
    column = pa.array(data.draw(st.lists(st.none() | values, min_size=1, max_size=12)), kind)
    raw = column.to_pylist()
    expected, wrong = by_value(field, raw)
    shown = [*map(repr, expected)]  # -0.0 is no 0.0, and 1 no 1.0
    for found, refused in (by_columns(field, column), by_columns(field, column.dictionary_encode())):
        assert ([*map(repr, found)], refused) == (shown, wrong)
    objects, errors = objects_as_arrow(field, raw)
    assert ([*map(repr, objects.to_pylist())], sorted(errors)) == (shown, wrong)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@pytest.mark.parametrize("called", COLUMNS)
@settings(max_examples=fewer(4))
@given(data=st.data())
def test_a_database_takes_them_too(field: Field, called: str, data: st.DataObject) -> None:
    kind, sql, values = COLUMNS[called]
    column = pa.array(data.draw(st.lists(st.none() | values, min_size=1, max_size=12)), kind)
    expected, wrong = by_value(field, column.to_pylist())
    found, refused = by_duckdb(field, column, sql)
    assert ([*map(repr, found)], refused) == ([*map(repr, expected)], wrong)
