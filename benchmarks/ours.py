"""What is measured of imagefit, and how its answers look in the form that all tools are compared in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import imagefit
from imagefit.auditing.judging import AuditTask, each_slice
from imagefit.auditing.results import RESULT_COLUMNS, Results
from imagefit.evaluators import quickest
from imagefit.evaluators.results import Flags
from imagefit.explanations.candidate.prepared import prepare
from imagefit.rulepack.pack import Outcome, Pack
from imagefit.sources.batch import Batch, Source
from imagefit.sources.files import file_source
from imagefit.sources.memory import TableSource
from peers import Judged
from rulesets import OPERATION, measured

__all__ = ["columns", "columns_and_reasons", "counts", "file_to_file", "judged", "masks", "masks_of_file"]


def masks(pack: Pack, table: pa.Table) -> list[Any]:
    """Return of each slice the verdicts, and words with a bit for each rule that fails or is unknown.

    This is what `imagefit.audit` does with every batch before it makes columns of it.
    """
    return _masks(pack, TableSource(table))


def _masks(pack: Pack, source: Source) -> list[Any]:
    task = AuditTask(pack, OPERATION)
    rules = task.task_for(OPERATION)
    flags: Flags = tuple((n, o) for o in (Outcome.FAIL, Outcome.UNKNOWN) for n in _order(pack))

    def judge(batch: Batch) -> Any:
        found = rules.judge(task.encoder.encode(batch.data))
        return found.levels(), found.masks(flags)

    return list(each_slice(source, judge))


def _order(pack: Pack) -> Sequence[int]:
    """Return the places of the rules, those side by side whose flags are cheapest in one word."""
    return prepare(pack, OPERATION, evaluator=quickest()).evaluator.order


def masks_of_file(pack: Pack, path: Path) -> list[Any]:
    """The same from a Parquet file."""
    return _masks(pack, file_source(path, pack.fields))


def columns(pack: Pack, table: pa.Table) -> list[Any]:
    """Return the result columns of each slice, without the reasons."""
    return _columns(pack, TableSource(table), [name for name in RESULT_COLUMNS[1:] if name != "reasons"])


def columns_and_reasons(pack: Pack, table: pa.Table) -> list[Any]:
    """Return all result columns of each slice."""
    return _columns(pack, TableSource(table), RESULT_COLUMNS[1:])


def _columns(pack: Pack, source: Source, names: Any) -> list[Any]:
    task = AuditTask(pack, OPERATION)

    def make(batch: Batch) -> Any:
        results: Results = task.audited(batch).parts[0][0]
        return results.levels, [getattr(results, name).to_arrow() for name in names]

    return list(each_slice(source, make))


def file_to_file(source: Path, target: Path) -> None:
    """Audit a Parquet file into another, with reasons."""
    imagefit.audit(source, operation=OPERATION, pack=measured()).write(target)


def counts(images: Any, ecss: Any, operation: str) -> dict[str, int]:
    """Return how many pairs have each verdict."""
    matches = imagefit.match(images, ecss, operation=operation)
    return {str(verdict): count for verdict, count in matches.counts().items()}


def judged(pack: Pack, found: list[Any]) -> Judged:
    """Return masks in the form that all are compared in."""
    words = np.array([np.concatenate(own) for own in zip(*(w for _, w in found), strict=True)])
    bits = np.unpackbits(words.view(np.uint8).reshape(len(words), -1, 8), axis=2, bitorder="little")
    flat = np.concatenate([own.T for own in bits]).astype(bool)  # flags by rows
    order = np.argsort(_order(pack))
    return Judged(np.concatenate([level for level, _ in found]), flat[order], flat[len(order) + order])
