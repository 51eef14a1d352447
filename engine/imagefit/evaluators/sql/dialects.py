"""The dialects that rules can be said in, each by what it says otherwise than DuckDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from imagefit.errors import UnknownNameError
from imagefit.evaluators.sql.dialect import ELEMENT, Change, Dialect
from imagefit.evaluators.sql.terms import Expression, call, from_scientific, text, two_valued, when

__all__ = ["DIALECTS", "dialect_of"]


class Spark(Dialect):
    """Spark SQL, and so what is built on it."""

    name = "spark"

    def from_hex(self, digits: Expression) -> Expression:
        """Return the text whose UTF-8 these hexadecimal digits are."""
        return call("decode", call("unhex", digits), text("UTF-8"))

    def matches(self, value: Expression, pattern: str) -> Expression:
        """Return whether a regular expression matches a whole text."""
        return call("regexp", value, self.text(rf"\A(?:{pattern})\z"))

    def split(self, value: Expression, separator: str) -> Expression:
        """Return the parts of a text as a list."""
        return call("split", value, text(separator))

    def failure(self, message: Expression) -> Expression:
        """Return a text that is never there: working it out ends the query with a message."""
        return call("raise_error", message)

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
        empty = self.elements([])  # not `filter` with a function, which Sail 0.7 has no types for
        parts = [when((c.copy(), self.elements([v.copy()])), otherwise=empty.copy()) for c, v in items]
        return call("concat", *parts)

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

    def matches(self, value: Expression, pattern: str) -> Expression:
        """Return whether a regular expression matches a whole text; a dot is any sign here, and no part says so."""
        whole = self.text(rf"\A(?:{pattern.replace('(?s:.*)', '.*')})\Z")
        return exp.RegexpLike(this=value, expression=whole)

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
    query_bytes = 262_144

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
