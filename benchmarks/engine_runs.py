"""One engine, made ready once, that does a job each time a line of JSON asks for one: what `engines.py` measures.

``python benchmarks/engine_runs.py audit|duckdb|local[2]|sc://HOST:PORT`` reads requests from stdin, such as
``{"job": "with reasons", "source": "in.parquet", "output": "out"}``, and answers each with its wall seconds.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

OPERATION = "create_ecs"
COPY, PLAIN, REASONS, EXACT, COUNTED, PAIRS = "copy", "no reasons", "with reasons", "exact", "counted", "pairs"

Jobs = Mapping[str, Callable[..., object]]
"""Each takes a source and an output; pairs have two sources in a folder."""


def one_process() -> Jobs:
    """`imagefit.audit` and `imagefit.match`."""
    import pyarrow.parquet as pq

    import imagefit

    def exact(source: str, output: str) -> None:
        imagefit.audit(source, operation=OPERATION).write(output, "parquet")

    def counted(source: str, output: str) -> None:
        imagefit.audit(source, operation=OPERATION).summary()

    def copy(source: str, output: str) -> None:
        pq.write_table(pq.read_table(source), output)

    def pairs(source: str, output: str) -> None:
        sides = (f"{source}/{name}.parquet" for name in ("images", "ecss"))
        pq.write_table(imagefit.match(*sides, operation=OPERATION).by_image(), output)

    return {COPY: copy, EXACT: exact, COUNTED: counted, PAIRS: pairs}


def by_duckdb() -> Jobs:
    """The query of `rules sql`, and `audit --on duckdb`."""
    import duckdb
    from sqlglot import exp

    import imagefit
    from imagefit.evaluators.sql.dialects import dialect_of
    from imagefit.evaluators.sql.query import Query
    from imagefit.tables.onduckdb import audit_files

    pack = imagefit.load_pack()
    rules, dialect = pack.rules_for(OPERATION), dialect_of("duckdb")

    def run(query: str, output: str) -> None:
        connection = duckdb.connect()
        connection.sql(f"COPY ({query}) TO '{output}' (FORMAT parquet, COMPRESSION snappy)")
        connection.close()

    def copy(source: str, output: str) -> None:
        run(f"SELECT * FROM '{source}'", output)

    def queried(source: str, output: str, reasons: bool) -> None:
        columns = duckdb.sql(f"SELECT * FROM '{source}'").columns
        query = Query(pack, rules, dialect, columns=columns, with_reasons=reasons)
        run(dialect.sql(query.select(exp.to_table(source, dialect="duckdb"))), output)

    def exact(source: str, output: str) -> None:
        options: Any = {"select": (), "ignore": (), "given": {}, "assume": {}, "prefix": "", "bad_rows": None}
        audit_files([source], output, format="parquet", operation=OPERATION, pack=pack, is_fast=False, **options)

    return {
        COPY: copy,
        PLAIN: lambda source, output: queried(source, output, False),
        REASONS: lambda source, output: queried(source, output, True),
        EXACT: exact,
    }


def by_spark(master: str) -> Jobs:
    """`imagefit.spark`, in a session that stays."""
    import imagefit
    from imagefit.spark import audit, match
    from imagefit.spark.auditing import COLUMNS
    from imagefit.spark.auditing import EXACT as AS_AUDIT
    from imagefit.spark.running import session_for

    spark, pack = session_for(master), imagefit.load_pack()
    limit = "spark.sql.codegen.hugeMethodLimit"
    own_limit = None if master.startswith("sc://") else spark.conf.get(limit)

    def copy(source: str, output: str) -> None:
        spark.read.parquet(source).write.parquet(output)

    def audited(source: str, output: str, columns: Any, at_most: Any = None) -> None:
        if own_limit is not None:
            spark.conf.set(limit, own_limit if at_most is None else at_most)
            a_part_each = Path(source).is_dir()
            spark.conf.set("spark.sql.files.openCostInBytes", "128m" if a_part_each else "4m")
        df = spark.read.parquet(source)
        audit(df, operation=OPERATION, pack=pack, columns=columns).write.parquet(output)

    def pairs(source: str, output: str) -> None:
        sides = (spark.read.parquet(f"{source}/{name}.parquet") for name in ("images", "ecss"))
        match(*sides, operation=OPERATION, pack=pack).write.parquet(output)

    return {
        COPY: copy,
        PLAIN: lambda source, output: audited(source, output, [name for name in COLUMNS if name != "reasons"]),
        REASONS: lambda source, output, at_most=None: audited(source, output, COLUMNS, at_most),
        EXACT: lambda source, output: audited(source, output, AS_AUDIT),
        PAIRS: pairs,
    }


def main(engine: str) -> None:
    """Answer until there are no more requests."""
    jobs = {"audit": one_process, "duckdb": by_duckdb}.get(engine, lambda: by_spark(engine))()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        started = time.perf_counter()
        jobs[request.pop("job")](**request)
        print(json.dumps({"wall": time.perf_counter() - started}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
