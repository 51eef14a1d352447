"""The pairs that fit, as a stream of Arrow batches with the keys of both sides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from imagefit.evaluators.pairs.listing import compatible_pairs

if TYPE_CHECKING:
    from imagefit.matching.product import Match

__all__ = ["FITTING", "fitting_pairs"]

_COLUMNS: Any = {"image": pa.string(), "ecs": pa.string(), "image_row": pa.int64(), "ecs_row": pa.int64()}

FITTING = pa.schema(_COLUMNS)
"""The columns of the fitting pairs; rows are counted from 0."""


def fitting_pairs(match: Match, image: int | str | None, ecs: int | str | None) -> pa.RecordBatchReader:
    """Return the compatible pairs of a match, or of one image or one ECS of it."""
    rows = None if image is None else np.array([match.images.row(image)])
    lanes = None if ecs is None else np.array([match.ecss.row(ecs)])
    return pa.RecordBatchReader.from_batches(FITTING, _batches(match, rows, lanes))


def _batches(match: Match, images: Any, ecss: Any) -> Iterator[pa.RecordBatch]:
    pairs = match.pairs(images, ecss)
    for rows, lanes in compatible_pairs(pairs.verdicts, pairs.by_row[0]):
        numbers = [rows if images is None else images[rows], lanes if ecss is None else ecss[lanes]]
        sides = zip((match.images, match.ecss), numbers, strict=True)
        texts = [side.keys.take(pa.array(number)).cast(pa.string()) for side, number in sides]
        yield pa.RecordBatch.from_arrays([*texts, *map(pa.array, numbers)], schema=FITTING)
