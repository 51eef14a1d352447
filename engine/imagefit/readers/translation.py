"""Translating a vendor's attributes to facts by tables: each row names the attributes, the fact and the rule.

A row's functions are pure: attributes in, a value or None (unknown) out. A value that a row does not
understand makes its fact unknown, with a note that shows the value: a vendor may add values tomorrow, and
a reader never guesses. The documentation of the formats is generated from these tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from imagefit.errors import shortened
from imagefit.facts import OriginKind, Value
from imagefit.values import dataclass, pattern

__all__ = [
    "SURE",
    "TRUTHS",
    "Attributes",
    "NotUnderstood",
    "Translation",
    "boolean",
    "choice",
    "cleaned",
    "flattened",
    "identifier",
    "is_nothing",
    "one",
    "positive",
    "text",
    "whole",
]

Attributes = Mapping[str, object]
"""The attributes that an object has, by name; those that are null or empty text count as absent."""


class NotUnderstood(ValueError):
    """An attribute has a value that its row can make nothing of; says what would have been understood."""

    def __init__(self, attribute: str, value: object, expected: str) -> None:
        super().__init__(attribute, value, expected)
        self.attribute, self.value, self.expected = attribute, value, expected

    def __str__(self) -> str:
        return f"{self.attribute} is {shortened(self.value)}, not {self.expected}"


_SIGNS = ("", "-", "--", "\u2013", "\u2014", "?", "...", "\u2026", '""', "''", "\\n")
_WORDS: tuple[str, ...] = (
    "na",
    "n/a",
    "n.a.",
    "nan",
    "nat",
    "nil",
    "none",
    "null",
    "undefined",
    "unknown",
    "unset",
    "not set",
)
_WORDS += ("not available", "not applicable", "\u65e0", "\u672a\u77e5")
_OF_SHEETS = ("#n/a", "#ref!", "#value!", "#name?", "#div/0!", "#null!", "#num!")
_OF_TERRAFORM = ("known after apply", "sensitive value", "sensitive", "computed")
_HIDDEN = ("redacted", "masked", "hidden")

NOTHING = frozenset((*_SIGNS, *_WORDS, *_OF_SHEETS, *_HIDDEN)).union(
    before + said + after
    for said in (*_WORDS, *_OF_TERRAFORM, *_HIDDEN, "empty")
    for before, after in ("<>", "()", "[]")
)
"""What programs write as text where they have no value. No service says so, and that the attribute is there means
nothing: it could have been left out, or have had a value that was lost."""

_MASK = frozenset("*x#\u2022")
"""Characters of which a text consists that somebody put in the place of a secret, or of an id."""

_LONGEST = 48
"""So many characters such a text has at most, with what is around it."""

_FIRST = frozenset(each[:1] for each in (*NOTHING, *_MASK))
SURE = frozenset(each for each in map(chr, range(33, 127)) if each.lower() not in _FIRST)
"""Characters with which no such text begins: most texts begin with one, and no more of them is looked at."""


def is_nothing(raw: object) -> bool:
    """Tell whether a value is text that a program wrote for none, or somebody for one that is not to be seen."""
    if not isinstance(raw, str) or raw[:1] in SURE or len(raw) > _LONGEST:
        return False
    said = raw.strip().casefold()
    return said in NOTHING or (len(said) > 2 and _MASK.issuperset(said.replace("-", "")))


@dataclass(frozen=True, slots=True)
class Translation:
    """One row of a mapping table: how attributes become one fact.

    Attributes
    ----------
    fact
        The fact that it gives.
    reads
        The attributes that it looks at; ``name*`` means all that start so.
    rule
        The translation in words, for the documentation.
    translate
        Given the object's attributes (of which it looks at `reads` alone), returns the value, or None if
        they do not tell. Raises `NotUnderstood` for a value that it does not know.
    absent
        What it means that `translate` gave None in an object that is whole; None: that is unknown.
    absent_rule, absent_because
        The same in words: for the documentation, and as the origin of the fact.
    of_whole
        Whether even what is there tells the fact in a whole object alone: a set, of which a part may be missing.
    because
        Says which attribute decided, where that is not all that are present.
    origin
        The kind of place that the value comes from.
    of_text
        What of an attribute's text the row looks at, where that is not all of it: it is given no more.
    """

    fact: str
    reads: tuple[str, ...]
    rule: str
    translate: Callable[[Attributes], Value | None]
    absent: Callable[[Attributes], Value | None] | None = None
    absent_rule: str = "unknown"
    absent_because: str | Callable[[Attributes], str] = ""
    of_whole: bool = False
    because: Callable[[Attributes], str] | None = None
    origin: OriginKind = OriginKind.API
    of_text: Mapping[str, Callable[[str], str]] = field(default_factory=dict)

    def told_by(self, attributes: Attributes) -> Value | None:
        """Return what `translate` does; raises `NotUnderstood` for text that a program wrote for no value."""
        for name in self.present(attributes):
            if is_nothing(raw := attributes[name]):
                raise NotUnderstood(name, raw, "a value")
        return self.translate(attributes)

    def present(self, attributes: Attributes) -> list[str]:
        """Return the names of the attributes that the row looks at and the object has."""
        names: list[str] = []
        for name in self.reads:
            if name.endswith("*"):
                names += [other for other in attributes if other.startswith(name[:-1])]
            elif name in attributes:
                names.append(name)
        return names


def cleaned(attributes: Mapping[str, object]) -> dict[str, object]:
    """Return the attributes without those that are null, NaN or empty text: the vendor's ways to say absent."""
    return {name: value for name, value in attributes.items() if value is not None and value != "" and value == value}


