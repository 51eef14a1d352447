"""Columns of any type read as facts, as `facts.read_value` reads values, by the database itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from sqlglot import exp

from imagefit.errors import InputError
from imagefit.evaluators.sql.conditions import Fact
from imagefit.evaluators.sql.dialect import WHITESPACE, Dialect
from imagefit.evaluators.sql.terms import Expression, any_of, call, every_of, known, text, when
from imagefit.facts import (
    EMPTY_SET,
    INTEGER_LIMIT,
    INTEGER_TEXT,
    NO_ELEMENT,
    NUMBER_TEXT,
    Field,
    FieldType,
)
from imagefit.values.printed import PRINTED, elements_pattern

__all__ = ["Kind", "Reading", "check_kind"]


class Kind(Enum):
    """What a column of a table holds."""

    TEXT = "text"
    BOOLEAN = "booleans"
    INTEGER = "whole numbers"
    NUMBER = "numbers"
    TEXTS = "lists of text"
    OTHER = "something else"


_FITTING = {
    FieldType.ENUM: {Kind.TEXT},
    FieldType.STRING: {Kind.TEXT},
    FieldType.BOOLEAN: {Kind.TEXT, Kind.BOOLEAN},
    FieldType.INTEGER: {Kind.TEXT, Kind.INTEGER, Kind.NUMBER},
    FieldType.NUMBER: {Kind.TEXT, Kind.INTEGER, Kind.NUMBER},
    FieldType.STRING_SET: {Kind.TEXT, Kind.TEXTS},
}


def check_kind(field: Field, kind: Kind, found: str) -> None:
    """Raise `InputError` if no value of a column of this kind is one of the field."""
    if kind not in _FITTING[field.type]:
        raise InputError("not a type for this fact", column=field.name, value=found, expected=field.expects)


@dataclass(frozen=True)
class Reading:
    """A column, read as a fact.

    Attributes
    ----------
    kind
        What it holds.
    """

    dialect: Dialect
    field: Field
    column: Expression
    kind: Kind

    @cached_property
    def fact(self) -> Fact:
        """The fact: unknown where the column says nothing, or something wrong."""
        if self.field.type is FieldType.STRING_SET:
            elements, is_known = self._set
            return Fact(self.field, elements, is_known)
        return Fact.of(self.field, self._value)

    @cached_property
    def is_wrong(self) -> Expression | None:
        """Whether a row has a value that is none of the fact's; None if no row can have one."""
        if self.field.type is FieldType.STRING_SET:
            return every_of([self._is_there, exp.not_(self._set[1].copy())])
        if (self.kind is Kind.TEXT and self.field.type is FieldType.STRING) or self.kind is Kind.BOOLEAN:
            return None
        if self.kind is Kind.INTEGER and self.field.at_least is None:
            return None
        return every_of([self._is_there, exp.Is(this=self._value.copy(), expression=exp.Null())])

    @property
    def _is_there(self) -> Expression:
        """Whether the column says something."""
        column = self.column.copy()
        if self.kind is Kind.TEXT:
            is_there = exp.NEQ(this=column, expression=text(""))
            if self.field.type.is_ordered:
                is_nan = exp.EQ(this=exp.Lower(this=self._stripped), expression=text("nan"))
                return every_of([is_there, exp.not_(is_nan)])
            return is_there
        if self.kind is Kind.NUMBER:
            return every_of([known(column), exp.not_(self.dialect.is_nan(column))])
        return known(column)

    @property
    def _value(self) -> Expression:
        kind, column = self.field.type, self.column.copy()
        if kind is FieldType.STRING:
            return exp.func("NULLIF", column, text(""))
        if kind is FieldType.ENUM:
            values = [self.dialect.text(value) for value in self.field.values]
            return when((exp.In(this=column, expressions=values), column.copy()))
        if kind is FieldType.BOOLEAN:
            if self.kind is Kind.BOOLEAN:
                return column
            cases = [(exp.EQ(this=exp.Lower(this=column.copy()), expression=text(n)), v) for n, v in _BOOLEANS.items()]
            return when(*((case, exp.true() if value else exp.false()) for case, value in cases))
        if self.field.at_least is None:
            return self._any_number
        number = self._any_number
        least = self.dialect.literal(self.field.at_least)
        return when((exp.GTE(this=number, expression=least), number.copy()))

    @property
    def _any_number(self) -> Expression:
        """The number, whatever the least is that it can be."""
        kind, column = self.field.type, self.column.copy()
        if self.kind is Kind.TEXT:
            return self._number_of_text()
        if kind is FieldType.NUMBER:
            number = self.dialect.cast(column, self.field)
            if self.kind is Kind.INTEGER:
                return number
            return self._finite(number)
        if self.kind is Kind.INTEGER:
            return self.dialect.cast(column, self.field)
        return when((self._is_whole(column), self.dialect.cast(column.copy(), self.field)))

    def _is_whole(self, number: Expression) -> Expression:
        return every_of(
            [
                exp.not_(self.dialect.is_nan(number.copy())),
                exp.EQ(this=number.copy(), expression=exp.Floor(this=number.copy())),
                exp.GTE(this=number.copy(), expression=self.dialect.literal(-float(INTEGER_LIMIT))),
                exp.LT(this=number.copy(), expression=self.dialect.literal(float(INTEGER_LIMIT))),
            ]
        )

    def _finite(self, number: Expression) -> Expression:
        largest = self.dialect.literal(1.7976931348623157e308)
        is_finite = exp.LTE(this=exp.Abs(this=number.copy()), expression=largest)
        positive_zero = exp.Add(this=number.copy(), expression=self.dialect.literal(0.0))
        return when((every_of([exp.not_(self.dialect.is_nan(number.copy())), is_finite]), positive_zero))

    @property
    def _stripped(self) -> Expression:
        return exp.Trim(this=self.column.copy(), expression=self.dialect.text(WHITESPACE), position="BOTH")

    def _number_of_text(self) -> Expression:
        pattern, stripped = NUMBER_TEXT, self._stripped
        if self.field.type is FieldType.INTEGER:
            whole = call("split_part", stripped, text("."), exp.Literal.number(1))
            digits = self.dialect.try_cast(whole, self.field)
            return when((self.dialect.matches(stripped.copy(), INTEGER_TEXT), digits))
        number = self._finite(self.dialect.try_cast(stripped.copy(), self.field))
        return when((self.dialect.matches(stripped, pattern), number))

    @cached_property
    def _set(self) -> tuple[Expression, Expression]:
        """The elements, and whether they are a set's of this field."""
        elements, is_there = self.column.copy(), self._is_there
        if self.kind is Kind.TEXT:
            stripped = self._stripped
            nothing = [text(EMPTY_SET), *([] if NO_ELEMENT in self.field.values else [text(NO_ELEMENT)])]
            parts = self.dialect.changed(self.dialect.split(elements, ";"), self._strip)
            empty = exp.In(this=stripped, expressions=nothing)
            elements = when((empty, self.dialect.elements([])), otherwise=parts)
            # A list as JSON has it is not read here: where it stands, the value counts as wrong.
            listed = every_of([exp.Like(this=stripped.copy(), expression=text(each)) for each in ("[%", "%]")])
            is_there = every_of([is_there, any_of([empty.copy(), exp.not_(exp.paren(listed))])])
        wrong = self._is_wrong_text if self.kind is Kind.TEXT and not self.field.values else self._is_wrong_element
        has_wrong = self.dialect.has_element(elements.copy(), wrong)
        return elements, when((is_there, exp.not_(has_wrong)), otherwise=exp.false())

    def _strip(self, element: Expression) -> Expression:
        return exp.Trim(this=element, expression=self.dialect.text(WHITESPACE), position="BOTH")

    def _is_wrong_text(self, element: Expression) -> Expression:
        return any_of([self._is_wrong_element(element), self.dialect.matches(element.copy(), PRINTED)])

    def _is_wrong_element(self, element: Expression) -> Expression:
        wrong: list[Expression] = [
            exp.Is(this=element, expression=exp.Null()),
            exp.EQ(this=element.copy(), expression=text("")),
        ]
        if self.field.values:
            values = [self.dialect.text(value) for value in self.field.values]
            wrong.append(exp.not_(exp.In(this=element.copy(), expressions=values)))
        elif self.field.elements:
            wrong.append(exp.not_(self.dialect.matches(element.copy(), elements_pattern(self.field.elements))))
        return any_of(wrong)


_BOOLEANS = {"true": True, "false": False}
