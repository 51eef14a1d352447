"""``imagefit rules``: what the rules of a pack say, whether they are right, and how to write them.

A subcommand is a module of its own and one line in `COMMANDS`.
"""

from __future__ import annotations

import click

from imagefit.cli.lazy import LazyGroup
from imagefit.cli.options import pack_option

__all__ = ["rules"]

COMMANDS = {
    "list": "imagefit.cli.rules_list:list_rules",
    "show": "imagefit.cli.rules_show:show_rule",
    "test": "imagefit.cli.rules_test:test_rules",
    "lint": "imagefit.cli.rules_lint:lint_rules",
    "diff": "imagefit.cli.rules_diff:diff_rules",
    "verify": "imagefit.cli.rules_verify:verify_rules",
    "export": "imagefit.cli.rules_export:export_rules",
    "sql": "imagefit.cli.rules_sql:print_query",
    "docs": "imagefit.cli.rules_docs:document_rules",
    "schema": "imagefit.cli.rules_schema:print_schema",
    "new": "imagefit.cli.rules_new:new_pack",
}


@click.group(cls=LazyGroup, places=COMMANDS)
@pack_option()
def rules() -> None:
    """Read, test and write the rules of a pack."""
