"""What the words of a pack are: severities, outcomes, operations, conditions with names, sources, calls, remedies.

Checked and immutable, as the pack that has them; nothing here reads a file or evaluates a rule.
"""

from __future__ import annotations

from enum import StrEnum

from imagefit.conditions import Condition
from imagefit.errors import Position
from imagefit.facts import Facts, Value, show_value
from imagefit.values import dataclass, pattern

__all__ = [
    "PLACEHOLDER",
    "WAIVED",
    "Basis",
    "Call",
    "Choice",
    "Cost",
    "Default",
    "Distance",
    "Effect",
    "Example",
    "NamedCondition",
    "Operation",
    "Outcome",
    "Remedy",
    "Severity",
    "Source",
    "SourceRef",
    "Through",
]

PLACEHOLDER = pattern(r"\{([^{}]*)\}")
"""A fact in the text of a message, a remedy or a call."""


WAIVED = "waived."
"""What the id of the notice of a waiver begins with; the id of the rule that is waived follows."""


class Severity(StrEnum):
    """What a rule's failing means: `error` decides the verdict, `warning` and `notice` never do."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"

    @property
    def rank(self) -> int:
        """Where it stands among all: what weighs most comes first, errors before warnings before notices."""
        return _SEVERITIES.index(self)


_SEVERITIES = tuple(Severity)


class Outcome(StrEnum):
    """What one rule says of one candidate."""

    NOT_APPLICABLE = "not_applicable"
    PASS = "pass"  # of a notice, which has nothing to fail: it applies
    FAIL = "fail"
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """What a rule rests on."""

    DOCUMENTED = "documented"
    OBSERVED = "observed"  # seen in real payloads and users' reports
    INFERRED = "inferred"  # our own inference


@dataclass(frozen=True, slots=True)
class Operation:
    """Something a candidate is evaluated for: create an ECS, share an image, ..."""

    name: str
    title: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class NamedCondition:
    """A condition of the vocabulary that rules refer to with ``is: name``."""

    name: str
    meaning: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class Source:
    """A document that rules cite. `read` is the day it was read, as YYYY-MM-DD."""

    id: str
    title: str
    address: str
    read: str
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class SourceRef:
    """A place in a source: the document's id and the section."""

    document: str
    section: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """Something that can be asked of the cloud and given as a file: it supplies facts.

    Attributes
    ----------
    operations
        Those for which to ask; empty: all.
    command
        What to type, with ``{fact}`` for what is known of the candidate.
    file, option
        What to call the result, and the option that takes it.
    """

    name: str
    title: str
    operations: tuple[str, ...]
    api: str
    command: str
    terraform: str
    file: str
    option: str
    source: SourceRef | None = None

    def typed(self, facts: Facts) -> str:
        """Return what to type: what is not known stands there in capitals, to be filled in."""
        import shlex

        filled = PLACEHOLDER.sub(
            lambda m: shlex.quote(show_value(facts[m[1]])) if m[1] in facts else m[1].rpartition(".")[2].upper(),
            self.command,
        )
        return f"{filled} > {self.file}"


@dataclass(frozen=True, slots=True)
class Default:
    """A fact that is assumed of something that says too little of itself, where `where` is known to hold."""

    name: str
    of: str
    meaning: str
    fact: str
    value: Value
    where: Condition


@dataclass(frozen=True, slots=True)
class Effect:
    """What a remedy does to one fact.

    Exactly one of these holds: the fact becomes `value`; it becomes what fact `same_as` is; the
    elements `add`, or what fact `add_from` holds, are put into the set; or it becomes unknown.
    """

    fact: str
    value: Value | None = None
    same_as: str | None = None
    add: frozenset[str] | None = None
    add_from: str | None = None
    becomes_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """A word for what a remedy costs; one of a higher rank weighs more than any number of lower ones, 0 nothing."""

    name: str
    rank: int
    meaning: str


@dataclass(frozen=True, slots=True)
class Through:
    """An operation that a remedy goes through, and what facts are for it."""

    operation: str
    facts: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class Remedy:
    """An action that can make a candidate fit: who can do it, when it can be done, what it changes.

    Attributes
    ----------
    operations
        Those that it can be done for; none means all.
    cost
        Names of the pack's costs.
    through
        An operation that must be compatible, by all rules of the pack, for the remedy to be possible.
    instead
        An operation that is done in place of the one asked about; empty: the one asked about is done.
    chooses
        The pack's choice of which it takes another one; empty if it chooses nothing.
    makes
        ``image`` or ``ecs``, if that is a new one then, which has no name yet; empty if it is the one of before.
    """

    id: str
    text: str
    actor: str
    requires: Condition
    effects: tuple[Effect, ...]
    operations: tuple[str, ...] = ()
    cost: tuple[str, ...] = ()
    through: Through | None = None
    instead: str = ""
    chooses: str = ""
    makes: str = ""

    def is_for(self, operation: str) -> bool:
        """Whether it can be done for an operation: a flavor is chosen for an ECS to create, not for one that exists."""
        return not self.operations or operation in self.operations


@dataclass(frozen=True, slots=True)
class Distance:
    """How far two things that can be chosen are apart in one fact.

    Attributes
    ----------
    part
        A pattern: what it finds in the fact's text is compared; empty: all of it.
    by
        ``other``: 1 where they differ; ``difference``: by how much; ``doublings``: how often the smaller doubles.
    """

    fact: str
    part: str
    by: str
    weight: float
    meaning: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Something of which a remedy can choose another one: the facts that come with it, and what is near to what.

    Attributes
    ----------
    of
        ``image`` or ``ecs``: which part of a candidate it is.
    """

    name: str
    title: str
    of: str
    facts: tuple[str, ...]
    distance: tuple[Distance, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """Facts, and the outcome that the rule must have on them."""

    facts: Facts
    outcome: Outcome
    position: Position
