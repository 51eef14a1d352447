"""Whole verdicts as lines, made by columns, are to the byte what each row alone would be written as."""

from __future__ import annotations

import io
import json
import os
import random
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from imagefit.auditing import linetexts
from imagefit.auditing.judging import AuditTask
from imagefit.auditing.tally import Tally
from imagefit.auditing.writing import AuditedRows, run_audit
from imagefit.columns import jsonpieces
from imagefit.columns.jsonpieces import RowPieces, json_objects
from imagefit.columns.jsontexts import json_of_value, json_texts
from imagefit.facts import Facts
from imagefit.reports import jsonlines
from imagefit.reports.audit.layout import audit_layout
from imagefit.reports.jsonlines import JsonLinesWriter
from imagefit.rulepack.pack import Pack, Rule, Severity
from imagefit.sources.memory import source_of
from packfiles import each_shipped_pack, shipped_pack
from rowtables import mixed, table_of
from strategies import FIELDS, candidates, few_candidates, more, packs, packs_with_remedies

EACH = int(os.environ.get("IMAGEFIT_EACH_CASE", "15"))
"""Of the corpus, each so many cases: whole verdicts row by row take a millisecond each."""

CORPUS = Path(__file__).parent / "corpus" / "huawei-ims.jsonl"


class ByRows(JsonLinesWriter):
    """Writes each row by itself."""

    def encode(self, rows: Any) -> Any:
        assert isinstance(rows, AuditedRows)
        return super().encode(replace(rows, lines=lambda: None))


def written(writer: type[JsonLinesWriter], table: Any, task: AuditTask) -> bytes:
    out = io.BytesIO()
    source = source_of(table, task.pack.fields)
    layout = audit_layout(lambda: source.schema, task.columns)
    run_audit(source, task, writer(out, layout), Tally(task.pack))
    return out.getvalue()


def expect_same(table: Any, pack: Pack, operation: str | None, **named: Any) -> bytes:
    expected = written(ByRows, table, AuditTask(pack, operation, **named))
    for is_compiled in {linetexts.is_compiled(), False}:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(linetexts, "is_compiled", lambda is_compiled=is_compiled: is_compiled)
            found = written(JsonLinesWriter, table, AuditTask(pack, operation, **named))
        for one, other in zip(found.splitlines(), expected.splitlines(), strict=True):
            assert one == other
        assert found == expected
    return expected


@pytest.mark.slow
@settings(phases=[Phase.generate])
@given(packs(), st.lists(candidates(), min_size=1, max_size=4), st.randoms(use_true_random=False), st.booleans())
def test_of_any_pack(pack: Pack, sources: list[Facts], chance: random.Random, dictionaries: bool) -> None:
    rows = mixed(sources, FIELDS, 12, chance)
    expect_same(table_of(rows, dictionaries=dictionaries), pack, "use")


@pytest.mark.slow
@settings(phases=[Phase.generate])
@given(packs_with_remedies(), st.lists(few_candidates(), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_with_what_can_be_done(pack: Pack, sources: list[Facts], chance: random.Random) -> None:
    pack = replace(pack, rules=tuple(_with_remedies(rule, pack, chance) for rule in pack.rules))
    rows = mixed(sources, pack.fields, 20, chance)
    expect_same(pa.Table.from_pylist([_plain(row) for row in rows] or [{}]), pack, next(iter(pack.operations)))


def _with_remedies(rule: Rule, pack: Pack, chance: random.Random) -> Rule:
    severity = rule.severity if rule.severity is Severity.NOTICE else chance.choice([Severity.ERROR, Severity.WARNING])
    message = " ".join([rule.id, *(f"{{{fact}}}" for fact in rule.facts)])
    return replace(rule, remedies=tuple(pack.remedies), severity=severity, message=message)


def _plain(row: Facts) -> dict[str, Any]:
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in row.items()}


@pytest.mark.slow
def test_of_the_corpus() -> None:
    pack = shipped_pack()
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in CORPUS.read_text().splitlines()[::EACH]:
        case = json.loads(line)
        rows[case["operation"]].append({"id": case["shows"], "operation": case["operation"], **case["facts"]})
    for operation, own in rows.items():
        expect_same(own, pack, operation)
    every = [row for own in rows.values() for row in own]
    random.Random(1).shuffle(every)
    expect_same(every, pack, None, assume={"ecs.account": "@image.owner", "image.region": "cn-north-4"})


@pytest.mark.parametrize("pack", each_shipped_pack())
def test_of_each_shipped_pack(pack: str) -> None:
    found = shipped_pack(pack)
    rows = [{**example.facts} for rule in found.rules for example in rule.examples][:60]
    expect_same([_plain(row) for row in rows], found, "create_ecs")


def test_lines_are_made_some_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"id": f'{n}"é\u202e', "image.status": ["active", "queued", None][n % 3], "n": n / 2} for n in range(20)]
    whole = expect_same(rows, shipped_pack(), "share")
    monkeypatch.setattr(jsonlines, "AT_ONCE", 5)
    monkeypatch.setattr(jsonpieces, "AT_ONCE", 2)
    assert expect_same(rows, shipped_pack(), "share") == whole


