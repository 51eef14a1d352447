"""Baselines: what is known does not count, what is new does, and no order matters."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands import run
from imagefit.errors import InputError
from imagefit.rulepack.pack import Pack, Severity
from imagefit.sources.limits import BASELINE
from imagefit.verdicts.baseline import Compared, Known, baseline_pieces, name_of_facts, read_baseline

RUN = st.lists(
    st.tuples(
        st.sampled_from(["screw_in", "lend"]),
        st.sampled_from(["a", "b", "ü;'\"\n"]),
        st.dictionaries(st.integers(0, 3), st.sampled_from(["fail", "unknown"])),
    ),
    max_size=5,
)
"""Candidates, some of them alike in name, and what became of their rules by number."""

Run = Sequence[tuple[str, str, dict[int, str]]]


def compared(pack: Pack, run: Run, known: Known | None = None, *, is_written: bool = False) -> Compared:
    """A run beside what is known: a rule fails or is undecided, as an error or as a warning, by its severity."""
    found = Compared(pack, known or {}, found={} if is_written else None)
    rules = [rule for rule in pack.rules if rule.severity is not Severity.NOTICE]
    for operation, candidate, numbers in run:
        own = [(rules[n % len(rules)], outcome) for n, outcome in numbers.items()]
        errors = {rule.id: outcome for rule, outcome in own if rule.severity is Severity.ERROR}
        failed, unknown = ([rule for rule, each in errors.items() if each == what] for what in ("fail", "unknown"))
        warned = [r.id for r, each in own if r.severity is Severity.WARNING and each == "fail"]
        found.add(operation, candidate, failed, unknown, warned)
    return found


def baseline(pack: Pack, run: Run) -> str:
    return "".join(baseline_pieces(compared(pack, run, is_written=True).found or {}))


@given(RUN)
def test_a_baseline_is_indented_json_of_findings_in_order(lamps: Pack, run: Run) -> None:
    text = baseline(lamps, run)
    data = json.loads(text)
    assert text == json.dumps(data, indent=1) + "\n"
    findings = data["findings"]
    assert findings == sorted(findings, key=lambda each: (each["operation"], each["candidate"]))
    assert {(each["operation"], each["candidate"]) for each in findings} <= {(name, of) for name, of, _ in run}


@given(RUN)
def test_a_baseline_of_a_run_makes_it_pass(lamps: Pack, run: Run) -> None:
    again = compared(lamps, run, read_baseline(baseline(lamps, run), "b.json"))
    assert (again.new, again.level, again.is_warned, again.fixed(), again.elsewhere()) == (0, 0, False, [], 0)


@given(RUN, RUN, st.randoms(use_true_random=False))
def test_no_order_matters(lamps: Pack, before: Run, run: Run, random) -> None:
    others = random.sample(before, len(before)), random.sample(run, len(run))
    text, same = baseline(lamps, before), baseline(lamps, others[0])
    assert text == same
    one, other = (compared(lamps, each, read_baseline(text, "b.json")) for each in (run, others[1]))
    assert (one.new, one.old, one.level, one.fixed(), one.elsewhere()) == (
        other.new,
        other.old,
        other.level,
        other.fixed(),
        other.elsewhere(),
    )


@given(RUN, st.sampled_from(["fail", "unknown"]))
def test_a_new_finding_counts(lamps: Pack, run: Run, outcome: str) -> None:
    known = read_baseline(baseline(lamps, run), "b.json")
    rule = next(rule.id for rule in lamps.rules if rule.severity is Severity.ERROR)
    again = compared(lamps, run, known)
    again.add("screw_in", "new", [rule] if outcome == "fail" else [], [rule] if outcome == "unknown" else [], [])
    assert (again.new, again.level) == (1, 2 if outcome == "fail" else 1)
    assert again.shown == [("screw_in", "new", rule, outcome)]


@given(RUN)
def test_what_is_not_found_any_more_is_fixed_and_what_was_not_checked_is_not(lamps: Pack, run: Run) -> None:
    known = read_baseline(baseline(lamps, run), "b.json")
    places = {(operation, candidate) for operation, candidate, _ in run}
    here = {place for place in places if place[1] == "a"}
    again = compared(lamps, [(*place, {}) for place in here], known)
    own = {operation: {rule.id for rule in lamps.rules_for(operation)} for operation, _ in here}
    expected = {(*place, rule) for place in here for rule in known.get(place, {}) if rule in own[place[0]]}
    assert {each[:3] for each in again.fixed()} == expected
    assert again.elsewhere() == sum(len(rules) for place, rules in known.items() if place not in here)


@pytest.mark.parametrize(("was", "now", "is_known"), [("fail", "unknown", True), ("unknown", "fail", False)])
def test_what_became_worse_is_new(lamps: Pack, was: str, now: str, is_known: bool) -> None:
    operation = next(iter(lamps.operations))
    rule = next(rule.id for rule in lamps.rules_for(operation) if rule.severity is Severity.ERROR)
    found = Compared(lamps, {(operation, "a"): {rule: was}})
    found.add(operation, "a", [rule] if now == "fail" else [], [rule] if now == "unknown" else [], [])
    assert (found.old, found.new) == ((1, 0) if is_known else (0, 1))
    assert found.fixed() == []


def test_facts_are_a_name_whatever_their_order_and_whatever_waivers_there_are() -> None:
    one = name_of_facts({"a.x": 1, "a.y": frozenset(["b", "a"])})
    assert one == name_of_facts({"a.y": frozenset(["a", "b"]), "a.x": 1, "image.called": frozenset(["web-*"])})
    assert one != name_of_facts({"a.x": 2, "a.y": frozenset(["b", "a"])})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "b.json: not JSON"),
        ("[]", "no baseline"),
        ('{"baseline": 2, "findings": []}', "no baseline"),
        ('{"baseline": 1, "findings": 1}', "b.json, findings: no baseline"),
        ('{"baseline": 1, "findings": [1]}', "row 1: no finding: 1"),
        ('{"baseline": 1, "findings": [{"operation": "a", "candidate": "b", "fail": "c"}]}', "row 1: no finding"),
    ],
)
def test_what_is_no_baseline_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        read_baseline(text, "b.json")
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("content", "said"), [("{\0", "holds a NUL character"), ("x" * 50, "a baseline of more than 40 char")]
)
def test_a_baseline_is_read_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, said: str
) -> None:
    (tmp_path / "b.json").write_text(content)
    (tmp_path / "t.csv").write_text("image.status\nactive\n")
    monkeypatch.setattr("imagefit.sources.limits.BASELINE", replace(BASELINE, most=40))
    command = ["audit", str(tmp_path / "t.csv"), "--operation", "share", "--baseline", str(tmp_path / "b.json")]
    found = run(*command)
    assert found.exit_code == 2
    assert said in found.stderr


def test_what_many_candidates_have_found_is_kept_once(lamps: Pack) -> None:
    run = [("screw_in", name, {0: "fail"}) for name in "abc"]
    text = baseline(lamps, run)
    for known in (compared(lamps, run, is_written=True).found, read_baseline(text, "b.json")):
        assert known is not None and len(known) == 3
        assert len({id(rules) for rules in known.values()}) == 1
