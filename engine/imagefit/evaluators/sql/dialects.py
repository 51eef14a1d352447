"""What databases say differently: sets, unknown elements, numbers and sets as text, lists of what holds.

Expressions are trees of sqlglot, never text. Whatever sqlglot itself would translate into something that is
false where strong Kleene logic says unknown (its functions of arrays do) is a function called by name here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from imagefit.errors import UnknownNameError
from imagefit.escaping import line
from imagefit.evaluators.sql.terms import Expression, call, from_scientific, known, text, two_valued, when
from imagefit.facts import Field, FieldType, Scalar

__all__ = ["DIALECTS", "WHITESPACE", "Dialect", "dialect_of"]

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
    """

    name = "duckdb"
    has_null_sets = True
    has_star_except = True
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


class Spark(Dialect):
    """Spark SQL, and so what is built on it."""

    name = "spark"

    def from_hex(self, digits: Expression) -> Expression:
        """Return the text whose UTF-8 these hexadecimal digits are."""
        return call("decode", call("unhex", digits), text("UTF-8"))

    def contains(self, among: Expression, element: Expression) -> Expression:
        """Return whether a known set has a known element."""
        return call("array_contains", among, element)

    def contains_any(self, among: Expression, others: Expression) -> Expression:
        """Return whether two known sets have an element in common."""
        return call("arrays_overlap", among, others)

    def contains_all(self, among: Expression, others: Expression) -> Expression:
        """Return whether a known set has all elements of another."""
        return exp.EQ(this=call("size", call("array_except", others, among)), expression=exp.Literal.number(0))

    def has_element(self, among: Expression, condition: Change) -> Expression:
        """Return whether an element of a set that is not null meets a condition."""
        return call("exists", among, self.function(condition))

    def ordered(self, among: Expression) -> Expression:
        """Return the elements of a known set as a list, in the order of their code points, each once."""
        return call("array_sort", call("array_distinct", among))

    def changed(self, listed: Expression, change: Change) -> Expression:
        """Return a list with something else instead of each element."""
        return call("transform", listed, self.function(change))

    def join(self, listed: Expression, separator: str) -> Expression:
        """Return the texts of a list as one."""
        return call("array_join", listed, text(separator))

    def listed(self, items: Sequence[tuple[Expression, Expression]]) -> Expression:
        """Return the list of the values whose conditions are true, in order."""
        if not items:
            return self.elements([])
        return call("filter", self.elements([when((c.copy(), v.copy())) for c, v in items]), self.function(known))

    def number_text(self, number: Expression) -> Expression:
        """Return a number with ten digits, as ``%.10g`` writes it; from the nine after the first one."""
        return from_scientific(call("format_string", text("%.9e"), number))


