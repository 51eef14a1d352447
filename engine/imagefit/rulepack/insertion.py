"""Put examples into the text of a pack's file: every comment, blank line and spelling of the file stays as it is.

Nothing is written here. Text is inserted at the places that YAML's parser gives for the rule's nodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from imagefit.errors import Position
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome
from imagefit.rulepack.yamltext import example_lines, example_text

__all__ = ["NewExample", "with_examples"]

STEP = 2  # columns by which the items of `examples` stand further in, where there are none yet


@dataclass(frozen=True, slots=True)
class NewExample:
    """An example to insert; `shows` becomes a comment where there is room for one."""

    facts: Facts
    outcome: Outcome
    shows: str = ""


@dataclass(frozen=True, slots=True)
class _Insertion:
    """What stands from `start` to `end` becomes `text`."""

    start: int
    end: int
    text: str


def with_examples(text: str, rules: Iterable[tuple[Position, Sequence[NewExample]]]) -> str:
    """Return the text of a file with further examples.

    Parameters
    ----------
    text
        A file that loads.
    rules
        The place of each rule, as `Rule.position` has it, and the examples to add after its own.

    Raises
    ------
    ValueError
        If there is no rule at a place.
    """
    body = text.removeprefix("\ufeff")
    newline = "\r\n" if "\r\n" in body else "\n"
    root = yaml.compose(body, yaml.SafeLoader)
    insertions = [
        insertion
        for position, examples in rules
        if examples
        for insertion in _insertions(body, _rule_at(root, position), examples)
    ]
    for insertion in sorted(insertions, key=lambda i: i.start, reverse=True):
        body = body[: insertion.start] + insertion.text.replace("\n", newline) + body[insertion.end :]
    return text[: len(text) - len(text.removeprefix("\ufeff"))] + body


def _rule_at(root: Any, position: Position) -> Any:
    """Return the mapping of a rule: it stands at the place, or what does is the id of the rule that it adjusts."""
    for node in _mappings(root):
        if _is_at(node, position):
            return node
        for key, value in node.value:
            if key.value in ("replace", "change") and _is_at(value, position):
                return _value(node, "with") if key.value == "replace" else node
    raise ValueError(f"no rule stands at {position}")


def _is_at(node: Any, position: Position) -> bool:
    return (node.start_mark.line + 1, node.start_mark.column + 1) == (position.line, position.column)


def _mappings(node: Any) -> Iterator[Any]:
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _mappings(item)


def _value(mapping: Any, name: str) -> Any:
    return next((value for key, value in mapping.value if key.value == name), None)


def _insertions(text: str, rule: Any, examples: Sequence[NewExample]) -> Iterator[_Insertion]:
    own = _value(rule, "examples")
    inline = ", ".join(example_text(example.facts, example.outcome) for example in examples)
    if own is not None and own.value and own.flow_style:
        yield _after(_inside(own), f", {inline}")
    elif own is not None and own.value:
        yield _below(text, _end(own), _lines(examples, own.start_mark.column))
    elif rule.flow_style:
        yield _span(own, f"[{inline}]") if own is not None else _after(_inside(rule), f", examples: [{inline}]")
    else:
        column = rule.start_mark.column
        lines = _lines(examples, column + STEP)
        if own is None:
            yield _below(text, _end(rule), [" " * column + "examples:", *lines])
        else:
            start = own.start_mark.index
            spaces = len(text[:start]) - len(text[:start].rstrip(" "))
            yield _Insertion(start - spaces, own.end_mark.index, "")
            yield _below(text, own.end_mark.index, lines)


def _lines(examples: Sequence[NewExample], indent: int) -> list[str]:
    return [line for e in examples for line in example_lines(e.facts, e.outcome, e.shows, indent)]


def _span(node: Any, text: str) -> _Insertion:
    return _Insertion(node.start_mark.index, node.end_mark.index, text)


def _after(index: int, text: str) -> _Insertion:
    return _Insertion(index, index, text)


def _below(text: str, index: int, lines: Sequence[str]) -> _Insertion:
    """Return lines that follow the line in which `index` is the end of something: comments behind it stay there."""
    if index and text[index - 1] == "\n":  # a block of text ends with its last line
        return _after(index, "".join(f"{line}\n" for line in lines))
    found = re.compile(r"[^\r\n]*").match(text, index)
    assert found is not None  # it matches nothing, too
    return _after(found.end(), "".join(f"\n{line}" for line in lines))


def _end(node: Any) -> int:
    """Return where the last thing in a node ends; for the parser, a block ends only where the next one begins."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        end: int = node.end_mark.index
        return end
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _inside(node: Any) -> int:
    """Return where the last thing inside a flow collection ends: before its bracket."""
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)
