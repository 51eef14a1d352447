"""An audit says of every row what `check` says of it, whatever the table is and however it is cut into pieces."""

from __future__ import annotations

import copy
import json
import pickle
import random
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import imagefit
from imagefit import InputError, Pack, UnknownNameError
from imagefit.auditing import judging as audit_judging
from imagefit.auditing import reasons as audit_reasons
from imagefit.auditing.summary import ReasonCount
from imagefit.conditions import TRUE, Leaf, Relation
from imagefit.facts import Facts, Field, FieldType
from imagefit.rulepack.pack import Outcome
from rowtables import table_of
from strategies import FIELDS, candidates, fewer, pack_of, packs, rule_of

ROWS = [
    {"id": "a", "image.status": "active", "image.visibility": "private", "image.encrypted": False},
    {"id": "b", "image.status": "queued", "image.visibility": "public"},
    {"id": "c", "image.visibility": "private", "image.encrypted": True},
]


def expected_row(verdict: Any) -> dict[str, Any]:
    """What the result columns have to say, from a verdict of `check`."""
    deciding = [*verdict.failed, *verdict.undecided]
    return {
        "verdict": verdict.verdict.value,
        "failed_rules": [rule.rule for rule in verdict.failed],
        "unknown_rules": [rule.rule for rule in verdict.undecided],
        "warnings": [rule.rule for rule in verdict.warnings],
        "missing_facts": [*(["at least"] if verdict.missing_at_least else []), *verdict.missing],
        "reasons": [rule.message for rule in deciding],
    }


def results(table: Any) -> list[dict[str, Any]]:
    """The result columns of an audit's Arrow table, by row."""
    return table.select(list(expected_row_names())).to_pylist()


def expected_row_names() -> Sequence[str]:
    return ("verdict", "failed_rules", "unknown_rules", "warnings", "missing_facts", "reasons")


@given(packs(), st.lists(candidates(), max_size=6), st.booleans())
def test_each_row_is_what_check_says(any_evaluator: str, pack: Pack, rows: list[Facts], dictionaries: bool) -> None:
    table = table_of(rows, dictionaries=dictionaries)
    found = imagefit.audit(table, operation="use", pack=pack, evaluator=any_evaluator).to_arrow()
    assert results(found) == [expected_row(imagefit.check(facts, operation="use", pack=pack)) for facts in rows]
    assert found.select(table.column_names).equals(table)


def test_rules_that_fill_several_words_come_in_their_order() -> None:
    chance = random.Random(5)
    fields = {name: Field(name, FieldType.ENUM, tuple("abcdefgh")) for name in (f"thing.part{n:02}" for n in range(12))}
    names = chance.choices(list(fields), k=70)
    wanted = [Leaf(name, Relation.EQUALS, chance.choice("abc"), negated=True) for name in names]
    made = [rule_of(f"made.r{n:03}", TRUE, leaf) for n, leaf in enumerate(wanted)]
    pack = pack_of(made, fields)
    order = audit_judging.AuditTask(pack, "use").task_for("use").order
    assert list(order) != sorted(order)
    rows = [{name: chance.choice("abcd") for name in fields if chance.random() < 0.9} for _ in range(40)]
    table = pa.table({name: [row.get(name) for row in rows] for name in fields})
    found = imagefit.audit(table, operation="use", pack=pack).to_arrow()
    assert results(found) == [expected_row(imagefit.check(facts, operation="use", pack=pack)) for facts in rows]


@given(packs(), st.lists(candidates(), max_size=6), st.data())
def test_each_row_can_ask_for_an_operation_of_its_own(pack: Pack, rows: list[Facts], data: st.DataObject) -> None:
    operations = [data.draw(st.sampled_from(("use", "share"))) for _ in rows]
    table = table_of(rows).append_column("operation", pa.array(operations, pa.string()))
    verdicts = [imagefit.check(facts, operation=op, pack=pack) for facts, op in zip(rows, operations, strict=True)]
    assert results(imagefit.audit(table, pack=pack).to_arrow()) == [expected_row(verdict) for verdict in verdicts]


