"""What the readers noted, on stderr: the first notes, or all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from imagefit.cli.errors import complain

if TYPE_CHECKING:
    from imagefit.sources.candidates import CandidateFile
    from imagefit.sources.files import FilesSource

__all__ = ["accounts", "refuse_near_misses", "tell_notes", "tell_notes_of"]

SHOWN_NOTES = 12


def tell_notes(notes: Iterable[str], verbose: bool) -> None:
    """Say each note once; unless `verbose`, the first ones, and how many more there are."""
    different = list(dict.fromkeys(notes))
    shown = different if verbose else different[:SHOWN_NOTES]
    for note in shown:
        complain(note)
    if more := len(different) - len(shown):
        complain(f"and {more:,} more such notes, which -v shows")


def tell_notes_of(source: FilesSource, verbose: bool) -> None:
    """Say what the readers noted of files that were read to their ends: some of it they know only then."""
    notes = [*source.told, *(note for file in source.files for note in file.named(file.notes))]
    tell_notes([*(accounts(source.files) if verbose else ()), *notes], verbose)


def accounts(files: Iterable[CandidateFile]) -> list[str]:
    """Return what was read of each file, as a line, whether all of it was used or not: for ``-v``."""
    return [f"{file.name}: {line}" for file in files for line in file.told(is_verbose=True)]


def refuse_near_misses(files: Iterable[CandidateFile], *, is_strict: bool) -> None:
    """Raise `InputError` if a column that ``--map`` names is in no file, as far as they are read.

    Where ``--strict`` asks for that, also if a column that is no fact nearly has the name of one.
    """
    from imagefit.errors import InputError
    from imagefit.sources.candidates import refuse_lacking

    files = list(files)
    refuse_lacking(files)
    for file in files if is_strict else ():
        account = file.account()
        near = account.near if account is not None and account.names else {}  # a service may have new attributes
        for name, known in near.items():
            raise InputError("nearly a fact, and none", file=file.name, column=name, nearest=known)
