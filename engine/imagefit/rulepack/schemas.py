"""JSON Schemas of the kinds of pack files, made from the models, so that editors complete and check rules.

A schema knows the shape of a file, not the words of the pack: whether a fact or a remedy exists, only
loading the pack can say. So whatever loads fits its schema, and not the other way round.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from imagefit.rulepack import models
from imagefit.rulepack.modelparts import MODEL, ConditionModel
from imagefit.rulepack.remedymodels import EffectModel

__all__ = ["SCHEMAS", "schema", "schema_text"]

SCHEMAS = {
    "pack": "pack.yaml: name, version and files of a pack; of an overlay, what it extends and adjusts",
    "words": "a file that defines words: vocabulary.yaml, remedies.yaml, sources.yaml, or any part of them",
    "rules": "a file of rules",
}
"""The kinds of files, and what they are."""

_MODELS: dict[str, type[BaseModel]] = {"pack": models.PackModel, "words": models.WordsModel, "rules": models.RuleModel}

# Models that others name in a schema of their own, because `parsing` and `overlay` read them.
_REFERRED: tuple[type[BaseModel], ...] = (
    ConditionModel,
    EffectModel,
    models.AddModel,
    models.ReplaceModel,
    models.DropModel,
    models.ChangeModel,
)


def schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema (draft 7, which every editor understands) of one of `SCHEMAS`."""
    every: list[tuple[type[BaseModel], Literal["validation"]]] = [
        (model, "validation") for model in (*_MODELS.values(), *_REFERRED)
    ]
    names, made = models_json_schema(every, ref_template="#/$defs/{model}")
    definitions = {name: _tidied(definition) for name, definition in made["$defs"].items()}
    root = dict(names[_MODELS[kind], "validation"])
    body: dict[str, Any] = {"type": "array", "items": root} if kind == "rules" else root
    used = _reachable(body, definitions)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": f"imagefit: {kind}",
        "description": SCHEMAS[kind],
        **(body if kind == "rules" else {"allOf": [body]}),
        "$defs": {name: definitions[name] for name in sorted(used)},
    }


def schema_text(kind: str) -> str:
    """Return the schema as it is kept in ``schemas/``."""
    return json.dumps(schema(kind), indent=2, ensure_ascii=False) + "\n"


def _tidied(node: Any) -> Any:
    """Take out what would mislead an author or an editor; nothing else that the schema says changes."""
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = dict(node)
    if "default" in node and node["default"] is None:  # optional in Python, but no file has a null there
        del node["default"]
        node["anyOf"] = [choice for choice in node["anyOf"] if choice != {"type": "null"}]
    if len(node.get("anyOf", ())) == 1:
        node |= node.pop("anyOf")[0]
    if isinstance(node.get("title"), str):  # made from the attribute's name
        del node["title"]
    if "patternProperties" in node:
        node.setdefault("additionalProperties", False)
    if MODEL in node:
        node["$ref"] = f"#/$defs/{node.pop(MODEL)}"
    if "$ref" in node and len(node) > 1:  # draft 7 ignores what stands beside a reference
        node["allOf"] = [{"$ref": node.pop("$ref")}]
    return {key: _tidied(value) for key, value in node.items()}


def _reachable(node: Any, definitions: dict[str, Any]) -> set[str]:
    """Return the names of the definitions that a schema needs."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, dict):
            name = str(current.get("$ref", "")).removeprefix("#/$defs/")
            if name in definitions and name not in found:
                found.add(name)
                waiting.append(definitions[name])
            waiting.extend(current.values())
        elif isinstance(current, list):
            waiting.extend(current)
    return found
