"""The options that verbs share, what their values mean for a pack, and their shell completion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from imagefit.cli.exits import FAIL_ON
from imagefit.cli.packs import NO_CACHE, PACK_PATH
from imagefit.cli.paths import PACK
from imagefit.cli.project_of_run import no_config_option, project_of
from imagefit.cli.single import aside, option
from imagefit.cli.waivers import waiver_options

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from imagefit.errors import InputError
    from imagefit.facts import Value
    from imagefit.rulepack.pack import Pack
    from imagefit.supply import Assumptions

__all__ = [
    "assume_option",
    "columns_evaluator_option",
    "common_options",
    "evaluator_option",
    "fail_on_option",
    "no_assume_option",
    "operation_option",
    "operations_option",
    "pack_option",
    "pairs_evaluator_option",
    "parse_assumptions",
    "parse_facts",
    "place_of_assignment",
    "selection_options",
    "set_option",
    "split_names",
    "strict_option",
    "text_or_json_option",
]

Function = Callable[..., Any]
Decorator = Callable[[Function], Function]


def _completed_by(name: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Return a function of `cli.completion`, which is imported when somebody presses Tab."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from imagefit.cli import completion

        found: list[CompletionItem] = getattr(completion, name)(ctx, param, incomplete)
        return found

    return complete


def pack_option(*, eager: bool = False) -> Decorator:
    """Add ``--pack`` and ``--no-cache``; eager at `imagefit`, where environment and project file say the pack, too."""
    no_cache = option(
        "--no-cache",
        is_flag=True,
        is_eager=eager,
        expose_value=False,
        callback=lambda ctx, param, value: ctx.meta.update({NO_CACHE: True} if value else {}),
        help="Read and check the rule pack's files anew, even if nothing in them has changed.",
    )
    named = option(
        "--pack",
        PACK_PATH,
        expose_value=False,
        callback=lambda ctx, param, value: aside(ctx).update({} if value is None else {PACK_PATH: value}),
        metavar="PACK",
        type=PACK,
        is_eager=eager,
        setting="pack" if eager else "",
        has_variable=eager,
        shell_complete=_completed_by("completed_pack"),
        help="Use this rule pack instead of the built-in one: a folder, or the name of one that ships.",
    )
    return lambda command: named(no_cache(command))


_OPERATION: Mapping[str, Any] = {
    "metavar": "OP",
    "setting": "operation",
    "shell_complete": _completed_by("completed_operation"),
    "help": "What is to be done, such as create_ecs, change_os or share. A request file says it itself.",
}
operations_option: Decorator = option("--operation", "operations", multiple=True, **_OPERATION)
"""For a verb that gives a verdict for each operation."""
operation_option: Decorator = option(
    "--operation", **_OPERATION, instead="rows that differ say theirs in the column `operation`"
)
"""For a verb in which a row comes back once."""
set_option: Decorator = option(
    "--set",
    "given",
    setting="set",
    metavar="FACT=VALUE",
    multiple=True,
    shell_complete=_completed_by("completed_assignment"),
    help="Give a fact; it counts before what a file says. Elements of a set are separated by ';'.",
)
assume_option: Decorator = option(
    "--assume",
    "assumed",
    setting="assume",
    metavar="FACT=VALUE",
    multiple=True,
    shell_complete=_completed_by("completed_assignment"),
    help="Assume a fact where it is missing, and report it; FACT=@OTHER takes another fact's value, "
    "FACT=@@TEXT the text @TEXT.",
)
no_assume_option: Decorator = option(
    "--no-assume",
    is_flag=True,
    help="Assume nothing of a flavor that is known by its id alone; by default it is taken as on sale, for one.",
)
strict_option: Decorator = option(
    "--strict", "is_strict", is_flag=True, help="Refuse files with a column that nearly has the name of a fact."
)
evaluator_option: Decorator = option(
    "--evaluator",
    metavar="NAME",
    default="reference",
    shell_complete=_completed_by("completed_evaluator"),
    help="The implementation of the rules' semantics to use; all of them agree.",
)
columns_evaluator_option: Decorator = option(
    "--evaluator",
    metavar="NAME",
    shell_complete=_completed_by("completed_evaluator"),
    help="The implementation of the rules' semantics to use; all of them agree. By default the quickest that is "
    "here: planes, which is compiled, or tabular.",
)
pairs_evaluator_option: Decorator = option(
    "--evaluator",
    metavar="NAME",
    default="tabular",
    show_default=True,
    shell_complete=_completed_by("completed_evaluator"),
    help="The implementation of the rules' semantics to use; all of them agree, this one is fast.",
)
fail_on_option: Decorator = option(
    "--fail-on",
    setting="fail-on",
    type=click.Choice(FAIL_ON),
    default="unknown",
    show_default=True,
    help="The least that makes the exit code non-zero: 1 incompatible, 3 unknown, 4 warnings only; "
    "assumed: unknown, and 3 too where a verdict rests on something that was assumed.",
)
text_or_json_option: Decorator = option(
    "--format", "output_format", type=click.Choice(["text", "json"]), default="text", help="Text (default) or JSON."
)


def selection_options(command: Function) -> Function:
    """Add ``--select`` and ``--ignore``."""
    for name, what in (("--ignore", "Leave out these rules"), ("--select", "Use these rules only")):
        command = option(
            name,
            setting=name.removeprefix("--"),
            metavar="NAMES",
            multiple=True,
            shell_complete=_completed_by("completed_selector"),
            help=f"{what}: rule ids, prefixes such as boot, or tags; separated by commas, or repeated.",
        )(command)
    return command


def common_options(command: Function) -> Function:
    """Add what every verb that gives verdicts takes, beside its operations."""
    options: list[Decorator] = [pack_option(), fail_on_option, selection_options]
    for add in [*options, waiver_options, no_config_option, strict_option, no_assume_option, assume_option, set_option]:
        command = add(command)
    return command


def split_names(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the names in repeated, comma-separated option values.

    Raises
    ------
    InputError
        If a value has no name in it: an empty variable in a script must not select every rule.

    >>> split_names(["boot,arch", "sharing"])
    ('boot', 'arch', 'sharing')
    """
    from imagefit.errors import InputError

    names: list[str] = []
    for text in texts:
        here = [name.strip() for name in text.split(",") if name.strip()]
        if not here:
            raise InputError("names no rule", value=text, expected="rule ids, prefixes or tags, separated by commas")
        names += here
    return tuple(names)


