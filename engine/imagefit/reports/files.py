"""What all writers of tables have in common: the rows that they take, what is known of all of them, what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

from imagefit.values import dataclass

if TYPE_CHECKING:
    from pathlib import Path

    from imagefit.rulepack.pack import Pack
    from imagefit.sources.candidates import CandidateFile
    from imagefit.verdicts.baseline import Compared

__all__ = ["Layout", "Rows", "TableWriter"]


class Rows(Protocol):
    """Some rows to write."""

    def carried(self) -> Any:
        """Make the caller's columns, a ``pyarrow.RecordBatch``; None if there are none."""

    def results(self) -> Iterable[Any]:
        """Make our columns, Arrow arrays in the order of `Layout.results`."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What all rows of a table have in common.

    Attributes
    ----------
    schema
        Makes the ``pyarrow.Schema`` of the caller's columns. Text may come dictionary-encoded.
    results
        The ``pyarrow.Schema`` of our columns: text (it may come dictionary-encoded), lists of text, numbers.
    width, colour, shown
        Of text: columns of the terminal, whether it shows colours, and how many rows to show. Findings, too, are
        those of so many candidates at most.
    pack, is_unknown_failure, files, compared
        Of findings: as of `findings.Report`, the files that the rows come from, and the baseline, if there is one.
    group_rows, compression
        Of Parquet: about how many rows make a row group, and how these are compressed.
    carried_from
        Of Parquet, too: files of Parquet, one after the other, of which all rows come as they are; none if there are
        other rows, or some are left out.
    """

    schema: Callable[[], Any]
    results: Any
    width: int = 80
    colour: bool = False
    shown: int | None = None
    pack: Pack | None = None
    is_unknown_failure: bool = True
    files: Sequence[CandidateFile] = ()
    compared: Compared | None = None
    group_rows: int = 65_536
    compression: Literal["snappy", "zstd"] = "snappy"
    carried_from: Sequence[Path] = ()


class TableWriter(Protocol):
    """Writes one file."""

    def encode(self, rows: Any) -> Any:
        """Make what `write` takes of some `Rows`; several threads call this at a time."""

    def write(self, encoded: Any) -> None:
        """Write what `encode` made, in the order of the rows."""

    def close(self, summary: Any = None) -> None:
        """Write what comes last; `summary` is that of an audit."""