@pytest.mark.slow
@given(packs(), st.lists(candidates(), min_size=1, max_size=5), candidates(), candidates())
def test_given_and_assumed_facts_count_as_in_check(
    pack: Pack, rows: list[Facts], given_facts: Facts, assume: Facts
) -> None:
    found = imagefit.audit(table_of(rows), operation="use", pack=pack, set=given_facts, assume=assume)
    verdicts = [imagefit.check({**facts, **given_facts}, operation="use", pack=pack, assume=assume) for facts in rows]
    assert results(found.to_arrow()) == [expected_row(verdict) for verdict in verdicts]
    used = [found.explain(row).assumed for row in range(len(rows))]
    assert used == [verdict.assumed for verdict in verdicts]
    counts = {name: sum(name in assumed for assumed in used) for assumed in used for name in assumed}
    assert found.summary().assumed == dict(sorted(counts.items()))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=fewer(2))
@given(packs(), st.lists(candidates(), min_size=1, max_size=8), st.integers(1, 4), st.integers(1, 3), st.data())
def test_chunks_slices_and_threads_change_nothing(
    monkeypatch: pytest.MonkeyPatch, pack: Pack, rows: list[Facts], size: int, threads: int, data: st.DataObject
) -> None:
    operations = [data.draw(st.sampled_from(("use", "share"))) for _ in rows]
    table = table_of(rows, dictionaries=True).append_column("operation", pa.array(operations, pa.string()))
    whole = imagefit.audit(table, pack=pack)
    expected, summary = results(whole.to_arrow()), whole.summary()
    pieces = [table.slice(start, size) for start in range(0, len(rows), size)]
    each_slice = audit_judging.each_slice
    by_twos = Mock(side_effect=lambda source, work: each_slice(source, work, threads=threads, rows=2))
    with monkeypatch.context() as patched:
        patched.setattr(audit_judging, "each_slice", by_twos)
        cut = imagefit.audit(pa.concat_tables(pieces), pack=pack)
        assert results(cut.to_arrow()) == expected
        assert cut.summary() == summary
    assert by_twos.called


@pytest.mark.slow
@given(packs(), st.lists(candidates(), min_size=1, max_size=8))
def test_the_summary_counts_what_the_verdicts_say(pack: Pack, rows: list[Facts]) -> None:
    verdicts = [imagefit.check(facts, operation="use", pack=pack) for facts in rows]
    summary = imagefit.audit(table_of(rows), operation="use", pack=pack).summary()
    assert summary.rows == len(rows)
    assert summary.verdicts == {k: sum(v.verdict == k for v in verdicts) for k in summary.verdicts}
    for count in summary.rules:
        assert count.failed == sum(count.rule in {r.rule for r in (*v.failed, *v.warnings)} for v in verdicts)
        assert count.only == sum([r.rule for r in v.failed] == [count.rule] for v in verdicts)
        assert count.unknown == sum(count.rule in {r.rule for r in v.undecided} for v in verdicts)
    assert {m.fact: m.rows for m in summary.missing} == {
        name: sum(name in v.missing for v in verdicts) for v in verdicts for name in v.missing
    }
    said: dict[tuple[str, str, str], list[int]] = {}
    for number, verdict in enumerate(verdicts, start=1):
        for result in (*verdict.failed, *verdict.undecided):
            said.setdefault((result.rule, result.outcome.value, result.message), []).append(number)
    assert [((r.rule, r.outcome, r.reason), r.rows, r.example) for r in by_name(summary.reasons)] == [
        (reason, len(numbers), str(numbers[0])) for reason, numbers in sorted(said.items())
    ]
    assert [r.rows for r in summary.reasons] == sorted(map(len, said.values()), reverse=True)
    assert summary.untold_reasons == 0


