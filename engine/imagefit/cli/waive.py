"""``imagefit waive``: waivers of what a check or an audit has found."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from imagefit.cli.helping import command
from imagefit.cli.options import pack_option, split_names
from imagefit.cli.packs import load_pack_of
from imagefit.cli.paths import READ, STANDARD, WRITTEN
from imagefit.cli.project_of_run import no_config_option
from imagefit.cli.single import option
from imagefit.cli.waivers import day_of

if TYPE_CHECKING:
    from imagefit.rulepack.pack import Pack
    from imagefit.rulepack.waivers import Waiver
    from imagefit.rulepack.waiving import Failing

__all__ = ["waive"]

FILE = "waivers.yaml"
EXPECTED = "what `check --format json` prints, or `audit --format jsonl`"


@command(epilog="Example: imagefit check plan.json --format json | imagefit waive - --ttl 30d --reason ... --owner ...")
@click.argument("results", metavar="RESULT...", type=READ, nargs=-1, required=True)
@option("--reason", required=True, metavar="TEXT", help="Why it may stay so.")
@option("--owner", required=True, metavar="TEXT", help="Who answers for it.")
@option("--ticket", metavar="TEXT", default="", help="Where it is discussed, such as CAM-17.")
@option("--ttl", metavar="TIME", help="How long, from today: 30d (days), 6w (weeks).")
@option("--until", metavar="DATE", help="Until when, instead: the last day, as YYYY-MM-DD.")
@option("--allow-endless", is_flag=True, help="Let it have no end.")
@option("--rule", "rules", metavar="NAMES", multiple=True, help="Of these rules only: ids, prefixes or tags.")
@option(
    "--waivers",
    "path",
    metavar="FILE",
    type=WRITTEN,
    setting="waivers",
    default=FILE,
    show_default=True,
    help="Add the waivers to this file, whose comments stay; - shows them.",
)
@option("--today", metavar="DATE", help="The day, as YYYY-MM-DD; by default the clock's.")
@pack_option()
@no_config_option
@click.pass_context
def waive(
    ctx: click.Context,
    results: Sequence[str],
    reason: str,
    owner: str,
    ticket: str,
    ttl: str | None,
    until: str | None,
    allow_endless: bool,
    rules: Sequence[str],
    path: str,
    today: str | None,
) -> None:
    """Write waivers of the error rules that fail in RESULTs, and of nothing else, for somebody to look at.

    A RESULT is what check prints with --format json, or audit with --format jsonl; - is standard input. What is
    undecided is not waived: it may be fine.
    """
    from imagefit.cli.errors import complain
    from imagefit.errors import InputError, number_of
    from imagefit.rulepack.waiving import entries_of, entry_lines, is_waived, last_day

    if sum(each is not None for each in (ttl, until)) + allow_endless != 1:
        raise click.UsageError("Say until when: one of --ttl TIME, --until DATE and --allow-endless.", ctx)
    pack, day = load_pack_of(ctx), day_of(today)
    end = last_day(ttl, day) if ttl is not None else day_of(until, "--until") if until is not None else None
    if end is not None and end < day:
        raise InputError("this day has passed", option="--until", value=str(end))
    names = split_names(rules)
    chosen = {rule.id for operation in pack.operations for rule in pack.rules_for(operation, names)}
    found = dict.fromkeys(each for place in results for each in _failing(place) if each.rule in chosen)
    named = [each for each in found if each.image or each.ecs]
    for each in (each for each in found if each not in named):
        complain(f"{each.rule}: not waived, for nothing names what it fails of: write a condition as `where`")
    text, waivers = _present(path, pack)
    new = [each for each in named if not is_waived(each, waivers, day)]
    entries = [entry_lines(entry, reason, owner, ticket, end) for entry in entries_of(new)]
    if entries:
        _write(path, text, entries, pack)
    shown = "" if path == STANDARD else f"{path}: "
    count = len(named) - len(new)
    known = f"; {count} {'is' if count == 1 else 'are'} waived already" if count else ""
    ends = f", until {end}" if end else ""
    complain(f"{shown}{number_of(len(entries), 'waiver')} of {number_of(len(new), 'finding')}{ends}{known}")


def _failing(place: str) -> Iterator[Failing]:
    """Yield what fails in a result; raises `InputError` if it is none."""
    from imagefit.errors import InputError
    from imagefit.rulepack.waiving import Failing
    from imagefit.sources.opening import opened

    file = opened(place)
    with file.text() as text:
        content = "".join(text.lines())
    for verdict in _verdicts(content, file.name):
        try:
            image, ecs = _names(verdict)
            rules = [rule["rule"] for rule in verdict["rules"] if (rule["severity"], rule["outcome"]) == FAILS]
        except (KeyError, TypeError, AttributeError):
            raise InputError("no verdict", file=file.name, value=verdict, expected=EXPECTED) from None
        for name in (image, ecs):
            if set(name) & {"*", "?"}:
                message = "a name with * or ? would be a pattern: write this waiver by hand"
                raise InputError(message, file=file.name, value=name)
        yield from (Failing(rule, image, ecs) for rule in rules)


FAILS = ("error", "fail")


def _verdicts(content: str, name: str) -> list[Any]:
    from imagefit.errors import InputError

    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        try:
            return [json.loads(line) for line in content.split("\n") if line.strip()]
        except (ValueError, RecursionError):
            raise InputError("no result", file=name, expected=EXPECTED) from None
    if isinstance(data, dict) and isinstance(data.get("verdicts"), list):
        found: list[Any] = data["verdicts"]
        return found
    return [data]


def _names(verdict: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a waiver can call the image and the ECS: of a check by their ids or names, of a row by its key."""
    key = str(verdict["key"])
    if "image" not in verdict:  # a row of an audit is called what an image is
        columns = verdict.get("columns", {})
        return (key if any(columns.get(name) for name in ("id", "key", "name")) or not key.isdigit() else ""), ""
    sides = {side: verdict[side] or {} for side in ("image", "ecs")}
    image, ecs = (str(each.get("id") or each.get("name") or "") for each in sides.values())
    alone = verdict["ecs"] is not None and not ecs and " x " not in key and not key.isdigit()
    return image, key if alone else ecs


def _present(path: str, pack: Pack) -> tuple[str, Sequence[Waiver]]:
    """Return what a file of waivers holds: its text and its waivers; none, if it is not there or holds none yet."""
    from imagefit.errors import InputError
    from imagefit.rulepack.waivers import waivers_of
    from imagefit.rulepack.yamlfile import yaml_of

    if path == STANDARD or not os.path.exists(path):
        return "", ()
    with open(path, "rb") as file:
        content = file.read()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("not UTF-8", file=path, expected="a file of waivers") from None
    if all(not line.strip() or line.lstrip().startswith("#") for line in text.removeprefix("\ufeff").splitlines()):
        return text, ()
    read = yaml_of(content, path)
    is_begun = read.data != {"waivers": None}
    return text, waivers_of(read, pack, is_endless_allowed=True) if is_begun else ()


def _write(path: str, before: str, entries: Sequence[Sequence[str]], pack: Pack) -> None:
    """Write the file with the entries, once it is known that it can be read."""
    from imagefit.reports.atomic import write_whole
    from imagefit.rulepack.insertion import with_items
    from imagefit.rulepack.waivers import waivers_of
    from imagefit.rulepack.yamlfile import yaml_of

    text = with_items(before, "waivers", entries)
    waivers_of(yaml_of(text.encode(), path), pack, is_endless_allowed=True)
    if path == STANDARD:
        click.echo(text, nl=False)
    else:
        write_whole(path, text.encode())
