"""The function behind `audit_batches`: what it is told is pickled, and made ready where it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from imagefit.auditing.judging import AuditTask
from imagefit.auditing.names import check_names
from imagefit.auditing.results import RESULT_COLUMNS
from imagefit.rulepack.pack import Pack
from imagefit.sources.accounts import refuse_without_facts
from imagefit.sources.batch import Batch, keys_of

__all__ = ["TEXTS", "BatchAudit"]

TEXTS = pa.list_(pa.string())


class BatchAudit:
    """Audits batches; `options` are those of `AuditTask`."""

    def __init__(self, pack: Pack, operation: str | None, *, prefix: str = "", **options: Any) -> None:
        self._told = (pack, operation, prefix, options)
        self._make()

    def _make(self) -> None:
        pack, operation, prefix, options = self._told
        self._task = AuditTask(pack, operation, **options)
        self.columns: Sequence[str] = [prefix + name for name in RESULT_COLUMNS]

    def __getstate__(self) -> object:
        return self._told

    def __setstate__(self, told: Any) -> None:
        self._told = told
        self._make()

    def __call__(self, batch: Any) -> Any:
        """Return the batch with the result columns."""
        names = batch.schema.names
        check_names(names, self.columns)
        refuse_without_facts(names, self._task.pack.fields)
        rows = Batch(batch, 0)
        audited = self._task.audited(rows)
        for row, error in audited.errors.items():
            error.row, error.place = None, keys_of(rows)(row)  # a number would be the row's in this batch
            raise error
        verdict, *lists = audited.columns()
        results = [verdict.cast(pa.string()), *map(_plain, lists)]
        fields = [
            *batch.schema,
            *(pa.field(name, column.type) for name, column in zip(self.columns, results, strict=True)),
        ]
        schema = pa.schema(fields, batch.schema.metadata)
        return pa.RecordBatch.from_arrays([*batch.columns, *results], schema=schema)


def _plain(lists: Any) -> Any:
    """Return a column of lists of dictionary-encoded texts as one of lists of texts."""
    texts = lists.values.dictionary_decode() if pa.types.is_dictionary(lists.type.value_type) else lists.values
    return pa.ListArray.from_arrays(lists.offsets, texts.cast(pa.string()))
