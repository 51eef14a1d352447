"""What is measured of imagefit, and how its answers look in the form that all tools are compared in."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any as Anything

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import imagefit
from imagefit.evaluators.batches import BatchJudge, Flags
from imagefit.evaluators.encoding import Encoder
from imagefit.evaluators.tabular import tables_for
from imagefit.rulepack.pack import Outcome, Pack
from peers import Judged

SLICE = 131_072


def masks(pack: Pack, table: pa.Table) -> list[Anything]:
    """Return of each slice the verdicts, and words with a bit for each rule that fails or is unknown."""
    batches = table.to_batches(max_chunksize=SLICE)
    return _masks(pack, table.schema.names, batches)


def _masks(pack: Pack, names: list[str], batches: Anything) -> list[Anything]:
    tables = tables_for(pack, pack.rules)
    judge = BatchJudge(tables)
    flags = Flags(tables, [(n, o) for o in (Outcome.FAIL, Outcome.UNKNOWN) for n in range(len(pack.rules))])
    encoder = Encoder({name: pack.fields[name] for name in names})

    def one(batch: pa.RecordBatch) -> Anything:
        judged = judge.judge(encoder.encode(batch))
        return judged.levels(), judged.masks(flags)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(one, batches))


def masks_of_file(pack: Pack, path: Path) -> list[Anything]:
    """The same from a Parquet file."""
    names = list(dict.fromkeys(name for rule in pack.rules for name in rule.facts))
    schema = pq.read_schema(path)
    texts = [
        name
        for name in names
        if pa.types.is_string(schema.field(name).type) or pa.types.is_dictionary(schema.field(name).type)
    ]
    file = pq.ParquetFile(path, read_dictionary=texts, pre_buffer=True)
    return _masks(pack, names, file.iter_batches(batch_size=SLICE, columns=names))


def judged(pack: Pack, found: list[Anything]) -> Judged:
    """Return masks in the form that all are compared in."""
    words = np.array([np.concatenate(own) for own in zip(*(w for _, w in found), strict=True)])
    bits = np.unpackbits(words.view(np.uint8).reshape(len(words), -1, 8), axis=2, bitorder="little")
    flat = np.concatenate([own.T for own in bits]).astype(bool)  # flags by rows
    half = len(pack.rules)
    return Judged(np.concatenate([level for level, _ in found]), flat[:half], flat[half : 2 * half])


def counts(images: Anything, ecss: Anything, operation: str) -> dict[str, int]:
    """Return how many pairs have each verdict."""
    matches = imagefit.match(images, ecss, operation=operation)
    return {str(verdict): count for verdict, count in matches.counts().items()}


def columns(pack: Pack, table: pa.Table) -> Anything:
    """Return the result columns without the reasons."""
    raise NotImplementedError


def columns_and_reasons(pack: Pack, table: pa.Table) -> Anything:
    """Return all result columns."""
    raise NotImplementedError
