"""What a report is made of: what was checked, where that stands, and what each rule found of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import field

from imagefit.facts import OriginKind, show_value
from imagefit.rulepack.pack import Outcome, Pack, Rule, Severity
from imagefit.values import dataclass
from imagefit.verdicts import Deciding, Plans, RuleResult, Verdict, VerdictKind

__all__ = ["MOST", "ORDER", "Checked", "Finding", "Place", "Report", "Side", "findings_of"]

ORDER = (VerdictKind.INCOMPATIBLE, VerdictKind.UNKNOWN, VerdictKind.COMPATIBLE)
"""The verdicts, the worst first."""

MOST = 1000
"""Findings of so many candidates of an audit or a match are shown, unless somebody asks for more."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a candidate stands.

    Attributes
    ----------
    file
        The path as the user gave it; empty where no file says anything of it.
    line
        The line of the file, from 1; None where that can't be told.
    address
        Of a planned change, the address of the resource.
    """

    file: str = ""
    line: int | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """The image or the ECS of a candidate: its id and name, and the file that says most of it; empty: not known."""

    id: str = ""
    name: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """One verdict, and where its candidate stands.

    Attributes
    ----------
    image, ecs
        The two sides of the candidate, where they are known.
    subjects
        What it is about, as label and text: ``("image", "web-22 (5f2c...), images.json")``.
    beside
        Of an image or ECS that was matched: which pair of it this is, in words.
    known
        Beside a baseline, the rules whose findings are in it; None without one.
    """

    verdict: Verdict
    place: Place = Place()
    image: Side | None = None
    ecs: Side | None = None
    subjects: Sequence[tuple[str, str]] = ()
    beside: str = ""
    known: frozenset[str] | None = None

    @property
    def counting(self) -> VerdictKind:
        """The verdict that the findings make that are not known."""
        verdict, known = self.verdict, self.known or frozenset()
        if any(rule.rule not in known for rule in verdict.failed):
            return VerdictKind.INCOMPATIBLE
        if known and all(rule.rule in known for rule in verdict.undecided):
            return VerdictKind.COMPATIBLE
        return VerdictKind.UNKNOWN if verdict.undecided else verdict.verdict

    @property
    def name(self) -> str:
        """What to call the candidate: ``images.json#web-22``; its operation where nothing names it."""
        key = self.verdict.key
        if self.place.file and key:
            return f"{self.place.file}#{key}"
        return self.place.file or key or self.verdict.operation


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that has something to say of one candidate.

    Attributes
    ----------
    level
        ``error``, ``warning``, ``waived``, or ``unknown``: an error rule that is open, of an undecided candidate.
    """

    checked: Checked
    level: str
    result: RuleResult

    @property
    def rule(self) -> str:
        """The id of the rule that it is of: of a waived one, of the rule that fails."""
        return self.result.waived or self.result.rule

    @property
    def message(self) -> str:
        """Why, in a sentence; where it is of one pair of many, of which."""
        return self.result.message + (f" ({self.checked.beside})" if self.checked.beside else "")

    @property
    def is_known(self) -> bool:
        """Whether it is in the baseline."""
        return self.level != "waived" and self.result.rule in (self.checked.known or ())

    @property
    def label(self) -> str:
        """The level, with a word on what is known."""
        return f"known {self.level}" if self.is_known else self.level

    @property
    def fingerprint(self) -> str:
        """A name of the finding that stays the same from run to run: of the rule, the candidate and the operation.

        A candidate that is only counted goes by its facts, for its number is not the same in another order.
        """
        from hashlib import sha256  # few formats have fingerprints, and importing it takes long

        verdict = self.checked.verdict
        name = self.checked.place.address or verdict.key
        if name.isdecimal():
            name = "; ".join(f"{fact} = {show_value(value)}" for fact, value in sorted(verdict.facts.items()))
        parts = (self.rule, name, verdict.operation)
        return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Report:
    """What a run has found, and how it is shown.

    Attributes
    ----------
    is_unknown_failure
        Whether an undecided candidate makes the run fail, as ``--fail-on`` says.
    counts
        How many candidates have which verdict in all, where not all are among `checked`.
    width, colour, explain, plans
        Of text and JSON: columns of the terminal, whether it shows colours, whether conditions are shown in full, and
        how many plans of each at most.
    """

    pack: Pack
    checked: Sequence[Checked]
    is_unknown_failure: bool = True
    counts: Mapping[VerdictKind, int] = field(default_factory=dict)
    width: int = 80
    colour: bool = False
    explain: bool = False
    plans: int | None = None
    _plans: dict[Hashable, Plans] = field(default_factory=dict, repr=False, compare=False)
    _deciding: dict[Hashable, tuple[Deciding, ...]] = field(default_factory=dict, repr=False, compare=False)

    def plans_of(self, verdict: Verdict) -> Plans | None:
        """Return the plans of a candidate, which those that are alike in all facts share; None: nobody wants them."""
        if self.plans is None:
            return None
        if (key := _alike(verdict)) not in self._plans:
            self._plans[key] = verdict.plans(self.plans)
        return self._plans[key]

    def deciding_of(self, verdict: Verdict) -> tuple[Deciding, ...]:
        """Return the facts that are enough to decide a candidate, which is shared likewise; none where no plans are."""
        if not self.plans:
            return ()
        if (key := _alike(verdict)) not in self._deciding:
            self._deciding[key] = verdict.deciding()
        return self._deciding[key]

    def findings(self) -> Iterator[Finding]:
        """Yield what was found, in the order of the candidates: what fails, what is open, what warns."""
        for checked in self.checked:
            yield from findings_of(checked)

    def rules(self) -> list[Rule]:
        """Return the rules that found something, in the pack's order."""
        found = {finding.rule for finding in self.findings()}
        return [rule for rule in self.pack.rules if rule.id in found]

    def count(self, kind: VerdictKind) -> int:
        """Return how many candidates have a verdict."""
        return self.counts[kind] if self.counts else self._shown(kind)

    def counted(self) -> str:
        """Return how many candidates have which verdict, in words."""
        return ", ".join(f"{count:,} {kind}" for kind in ORDER if (count := self.count(kind)))

    def left_out(self) -> str:
        """Return how many candidates of which verdict are not shown, in words; empty if all are."""
        left = [(kind, self.count(kind) - self._shown(kind)) for kind in ORDER]
        named = ", ".join(f"{count:,} {kind}" for kind, count in left if count)
        of = sum(map(self.count, ORDER))
        return f"{len(self.checked):,} of {of:,} candidates are shown; left out: {named}" if named else ""

    def _shown(self, kind: VerdictKind) -> int:
        return sum(checked.verdict.verdict is kind for checked in self.checked)


def findings_of(checked: Checked) -> Iterator[Finding]:
    """Yield what was found of one candidate."""
    verdict = checked.verdict
    for result in verdict.failed:
        yield Finding(checked, "error", result)
    if verdict.verdict is VerdictKind.UNKNOWN:
        for result in verdict.undecided:
            yield Finding(checked, "unknown", result)
    for result in verdict.rules:
        if result.severity is Severity.WARNING and result.outcome is Outcome.FAIL:
            yield Finding(checked, "warning", result)
    for result in verdict.waived:
        yield Finding(checked, "waived", result)


def _alike(verdict: Verdict) -> Hashable:
    """Return what those candidates have in common that have the same plans."""
    assumed = frozenset(name for name, origin in verdict.origins.items() if origin.kind is OriginKind.ASSUMED)
    return verdict.operation, verdict.verdict, frozenset(verdict.facts.items()), assumed
