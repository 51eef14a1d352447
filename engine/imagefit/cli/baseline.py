"""``--baseline`` and ``--write-baseline``: what is known does not make a run fail, what is new does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from imagefit.cli.paths import STANDARD, FileType, claim
from imagefit.cli.single import aside, option_aside

if TYPE_CHECKING:
    from imagefit.rulepack.pack import Pack
    from imagefit.verdicts.baseline import Compared

__all__ = ["baseline_of", "baseline_options", "beside_baseline", "tell_baseline"]


class _BaselineType(FileType):
    """A file that is read, or written: which of them, the other option says."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the path; `baseline_of` claims it."""
        return str(value)


def baseline_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--baseline`` and ``--write-baseline``."""
    for add in (
        option_aside(
            "--write-baseline",
            is_flag=True,
            help="Write what this run finds to the baseline, so that it is known from now on and does not count.",
        ),
        option_aside(
            "--baseline",
            metavar="FILE",
            type=_BaselineType(),
            setting="baseline",
            help="Findings that are known: they are shown, and only others count for the exit code.",
        ),
    ):
        command = add(command)
    return command


def beside_baseline(ctx: click.Context, *, is_stated: bool) -> dict[str, object]:
    """Return the two options with what they say, for who can't do what they ask for; a file only if `is_stated`."""
    said = aside(ctx)
    return {"--baseline": is_stated and said.get("baseline"), "--write-baseline": said.get("write_baseline")}


def baseline_of(ctx: click.Context, pack: Pack, select: Sequence[str], ignore: Sequence[str]) -> Compared | None:
    """Return what to compare the findings of this run with; None if nobody asks for that.

    Raises
    ------
    click.UsageError
        If a baseline is to be written, and none is named.
    InputError
        If the file is no baseline, and is not empty.
    """
    said = aside(ctx)
    path, is_written = said.get("baseline"), bool(said.get("write_baseline"))
    if path is None:
        if is_written:
            raise click.UsageError("--write-baseline writes what --baseline names: say --baseline FILE.", ctx)
        return None
    from imagefit.errors import InputError
    from imagefit.verdicts.baseline import Compared, read_baseline

    if path in ("", STANDARD):
        raise InputError("a baseline is a file", option="--baseline", value=path, expected="a path")
    claim(ctx, "--baseline", path, is_written=is_written)
    chosen = tuple(select), tuple(ignore)
    if is_written and not (os.path.isfile(path) and os.path.getsize(path)):
        return Compared(pack, {}, *chosen, found={})
    try:
        known = read_baseline(_text_of(path), path)
    except FileNotFoundError:
        raise InputError("there is no such file", file=path, expected="--write-baseline, which writes it") from None
    except UnicodeDecodeError:
        raise InputError("not UTF-8", file=path, expected="what --write-baseline writes") from None
    if is_written:  # over a baseline, and over nothing else that a slip of the pen may name
        return Compared(pack, {}, *chosen, found={})
    return Compared(pack, known, *chosen)


def _text_of(path: str) -> str:
    """Return the text of a file that has an end, and one that may be a baseline's."""
    from imagefit.errors import InputError
    from imagefit.sources.limits import BASELINE

    parts: list[str] = []
    size = 0
    with open(path, encoding="utf-8") as file:
        while part := file.read(1 << 20):
            parts.append(part)
            size += len(part)
            if "\0" in part:
                raise InputError("holds a NUL character", file=path, expected="what --write-baseline writes")
            if size > BASELINE.most:
                raise BASELINE.passed(path)
    return "".join(parts)


def tell_baseline(ctx: click.Context, compared: Compared) -> None:
    """Say on stderr what is new and what is fixed; write the baseline if that is what was asked for."""
    from imagefit.cli.errors import complain
    from imagefit.errors import number_of
    from imagefit.reports.atomic import atomic_file
    from imagefit.verdicts.baseline import SHOWN, baseline_pieces

    path = aside(ctx)["baseline"]
    if compared.found is not None:
        with atomic_file(path) as file:
            for piece in baseline_pieces(compared.found):
                file.write(piece.encode())
        are = "is" if compared.new == 1 else "are"
        told = f"{number_of(compared.new, 'finding')} of {number_of(len(compared.found), 'candidate')}"
        complain(f"{path}: {told} {are} known from now on")
        return
    fixed = compared.fixed()
    for what, shown, count in (("new", compared.shown, compared.new), ("fixed", fixed, len(fixed))):
        for line in _lines(what, shown[:SHOWN], count):
            complain(line)
    more = f", {left:,} known of what was not checked here" if (left := compared.elsewhere()) else ""
    known = f"{number_of(compared.old, 'finding')} {'is' if compared.old == 1 else 'are'} known"
    complain(f"{path}: {known}, {compared.new:,} new, {len(fixed):,} fixed{more}")


def _lines(what: str, shown: Iterable[tuple[str, str, str, str]], count: int) -> Iterable[str]:
    told = 0
    for operation, candidate, rule, outcome in shown:
        told += 1
        yield f"{what}: {candidate}: {operation}: {rule} ({outcome})"
    if count > told:
        yield f"{what}: and {count - told:,} more"