def by_name(reasons: Sequence[ReasonCount]) -> list[ReasonCount]:
    return sorted(reasons, key=lambda reason: (reason.rule, reason.outcome, reason.reason))


def pandas_frame(rows: Sequence[Mapping[str, object]]) -> Any:
    import pandas as pd

    return pd.DataFrame(rows)


def polars_frame(rows: Sequence[Mapping[str, object]]) -> Any:
    import polars as pl

    return pl.DataFrame(rows)


TABLES = {
    "pandas": pandas_frame,
    "polars": polars_frame,
    "arrow": pa.Table.from_pylist,
    "batch": pa.RecordBatch.from_pylist,
    "stream": lambda rows: pa.Table.from_pylist(rows).to_reader(),
    "mappings": list,
    "categories": lambda rows: pandas_frame(rows).astype({"image.status": "category"}),
    "objects": lambda rows: pandas_frame(rows).astype(object),
    "index": lambda rows: pandas_frame(rows).set_index(["image.encrypted"], append=True),
    "index of categories": lambda rows: TABLES["categories"](rows).set_index("image.status"),
    "index alone": lambda rows: pandas_frame(rows).set_index(list(rows[0])),
}


@pytest.mark.parametrize("kind", list(TABLES))
def test_tables_of_every_kind_are_read_alike(kind: str) -> None:
    found = imagefit.audit(TABLES[kind](ROWS), operation="share")
    facts = [{name: value for name, value in row.items() if name != "id"} for row in ROWS]
    assert results(found.to_arrow()) == [expected_row(imagefit.check(f, operation="share")) for f in facts]
    assert found.to_arrow()["id"].to_pylist() == ["a", "b", "c"]
    assert found.to_pandas().reset_index()["id"].tolist() == ["a", "b", "c"]
    assert [found.explain(row).key for row in range(3)] == ["a", "b", "c"]


def test_a_pandas_frame_keeps_its_index_its_rows_and_its_columns() -> None:
    import pandas as pd

    frame = pd.DataFrame(ROWS, index=["x", "y", "x"]).assign(extra=[object(), {1}, None])
    frame.columns = pd.Index([*frame.columns[:-1], 7])
    found = imagefit.audit(frame, operation="share").to_pandas()
    assert found.index.tolist() == ["x", "y", "x"]
    assert found.columns.tolist() == [*frame.columns, *expected_row_names()]
    pd.testing.assert_frame_equal(found[frame.columns], frame)
    assert found["verdict"].dtype == "category"
    assert found["failed_rules"].tolist()[1] == ("sharing.only-private", "status.active")


def test_a_level_of_an_index_counts_as_the_column_that_it_is_in_a_file() -> None:
    import pandas as pd

    frame = pd.DataFrame({"image.encrypted": [True]}, index=pd.Index(["web"], name="verdict"))
    with pytest.raises(InputError, match=r"^verdict: the table has a column of this name already"):
        imagefit.audit(frame, operation="share")
    frame.index.name = "image.encryptd"
    assert any("image.encryptd" in note for note in quietly(frame).notes)
    frame.index.name = "image.encrypted"  # beside a column of this name, which is the one that counts
    assert results(quietly(frame).to_arrow()) == results(quietly(frame.reset_index(drop=True)).to_arrow())
    with pytest.raises(InputError, match=r"row 1, image\.status: not a value of this fact: 'web'"):
        imagefit.audit(frame.rename_axis("image.status"), operation="share")


def quietly(frame: Any) -> imagefit.Audit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", imagefit.ImagefitWarning)
        return imagefit.audit(frame, operation="share")


