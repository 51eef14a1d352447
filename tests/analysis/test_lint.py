"""Each kind of defect is found where it was planted, and nothing is found where none was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from boxes import WORDS, boxes, header, rule
from commands import run
from imagefit.analysis import enumeration
from imagefit.analysis.decisions import leaf_places, with_constants
from imagefit.analysis.lint import pairs as lint_pairs
from imagefit.analysis.lint import rules as lint_rules
from imagefit.analysis.lint.findings import Finding, FindingKind, LintReport
from imagefit.analysis.lint.linter import lint
from imagefit.analysis.lint.rules import needless_unknown
from imagefit.budgets import Budget, BudgetEnded
from imagefit.evaluators.reference import outcome
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack, Rule
from packfiles import each_shipped_pack, shipped_pack, write_pack
from strategies import FIELDS, pack_of, packs, rules, values

SOUND = rule("sound", "when: {is: breaks}; require: {box.weight_kg: {at_most: 20}}")
RULE_KINDS = {kind for kind in FindingKind if not kind.startswith("unused-")} - {FindingKind.MISSING_EXAMPLE}


def of_rules(report: LintReport) -> list[Finding]:
    return [finding for finding in report.findings if finding.kind in RULE_KINDS]


def only(pack: Pack) -> Finding:
    """The only thing that lint finds in the rules of a pack."""
    (finding,) = of_rules(lint(pack))
    return finding


SUPPLY = """\
calls:
  weigh: {title: its weight, api: GET /boxes, command: boxes weigh, file: boxes.json, option: --box}
assumptions:
  light: {of: flavor_by_id, meaning: a box is light, fact: box.weight_kg, value: 1}
  anns: {of: flavor_by_id, meaning: a box is hers, fact: box.owner, value: ann}
