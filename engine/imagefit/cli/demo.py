"""``imagefit demo``: hand the sample inventory out, with command lines to try on it.

What goes to stdout is a script, so that ``imagefit demo --to DIR | sh`` shows everything at once.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from imagefit.cli.helping import command
from imagefit.cli.single import option
from imagefit.errors import InputError
from imagefit.escaping import line

__all__ = ["demo"]

_SCRIPT = "try.sh"


@command("demo")
@option(
    "--to",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the files go; made if it is not there.",
)
def demo(folder: Path) -> None:
    """Hand out a small made-up inventory, and say what to try on it.

    The files have the shapes that the cloud's APIs and console give; their README.md tells what happened to each
    image. A file that is there already is never overwritten.
    """
    from imagefit.cli.errors import complain
    from imagefit.readers.shipped import shipped_folder

    samples = sorted(path for path in shipped_folder("data").joinpath("samples").iterdir() if path.is_file())
    written = _hand_out(samples, folder)
    complain(f"{len(samples)} files are in {folder}, {written} of them new; README.md there tells their story. Try:")
    click.echo(f"cd {shlex.quote(os.path.normpath(folder))}\n")
    click.echo(next(path for path in samples if path.name == _SCRIPT).read_text("utf-8"), nl=False)


def _hand_out(samples: list[Path], folder: Path) -> int:
    """Copy files into a folder and return how many are new; if another file has one's name, copy none."""
    from imagefit.reports.atomic import write_whole

    if line(str(folder)) != str(folder):
        raise InputError("a name that can't be shown in a script; name another folder", file=str(folder))
    missing = [sample for sample in samples if not os.path.lexists(folder / sample.name)]
    for sample in samples:
        if sample not in missing and not _is_the_same(sample, folder / sample.name):
            raise InputError(
                "another file of that name is there already; name another folder", file=str(folder / sample.name)
            )
    folder.mkdir(parents=True, exist_ok=True)
    for sample in missing:
        write_whole(folder / sample.name, sample.read_bytes())
    return len(missing)


def _is_the_same(sample: Path, there: Path) -> bool:
    return there.is_file() and there.read_bytes() == sample.read_bytes()
