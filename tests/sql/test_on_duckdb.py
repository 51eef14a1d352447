"""``imagefit audit --on duckdb``: the columns and the rows of `audit`, from Parquet, CSV and JSON Lines."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result

import imagefit
from commands import run
from packfiles import shipped_pack
from sql.agreement import sampled, table_for


def audit_on_duckdb(*arguments: str) -> Result:
    return run("audit", *arguments, "--on", "duckdb")


def rows_of(folder: Path) -> list[dict[str, Any]]:
    return sorted(pq.read_table(folder).to_pylist(), key=lambda row: str(row["id"]))


def test_it_says_what_audit_says(tmp_path: Path) -> None:
    pack = shipped_pack("huawei-ims")
    table = table_for(pack, sampled(pack, "create_ecs", 300), "duckdb")
    table = table.rename_columns(["id", *table.schema.names[1:]])
    (tmp_path / "in").mkdir()
    pq.write_table(table.slice(0, 100), tmp_path / "in" / "a.parquet")
    pq.write_table(table.slice(100), tmp_path / "in" / "b.parquet")
    options = ["--operation", "create_ecs", "--set", "image.region=r", "--assume", "ecs.account=@image.owner"]
    result = audit_on_duckdb(str(tmp_path / "in"), *options, "-o", str(tmp_path / "out"))
    assert result.exit_code == 1, result.stderr
    right = imagefit.audit(
        table, operation="create_ecs", set={"image.region": "r"}, assume={"ecs.account": "@image.owner"}
    )
    assert rows_of(tmp_path / "out") == sorted(right.to_arrow().to_pylist(), key=lambda row: str(row["id"]))
    counts = right.summary().verdicts
    shown = ", ".join(f"{counts[name]:,} {name}" for name in ("incompatible", "unknown", "compatible"))
    assert f"300 rows: {shown}" in result.stderr


ROWS = [
    {"id": "007", "image.status": "active", "image.recipients": "3", "image.encrypted": "FALSE", "note": "2026-01-01"},
    {"id": "1e5", "image.status": "queued", "image.recipients": " +4 ", "image.encrypted": "", "note": "x"},
]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_texts_stay_what_they_are(tmp_path: Path, ending: str) -> None:
    place = tmp_path / f"in.{ending}"
    if ending == "csv":
        lines = [",".join(ROWS[0]), *(",".join(row.values()) for row in ROWS)]
    else:
        lines = [json.dumps(row) for row in ROWS]
    place.write_text("\n".join(lines) + "\n")
    assert audit_on_duckdb(str(place), "--operation", "share", "-o", str(tmp_path / "out")).exit_code == 1
    right = imagefit.audit(pa.Table.from_pylist(ROWS), operation="share").to_arrow().to_pylist()
    found = rows_of(tmp_path / "out")
    if ending == "csv":  # an empty cell is null there
        found = [{name: "" if value is None else value for name, value in row.items()} for row in found]
    assert found == right


def test_a_wrong_value_ends_it_or_its_row_is_put_aside(tmp_path: Path) -> None:
    place = tmp_path / "in.csv"
    place.write_text("id,image.status,image.encrypted\n007,active,yes\n008,queued,\n")
    out = tmp_path / "out"
    result = audit_on_duckdb(str(place), "--operation", "share", "-o", str(out))
    assert result.exit_code == 2
    assert "007, image.encrypted: not a value of this fact: 'yes'; expected true or false" in result.stderr + str(
        result.exception
    )
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
    result = audit_on_duckdb(str(place), "--operation", "share", "-o", str(out), "--on-bad-row", "report")
    assert result.exit_code == 2
    assert [row["id"] for row in rows_of(out)] == ["008"]
    assert [(row["id"], row["bad_value"]) for row in rows_of(tmp_path / "out.bad-rows.parquet")] == [
        ("007", "image.encrypted")
    ]


def test_a_column_of_the_table_may_be_called_like_that_of_wrong_values(tmp_path: Path) -> None:
    place = tmp_path / "in.csv"
    place.write_text("id,image.status,bad_value\na,active,x\nb,actve,y\n")
    out = tmp_path / "out"
    assert "b, image.status: not a value" in audit_on_duckdb(str(place), "--operation", "share", "-o", str(out)).stderr
    reporting = ["--operation", "share", "-o", str(out), "--on-bad-row", "report"]
    assert "a column of this name already" in audit_on_duckdb(str(place), *reporting).stderr
    assert audit_on_duckdb(str(place), *reporting, "--prefix", "x_").exit_code == 2
    assert [(row["id"], row["bad_value"]) for row in rows_of(out)] == [("a", "x")]
    (bad,) = rows_of(tmp_path / "out.bad-rows.parquet")
    assert (bad["id"], bad["bad_value"], bad["x_bad_value"]) == ("b", "y", "image.status")


MEMORY = ["image.min_memory_mib", "ecs.memory_mib"]
OF_MEMORY = ["--operation", "create_ecs", "--select", "sizing.memory-min"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_columns_of_several_files_go_by_their_names(tmp_path: Path, ending: str) -> None:
    tables = {
        "0": pa.table({"id": ["fits"], MEMORY[0]: [1], MEMORY[1]: [2]}),
        "1": pa.table({"id": ["small"], MEMORY[1]: [1], MEMORY[0]: [2]}),  # in another order
        "2": pa.table({"id": ["untold"], MEMORY[1]: [1]}),
        "3": pa.table({"id": ["more"], MEMORY[1]: [2], "note": ["n"], MEMORY[0]: [1]}),
    }
    for name, table in tables.items():
        place = tmp_path / f"{name}.{ending}"
        if ending == "parquet":
            pq.write_table(table, place)
        else:
            lines = [table.schema.names, *([str(v) for v in row.values()] for row in table.to_pylist())]
            place.write_text("".join(f"{';'.join(line)}\n" for line in lines))
    files = [str(tmp_path / f"{name}.{ending}") for name in sorted(tables)]
    for number, inputs in enumerate((files, files[::-1])):
        result = audit_on_duckdb(*inputs, *OF_MEMORY, "-o", str(out := tmp_path / f"out{number}"))
        assert result.exit_code == 1, result.stderr
        rows = rows_of(out)
        assert {row["id"]: row["verdict"] for row in rows} == {
            "fits": "compatible",
            "small": "incompatible",
            "untold": "unknown",
            "more": "compatible",
        }
        assert {row["note"] for row in rows} == {None, "n"}


def test_a_number_in_a_later_file_is_not_rounded_to_the_type_of_the_first(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["a"], MEMORY[0]: [1], MEMORY[1]: [2]}), tmp_path / "0.parquet")
    pq.write_table(pa.table({"id": ["b"], MEMORY[0]: [1.6], MEMORY[1]: [2]}), tmp_path / "1.parquet")
    files = [str(tmp_path / "0.parquet"), str(tmp_path / "1.parquet")]
    result = audit_on_duckdb(*files, *OF_MEMORY, "-o", str(tmp_path / "out"))
    assert result.exit_code == 2 and "b, image.min_memory_mib: not a value of this fact: 1.6" in result.stderr


@pytest.mark.parametrize("second", ["image.min_memory_mib", "Image.Min_Memory_MiB"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_column_that_stands_twice_is_an_error(tmp_path: Path, ending: str, second: str) -> None:
    place, names = tmp_path / f"in.{ending}", ["id", MEMORY[0], second, MEMORY[1]]
    if ending == "csv":
        place.write_text(f"{','.join(names)}\na,1,3,2\n")
    else:
        pq.write_table(pa.Table.from_arrays([pa.array(["a"]), *(pa.array([n]) for n in (1, 3, 2))], names), place)
    result = audit_on_duckdb(str(place), *OF_MEMORY, "-o", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert f"in.{ending}: the column stands twice: 'image.min_memory_mib'" in result.stderr


def test_blanks_around_a_name_make_no_other_column(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,image.min_memory_mib, image.min_memory_mib,ecs.memory_mib\na,1,3,2\n")
    result = audit_on_duckdb(str(tmp_path / "in.csv"), *OF_MEMORY, "-o", str(tmp_path / "out"))
    assert result.exit_code == 2 and "the column stands twice: 'image.min_memory_mib'" in result.stderr


@pytest.mark.parametrize(
    ("fact", "value", "said"),
    [
        ("image.status", "actve", "'actve'; expected one of queued, saving, active, killed, deleted; did you mean"),
        ("image.shared_with", '["a", "b"]', """'["a", "b"]'; expected text separated by ';', or lists of text"""),
    ],
)
def test_what_is_wrong_is_said_with_the_file(tmp_path: Path, fact: str, value: str, said: str) -> None:
    pq.write_table(pa.table({fact: [value], "image.type": ["iso"]}), tmp_path / "in.parquet")
    result = audit_on_duckdb(
        str(tmp_path / "in.parquet"),
        "--operation",
        "create_ecs",
        "-o",
        str(tmp_path / "out"),
        "--select",
        "access,status",
    )
    assert result.exit_code == 2
    assert f"in.parquet, a row without a key, {fact}: not a value of this fact: {said}" in result.stderr


@pytest.mark.parametrize("column", ["Verdict", "FAILED_RULES"])
def test_a_column_that_is_called_like_ours_in_another_case_is_refused(tmp_path: Path, column: str) -> None:
    (tmp_path / "in.csv").write_text(f"id,image.status,{column}\na,active,x\n")
    arguments = [str(tmp_path / "in.csv"), "--operation", "share", "-o", str(tmp_path / "out")]
    result = audit_on_duckdb(*arguments)
    assert result.exit_code == 2
    assert f"{column.lower()}: the table has a column of this name already" in result.stderr
    assert f"'{column}'" in result.stderr
    assert audit_on_duckdb(*arguments, "--prefix", "x_").exit_code == 3
    (row,) = rows_of(tmp_path / "out")
    assert (row[column], row["x_verdict"]) == ("x", "unknown")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_number_at_the_end_of_a_name_is_a_part_of_it(tmp_path: Path, ending: str) -> None:
    table = pa.table({"id": ["a"], MEMORY[0]: ["1"], f"{MEMORY[0]}_1": ["3"], MEMORY[1]: ["2"]})
    if ending == "csv":
        (tmp_path / "in.csv").write_text(f"{','.join(table.schema.names)}\na,1,3,2\n")
    else:
        pq.write_table(table, tmp_path / "in.parquet")
    assert audit_on_duckdb(str(tmp_path / f"in.{ending}"), *OF_MEMORY, "-o", str(tmp_path / "out")).exit_code == 0
    (row,) = rows_of(tmp_path / "out")
    assert (row[f"{MEMORY[0]}_1"], row["verdict"]) == ("3", "compatible")


def test_only_a_double_quote_quotes_and_no_line_is_a_comment(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,image.status\n'a',active\n#b,active\n")
    assert audit_on_duckdb(str(tmp_path / "in.csv"), "--operation", "share", "-o", str(tmp_path / "out")).exit_code == 3
    assert [row["id"] for row in rows_of(tmp_path / "out")] == ["#b", "'a'"]
    (tmp_path / "in.csv").write_text("id,image.status\na,active\n# b\n")
    result = audit_on_duckdb(str(tmp_path / "in.csv"), "--operation", "share", "-o", str(tmp_path / "other"))
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("image.owner", 7),
        ("image.owner", True),
        ("image.owner", {"id": "a"}),
        ("image.owner", ["a"]),
        ("image.shared_with", ["a", 1]),
        ("image.shared_with", 7),
    ],
)
def test_what_is_no_text_in_json_becomes_none(tmp_path: Path, fact: str, value: object) -> None:
    other: object = ["b"] if fact == "image.shared_with" and isinstance(value, list) else "b"
    rows = [{"id": "a", fact: other}, {"id": "b", fact: value}]
    (tmp_path / "in.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    result = audit_on_duckdb(str(tmp_path / "in.jsonl"), "--operation", "share", "-o", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert f"in.jsonl, {fact}: not a value of this fact: " in result.stderr
    texts = [{**row, fact: other} for row in rows]
    (tmp_path / "in.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in texts))
    assert audit_on_duckdb(str(tmp_path / "in.jsonl"), "--operation", "share", "-o", str(tmp_path / "o")).exit_code == 3


def test_a_table_of_facts_at_which_no_rule_looks_is_undecided(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,image.shared_with\na,b\nb,[]\n")
    result = audit_on_duckdb(str(tmp_path / "in.csv"), "--operation", "export", "-o", str(tmp_path / "out"))
    assert result.exit_code == 3, result.stderr
    right = imagefit.audit([{"id": "a", "image.shared_with": ["b"]}], operation="export").to_arrow().to_pylist()
    assert [row["missing_facts"] for row in rows_of(tmp_path / "out")] == [right[0]["missing_facts"]] * 2


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_a_column_that_is_null_in_all_rows_is_unknown(tmp_path: Path, ending: str) -> None:
    facts = ["image.visibility", "image.min_memory_mib", "image.encrypted", "image.shared_with"]
    rows = [{"id": "a", "image.status": "active", **dict.fromkeys(facts)}]
    if ending == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in.parquet")
    else:
        (tmp_path / "in.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    result = audit_on_duckdb(str(tmp_path / f"in.{ending}"), "--operation", "share", "-o", str(tmp_path / "out"))
    assert result.exit_code == 3, result.stderr
    (right,) = imagefit.audit(rows, operation="share").to_arrow().to_pylist()
    (found,) = rows_of(tmp_path / "out")
    assert [found[name] for name in ("verdict", "missing_facts")] == [right[n] for n in ("verdict", "missing_facts")]


def test_empty_sets_in_json_are_sets(tmp_path: Path) -> None:
    rows = [{"id": "a", "image.shared_with": [], "image.status": "active"}, {"id": "b", "image.status": "active"}]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    audit_on_duckdb(str(tmp_path / "in.jsonl"), "--operation", "share", "-o", str(tmp_path / "out"))
    right = imagefit.audit(rows, operation="share").to_arrow().to_pylist()
    assert [row["verdict"] for row in rows_of(tmp_path / "out")] == [row["verdict"] for row in right]


@pytest.mark.skipif(find_spec("pyspark") is not None, reason="pyspark is here")
def test_without_pyspark_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,image.status\na,active\n")
    arguments = [
        "audit",
        str(tmp_path / "in.csv"),
        "--operation",
        "share",
        "-o",
        str(tmp_path / "o"),
        "--on",
        "local[2]",
    ]
    result = run(*arguments)
    assert "--on needs pyspark for Spark: pip install 'imagefit[spark]'" in result.stderr


def test_fast_has_unknown_facts_in_place_of_missing_facts(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["a"], "image.status": ["active"]}), tmp_path / "in.parquet")
    assert (
        audit_on_duckdb(
            str(tmp_path / "in.parquet"), "--operation", "share", "-o", str(tmp_path / "o"), "--fast"
        ).exit_code
        == 3
    )
    (row,) = rows_of(tmp_path / "o")
    assert "image.encrypted" in row["unknown_facts"] and "missing_facts" not in row


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--operation", "share"], "--on needs a folder to write to"),
        (["-o", "out"], "--on needs --operation"),
        (["--operation", "shar", "-o", "out"], "did you mean 'share'"),
        (["--operation", "share", "-o", "out", "--from", "orc"], "a format that DuckDB does not read here"),
        (["--operation", "share", "-o", "out", "--from", "xls"], "unknown format"),
        (["--operation", "share", "-o", "out", "--all-rules"], "--all-rules: not with --on"),
        (["--operation", "share", "-o", "out", "--log", "l"], "--log: not with --on"),
        (["--operation", "share", "-o", "out", "--baseline", "b"], "--baseline: not with --on"),
    ],
)
def test_mistakes_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("in.csv").write_text("id,image.status\na,active\n")
    result = audit_on_duckdb("in.csv", *arguments)
    assert result.exit_code == 2 and message in result.stderr
    assert not Path("out").exists()


def test_a_type_that_no_value_of_the_fact_has_is_found_before_anything_is_read(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["a"], "image.status": [1]}), tmp_path / "in.parquet")
    result = audit_on_duckdb(str(tmp_path / "in.parquet"), "--operation", "share", "-o", str(tmp_path / "o"))
    assert "image.status: not a type for this fact: 'BIGINT'" in result.stderr


def test_the_log_and_the_baseline_of_the_project_are_left_out_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("imagefit.toml").write_text('log = "a.log"\nbaseline = "known.json"\n')
    Path("in.csv").write_text("id,image.status\na,active\n")
    result = audit_on_duckdb("in.csv", "--operation", "share", "-o", "out")
    assert result.exit_code == 3
    assert "log and baseline of the project file: left out with --on" in result.stderr
    assert not Path("a.log").exists()
