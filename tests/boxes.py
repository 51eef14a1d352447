"""A pack of boxes and shelves, of just the rules that a test wants: for what analysis says of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from imagefit.api.packs import load_unproven_pack
from imagefit.rulepack.pack import Pack
from packfiles import write_pack

__all__ = ["WORDS", "boxes", "header", "rule"]

WORDS = """\
operations:
  store: {title: store a box on a shelf}
  ship: {title: ship a box}
fields:
  box.kind: {type: enum, values: [glass, book, toy], meaning: what is in it, example: book}
  box.weight_kg: {type: integer, unit: kg, meaning: its weight, example: 4}
  box.sealed: {type: boolean, meaning: whether it is closed, example: true}
  box.labels: {type: set, values: [fragile, heavy], meaning: what is glued on it, example: [fragile]}
  box.owner: {type: string, meaning: whose it is, example: ann}
  shelf.kind: {type: enum, values: [floor, wall], meaning: where it is fixed, example: wall}
  shelf.limit_kg: {type: integer, unit: kg, meaning: what it carries, example: 20}
  shelf.owner: {type: string, meaning: whose it is, example: ann}
conditions:
  breaks: {meaning: it breaks, condition: {box.kind: glass}}
remedies:
  repack: {text: pack it again, actor: anyone}
sources:
  manual: {title: A manual, address: "https://example.org", read: "2026-01-01"}
"""
"""The words that the rules may use."""


def rule(name: str, keys: str, examples: str = "[{facts: {}, outcome: unknown}]") -> str:
    """A rule of boxes.yaml; `keys` are its keys but for those that are the same in each, ``; `` between them.

    ``rule("light", "when: {box.kind: toy}; require: {box.weight_kg: {at_most: 5}}")``
    """
    lines = [f"- id: boxes.{name}", *(f"  {key}" for key in keys.split("; "))]
    defaults = {
        "title": f"the title of {name}",
        "operations": "[store]",
        "message": "no",
        "source": "{document: manual}",
        "examples": examples,
    }
    present = {line.strip().partition(":")[0] for line in lines}
    return "\n".join(lines + [f"  {key}: {value}" for key, value in defaults.items() if key not in present]) + "\n"


def header(name: str = "boxes", keys: str = "includes: [words.yaml, boxes.yaml]") -> str:
    """A pack.yaml."""
    return f"name: {name}\nversion: 1.0.0\ntitle: Boxes\n{keys}\n"


def boxes(folder: Path, *rules: str, words: str = WORDS, files: Mapping[str, str] | None = None) -> Pack:
    """Load a pack of these rules, their examples unproven."""
    made = {"pack.yaml": header(), "words.yaml": words, "boxes.yaml": "".join(rules), **(files or {})}
    return load_unproven_pack(write_pack(folder, made))