def parse_facts(texts: Sequence[str], pack: Pack, option: str = "--set") -> dict[str, Value]:
    """Return the facts that ``FACT=VALUE`` texts give.

    Raises
    ------
    InputError
        If a text is no assignment, its fact or value is none of the pack's (names the nearest), or
        two texts give one fact different values.
    """
    from imagefit.errors import InputError, only_assumed
    from imagefit.facts import read_text, show_value

    facts: dict[str, Value] = {}
    for name, text, place in _assignments(texts, pack, option):
        try:
            if text[:1] == "@" and text[1:] in pack.fields:
                raise only_assumed(name, text)
            value = read_text(pack.field(name), text)
        except InputError as error:
            raise error.at(option=place) from None
        if value is None:
            raise _no_value(place, name)
        if facts.setdefault(name, value) != value:
            raise _two_values(option, name, show_value(facts[name]), show_value(value))
    return facts


def parse_assumptions(texts: Sequence[str], pack: Pack) -> Assumptions:
    """Return the assumptions that ``FACT=VALUE``, ``FACT=@OTHER`` and ``FACT=@@TEXT`` make; raises as `parse_facts`."""
    from imagefit.errors import InputError
    from imagefit.supply import Assumptions, assumption_text, read_assumption

    option = "--assume"
    assumed = Assumptions()
    for name, text, place in _assignments(texts, pack, option):
        try:
            assumption = read_assumption(pack.field(name), text, pack.fields)
        except InputError as error:
            raise error.at(option=place, column=name) from None
        if assumption is None:
            raise _no_value(place, name)
        if assumed.setdefault(name, assumption) != assumption:
            raise _two_values(option, name, *map(assumption_text, (assumed[name], assumption)))
    return assumed


def _assignments(texts: Iterable[str], pack: Pack, option: str) -> Iterable[tuple[str, str, str]]:
    """Yield each fact, the text of its value, and where that is said: the option, or a line of the project file."""
    from imagefit.errors import InputError, UnknownNameError

    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError("not an assignment", option=option, value=text, expected="FACT=VALUE")
        place = place_of_assignment(option, name, value)
        if name not in pack.fields:
            raise UnknownNameError.of("fact", name, pack.fields).at(option=place)
        yield name, value, place


def place_of_assignment(option: str, name: str, text: str) -> str:
    """Return where ``NAME=TEXT`` is said: the option, or the line of the project file."""
    ctx = click.get_current_context(silent=True)
    project = None if ctx is None else project_of(ctx)
    setting = option.removeprefix("--")
    is_said = project is not None and project.values.get(setting, {}).get(name) == text
    return project.place(f"{setting}.{name}") if project is not None and is_said else option


def _no_value(option: str, name: str) -> InputError:
    from imagefit.errors import InputError

    return InputError("no value (leave the option out where a fact is unknown)", option=option, column=name)


def _two_values(option: str, name: str, one: str, other: str) -> InputError:
    from imagefit.errors import InputError

    return InputError(f"given two values: {one} and {other}", option=option, column=name)