@pytest.mark.parametrize("values", [[True, 1], [1.0, True], ["a", 1], ["a", b"b"], [["a"], "b", 3], [2**63]])
def test_what_single_values_can_not_be_columns_can_not_be(values: list[object]) -> None:
    import pandas as pd

    refused = 0
    for field in FIELDS:
        pack = pack_of([])
        try:
            for value in values:
                imagefit.check({field: value}, operation="use", pack=pack)
        except InputError as error:
            refused += 1
            for table in ([{field: value} for value in values], pd.DataFrame({field: pd.Series(values, dtype=object)})):
                with pytest.raises(InputError) as caught:
                    imagefit.audit(table, operation="use", pack=pack)
                assert (caught.value.message, caught.value.value) == (error.message, error.value)
        else:
            assert len(imagefit.audit([{field: value} for value in values], operation="use", pack=pack)) == len(values)
    assert refused > 0


def test_the_label_of_a_row_is_its_key_where_no_column_is() -> None:
    import pandas as pd

    frame = pd.DataFrame(ROWS, index=["x", "y", "z"]).drop(columns="id")
    assert imagefit.audit(frame, operation="share").explain(1).key == "y"


def test_numbers_that_are_codes_of_something_else_are_none() -> None:
    import pandas as pd

    days = pd.DataFrame({"image.min_memory_mib": pd.period_range("2020-01-01", periods=2), "ecs.memory_mib": [1, 2]})
    with pytest.raises(InputError, match=r"row 1, image\.min_memory_mib: not a value .*'pandas\.period \d+'"):
        len(imagefit.audit(days, operation="create_ecs"))
    truths = pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, 0, None], pa.int8()))
    found = imagefit.audit(pa.table({"image.encrypted": truths}), operation="share", select="sharing.encrypted")
    assert found.to_arrow()["verdict"].to_pylist() == ["incompatible", "compatible", "unknown"]


def test_mixed_types_are_read_as_single_values_are() -> None:
    rows = [{"image.encrypted": v} for v in (True, "true", "False", None, float("nan"), "")]
    found = imagefit.audit(rows, operation="share", select=["sharing.encrypted"]).to_arrow()
    assert [row["verdict"] for row in results(found)] == ["incompatible"] * 2 + ["compatible"] + ["unknown"] * 3
    with pytest.raises(InputError, match=r"row 2, image\.encrypted: not a value"):
        imagefit.audit([{"image.encrypted": True}, {"image.encrypted": 1}], operation="share")


@pytest.mark.parametrize(
    "made",
    [
        list,
        lambda: [{}],
        lambda: pa.table({}),
        lambda: pandas_frame([]),
        lambda: pandas_frame([]).assign(**{"image.status": []}),
    ],
    ids=["no mappings", "an empty mapping", "arrow", "pandas", "pandas with a column"],
)
def test_no_rows_or_no_columns_are_fine(made: Callable[[], Any]) -> None:
    table = made()
    found = imagefit.audit(table, operation="share")
    assert len(found) == len(table)
    assert found.to_arrow().num_rows == found.to_pandas().shape[0] == len(table)
    assert found.summary().verdicts["unknown"] == len(table)
    assert found.where(verdict="compatible").to_arrow().num_rows == 0


