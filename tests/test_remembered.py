"""What is remembered between checks changes nothing that a check says: neither what came before, nor who else asks."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagefit
from imagefit import supply
from imagefit.conditions import Condition, affirmed, leaves
from imagefit.errors import InputError
from imagefit.evaluators.reference import leaf_truth, outcome
from imagefit.explanations.candidate import prepared, ruleresults
from imagefit.explanations.candidate.rawfacts import CandidateReader
from imagefit.explanations.remedies import offers as offers_module
from imagefit.explanations.remedies import trialsbytruths, triedonfacts
from imagefit.explanations.remedies.effects import applied, can_be_done, changed_facts, filled
from imagefit.explanations.remedies.offers import Offers
from imagefit.explanations.remedies.trialsbytruths import OfRule
from imagefit.explanations.truths import comparisons
from imagefit.explanations.truths.comparisons import Truths, comparison_of, together
from imagefit.facts import Facts, Field, FieldType, Value
from imagefit.rulepack.pack import Outcome, Pack, Rule, Severity
from imagefit.supply import FactReader, read_facts
from imagefit.verdicts import RemedyText
from packfiles import shipped_pack
from strategies import FEW_FIELDS, FIELDS, candidates, conditions, few_candidates, packs, packs_with_remedies

CORPUS = Path(__file__).parent / "corpus" / "huawei-ims.jsonl"
EVALUATORS = ("reference", "tabular")


def said(facts: Facts, pack: Pack, evaluator: str, operation: str) -> str:
    return imagefit.check(facts, operation=operation, pack=pack, evaluator=evaluator).to_json()


def anew(pack: Pack) -> Pack:
    """Return the same pack, of which nothing was made yet."""
    return replace(pack)


def expect_same(pack: Pack, some: Sequence[tuple[Facts, str]], evaluator: str) -> None:
    alone = [said(facts, anew(pack), evaluator, operation) for facts, operation in some]
    own = anew(pack)
    for _ in range(3):  # the first check of a pack remembers nothing, the second does, the third is remembered
        assert [said(facts, own, evaluator, operation) for facts, operation in some] == alone


@given(packs(), st.lists(candidates(), min_size=1, max_size=6), st.sampled_from(EVALUATORS))
def test_a_check_says_the_same_whatever_was_checked_before(pack: Pack, some: list[Facts], evaluator: str) -> None:
    expect_same(pack, [(facts, "use") for facts in some], evaluator)


def as_loaded(pack: Pack) -> Pack:
    """Return a pack whose messages name the facts of their rules alone, as those of every pack that loads do."""
    rules = [replace(rule, message=" ".join(f"{{{name}}}" for name in rule.facts)) for rule in pack.rules]
    return replace(pack, rules=tuple(rules))


@given(packs_with_remedies(), st.lists(few_candidates(), min_size=1, max_size=8), st.sampled_from(EVALUATORS))
def test_so_it_does_with_remedies(pack: Pack, some: list[Facts], evaluator: str) -> None:
    expect_same(as_loaded(pack), [(facts, "use") for facts in some], evaluator)


@pytest.mark.parametrize("evaluator", EVALUATORS)
def test_of_the_corpus(evaluator: str) -> None:
    cases = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()[::293]]
    expect_same(shipped_pack(), [(case["facts"], case["operation"]) for case in cases], evaluator)


@pytest.mark.parametrize("evaluator", EVALUATORS)
def test_so_it_does_where_rules_have_too_many_comparisons(evaluator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offers_module, "MOST_COMPARED", 0)
    cases = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()[::997]]
    expect_same(shipped_pack(), [(case["facts"], case["operation"]) for case in cases], evaluator)


def test_large_facts_are_not_kept() -> None:
    pack = anew(shipped_pack())
    ready = prepared.prepare(pack, "share", (), (), "reference")
    for number in range(3):
        owner = "x" * (prepared.LARGE + number)
        imagefit.check({"image.owner": owner}, operation="share", pack=pack)
        imagefit.check({"image.owner": owner[:9]}, operation="share", pack=pack)
    assert len(ready.seen) == 1
    values = [value for own, _ in ready.seen.values() for value in own]
    assert all(len(value) <= prepared.LARGE for value in values if isinstance(value, str))


def test_no_more_is_kept_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "REMEMBERED", 5)
    monkeypatch.setattr(supply, "REMEMBERED", 5)
    pack = anew(shipped_pack())
    expected = [said({"image.owner": str(n)}, anew(pack), "tabular", "share") for n in range(20)]
    for _ in range(3):
        assert [said({"image.owner": str(n // 2)}, pack, "tabular", "share") for n in range(40)] == [
            each for each in expected for _ in range(2)
        ]
    ready = prepared.prepare(pack, "share", (), (), "tabular")
    assert len(ready.seen) == 5
    assert len(ready.once) <= 5


def test_threads_share_a_pack() -> None:
    pack = anew(shipped_pack())
    cases = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()[::401]]
    expected = [said(case["facts"], anew(pack), "tabular", case["operation"]) for case in cases]
    found: dict[int, list[str]] = {}

    def work(number: int) -> None:
        places = [(place + number * 13) % len(cases) for place in range(len(cases))]
        own = {place: said(cases[place]["facts"], pack, "tabular", cases[place]["operation"]) for place in places}
        found[number] = [own[place] for place in range(len(cases))]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[number] for number in range(4)] == [expected] * 4


@pytest.mark.parametrize("ask", ["message", "leaves", "missing", "not_examined", "__eq__", "__hash__", "__repr__"])
def test_a_result_that_another_thread_tells_while_it_is_asked_answers(ask: str) -> None:
    pack = anew(shipped_pack())
    untold, other = (imagefit.check({}, operation="share", pack=each).rules[0] for each in (pack, anew(pack)))
    found = getattr(type(untold), ask)  # what this thread has looked up when the other one tells
    given = (other,) if ask == "__eq__" else ()
    told = untold.message  # as the other thread would
    assert told
    if isinstance(found, property):
        assert found.fget is not None
        assert found.fget(untold) == getattr(other, ask)
    else:
        assert found(untold, *given) == getattr(other, ask)(*((untold,) if given else ()))


# -- what a condition says, by the truths of its leaves -----------------------------------------------------------


@given(conditions(), st.lists(candidates(), min_size=1, max_size=8))
def test_truths_are_one_number_with_two_bits_for_each_comparison(condition: Condition, some: list[Facts]) -> None:
    own = [affirmed(leaf) for leaf in leaves(condition)]
    truths = Truths(map(comparison_of, own))
    for facts in (*some, *some):
        for leaf in own:
            mask = truths.mask([comparison_of(leaf)])
            low = mask & -mask
            assert (truths.of(facts) & mask) // low == {None: 0, False: 1, True: 2}[leaf_truth(leaf, facts)]


@given(st.lists(conditions(), min_size=1, max_size=6), st.lists(candidates(), min_size=1, max_size=8))
def test_truths_of_groups_stand_for_what_their_comparisons_say(some: list[Condition], every: list[Facts]) -> None:
    own = [dict.fromkeys(map(comparison_of, leaves(condition))) for condition in some]
    groups = list(together(own))
    assert sorted(place for group in groups for place in group) == list(range(len(own)))
    grouped = [dict.fromkeys(each for place in group for each in own[place]) for group in groups]
    truths = Truths([], grouped)
    said: list[dict[object, set[object]]] = [{} for _ in groups]
    for facts in (*every, *every):
        found = truths.of(facts)
        assert found == truths.shares(facts) | truths.linked(list(FIELDS))([facts.get(name) for name in FIELDS])
        for group, key, seen in zip(grouped, truths.keys(found), said, strict=True):
            seen.setdefault(key, set()).add(found & truths.mask(group))
    assert all(len(same) == 1 for seen in said for same in seen.values())
    assert [len(seen) for seen in said] == [len(set().union(*seen.values())) for seen in said]


def offered(rule: Rule, facts: Facts, pack: Pack, rules: Sequence[Rule]) -> tuple[RemedyText, ...]:
    """What a rule that fails offers, as the first lines of `triedonfacts` say it, with nothing remembered."""
    found = []
    for name in rule.remedies:
        remedy = pack.remedies[name]
        after = applied(remedy.effects, facts)
        if not can_be_done(remedy, facts, "use") or (remedy.effects and after == facts):
            continue
        looking = [each for each in rules if not changed_facts(remedy).isdisjoint(each.facts)]
        newly = [
            each
            for each in looking
            if outcome(each, after) is Outcome.FAIL and outcome(each, facts) is not Outcome.FAIL
        ]
        ids = tuple(each.id for each in newly)
        text = filled(remedy.text, facts, pack.fields)
        if remedy.chooses:
            found.append(RemedyText(remedy.id, text, remedy.actor, heeding=ids))
        elif all(each.severity is not Severity.ERROR for each in newly):
            found.append(RemedyText(remedy.id, text, remedy.actor, warnings=ids))
    return tuple(found)


@given(packs_with_remedies(), st.lists(few_candidates(), min_size=1, max_size=8))
def test_what_is_offered_is_what_each_candidate_alone_is_offered(pack: Pack, some: list[Facts]) -> None:
    offers, remembered = Offers(pack, pack.rules), dict[str, OfRule]()
    for facts in (*some, *some):
        for rule in pack.rules:
            expected = offered(rule, facts, pack, pack.rules)
            assert offers.of(rule, facts, "use").remedies == expected
            trials = remembered.setdefault(rule.id, offers.trials.of(rule, "use"))
            assert trials.right(facts, offers.trials.truths.of(facts)).offered(facts).remedies == expected


# -- facts --------------------------------------------------------------------------------------------------------


class Word(StrEnum):
    TEXT = "a"


RAW = st.one_of(
    st.sampled_from(["", "a", "b", "true", "1", "1.0", "nan", "[]", "a; b", "x" * 300, Word.TEXT]),
    st.sampled_from([True, False, 0, 1, 2, 1.0, 0.0, -0.0, 0.5, float("nan"), None, 1 << 70]),
    st.sampled_from([["a"], ["a", "b"], [], ("a",), {"a"}, frozenset({"a"}), frozenset({"b", "a"}), {"k": 1}, b"a"]),
)


def outcome_of_reading(read: object, facts: dict[str, object]) -> tuple[object, ...]:
    try:
        found: dict[str, Value] = read(facts)  # type: ignore[operator]
    except InputError as error:
        return "refused", str(error)
    return "read", [
        (name, type(value), repr(value) if isinstance(value, float) else value) for name, value in found.items()
    ]


@given(st.lists(st.dictionaries(st.sampled_from([*FIELDS, *FEW_FIELDS, "no.such"]), RAW), min_size=1, max_size=12))
def test_facts_are_read_as_if_none_had_been_read_before(some: list[dict[str, object]]) -> None:
    fields = {**FEW_FIELDS, **FIELDS}
    reader = FactReader(fields)
    for facts in (*some, *some):
        expected = outcome_of_reading(lambda facts: read_facts(facts, fields), facts)
        assert outcome_of_reading(reader.read, facts) == expected


@given(
    st.lists(st.dictionaries(st.sampled_from([*FIELDS, *FEW_FIELDS, "no.such"]), RAW), min_size=1, max_size=12),
    conditions(),
)
def test_a_candidate_is_read_as_its_facts_are(some: list[dict[str, object]], condition: Condition) -> None:
    fields, names = {**FEW_FIELDS, **FIELDS}, sorted(FIELDS)
    truths = Truths(map(comparison_of, leaves(condition)))
    reader = CandidateReader(FactReader(fields), names, truths)
    for facts in (*some, *some):
        expected = outcome_of_reading(lambda facts: read_facts(facts, fields), facts)
        assert outcome_of_reading(lambda facts: reader.read(facts).facts, facts) == expected
        if expected[0] == "read":
            read, known = reader.read(facts), read_facts(facts, fields)
            assert [(type(v), v) for v in read.values] == [(type(v), v) for v in map(known.get, names)]
            assert read.shares == truths.shares(known)


@pytest.mark.parametrize("raw", [(0.0, -0.0), (-0.0, 0.0), (1, 1.0, True), (True, 1)])
def test_values_that_are_equal_are_read_each_as_what_it_is(raw: tuple[object, ...]) -> None:
    fields = {"n": Field("n", FieldType.NUMBER), "b": Field("b", FieldType.BOOLEAN)}
    reader = CandidateReader(FactReader(fields), ("n", "b"), Truths([]))
    for facts in [{name: each} for name in fields for each in (*raw, *raw)]:
        expected = outcome_of_reading(lambda facts: read_facts(facts, fields), facts)
        assert outcome_of_reading(lambda facts: reader.read(facts).facts, facts) == expected


def test_what_bounds_the_memories_is_small() -> None:
    assert (supply.REMEMBERED, ruleresults.REMEMBERED, prepared.REMEMBERED) == (1 << 12, 1 << 12, 1 << 14)
    assert (trialsbytruths.REMEMBERED, triedonfacts.REMEMBERED, comparisons.REMEMBERED) == (1 << 12, 1 << 12, 1 << 18)
