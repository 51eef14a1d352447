"""Attributes that nobody reads, and whose names speak of a fact: where one is there, absence of others says nothing.

A vendor, or another program, may say the same thing under another name (``hw_architecture`` for ``__support_arm``).
What the name says is not known to be so, and that it is not said would be wrong to conclude.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from imagefit.readers.known import known_attributes
from imagefit.readers.lookedat import Reads

__all__ = ["spoken_of"]

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
        "ecs.required_image_attributes": ("cond image", "required image"),
    },
}
"""By what objects describe: the words in a name that speak of a fact; of two words, both."""


@lru_cache(256)
def spoken_of(kind: str, names: tuple[str, ...], reads: Reads) -> frozenset[str]:
    """Return the facts of which an attribute speaks that no row of a table looks at, and that is not known.

    >>> sorted(spoken_of("image", ("id", "hw_architecture", "isEncrypted"), Reads(["id"])))
    ['image.architecture', 'image.encrypted']
    """
    said = [_words_in(name) for name in reads.not_among(names) if name not in known_attributes(kind)]
    return frozenset(
        fact
        for fact, words in _WORDS[kind].items()
        if any(found.issuperset(word.split()) for found in said for word in words)
    )


def _words_in(name: str) -> frozenset[str]:
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name[:200])
    return frozenset(re.split(r"[^a-z0-9]+", parted.lower()))
