"""A query that stops at values that are none of their fact's, or marks them, for tables that are read as they come."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from imagefit.errors import InputError
from imagefit.evaluators.sql.query import Query, Stage
from imagefit.evaluators.sql.reading import Kind, check_kind
from imagefit.evaluators.sql.terms import name_of, text, when
from imagefit.facts import Facts
from imagefit.rulepack.pack import Pack

__all__ = ["BAD_VALUE", "Typed", "kinds_of", "stages_of"]

BAD_VALUE = "bad_value"
"""The column that names a fact whose value is none."""

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


def stages_of(query: Query, keys: Sequence[str], *, stops: bool) -> list[Stage]:
    """Return the stages of a query with one column more, `BAD_VALUE`.

    Parameters
    ----------
    keys
        The columns that say what a row is called.
    stops
        Whether a row with such a value ends the query, with its name and the fact's.
    """
    bad = query.prefix + BAD_VALUE
    facts, rules, verdict, lists = query.stages
    if stops:
        name = name_of(bad)
        called = exp.func("COALESCE", *(exp.cast(name_of(key), "TEXT") for key in keys), text("a row without a key"))
        where = exp.DPipe(this=exp.DPipe(this=called, expression=text(", ")), expression=name)
        failure = query.dialect.failure(exp.DPipe(this=text(f"{NOT_A_VALUE}: "), expression=where))
        is_bad = exp.not_(exp.Is(this=name.copy(), expression=exp.Null()))
        verdict = [(own, when((is_bad, failure), otherwise=expression)) for own, expression in verdict]
    return [stage for stage in ([*facts, (bad, query.wrong())], rules, verdict, lists) if stage]
