"""The pairs that fit, as a stream of Arrow batches with the keys of both sides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from imagefit.matching.product import Product

__all__ = ["FITTING", "fitting_pairs"]

_COLUMNS: Any = {"image": pa.string(), "ecs": pa.string(), "image_row": pa.int64(), "ecs_row": pa.int64()}

FITTING = pa.schema(_COLUMNS)
"""The columns of the fitting pairs; rows are counted from 0."""


def fitting_pairs(product: Product, image: int | str | None, ecs: int | str | None) -> pa.RecordBatchReader:
    """Return the compatible pairs, or those of one image or one ECS of it."""
    rows = None if image is None else np.array([product.images.row(image)])
    lanes = None if ecs is None else np.array([product.ecss.row(ecs)])
    return pa.RecordBatchReader.from_batches(FITTING, _batches(product, rows, lanes))


def _batches(product: Product, images: Any, ecss: Any) -> Iterator[pa.RecordBatch]:
    pairs = product.pairs(images, ecss)
    for rows, lanes in pairs.compatible():
        numbers = [rows if images is None else images[rows], lanes if ecss is None else ecss[lanes]]
        sides = zip((product.images, product.ecss), numbers, strict=True)
        texts = [side.keys.take(pa.array(number)).cast(pa.string()) for side, number in sides]
        yield pa.RecordBatch.from_arrays([*texts, *map(pa.array, numbers)], schema=FITTING)
