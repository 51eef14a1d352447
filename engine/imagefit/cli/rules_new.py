"""``imagefit rules new``: a small working pack to start from, with comments that teach the format."""

from __future__ import annotations

import click

from imagefit.cli.helping import command

__all__ = ["new_pack"]


@command("new")
@click.argument("path", type=click.Path(path_type=str))
def new_pack(path: str) -> None:
    """Lay out a minimal working rule pack in a new folder, with comments that teach the format."""
    from imagefit.cli.errors import complain
    from imagefit.escaping import line
    from imagefit.rulepack.starter import lay_out

    files = lay_out(path)
    for name in files:
        click.echo(line(name))
    complain(f"a pack of {len(files)} files; try: imagefit rules test --pack {path}")