def flattened(attributes: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Return nested objects' attributes by dotted names (``root_volume.size``), lists as they are."""
    flat: dict[str, object] = {}
    for name, value in attributes.items():
        if isinstance(value, dict) and value:
            flat |= {k: v for k, v in flattened(value, f"{prefix}{name}.").items() if k not in flat}
        elif value != {}:
            flat.setdefault(prefix + name, value)
    return cleaned(flat)


def one(attribute: str, read: Callable[[str, object], Value | None]) -> Callable[[Attributes], Value | None]:
    """Return a translation of a single attribute: unknown where it is absent, else what `read` makes of it."""

    def translated(attributes: Attributes) -> Value | None:
        raw = attributes.get(attribute)
        return None if raw is None else read(attribute, raw)

    return translated


def boolean(attribute: str, raw: object) -> bool:
    """Read a boolean in any of the five spellings: ``"true"``, ``"True"``, ``"False"``, JSON true and false."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.strip().lower() in ("true", "false"):
        return raw.strip().lower() == "true"
    raise NotUnderstood(attribute, raw, "true or false")


_WHOLE = pattern(r"[0-9]{1,18}(?:\.0{1,9})?")


def whole(attribute: str, raw: object) -> int:
    """Read a whole number that is not negative: 80, ``"80"``, 80.0."""
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw < 10**18:
        return raw
    if isinstance(raw, float) and 0 <= raw < 2**53 and raw == int(raw):
        return int(raw)
    if isinstance(raw, str) and _WHOLE.fullmatch(raw.strip()):
        return int(raw.strip().partition(".")[0])
    raise NotUnderstood(attribute, raw, "a whole number")


def positive(attribute: str, raw: object) -> int:
    """Read a whole number of something of which there is always some."""
    if (number := whole(attribute, raw)) == 0:
        raise NotUnderstood(attribute, raw, "a whole number above 0")
    return number


_LEFT_OPEN = pattern(r"\$\{|\$\(|\{\{|<%|^\s*(?:<[^<>]*>|\$\w+|%\w+%|\{\w+\})\s*$")
"""What templates and shells have where a value is put in: ``${var.zone}``, ``{{ zone }}``, ``$ZONE``, ``<zone>``."""


def text(attribute: str, raw: object) -> str:
    """Read text as it is, without the blanks around it that a table may have.

    Text with a character that nobody sees (a space without a width, as pages and editors leave it) is another one than
    it seems to be, and would be compared as that; so would what a template has where a value is put in.
    """
    if not isinstance(raw, str):
        raise NotUnderstood(attribute, raw, "text")
    if _LEFT_OPEN.search(raw):
        raise NotUnderstood(attribute, raw, "text that is filled in")
    if (told := raw.strip()).isprintable() or all(each.isprintable() or each.isspace() for each in told):
        return told
    raise NotUnderstood(attribute, raw, "text without hidden characters")


TRUTHS = frozenset(["true", "false", "1", "0", "yes", "no", "y", "n", "t", "f", "on", "off", "enabled", "disabled"])
TRUTHS |= frozenset(["vrai", "faux", "wahr", "falsch", "verdadero", "falso", "verdadeiro", "\u662f", "\u5426"])
"""Words for true and false, as databases and spreadsheets of several languages write them: no model, key,
zone or backup has such a name."""


def identifier(attribute: str, raw: object) -> str:
    """Read an id, a code or a name as it is: text that is no word for true or false, and no list or object of none."""
    if (told := text(attribute, raw)).casefold() in TRUTHS or told in ("[]", "{}"):
        raise NotUnderstood(attribute, raw, "an id")
    return told


def choice(values: Mapping[str, Value]) -> Callable[[str, object], Value]:
    """Return a reading that looks text up among the `values`, ignoring case and what separates words."""
    known = {_folded(name): value for name, value in values.items()}

    def read(attribute: str, raw: object) -> Value:
        spelled = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 10**9 else raw
        if isinstance(spelled, str) and (value := known.get(_folded(spelled))) is not None:
            return value
        raise NotUnderstood(attribute, raw, _one_of(list(values)))

    return read


def _folded(name: str) -> str:
    return re.sub(r"(?<=\w)[\s_-]+", "", name[:200].strip()).casefold()  # what is before all else may be a sign


def _one_of(names: Sequence[str]) -> str:
    return "one of " + ", ".join(names) if len(names) > 1 else names[0]
