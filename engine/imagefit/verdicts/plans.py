"""Plans as typed, frozen results: remedies one after the other that were applied to a candidate and re-checked.

A plan here is never a Terraform plan. Nothing in this module looks for one; `planning` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol, overload

from imagefit.facts import Facts, Value
from imagefit.values import dataclass
from imagefit.verdicts.leaves import json_value

__all__ = ["Deciding", "Passage", "Plan", "Planner", "Plans", "Step", "plans_dict"]


@dataclass(frozen=True, slots=True)
class Passage:
    """An operation that a step goes through, which is compatible with these facts."""

    operation: str
    facts: Mapping[str, Value]

    def to_dict(self) -> dict[str, Any]:
        """Return it as in the JSON of a plan."""
        return {"operation": self.operation, "facts": _plain(self.facts)}


@dataclass(frozen=True, slots=True)
class Step:
    """One remedy of a plan, on the candidate as the steps before it leave it.

    Attributes
    ----------
    remedy, text, by
        Its id, what to do with the candidate's facts filled in, and who does it.
    cost
        What it costs, in words of the pack.
    through
        The operation that it goes through.
    effects
        What the facts are after it that it changes; None is unknown.
    chooses, chosen
        What it chooses: a flavor, an image; and which, by name, where it is known what there is to choose from.
    instead
        The operation that is done from here on; empty if that is the one before.
    facts
        The candidate's facts after it.
    """

    remedy: str
    text: str
    by: str
    cost: tuple[str, ...]
    through: Passage | None
    effects: Mapping[str, Value | None]
    chooses: str = ""
    chosen: str = ""
    instead: str = ""
    facts: Facts = field(default_factory=dict, repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return it as in the JSON of a plan; `chooses`, `chosen` and `instead` only where there is one."""
        data: dict[str, Any] = {
            "remedy": self.remedy,
            "text": self.text,
            "by": self.by,
            "cost": list(self.cost),
            "through": None if self.through is None else self.through.to_dict(),
            "effects": _plain(self.effects),
        }
        more = {"chooses": self.chooses, "chosen": self.chosen, "instead": self.instead}
        return data | {name: text for name, text in more.items() if text}


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps of which none can be left out, and what the candidate is after them.

    Attributes
    ----------
    verdict
        ``compatible``; or ``unknown``, where it clears every failing rule and leaves open what was open before.
    cost
        What its steps cost, each word once, what weighs most first.
    undecided
        The facts that could still change the verdict.
    assumed
        The assumptions that it rests on.
    alike
        The facts in which something that is chosen has to be like what it stands in for; whatever its others are, the
        plan holds.
    warnings
        The warnings that it would newly cause.
    """

    steps: tuple[Step, ...]
    verdict: str
    cost: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def remedies(self) -> tuple[str, ...]:
        """The ids of its remedies, in order."""
        return tuple(step.remedy for step in self.steps)

    @property
    def relies_on(self) -> tuple[str, ...]:
        """The facts that it rests on: undecided, assumed, or taken to be alike."""
        return tuple(dict.fromkeys((*self.undecided, *self.assumed, *self.alike)))

    def to_dict(self) -> dict[str, Any]:
        """Return it as in the JSON of a verdict."""
        return {
            "steps": [step.to_dict() for step in self.steps],
            "verdict": str(self.verdict),
            "relies_on": list(self.relies_on),
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True, slots=True)
class Plans(Sequence[Plan]):
    """The best plans of a candidate, the cheapest first.

    Attributes
    ----------
    found
        How many plans there are, with those that are not among the best.
    no_plan
        Where there is no plan: the failing rules that no remedies satisfy; if each alone could be, those that fail.
    is_whole
        Whether everything was tried; a search that grows too large is given up.
    """

    best: tuple[Plan, ...] = ()
    found: int = 0
    no_plan: tuple[str, ...] = ()
    is_whole: bool = True

    @overload
    def __getitem__(self, index: int) -> Plan: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Plan, ...]: ...
    def __getitem__(self, index: int | slice) -> Plan | tuple[Plan, ...]:
        return self.best[index]

    def __len__(self) -> int:
        return len(self.best)

    def __iter__(self) -> Iterator[Plan]:
        return iter(self.best)


@dataclass(frozen=True, slots=True)
class Deciding:
    """A set of facts that would decide an `unknown` verdict.

    Attributes
    ----------
    compatible
        Values of these facts with which it is compatible; None: none were found.
    incompatible
        Values of them with which it is incompatible; None: none were found.
    plan
        The best plan with those; None if there is none.
    """

    facts: tuple[str, ...]
    compatible: Facts | None
    incompatible: Facts | None
    plan: Plan | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as in the JSON of a verdict."""
        return {
            "facts": list(self.facts),
            "compatible": None if self.compatible is None else _plain(self.compatible),
            "incompatible": None if self.incompatible is None else _plain(self.incompatible),
            "plan": None if self.plan is None else self.plan.to_dict(),
        }


class Planner(Protocol):
    """What works out plans: `planning` has one."""

    def plans(self, facts: Facts, assumed: Sequence[str], limit: int) -> Plans:
        """Return the best plans of a candidate with these facts, of which some are assumed."""
        ...

    def deciding(self, facts: Facts, assumed: Sequence[str]) -> tuple[Deciding, ...]:
        """Return the smallest sets of facts that would decide the unknown verdict of a candidate."""
        ...


def _plain(values: Mapping[str, Value | None]) -> dict[str, Any]:
    return {name: json_value(value) for name, value in values.items()}


def plans_dict(plans: Plans, deciding: Sequence[Deciding]) -> dict[str, Any]:
    """Return what the JSON of a verdict says of what would make it fit, and of what would decide it."""
    data: dict[str, Any] = {"plans": [plan.to_dict() for plan in plans], "no_plan": list(plans.no_plan)}
    data |= {} if plans.is_whole else {"plans_at_least": True}
    return data | {"deciding": [each.to_dict() for each in deciding]}
