"""A column of lists of texts, as codes: few texts, many rows. Texts are made when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.arrowdata import arrow
from imagefit.columns.fingerprints import are_surely_distinct
from imagefit.columns.toldapart import told_apart
from imagefit.values import dataclass

__all__ = ["TextLists", "flags_set", "offsets_of"]

WORD = 64


@dataclass(frozen=True, slots=True)
class TextLists:
    """A list of texts for each row.

    Attributes
    ----------
    offsets
        Row ``n`` has the elements from ``offsets[n]`` to ``offsets[n + 1]``.
    codes
        Of each element, the place of its text.
    texts
        An Arrow array of the texts; one can stand there twice.
    """

    offsets: NDArray[np.int32]
    codes: NDArray[Any]
    texts: Any

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.offsets) - 1

    def row(self, row: int) -> list[str]:
        """Return the texts of one row."""
        return [self.texts[int(c)].as_py() for c in self.codes[self.offsets[row] : self.offsets[row + 1]]]

    def to_arrow(self) -> Any:
        """Return the column as an Arrow list of dictionary-encoded strings."""
        texts, codes = self.texts, self.codes.astype(np.int32)
        if not are_surely_distinct(texts):  # a dictionary has each text once
            encoded = told_apart(texts)
            texts, codes = encoded.dictionary, encoded.indices.to_numpy()[codes]
        elements = pa.DictionaryArray.from_arrays(arrow(codes), texts)
        return pa.ListArray.from_arrays(arrow(self.offsets), elements)

    def joined(self, separator: str = "; ") -> Any:
        """Return the texts of each row as one, in an Arrow array of strings."""
        elements = self.texts.take(arrow(self.codes.astype(np.int32)))
        return pc.binary_join(pa.ListArray.from_arrays(arrow(self.offsets), elements), separator)


def flags_set(words: Sequence[NDArray[np.uint64]], count: int) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Return each flag that is set, row after row, as two arrays: the row and the number of the flag.

    Parameters
    ----------
    words
        The flags of each row, 64 in a word, the lowest bit first.
    count
        The number of flags.
    """
    if len(words) > 1:
        raw = np.stack(words, axis=1).astype("<u8", copy=False)
        rows, flags = np.divmod(_bits_set(raw), WORD * len(words))
        return rows, flags.astype(np.uint16)
    width = next(width for width in (8, 16, 32, WORD) if count <= width)
    places = _bits_set(words[0].astype(f"<u{width // 8}", copy=False))
    return places >> (width.bit_length() - 1), (places & (width - 1)).astype(np.uint8)


def _bits_set(words: NDArray[Any]) -> NDArray[np.intp]:
    return np.flatnonzero(np.unpackbits(words.reshape(-1).view(np.uint8), bitorder="little").view(np.bool_))


def offsets_of(rows: NDArray[np.intp], count: int) -> NDArray[np.int32]:
    """Return the offsets of lists whose elements stand in these rows, in order."""
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(rows, minlength=count), out=offsets[1:])
    return offsets
