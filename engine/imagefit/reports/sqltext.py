"""A generated query as a person gets it: a comment that says what it is, and the wrapping that dbt wants."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from sqlglot import exp

from imagefit.escaping import line
from imagefit.evaluators.sql import KNOWN
from imagefit.evaluators.sql.query import Query
from imagefit.evaluators.sql.terms import Expression, name_of
from imagefit.facts import FieldType
from imagefit.supply import assumption_text
from imagefit.verdicts import LEVELS

__all__ = ["dbt_text", "query_text"]

MANY_BYTES = 100_000_000
"""A limit that no query here reaches."""


def query_text(query: Query, table: str, operation: str) -> str:
    """Return the query with a comment in front that says of which pack it is and what it reads.

    Parameters
    ----------
    table
        A name, with dots between its parts.
    """
    select = query.dialect.sql(query.select(_table(table)), pretty=True)
    comment = [*_comment(query, operation), f"-- from: {line(table)} (--table names another)"]
    limit = query.dialect.query_bytes
    if limit is not None and len(select.encode()) + sum(map(len, comment)) > limit:
        comment.append(f"-- longer than {query.dialect.name} takes; first: SET max_query_size = {MANY_BYTES}")
    return "\n".join([*comment, select + ";"])


def dbt_text(query: Query, table: str, operation: str) -> str:
    """Return the query as a dbt model of the model `table`, and the model's tests in a comment at its end."""
    select = query.dialect.sql(query.select(name_of(_REF)), pretty=True)
    reference = query.dialect.sql(name_of(_REF))
    model = f"imagefit_{operation}"
    return "\n".join(
        [
            "{{ config(materialized='table') }}",
            *map(_only_text, _comment(query, operation)),
            _only_text(select).replace(reference, "{{ ref(" + repr(table) + ") }}"),
            f"{{# Save this model as {model}.sql and what follows as {model}.yml:",
            *_dbt_tests(query, model),
            "#}",
        ]
    )


_REF = "imagefit dbt ref"


def _only_text(written: str) -> str:
    """Return what a template has to say for a text to come out: `{{` and its like would else be followed."""
    return re.sub("{[{%#]", lambda found: f"{{{{ '{found[0]}' }}}}", written)


def _dbt_tests(query: Query, model: str) -> Iterator[str]:
    yield from ("version: 2", "models:", f"  - name: {model}", "    columns:")
    yield f"      - name: {json.dumps(query.prefix + 'verdict')}"
    yield "        data_tests:"
    yield "          - not_null"
    yield f"          - accepted_values: {{arguments: {{values: [{', '.join(level.value for level in LEVELS)}]}}}}"
    for name, _ in query.list_stage:
        yield from (f"      - name: {json.dumps(name)}", "        data_tests: [not_null]")


def _comment(query: Query, operation: str) -> Iterator[str]:
    pack, supply = query.pack, query.supply
    lines = [
        f"imagefit: may this be done: {operation}? By {len(query.rules)} rules of {pack.name} {pack.version}",
        f"pack digest: {pack.digest}",
        f"dialect: {query.dialect.name}",
        "Null, NaN and empty text are unknown; a set with an unknown element is, too. Columns that are read:",
    ]
    for name in query.read:
        lines.append(f"  {name}: {query.dialect.type_of(pack.fields[name])}")
        if pack.fields[name].type is FieldType.STRING_SET and not query.dialect.has_null_sets:
            lines.append(f"  {name}{KNOWN}: Bool (false: the set is unknown, whatever the list is)")
    lines += [f"given: {name}={assumption_text(value)}" for name, value in sorted(supply.given.items())]
    lines += [f"assumed: {name}={assumption_text(value)}" for name, value in sorted(supply.assumptions.items())]
    if missing := [name for name in query.facts if name not in query.read and name not in supply.given]:
        lines.append(f"unknown in every row, unless assumed: {', '.join(missing)}")
    lines.append("unknown_facts: the unknown facts of the undecided rules; some may no longer matter (missing_facts)")
    return (f"-- {line(each)}" for each in lines)


def _table(name: str) -> Expression:
    """Return a table by its name; of more than three parts the first are one."""
    parts = [exp.to_identifier(part, quoted=True) for part in name.rsplit(".", 2)]
    table, schema, catalog = (*reversed(parts), None, None)[:3]
    return exp.table_(table, schema, catalog)
