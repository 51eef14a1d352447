"""The evaluator on DuckDB: candidates are the rows of a table, and the rules are one SELECT.

It shares no logic with the others: what strong Kleene logic says of a condition, SQL's three-valued logic says by
itself. What is checked of the query is its verdict and each rule's outcome, from the stages that every query has.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.column import Encoded
from imagefit.columns.spelledout import fact_as_arrow
from imagefit.columns.stacking import encode_facts
from imagefit.errors import EvaluatorError
from imagefit.evaluators.protocol import Evaluator
from imagefit.evaluators.reference import Judge
from imagefit.evaluators.results import OUTCOMES, WORD, Flags, words_for
from imagefit.evaluators.sql import KNOWN
from imagefit.facts import Facts, Field, FieldType
from imagefit.rulepack.pack import Outcome, Pack, Rule

__all__ = ["INSTALL", "TABLE", "Database", "SqlEvaluator", "evaluator", "table_of"]

INSTALL = "the sql evaluator needs sqlglot and duckdb: pip install 'imagefit[sql]'"

AT_ONCE = 100_000
"""So many candidates are one table."""

TABLE = "candidates"

ROW = "row"
"""The column that says where a candidate stands: a table has no order of its own."""


class Database(Protocol):
    """What runs a query on one table.

    Attributes
    ----------
    dialect
        The name of its dialect.
    """

    dialect: str

    def columns(self, query: str, table: Any) -> Sequence[Any]:
        """Return the columns of a query's result, all of whole numbers; `table` is an Arrow table named `TABLE`."""


class DuckDb:
    """DuckDB in this process; it holds no table but while it is asked about one. Several threads may share it."""

    dialect = "duckdb"

    def __init__(self) -> None:
        import duckdb

        self._connection = duckdb.connect(config={"threads": "1"})

    def columns(self, query: str, table: Any) -> Sequence[Any]:
        """Return the columns of a query's result."""
        cursor = self._connection.cursor()
        try:
            cursor.register(TABLE, table)
            return list(cursor.execute(query).fetchnumpy().values())
        finally:
            cursor.close()


@cache
def _duckdb() -> DuckDb:
    return DuckDb()


def evaluator(pack: Pack, rules: Sequence[Rule]) -> SqlEvaluator:
    """Make some rules of a pack ready, on DuckDB.

    Raises
    ------
    EvaluatorError
        If sqlglot or duckdb is not installed, or SQL can't say a comparison exactly.
    """
    try:
        import sqlglot  # noqa: F401 (asked for here, so that it is missing here)

        database = _duckdb()
    except ImportError:
        raise EvaluatorError(INSTALL) from None
    return SqlEvaluator(pack, rules, database)


class SqlEvaluator(Evaluator):
    """Some rules of a pack as a query; several threads may share it."""

    def __init__(self, pack: Pack, rules: Sequence[Rule], database: Database) -> None:
        from sqlglot import exp

        from imagefit.evaluators.sql.dialects import dialect_of
        from imagefit.evaluators.sql.query import Query
        from imagefit.evaluators.sql.terms import name_of

        super().__init__(rules)
        self._fields, self._database = pack.fields, database
        self._dialect = dialect_of(database.dialect)
        query = Query(pack, self.rules, self._dialect)
        self._facts = query.facts
        self._query = self._dialect.sql(query.outcomes(exp.to_table(TABLE)).order_by(name_of(ROW)))

    @property
    def judge(self) -> Judge:
        """A function from a candidate's known facts to the outcomes of the rules: a table of one row."""
        return lambda facts: next(self.judge_all([facts]))

    def judge_all(self, candidates: Iterable[Facts]) -> Iterator[Sequence[Outcome]]:
        """Yield the outcomes of the rules for each candidate; a table holds many of them."""
        remaining = iter(candidates)
        while some := list(itertools.islice(remaining, AT_ONCE)):
            judged = self._judged(encode_facts(some, self._fields))
            for numbers in judged.numbers.T.tolist():
                yield [OUTCOMES[number] for number in numbers]

    @property
    def judge_columns(self) -> Callable[[Encoded], JudgedTable]:
        """A function from a batch of candidates to what the query says of them."""
        return self._judged

    def _judged(self, encoded: Encoded) -> JudgedTable:
        table = table_of(encoded, self._facts, self._fields, has_null_sets=self._dialect.has_null_sets)
        found = self._database.columns(self._query, table)
        levels, *numbers = (np.asarray(column).astype(np.uint8) for column in found)
        return JudgedTable(encoded, levels, np.array(numbers, np.uint8).reshape(len(numbers), encoded.rows))


class JudgedTable:
    """The outcomes of a batch; see `Judged`.

    Attributes
    ----------
    numbers
        The places in `OUTCOMES`: rules by rows.
    """

    def __init__(self, encoded: Encoded, levels: NDArray[np.uint8], numbers: NDArray[np.uint8]) -> None:
        self.encoded, self._levels, self.numbers = encoded, levels, numbers

    def levels(self) -> NDArray[np.uint8]:
        """Return the verdict of each row, as its place in `LEVELS`."""
        return self._levels

    def masks(self, flags: Flags) -> list[NDArray[np.uint64]]:
        """Return the flags of each row, as bits."""
        words = [np.zeros(self.encoded.rows, np.uint64) for _ in range(words_for(flags))]
        for bit, (place, outcome) in enumerate(flags):
            has = self.numbers[place] == OUTCOMES.index(outcome)
            words[bit // WORD] |= has.astype(np.uint64) << np.uint64(bit % WORD)
        return words

    def outcomes(self, row: int) -> list[Outcome]:
        """Return the rules' outcomes in one row."""
        return [OUTCOMES[number] for number in self.numbers[:, row].tolist()]


def table_of(encoded: Encoded, names: Sequence[str], fields: Mapping[str, Field], *, has_null_sets: bool = True) -> Any:
    """Return candidates as an Arrow table with a column for each of some facts, and `ROW`.

    Without `has_null_sets`, a column beside each set says whether it is known, and an unknown one is empty.
    """
    arrays = {name: fact_as_arrow(encoded.columns.get(name), fields[name], encoded.rows) for name in names}
    if not has_null_sets:
        sets = [name for name in names if fields[name].type is FieldType.STRING_SET]
        arrays |= {name + KNOWN: arrays[name].is_valid() for name in sets}
        empty = pa.array([[]], pa.list_(pa.string()))[0]
        arrays |= {name: pc.if_else(arrays[name].is_valid(), arrays[name], empty) for name in sets}
    return pa.table({ROW: pa.array(np.arange(encoded.rows)), **arrays})
