"""Rules as rulesets of durable_rules: generated from the condition tree, nothing written by hand per rule.

Each rule becomes up to three rules of the engine, each of which fires where a statement about the
candidate holds: ``<id>/applies`` (the rule's `when` is not false), ``<id>/violated`` (its violation is
true) and ``<id>/could_be_violated`` (its violation is not false). `durable` says why these three are the
semantics. This module needs no durable_rules; it knows what the engine's C code limits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from imagefit.errors import EvaluatorError
from imagefit.evaluators.durable_conditions import Conditions
from imagefit.evaluators.durable_expressions import Definition, Expression, alternatives
from imagefit.evaluators.durable_facts import MARKER, Layout
from imagefit.facts import Field
from imagefit.rulepack.pack import Rule

__all__ = ["APPLIES", "COULD_BE_VIOLATED", "VIOLATED", "Ruleset", "compile_rules", "split_name"]

APPLIES, VIOLATED, COULD_BE_VIOLATED = "applies", "violated", "could_be_violated"

MAX_WIDTH = 60
"""The engine's matcher has room for 64 waiting nodes; one more is an error, on some candidates only."""
MAX_NODES = 400
"""The engine gives a node room for 512 next ones, and never ends its search where all are taken."""
MAX_PROPERTIES = 200
"""The engine takes 255 properties in a fact."""
MAX_GROUPS = 15
"""The engine takes 31 entries in a pattern, and a group is two of them."""
MAX_PATTERNS = 16
"""The engine joins so many patterns in a rule."""


@dataclass(frozen=True, slots=True)
class Ruleset:
    """One ruleset of the engine, the layout of the facts that it looks at, and the rules that it states."""

    name: str
    definition: Definition
    layout: Layout
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class _Statements:
    """What the engine is told of one rule."""

    rule: Rule
    definition: Definition
    width: int
    nodes: int


def compile_rules(rules: Sequence[Rule], fields: Mapping[str, Field], name: str) -> list[Ruleset]:
    """Return the rulesets for these rules: `name`, and where one can't hold them all, ``name-2``, ...

    Raises
    ------
    EvaluatorError
        If a rule is beyond what the engine can hold.
    """
    conditions = Conditions(fields, [rule.violation for rule in rules])
    found: list[Ruleset] = []
    for part in _dealt_out(_statements(rule, conditions) for rule in rules):
        definition = {name: rule for statements in part for name, rule in statements.definition.items()}
        layout = conditions.layout([statements.rule.violation for statements in part])
        number = f"-{len(found) + 1}" if found else ""
        found.append(Ruleset(name + number, definition, layout, tuple(statements.rule for statements in part)))
    return found


def split_name(name: str) -> tuple[str, str]:
    """Return the rule's id and the statement that the name of one of the engine's rules stands for."""
    rule_id, statement, *_ = name.split("/")
    return rule_id, statement


def _statements(rule: Rule, conditions: Conditions) -> _Statements:
    expressions = {
        APPLIES: conditions.could_be_true(rule.when),
        VIOLATED: conditions.is_true(rule.violation),
        COULD_BE_VIOLATED: conditions.could_be_true(rule.violation),
    }
    definition: dict[str, Definition] = {}
    width = nodes = 0
    for statement, expression in expressions.items():
        parts = alternatives(expression, MAX_WIDTH // len(expressions))
        if parts is None:
            raise _too_large(rule)
        for number, part in enumerate((part for part in parts if not part.is_never), 1):
            name = f"{rule.id}/{statement}" if number == 1 else f"{rule.id}/{statement}/{number}"
            definition[name] = {**_patterns(rule, part), "run": name}
            width += part.width
            nodes += part.nodes
    return _Statements(rule, definition, width, nodes)


def _patterns(rule: Rule, expression: Expression) -> Definition:
    """Return the part of an engine's rule that says when it fires.

    It is one pattern, matched by the candidate's fact; or, where a pattern can't hold all groups, several
    that this one fact matches together, for which the engine has to be told that they need not be
    distinct. Each begins with the marker, so that a fact that the engine made does not match.
    """
    parts = expression.parts if expression.kind == "$and" else (expression,)
    patterns: list[list[Expression]] = [[]]
    for part in parts:
        if 1 + part.groups > MAX_GROUPS:
            raise _too_large(rule)
        if 1 + part.groups + sum(other.groups for other in patterns[-1]) > MAX_GROUPS:
            patterns.append([])
        patterns[-1].append(part)
    if len(patterns) > MAX_PATTERNS:
        raise _too_large(rule)
    tests = [[{MARKER: True}, *(part.definition for part in pattern)] for pattern in patterns]
    written = [test[0] if len(test) == 1 else {"$and": test} for test in tests]
    if len(written) == 1:
        return {"all": [{"m": written[0]}]}
    return {"all": [{f"m_{number}": pattern} for number, pattern in enumerate(written)], "dist": 0}


def _dealt_out(statements: Iterable[_Statements]) -> Iterator[list[_Statements]]:
    together: list[_Statements] = []
    for one in statements:
        tried = [*together, one]
        if together and not _fits(tried):
            yield together
            tried = [one]
        if not _fits(tried):
            raise _too_large(one.rule)
        together = tried
    if together:
        yield together


def _fits(statements: Sequence[_Statements]) -> bool:
    properties = {name for one in statements for name in one.rule.facts}
    return (
        sum(one.width for one in statements) <= MAX_WIDTH
        and sum(one.nodes for one in statements) <= MAX_NODES
        and 2 * len(properties) <= MAX_PROPERTIES
    )


def _too_large(rule: Rule) -> EvaluatorError:
    return EvaluatorError(f"the durable evaluator can't hold {rule.id}: it is too large for durable_rules")
