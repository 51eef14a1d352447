"""Whom an image is shared with: the members that the image service lists, taken together per image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from imagefit.errors import shortened
from imagefit.facts import Field, Origin, OriginKind, Value
from imagefit.readers.assembly import Settings, label
from imagefit.readers.known import known_attributes
from imagefit.readers.records import Kind, Record

__all__ = ["is_member", "read_members"]

_STATUSES = ("accepted", "pending", "rejected")


def is_member(found: Mapping[str, object], fields: Mapping[str, Field]) -> bool:
    """Tell whether an object is a member of an image."""
    return {"member_id", "image_id"} <= found.keys()


def read_members(members: Iterable[dict[str, object]], settings: Settings) -> Iterator[Record]:
    """Read the members of images, all of them: a record for each image; no member at all is one without an id."""
    by_image: dict[str, list[dict[str, object]]] = {}
    for member in members:
        by_image.setdefault(label(member.get("image_id")), []).append(member)
    yield from (_read(row, *item, settings) for row, item in enumerate((by_image or {"": []}).items(), start=1))


def _read(row: int, image: str, members: list[dict[str, object]], settings: Settings) -> Record:
    facts: dict[str, Value] = {
        "image.shared_with": frozenset(filter(None, (label(member.get("member_id")) for member in members))),
        "image.recipients": len(members),
    }
    origins = {"image.shared_with": "member_id", "image.recipients": "the number of members"}
    status, notes = _status(members)
    if status is not None:
        facts["image.member_status"], origins["image.member_status"] = status, "status"
    unknown = {name: value for member in members for name, value in member.items() if name not in _USED}
    return Record(
        Kind.MEMBERS,
        key=image or str(row),
        id=image,
        facts={fact: value for fact, value in facts.items() if fact in settings.fields},
        origins={fact: Origin(OriginKind.API, why) for fact, why in origins.items() if fact in settings.fields},
        unused={name: shortened(value) for name, value in unknown.items()},
        unrecognised=tuple(name for name in unknown if name not in known_attributes("member")),
        notes=tuple(notes),
        image_ref=image or None,
    )


_USED = frozenset(["image_id", "member_id", "status"])


def _status(members: list[dict[str, object]]) -> tuple[str | None, list[str]]:
    """Return what the members have answered, if it is the same of all; it is a fact of one account."""
    answers = {label(member.get("member_id")): member.get("status") for member in members}
    odd = [answer for answer in answers.values() if answer not in _STATUSES]
    if odd:
        return None, [
            f"status is {shortened(odd[0])}, not one of {', '.join(_STATUSES)}; image.member_status is unknown"
        ]
    if len(set(answers.values())) == 1:
        return str(next(iter(answers.values()))), []
    if not answers:
        return None, []
    listed = ", ".join(f"{account} {answer}" for account, answer in list(answers.items())[:6])
    return None, [f"the recipients answered differently, so image.member_status depends on the account: {listed}"]
