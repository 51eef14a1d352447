"""What the shell offers when Tab is pressed: names of facts, values, rules, tags and operations of the pack.

A pack that does not load offers nothing: a completion never prints an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from imagefit.escaping import line

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from imagefit.rulepack.pack import Pack

__all__ = [
    "completed_assignment",
    "completed_evaluator",
    "completed_fact",
    "completed_operation",
    "completed_pack",
    "completed_rule",
    "completed_selector",
]


def completed_operation(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the operations, with their titles."""
    pack = _pack(ctx)
    names = {} if pack is None else {name: operation.title for name, operation in pack.operations.items()}
    return _starting(incomplete, names)


def completed_rule(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the ids of rules, with their titles."""
    pack = _pack(ctx)
    return _starting(incomplete, {} if pack is None else {rule.id: rule.title for rule in pack.rules})


def completed_fact(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer facts, with their meanings."""
    pack = _pack(ctx)
    return _starting(incomplete, {} if pack is None else {name: field.meaning for name, field in pack.fields.items()})


def completed_selector(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer what selects rules: ids, concerns and tags; after a comma, the next one."""
    pack = _pack(ctx)
    if pack is None:
        return []
    done, comma, rest = incomplete.rpartition(",")
    names = {rule.concern: "every rule of this concern" for rule in pack.rules}
    names |= {tag: "a tag" for rule in pack.rules for tag in rule.tags if tag not in names}
    names |= {rule.id: rule.title for rule in pack.rules}
    return [_item(done + comma + item.value, help=item.help) for item in _starting(rest, names)]


def completed_assignment(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer facts, each with its ``=``; after it, the values that the fact can have."""
    pack = _pack(ctx)
    if pack is None:
        return []
    name, equals, text = incomplete.partition("=")
    if not equals:
        return _starting(name, {f"{known}=": field.meaning for known, field in pack.fields.items()})
    field = pack.fields.get(name)
    if field is None:
        return []
    done, semicolon, rest = text.rpartition(";")
    values = field.values or (("true", "false") if field.type == "boolean" else ())
    offered = [value for value in values if value.startswith(rest) and line(value) == value]
    return [_item(f"{name}={done}{semicolon}{value}") for value in offered]


def completed_evaluator(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the evaluators."""
    from imagefit.evaluators import EVALUATORS

    return _starting(incomplete, dict.fromkeys(EVALUATORS, ""))


def completed_pack(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the packs that ship; with none of these, the shell offers its folders."""
    from imagefit.api.packs import shipped_packs

    named = _starting(incomplete, dict.fromkeys(shipped_packs(), ""))
    return [*named, _item(incomplete, type="dir")]


def _pack(ctx: click.Context) -> Pack | None:
    from imagefit.cli.packs import load_unproven_pack_of
    from imagefit.errors import ImagefitError

    try:
        return load_unproven_pack_of(ctx)
    except (ImagefitError, OSError):
        return None


def _starting(incomplete: str, names: dict[str, str]) -> list[CompletionItem]:
    shown = ((name, line(text)) for name, text in sorted(names.items()) if name.startswith(incomplete))
    return [_item(name, help=text) for name, text in shown if line(name) == name]


def _item(value: str, **more: Any) -> CompletionItem:
    from click.shell_completion import CompletionItem  # which a command that runs has no use for

    return CompletionItem(value, **more)