class Postgres(Dialect):
    """PostgreSQL, 10 and later."""

    name = "postgres"
    has_star_except = False

    def from_hex(self, digits: Expression) -> Expression:
        """Return the text whose UTF-8 these hexadecimal digits are."""
        return call("convert_from", call("decode", digits, text("hex")), text("UTF8"))

    def is_nan(self, number: Expression) -> Expression:
        """Return whether a number is NaN, which equals itself here."""
        return exp.EQ(this=number, expression=exp.cast(text("NaN"), "DOUBLE"))

    def elements(self, values: Sequence[Expression]) -> Expression:
        """Return a list of texts."""
        return exp.cast(exp.Array(expressions=list(values)), "ARRAY<TEXT>")

    def contains(self, among: Expression, element: Expression) -> Expression:
        """Return whether a known set has a known element."""
        return exp.EQ(this=element, expression=exp.Any(this=exp.Paren(this=among)))

    def contains_any(self, among: Expression, others: Expression) -> Expression:
        """Return whether two known sets have an element in common."""
        return exp.ArrayOverlaps(this=among, expression=others)

    def contains_all(self, among: Expression, others: Expression) -> Expression:
        """Return whether a known set has all elements of another."""
        return exp.ArrayContainsAll(this=among, expression=others)

    def has_element(self, among: Expression, condition: Change) -> Expression:
        """Return whether an element of a set that is not null meets a condition."""
        found = exp.select(exp.Literal.number(1)).from_(_elements_of(among)).where(condition(exp.column(ELEMENT)))
        return exp.Exists(this=found)

    def joined(self, among: Expression, separator: str, change: Change | None = None) -> Expression:
        """Return the elements of a known set as one text, in the order of their code points, each once."""
        element = exp.column(ELEMENT)
        distinct = exp.select(element.copy()).distinct().from_(_elements_of(among)).subquery(ELEMENT + "s")
        by_code_point = exp.Collate(this=element.copy(), expression=exp.to_identifier("C", quoted=True))
        order = [exp.Ordered(this=by_code_point, nulls_first=False)]
        written = element.copy() if change is None else change(element.copy())
        joined = call("string_agg", written, exp.Order(this=text(separator), expressions=order))
        return exp.func("COALESCE", exp.Subquery(this=exp.select(joined).from_(distinct)), text(""))

    def listed(self, items: Sequence[tuple[Expression, Expression]]) -> Expression:
        """Return the list of the values whose conditions are true, in order."""
        if not items:
            return self.elements([])
        return call("array_remove", self.elements([when((c.copy(), v.copy())) for c, v in items]), exp.Null())

    def number_text(self, number: Expression) -> Expression:
        """Return a number with ten digits, as ``%.10g`` writes it; from the nine after the first one."""
        return from_scientific(call("btrim", call("to_char", number, text("9.999999999EEEE"))))


class ClickHouse(Dialect):
    """ClickHouse, where a list can't be null: a column ``<set>:known`` beside it says which are known."""

    name = "clickhouse"
    has_null_sets = False

    def is_nan(self, number: Expression) -> Expression:
        """Return whether a number is NaN."""
        return call("isNaN", number)

    def from_hex(self, digits: Expression) -> Expression:
        """Return the text whose UTF-8 these hexadecimal digits are."""
        return call("unhex", digits)

    def contains(self, among: Expression, element: Expression) -> Expression:
        """Return whether a known set has a known element."""
        return call("has", among, element)

    def contains_any(self, among: Expression, others: Expression) -> Expression:
        """Return whether two known sets have an element in common."""
        return call("hasAny", among, others)

    def contains_all(self, among: Expression, others: Expression) -> Expression:
        """Return whether a known set has all elements of another."""
        return call("hasAll", among, others)

    def has_element(self, among: Expression, condition: Change) -> Expression:
        """Return whether an element of a set meets a condition."""
        return call("arrayExists", self.function(condition), among)

    def ordered(self, among: Expression) -> Expression:
        """Return the elements of a known set as a list, in the order of their code points, each once."""
        return call("arraySort", call("arrayDistinct", among))

    def changed(self, listed: Expression, change: Change) -> Expression:
        """Return a list with something else instead of each element."""
        return call("arrayMap", self.function(change), listed)

    def join(self, listed: Expression, separator: str) -> Expression:
        """Return the texts of a list as one."""
        return call("arrayStringConcat", listed, text(separator))

    def listed(self, items: Sequence[tuple[Expression, Expression]]) -> Expression:
        """Return the list of the values whose conditions are true, in order."""
        if not items:
            return self.elements([])
        second = exp.Lambda(this=exp.column("holds"), expressions=[exp.to_identifier(n) for n in ("value", "holds")])
        holds = [two_valued(condition.copy()) for condition, _ in items]
        values = self.elements([value.copy() for _, value in items])
        return call("arrayFilter", second, values, exp.Array(expressions=holds))


DIALECTS: Mapping[str, Dialect] = {each.name: each for each in (Dialect(), Spark(), Postgres(), ClickHouse())}
"""The dialects by name."""


def dialect_of(name: str) -> Dialect:
    """Return a dialect; raises `UnknownNameError` if there is none of that name."""
    if name not in DIALECTS:
        raise UnknownNameError.of("dialect", name, DIALECTS)
    return DIALECTS[name]


def _elements_of(among: Expression) -> Expression:
    alias = exp.TableAlias(this=exp.to_identifier(ELEMENT))
    return exp.Table(this=call("unnest", among), alias=alias)
