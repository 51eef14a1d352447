"""Objects of another kind than those that they stand among: a flavor in a list of images says nothing of an image."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from imagefit.errors import InputError
from imagefit.facts import Field
from imagefit.readers.recognised import CHANGES, is_flavor, is_image, is_member, is_nova_image, is_server
from imagefit.readers.shapes import shape_of

__all__ = ["Strangers"]

_REQUESTS = ("server", *CHANGES)
_KINDS: Mapping[str, tuple[str, tuple[Callable[[Mapping[str, object], Mapping[str, Field]], bool], ...]]] = {
    "image": ("an image", (is_image, is_nova_image)),
    "flavor": ("a flavor", (is_flavor,)),
    "server": ("an ECS", (is_server,)),
    "member": ("a member of an image", (is_member,)),
    "request": ("a request", (lambda found, fields: any(isinstance(found.get(key), dict) for key in _REQUESTS),)),
}
"""What objects are called, and what tells them by their attributes."""

_MOST = 1024
"""So many choices of attributes are remembered."""


class Strangers:
    """Tells objects that are of another kind than the others.

    What is left of an object when another program has cut it down may be of no kind, and is none of these.

    Parameters
    ----------
    kind
        What the others are; anything may stand among those of a kind that is not told by its attributes.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._seen: dict[tuple[str, ...], str | None] = {}

    def error(self, found: Mapping[str, object], place: int | str, file: str | None = None) -> InputError | None:
        """Return what to say of an object that is of another kind; None if it is not known to be."""
        if self._kind not in _KINDS or (self._kind == "image" and "__imagetype" in found):
            return None
        keys = tuple(found)
        if (other := self._seen.get(keys, "")) == "":
            other = self._other(found)
            if len(self._seen) < _MOST:
                self._seen[keys] = other
        if other is None:
            return None
        message, said = f"{_KINDS[other][0]}, and not {_KINDS[self._kind][0]}", found.get("id", found.get("name"))
        return InputError(message, file=file, row=place or None, value=said, expected="a file for each")

    def _other(self, found: Mapping[str, object]) -> str | None:
        """Return the kind of an object that is not of the others' kind."""
        kinds = [kind for kind, (_, tells) in _KINDS.items() if any(is_one(found, {}) for is_one in tells)]
        kinds += [kind for kind in _KINDS if shape_of(found, kind) is not None]
        return None if not kinds or self._kind in kinds else kinds[0]
