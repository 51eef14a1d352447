"""What a database says in its own way: sets, unknown elements, numbers and sets as text, lists. Here, as DuckDB does.

Expressions are trees of sqlglot, never text. Whatever sqlglot itself would translate into something that is
false where strong Kleene logic says unknown (its functions of arrays do) is a function called by name here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from imagefit.escaping import line
from imagefit.evaluators.sql.terms import Expression, call, text, two_valued
from imagefit.facts import Field, FieldType, Scalar

__all__ = ["ELEMENT", "WHITESPACE", "Change", "Dialect"]

Change = Callable[[Expression], Expression]
"""Makes an expression of an element."""

WHITESPACE = "".join(chr(n) for n in range(0x3001) if chr(n).isspace())
"""What Python's `str.strip` strips."""

_ACTS = re.compile(r"[{][{%#]|[}%#][}]")
"""What Jinja, and so dbt, reads as its own."""

SMALL = 2**31
"""Literals up to here are integers of the same type everywhere."""

ELEMENT = "e"


class Dialect:
    """A database's ways; what is here suits DuckDB, and others override what they do otherwise.

    Attributes
    ----------
    name
        As sqlglot has it.
    has_null_sets
        Whether a column of lists can hold null.
    has_star_except
        Whether a SELECT can take all columns but some; otherwise what is worked out stands in LATERAL subqueries.
    query_bytes
        The longest query that is read without a setting; None: any.
    """

    name = "duckdb"
    has_null_sets = True
    has_star_except = True
    query_bytes: int | None = None
    types: Mapping[FieldType, str] = {
        FieldType.BOOLEAN: "BOOLEAN",
        FieldType.INTEGER: "BIGINT",
        FieldType.NUMBER: "DOUBLE",
        FieldType.STRING_SET: "ARRAY<TEXT>",
    }

    def sql(self, expression: Expression, *, pretty: bool = False) -> str:
        """Return the text of a query."""
        return expression.sql(self.name, pretty=pretty, normalize_functions=False, comments=False)

    def type_of(self, field: Field) -> str:
        """Return the type that a fact's column has to have, in the dialect's own words."""
        kind: str = exp.DataType.build(self.types.get(field.type, "TEXT")).sql(self.name)
        return kind

    def cast(self, value: Expression, field: Field) -> Expression:
        """Return a value as one of a field's type."""
        return exp.cast(value, self.types.get(field.type, "TEXT"))

    def try_cast(self, value: Expression, field: Field) -> Expression:
        """Return a text as a value of a field's type; null if it is none."""
        return exp.TryCast(this=value, to=exp.DataType.build(self.types.get(field.type, "TEXT")), safe=True)

    def matches(self, value: Expression, pattern: str) -> Expression:
        """Return whether a regular expression matches a whole text."""
        return call("regexp_matches", value, self.text(rf"\A(?:{pattern})\z"))

    def split(self, value: Expression, separator: str) -> Expression:
        """Return the parts of a text as a list."""
        return call("string_split", value, text(separator))

    def failure(self, message: Expression) -> Expression:
        """Return a text that is never there: working it out ends the query with a message."""
        return exp.cast(call("error", message), "TEXT")

    def null(self, field: Field) -> Expression:
        """Return an unknown value of a field."""
        return self.cast(exp.Null(), field)

    def literal(self, value: Scalar) -> Expression:
        """Return a literal of an exact type; also the smallest integer, which has no literal of its own."""
        if isinstance(value, bool):
            return exp.true() if value else exp.false()
        if isinstance(value, int):
            return exp.Literal.number(value) if 0 <= value < SMALL else exp.cast(text(str(value)), "BIGINT")
        if isinstance(value, float):
            return exp.cast(text(repr(value)), "DOUBLE")
        return self.text(value)

    def text(self, value: str) -> Expression:
        """Return a literal text, in hexadecimal digits where a sign in it could act on who shows or reads the query."""
        return self.from_hex(text(value.encode().hex())) if _ACTS.search(value) or line(value) != value else text(value)

    def from_hex(self, digits: Expression) -> Expression:
        """Return the text whose UTF-8 these hexadecimal digits are."""
        return call("decode", call("unhex", digits))

    def elements(self, values: Sequence[Expression]) -> Expression:
        """Return a list of texts."""
        array = exp.Array(expressions=list(values))
        return array if values else exp.cast(array, "ARRAY<TEXT>")

    def is_nan(self, number: Expression) -> Expression:
        """Return whether a number is NaN."""
        return call("isnan", number)

    # -- sets ------------------------------------------------------------------------------------------------

    def contains(self, among: Expression, element: Expression) -> Expression:
        """Return whether a known set has a known element."""
        return call("list_contains", among, element)

    def contains_any(self, among: Expression, others: Expression) -> Expression:
        """Return whether two known sets have an element in common."""
        return call("list_has_any", among, others)

    def contains_all(self, among: Expression, others: Expression) -> Expression:
        """Return whether a known set has all elements of another."""
        return call("list_has_all", among, others)

    def has_element(self, among: Expression, condition: Change) -> Expression:
        """Return whether an element of a set that is not null meets a condition."""
        found = call("list_filter", among, self.function(condition))
        return exp.GT(this=call("len", found), expression=exp.Literal.number(0))

    def function(self, condition: Change) -> Expression:
        """Return a function of an element."""
        return exp.Lambda(this=condition(exp.column(ELEMENT)), expressions=[exp.to_identifier(ELEMENT)])

    def joined(self, among: Expression, separator: str, change: Change | None = None) -> Expression:
        """Return the elements of a known set as one text, in the order of their code points, each once.

        Parameters
        ----------
        change
            What is written instead of an element.
        """
        ordered = self.ordered(among)
        return self.join(ordered if change is None else self.changed(ordered, change), separator)

    def ordered(self, among: Expression) -> Expression:
        """Return the elements of a known set as a list, in the order of their code points, each once."""
        return call("list_sort", call("list_distinct", among))

    def changed(self, listed: Expression, change: Change) -> Expression:
        """Return a list with something else instead of each element."""
        return call("list_transform", listed, self.function(change))

    def join(self, listed: Expression, separator: str) -> Expression:
        """Return the texts of a list as one."""
        return call("array_to_string", listed, text(separator))

    # -- results ---------------------------------------------------------------------------------------------

    def listed(self, items: Sequence[tuple[Expression, Expression]]) -> Expression:
        """Return the list of the values whose conditions are true, in order."""
        values = self.elements([value.copy() for _, value in items])
        holds = [two_valued(condition.copy()) for condition, _ in items]
        return call("list_where", values, exp.Array(expressions=holds)) if items else values

    def number_text(self, number: Expression) -> Expression:
        """Return a number with ten digits, as ``%.10g`` writes it."""
        return call("printf", text("%.10g"), number)
