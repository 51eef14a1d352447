"""Results of rules as JSON with slots: what is the same for all candidates of a case, and where their facts stand.

A case of a rule that fails is told apart by more than its own conditions: by what of its remedies can be done, and by
what would newly fail after each. A remedy is applied to columns, and all rules are judged again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.column import Codes, Column, Constant, Encoded
from imagefit.columns.distinct import DistinctValues
from imagefit.columns.unions import united
from imagefit.columns.widths import narrowest
from imagefit.conditions import Leaf, Relation, leaves
from imagefit.escaping import in_json
from imagefit.evaluators import evaluate_with, quickest
from imagefit.evaluators.results import Flags
from imagefit.evaluators.tabular.leafcolumns import truth_column
from imagefit.evaluators.tabular.subjects import CELL_OF_TRUTH
from imagefit.explanations.candidate.explainer import Explainer
from imagefit.explanations.candidate.ruleresults import message_of
from imagefit.explanations.cases.rowcases import Cases, UnknownCases, cases_by_value, cases_of
from imagefit.explanations.missing.ofrule import Missing
from imagefit.explanations.remedies.effects import can_be_done, changed_facts, filled, value_after
from imagefit.explanations.truths.linkedfacts import Linked
from imagefit.facts import Facts, FieldType
from imagefit.rulepack.pack import PLACEHOLDER, Effect, Outcome, Pack, Remedy, Rule
from imagefit.rulepack.remembered import Remembered
from imagefit.verdicts import RuleResult

__all__ = ["Piece", "Slot", "Template", "TemplatesOf", "json_pieces", "slot"]

Slot = tuple[str, str]
"""Where a value stands: ``json`` as a value, or ``text`` as a part of a text; and the fact."""

Piece = str | Slot
Template = tuple[Piece, ...]

REMEMBERED = 1 << 14
"""So many cases of a rule are remembered as columns tell them apart."""

NONE = -1
"""The place of no rule."""

_OPEN, _CLOSE = "\udc00", "\udc01"  # halves of surrogate pairs: no text of a pack can hold one
_SLOT = re.compile(f'"{_OPEN}json ([^{_CLOSE}]*){_CLOSE}"|{_OPEN}text ([^{_CLOSE}]*){_CLOSE}')


def slot(kind: str, name: str) -> str:
    """Return a text that stands for a value in data, until `json_pieces` makes it a slot."""
    return f"{_OPEN}{kind} {name}{_CLOSE}"


def json_pieces(data: Any) -> Template:
    """Return data as JSON, apart at its slots."""
    found: list[Piece] = []
    parts = _SLOT.split(json.dumps(data, ensure_ascii=False, allow_nan=False))
    for place, part in enumerate(parts):
        if part is not None:
            found.append(in_json(part) if place % 3 == 0 else (("json", "text")[place % 3 - 1], part))
    return tuple(found)


def template_of(result: RuleResult, rule: Rule, facts: Facts, pack: Pack) -> Template:
    """Return a result on a candidate with its facts taken out."""
    slots = {name: slot("text", name) for name in facts}
    data = result.to_dict()
    data["message"] = message_of(rule, result.outcome, slots, Missing(result.missing, result.not_examined))
    for shown, leaf in zip(data["leaves"], result.leaves, strict=True):
        if leaf.actual is not None:
            shown["actual"] = slot("json", leaf.fact)
        if leaf.expected_fact is not None and leaf.expected is not None:
            shown["expected"] = slot("json", leaf.expected_fact)
    for shown in data["remedies"]:
        shown["text"] = filled(pack.remedies[shown["id"]].text, slots, pack.fields)
    return json_pieces(data)


class TemplatesOf:
    """The templates of a rule with one outcome.

    Parameters
    ----------
    explainer
        Of all rules that are judged, in the order of the flags that `failing` has.
    linked
        As of `UnknownCases`.
    """

    def __init__(
        self,
        rule: Rule,
        outcome: Outcome,
        explainer: Explainer,
        operation: str,
        linked: Sequence[Linked],
    ) -> None:
        self._rule, self._outcome, self._explainer, self._operation = rule, outcome, explainer, operation
        self._pack = explainer.pack
        fails = outcome is Outcome.FAIL
        fields = self._pack.fields
        self._cases = UnknownCases([*leaves(rule.when), *leaves(rule.require)], None if fails else linked, fields)
        remedies = [self._pack.remedies[name] for name in rule.remedies] if fails else []
        self._trials = [_Trial(remedy, explainer.rules, self._pack) for remedy in remedies if remedy.is_for(operation)]
        named = (name for trial in self._trials for name in trial.named)
        self._named = [name for name in dict.fromkeys(named) if name not in self._cases.facts]
        looked_at = (name for each in explainer.rules for name in each.facts) if self._trials else ()
        tried = (name for trial in self._trials for name in trial.facts)
        self._facts = tuple(dict.fromkeys((*self._cases.facts, *rule.facts, *self._named, *looked_at, *tried)))
        self._seen = Remembered[Hashable, Template](REMEMBERED)  # by what the columns of a batch say
        self._made: dict[Hashable, Template] = {}

    def cases(self, encoded: Encoded, rows: NDArray[np.intp], failing: Sequence[NDArray[np.uint64]]) -> tuple[Any, Any]:
        """Return the case of each of some rows, and the templates of the cases.

        Parameters
        ----------
        failing
            Which rules fail, of all rows.
        """
        own, examples, keys = self._cases.keyed(encoded.part(rows, self._cases.facts))
        digits: list[tuple[NDArray[Any], int]] = [(own, len(examples))]
        named = encoded.part(rows, self._named)
        known = [_known(named.columns.get(name), named.rows) for name in self._named]
        digits += [(each.view(np.uint8), 2) for each in known]
        tried = [trial.codes(encoded, rows, failing) for trial in self._trials]
        digits += [(codes, len(meanings)) for codes, meanings in tried]
        cases = cases_of(digits) or Cases(np.zeros(len(rows), np.int32), np.zeros(1, np.intp))
        templates = []
        for row in cases.examples.tolist():
            beside = *(bool(each[row]) for each in known), *(meanings[codes[row]] for codes, meanings in tried)
            key = (keys[own[row]], *beside)
            if (template := self._seen.get(key)) is None:
                facts = encoded.part(rows[row : row + 1], self._facts).facts(0)
                template = self._seen.remember(key, self._template(facts, beside))
            templates.append(template)
        return cases.codes, templates

    def _template(self, facts: Facts, beside: tuple[Hashable, ...]) -> Template:
        """Return what a candidate has; `beside` its case stands what is known, and becomes of it by remedies."""
        key = (self._cases.key(facts), *beside)
        if (template := self._made.get(key)) is None:
            result = self._explainer.rule(self._rule, self._outcome, facts, self._operation)
            template = self._made[key] = template_of(result, self._rule, facts, self._pack)
        return template


class _Trial:
    """What becomes of many candidates by one remedy.

    Attributes
    ----------
    facts
        What decides whether it can be done, what its effects are made of, and what they change.
    named
        The facts in its text.
    """

    def __init__(self, remedy: Remedy, rules: Sequence[Rule], pack: Pack) -> None:
        self._remedy, self._pack = remedy, pack
        self._cases = UnknownCases(leaves(remedy.requires), None, pack.fields)
        self._possible = Remembered[Hashable, bool](REMEMBERED)
        self.named = PLACEHOLDER.findall(remedy.text)
        of = [(effect.fact, effect.same_as, effect.add_from) for effect in remedy.effects]
        made_of = [name for names in of for name in names if name is not None]
        self.facts = tuple(dict.fromkeys((*self._cases.facts, *made_of)))
        changed = changed_facts(remedy)
        looking = [place for place, rule in enumerate(rules) if not changed.isdisjoint(rule.facts)]
        self._judge = evaluate_with(quickest(), pack, [rules[place] for place in looking]).judge_columns
        self._looked_at = tuple(dict.fromkeys((*made_of, *(name for place in looking for name in rules[place].facts))))
        own = {place: number for number, place in enumerate(looking)}
        self._flags: Flags = tuple((own.get(place, NONE), Outcome.FAIL) for place in range(len(rules)))

    def codes(
        self, encoded: Encoded, rows: NDArray[np.intp], failing: Sequence[NDArray[np.uint64]]
    ) -> tuple[NDArray[Any], list[Hashable]]:
        """Return a number for what becomes of each of some candidates, and what the numbers mean."""
        is_offered = self._can_be_done(encoded.part(rows, self._cases.facts))
        if not self._remedy.effects:
            return is_offered.view(np.uint8), [False, True]
        places = np.flatnonzero(is_offered)
        rows = rows[places]
        part = encoded.part(rows, self._looked_at)
        columns = dict(part.columns)
        is_same = np.ones(len(rows), np.bool_)
        for effect in self._remedy.effects:
            after, same = self._after(effect, part)
            is_same &= same
            columns.pop(effect.fact, None)
            if after is not None:
                columns[effect.fact] = after
        words = self._judge(Encoded(len(rows), columns)).masks(self._flags)
        numbered: list[tuple[NDArray[Any], int]] = [(is_same.view(np.uint8), 2)]
        new = []
        for word, before in zip(words, failing, strict=True):
            new.append(word & ~before[rows])
            new[-1][is_same] = 0
            distinct: Any = pc.dictionary_encode(pa.array(new[-1]))
            numbered.append((distinct.indices.to_numpy(), len(distinct.dictionary)))
        cases = cases_of(numbered)
        assert cases is not None
        found = np.zeros(len(is_offered), np.int32)
        found[places] = cases.codes + 1
        meanings = [(bool(is_same[row]), *(int(word[row]) for word in new)) for row in cases.examples.tolist()]
        return found, [False, *meanings]

    def _can_be_done(self, encoded: Encoded) -> NDArray[np.bool_]:
        codes, examples, keys = self._cases.keyed(encoded)
        found = []
        for key, row in zip(keys, examples.tolist(), strict=True):
            if (is_possible := self._possible.get(key)) is None:
                is_possible = self._possible.remember(key, can_be_done(self._remedy, encoded.facts(row)))
            found.append(is_possible)
        are_possible: NDArray[np.bool_] = np.array(found, np.bool_)[codes]
        return are_possible

    def _after(self, effect: Effect, encoded: Encoded) -> tuple[Column | None, NDArray[np.bool_]]:
        """Return a fact after an effect (None: unknown in all rows), and where it is what it was."""
        before = encoded.columns.get(effect.fact)
        if effect.becomes_unknown:
            return None, ~_known(before, encoded.rows)
        if effect.value is not None and not isinstance(before, Codes):
            is_value = _known(before, encoded.rows)
            if before is not None:
                found = before.constant if isinstance(before, Constant) else before.numbers
                is_value = is_value & (found == effect.value)
            return Constant(effect.value), is_value
        of = self._pack.fields[effect.fact]
        if of.type is not FieldType.STRING_SET:
            other = encoded.columns.get(effect.same_as or "") if effect.value is None else Constant(effect.value)
            truths = truth_column(Leaf(effect.fact, Relation.EQUALS, effect.value, effect.same_as), encoded)
            are_unknown = ~(_known(before, encoded.rows) | _known(other, encoded.rows))
            return other, are_unknown | np.equal(truths, CELL_OF_TRUTH[True])
        names = [effect.fact, *filter(None, (effect.same_as, effect.add_from))]
        part = encoded.part(np.arange(encoded.rows), names)
        cases = cases_by_value(part.columns.get(name) for name in names)
        if cases is None:
            cases = Cases(np.zeros(encoded.rows, np.int32), np.zeros(1, np.intp))
        more = Constant(effect.add) if effect.add is not None else part.columns.get(effect.add_from or "")
        if isinstance(before, Codes) and isinstance(more, Codes | Constant):
            united_sets, is_same = united(before.take(cases.examples), more.take(cases.examples))
            return united_sets.take(cases.codes), is_same[cases.codes]
        facts = [part.facts(row) for row in cases.examples.tolist()]
        values = [value_after(effect, each) for each in facts]
        same = np.array([value == each.get(effect.fact) for value, each in zip(values, facts, strict=True)], np.bool_)
        if effect.value is not None:
            return Constant(effect.value), same[cases.codes]
        distinct = DistinctValues.of(of, values)
        return Codes((cases.codes + 1).astype(narrowest(distinct.size)), distinct), same[cases.codes]


def _known(column: Column | None, rows: int) -> NDArray[np.bool_]:
    if column is None or isinstance(column, Constant):
        return np.full(rows, column is not None)
    return column.known
