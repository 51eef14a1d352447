"""All verdicts of a match, small: what no verdict tells apart is one row, or one column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.errors import InputError
from imagefit.matching.product import Product
from imagefit.verdicts import LEVELS, VerdictKind

__all__ = ["Matrix", "matrix_batches", "matrix_of"]


MOST_COLUMNS = 10_000


@dataclass(frozen=True, eq=False)
class Matrix:
    """The verdicts of classes of images with classes of ECSs.

    Attributes
    ----------
    levels
        The verdict of each class of images with each class of ECSs, as its place in `LEVELS`: uint8, *(classes of
        images, classes of ECSs)*.
    image_classes, ecs_classes
        The class of each image *(images,)*, and of each ECS *(ECSs,)*, in the caller's order. Classes are numbered
        by their first member.
    """

    levels: NDArray[np.uint8]
    image_classes: NDArray[np.intp]
    ecs_classes: NDArray[np.intp]

    def verdict(self, image: int, ecs: int) -> VerdictKind:
        """Return the verdict of one pair, by the numbers of its rows."""
        return LEVELS[self.levels[self.image_classes[image], self.ecs_classes[ecs]]]

    def __repr__(self) -> str:
        images, ecss = self.levels.shape
        return f"<Matrix of {images:,} classes of images x {ecss:,} classes of ECSs>"


def matrix_of(product: Product, most: int) -> Matrix:
    """Return the verdicts of a match by classes, at most so many of either side."""
    pairs = product.pairs()
    classes: dict[bytes, int] = {}
    numbers: list[int] = []
    for levels in pairs.levels():
        numbers += [classes.setdefault(row.tobytes(), len(classes)) for row in levels]
        _check(len(classes), most, "images")
    levels = np.frombuffer(b"".join(classes), dtype=np.uint8).reshape(len(classes), product.ecss.count)
    columns: dict[bytes, int] = {}
    of_ecs = [columns.setdefault(column.tobytes(), len(columns)) for column in levels.T]
    _check(len(columns), most, "ECSs")
    first = np.unique(np.array(of_ecs, dtype=np.intp), return_index=True)[1]
    return Matrix(levels[:, first], np.array(numbers, dtype=np.intp), np.array(of_ecs, dtype=np.intp))


def _check(count: int, most: int, what: str) -> None:
    if count > most:
        raise InputError(
            f"more than {most:,} {what} differ in their verdicts",
            expected="fewer of them, or the counts by image or ECS",
        )


def matrix_batches(product: Product) -> tuple[Any, Iterator[Any]]:
    """Return the schema and the batches of all verdicts as a table: a row for each image, a column for each ECS.

    Raises
    ------
    InputError
        If there are too many ECSs for columns, or two have the same key.
    """
    names = product.ecss.keys.to_pylist()
    if len(names) > MOST_COLUMNS:
        raise InputError(
            "too many ECSs for the columns of a table", value=len(names), expected=f"at most {MOST_COLUMNS}"
        )
    seen: set[str] = set()
    for name in names:
        if name in seen or name == "image":
            raise InputError(
                "two columns of the matrix would have this name", value=name, expected="ECSs with keys of their own"
            )
        seen.add(name)
    verdict = pa.dictionary(pa.int8(), pa.string())
    schema = pa.schema([("image", pa.large_string()), *((name, verdict) for name in names)])
    return schema, _batches(product, schema)


def _batches(product: Product, schema: Any) -> Iterator[Any]:
    words = pa.array([kind.value for kind in LEVELS])
    keys = product.images.keys.cast(pa.large_string())
    pairs = product.pairs()
    first = 0
    for levels in pairs.levels():
        columns = [pa.DictionaryArray.from_arrays(pa.array(column.astype(np.int8)), words) for column in levels.T]
        yield pa.RecordBatch.from_arrays([keys.slice(first, len(levels)), *columns], schema=schema)
        first += len(levels)
