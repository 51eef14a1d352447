"""Options that take one value refuse a second one, whatever the command."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import click
import pytest
from click.testing import Result

from imagefit.cli.root import root

Run = Callable[..., Result]


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with the words that lead to it."""
    yield path, group
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


SINGLE = [
    (*path, option.opts[-1])
    for path, command in commands(root)
    for option in command.params
    if isinstance(option, click.Option) and not (option.multiple or option.is_flag or option.count)
]


def test_there_are_such_options() -> None:
    assert {("--pack",), ("check", "--az"), ("match", "--matrix"), ("rules", "verify", "--corpus")} <= set(SINGLE)


@pytest.mark.parametrize("words", SINGLE, ids=" ".join)
def test_a_second_value_is_refused(run: Run, words: tuple[str, ...]) -> None:
    *command, name = words
    result = run(*command, f"{name}=one", f"{name}=two")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{name} takes one value, and one and two are given" in " ".join(result.stderr.split())


@pytest.mark.parametrize("verb", ["audit", "match"])
def test_a_second_operation_of_a_table_names_the_column(run: Run, verb: str) -> None:
    files = ["x.csv"] if verb == "audit" else ["--images", "x.csv", "--ecs", "y.csv"]
    result = run(verb, *files, "--operation", "share", "--operation", "delete")
    assert result.exit_code == 2
    assert "rows that differ say theirs in the column `operation`" in " ".join(result.stderr.split())


def test_a_value_of_the_command_line_counts_before_one_of_the_environment(run: Run) -> None:
    result = run("rules", "list", "--pack", "huawei-ims", "--select", "boot", env={"IMAGEFIT_PACK": "/no where"})
    assert result.exit_code == 0
    result = run("rules", "list", env={"IMAGEFIT_PACK": "/no where"})
    assert "imagefit: /no where: no such pack" in result.stderr


def test_an_option_whose_value_may_be_left_out_is_single_too(run: Run) -> None:
    result = run("match", "--images", "x", "--ecs", "y", "--operation", "share", "--matrix", "--matrix", "m.csv")
    assert result.exit_code == 2
    assert "--matrix takes one value" in result.stderr
