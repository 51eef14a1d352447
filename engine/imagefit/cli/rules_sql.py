"""``imagefit rules sql``: the rules as one query, for where the data is."""

from __future__ import annotations

import re
from collections.abc import Sequence

import rich_click as click

from imagefit.cli.options import (
    assume_option,
    operation_option,
    pack_option,
    parse_assumptions,
    parse_facts,
    selection_options,
    set_option,
    split_names,
)
from imagefit.cli.packs import load_pack_of
from imagefit.cli.single import option

__all__ = ["print_query"]

DIALECTS = ("duckdb", "spark", "postgres", "clickhouse")


@click.command(
    "sql", epilog="Example: imagefit rules sql --operation share --dialect postgres --table inventory.images"
)
@pack_option()
@operation_option
@selection_options
@set_option
@assume_option
@option("--dialect", type=click.Choice(DIALECTS), default="duckdb", show_default=True, help="Whose SQL.")
@option("--table", metavar="NAME", default="candidates", show_default=True, help="The table; dots divide its name.")
@option("--facts", metavar="NAMES", help="The facts that the table has columns of; by default, all that rules look at.")
@option("--reasons", "with_reasons", is_flag=True, help="Add the column `reasons`: why, in words.")
@option("--dbt", "for_dbt", is_flag=True, help="Print it as a dbt model of the model --table, with its tests.")
@option("--prefix", metavar="TEXT", default="", help="Put this before the names of the result columns.")
@click.pass_context
def print_query(
    ctx: click.Context,
    operation: str | None,
    select: Sequence[str],
    ignore: Sequence[str],
    given: Sequence[str],
    assumed: Sequence[str],
    dialect: str,
    table: str,
    facts: str | None,
    with_reasons: bool,
    for_dbt: bool,
    prefix: str,
) -> None:
    """Print the rules of an operation as one SELECT: the table's columns, then the verdict and what belongs to it.

    It runs where the data is, and says what audit says. Columns are named like facts; null is unknown. In place of
    missing_facts, which is a search, there is unknown_facts: all of the undecided rules' facts that are unknown.
    For DLI and MRS take spark, for DWS postgres.
    """
    from imagefit.errors import EvaluatorError, InputError
    from imagefit.escaping import line
    from imagefit.supply import Supply

    if operation is None:
        raise click.UsageError("Missing option '--operation'.")
    pack = load_pack_of(ctx)
    rules = pack.chosen_rules(operation, split_names(select), split_names(ignore))
    supply = Supply(parse_facts(given, pack), parse_assumptions(assumed, pack))
    columns = None
    if facts is not None:
        columns = [pack.field(name.strip()).name for name in facts.split(",") if name.strip()]
    if not all(table.split(".")) or line(table) != table:
        raise InputError("not the name of a table", option="--table", value=table, expected="NAME or SCHEMA.NAME")
    if line(prefix) != prefix:
        raise InputError("not the beginning of a name", option="--prefix", value=prefix)
    if for_dbt and not re.fullmatch("[A-Za-z0-9_]+", table):
        raise InputError("not the name of a dbt model", option="--table", value=table, expected="letters, digits, _")
    try:
        from imagefit.evaluators.sql.dialects import dialect_of
        from imagefit.evaluators.sql.query import Query
        from imagefit.reports.sqltext import dbt_text, query_text
    except ImportError:
        raise EvaluatorError("rules sql needs sqlglot: pip install 'imagefit[sql]'") from None
    query = Query(pack, rules, dialect_of(dialect), supply, columns, with_reasons, prefix)
    click.echo((dbt_text if for_dbt else query_text)(query, table, operation))