VALUES = [
    *([None, True], [None, 1, -5, 2**62], [0.1, -0.0, 1e300, float("nan"), float("inf"), None, 3.0]),
    ["", "a", 'q"\\', "é\u202e\x7f\x00\n", None, "\U0001f600", "a" * 200],
    [["a", 'b"'], [], None, ["é"]],
    [[1, None], [], None],
    [{"a": 1.5, "b": None}, None],
]


@pytest.mark.parametrize("values", VALUES)
def test_columns_are_what_json_makes_of_each_value(values: list[object]) -> None:
    column = pa.array(values)
    for array in (column, column.slice(1), *([column.dictionary_encode()] if pa.types.is_string(column.type) else [])):
        assert json_texts(array).to_pylist() == [json_of_value(value) for value in array.to_pylist()]
    days = pa.array([0, None, 86_400], pa.timestamp("s"))
    assert json_texts(days).to_pylist() == ['"1970-01-01 00:00:00"', "null", '"1970-01-02 00:00:00"']


@settings(max_examples=more(3))
@given(st.lists(st.floats() | st.floats(-1e12, 1e12) | st.integers(-(2**60), 2**60).map(float) | st.none(), min_size=1))
def test_floats_are_what_json_makes_of_each(values: list[float | None]) -> None:
    column = pa.array(values, pa.float64())
    assert json_texts(column).to_pylist() == [json_of_value(value) for value in values]


TEXTS = st.text() | st.sampled_from(["", "null", '"', "a", "b"])
COLUMNS = (
    (TEXTS, pa.string()),
    (TEXTS, pa.dictionary(pa.int8(), pa.string())),
    (st.integers(0, 9), pa.dictionary(pa.int32(), pa.int64())),
    (st.floats(), pa.float64()),
    (st.booleans(), pa.bool_()),
    (st.lists(TEXTS, max_size=3), pa.list_(pa.string())),
)


@settings(max_examples=more(3))
@given(st.data(), st.lists(st.sampled_from(COLUMNS), max_size=5), st.integers(0, 6), st.integers(0, 3))
def test_rows_are_what_json_makes_of_each(
    data: st.DataObject, kinds: list[tuple[st.SearchStrategy[Any], Any]], count: int, skipped: int
) -> None:
    names = data.draw(st.lists(st.sampled_from(["a", 'q"', "é"]), min_size=len(kinds), max_size=len(kinds)))
    own = [data.draw(st.lists(values | st.none(), min_size=count, max_size=count)) for values, _ in kinds]
    arrays = [pa.array(values, kind) for values, (_, kind) in zip(own, kinds, strict=True)]
    batch = pa.RecordBatch.from_arrays(arrays, names).slice(skipped)
    left = max(0, count - skipped)
    rows = [dict(zip(names, row, strict=True)) for row in zip(*own, strict=True)] if kinds else [{}] * count
    expected = [f"<{json_of_value(row)}>" for row in rows[skipped:]]
    found = json_objects(batch, left, "<", ">")
    assert found.texts().to_pylist() == expected
    assert found.take(np.arange(left)[::-1]).texts().to_pylist() == expected[::-1]
    assert RowPieces.of("e", left).texts().to_pylist() == ["e"] * left
