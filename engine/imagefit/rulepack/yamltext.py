"""Write a fact's value as YAML that `yamlfile` reads back as the same value."""

from __future__ import annotations

import json
import re

from imagefit.facts import Value

__all__ = ["yaml_value"]

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NOT_TEXT = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def yaml_value(value: Value) -> str:
    """Return a fact's value as YAML that is read back as the same value.

    >>> yaml_value("uefi"), yaml_value("007"), yaml_value(1024.0), yaml_value(frozenset(["kvm"]))
    ('uefi', '"007"', '1024', '[kvm]')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, frozenset):
        return f"[{', '.join(map(yaml_value, sorted(value)))}]"
    if _PLAIN.fullmatch(value) and value.lower() not in _NOT_TEXT:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)
