"""``imagefit config init``: a project file to begin with, filled in from payloads."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagefit.cli.helping import command
from imagefit.cli.own import own_map, own_options, own_tables
from imagefit.cli.paths import NEW, READ
from imagefit.cli.project_settings import SETTINGS
from imagefit.cli.project_toml import FILE
from imagefit.cli.single import option
from imagefit.escaping import quoted

if TYPE_CHECKING:
    from imagefit.readers import Record
    from imagefit.readers.own import OwnTables
    from imagefit.rulepack.pack import Pack

__all__ = ["init_config"]


@dataclass
class Found:
    """What payloads say that is worth a line of the file.

    Attributes
    ----------
    inputs
        The paths, by the name of the list.
    operation
        What a request among them asks for.
    facts
        What all records that say it say alike of the surroundings: the account, the region, the billing.
    columns, spellings
        Columns of tables that are facts by another name, and what values of facts are called there.
    """

    inputs: dict[str, list[str]] = field(default_factory=dict)
    operation: str | None = None
    facts: dict[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    spellings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@command("init")
@click.argument("files", metavar="[FILE]...", type=READ, nargs=-1)
@option(
    "-o",
    "--output",
    metavar="FILE",
    type=NEW,
    default=FILE,
    show_default=True,
    help="Write there; - is standard output.",
)
@own_options
@click.pass_context
def init_config(ctx: click.Context, files: Sequence[str], output: str) -> None:
    """Write a commented project file, with what FILEs (image lists, flavors, a request) say filled in.

    A file that is there already is never written over.
    """
    from imagefit.cli.errors import complain
    from imagefit.cli.packs import load_pack_of
    from imagefit.errors import InputError
    from imagefit.reports.atomic import write_whole

    pack = load_pack_of(ctx, is_silent=True)
    columns, spellings, _ = own_map(ctx, pack)
    found = _found(files, pack, own_tables(ctx, pack), Found(columns=dict(columns), spellings=spellings))
    text = project_text(found)
    if output == "-":
        click.echo(text, nl=False)
        return
    if os.path.lexists(output):
        raise InputError("a project file is there already", file=output, expected="another name as --output")
    write_whole(output, text.encode())
    complain(f"{output} written; imagefit config show says what counts")


def _found(files: Sequence[str], pack: Pack, own: OwnTables, found: Found) -> Found:
    from imagefit.readers import Kind
    from imagefit.sources.candidates import refuse_lacking
    from imagefit.sources.reading import open_file, whole
    from imagefit.sources.subjects import SURROUNDINGS, USUAL

    records: list[Record] = []
    opened = [open_file(path, pack.fields, own=own) for path in files]
    for path, file in zip(files, opened, strict=True):
        document = whole(file)
        records += document.records
        kinds = {record.kind for record in document.records}
        if Kind.REQUEST in kinds:
            found.operation = found.operation or next((r.operation for r in document.records if r.operation), None)
            continue  # a request is what is checked, and not what it is checked with
        name = "ecss" if Kind.ECS in kinds else "images"
        found.inputs.setdefault(name, []).append(os.path.relpath(path))
    refuse_lacking(opened)
    for name in (*SURROUNDINGS, *USUAL):
        said = {record.facts[name] for record in records if record.facts.get(name) is not None}
        if len(said) == 1 and isinstance(value := next(iter(said)), str):
            found.facts[name] = value
    return found


def project_text(found: Found) -> str:
    """Return the text of a project file; what is not known is there as a comment."""
    from imagefit.sources.subjects import SURROUNDINGS, USUAL

    lines = [
        "# What this project says once. An option counts before this file, the environment, too.",
        "# `imagefit config show` says what counts and where it is set.",
        "",
        *_comment("operation"),
        _assignment("operation", found.operation, "create_ecs"),
        *_comment("fail-on"),
        _assignment("fail-on", None, "incompatible"),
        *_comment("pack"),
        _assignment("pack", None, "huawei-ims"),
        *_comment("waivers"),
        _assignment("waivers", None, "waivers.yaml"),
        *_comment("baseline"),
        _assignment("baseline", None, "known.json"),
        *_comment("log"),
        _assignment("log", None, "verdicts.log"),
        "",
        *_comment("set"),
        "[set]",
        *(_assignment(name, found.facts.get(name), example) for name, example in SURROUNDINGS.items()),
        "",
        *_comment("assume"),
        "[assume]",
        *(_assignment(name, found.facts.get(name), example) for name, example in USUAL.items()),
        "",
        *_comment("inputs"),
        "[inputs]",
        *(
            _list(name, found.inputs.get(name, ()), example)
            for name, example in (("images", "images.json"), ("ecss", "flavors.json"))
        ),
        *_map(found),
    ]
    return "\n".join(lines) + "\n"


def _map(found: Found) -> Iterator[str]:
    """Yield what is said of tables of one's own, if something is."""
    if found.columns:
        yield from ("", *_comment("map"), "[map]")
        yield from (f"{quoted(column)} = {quoted(fact)}" for column, fact in found.columns.items())
    for fact, values in found.spellings.items():
        yield from ("", f"[map-value.{quoted(fact)}]")
        yield from (f"{quoted(theirs)} = {quoted(ours)}" for theirs, ours in values.items())


def _comment(key: str) -> list[str]:
    return [f"# {SETTINGS[key].meaning}"]


def _assignment(name: str, value: str | None, example: str) -> str:
    return f"# {name} = {quoted(example)}" if value is None else f"{name} = {quoted(value)}"


def _list(name: str, paths: Sequence[str], example: str) -> str:
    if not paths:
        return f"# {name} = {quoted(example)}"
    shown = [quoted(Path(path).as_posix()) for path in paths]
    return f"{name} = {shown[0] if len(shown) == 1 else '[' + ', '.join(shown) + ']'}"
