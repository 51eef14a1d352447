"""Explanations: from the outcomes of an evaluator to a verdict that says why.

The deciding leaves of an outcome are found by walking the condition tree along its truths. They are
honest in both directions: their truths alone imply the outcome, whatever the facts they do not name;
and giving the failing leaves of `require` what they expect removes the violation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from imagefit.conditions import All, Condition, Leaf
from imagefit.evaluators.reference import leaf_truth, truth
from imagefit.facts import Facts, Origin, Value
from imagefit.missing import missing_of_rule, missing_of_verdict
from imagefit.rulepack.pack import Outcome, Pack, Rule, Severity, render
from imagefit.verdicts import LeafResult, PackRef, RemedyText, RuleResult, Verdict, VerdictKind

__all__ = ["deciding_leaves", "explain_rule", "is_shown", "verdict_of"]

_SEVERITIES = tuple(Severity)
_OUTCOMES = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.NOT_APPLICABLE)


def verdict_of(
    pack: Pack,
    operation: str,
    rules: Sequence[Rule],
    outcomes: Sequence[Outcome],
    facts: Facts,
    *,
    key: str = "",
    assumed: Mapping[str, Value] | None = None,
    origins: Mapping[str, Origin] | None = None,
    all_rules: bool = False,
) -> Verdict:
    """Build the verdict and its explanation.

    Parameters
    ----------
    rules, outcomes
        The rules that were evaluated and, in the same order, what each says of the candidate.
    facts
        The candidate's known facts, assumptions included.
    assumed
        The assumptions that were used.
    all_rules
        Explain the rules that pass or do not apply, too.
    """
    judged = list(zip(rules, outcomes, strict=True))
    kind = kind_of(judged)
    undecided = [rule for rule, outcome in judged if outcome is Outcome.UNKNOWN and rule.severity is Severity.ERROR]
    missing = missing_of_verdict(undecided, facts, pack.fields) if kind is VerdictKind.UNKNOWN else ()
    shown = [(rule, outcome) for rule, outcome in judged if all_rules or is_shown(rule, outcome)]
    shown.sort(key=lambda item: (_SEVERITIES.index(item[0].severity), _OUTCOMES.index(item[1]), item[0].id))
    return Verdict(
        key=key,
        operation=operation,
        verdict=kind,
        rules=tuple(explain_rule(rule, outcome, facts, pack) for rule, outcome in shown),
        missing=missing,
        assumed=assumed or {},
        pack=PackRef(pack.name, pack.version, pack.digest),
        facts=facts,
        origins=origins or {},
    )


def kind_of(judged: Iterable[tuple[Rule, Outcome]]) -> VerdictKind:
    """Return the verdict that outcomes make: only rules of severity error count."""
    errors = {outcome for rule, outcome in judged if rule.severity is Severity.ERROR}
    if Outcome.FAIL in errors:
        return VerdictKind.INCOMPATIBLE
    return VerdictKind.UNKNOWN if Outcome.UNKNOWN in errors else VerdictKind.COMPATIBLE


def is_shown(rule: Rule, outcome: Outcome) -> bool:
    """Whether a verdict shows the rule: it fails, is unknown, or is a notice that is not known not to apply."""
    if rule.severity is Severity.NOTICE:
        return outcome is not Outcome.NOT_APPLICABLE
    return outcome in (Outcome.FAIL, Outcome.UNKNOWN)


def explain_rule(rule: Rule, outcome: Outcome, facts: Facts, pack: Pack) -> RuleResult:
    """Explain one rule's outcome on one candidate."""
    is_bad = outcome in (Outcome.FAIL, Outcome.UNKNOWN)
    is_open = outcome is Outcome.UNKNOWN or (outcome is Outcome.PASS and truth(rule.when, facts) is None)
    missing = missing_of_rule(rule, facts, pack.fields) if is_open else ()
    remedies = [pack.remedies[id_] for id_ in rule.remedies] if is_bad else []
    return RuleResult(
        rule=rule.id,
        title=rule.title,
        severity=rule.severity,
        outcome=outcome,
        message=_message(rule, outcome, facts, missing),
        leaves=deciding_leaves(rule, outcome, facts),
        missing=missing,
        remedies=tuple(RemedyText(r.id, render(r.text, facts), r.actor) for r in remedies),
        source=rule.source,
        error_codes=rule.error_codes if is_bad else (),
    )


def deciding_leaves(rule: Rule, outcome: Outcome, facts: Facts) -> tuple[LeafResult, ...]:
    """Return the leaves that decide the outcome, `when` first, in the order in which they are written.

    Where several parts would each do (an `any` of which two hold), `when` names the fewest leaves;
    `require` names every failing leaf, for each is something that a person may have to change.
    """
    found = [("when", leaf) for leaf in _deciding(rule.when, facts, one=True)]
    if outcome is not Outcome.NOT_APPLICABLE:
        found += [("require", leaf) for leaf in _deciding(rule.require, facts, one=outcome is Outcome.PASS)]
    return tuple(dict.fromkeys(_result(part, leaf, facts) for part, leaf in found))


def _deciding(condition: Condition, facts: Facts, one: bool) -> list[Leaf]:
    if isinstance(condition, Leaf):
        return [condition]
    value = truth(condition, facts)
    decisive = not isinstance(condition, All)
    if value is decisive:  # one part is enough
        parts = [_deciding(part, facts, one) for part in condition.parts if truth(part, facts) is decisive]
        return min(parts, key=len) if one else [leaf for part in parts for leaf in part]
    return [leaf for part in condition.parts for leaf in _deciding(part, facts, one)]


def _result(part: str, leaf: Leaf, facts: Facts) -> LeafResult:
    expected = leaf.operand if leaf.other is None else facts.get(leaf.other)
    return LeafResult(
        part, leaf.fact, leaf.operator, expected, facts.get(leaf.fact), leaf_truth(leaf, facts), leaf.other
    )


def _message(rule: Rule, outcome: Outcome, facts: Facts, missing: tuple[str, ...]) -> str:
    if outcome is Outcome.UNKNOWN:
        return f"undecided without {', '.join(missing)}"
    if outcome is Outcome.FAIL or (rule.severity is Severity.NOTICE and outcome is Outcome.PASS):
        return render(rule.message, facts)
    return rule.title
