"""`imagefit.tables.audit_batches`: `audit` as a function of batches, to be sent to where batches are."""

from __future__ import annotations

import pickle

import pyarrow as pa
import pytest

import imagefit
from imagefit.errors import InputError
from imagefit.tables import audit_batches

ROWS = [
    {"id": "a", "image.status": "active", "image.encrypted": False, "image.shared_with": ["x"]},
    {"id": "b", "image.status": None, "image.encrypted": True, "image.shared_with": None},
    {"id": "c", "image.status": "queued", "image.encrypted": None, "image.shared_with": []},
]


def test_a_batch_has_the_columns_of_audit() -> None:
    batch = pa.RecordBatch.from_pylist(ROWS)
    found = audit_batches(None, "share", set={"image.recipients": 2})(batch)
    right = imagefit.audit(batch, operation="share", set={"image.recipients": 2}).to_arrow()
    assert found.to_pylist() == right.to_pylist()
    assert found.schema.names == right.schema.names


def test_every_batch_has_one_schema_and_the_function_can_be_sent() -> None:
    of_batch = pickle.loads(pickle.dumps(audit_batches(None, "share")))
    batch = pa.RecordBatch.from_pylist(ROWS)
    pieces = [of_batch(batch.slice(start, 1)) for start in range(3)] + [of_batch(batch.slice(0, 0))]
    assert pa.Table.from_batches(pieces).to_pylist() == of_batch(batch).to_pylist()


def test_a_wrong_value_is_named_by_its_rows_key() -> None:
    batch = pa.RecordBatch.from_pylist([{"id": "k1", "image.status": "active"}, {"id": "k2", "image.status": "on"}])
    with pytest.raises(InputError, match=r"^k2, image.status: not a value of this fact: 'on'"):
        audit_batches(None, "share")(batch)
