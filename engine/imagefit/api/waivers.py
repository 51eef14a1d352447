"""`with_waivers`: a pack in which somebody answers for some findings, until a day."""

from __future__ import annotations

import warnings
from datetime import date, datetime
from os import PathLike, fspath
from pathlib import Path

from imagefit.api.arguments import pack_of_call
from imagefit.errors import ImagefitWarning, InputError, refuse_no_path
from imagefit.rulepack.pack import Pack

__all__ = ["with_waivers"]


def with_waivers(
    path: str | PathLike[str], *, pack: Pack | None = None, today: date | None = None, allow_endless: bool = False
) -> Pack:
    """Return a pack with the waivers of a file: a waived finding is shown, and decides nothing.

    Parameters
    ----------
    path
        A YAML file with a list `waivers`: each has `rule`, `reason`, `owner`, `until`, and may have `image`, `ecs`
        (ids, names, patterns), `where` (a condition over facts) and `ticket`.
    pack
        The rules; the built-in pack by default.
    today
        The day of which to say what has expired; by default, the clock's.
    allow_endless
        Whether a waiver may do without `until`.

    Returns
    -------
    Pack
        With the name, version and digest of `pack`. What has expired, or ends within 14 days, is an `ImagefitWarning`.

    Raises
    ------
    PackError
        If something in the file is wrong; names every place. `InputError` if an argument is of the wrong kind.
    """
    from imagefit.rulepack.waivers import read_waivers, waived_pack

    base = pack_of_call(pack)
    refuse_no_path(path=path)
    if not isinstance(today, date | None):
        raise InputError("not a day", option="today", value=today, expected="a datetime.date, or None")
    day = today.date() if isinstance(today, datetime) else today or date.today()
    waivers = read_waivers(Path(path), fspath(path), base, is_endless_allowed=allow_endless)
    made, said = waived_pack(base, waivers, day)
    for text in said:
        warnings.warn(text, ImagefitWarning, stacklevel=2)
    return made
