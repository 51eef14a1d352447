"""Conditions as expressions: SQL's AND, OR and NOT are Kleene's, and each comparison is unknown where an operand is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from imagefit.conditions import FALSE, TRUE, AllOf, Condition, Leaf, Relation
from imagefit.errors import EvaluatorError
from imagefit.evaluators.sql.dialect import Dialect
from imagefit.evaluators.sql.terms import Expression, any_of, every_of, known, when
from imagefit.facts import Field, FieldType, Value

__all__ = ["Fact", "Translation"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact where a condition sees it: null where it is unknown.

    Attributes
    ----------
    is_known
        Whether it is known. Of a set that is all that says so: its value may be a list all the same.
    """

    field: Field
    value: Expression
    is_known: Expression

    @classmethod
    def of(cls, field: Field, value: Expression) -> Fact:
        """Return a fact that is known where its value is not null."""
        return cls(field, value, known(value))

    @property
    def is_unknown(self) -> Expression:
        """Whether it is not known."""
        known = self.is_known
        return known.this.copy() if isinstance(known, exp.Not) else exp.not_(known.copy(), copy=False)


class Translation:
    """Translates the conditions of a pack into a dialect's expressions.

    Parameters
    ----------
    facts
        Returns a fact by its name.
    """

    def __init__(self, dialect: Dialect, facts: Callable[[str], Fact]) -> None:
        self.dialect, self._fact = dialect, facts

    def condition(self, condition: Condition) -> Expression:
        """Return a condition."""
        if isinstance(condition, Leaf):
            return self.leaf(condition)
        neutral = TRUE if isinstance(condition, AllOf) else FALSE
        parts = [exp.paren(self.condition(part), copy=False) for part in condition.parts if part != neutral]
        return every_of(parts) if isinstance(condition, AllOf) else any_of(parts)

    def leaf(self, leaf: Leaf) -> Expression:
        """Return a comparison.

        Raises
        ------
        EvaluatorError
            If the dialect can't say it exactly.
        """
        fact = self._fact(leaf.fact)
        other = None if leaf.other is None else self._fact(leaf.other)
        if other is not None and _is_mixed(fact.field, other.field):
            kinds = f"{fact.field.type.with_article} with {other.field.type.with_article}"
            raise EvaluatorError(f"SQL can't compare {replace(leaf, negated=False)} exactly: {kinds}")
        compared: Expression
        if fact.field.type is FieldType.STRING_SET:
            compared = self._set_leaf(leaf, fact, other)
        elif other is not None:
            compared = _COMPARE[leaf.relation](this=fact.value.copy(), expression=other.value.copy())
        else:
            compared = self._literal_leaf(leaf, fact)
        return exp.not_(compared, copy=False) if leaf.negated else compared

    def _literal_leaf(self, leaf: Leaf, fact: Fact) -> Expression:
        value = fact.value.copy()
        if fact.field.type is FieldType.BOOLEAN:
            return any_of([value if literal else exp.not_(value) for literal in sorted(leaf.literals)])
        literals = [self.constant(literal, fact.field) for literal in sorted(leaf.literals, key=_order)]
        if leaf.relation in _COMPARE and len(literals) == 1:
            return _COMPARE[leaf.relation](this=value, expression=literals[0])
        return exp.In(this=value, expressions=literals)

    def _set_leaf(self, leaf: Leaf, fact: Fact, other: Fact | None) -> Expression:
        among, guards = fact.value.copy(), [fact.is_known]
        if other is not None:
            operand = other.value.copy()
            guards.append(other.is_known)
        elif leaf.relation is Relation.CONTAINS:
            operand = self.dialect.literal(str(leaf.operand))
        else:
            operand = self.constant(frozenset(map(str, leaf.literals)), fact.field)
        compare = {
            Relation.CONTAINS: self.dialect.contains,
            Relation.CONTAINS_ANY: self.dialect.contains_any,
            Relation.CONTAINS_ALL: self.dialect.contains_all,
        }[leaf.relation]
        return when((every_of(guards), compare(among, operand)), otherwise=exp.cast(exp.Null(), "BOOLEAN"))

    def constant(self, value: Value, field: Field) -> Expression:
        """Return a known value of a field as a literal."""
        if isinstance(value, frozenset):
            return self.dialect.elements([self.dialect.literal(element) for element in sorted(value)])
        if field.type is FieldType.NUMBER:
            value = float(value)
        return self.dialect.literal(value)


_COMPARE: Mapping[Relation, type[exp.Binary]] = {
    Relation.EQUALS: exp.EQ,
    Relation.AT_LEAST: exp.GTE,
    Relation.ABOVE: exp.GT,
}


def _is_mixed(one: Field, other: Field) -> bool:
    """Whether two fields are an integer and a number: no two databases compare these alike."""
    return {one.type, other.type} == {FieldType.INTEGER, FieldType.NUMBER}


def _order(literal: object) -> tuple[str, object]:
    return str(type(literal)), literal
