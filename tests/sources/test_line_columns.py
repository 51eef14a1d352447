"""JSON Lines that are read in columns are what the careful reader gives: facts, keys, columns, numbers and errors."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from factblocks import CATALOGS, FIELDS, blocks, read
from imagefit import InputError
from imagefit.auditing.judging import AuditTask
from imagefit.auditing.tally import Tally
from imagefit.auditing.writing import run_audit
from imagefit.reports.audit.layout import audit_layout
from imagefit.reports.jsonlines import JsonLinesWriter
from imagefit.sources import linecolumns
from imagefit.sources.factlines import FactsLines
from imagefit.sources.files import FilesSource
from imagefit.sources.reading import open_file
from packfiles import shipped_pack
from strategies import more


class Careful(FactsLines):
    """The same file, always row by row."""

    def __init__(self, *of: Any) -> None:
        super().__init__(*of)
        self._is_columnar = False


SEEN: Counter[bool] = Counter()


@pytest.mark.slow
@settings(max_examples=more(3), phases=[Phase.generate])
@given(text=blocks(), size=st.sampled_from([30, 100, 1 << 20]), schema_first=st.booleans())
def test_a_block_is_what_the_careful_reader_gives(
    text: bytes, size: int, schema_first: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "facts.jsonl"
    path.write_bytes(text)
    try:
        file = open_file(path, FIELDS, format="facts-jsonl", catalogs=CATALOGS)
    except InputError:
        return
    if not isinstance(file, FactsLines):
        return
    careful = Careful(file.file, file.what, file.wanted)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(linecolumns, "BLOCK", size)
        found = read(file, schema_first=schema_first)
    if isinstance(found, str) and (row := re.search(r", row (\d+)", found)):  # of several rows, it is the first block's
        path.write_text(
            "".join(
                io.StringIO(path.read_bytes().decode("utf-8", "surrogateescape"), newline="").readlines()[: int(row[1])]
            ),
            "utf-8",
            "surrogateescape",
            newline="",
        )
    assert found == read(careful, schema_first=schema_first)
    SEEN[linecolumns.LineColumns(FIELDS).read(text) is not None] += 1


@pytest.mark.slow
def test_many_of_those_blocks_are_read_in_columns_and_many_are_not() -> None:
    """It says of the test above, where that ran before, that both ways were compared."""
    assert not SEEN or min(SEEN[True], SEEN[False]) > sum(SEEN.values()) // 10


def lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def test_usual_lines_are_read_in_columns() -> None:
    rows = [
        {"id": f"a{n}", "image.boot_mode": "uefi", "image.size_gib": 1.5 * n, "made": "2024-01-01"} for n in range(9)
    ]
    found = linecolumns.LineColumns(FIELDS).read(lines(rows))
    assert found.to_pylist() == rows
    assert found.schema.field("made").type in ("string", pa.dictionary(pa.int32(), pa.string()))  # and not a day


@pytest.mark.parametrize("nested", ["[" * 200_000, '{"a":' * 200_000, "[null," * 200_000])
def test_what_is_nested_without_end_is_not_given_to_arrow(nested: str, tmp_path: Path) -> None:
    """It would crash."""
    path = tmp_path / "facts.jsonl"
    path.write_text('{"image.boot_mode": "uefi"}\n{"note": ' + nested + "\n")
    with pytest.raises(InputError, match=r"row 2: (nested too deeply|not JSON)"):
        list(open_file(path, FIELDS).batches())


@pytest.mark.parametrize("first", ["null", " null}", "null,"])
def test_a_null_before_an_object_is_not_given_to_arrow(first: str) -> None:
    """It would crash."""
    assert linecolumns.LineColumns(FIELDS).read(first.encode() + b'\n{"image.boot_mode": "uefi"}\n') is None


def test_columns_that_only_a_row_each_has_fill_no_memory() -> None:
    block = "".join(f'{{"k{n}": 1}}\n' for n in range(9000)).encode()
    assert linecolumns.LineColumns(FIELDS).read(block) is None


def test_blocks_end_with_a_line_that_is_not_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linecolumns, "BLOCK", 4)
    content = b'{"a": 1}\n\n \n{}\r\n{"b": 2}\n\n'
    found = list(linecolumns.blocks_of(io.BytesIO(content)))
    assert b"".join(found) == content
    assert all(block.strip() and block.endswith(b"\n") for block in found[:-1])


def test_where_blanks_go_on_the_careful_reader_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(linecolumns, "BLOCK", 8)
    monkeypatch.setattr(linecolumns, "LONGEST", 64)
    path = tmp_path / "facts.jsonl"
    path.write_text('{"image.boot_mode": "uefi"}\n' + "\n" * 200 + '{"image.boot_mode": "bios"}\n')
    source = FilesSource([open_file(path, FIELDS)])
    for _ in range(2):
        found = [(batch.number(0), *batch.data.to_pylist()) for batch in source.batches()]
        assert found == [(1, {"image.boot_mode": "uefi"}), (202, {"image.boot_mode": "bios"})]
        assert source.names == ("image.boot_mode",)


def test_lines_are_read_once_for_whole_verdicts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the columns are is asked for before the first row, not in the middle of them."""
    read: list[bytes] = []
    one = linecolumns.LineColumns.read
    monkeypatch.setattr(linecolumns.LineColumns, "read", lambda own, block: read.append(block) or one(own, block))  # type: ignore[func-returns-value]
    monkeypatch.setattr(linecolumns, "BLOCK", 100)
    content = lines([{"id": f"a{n}", "image.boot_mode": "uefi", **({"late": 1} if n > 8 else {})} for n in range(10)])
    (tmp_path / "facts.jsonl").write_bytes(content)
    pack, out = shipped_pack(), io.BytesIO()
    source, task = FilesSource([open_file(tmp_path / "facts.jsonl", pack.fields)]), AuditTask(pack, "create_ecs")
    run_audit(source, task, JsonLinesWriter(out, audit_layout(lambda: source.schema, task.columns)), Tally(pack))
    assert b"".join(read) == content
    assert out.getvalue().count(b'"late": null') == 9
