"""What is looked at of a batch: its facts, and which names of waivers its rows meet, where a pack asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from imagefit.facts import Field
from imagefit.readers.called import CALLED, names_met
from imagefit.sources.batch import Batch
from imagefit.sources.ownnames import named

__all__ = ["with_called"]

NAME_COLUMN = "name"


def with_called(batch: Batch, fields: Mapping[str, Field], side: str) -> Any:
    """Return the data of a batch by the names of facts, with the names of waivers that each row's key or name meets.

    Parameters
    ----------
    side
        ``image`` or ``ecs``: what the rows are called by their keys.
    """
    fact, data = CALLED[side], named(batch, fields)
    names = batch.data.schema.names
    if fact not in fields or fact in data.schema.names or not batch.count:
        return data
    texts = [batch.key_texts().cast("string")]
    if NAME_COLUMN in names:
        column = batch.data.column(NAME_COLUMN)
        column = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
        texts += (
            [column.cast("string")] if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) else []
        )
    both = pc.binary_join_element_wise(*texts, "\x1f", null_handling="replace").dictionary_encode()
    met = [sorted(names_met(fields[fact], *text.split("\x1f")) or ()) for text in both.dictionary.to_pylist()]
    column = pa.array(met, pa.list_(pa.string())).take(both.indices)
    return data.append_column(fact, column)
