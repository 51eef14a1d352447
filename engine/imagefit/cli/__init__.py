"""The command line: one module a verb, each imported when it is used. Nothing here decides anything."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run `imagefit` with the process's arguments and exit with its code."""
    from imagefit.cli.root import root

    root(prog_name="imagefit")
