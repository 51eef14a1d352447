"""A query that stops at values that are none of their fact's, or marks them, for tables that are read as they come."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from imagefit.errors import InputError
from imagefit.evaluators.sql.query import Query, Stage
from imagefit.evaluators.sql.reading import Kind, check_kind
from imagefit.evaluators.sql.terms import Expression, known, name_of, text, when
from imagefit.facts import Facts
from imagefit.rulepack.pack import Pack

__all__ = ["BAD", "BAD_VALUE", "Typed", "kinds_of", "result", "stages_of"]

BAD_VALUE = "bad_value"
"""The result column that names a fact whose value is none."""

BAD = "imagefit_bad_value"
"""The same where it is no result yet, for a table may have a column of that name."""

NOT_A_VALUE = "imagefit: not a value of this fact"

Typed = Sequence[tuple[str, str, Kind]]
"""Columns: the name, the type in the database's own words, and what that means."""


def kinds_of(columns: Typed, pack: Pack, given: Facts) -> dict[str, Kind]:
    """Return what the columns that are facts hold, but for those that are given.

    Raises
    ------
    InputError
        If no value of a type is one of its fact, or a fact has two columns.
    """
    found: dict[str, Kind] = {}
    for name, written, kind in columns:
        if name in pack.fields and name not in given:
            if name in found:
                raise InputError("two columns of one name", column=name)
            check_kind(pack.fields[name], kind, written)
            found[name] = kind
    return found


def stages_of(query: Query) -> list[Stage]:
    """Return the stages of a query, of which the first has one column more, `BAD`."""
    facts, *others = query.stages
    return [[*facts, (BAD, query.wrong())], *(stage for stage in others if stage)]


def result(query: Query, name: str, keys: Sequence[str] | None) -> Expression:
    """Return a result column, which, unless `keys` is None, ends the query at a row with a value that is none.

    Each of them does, for nothing works out columns that nobody asks for; and in the last stage, after all conditions,
    which an engine may ask of rows that others leave out.

    Parameters
    ----------
    keys
        The columns that say what a row is called, for the message; None: no value ends the query.
    """
    own = name_of(BAD if name == BAD_VALUE else query.prefix + name)
    if keys is None:
        return own
    bad = name_of(BAD)
    called = exp.func("COALESCE", *(exp.cast(name_of(key), "TEXT") for key in keys), text("a row without a key"))
    where = exp.DPipe(this=exp.DPipe(this=called, expression=text(", ")), expression=bad)
    failure = query.dialect.failure(exp.DPipe(this=text(f"{NOT_A_VALUE}: "), expression=where))
    return when((known(bad.copy()), failure), otherwise=own)
