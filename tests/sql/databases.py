"""Databases that run queries for real: each is started in a folder of its own, and stopped.

A database that is not here is left out, unless the environment variable IMAGEFIT_DATABASES names it: then it has to be.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from imagefit.evaluators.sql.engine import TABLE


class Database(Protocol):
    """A database with a table at a time."""

    dialect: str

    def columns(self, query: str, table: pa.Table) -> Sequence[Any]: ...

    def rows(self, query: str, table: pa.Table) -> list[dict[str, Any]]: ...


@contextmanager
def started(name: str, folder: Path) -> Iterator[Database]:
    """Start a database, or skip the test."""
    try:
        with {"duckdb": duckdb, "postgres": postgres, "clickhouse": clickhouse, "spark": spark}[name](
            folder
        ) as database:
            yield database
    except (ImportError, FileNotFoundError) as error:
        if name in os.environ.get("IMAGEFIT_DATABASES", "").split(","):
            raise
        pytest.skip(f"{name} is not here: {error}")


class _Rows:
    """Rows are what columns are made of, or the other way round."""

    def columns(self, query: str, table: pa.Table) -> Sequence[Any]:
        rows = self.rows(query, table)
        return [np.array([row[name] for row in rows]) for name in rows[0]]

    def rows(self, query: str, table: pa.Table) -> list[dict[str, Any]]:
        raise NotImplementedError


# -- DuckDB ----------------------------------------------------------------------------------------------


class _DuckDb(_Rows):
    dialect = "duckdb"

    def rows(self, query: str, table: pa.Table) -> list[dict[str, Any]]:
        import duckdb

        connection = duckdb.connect(config={"threads": "1"})
        connection.register(TABLE, table)
        connection.execute(query)
        names = [column[0] for column in connection.description or ()]
        return [dict(zip(names, row, strict=True)) for row in connection.fetchall()]


@contextmanager
def duckdb(folder: Path) -> Iterator[_DuckDb]:
    yield _DuckDb()


# -- PostgreSQL ------------------------------------------------------------------------------------------

POSTGRES_TYPES = {"string": "TEXT", "int64": "BIGINT", "double": "DOUBLE PRECISION", "bool": "BOOLEAN"}


class _Postgres(_Rows):
    dialect = "postgres"

    def __init__(self, host: str) -> None:
        import psycopg

        self.connection = psycopg.connect(f"host={host} user=postgres dbname=postgres", autocommit=True)

    def rows(self, query: str, table: pa.Table) -> list[dict[str, Any]]:
        from psycopg import sql

        kinds = [POSTGRES_TYPES.get(str(field.type), "TEXT[]") for field in table.schema]
        names = [sql.Identifier(name) for name in table.schema.names]
        columns = [sql.SQL("{} ").format(name) + sql.SQL(kind) for name, kind in zip(names, kinds, strict=True)]
        cursor = self.connection.cursor()
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(
            sql.SQL("CREATE UNLOGGED TABLE {} ({})").format(sql.Identifier(TABLE), sql.SQL(", ").join(columns))
        )
        with cursor.copy(f"COPY {TABLE} FROM STDIN") as copy:
            for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
                copy.write_row(row)
        cursor.execute(query.encode())
        found = [column.name for column in cursor.description or ()]
        return [dict(zip(found, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def postgres(folder: Path) -> Iterator[_Postgres]:
    """Start a PostgreSQL server in a folder; it listens on a socket there, and nowhere else."""
    import psycopg  # noqa: F401 (missing here, not once the server runs)

    with server() as place:
        database = _Postgres(place)
        yield database
        database.connection.close()


@contextmanager
def server() -> Iterator[str]:
    """Start a PostgreSQL server; yields the folder of its socket, whose path has to be short."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = str(programs[-1]) if programs else shutil.which("initdb")
    if initdb is None:
        raise FileNotFoundError("initdb")
    control = str(Path(initdb).with_name("pg_ctl"))
    place = tempfile.mkdtemp(prefix="pg")
    user = [] if os.geteuid() else ["runuser", "-u", "nobody", "--"]  # it does not run as root
    if user:
        shutil.chown(place, "nobody")
    data = f"{place}/data"
    options = f"-c listen_addresses='' -c unix_socket_directories={place} -c fsync=off -c shared_buffers=64MB"
    start = [control, "-D", data, "-w", "-s", "-l", f"{place}/log", "-o", options, "start"]
    try:
        locale = ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-U", "postgres"]
        subprocess.run([*user, initdb, "-D", data, *locale], check=True, cwd="/", stdout=subprocess.DEVNULL)
        subprocess.run([*user, *start], check=True, cwd="/")
        yield place
    finally:
        subprocess.run([*user, control, "-D", data, "-s", "-m", "immediate", "stop"], cwd="/", check=False)
        shutil.rmtree(place, ignore_errors=True)


