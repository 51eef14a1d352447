"""What the readers noted, on stderr: the first notes, or all of them."""

from __future__ import annotations

from collections.abc import Iterable

from imagefit.cli.errors import complain

__all__ = ["tell_notes"]

SHOWN_NOTES = 12


def tell_notes(notes: Iterable[str], verbose: bool) -> None:
    """Say each note once; unless `verbose`, the first ones, and how many more there are."""
    different = list(dict.fromkeys(notes))
    shown = different if verbose else different[:SHOWN_NOTES]
    for note in shown:
        complain(note)
    if more := len(different) - len(shown):
        complain(f"and {more:,} more such notes, which -v shows")
