"""Attributes that nobody reads, and whose names speak of a fact: where one is there, absence of others says nothing.

A vendor, or another program, may say the same thing under another name (``hw_architecture`` for ``__support_arm``), and
a person writes ``rootVolume`` for ``root_volume``. What the name says is not known to be so, and that it is not said
would be wrong to conclude.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from imagefit.readers.known import known_attributes
from imagefit.readers.translators import Translator

__all__ = ["spelled_like", "spoken_of"]

_ARCHITECTURE = ("arch", "architecture", "arm", "arm64", "aarch64", "x86")
_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "image": {
        "image.architecture": _ARCHITECTURE,
        "image.encrypted": ("encrypt", "encrypted", "encryption", "cmk", "cmkid", "kms"),
        "image.accelerators": ("gpu", "gpus", "npu", "fpga", "ascend", "accelerator"),
        "image.gpu_types": ("gpu", "gpus"),
        "image.type": ("whole", "backup"),
        "image.bound_to_zone": ("az", "zone"),
        "image.max_memory_mib": ("max memory", "max ram", "maximum memory"),
    },
    "flavor": {
        "ecs.architecture": _ARCHITECTURE,
        "ecs.accelerator": ("gpu", "gpus", "npu", "fpga", "ascend", "accelerator", "accelerators"),
        "ecs.required_image_attributes": ("cond image", "required image"),
        "ecs.flavor_status": ("disabled", "sold out", "soldout", "sellout"),
    },
    "request": {
        "ecs.system_disk": (
            "root size",
            "root gb",
            "system disk",
            "root disk",
            "boot disk",
            "boot volume",
            "disk size",
        ),
        "ecs.data_disk": ("disk size", "volume size", "size gb", "size gib"),
        "ecs.data_disk_images": ("data disk", "data disks", "data volume", "data image"),
        "ecs.data_disk_keys": ("data disk", "data disks", "data volume"),
        "ecs.billing": ("charging", "market", "spot", "billing", "prepaid"),
        "ecs.temporary": ("iso", "env type"),
        "ecs.injects": ("password", "key pair", "keypair", "user data", "cloud init"),
    },
}
"""By what objects describe: the words in a name that speak of a fact; of two words, both."""

_LONG = 6
"""So many letters have names of which one that differs in a single letter is a slip of the pen."""


@lru_cache(256)
def spoken_of(kind: str, names: tuple[str, ...], table: Translator) -> Mapping[str, str]:
    """Return the facts of which an attribute speaks at which none of their rows looks, each with its name.

    It does so by words in its name, if nobody knows it; or because its name is one at which a row for the fact looks,
    but for case, what separates words, or a slip of the pen.
    """
    found: dict[str, str] = {}
    for name in names:
        for fact in _facts_of(kind, name, table):
            found.setdefault(fact, name)
    return found


def spelled_like(name: str, names: Iterable[str]) -> str | None:
    """Return the one of some names that is another but for how it is spelled.

    >>> spelled_like("volume_size", ["uuid", "volumeSize"])
    'volumeSize'
    """
    return next((each for each in names if each != name and _is_like(_letters(each), _letters(name))), None)


@lru_cache(4096)
def _facts_of(kind: str, name: str, table: Translator) -> tuple[str, ...]:
    words, is_known = _WORDS[kind], name in known_attributes(kind)
    is_read = any(table.reads_of[fact].among([name]) for fact in words if fact in table.reads_of)
    said = frozenset() if is_known or is_read else _words_in(name)
    speaks = {fact for fact, of in words.items() if any(said.issuperset(word.split()) for word in of)}
    speaks |= _meant(_letters(name), table, is_odd=not is_known and name not in table.reads.names)
    return tuple(fact for fact, reads in table.reads_of.items() if fact in speaks and not reads.among([name]))


def _words_in(name: str) -> frozenset[str]:
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name[:200])
    return frozenset(re.split(r"[^a-z0-9]+", parted.lower()))


def _meant(own: str, table: Translator, *, is_odd: bool) -> frozenset[str]:
    """Return the facts of whose names this one is another spelling; an odd one may have a slip of the pen."""
    spelled, beginnings = _spelled(table)
    like = [each for each in spelled if _is_like(own, each)] if is_odd else [own]
    begun = [beginnings[start] for start in beginnings if own.startswith(start)]
    return frozenset().union(*(spelled.get(each, ()) for each in like), *begun)


@lru_cache(64)
def _spelled(table: Translator) -> tuple[Mapping[str, Sequence[str]], Mapping[str, Sequence[str]]]:
    """Return the letters of the names, and of what begins them, at which rows of a table look, with their facts."""
    names: dict[str, list[str]] = {}
    beginnings: dict[str, list[str]] = {}
    for fact, reads in table.reads_of.items():
        for spelled, of in ((names, reads.names), (beginnings, reads.beginnings)):
            for name in of:
                spelled.setdefault(_letters(name), []).append(fact)
    return names, beginnings


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name[:200]).casefold()


def _is_like(one: str, other: str) -> bool:
    """Tell whether two names are the same, or long ones that differ in one letter: another one, or one too many.

    >>> _is_like("maxrm", "maxram"), _is_like("maxrim", "maxram"), _is_like("minram", "maxram")
    (True, True, False)
    """
    if one == other or len(other) < _LONG or abs(len(one) - len(other)) > 1:
        return one == other
    start = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))
    return one[start + 1 :] in (other[start:], other[start + 1 :]) or one[start:] == other[start + 1 :]
