"""Distinct numbers as texts spell them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.distinct import DistinctMarked
from imagefit.errors import InputError
from imagefit.facts import Field, FieldType, Value, read_value

__all__ = ["DistinctNumbers"]


class DistinctNumbers(DistinctMarked):
    """Numbers as texts spell them: those of plain digits are read as a column, the others one by one."""

    def __init__(self, field: Field, texts: Any) -> None:
        super().__init__(field, len(texts) + 1)
        self.texts = texts  # kept, so that the address of its buffers stays its own
        kind = pa.int64() if field.type is FieldType.INTEGER else pa.float64()
        plain: Any = pc.fill_null(pc.match_substring_regex(texts, _PLAIN[field.type]), False)
        # Not null: Arrow before 24 parses what lies in the place of some nulls.
        read: Any = pc.cast(pc.if_else(plain, texts, pa.scalar("0", texts.type)), kind)
        own: NDArray[Any] = read.to_numpy(zero_copy_only=False)
        plain = plain.to_numpy(zero_copy_only=False)
        if field.at_least is not None:
            plain = plain & (own >= field.at_least)
            own = np.where(plain, own, 0)
        self._numbers: NDArray[Any] = np.concatenate((np.zeros(1, own.dtype), own))
        self._known = np.concatenate(([False], plain))
        self._errors = {}
        for code in (np.flatnonzero(~self._known[1:]) + 1).tolist():
            try:
                value = read_value(field, texts[code - 1].as_py())
            except InputError as error:
                self._errors[code] = error.with_traceback(None)
            else:
                self._known[code] = value is not None
                self._numbers[code] = value or 0

    @cached_property
    def values(self) -> Sequence[Value | None]:
        """The value of each code."""
        numbers: list[Value] = self._numbers.tolist()
        return tuple(number if is_known else None for number, is_known in zip(numbers, self._known, strict=True))

    @cached_property
    def numbers(self) -> NDArray[Any]:
        """The number of each code; 0 where it is unknown."""
        return self._numbers


_PLAIN = {FieldType.INTEGER: "^[0-9]{1,15}$", FieldType.NUMBER: r"^[0-9]{1,15}([.][0-9]{1,20})?$"}
"""Texts of which Arrow makes the same numbers as Python."""
