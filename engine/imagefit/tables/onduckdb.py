"""`audit` by DuckDB: the generated query from files to a file, and a lookup for what takes a search."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from imagefit.auditing.results import RESULT_COLUMNS
from imagefit.errors import EvaluatorError, InputError
from imagefit.facts import Field, FieldType, read_value
from imagefit.tables.batches import TEXTS
from imagefit.values import pattern

if TYPE_CHECKING:
    from imagefit.evaluators.sql.query import Query
    from imagefit.rulepack.pack import Pack
    from imagefit.tables.batches import BatchAudit

__all__ = ["audit_files"]

AT_ONCE = 65_536
"""So many cases are looked at at a time."""

CASE = "imagefit_case_"

INFERRED = ("DATE", "TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "UUID", "JSON")
"""What DuckDB makes of texts in JSON that look so; they stay texts."""

NOTHING = '"NULL"'
"""What DuckDB calls the type of a column that is null in all rows."""

SIGNED = {"HUGEINT": "BIGINT"}
"""What DuckDB makes of whole numbers in JSON of which some are negative, and what they are of a fact."""


def audit_files(
    paths: Sequence[str],
    output: str,
    *,
    format: str,
    operation: str,
    pack: Pack,
    select: Sequence[str],
    ignore: Sequence[str],
    given: Mapping[str, object],
    assume: Mapping[str, object],
    prefix: str,
    is_fast: bool,
    bad_rows: str | None,
) -> dict[str, int]:
    """Audit files into a Parquet file, and return the number of rows of each verdict, and of bad rows.

    Parameters
    ----------
    paths, format
        Files as DuckDB reads them, patterns too, and their format: ``parquet``, ``csv`` or ``jsonl``.
    output
        The Parquet file.
    bad_rows
        The Parquet file for rows that have a value which is none of its fact's, if there are any; None: such a value
        is an error.
    is_fast
        Whether there is `unknown_facts` in place of `missing_facts`.

    Raises
    ------
    InputError
        If a column is none of its fact's type, or, without `bad_rows`, a value is not.
    """
    try:
        import duckdb

        from imagefit.evaluators.sql.dialects import dialect_of
        from imagefit.evaluators.sql.judged import BAD_VALUE, kinds_of
        from imagefit.evaluators.sql.query import RESULTS, Query
    except ImportError:
        raise EvaluatorError("--on duckdb needs duckdb and sqlglot: pip install 'imagefit[sql]'") from None
    from imagefit.auditing.names import check_names
    from imagefit.sources.accounts import refuse_without_facts
    from imagefit.supply import Supply, read_assumptions, read_facts
    from imagefit.tables.batches import BatchAudit

    connection = duckdb.connect()
    file = paths[0] if len(paths) == 1 and os.path.isfile(paths[0]) else None
    try:
        source = _source(connection, paths, format, pack, file)
        types = [(name, str(kind)) for name, kind in zip(source.columns, source.types, strict=True)]
        names = [name for name, _ in types]
        _refuse_repeated(connection, paths, format, names)
        results = RESULTS if is_fast else RESULT_COLUMNS
        ours = [*results, *([] if bad_rows is None else [BAD_VALUE])]
        check_names(names, [prefix + name for name in ours], any_case=True)
        refuse_without_facts(names, pack.fields)
        rules = pack.chosen_rules(operation, select, ignore)
        supply = Supply(read_facts(given, pack.fields), read_assumptions(assume, pack.fields))
        kinds = kinds_of([(name, written, _kind_of(written)) for name, written in types], pack, supply.given)
        query = Query(pack, rules, dialect_of("duckdb"), supply, list(kinds), True, prefix, kinds)
        judged, bad = _judged(source, query, names, bad_rows, file)
        done = judged.project(", ".join(map(_quoted, [*names, *(prefix + name for name in RESULTS)])))
        if not is_fast:
            exact = BatchAudit(pack, operation, prefix=prefix, select=select, ignore=ignore, given=given, assume=assume)
            done = _with_missing(connection, judged, query, names, exact)
        done.write_parquet(output, compression="zstd")
        verdict = _quoted(prefix + "verdict")
        written = connection.read_parquet(output).aggregate(f"{verdict}, count(*)", verdict)
        return {"bad": bad, **dict(written.fetchall())}
    except duckdb.Error as error:
        raise InputError(str(error).removeprefix("Invalid Input Error: ")) from None
    finally:
        connection.close()


def _judged(source: Any, query: Query, names: Sequence[str], bad_rows: str | None, file: str | None) -> tuple[Any, int]:
    """Return the rows with what the query says of them, without those that have a wrong value, and how many have.

    Those are written to `bad_rows`; without such a file, the first of them is an error.
    """
    from imagefit.evaluators.sql.judged import BAD, BAD_VALUE, stages_of
    from imagefit.sources.names import KEY_COLUMNS

    judged = source
    for stage in stages_of(query):
        judged = judged.project(", ".join(["*", *(_aliased(query, own, name) for name, own in stage)]))
    bad = _quoted(BAD)
    wrong = judged.filter(f"{bad} IS NOT NULL")
    if bad_rows is None:
        keys = [name for name in KEY_COLUMNS if name in names]
        _refuse(wrong.project(", ".join(map(_quoted, [*names, BAD]))).limit(1), keys, query.pack, file)
        return judged, 0
    if count := _count(wrong):
        kept = [*map(_quoted, names), f"{bad} AS {_quoted(query.prefix + BAD_VALUE)}"]
        wrong.project(", ".join(kept)).write_parquet(bad_rows)
    return judged.filter(f"{bad} IS NULL"), count


def _source(connection: Any, paths: Sequence[str], format: str, pack: Pack, file: str | None) -> Any:
    """Return what DuckDB reads of the files, columns by their names; CSV as text, so that ids stay what they are."""
    if format == "csv":
        return connection.read_csv(list(paths), header=True, union_by_name=True, **_AS_TEXT)
    if format == "jsonl":
        found = connection.read_json(list(paths), format="newline_delimited", sample_size=-1)
        kinds: dict[str, str] = dict(zip(found.columns, map(str, found.types), strict=True))
        for name, kind in kinds.items():
            if kind in ("JSON", "JSON[]") and (field := pack.fields.get(name)) is not None:  # of several types
                lines = connection.read_json(list(paths), format="newline_delimited", columns={name: kind})
                _refuse_no_text(lines, field, kind, file)
        columns = {n: _as_text(SIGNED.get(kind, kind) if n in pack.fields else kind) for n, kind in kinds.items()}
        return connection.read_json(list(paths), format="newline_delimited", columns=columns)
    return connection.read_parquet(list(paths), union_by_name=True)


_AS_TEXT = {"all_varchar": True, "quotechar": '"', "escapechar": '"', "comment": ""}
_NUMBERED = pattern(r"(.*)_[0-9]+")


def _refuse_repeated(connection: Any, paths: Sequence[str], format: str, names: Sequence[str]) -> None:
    """Raise `InputError` if a file has two columns of one name: DuckDB calls the second another."""
    numbered = {match[1].casefold() for name in names if (match := _NUMBERED.fullmatch(name))}
    numbered &= {name.casefold() for name in names}
    files = [row[0] for path in (paths if numbered else ()) for row in _rows(connection, "glob(?)", path)]
    for file in files:
        if format == "csv":
            (columns,) = connection.read_csv(file, header=False, **_AS_TEXT).limit(1).fetchall() or [()]
        else:
            columns = tuple(row[1] for row in _rows(connection, "parquet_schema(?)", file))
        seen = [str(name).strip() for name in columns]  # as DuckDB has them of CSV
        folded = [name.casefold() for name in seen]
        if repeated := next((n for n in seen if n in names and folded.count(n.casefold()) > 1), None):
            expected = "columns whose names differ in more than case"
            raise InputError("the column stands twice", file=file, value=repeated, expected=expected)


def _rows(connection: Any, table: str, path: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = connection.execute(f"SELECT * FROM {table}", [path]).fetchall()
    return found


def _refuse_no_text(lines: Any, field: Field, kind: str, file: str | None) -> None:
    """Raise `InputError` if something else stands where a fact is any text, or a set of such: it would be text."""
    if field.type is FieldType.STRING:
        wrong = "json_type({}) NOT IN ('VARCHAR', 'NULL')"
    elif field.type is FieldType.STRING_SET and kind == "JSON":
        wrong = "json_type({}) NOT IN ('VARCHAR', 'NULL', 'ARRAY')"
    elif field.type is FieldType.STRING_SET:
        wrong = "len(list_filter({}, lambda x: json_type(x) NOT IN ('VARCHAR', 'NULL'))) > 0"
    else:
        return
    for (found,) in lines.filter(wrong.format(_quoted(field.name))).limit(1).fetchall():
        raise InputError("not a value of this fact", file=file, column=field.name, value=found, expected=field.expects)


def _as_text(kind: str) -> str:
    """Return the type of texts, or of lists of them, for what was made of texts, or of nothing, by their looks."""
    element, brackets, _ = kind.partition("[]")
    return f"VARCHAR{brackets}" if element in INFERRED else kind


def _kind_of(written: str) -> Any:
    from imagefit.evaluators.sql.reading import Kind

    if written in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"):
        return Kind.INTEGER
    kinds = {"BOOLEAN": Kind.BOOLEAN, "FLOAT": Kind.NUMBER, "DOUBLE": Kind.NUMBER, "VARCHAR[]": Kind.TEXTS}
    kinds |= {NOTHING: Kind.TEXT}
    return Kind.TEXT if written == "VARCHAR" or written.startswith("ENUM") else kinds.get(written, Kind.OTHER)


def _with_missing(connection: Any, judged: Any, query: Query, names: Sequence[str], exact: BatchAudit) -> Any:
    """Return the rows with `missing_facts` and exact reasons, which each distinct undecided case is asked for once."""
    import pyarrow as pa

    prefix, facts = query.prefix, query.read
    missing, reasons = prefix + "missing_facts", prefix + "reasons"
    is_undecided = f"len({_quoted(prefix + 'unknown_rules')}) > 0"
    told = ", ".join(map(_quoted, facts)) or "'' AS id"  # without such a fact, all are one case
    distinct = judged.filter(is_undecided).project(told).distinct()
    pieces = [exact(batch).select([*facts, missing, reasons]) for batch in distinct.to_arrow_reader(AT_ONCE)]
    places = [f"{CASE}{place}" for place in range(len(facts))]
    looked_up = [f"{CASE}missing", f"{CASE}reasons"]
    kinds: Any = [*(pa.field(place, pa.null()) for place in places), *(pa.field(name, TEXTS) for name in looked_up)]
    cases: Any = pa.schema(kinds).empty_table()
    if pieces:
        cases = pa.Table.from_batches(pieces).rename_columns([*places, *looked_up])
    same = [f"{_quoted(name)} IS NOT DISTINCT FROM {place}" for name, place in zip(facts, places, strict=True)]
    joined = judged.join(connection.from_arrow(cases), " AND ".join([is_undecided, *same]), how="left")
    columns = [_quoted(name) for name in (*names, *(prefix + name for name in RESULT_COLUMNS[:4]))]
    columns.append(f"COALESCE({looked_up[0]}, CAST([] AS VARCHAR[])) AS {_quoted(missing)}")
    columns.append(f"COALESCE({looked_up[1]}, {_quoted(reasons)}) AS {_quoted(reasons)}")
    return joined.project(", ".join(columns))


def _refuse(rows: Any, keys: Sequence[str], pack: Pack, file: str | None) -> None:
    """Raise the error of a row with a value that is none of its fact's, if there is one."""
    for found in rows.fetchall():
        *values, name = found
        row = dict(zip(rows.columns, values, strict=False))
        called = next((str(row[key]) for key in keys if row[key] is not None), "a row without a key")
        try:
            read_value(pack.fields[name], row[name])
        except InputError as error:
            raise error.at(file=file, row=called, column=name) from None
        expected = "text separated by ';', or lists of text: a text that is a JSON list is not read here"
        raise InputError(
            "not a value of this fact", file=file, row=called, column=name, value=row[name], expected=expected
        )


def _count(rows: Any) -> int:
    return int(rows.aggregate("count(*)").fetchall()[0][0])


def _aliased(query: Query, own: Any, name: str) -> str:
    from sqlglot import exp

    return query.dialect.sql(exp.alias_(own, name, quoted=True))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
