"""`audit_batches`: `audit` as a function of one Arrow batch, for engines that give batches to functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imagefit.rulepack.pack import Pack

__all__ = ["audit_batches"]


def audit_batches(
    pack: Pack | None,
    operation: str | None,
    *,
    select: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    set: Mapping[str, object] | None = None,
    assume: Mapping[str, object] | None = None,
    prefix: str = "",
) -> Callable[[Any], Any]:
    """Return a function that audits one ``pyarrow.RecordBatch``, for Dask, Ray, Daft, Flink and their like.

    The function can be pickled. What it returns are the batch's columns, then the columns of `imagefit.audit`, with
    types that depend on nothing but the batch's: text, and lists of text.

    Parameters
    ----------
    pack
        The rules; None is the built-in pack.
    operation
        As of `imagefit.audit`, which says what the others are, too.

    Raises
    ------
    InputError
        As `imagefit.audit` does; of a wrong value, when the function is given it.

    Examples
    --------
    >>> import pyarrow as pa
    >>> of_batch = audit_batches(None, "delete", select="status")
    >>> of_batch(pa.RecordBatch.from_pylist([{"image.status": "active"}])).column("verdict").to_pylist()
    ['compatible']
    """
    from imagefit.api.arguments import pack_of_call
    from imagefit.tables.batches import BatchAudit

    pack = pack_of_call(pack)
    return BatchAudit(pack, operation, select=select, ignore=ignore, given=set, assume=assume, prefix=prefix)