# -- ClickHouse ------------------------------------------------------------------------------------------

CLICKHOUSE_TYPES = {
    "string": "Nullable(String)",
    "int64": "Nullable(Int64)",
    "double": "Nullable(Float64)",
    "bool": "Nullable(Bool)",
}


class _ClickHouse(_Rows):
    dialect = "clickhouse"

    def __init__(self, folder: Path) -> None:
        from chdb.session import Session

        self.session, self.folder = Session(), folder
        self.session.query("SET max_query_size = 100000000")  # as `rules sql` says, where it takes that

    def columns(self, query: str, table: pa.Table) -> Sequence[Any]:
        return [column.to_numpy() for column in self._found(query, table).columns]

    def rows(self, query: str, table: pa.Table) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._found(query, table).to_pylist()
        return rows

    def _found(self, query: str, table: pa.Table) -> pa.Table:
        def quoted(name: str) -> str:
            return '"' + name.replace("\\", "\\\\").replace('"', '""') + '"'

        places = [f"c{place}" for place in range(len(table.schema))]
        kinds = [CLICKHOUSE_TYPES.get(str(field.type), "Array(Nullable(String))") for field in table.schema]
        columns = ", ".join(f"{place} {kind}" for place, kind in zip(places, kinds, strict=True))
        named = ", ".join(f"{place} AS {quoted(name)}" for place, name in zip(places, table.schema.names, strict=True))
        pq.write_table(table.rename_columns(places), self.folder / "in.parquet")
        for statement in (
            f"DROP VIEW IF EXISTS {TABLE}",
            "DROP TABLE IF EXISTS stored",
            f"CREATE TABLE stored ({columns}) ENGINE = Memory",
            f"INSERT INTO stored SELECT * FROM file('{self.folder}/in.parquet', Parquet)",
            # Lists whose names have dots would be one nested structure in a table, and have to be of one length there.
            f"CREATE VIEW {TABLE} AS SELECT {named} FROM stored",
        ):
            self.session.query(statement)
        strings = (
            "SETTINGS output_format_arrow_string_as_string = 1, output_format_arrow_low_cardinality_as_dictionary = 0"
        )
        found = self.session.query(f"{query} {strings}", "ArrowStream")
        return pa.ipc.open_stream(found.bytes()).read_all()


@contextmanager
def clickhouse(folder: Path) -> Iterator[_ClickHouse]:
    """Start ClickHouse in this process."""
    database = _ClickHouse(folder)
    yield database
    database.session.close()


# -- Spark -----------------------------------------------------------------------------------------------


class _Spark(_Rows):
    dialect = "spark"

    def __init__(self, session: Any, folder: Path) -> None:
        self.session, self.folder = session, folder

    def columns(self, query: str, table: pa.Table) -> Sequence[Any]:
        return [column.to_numpy() for column in self._found(query, table).toArrow().columns]

    def rows(self, query: str, table: pa.Table) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._found(query, table).toArrow().to_pylist()
        return rows

    def _found(self, query: str, table: pa.Table) -> Any:
        pq.write_table(table, self.folder / "in.parquet")
        self.session.read.parquet(str(self.folder / "in.parquet")).createOrReplaceTempView(TABLE)
        return self.session.sql(query)


@contextmanager
def spark(folder: Path) -> Iterator[_Spark]:
    """Start Spark on this machine alone, with two cores."""
    from sparks import local_session

    yield _Spark(local_session(), folder)
