"""``--budget`` and ``--no-budget``: how much a command may look at before it says what it has not decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import rich_click as click

from imagefit.cli.single import option

if TYPE_CHECKING:
    from imagefit.budgets import Budget

__all__ = ["budget_of", "budget_options"]

F = TypeVar("F", bound=Callable[..., object])


def budget_options(command: F) -> F:
    """Add ``--budget`` and ``--no-budget`` to a command."""
    command = option("--no-budget", is_flag=True, help="Look at everything, however long it takes.")(command)
    decorate: Callable[[F], F] = option(
        "--budget",
        metavar="N",
        type=click.IntRange(min=1),
        help="Make about N comparisons (by default 25,000,000, some 20 s), and say what is not decided then. "
        "They are counted, not timed: the same pack gets the same answer.",
    )
    return decorate(command)


def budget_of(steps: int | None, no_budget: bool) -> Budget:
    """Return the budget that the options say."""
    from imagefit.budgets import COMMAND, Budget

    if steps is not None and no_budget:
        raise click.UsageError("--budget N and --no-budget are two answers to one question.")
    return Budget(None if no_budget else COMMAND if steps is None else steps)
