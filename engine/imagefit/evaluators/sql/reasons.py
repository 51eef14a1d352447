"""Why rules fail or are unknown, as text: messages with their facts filled in, by the database."""

from __future__ import annotations

from sqlglot import exp

from imagefit.evaluators.sql.conditions import Fact, Translation
from imagefit.evaluators.sql.dialect import WHITESPACE, Dialect
from imagefit.evaluators.sql.terms import Expression, any_of, call, every_of, text, when
from imagefit.facts import EMPTY_SET, FieldType
from imagefit.rulepack.pack import PLACEHOLDER, Rule
from imagefit.values.printed import PRINTED, is_printed

__all__ = ["message_of", "shown", "undecided_of"]

LARGE = 1e15
"""Whole numbers below are shown with all their digits."""

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"} | {
    chr(code): f"\\u{code:04x}" for code in range(1, 32) if chr(code) not in "\b\f\n\r\t"
}
"""What JSON writes instead of signs; a text in a database can't hold the sign with the number 0."""


def message_of(rule: Rule, translation: Translation, facts: dict[str, Fact]) -> Expression:
    """Return the message of a failing rule, as `rulepack.pack.render` fills it in."""
    pieces = PLACEHOLDER.split(rule.message)  # text and names by turns
    parts = [
        shown(facts[piece], translation)
        if number % 2 and piece in facts
        else translation.dialect.text(f"[{piece}]" if number % 2 else piece)
        for number, piece in enumerate(pieces)
        if piece
    ]
    return _joined(parts)


def undecided_of(rule: Rule, facts: dict[str, Fact], translation: Translation) -> Expression:
    """Return what is said of an unknown rule: which of its facts are unknown, in the rule's order."""
    names = [(facts[name].is_unknown, translation.dialect.text(name)) for name in rule.facts]
    return _joined([text("undecided without "), translation.dialect.join(translation.dialect.listed(names), ", ")])


def shown(fact: Fact, translation: Translation) -> Expression:
    """Return a fact as `facts.show_value` shows it; an unknown one by its name in brackets."""
    kind, value, dialect = fact.field.type, fact.value.copy(), translation.dialect
    written: Expression
    if kind is FieldType.BOOLEAN:
        written = when((value, text("true")), otherwise=text("false"))
    elif kind is FieldType.INTEGER:
        written = exp.cast(value, "TEXT")
    elif kind is FieldType.NUMBER:
        whole = every_of(
            [
                exp.EQ(this=value, expression=exp.Floor(this=value.copy())),
                exp.LT(this=exp.Abs(this=value.copy()), expression=dialect.literal(LARGE)),
            ]
        )
        digits = exp.cast(exp.cast(value.copy(), "BIGINT"), "TEXT")
        written = when((whole, digits), otherwise=dialect.number_text(value.copy()))
    elif kind is FieldType.STRING_SET:
        written = _shown_set(fact, translation)
    else:
        written = value
    return when((fact.is_known.copy(), written), otherwise=dialect.text(f"[{fact.field.name}]"))


def _shown_set(fact: Fact, translation: Translation) -> Expression:
    """Return a set's elements joined; as a JSON list where one would not come back from plain text."""
    dialect, value = translation.dialect, fact.value
    plain = dialect.joined(value.copy(), "; ")
    is_empty = exp.EQ(this=plain.copy(), expression=text(""))
    if fact.field.values and not any(_is_odd(element) for element in fact.field.values):
        return when((is_empty, text(EMPTY_SET)), otherwise=plain)

    def odd(element: Expression) -> Expression:
        trimmed = exp.Trim(this=element.copy(), expression=dialect.text(WHITESPACE), position="BOTH")
        return any_of(
            [
                exp.NEQ(this=trimmed, expression=element.copy()),
                exp.NEQ(this=_replaced(dialect, element.copy(), {";": ""}), expression=element.copy()),
                dialect.matches(element.copy(), PRINTED),
            ]
        )

    escaped = dialect.joined(value.copy(), '", "', lambda element: _replaced(dialect, element, _ESCAPES))
    as_json = _joined([text('["'), escaped, text('"]')])
    is_odd = dialect.has_element(value.copy(), odd)
    return when((is_empty, text(EMPTY_SET)), (is_odd, as_json), otherwise=plain)


def _is_odd(element: str) -> bool:
    return ";" in element or element != element.strip() or is_printed(element)


def _replaced(dialect: Dialect, value: Expression, replacements: dict[str, str]) -> Expression:
    for old, new in replacements.items():
        value = call("replace", value, dialect.text(old), dialect.text(new))
    return value


def _joined(parts: list[Expression]) -> Expression:
    found = parts[0] if parts else text("")
    for part in parts[1:]:
        found = exp.DPipe(this=found, expression=part)
    return found
