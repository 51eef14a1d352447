"""`match` of two Spark DataFrames: the smaller one is sent to the workers, which match their rows of the larger one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from imagefit.errors import InputError, UnknownNameError
from imagefit.spark.auditing import quoted

if TYPE_CHECKING:
    from imagefit.rulepack.pack import Pack

__all__ = ["match"]

COUNTS = "compatible BIGINT, unknown BIGINT, incompatible BIGINT"
SCHEMAS = {
    "image": f"image STRING, {COUNTS}",
    "ecs": f"ecs STRING, {COUNTS}",
    "rule": "rule STRING, severity STRING, fail BIGINT, unknown BIGINT, pass BIGINT, not_applicable BIGINT",
    "fitting": "image STRING, ecs STRING",
    "misses": "image STRING, ecs STRING, verdict STRING, failed_rules ARRAY<STRING>, unknown_rules ARRAY<STRING>",
}

AT_ONCE = 50_000
"""So many rows of the larger side are matched at a time."""


def match(
    images: Any,
    ecss: Any,
    *,
    operation: str,
    by: str = "image",
    small: str = "ecss",
    pack: Pack | None = None,
    select: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    set: Mapping[str, object] | None = None,
    assume: Mapping[str, object] | None = None,
    misses: int = 3,
) -> Any:
    """Evaluate every image with every ECS, on the workers of the larger side.

    The smaller side is collected here, and sent along; pairs are counted without being made.

    Parameters
    ----------
    images, ecss
        DataFrames of Spark. The larger one needs a key: a column ``id``, ``key`` or ``name``.
    operation, pack, select, ignore, set, assume
        As of `imagefit.match`.
    by
        What is returned: pairs counted by ``image``, by ``ecs`` or by ``rule``; the ``fitting`` pairs; or the nearest
        ``misses`` of each row of the larger side.
    small
        The smaller side: ``images`` or ``ecss``.
    misses
        So many misses of each row.

    Raises
    ------
    InputError
        If the larger side has no key, or no column of it is a fact; `UnknownNameError` as `imagefit.match` does.
    """
    from imagefit.api.arguments import pack_of_call
    from imagefit.explanations.candidate.prepared import selectors
    from imagefit.sources.accounts import refuse_without_facts
    from imagefit.sources.names import KEY_COLUMNS

    pack = pack_of_call(pack)
    if by not in SCHEMAS:
        raise UnknownNameError.of("way to count", by, SCHEMAS)
    if small not in ("images", "ecss"):
        raise UnknownNameError.of("side", small, ["images", "ecss"])
    pack.chosen_rules(operation, selectors(select), selectors(ignore))
    large, little = (images, ecss) if small == "ecss" else (ecss, images)
    if not any(name in KEY_COLUMNS for name in large.columns):
        raise InputError("the larger side has no key", expected=f"a column {' or '.join(KEY_COLUMNS)}")
    refuse_without_facts(large.columns, pack.fields)
    names = [name for name in large.columns if name in pack.fields or name in KEY_COLUMNS]
    options: Any = {"operation": operation, "pack": pack, "select": select, "ignore": ignore}
    options |= {"set": set, "assume": assume}
    work = _Pairs(names, little.toArrow(), small, by, misses, options)
    places = [f"c{place}" for place in range(len(names))]  # a function of batches can't be given names with dots
    found = large.selectExpr(*map(quoted, names)).toDF(*places).mapInArrow(work, SCHEMAS[by])
    is_whole = by in ("fitting", "misses", "image" if small == "ecss" else "ecs")  # each row of it is in one place
    return found if is_whole else _summed(found)


def _summed(df: Any) -> Any:
    """Return the counts of all parts of the larger side together."""
    counts = [name for name, kind in df.dtypes if kind == "bigint"]
    keys = [name for name in df.columns if name not in counts]
    return df.groupBy(*keys).sum(*counts).selectExpr(*keys, *(f"`sum({name})` AS {name}" for name in counts))


class _Pairs:
    """Matches the rows that a worker has with the smaller side."""

    def __init__(
        self, names: Sequence[str], little: Any, small: str, by: str, misses: int, options: Mapping[str, Any]
    ) -> None:
        self._names, self._little, self._small, self._by = names, little, small, by
        self._misses, self._options = misses, options

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa

        waiting: list[Any] = []
        for batch in batches:
            waiting.append(pa.RecordBatch.from_arrays(batch.columns, list(self._names)))
            if sum(each.num_rows for each in waiting) >= AT_ONCE:
                yield from self._matched(pa.Table.from_batches(waiting))
                waiting = []
        if waiting:
            yield from self._matched(pa.Table.from_batches(waiting))

    def _matched(self, rows: Any) -> Iterator[Any]:
        from imagefit.api.match import match as matched

        sides = (rows, self._little) if self._small == "ecss" else (self._little, rows)
        found = matched(*sides, **self._options)
        if self._by == "misses":
            yield from self._nearest(found, rows.num_rows)
        elif self._by == "fitting":
            for batch in found.fitting():
                yield batch.select(["image", "ecs"])
        else:
            table = {"image": found.by_image, "ecs": found.by_ecs, "rule": found.by_rule}[self._by]()
            yield from table.to_batches()

    def _nearest(self, found: Any, rows: int) -> Iterator[Any]:
        import pyarrow as pa

        side = "image" if self._small == "ecss" else "ecs"
        kinds = [("image", pa.string()), ("ecs", pa.string()), ("verdict", pa.string())]
        schema = pa.schema([*kinds, *((name, pa.list_(pa.string())) for name in ("failed_rules", "unknown_rules"))])
        listed = [
            {
                "image": miss.image,
                "ecs": miss.ecs,
                "verdict": miss.verdict.verdict.value,
                "failed_rules": [rule.rule for rule in miss.verdict.failed],
                "unknown_rules": [rule.rule for rule in miss.verdict.undecided],
            }
            for row in range(rows)
            for miss in found.misses(**{side: row}, n=self._misses)
        ]
        yield pa.RecordBatch.from_pylist(listed, schema)
