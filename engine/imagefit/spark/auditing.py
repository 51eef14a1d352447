"""`audit` of a Spark DataFrame: the generated query, stage by stage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from imagefit.errors import EvaluatorError, UnknownNameError

if TYPE_CHECKING:
    from imagefit.evaluators.sql.query import Query, Stage
    from imagefit.evaluators.sql.reading import Kind
    from imagefit.rulepack.pack import Pack
    from imagefit.tables.batches import BatchAudit

__all__ = ["COLUMNS", "EXACT", "audit", "quoted"]

COLUMNS = ("verdict", "failed_rules", "unknown_rules", "warnings", "unknown_facts", "reasons")
EXACT = ("verdict", "failed_rules", "unknown_rules", "warnings", "missing_facts", "reasons")
"""The columns of `imagefit.audit`."""

OWN = "imagefit_own_"
"""What result columns begin with until the last step: any of the table's may be called like one that nobody wants."""


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
        from imagefit.evaluators.sql.judged import BAD_VALUE, kinds_of, result, stages_of
        from imagefit.evaluators.sql.query import Query
    except ImportError:
        raise EvaluatorError("Spark needs sqlglot beside pyspark: pip install 'imagefit[spark]'") from None
    from imagefit.api.arguments import pack_of_call
    from imagefit.auditing.names import check_names
    from imagefit.explanations.candidate.prepared import selectors
    from imagefit.sources.accounts import refuse_without_facts
    from imagefit.sources.names import KEY_COLUMNS
    from imagefit.supply import Supply, read_assumptions, read_facts

    pack = pack_of_call(pack)
    for name in columns:
        if name not in (*COLUMNS, *EXACT):
            raise UnknownNameError.of("result column", name, {*COLUMNS, *EXACT})
    if on_bad_row not in ("error", "report"):
        raise UnknownNameError.of("way with bad rows", on_bad_row, ["error", "report"])
    wanted = [*columns, *([BAD_VALUE] if on_bad_row == "report" else [])]
    check_names(df.columns, [prefix + name for name in wanted], any_case=True)
    refuse_without_facts(df.columns, pack.fields)
    rules = pack.chosen_rules(operation, selectors(select), selectors(ignore))
    supply = Supply(read_facts(set or {}, pack.fields), read_assumptions(assume, pack.fields))
    kinds = kinds_of([(name, written, _kind_of(written)) for name, written in df.dtypes], pack, supply.given)
    is_exact = "missing_facts" in columns
    query = Query(pack, rules, dialect_of("spark"), supply, list(kinds), "reasons" in columns, OWN, kinds)
    done = df
    for stage in stages_of(query):
        done = _extended(done, ["*"], query, stage)
    if is_exact:
        from imagefit.tables.batches import BatchAudit

        options: Any = {"select": select, "ignore": ignore, "given": set, "assume": assume, "prefix": OWN}
        done = _with_missing(done, df.columns, BatchAudit(pack, operation, **options))
    keys = [name for name in KEY_COLUMNS if name in df.columns] if on_bad_row == "error" else None
    results = [(prefix + name, result(query, name, keys)) for name in wanted]
    return _extended(done, map(quoted, df.columns), query, results)


def _kind_of(written: str) -> Kind:
    from imagefit.evaluators.sql.reading import Kind

    if written in ("tinyint", "smallint", "int", "bigint"):
        return Kind.INTEGER
    kinds = {"boolean": Kind.BOOLEAN, "float": Kind.NUMBER, "double": Kind.NUMBER, "array<string>": Kind.TEXTS}
    return Kind.TEXT if written.startswith(("string", "varchar", "char")) else kinds.get(written, Kind.OTHER)


def _extended(df: Any, kept: Iterable[str], query: Query, columns: Stage) -> Any:
    """Return what is kept of a DataFrame, and further columns."""
    from sqlglot import exp

    return df.selectExpr(*kept, *(query.dialect.sql(exp.alias_(own, name, quoted=True)) for name, own in columns))


def _with_missing(df: Any, carried: Sequence[str], exact: BatchAudit) -> Any:
    """Return the DataFrame with `missing_facts`, and exact reasons, where rules are undecided."""
    from imagefit.evaluators.sql.judged import BAD

    unknown, bad = quoted(OWN + "unknown_rules"), quoted(BAD)
    kept = [*carried, BAD, *(OWN + name for name in COLUMNS if OWN + name in df.columns)]
    df = df.selectExpr(*map(quoted, kept), f"CAST(array() AS ARRAY<STRING>) AS {quoted(OWN + 'missing_facts')}")
    places = [f"c{place}" for place in range(len(df.columns))]  # a function of batches can't be given names with dots
    is_open = f"size({unknown}) > 0 AND {bad} IS NULL"
    undecided = df.where(_STAYS.format(is_open)).toDF(*places)
    filled = undecided.mapInArrow(_Fill(df.columns, list(carried), exact), undecided.schema).toDF(*df.columns)
    return df.where(_STAYS.format(f"NOT ({is_open})")).union(filled)


_STAYS = "CASE WHEN rand() >= 0 THEN {} END"
"""A condition that stays where it is, after the rules: nearer to the files, Sail 0.7 knows no function of elements."""


class _Fill:
    """Fills in what takes a search, in the workers."""

    def __init__(self, names: Sequence[str], carried: Sequence[str], exact: BatchAudit) -> None:
        self._names, self._carried, self._exact = names, carried, exact

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa

        for batch in batches:
            named = pa.RecordBatch.from_arrays(batch.columns, list(self._names))
            audited = self._exact(named.select(list(self._carried)))
            columns = list(batch.columns)
            for name in (OWN + "missing_facts", OWN + "reasons"):
                if name in self._names:
                    columns[self._names.index(name)] = audited.column(name)
            yield pa.RecordBatch.from_arrays(columns, batch.schema.names)


def quoted(name: str) -> str:
    """Return the name of a column as Spark's SQL has it, whatever signs it has."""
    return "`" + name.replace("`", "``") + "`"
