"""`audit` of a Spark DataFrame: the generated query, stage by stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from imagefit.errors import EvaluatorError, UnknownNameError

if TYPE_CHECKING:
    from imagefit.evaluators.sql.query import Query
    from imagefit.evaluators.sql.reading import Kind
    from imagefit.rulepack.pack import Pack
    from imagefit.tables.batches import BatchAudit

__all__ = ["COLUMNS", "EXACT", "audit"]

COLUMNS = ("verdict", "failed_rules", "unknown_rules", "warnings", "unknown_facts", "reasons")
EXACT = ("verdict", "failed_rules", "unknown_rules", "warnings", "missing_facts", "reasons")
"""The columns of `imagefit.audit`."""


def audit(
    df: Any,
    *,
    operation: str,
    pack: Pack | None = None,
    select: str | Sequence[str] = (),
    ignore: str | Sequence[str] = (),
    set: Mapping[str, object] | None = None,
    assume: Mapping[str, object] | None = None,
    columns: Sequence[str] = COLUMNS,
    prefix: str = "",
    on_bad_row: str = "error",
) -> Any:
    """Evaluate every row of a Spark DataFrame as a candidate.

    Nothing is run, collected or shuffled here; what is returned is the DataFrame with further columns.

    Parameters
    ----------
    df
        A DataFrame of Spark, of Spark Connect, or of what speaks its protocol. Columns that are named like facts are
        facts: text, numbers, booleans, lists of text; null, NaN and empty text are unknown.
    operation, pack, select, ignore, set, assume, prefix
        As of `imagefit.audit`.
    columns
        The result columns that are wanted. `unknown_facts` holds all unknown facts of the undecided rules. With
        `missing_facts`, which takes a search, the rows that have undecided rules pass through Python in the workers,
        and `missing_facts` and `reasons` are those of `imagefit.audit`.
    on_bad_row
        ``error``: a value that is none of its fact's ends the job, and is named with its row's key and its column.
        ``report``: there is a further column, `bad_value`, with the name of such a column; null where there is none.

    Raises
    ------
    InputError
        If a column is of a type that its fact can't be, no column is a fact, or one has the name of a result column;
        `UnknownNameError` if a fact, an operation, a rule or a result column is unknown.
    EvaluatorError
        If sqlglot is not installed, or Spark can't say a comparison exactly.
    """
    try:
        from imagefit.evaluators.sql.dialects import dialect_of
        from imagefit.evaluators.sql.judged import BAD_VALUE, kinds_of
        from imagefit.evaluators.sql.query import Query
    except ImportError:
        raise EvaluatorError("Spark needs sqlglot beside pyspark: pip install 'imagefit[spark]'") from None
    from imagefit.api.packs import load_default
    from imagefit.auditing.names import check_names
    from imagefit.explanations.prepared import selectors
    from imagefit.sources.accounts import refuse_without_facts
    from imagefit.sources.names import KEY_COLUMNS
    from imagefit.supply import Supply, read_assumptions, read_facts

    pack = load_default() if pack is None else pack
    for name in columns:
        if name not in (*COLUMNS, *EXACT):
            raise UnknownNameError.of("result column", name, {*COLUMNS, *EXACT})
    if on_bad_row not in ("error", "report"):
        raise UnknownNameError.of("way with bad rows", on_bad_row, ["error", "report"])
    wanted = [*columns, *([BAD_VALUE] if on_bad_row == "report" else [])]
    check_names(df.columns, [prefix + name for name in wanted])
    refuse_without_facts(df.columns, pack.fields)
    rules = pack.chosen_rules(operation, selectors(select), selectors(ignore))
    supply = Supply(read_facts(set or {}, pack.fields), read_assumptions(assume, pack.fields))
    kinds = kinds_of([(name, written, _kind_of(written)) for name, written in df.dtypes], pack, supply.given)
    is_exact = "missing_facts" in columns
    query = Query(pack, rules, dialect_of("spark"), supply, list(kinds), "reasons" in columns, prefix, kinds)
    done = _judged(df, query, [name for name in KEY_COLUMNS if name in df.columns], on_bad_row)
    if is_exact:
        from imagefit.tables.batches import BatchAudit

        options: Any = {"select": select, "ignore": ignore, "given": set, "assume": assume, "prefix": prefix}
        done = _with_missing(
            done, df.columns, BatchAudit(pack, operation, **options), prefix, reports_bad=BAD_VALUE in wanted
        )
    return done.selectExpr(*map(_quoted, [*df.columns, *(prefix + name for name in wanted)]))


def _kind_of(written: str) -> Kind:
    from imagefit.evaluators.sql.reading import Kind

    if written in ("tinyint", "smallint", "int", "bigint"):
        return Kind.INTEGER
    kinds = {"boolean": Kind.BOOLEAN, "float": Kind.NUMBER, "double": Kind.NUMBER, "array<string>": Kind.TEXTS}
    return Kind.TEXT if written.startswith(("string", "varchar", "char")) else kinds.get(written, Kind.OTHER)


def _judged(df: Any, query: Query, keys: Sequence[str], on_bad_row: str) -> Any:
    """Return the DataFrame with the result columns of the query, and others that it was made of."""
    from sqlglot import exp

    from imagefit.evaluators.sql.judged import stages_of

    for stage in stages_of(query, keys, stops=on_bad_row == "error"):
        df = df.selectExpr("*", *(query.dialect.sql(exp.alias_(own, name, quoted=True)) for name, own in stage))
    return df


def _with_missing(df: Any, carried: Sequence[str], exact: BatchAudit, prefix: str, *, reports_bad: bool) -> Any:
    """Return the DataFrame with `missing_facts`, and exact reasons, where rules are undecided."""
    unknown = _quoted(prefix + "unknown_rules")
    kept = [*carried, *(prefix + name for name in COLUMNS if prefix + name in df.columns)]
    is_open, is_decided = f"size({unknown}) > 0", f"size({unknown}) = 0"
    if reports_bad:  # only then: Sail 0.7 fails on a condition of both columns
        bad = _quoted(prefix + "bad_value")
        kept.append(prefix + "bad_value")
        is_open, is_decided = f"{is_open} AND {bad} IS NULL", f"{is_decided} OR {bad} IS NOT NULL"
    missing = prefix + "missing_facts"
    df = df.selectExpr(*map(_quoted, kept), f"CAST(array() AS ARRAY<STRING>) AS {_quoted(missing)}")
    names = [*kept, missing]
    places = [f"c{place}" for place in range(len(names))]  # a function of batches can't be given names with dots
    undecided = df.where(is_open).toDF(*places)
    fill = _Fill(names, list(carried), exact, prefix)
    return df.where(is_decided).union(undecided.mapInArrow(fill, undecided.schema).toDF(*names))


class _Fill:
    """Fills in what takes a search, in the workers."""

    def __init__(self, names: Sequence[str], carried: Sequence[str], exact: BatchAudit, prefix: str) -> None:
        self._names, self._carried, self._exact, self._prefix = names, carried, exact, prefix

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa

        for batch in batches:
            named = pa.RecordBatch.from_arrays(batch.columns, list(self._names))
            audited = self._exact(named.select(list(self._carried)))
            columns = list(batch.columns)
            for name in ("missing_facts", "reasons"):
                if (own := self._prefix + name) in self._names:
                    columns[self._names.index(own)] = audited.column(own)
            yield pa.RecordBatch.from_arrays(columns, batch.schema.names)


def _quoted(name: str) -> str:
    from imagefit.evaluators.sql.dialects import dialect_of
    from imagefit.evaluators.sql.terms import name_of

    return dialect_of("spark").sql(name_of(name))
