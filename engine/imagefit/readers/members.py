"""Whom an image is shared with: the members that the image service lists, taken together per image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imagefit.errors import shortened
from imagefit.facts import Origin, OriginKind, Value
from imagefit.readers.assembly import Settings, label
from imagefit.readers.known import known_attributes
from imagefit.readers.records import Kind, Record
from imagefit.readers.speaking import spelled_like
from imagefit.readers.translation import NotUnderstood, identifier, is_nothing
from imagefit.readers.wholes import MEMBER
from imagefit.values import replace

__all__ = ["as_part", "read_members"]

_STATUSES = ("accepted", "pending", "rejected")
_KINDS = ("project", "domain", "organization")
_KIND, _EVERY = "member_type", "project, also where a member has none"


def read_members(members: Iterable[dict[str, object]], settings: Settings) -> Iterator[Record]:
    """Read the members of images, all of them: a record for each image; no member at all is one without an id."""
    by_image: dict[str, list[dict[str, object]]] = {}
    for member in map(_cleaned, members):
        by_image.setdefault(label(member.get("image_id")), []).append(member)
    is_whole = all(_is_whole(member) for of_image in by_image.values() for member in of_image)
    records = (_read(row, *item, settings) for row, item in enumerate((by_image or {"": []}).items(), start=1))
    remark = "a member lacks its image_id, member_id or status, so that whom the image is shared with is unknown"
    yield from records if is_whole else (as_part(record, remark) for record in records)


def _is_whole(member: dict[str, object]) -> bool:
    return MEMBER.is_met_by(member) and all(label(member.get(name)) for name in ("image_id", "member_id"))


def _cleaned(member: dict[str, object]) -> dict[str, object]:
    """Return a member without blanks around its values, and without those that a program wrote for none."""
    return {**member, **{name: _said(name, value) for name, value in member.items() if isinstance(value, str)}}


def _said(name: str, value: str) -> str | None:
    try:
        told = identifier(name, value) if name in ("image_id", "member_id") else value.strip()
    except NotUnderstood:
        return None
    return None if is_nothing(told) else told


def as_part(record: Record, remark: str) -> Record:
    """Return a record of which not all members are known, for a reason: there may be more of any image."""
    return replace(record, facts={}, origins={}, notes=(remark, *record.notes), is_part=True)


def _read(row: int, image: str, members: list[dict[str, object]], settings: Settings) -> Record:
    facts, origins, notes = _told(members)
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


_USED = frozenset(["image_id", "member_id", "status", _KIND])


def _told(members: list[dict[str, object]]) -> tuple[dict[str, Value], dict[str, str], list[str]]:
    """Return what the members of an image tell, with the attributes that do, and notes.

    A domain or an organization is more projects than the list names: then it is unknown which accounts it is shared
    with, and who accepted it.
    """
    facts: dict[str, Value] = {}
    origins: dict[str, str] = {}
    for member in members:
        if member.get(_KIND) is None and (other := spelled_like(_KIND, member)) is not None:
            return {}, {}, [f"{other} is not known, and may be {_KIND}; nothing is known of members"]
    kinds = frozenset(str(member.get(_KIND) or "project") for member in members)
    if odd := sorted(kinds.difference(_KINDS)):
        return {}, {}, [f"{_KIND} is {shortened(odd[0])}, not one of {', '.join(_KINDS)}; nothing is known of members"]
    facts["image.shared_with_kinds"], origins["image.shared_with_kinds"] = kinds, f"{_KIND}: {_EVERY}"
    if wider := sorted(kinds.difference({"project"})):
        named = " or ".join(wider)
        note = f"shared with a {named}, whose projects the list does not name: which accounts those are is unknown"
        return facts, origins, [note]
    facts["image.shared_with"] = frozenset(filter(None, (label(member.get("member_id")) for member in members)))
    origins["image.shared_with"] = "member_id"
    accepted, notes = _accepted(members)
    if accepted is not None:
        facts["image.accepted_by"], origins["image.accepted_by"] = accepted, "member_id of those with status accepted"
        facts["image.recipients"], origins["image.recipients"] = len(accepted), "the number of members that accepted"
    return facts, origins, notes


def _accepted(members: list[dict[str, object]]) -> tuple[frozenset[str] | None, list[str]]:
    """Return the accounts that accepted the image: each answers for itself, and only those count as recipients."""
    odd = [answer for member in members if (answer := member.get("status")) not in _STATUSES]
    if odd:
        return None, [
            f"status is {shortened(odd[0])}, not one of {', '.join(_STATUSES)}; image.accepted_by and "
            "image.recipients are unknown"
        ]
    answers: dict[str, object] = {}
    for member in members:
        account, answer = label(member.get("member_id")), member.get("status")
        if answers.setdefault(account, answer) != answer:
            said = f"member {shortened(account)} is here twice, as {answers[account]} and as {answer}"
            return None, [f"{said}; image.accepted_by and image.recipients are unknown"]
    accepted = (label(member.get("member_id")) for member in members if member.get("status") == "accepted")
    return frozenset(filter(None, accepted)), []
