"""Which of what is given is meant by a request that names it: one, or several that say the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from imagefit.errors import InputError
from imagefit.readers.records import Record

__all__ = ["certain", "meant_by"]


class _Read(Protocol):
    """A record, and the file that it was read from."""

    @property
    def record(self) -> Record: ...

    @property
    def file(self) -> str: ...


S = TypeVar("S", bound=_Read)


def meant_by(called: Sequence[S], request: _Read, what: str) -> Sequence[S]:
    """Return those of what a request names that count: what is given beside a plan, before what the plan itself knows.

    Parameters
    ----------
    called
        What has the id, or the name, that the request says.
    what
        What that is, in words: an image, a flavor.

    Raises
    ------
    InputError
        If two of them differ: which one is meant, nobody knows.
    """
    called = [each for each in called if each.file != request.file] or called
    for each in called[1:]:
        if (each.record.id, each.record.facts) != (called[0].record.id, called[0].record.facts):
            asking = "plan" if request.record.stands_alone else "request"
            wanted = request.record.image_ref if what == "an image" else request.record.flavor_ref
            expected = f"one of them: {', '.join(dict.fromkeys((str(called[0]), str(each))))}"
            message = f"the {asking} names {what} of which two are given, and they differ"
            raise InputError(message, file=request.file, value=wanted, expected=expected)
    return called


def certain(given: Sequence[S]) -> list[S]:
    """Return those that can be named by their id: none that shares it with another one that differs."""
    first: dict[str, S] = {}
    for each in given:
        first.setdefault(each.record.id, each)
    doubtful = {each.record.id for each in given if each.record.facts != first[each.record.id].record.facts}
    return [each for each in given if each.record.id not in doubtful]
