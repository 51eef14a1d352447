"""CSV is read by compiled code and by Arrow as Python's `csv` reads it, wherever blocks end; else `csv` reads it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefit.api.packs import load_default
from imagefit.errors import InputError
from imagefit.kernel.library import is_compiled
from imagefit.sources import compiledcells, csvcolumns
from imagefit.sources.csvcolumns import fast_batches
from imagefit.sources.reading import open_file

ENDS = st.sampled_from(("\n", "\r\n"))
CELLS = st.text('a ",\n;é', max_size=6)
WAYS = st.booleans().filter(lambda by_compiled: is_compiled() or not by_compiled)


def rows_of(path: Path, block_bytes: int = 1 << 20, *, by_compiled: bool = is_compiled()) -> list[list[str]]:
    """Return the rows that an audit sees."""
    file = open_file(path, load_default().fields, format="facts-csv")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(csvcolumns, "is_compiled", lambda: by_compiled)
        patched.setattr(compiledcells, "BLOCK", block_bytes)
        patched.setattr(compiledcells, "LONGEST", 400)
        batches = fast_batches(file.file, file.header, file.fields, file.lines, block_bytes=block_bytes)
        return [list(row.values()) for batch in batches for row in batch.data.to_pylist()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(CELLS, CELLS), max_size=6),
    block=st.integers(60, 90),
    ends=ENDS,
    quoting=st.sampled_from((csv.QUOTE_ALL, csv.QUOTE_MINIMAL)),
    by_compiled=WAYS,
)
def test_cells_come_as_they_were_written(
    tmp_path: Path, rows: list[tuple[str, str]], block: int, ends: str, quoting: int, by_compiled: bool
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=ends, quoting=quoting).writerows([("image.owner", "note"), *rows])  # type: ignore[arg-type]
    (tmp_path / "t").write_text(out.getvalue(), "utf-8", newline="")
    assert rows_of(tmp_path / "t", block, by_compiled=by_compiled) == [list(row) for row in rows]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text('ab",\n\r\0é', max_size=20), block=st.integers(30, 60) | st.just(1 << 20), by_compiled=WAYS)
def test_an_audit_reads_any_text_as_a_check_does(tmp_path: Path, text: str, block: int, by_compiled: bool) -> None:
    (tmp_path / "t").write_text(f"image.owner,note\nx,y\n{text}", "utf-8", newline="")
    file = open_file(tmp_path / "t", load_default().fields, format="facts-csv")
    try:
        expected = [[record.facts.get("image.owner", ""), record.columns["note"]] for record in file.records()]
    except InputError as error:
        with pytest.raises(InputError) as raised:
            rows_of(tmp_path / "t", block, by_compiled=by_compiled)
        assert str(raised.value) == str(error)
    else:
        assert rows_of(tmp_path / "t", block, by_compiled=by_compiled) == expected


@pytest.mark.parametrize("columns", [512, 513])
def test_tables_of_any_width_are_read(tmp_path: Path, columns: int) -> None:
    names = ["image.owner", *(f"c{number}" for number in range(1, columns))]
    rows = [[f"{row}-{number}" for number in range(columns)] for row in range(5)]
    (tmp_path / "t").write_text("".join(",".join(row) + "\n" for row in [names, *rows]))
    assert rows_of(tmp_path / "t") == rows
