"""Put examples and waivers into the text of a file: every comment, blank line and spelling of it stays as it is.

Nothing is written here. Text is inserted at the places that YAML's parser gives for the nodes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from imagefit.errors import Position
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome
from imagefit.rulepack.yamltext import example_lines, example_text

__all__ = ["NewExample", "with_examples", "with_items"]

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
    root = yaml.compose(body, yaml.SafeLoader)
    insertions = [
        insertion
        for position, examples in rules
        if examples
        for insertion in _insertions(body, _rule_at(root, position), examples)
    ]
    return text[: len(text) - len(body)] + _inserted(body, insertions)


def with_items(text: str, key: str, items: Sequence[Sequence[str]]) -> str:
    """Return the text of a file with further items in the list that stands at a key of it; with the key, if need be.

    Parameters
    ----------
    text
        A file that holds a mapping, or nothing but comments.
    items
        Each a mapping, as ``name: value`` a line.
    """
    body = text.removeprefix("\ufeff")
    root = yaml.compose(body, yaml.SafeLoader)

    def lines(column: int) -> list[str]:
        starts = [["- ", *["  "] * (len(item) - 1)] for item in items]
        pairs = [pair for item, own in zip(items, starts, strict=True) for pair in zip(own, item, strict=True)]
        return [" " * column + start + line for start, line in pairs]

    if root is None:
        end = "" if not body or body.endswith("\n") else "\n"
        return text + end + "\n".join([f"{key}:", *lines(STEP)]) + "\n"
    inline = ", ".join("{" + ", ".join(item) + "}" for item in items)
    return text[: len(text) - len(body)] + _inserted(body, _into_list(body, root, key, inline, lines))


def _inserted(body: str, insertions: Iterable[_Insertion]) -> str:
    newline = "\r\n" if "\r\n" in body else "\n"
    for insertion in sorted(insertions, key=lambda i: i.start, reverse=True):
        body = body[: insertion.start] + insertion.text.replace("\n", newline) + body[insertion.end :]
    return body


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
    inline = ", ".join(example_text(example.facts, example.outcome) for example in examples)
    return _into_list(text, rule, "examples", inline, lambda column: _lines(examples, column))


def _into_list(
    text: str, mapping: Any, key: str, inline: str, lines: Callable[[int], Sequence[str]]
) -> Iterator[_Insertion]:
    """Yield what adds items to the list at a key: `inline` where it is in brackets, else `lines` from a column on."""
    own = _value(mapping, key)
    if own is not None and own.value and own.flow_style:
        yield _after(_inside(own), f", {inline}")
    elif own is not None and own.value:
        yield _below(text, _end(own), lines(own.start_mark.column))
    elif mapping.flow_style:
        yield _span(own, f"[{inline}]") if own is not None else _after(_inside(mapping), f", {key}: [{inline}]")
    else:
        column = mapping.start_mark.column
        below = lines(column + STEP)
        if own is None:
            yield _below(text, _end(mapping), [" " * column + f"{key}:", *below])
        else:
            start = own.start_mark.index
            spaces = len(text[:start]) - len(text[:start].rstrip(" "))
            yield _Insertion(start - spaces, own.end_mark.index, "")
            yield _below(text, own.end_mark.index, below)


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