def test_an_error_names_the_first_bad_row_of_all() -> None:
    rows = pa.table({"image.status": ["active"] * 200_000 + ["activ", "no"], "image.encrypted": [None] * 200_002})
    with pytest.raises(InputError) as caught:
        imagefit.audit(rows, operation="share")
    assert (caught.value.row, caught.value.column, caught.value.nearest) == (200_001, "image.status", "active")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"operation": "shear"}, "unknown operation: 'shear'.*did you mean 'share'"),
        ({}, "say what is to be done; expected one of"),
        ({"operation": "share", "set": {"image.stat": 1}}, "unknown fact"),
        ({"operation": "share", "assume": {"image.status": "x"}}, "image.status: not a value"),
        ({"operation": "share", "assume": {"image.status": "@image.encrypted"}}, "not a fact of the same type"),
        ({"operation": "share", "evaluator": "tabluar"}, "did you mean 'tabular'"),
        ({"operation": "share", "select": ["sharring"]}, "did you mean 'sharing'"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        imagefit.audit(ROWS, **arguments)


def test_a_row_that_asks_for_no_known_operation_is_an_error() -> None:
    with pytest.raises(UnknownNameError, match="row 2, operation: unknown operation: 'shear'"):
        imagefit.audit([{"operation": "share"}, {"operation": "shear"}])
    with pytest.raises(InputError, match="row 2, operation: say what is to be done"):
        imagefit.audit([{"operation": "share"}, {"operation": None}])


def test_a_column_with_the_name_of_a_result_is_an_error_unless_ours_are_renamed() -> None:
    rows = [{"verdict": "mine", "image.status": "active"}]
    with pytest.raises(InputError, match="verdict: the table has a column of this name already"):
        imagefit.audit(rows, operation="delete")
    found = imagefit.audit(rows, operation="delete", prefix="our_").to_arrow()
    assert found.column_names == ["verdict", "image.status", *(f"our_{name}" for name in expected_row_names())]


def test_rows_can_be_chosen_by_verdict_and_by_rule() -> None:
    found = imagefit.audit(ROWS, operation="share")
    assert found.where(verdict="incompatible").to_arrow()["id"].to_pylist() == ["b", "c"]
    assert found.where(rule="status.active").to_arrow()["id"].to_pylist() == ["b", "c"]
    both = found.where(verdict="incompatible", rule="sharing.encrypted")
    assert both.to_pandas()["id"].tolist() == ["b", "c"]
    assert both.where(rule="sharing.only-private").explain(-1).key == "b"
    with pytest.raises(UnknownNameError):
        found.where(verdict="incompatibel")
    with pytest.raises(UnknownNameError):
        found.where(rule="status.activ")


def test_a_row_that_is_not_there_can_not_be_explained() -> None:
    found = imagefit.audit(ROWS, operation="share")
    assert found.explain(-1).key == "c"
    for row in (3, -4):
        with pytest.raises(IndexError):
            found.explain(row)


def test_it_shows_itself_in_one_line_and_as_html() -> None:
    found = imagefit.audit([{"id": "<b>", "image.status": "active"}], operation="delete", select=["status"])
    assert repr(found) == "<Audit of 1 row: 0 incompatible, 0 unknown, 1 compatible>"
    page = found._repr_html_()
    assert page.index("✓ compatible") < page.index(">&lt;b&gt;</td>") < page.index(">active</td>")


def test_seventy_rules_have_their_columns_too() -> None:
    made = [rule_of(f"made.rule-{n:02}", TRUE, Leaf("left.count", Relation.AT_LEAST, n)) for n in range(70)]
    pack = pack_of(made)
    found = imagefit.audit([{"left.count": 3}, {"left.count": 100}, {}], operation="use", pack=pack).to_arrow()
    assert [len(row["failed_rules"]) for row in results(found)] == [66, 0, 0]
    assert results(found)[2]["unknown_rules"] == [rule.id for rule in made]


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl", "text"])
def test_it_can_be_written_to_a_file(ending: str, tmp_path: Any) -> None:
    found = imagefit.audit(ROWS, operation="share")
    path = tmp_path / f"out.{ending}"
    assert found.write(path) == found.summary()
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    if ending == "parquet":
        assert pq.read_table(path)["verdict"].to_pylist() == found.to_arrow()["verdict"].to_pylist()
    elif ending == "jsonl":
        assert [json.loads(line)["key"] for line in path.read_text().splitlines()] == ["a", "b", "c"]
    else:
        assert "incompatible" in path.read_text()


def test_a_file_of_no_known_format_is_not_written(tmp_path: Any) -> None:
    with pytest.raises(UnknownNameError, match="unknown output format: 'xls'"):
        imagefit.audit(ROWS, operation="share").write(tmp_path / "out.xls")
    assert list(tmp_path.iterdir()) == []


def test_the_summary_shows_itself() -> None:
    summary = imagefit.audit([{"operation": "share"}, {"operation": "delete"}]).summary()
    assert repr(summary) == "<Summary of 2 rows: 0 incompatible, 2 unknown, 0 compatible>"
    assert str(summary).startswith("2 rows: delete (1), share (1)\n")


@pytest.mark.parametrize("table", [7, "", [7], {"image.status": "active"}])
def test_what_is_no_table_is_refused(table: Any) -> None:
    with pytest.raises(InputError):
        imagefit.audit(table, operation="share")


def test_each_of_very_many_reasons_is_counted_with_the_first_row_that_has_it() -> None:
    rows = [
        {"id": f"i{number}", "ecs.memory_mib": number % 5000, "image.min_memory_mib": 8192} for number in range(10_000)
    ]
    reasons = imagefit.audit(rows, operation="create_ecs", select=["sizing.memory-min"]).summary().reasons
    assert len(reasons) == 5000
    assert {(reason.example, reason.rows) for reason in reasons} == {(f"i{number}", 2) for number in range(5000)}


@pytest.mark.parametrize("size", [1, 3, 100])
def test_of_very_many_reasons_the_first_are_told_apart(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(audit_reasons, "MOST_REASONS", 3)
    disks = [9, 1, 9, 2, 3, 1, 4, 3, 5, 5, 9, 2]  # each but the last ones a reason of its own: 20 GiB are needed
    rows = [{"image.min_disk_gib": 20, "ecs.system_disk": "explicit", "ecs.system_disk_gib": n} for n in disks]
    table = pa.Table.from_pylist([{"id": f"row-{n}", **row} for n, row in enumerate(rows)])
    pieces = pa.concat_tables([table.slice(start, size) for start in range(0, len(rows), size)])
    summary = imagefit.audit(pieces, operation="create_ecs", select=["sizing.system-disk"]).summary()
    found = summary.reasons
    assert [(r.reason.split()[4], r.rows, r.example) for r in found] == [
        ("9", 3, "row-0"),
        ("1", 2, "row-1"),
        ("2", 2, "row-3"),
    ]
    assert summary.untold_reasons == len(disks) - 7
    assert (found[-1], list(found[1:]), len(found[:2])) == (list(found)[2], list(found)[1:], 2)
    assert found.of(Outcome.FAIL) == found and not found.of(Outcome.UNKNOWN)
    with pytest.raises(IndexError):
        found[3]


# -- mistakes of a caller --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"verdict": "incompatibel"}, "unknown verdict: 'incompatibel'; .*did you mean 'incompatible'"),
        ({"verdict": 2}, "not a verdict: 2; expected one of compatible, unknown, incompatible"),
        ({"verdict": ["unknown"]}, "not a verdict: "),
        ({"rule": "status.activ"}, "unknown rule: 'status.activ'; did you mean 'status.active'"),
        ({"rule": 5}, "not a rule: 5; expected the id of a rule"),
    ],
)
def test_rows_that_are_asked_for_by_no_verdict_or_rule_are_an_input_error(
    wanted: dict[str, object], message: str
) -> None:
    audit = imagefit.audit([{"image.status": "active"}], operation="delete")
    with pytest.raises(InputError, match=message):
        audit.where(**wanted)  # type: ignore[arg-type]


