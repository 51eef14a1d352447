"""``imagefit config schema``: the JSON Schema of the project file, for editors."""

from __future__ import annotations

from typing import Any

import click

from imagefit.cli.helping import command
from imagefit.cli.project_settings import SETTINGS, Setting

__all__ = ["print_config_schema", "project_schema"]

_TEXTS: dict[str, Any] = {
    "oneOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
}
_FACT: dict[str, Any] = {
    "oneOf": [
        {"type": ["string", "integer", "boolean"]},
        {"type": "array", "items": {"type": "string"}},
        {"type": "object", "additionalProperties": True},
    ]
}
_KINDS: dict[str, dict[str, Any]] = {
    "text": {"type": "string", "minLength": 1},
    "place": {"type": "string", "minLength": 1},
    "path": {"type": "string", "minLength": 1},
    "texts": _TEXTS,
    "facts": {"type": "object", "additionalProperties": _FACT},
    "names": {"type": "object", "additionalProperties": {"type": ["string", "object"]}},
    "values": {"type": "object", "additionalProperties": {"type": "object"}},
    "paths": {"type": "object", "additionalProperties": _TEXTS},
}


@command("schema")
def print_config_schema() -> None:
    """Print the JSON Schema of imagefit.toml."""
    from imagefit.reports.jsontext import json_text

    click.echo(json_text(project_schema()))


def project_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of what `cli.project_settings` reads."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "imagefit.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {key: _property(setting) for key, setting in SETTINGS.items()},
    }


def _property(setting: Setting) -> dict[str, Any]:
    values = {"enum": list(setting.values)} if setting.values else {}
    return {"description": setting.meaning, **_KINDS[setting.kind], **values}
