"""A rule's truth table over what it can tell apart, with rows that say the same drawn together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from imagefit.conditions import leaves
from imagefit.evaluators.cells import literals_of, representatives, scalar_values
from imagefit.evaluators.reference import outcome
from imagefit.facts import Facts, Field, FieldType, Value, show_value
from imagefit.rulepack.pack import Outcome, Pack, Rule

__all__ = ["TruthTable", "truth_table"]

MAX_COMBINATIONS = 20_000
ANY = "-"

Tree = Outcome | tuple["Tree", ...]
"""What follows for each choice of the next fact's value; or the outcome, where no fact is left."""


@dataclass(frozen=True, slots=True)
class TruthTable:
    """Rows of one cell a fact, each with the outcome; `combinations` were evaluated.

    A cell names the values that lead to the row's outcome; ``-`` is any value, unknown included. There
    are no rows where there were too many combinations to evaluate.
    """

    facts: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], Outcome], ...]
    combinations: int


def truth_table(rule: Rule, pack: Pack) -> TruthTable:
    """Evaluate the rule on every combination of the values that it can tell apart, unknown included."""
    choices = _choices(rule, pack)
    combinations = math.prod(map(len, choices.values()))
    if combinations > MAX_COMBINATIONS:
        return TruthTable(tuple(choices), (), combinations)
    names = tuple(choices)
    tree = _tree(rule, names, choices, {})
    constants = {name: _constants(rule, name) for name in names}
    rows = tuple(_rows(tree, names, choices, pack.fields, constants))
    return TruthTable(names, rows, combinations)


def _choices(rule: Rule, pack: Pack) -> dict[str, tuple[Value | None, ...]]:
    """Return each fact's values, unknown last.

    Of an enum these are all values, and of a number its constants and what lies between them, also where the
    rule does not tell them apart, so that rows can name them; of anything else, representatives.
    """
    found = dict(representatives([*leaves(rule.when), *leaves(rule.require)], pack.fields))
    for name in found:
        field = pack.fields[name]
        if field.type is FieldType.ENUM:
            found[name] = field.values
        elif field.type.is_ordered and (constants := _constants(rule, name)):
            found[name] = tuple(scalar_values(field, constants))
    return {name: (*values, None) for name, values in found.items()}


def _tree(rule: Rule, names: Sequence[str], choices: Mapping[str, Sequence[Value | None]], facts: Facts) -> Tree:
    if not names:
        return outcome(rule, facts)
    name, rest = names[0], names[1:]
    return tuple(
        _tree(rule, rest, choices, facts if value is None else {**facts, name: value}) for value in choices[name]
    )


def _rows(
    tree: Tree,
    names: Sequence[str],
    choices: Mapping[str, Sequence[Value | None]],
    fields: Mapping[str, Field],
    constants: Mapping[str, frozenset[float]],
) -> Iterator[tuple[tuple[str, ...], Outcome]]:
    """Yield the rows below a node; values of a fact after which everything is the same share a row."""
    if isinstance(tree, Outcome):
        yield (), tree
        return
    name = names[0]
    groups: dict[Tree, list[Value | None]] = {}
    for value, branch in zip(choices[name], tree, strict=True):
        groups.setdefault(branch, []).append(value)
    for branch, values in groups.items():
        label = ANY if len(groups) == 1 else _label(values, choices[name], fields[name], constants[name])
        for cells, result in _rows(branch, names[1:], choices, fields, constants):
            yield (label, *cells), result


def _label(
    values: Sequence[Value | None], among: Sequence[Value | None], of: Field, constants: frozenset[float]
) -> str:
    known = [value for value in values if value is not None]
    everything = [value for value in among if value is not None]
    if of.type.is_ordered and constants:
        parts = _ranges(known, everything, constants)
    elif of.type is FieldType.STRING_SET:
        parts = ["{" + (show_value(value) if value else "") + "}" for value in known]
    elif len(known) == len(everything) > 1:
        parts = ["any known"]
    elif len(known) > 4 and len(known) > len(everything) / 2:
        parts = ["all but " + ", ".join(show_value(value) for value in everything if value not in known)]
    else:
        parts = [show_value(value) for value in known]
    return ", ".join([*parts, *(["unknown"] if None in values else [])])


def _ranges(known: Sequence[Value], everything: Sequence[Value], constants: frozenset[float]) -> list[str]:
    """Name the runs of neighbouring numbers by the constants that bound them."""
    if len(known) == len(everything):
        return ["any known"]
    runs: list[list[Value]] = []
    for before, value in zip([None, *everything], everything, strict=False):
        if value in known:
            if runs and before in known:
                runs[-1].append(value)
            else:
                runs.append([value])
    return [_range(run[0], run[-1], everything, constants) for run in runs]


def _range(first: Value, last: Value, everything: Sequence[Value], constants: frozenset[float]) -> str:
    assert isinstance(first, int | float) and isinstance(last, int | float)
    if first == last and first in constants:
        return show_value(first)
    parts = []
    if first != everything[0]:
        inside = first in constants
        parts.append(f">= {show_value(first)}" if inside else f"> {show_value(max(c for c in constants if c < first))}")
    if last != everything[-1]:
        inside = last in constants
        parts.append(f"<= {show_value(last)}" if inside else f"< {show_value(min(c for c in constants if c > last))}")
    return " and ".join(parts)


def _constants(rule: Rule, name: str) -> frozenset[float]:
    """Return the numbers that a fact is compared with; none where it is compared with another fact."""
    own = [leaf for leaf in (*leaves(rule.when), *leaves(rule.require)) if name in leaf.facts]
    if any(leaf.other is not None for leaf in own):
        return frozenset()
    literals = literals_of(own)
    return frozenset(n for n in literals if isinstance(n, int | float) and not isinstance(n, bool))
