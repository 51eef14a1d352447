"""`imagefit.spark.audit` says what `imagefit.audit` says, and it is Spark that says it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("pyspark")

import imagefit
from imagefit.errors import InputError, UnknownNameError
from imagefit.rulepack.pack import Pack
from imagefit.spark import audit
from imagefit.spark.auditing import COLUMNS, EXACT
from packfiles import shipped_pack
from sparks import local_session
from sql.agreement import sampled, table_for
from sql.hostile import hostile_pack, hostile_rows

Folder = Any


@pytest.fixture(scope="module")
def spark() -> Any:
    return local_session()


def read(spark: Any, folder: Folder, pack: Pack, rows: Sequence[dict[str, Any]]) -> tuple[Any, pa.Table]:
    """Return rows as a DataFrame of three files, with a column `id`, and as a table."""
    table = table_for(pack, rows, "spark")
    table = table.rename_columns(["id", *table.schema.names[1:]])
    third = len(rows) // 3
    for number, count in enumerate((third, third, None)):
        pq.write_table(table.slice(number * third, count), folder / f"{number}.parquet")
    return spark.read.parquet(str(folder)), table


def by_key(df: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = df.toArrow().to_pylist()
    return sorted(rows, key=lambda row: row["id"])


@pytest.mark.parametrize("operation", ["create_ecs", "share", "delete"])
def test_with_missing_facts_it_is_what_audit_says(spark: Any, tmp_path: Folder, operation: str) -> None:
    pack = shipped_pack("huawei-ims")
    df, table = read(spark, tmp_path, pack, sampled(pack, operation, 400))
    options: Any = {
        "operation": operation,
        "pack": pack,
        "set": {"image.recipients": 3},
        "assume": {"image.owner": "@actor.account"},
    }
    right = imagefit.audit(table, **options).to_arrow().to_pylist()
    assert by_key(audit(df, columns=EXACT, **options)) == right
    assert by_key(audit(df.repartition(5), columns=EXACT, **options)) == right


def test_names_and_texts_are_only_that(spark: Any, tmp_path: Folder) -> None:
    pack = hostile_pack()
    df, table = read(spark, tmp_path, pack, hostile_rows())
    right = imagefit.audit(table, operation="use", pack=pack).to_arrow().to_pylist()
    assert by_key(audit(df, operation="use", pack=pack, columns=EXACT)) == right


def test_without_missing_facts_nothing_passes_through_python_or_a_shuffle(
    spark: Any, tmp_path: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = shipped_pack("huawei-ims")
    df, _ = read(spark, tmp_path, pack, sampled(pack, "share", 10))
    audit(df, operation="share", pack=pack).explain()
    plan = capsys.readouterr().out
    assert "Exchange" not in plan and "Python" not in plan and "InArrow" not in plan
    audit(df, operation="share", pack=pack, columns=EXACT).explain()
    assert "InArrow" in capsys.readouterr().out


def test_mistakes_in_columns_are_found_before_anything_runs(spark: Any) -> None:
    options: Any = {"operation": "share"}
    with pytest.raises(InputError, match=r"image.encrypted: not a type for this fact: 'date'"):
        audit(spark.sql("SELECT DATE '2026-01-01' AS `image.encrypted`"), **options)
    with pytest.raises(InputError, match="name already"):
        audit(spark.sql("SELECT 'a' AS `image.status`, 1 AS verdict"), **options)
    with pytest.raises(InputError, match="no column"):
        audit(spark.sql("SELECT 'a' AS `image.stat`"), **options)
    with pytest.raises(UnknownNameError, match="did you mean 'missing_facts'"):
        audit(spark.sql("SELECT 'a' AS `image.status`"), columns=["missing_fact"], **options)


WRONG = [
    ("image.status", "'actve'"),
    ("image.encrypted", "'yes'"),
    ("image.recipients", "1.5D"),
    ("image.recipients", "'1e3'"),
    ("image.recipients", "'-2.00'"),
    ("image.recipients", "-1"),
    ("image.size_gib", "-0.5D"),
    ("image.size_gib", "double('infinity')"),
    ("image.shared_with", "array('a', NULL)"),
    ("image.shared_with", "array('')"),
]


@pytest.mark.parametrize(("fact", "value"), WRONG)
def test_a_wrong_value_is_named_by_its_row_and_column(spark: Any, fact: str, value: str) -> None:
    df = spark.sql(f"SELECT 'k7' AS id, {value} AS `{fact}`")
    with pytest.raises(InputError):
        imagefit.audit(df.toArrow(), operation="share").to_arrow()
    for column in (*COLUMNS, "missing_facts"):  # also one that the fact has no bearing on
        with pytest.raises(Exception, match=rf"imagefit: not a value of this fact: k7, {fact}"):
            audit(df, operation="share", columns=[column]).collect()
    (row,) = audit(df, operation="share", on_bad_row="report").collect()
    assert row["bad_value"] == fact


def test_columns_may_be_called_like_results_that_are_not_asked_for(spark: Any) -> None:
    df = spark.sql("SELECT 'active' AS `image.status`, 'w' AS warnings, 'b' AS bad_value, 'r' AS reasons")
    for column in ("verdict", "missing_facts"):
        (row,) = audit(df, operation="delete", select="status", columns=[column]).collect()
        assert (row["warnings"], row["bad_value"], row["reasons"]) == ("w", "b", "r")
        assert row[column] == ("compatible" if column == "verdict" else [])
        with pytest.raises(InputError, match="name already"):
            audit(df, operation="delete", columns=[column], on_bad_row="report")


TEXTS = {
    "image.encrypted": ["true", "FALSE", "", None],
    "image.recipients": ["3", " +7 ", "2.00", "nan", "", None, "9223372036854775807"],
    "image.size_gib": ["1.5", ".5", "1e3", " 7. ", "NaN", "", None],
    "image.shared_with": ["a;b", " a ; b ", "[]", "none", "", None],
}


def test_text_is_read_as_audit_reads_it(spark: Any) -> None:
    rows = [{"id": f"{n}{fact}", fact: value} for fact, values in TEXTS.items() for n, value in enumerate(values)]
    names = ["id", *TEXTS]
    tuples = [tuple(row.get(name) for name in names) for row in rows]
    df = spark.createDataFrame(tuples, ", ".join(f"`{name}` STRING" for name in names))
    for operation in ("share", "export", "create_ecs"):
        right = {row["id"]: row for row in imagefit.audit(df.toArrow(), operation=operation).to_arrow().to_pylist()}
        assert {row["id"]: row for row in by_key(audit(df, operation=operation, columns=EXACT))} == right
