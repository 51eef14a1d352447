"""What is to be done: what ``--operation`` says, or else what the input asks for, or else the project file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.core import ParameterSource

if TYPE_CHECKING:
    import click

    from imagefit.rulepack.pack import Pack

__all__ = ["is_fallback", "known_operation"]


def is_fallback(ctx: click.Context, name: str = "operation") -> bool:
    """Tell whether a parameter has what the project file says: what a request or a row says counts before that."""
    return ctx.get_parameter_source(name) is ParameterSource.DEFAULT_MAP


def known_operation(stated: str | None, asked_for: str | None, pack: Pack) -> str:
    """Return the operation that the option names, or else the input.

    Raises
    ------
    InputError
        If neither does, or the pack has no such operation.
    """
    from imagefit.errors import InputError, UnknownNameError

    name = stated or asked_for
    if name is None:
        expected = f"one of {', '.join(pack.operations)}"
        raise InputError("say what is to be done", option="--operation", expected=expected)
    if name not in pack.operations:
        raise UnknownNameError.of("operation", name, pack.operations).at(option="--operation")
    return name
