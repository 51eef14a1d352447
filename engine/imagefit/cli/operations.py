"""What is to be done: what ``--operation`` says, or else what the input asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from imagefit.rulepack.pack import Pack

__all__ = ["known_operation"]


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
