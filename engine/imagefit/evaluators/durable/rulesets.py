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
from imagefit.evaluators.durable.conditions import Conditions
from imagefit.evaluators.durable.expressions import (
    MAX_FAN,
    MAX_GROUPS,
    MAX_MATCHES,
    MAX_WIDTH,
    Definition,
    Expression,
    alternatives,
)
from imagefit.evaluators.durable.facts import MARKER, Layout
from imagefit.facts import Field
from imagefit.rulepack.pack import Rule, Severity

__all__ = ["APPLIES", "COULD_BE_VIOLATED", "VIOLATED", "Ruleset", "compile_rules", "split_name"]

APPLIES, VIOLATED, COULD_BE_VIOLATED = "applies", "violated", "could_be_violated"

MAX_PROPERTIES = 200
"""The engine takes 255 properties in a fact."""
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
class _Statement:
    """One of the engine's rules: a statement about a rule, or a part of one."""

    rule: Rule
    name: str
    expression: Expression
    properties: frozenset[str]


def compile_rules(rules: Sequence[Rule], fields: Mapping[str, Field], name: str) -> list[Ruleset]:
    """Return the rulesets for these rules: `name`, and where one can't hold them all, ``name/2``, ...

    Raises
    ------
    EvaluatorError
        If a rule is beyond what the engine can hold.
    """
    conditions = Conditions(fields, [rule.violation for rule in rules])
    found: list[Ruleset] = []
    for part in _dealt_out(statement for rule in rules for statement in _statements(rule, conditions)):
        definition = {statement.name: _definition(statement) for statement in part}
        ours = tuple({statement.rule.id: statement.rule for statement in part}.values())
        layout = conditions.layout([rule.violation for rule in ours])
        number = f"/{len(found) + 1}" if found else ""
        found.append(Ruleset(name + number, definition, layout, ours))
    return found


def split_name(name: str) -> tuple[str, str]:
    """Return the rule's id and the statement that the name of one of the engine's rules stands for."""
    rule_id, statement, *_ = name.split("/")
    return rule_id, statement


def _statements(rule: Rule, conditions: Conditions) -> Iterator[_Statement]:
    expressions = {
        APPLIES: conditions.could_be_true(rule.when),
        VIOLATED: conditions.is_true(rule.violation),
        COULD_BE_VIOLATED: conditions.could_be_true(rule.violation),
    }
    if rule.severity is Severity.NOTICE:
        del expressions[VIOLATED]  # it never is
    properties = frozenset(conditions.layout([rule.violation]).properties)
    for statement, expression in expressions.items():
        parts = alternatives(expression)
        if parts is None:
            raise _too_large(rule)
        for number, part in enumerate((part for part in parts if not part.is_never), 1):
            name = f"{rule.id}/{statement}" if number == 1 else f"{rule.id}/{statement}/{number}"
            yield _Statement(rule, name, part, properties)


def _definition(statement: _Statement) -> Definition:
    """Return an engine's rule.

    It is one pattern, matched by the candidate's fact; or, where a pattern can't hold all groups, several
    that this one fact matches together, for which the engine has to be told that they need not be
    distinct. Each begins with the marker, so that a fact that the engine made does not match.
    """
    patterns: list[list[Expression]] = [[]]
    for part in statement.expression.chain:
        if sum(other.groups for other in patterns[-1]) + part.groups > MAX_GROUPS:
            patterns.append([])
        patterns[-1].append(part)
    if len(patterns) > MAX_PATTERNS:
        raise _too_large(statement.rule)
    tests: list[list[Definition]] = [[{MARKER: True}, *(part.definition for part in parts)] for parts in patterns]
    written = [test[0] if len(test) == 1 else {"$and": test} for test in tests]
    if len(written) == 1:
        return {"all": [{"m": written[0]}], "run": statement.name}
    return {"all": [{f"m_{n}": pattern} for n, pattern in enumerate(written)], "dist": 0, "run": statement.name}


def _dealt_out(statements: Iterable[_Statement]) -> Iterator[list[_Statement]]:
    together: list[_Statement] = []
    for statement in statements:
        if together and not _fits([*together, statement]):
            yield together
            together = []
        if not _fits([statement]):
            raise _too_large(statement.rule)
        together.append(statement)
    if together:
        yield together


def _fits(statements: Sequence[_Statement]) -> bool:
    properties: set[str] = set().union(*(statement.properties for statement in statements))
    return (
        sum(statement.expression.width for statement in statements) <= MAX_WIDTH
        and sum(statement.expression.fan for statement in statements) <= MAX_FAN
        and sum(statement.expression.matches for statement in statements) <= MAX_MATCHES
        and len(properties) <= MAX_PROPERTIES
    )


def _too_large(rule: Rule) -> EvaluatorError:
    return EvaluatorError(f"the durable evaluator can't hold {rule.id}: it is too large for durable_rules")