def test_a_row_of_a_frame_is_explained_by_its_label_or_its_place() -> None:
    import numpy as np
    import pandas as pd

    frame = pd.DataFrame({"image.status": ["active", "queued", "queued"]}, index=["web", "old", "old"])
    audit = imagefit.audit(frame, operation="delete", select="status")
    assert audit.explain("web") == audit.explain(0)
    assert str(audit.explain("web").verdict) == "compatible"
    assert str(audit.explain(np.int64(-1)).verdict) == "incompatible"
    with pytest.raises(InputError, match="no row has this label: 'new'; expected the label of one row, or its place"):
        audit.explain("new")
    with pytest.raises(InputError, match="2 rows have this label: 'old'"):
        audit.explain("old")
    with pytest.raises(InputError, match="no row has this label"):
        audit.explain([0])


def test_a_row_of_what_has_no_labels_is_explained_by_its_place() -> None:
    audit = imagefit.audit([{"id": "web", "image.status": "active"}], operation="delete", select="status")
    with pytest.raises(InputError, match="not a row: 'web'; expected its place, counted from 0"):
        audit.explain("web")
    with pytest.raises(IndexError):
        audit.explain(1)


@pytest.mark.parametrize("name", ["image.min_disk_gib", "carried"])
def test_a_column_of_a_type_that_arrow_does_not_have_is_named(name: str) -> None:
    import polars as pl

    frame = pl.DataFrame({"image.status": ["active"], name: [40]}).with_columns(pl.col(name).cast(pl.Int128))
    for verb in (
        lambda: imagefit.audit(frame, operation="share"),
        lambda: imagefit.match(frame, [{}], operation="share"),
        lambda: imagefit.read(frame),
    ):
        with pytest.raises(InputError, match=f"^{name}: a type that Arrow does not have; expected one that it has"):
            verb()


