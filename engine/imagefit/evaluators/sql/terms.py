"""Pieces of expressions that are the same in every dialect. They are trees of sqlglot, never text."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

__all__ = [
    "Expression",
    "any_of",
    "call",
    "every_of",
    "from_scientific",
    "known",
    "name_of",
    "text",
    "two_valued",
    "when",
]

Expression = exp.Expr


def call(name: str, *arguments: Expression) -> Expression:
    """Return a call of a function that sqlglot is to leave as it is."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def text(value: str) -> Expression:
    """Return a literal text."""
    return exp.Literal.string(value)


def name_of(name: str) -> Expression:
    """Return a column by its name, whatever signs the name has."""
    return exp.column(exp.to_identifier(name, quoted=True))


def known(value: Expression) -> Expression:
    """Return whether a value is not null."""
    return exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))


def every_of(parts: Sequence[Expression]) -> Expression:
    """Return what is true where all parts are; SQL's own AND is Kleene's."""
    return exp.and_(*map(_own, parts), copy=False) if parts else exp.true()


def any_of(parts: Sequence[Expression]) -> Expression:
    """Return what is true where a part is; SQL's own OR is Kleene's."""
    return exp.or_(*map(_own, parts), copy=False) if parts else exp.false()


def _own(part: Expression) -> Expression:
    """Return a part, or its copy if it stands in a tree already: most are new, and copies are most of the work."""
    return part if part.parent is None else part.copy()


def when(*cases: tuple[Expression, Expression], otherwise: Expression | None = None) -> Expression:
    """Return a CASE: the first result whose condition is true."""
    ifs = [exp.If(this=condition, true=result) for condition, result in cases]
    return exp.Case(ifs=ifs, default=otherwise)


def two_valued(condition: Expression) -> Expression:
    """Return whether a condition is true: false also where it is unknown."""
    return condition if isinstance(condition, exp.Is) else exp.func("COALESCE", condition, exp.false())


def from_scientific(written: Expression) -> Expression:
    """Return ``%.10g`` of a number from its ``%.9e``: in plain digits where the exponent is from -4 to 9."""
    mantissa, exponent = (call("split_part", written, text("e"), exp.Literal.number(part)) for part in (1, 2))
    digits = exp.cast(exp.cast(written.copy(), "DECIMAL(38, 14)"), "TEXT")
    size = exp.Between(this=exp.cast(exponent, "INT"), low=exp.Literal.number(-4), high=exp.Literal.number(9))
    scientific = exp.DPipe(this=_trimmed(mantissa), expression=exp.DPipe(this=text("e"), expression=exponent.copy()))
    return when((size, _trimmed(digits)), otherwise=scientific)


def _trimmed(digits: Expression) -> Expression:
    """Return digits with a point without the zeros at their end."""
    without = exp.Trim(this=digits, expression=text("0"), position="TRAILING")
    return exp.Trim(this=without, expression=text("."), position="TRAILING")
