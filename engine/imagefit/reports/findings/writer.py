"""The findings of an audit: of so many rows at most, the worst ones; in their order, with what was left out said."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from imagefit.reports.files import Layout
from imagefit.reports.findings.model import MOST, ORDER, Checked, Place, Report
from imagefit.sources.lines import LineFinder
from imagefit.verdicts import Verdict, VerdictKind

if TYPE_CHECKING:
    from imagefit.auditing.writing import AuditedRows

__all__ = ["FindingsWriter"]

LEVELS = 4
"""What is incompatible, undecided, compatible with something to say, and compatible, comes in this order."""

_Row = tuple[int, Verdict, str, int, frozenset[str] | None]
"""The place of a row, its verdict, its file and its number there, and as of `Checked.known`."""


class FindingsWriter:
    """Keeps the worst rows of an audit, and writes what was found of them by a function of a `Report`.

    Parameters
    ----------
    show
        Makes the text.
    """

    def __init__(self, file: BinaryIO, layout: Layout, show: Callable[[Report], str]) -> None:
        self._file, self._layout, self._show = file, layout, show
        self._most = MOST if layout.shown is None else layout.shown
        self._kept: list[list[_Row]] = [[] for _ in range(LEVELS)]
        self._rows = 0

    def encode(self, rows: AuditedRows) -> Any:
        """Return the rows of a batch that may be among the worst, by level."""
        verdicts, _failed, _unknown, warnings, *_ = rows.results()
        levels = pc.index_in(verdicts.cast(pa.string()), pa.array([str(kind) for kind in ORDER])).to_numpy()
        levels = np.where((levels == 2) & (warnings.value_lengths().to_numpy() == 0), 3, levels)
        found, room = [], self._most
        for level, kept in enumerate(self._kept):
            room -= len(kept)
            found.append(np.flatnonzero(levels == level)[: max(room, 0)].tolist())
        chosen = sorted(row for some in found for row in some)
        told = dict(zip(chosen, rows.verdicts(chosen), strict=True))
        known = self._known(rows, set(chosen))
        return rows.rows, [[(row, told[row], *rows.place_of(row), known.get(row)) for row in some] for some in found]

    def _known(self, rows: AuditedRows, chosen: set[int]) -> dict[int, frozenset[str]]:
        """Return of some rows the rules whose findings are in the baseline, if there is one."""
        if (compared := self._layout.compared) is None:
            return {}
        return {
            row.row: compared.known_of(row.operation, row.candidate, row.failed, row.unknown, row.warned)
            for row in rows.found()
            if row.row in chosen
        }

    def write(self, encoded: Any) -> None:
        """Keep the worst rows."""
        count, found = encoded
        for kept, some in zip(self._kept, found, strict=True):
            kept += [(self._rows + row, *rest) for row, *rest in some[: self._most - len(kept)]]
        self._rows += count

    def close(self, summary: Any = None) -> None:
        """Write what was found, in the order of the rows."""
        layout = self._layout
        finder = LineFinder(layout.files)
        worst = [row for kept in self._kept for row in kept][: self._most]
        checked = [
            Checked(verdict, Place(file, finder.line_of_row(file, verdict.key, number)), known=known)
            for _, verdict, file, number, known in sorted(worst, key=lambda row: row[0])
        ]
        counts = {VerdictKind(kind): count for kind, count in summary.verdicts.items()}
        assert layout.pack is not None
        report = Report(layout.pack, checked, layout.is_unknown_failure, counts)
        self._file.write(self._show(report).encode("utf-8", "backslashreplace"))