"""


def test_a_call_that_supplies_nothing_and_an_assumption_that_no_rule_looks_at_are_found(tmp_path: Path) -> None:
    report = lint(boxes(tmp_path, SOUND, words=WORDS + SUPPLY))
    kinds = (FindingKind.UNUSED_CALL, FindingKind.UNUSED_ASSUMPTION)
    found = [(finding.kind, finding.subject) for finding in report.findings if finding.kind in kinds]
    assert sorted(found) == [(FindingKind.UNUSED_ASSUMPTION, "anns"), (FindingKind.UNUSED_CALL, "weigh")]


def test_a_sound_rule_gives_nothing(tmp_path: Path) -> None:
    assert of_rules(lint(boxes(tmp_path, SOUND))) == []


@pytest.mark.parametrize("name", each_shipped_pack())
def test_nothing_is_found_in_the_packs_that_ship_and_nothing_is_left_out(name: str) -> None:
    report = lint(shipped_pack(name))
    assert report.findings == []
    assert report.not_examined == []
    assert report.pairs > 50
    assert report.combinations > 100_000


# -- one rule ---------------------------------------------------------------------------------------


def test_a_rule_whose_when_can_not_be_true_never_applies(tmp_path: Path) -> None:
    odd = rule("odd", "when: {all: [{box.kind: glass}, {box.kind: toy}]}; require: {box.sealed: true}")
    finding = only(boxes(tmp_path, SOUND, odd))
    assert (finding.kind, finding.subject) == ("never-applies", "boxes.odd")
    assert finding.combinations == 3 * 2  # glass, toy or book; sealed or not
    assert str(finding.position) == f"{tmp_path}/boxes.yaml:{SOUND.count(chr(10)) + 1}:3"


def test_a_notice_that_never_applies_is_found_too(tmp_path: Path) -> None:
    odd = rule("odd", "severity: notice; when: {box.weight_kg: {above: 5, below: 6}}")
    assert only(boxes(tmp_path, odd)).kind == "never-applies"


def test_a_rule_that_requires_what_its_when_grants_never_fails(tmp_path: Path) -> None:
    odd = rule("odd", "when: {box.weight_kg: {above: 20}}; require: {box.weight_kg: {at_least: 10}}")
    finding = only(boxes(tmp_path, odd))
    assert finding.kind == "never-fails"
    assert finding.witness is not None
    assert finding.witness["box.weight_kg"] > 20  # type: ignore[operator]


def test_a_rule_that_requires_what_its_when_excludes_never_passes(tmp_path: Path) -> None:
    odd = rule("odd", "when: {box.kind: glass}; require: {box.kind: {not: glass}}")
    finding = only(boxes(tmp_path, odd))
    assert (finding.kind, finding.witness) == ("never-passes", {"box.kind": "glass"})


def test_a_comparison_that_another_one_implies_never_matters(tmp_path: Path) -> None:
    odd = rule("odd", "when: {box.sealed: true}; require: {all: [{box.kind: [glass, toy]}, {box.kind: glass}]}")
    finding = only(boxes(tmp_path, odd))
    assert finding.kind == "idle-leaf"
    assert "`box.kind in glass, toy` in the `require`" in finding.message
    assert "as true for good" in finding.message
    assert (finding.position.line, finding.position.column) == (3, 20)  # type: ignore[union-attr]


def test_of_a_comparison_written_twice_the_second_is_named(tmp_path: Path) -> None:
    odd = rule("odd", "when: {box.kind: glass}; require: {all: [{box.sealed: true}, {box.sealed: true}]}")
    finding = only(boxes(tmp_path, odd))
    assert (finding.kind, finding.position.column) == ("idle-leaf", 40)  # type: ignore[union-attr]


def test_a_comparison_that_can_not_be_true_in_its_place_never_matters(tmp_path: Path) -> None:
    odd = rule("odd", "when: {box.kind: glass}; require: {any: [{box.kind: toy}, {box.sealed: true}]}")
    assert "as false for good" in only(boxes(tmp_path, odd)).message


def test_needless_doubt_is_found_with_a_candidate_that_shows_it(tmp_path: Path) -> None:
    odd = rule(
        "odd", "require: {any: [{box.kind: glass, box.sealed: true}, {box.kind: {not: glass}, box.sealed: true}]}"
    )
    pack = boxes(tmp_path, odd)
    found = [f for f in of_rules(lint(pack)) if f.kind is FindingKind.NEEDLESS_UNKNOWN]
    assert len(found) == 1
    assert found[0].witness == {"box.sealed": True}
    assert "unknown without box.kind, and pass whatever they are" in found[0].message
    assert outcome(pack.rules[0], {"box.sealed": True}) is Outcome.UNKNOWN


def test_a_single_comparison_that_is_unknown_by_definition_is_no_needless_doubt(tmp_path: Path) -> None:
    """An empty set contains no owner, whoever it is; but a comparison with an unknown operand is unknown."""
    by_definition = rule("labels", "require: {box.labels: {contains: {field: box.kind}}}")
    words = WORDS.replace("values: [fragile, heavy], ", "")
    pack = boxes(tmp_path, by_definition, words=words)
    assert outcome(pack.rules[0], {"box.labels": frozenset()}) is Outcome.UNKNOWN
    assert of_rules(lint(pack)) == []


@pytest.mark.slow
@given(rules())
def test_needless_doubt_is_real(made: Rule) -> None:
    try:
        finding = needless_unknown(made, FIELDS)
    except (enumeration.TooManyCases, BudgetEnded):
        return
    if finding is None:
        return
    assert finding.witness is not None
    assert outcome(made, finding.witness) is Outcome.UNKNOWN
    for truths, facts in enumeration.reach(
        [made.when, made.require], FIELDS, unknown=False, given=finding.witness
    ).witnesses.items():
        assert None not in truths
        assert outcome(made, facts).value in finding.message


COMPLETE = st.fixed_dictionaries({name: values(of) for name, of in FIELDS.items()})


@pytest.mark.slow
@given(rules(), st.lists(COMPLETE, min_size=5, max_size=5))
def test_no_known_candidate_contradicts_what_is_found_of_a_rule(made: Rule, known: list[Facts]) -> None:
    found = {f.kind: f for f in lint(pack_of([made])).findings}
    outcomes = {outcome(made, facts) for facts in known}
    if FindingKind.NEVER_APPLIES in found:
        assert outcomes == {Outcome.NOT_APPLICABLE}
    if FindingKind.NEVER_FAILS in found:
        assert Outcome.FAIL not in outcomes
    if FindingKind.NEVER_PASSES in found:
        assert Outcome.PASS not in outcomes


@pytest.mark.slow
@given(rules(), st.lists(COMPLETE, min_size=5, max_size=5))
def test_without_idle_comparisons_no_known_candidate_has_another_outcome(made: Rule, known: list[Facts]) -> None:
    gone: dict[int, bool] = {}
    places = leaf_places(made)
    assume(len({(place.part, place.leaf) for place in places}) == len(places))
    for finding in lint_rules.idle_leaves(made, FIELDS):
        ends = f"as {'true' if 'as true' in finding.message else 'false'} for good"
        place = next(
            place
            for place in reversed(places)
            if place.index not in gone and finding.message.startswith(f"`{place.leaf}` in the `{place.part}`")
        )
        gone[place.index] = "true" in ends
    without = with_constants(made, gone)
    assert all(outcome(made, facts) is outcome(without, facts) for facts in known)


# -- two rules --------------------------------------------------------------------------------------


def test_a_rule_that_another_one_implies_says_nothing(tmp_path: Path) -> None:
    strict = rule("strict", "require: {box.weight_kg: {at_most: 10}}; operations: [store, ship]")
    lax = rule("lax", "when: {box.kind: glass}; require: {box.weight_kg: {at_most: 20}}")
    finding = only(boxes(tmp_path, strict, lax))
    assert (finding.kind, finding.subject, finding.others) == ("implied", "boxes.lax", ("boxes.strict",))
    assert finding.witness is not None
    assert finding.witness["box.weight_kg"] > 20  # type: ignore[operator]


def test_of_two_rules_that_say_the_same_one_is_named(tmp_path: Path) -> None:
    one = rule("one", "require: {box.kind: [glass, toy]}")
    two = rule("two", "require: {box.kind: {not: book}}")
    finding = only(boxes(tmp_path, one, two))
    assert (finding.kind, finding.subject, finding.others) == ("implied", "boxes.two", ("boxes.one",))


@pytest.mark.parametrize(
    "change",
    [
        "operations: [store, ship]",  # the implied one holds for more
        "severity: warning",  # ... or is the only one that decides
    ],
)
def test_a_rule_is_not_implied_by_a_narrower_or_a_weaker_one(tmp_path: Path, change: str) -> None:
    lax = "when: {box.kind: glass}; require: {box.weight_kg: {at_most: 20}}"
    strict = "require: {box.weight_kg: {at_most: 10}}"
    lax, strict = (f"{lax}; {change}", strict) if "operations" in change else (lax, f"{strict}; {change}")
    assert of_rules(lint(boxes(tmp_path, rule("strict", strict), rule("lax", lax)))) == []


def test_a_rule_is_not_implied_by_one_that_asks_less_when_facts_are_missing(tmp_path: Path) -> None:
    """Both fail alike on known facts; but without box.sealed the one is unknown and the other can pass."""
    one = rule(
        "one", "require: {any: [{box.kind: glass, box.sealed: true}, {box.kind: {not: glass}, box.sealed: true}]}"
    )
    two = rule("two", "require: {box.sealed: true}")
    kinds = [(f.kind, f.subject) for f in of_rules(lint(boxes(tmp_path, one, two)))]
    assert ("implied", "boxes.two") in kinds
    assert ("implied", "boxes.one") not in kinds


def test_rules_that_contradict_each_other_conflict(tmp_path: Path) -> None:
    one = rule("one", "when: {box.kind: glass}; require: {shelf.kind: floor}")
    two = rule("two", "when: {box.weight_kg: {below: 5}}; require: {shelf.kind: wall}")
    finding = only(boxes(tmp_path, one, two))
    assert (finding.kind, finding.subject, finding.others) == ("conflict", "boxes.one", ("boxes.two",))
    assert finding.witness is not None
    assert finding.witness["box.kind"] == "glass"
    assert finding.witness["box.weight_kg"] < 5  # type: ignore[operator]


@pytest.mark.parametrize("says_so", ["one", "two"])
def test_a_contradiction_that_one_of_the_rules_states_is_no_finding(tmp_path: Path, says_so: str) -> None:
    conditions = {
        "one": "when: {box.kind: glass}; require: {shelf.kind: floor}",
        "two": "when: {box.weight_kg: {below: 5}}; require: {shelf.kind: wall}",
    }
    other = {"one": "two", "two": "one"}[says_so]
    conditions[says_so] += f"; contradicts: [boxes.{other}]"
    assert of_rules(lint(boxes(tmp_path, *(rule(name, parts) for name, parts in conditions.items())))) == []


@pytest.mark.parametrize(
    "other",
    [
        "when: {box.kind: toy}; require: {shelf.kind: wall}",  # never together
        "severity: warning; require: {shelf.kind: wall}",  # advice against what an error demands
        "operations: [ship]; require: {shelf.kind: wall}",  # of another operation
        "when: {box.sealed: true}; require: {box.kind: {not: glass}}",  # forbids what the other is about
    ],
)
def test_what_is_no_contradiction(tmp_path: Path, other: str) -> None:
    one = rule("one", "when: {box.kind: glass}; require: {shelf.kind: floor}")
    assert of_rules(lint(boxes(tmp_path, one, rule("two", other)))) == []


# -- the vocabulary ---------------------------------------------------------------------------------


def test_a_fact_that_no_rule_looks_at_is_named_unless_it_is_carried(tmp_path: Path) -> None:
    found = [f for f in lint(boxes(tmp_path, SOUND)).findings if f.kind is FindingKind.UNUSED_FACT]
    assert [f.subject for f in found] == [
        "box.sealed",
        "box.labels",
        "box.owner",
        "shelf.kind",
        "shelf.limit_kg",
        "shelf.owner",
    ]
    assert str(found[0].position) == f"{tmp_path}/words.yaml:7:3"
    carried = WORDS.replace("example: ann}", "example: ann, carried: true}")
    found = [f for f in lint(boxes(tmp_path, SOUND, words=carried)).findings if f.kind is FindingKind.UNUSED_FACT]
    assert [f.subject for f in found] == ["box.sealed", "box.labels", "shelf.kind", "shelf.limit_kg"]


TWO_NEW = WORDS.replace("[glass, book, toy]", "[glass, book, toy, tool]")


@pytest.mark.parametrize(
    ("made", "words", "forgotten"),
    [
        (SOUND, WORDS, "book, toy"),
        (SOUND, TWO_NEW, "book, toy, tool"),
        (SOUND, TWO_NEW.replace("example: book}", "example: book, carried: [book, toy]}"), "tool"),
        (rule("x", "when: {box.kind: [glass, book]}; require: {box.sealed: true}"), WORDS, None),  # one is left
        (rule("x", "require: {box.kind: glass}"), WORDS, None),  # the others fail
        (
            rule(
                "x", "when: {box.kind: glass}; require: {box.sealed: true}", "[{facts: {box.kind: toy}, outcome: pass}]"
            ),
            WORDS,
            None,
        ),
    ],
)
def test_values_that_no_rule_looks_at(tmp_path: Path, made: str, words: str, forgotten: str | None) -> None:
    found = [f for f in lint(boxes(tmp_path, made, words=words)).findings if f.kind is FindingKind.UNUSED_VALUE]
    assert [f.message.partition(" (")[0] for f in found] == ([f"no rule looks at {forgotten}"] if forgotten else [])


def test_a_value_is_looked_at_where_it_is_compared_with_another_fact(tmp_path: Path) -> None:
    words = WORDS.replace("values: [floor, wall]", "values: [toy, wall]")
    same = rule("same", "require: {box.kind: {same_as: shelf.kind}}")
    assert FindingKind.UNUSED_VALUE not in {f.kind for f in lint(boxes(tmp_path, same, words=words)).findings}


# -- the whole --------------------------------------------------------------------------------------


def not_decided(report: LintReport) -> list[str]:
    return [f"{f.subject}: {f.message}" for f in report.findings if f.kind is FindingKind.NOT_DECIDED]


def test_what_is_too_large_is_a_finding_with_its_size(tmp_path: Path) -> None:
    one = rule("one", "when: {box.kind: glass}; require: {shelf.kind: floor}")
    report = lint(boxes(tmp_path, one), Budget(40))
    assert [str(item) for item in report.not_examined][:1] == ["boxes.one: the rule as a whole (4 combinations)"]
    assert "boxes.one: the rule as a whole: not decided within the budget (4 combinations)" in not_decided(report)


def test_each_budget_finds_what_is_there_or_says_that_it_did_not_look(tmp_path: Path) -> None:
    odd = rule("odd", "when: {box.kind: glass}; require: {all: [{box.sealed: true}, {box.sealed: true}]}")
    lax = rule("lax", "when: {box.kind: glass}; require: {box.sealed: true}")
    pack = boxes(tmp_path, odd, lax)
    every = {(f.kind, f.subject) for f in lint(pack, Budget()).findings}
    assert not any(kind is FindingKind.NOT_DECIDED for kind, _ in every)
    for steps in (1, 100, 1_000, 10_000, 100_000):
        report = lint(pack, Budget(steps))
        found = {(f.kind, f.subject) for f in report.findings}
        assert {(kind, subject) for kind, subject in found if kind is not FindingKind.NOT_DECIDED} <= every
        assert every <= found or not_decided(report)


def test_a_pair_that_is_too_large_is_listed_once_for_each_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_many(*conditions: object, **options: object) -> enumeration.Reached:
        raise enumeration.TooManyCases(10**12)

    monkeypatch.setattr(lint_pairs, "reach", too_many)
    strict = rule("strict", "require: {box.weight_kg: {at_most: 10}}")
    other = rule("other", "require: {box.weight_kg: {above: 10}}")
    lax = rule("lax", "when: {box.kind: glass}; require: {box.weight_kg: {at_most: 20}}")
    report = lint(boxes(tmp_path, strict, lax, other))
    assert {f.kind for f in of_rules(report)} == {FindingKind.NOT_DECIDED}
    assert [str(item) for item in report.not_examined] == [
        "boxes.lax and boxes.strict: does one imply the other (1,000,000,000,000 combinations)",
        "boxes.other and boxes.strict: do they contradict each other (1,000,000,000,000 combinations)",
    ]
    assert report.to_dict()["not_examined"][1] == {
        "rules": ["boxes.other", "boxes.strict"],
        "question": "do they contradict each other",
        "combinations": 10**12,
    }


@pytest.mark.slow
@given(packs())
def test_lint_says_the_same_of_the_same_pack_and_its_witnesses_are_real(made: Pack) -> None:
    report = lint(made)
    assert report.to_dict() == lint(pack_of(list(reversed(made.rules)))).to_dict()
    by_id = {one.id: one for one in made.rules}
    for finding in report.findings:
        if finding.kind is FindingKind.IMPLIED:
            assert finding.witness is not None
            assert outcome(by_id[finding.subject], finding.witness) is Outcome.FAIL
            assert outcome(by_id[finding.others[0]], finding.witness) is Outcome.FAIL


@pytest.mark.slow
@given(packs(max_rules=3))
def test_without_a_rule_that_is_implied_no_verdict_is_another_one(made: Pack) -> None:
    from imagefit.analysis.impact import compare
    from imagefit.evaluators.cells import combinations, representatives

    gone = next((f.subject for f in lint(made).findings if f.kind is FindingKind.IMPLIED), None)
    if gone is None:
        return
    rest = [one for one in made.rules if one.id != gone]
    implied, other = made.rule(gone), made.rule(next(f.others[0] for f in lint(made).findings if f.subject == gone))
    values = representatives([leaf for one in (implied, other) for leaf in _leaves(one)], FIELDS)
    few = (facts for _, facts in zip(range(3000), combinations(values, unknown=True), strict=False))
    assert compare(made, pack_of(rest), (("", facts, ["use", "share"]) for facts in few)).moved == []


def _leaves(one: Rule):  # type: ignore[no-untyped-def]
    from imagefit.conditions import leaves

    return [*leaves(one.when), *leaves(one.require)]


def test_the_command_prints_findings_and_exits_with_1(tmp_path: Path) -> None:
    examples = "{facts: {box.kind: glass}, outcome: fail}, {facts: {}, outcome: unknown}"
    examples = f"[{examples}, {{facts: {{box.kind: toy}}, outcome: not_applicable}}]"
    odd = rule("odd", "when: {box.kind: glass}; require: {box.kind: {not: glass}}", examples)
    write_pack(tmp_path, {"pack.yaml": header(), "words.yaml": WORDS, "boxes.yaml": odd})
    result = run("rules", "lint", "--pack", str(tmp_path))
    assert result.exit_code == 1
    assert "boxes.yaml:1:3: never-passes: boxes.odd: the rule never passes" in result.stdout
    assert "  see: --set box.kind=glass\n  looked at: 2 combinations\n" in result.stdout
    assert "1 rule, 0 pairs of rules, 3 combinations" in result.stderr
    data = json.loads(run("rules", "lint", "--pack", str(tmp_path), "--format", "json").stdout)
    found = {f["subject"]: f for f in data["findings"]}["boxes.odd"]
    assert (found["kind"], found["line"], found["witness"]) == ("never-passes", 1, {"box.kind": "glass"})


def test_the_command_names_what_it_did_not_examine_and_that_is_not_fine() -> None:
    result = run("rules", "lint", "--budget", "2000")
    assert result.exit_code == 1
    assert (
        "not-decided: access.shared-and-accepted: the rule as a whole: not decided within the budget" in result.stdout
    )
    assert "questions not examined" in result.stderr


def test_a_budget_and_none_are_two_answers_to_one_question() -> None:
    result = run("rules", "lint", "--budget", "2000", "--no-budget")
    assert result.exit_code == 2


def test_the_command_exits_with_0_on_a_clean_pack() -> None:
    result = run("rules", "lint")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing found" in result.stderr
