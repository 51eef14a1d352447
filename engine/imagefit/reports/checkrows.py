"""The verdicts of a check as the rows of a table: what each is of, then the columns that an audit adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import pyarrow as pa

from imagefit.auditing.results import RESULT_COLUMNS
from imagefit.reports.files import Layout
from imagefit.reports.findings.model import Checked, Report
from imagefit.reports.formats import writer_for
from imagefit.reports.verdictjson import verdict_data
from imagefit.verdicts import Verdict

__all__ = ["write_rows"]

NAMES = ("key", "operation", "image", "image_name", "ecs", "ecs_name", "verdict")
LISTS = RESULT_COLUMNS[1:]
SCHEMA = pa.schema([*((name, pa.string()) for name in NAMES), *((name, pa.list_(pa.string())) for name in LISTS)])


def write_rows(kind: str, file: BinaryIO, report: Report) -> None:
    """Write the verdicts in a format of rows."""
    writer = writer_for(kind, file, Layout(lambda: pa.schema([]), SCHEMA))
    writer.write(writer.encode(_CheckedRows(report)))
    writer.close()


class _CheckedRows:
    """The verdicts as `files.Rows`: all columns are ours."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def carried(self) -> None:
        return None

    def results(self) -> Sequence[Any]:
        checked = self._report.checked
        names = zip(*map(_names, checked), strict=True) if checked else [()] * len(NAMES)
        lists = zip(*(_texts(each.verdict) for each in checked), strict=True) if checked else [()] * len(LISTS)
        return [*(pa.array(texts, pa.string()) for texts in names), *map(_lists, lists)]

    def objects(self) -> Iterator[dict[str, Any]]:
        return (verdict_data(checked, self._report) for checked in self._report.checked)


def _names(checked: Checked) -> tuple[str | None, ...]:
    """Return the texts of a row, in the order of `NAMES`."""
    sides = [
        text or None for side in (checked.image, checked.ecs) for text in ((side.id, side.name) if side else ("", ""))
    ]
    return (checked.verdict.key, checked.verdict.operation, *sides, checked.verdict.verdict.value)


def _texts(verdict: Verdict) -> tuple[list[str], ...]:
    """Return the lists of a row, in the order of `RESULT_COLUMNS`."""
    deciding = (*verdict.failed, *verdict.undecided)
    ids = ([result.rule for result in some] for some in (verdict.failed, verdict.undecided, verdict.warnings))
    return (*ids, list(verdict.missing), [result.message for result in deciding])


def _lists(texts: Sequence[Sequence[str]]) -> Any:
    """Return lists of text as an audit has them."""
    flat = pa.array([text for some in texts for text in some], pa.string()).dictionary_encode()
    offsets = [0]
    for some in texts:
        offsets.append(offsets[-1] + len(some))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), flat)