@pytest.mark.parametrize(
    "name", ["polars.LazyFrame", "polars.Series", "pandas.Series", "builtins.dict", "builtins.int"]
)
def test_what_is_no_table_is_an_input_error_in_both_verbs(name: str) -> None:
    module, _, kind = name.rpartition(".")
    table = getattr(import_module(module), kind)({} if kind in ("LazyFrame", "dict") else [] if kind == "Series" else 7)
    expected = f"not a table: '{kind}'; expected a pandas or polars DataFrame"
    with pytest.raises(InputError, match=expected):
        imagefit.audit(table, operation="delete")
    with pytest.raises(InputError, match=expected):
        imagefit.match(table, [{}], operation="delete")


def test_asking_how_an_audit_of_files_looks_reads_nothing(tmp_path: Path) -> None:
    path = tmp_path / "images.jsonl"
    path.write_text('{"image.status": "active"}\n{"image.status": "queued"}\n')
    audit = imagefit.audit(path, operation="delete", select="status")
    assert repr(audit) == f"<Audit of {path}, not read yet>"
    assert len(audit) == 2
    assert repr(audit) == "<Audit of 2 rows: 1 incompatible, 0 unknown, 1 compatible>"


def test_a_copy_of_an_audit_is_itself_and_what_it_says_is_pickled_instead() -> None:
    audit = imagefit.audit([{"image.status": "active"}], operation="share")
    assert copy.copy(audit) is copy.deepcopy(audit) is audit
    with pytest.raises(TypeError, match=r"pickle its to_arrow\(\) or summary\(\) instead"):
        pickle.dumps(audit)
    assert pickle.loads(pickle.dumps(audit.summary())) == audit.summary()
    assert pickle.loads(pickle.dumps(audit.to_arrow())).equals(audit.to_arrow())


def test_parquet_has_statistics_where_they_serve(tmp_path: Path) -> None:
    rows = [{"image.status": status, "n": n} for n, status in enumerate(("active", "queued"))]
    found = tmp_path / "found.parquet"
    imagefit.audit(pa.Table.from_pylist(rows), operation="share").write(found)
    group = pq.ParquetFile(found).metadata.row_group(0)
    columns = {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}
    assert columns["n"].statistics.min == 0 and columns["n"].statistics.max == 1
    assert columns["image.status"].statistics.max == "queued"
    assert not columns["reasons.list.element"].is_stats_set


def test_parquet_has_no_statistics_of_texts_that_are_in_every_row_group(tmp_path: Path) -> None:
    rows = {"image.status": ["active", "queued"] * 1000, "image.region": ["a"] * 1000 + ["b"] * 1000}
    found = tmp_path / "found.parquet"
    table = pa.table({name: pa.array(texts).dictionary_encode() for name, texts in rows.items()})
    imagefit.audit(table, operation="share").write(found)
    group = pq.ParquetFile(found).metadata.row_group(0)
    assert [group.column(n).is_stats_set for n in range(2)] == [False, True]
