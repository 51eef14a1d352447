"""Files at addresses: the only place that opens a connection, and only for an address that the caller himself names.

Nothing that is read can name one: a pack, a payload, a project file or a table makes nothing be fetched.
"""

from __future__ import annotations

import io
import os
import re
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from imagefit.errors import InputError

__all__ = ["opened_address", "shown_address"]

_INSTALL = "pip install 'imagefit[remote]'"

_LOCAL = ("file", "local", "")
_OBS_ENDPOINT = "OBS_ENDPOINT"


def shown_address(address: str) -> str:
    """Return an address as messages show it: without what may be a secret, a password or a signature.

    >>> shown_address("https://me:secret@example.org/images.json?signature=1")
    'https://example.org/images.json'
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return address.partition("?")[0]
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def opened_address(address: str, name: str) -> BinaryIO:
    """Open what is at an address.

    Raises
    ------
    InputError
        If it can't be had, or what fetches it is not installed; `FileNotFoundError` if it is not there.
    """
    try:
        import fsspec
    except ImportError:
        message = "addresses are read with fsspec, which is not installed"
        raise InputError(message, file=name, expected=_INSTALL) from None
    protocol, _, rest = address.partition("://")
    if protocol.lower() in _LOCAL or "::" in address:
        raise InputError("not an address that is read", file=name, expected="a path, or one such as https:// or s3://")
    options: dict[str, Any] = {}
    if protocol.lower() == "obs":
        address, options = f"s3://{rest}", _of_obs(name)
    try:
        system, path = fsspec.core.url_to_fs(address, **options)
        return cast("BinaryIO", io.BufferedReader(_Fetched(system.open(path, "rb"), name), 1 << 18))
    except FileNotFoundError as error:
        cause = error.__cause__  # whatever goes wrong with HTTP comes as this
        is_missing = isinstance(cause, FileNotFoundError) or getattr(cause, "status", None) == 404
        if isinstance(cause, Exception) and not is_missing:
            raise _not_had(cause, name) from None
        raise
    except ImportError as error:
        raise InputError(f"what fetches it is not installed ({error})", file=name, expected=_INSTALL) from None
    except Exception as error:
        raise _not_had(error, name) from None


def _of_obs(name: str) -> dict[str, Any]:
    """Return how OBS is asked by its S3 interface."""
    endpoint = os.environ.get(_OBS_ENDPOINT)
    if not endpoint:
        expected = f"{_OBS_ENDPOINT}=https://obs.REGION.myhuaweicloud.com"
        raise InputError("which OBS is meant, nothing says", file=name, expected=expected)
    found: dict[str, Any] = {"client_kwargs": {"endpoint_url": endpoint}}
    key, secret = os.environ.get("OBS_ACCESS_KEY_ID"), os.environ.get("OBS_SECRET_ACCESS_KEY")
    return {**found, "key": key, "secret": secret} if key and secret else found


def _not_had(error: Exception, name: str) -> InputError:
    said = str(error).replace("\n", " ")[:200] or type(error).__name__
    return InputError(f"cannot be fetched ({_without_secrets(said)})", file=name)


def _without_secrets(text: str) -> str:
    return re.sub(r"[a-zA-Z][a-zA-Z0-9+.-]*://\S+", lambda match: shown_address(match[0].rstrip("'\",)")), text)


class _Fetched(io.RawIOBase):
    """What comes from afar; what goes wrong with it is an `InputError`."""

    def __init__(self, content: Any, name: str) -> None:
        self._content, self._name = content, name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            block = self._content.read(len(buffer))
        except Exception as error:
            raise _not_had(error, self._name) from None
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        if not self.closed:
            self._content.close()
        super().close()
