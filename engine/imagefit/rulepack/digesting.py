"""The digest by which a file of a pack is known again: BLAKE2, from where it costs little to import."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import blake2b
else:
    try:
        from _blake2 import blake2b  # hashlib would load OpenSSL, too, which takes longer than digesting a pack
    except ImportError:
        from hashlib import blake2b

__all__ = ["digest_of_file"]


def digest_of_file(content: bytes) -> str:
    """Return the digest of a file's bytes."""
    return blake2b(content, digest_size=32).hexdigest()
