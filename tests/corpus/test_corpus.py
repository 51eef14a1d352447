"""The committed corpus is that of the built-in pack, shows what it says it shows, and holds for every evaluator."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import imagefit
from imagefit.analysis.coverage import pairs_with, shows
from imagefit.analysis.decisions import analysed
from imagefit.analysis.examples import expected_outcomes, witness
from imagefit.analysis.verify.corpus import corpus_lines
from imagefit.analysis.verify.corpus_run import Entry, read_corpus, run_corpus
from imagefit.analysis.verify.verification import installed
from imagefit.rulepack.pack import Pack, Rule

CORPUS = Path(__file__).with_name("huawei-ims.jsonl")


@pytest.fixture(scope="module")
def pack(built_in: Pack) -> Pack:
    return built_in


@pytest.fixture(scope="module")
def entries(pack: Pack) -> list[Entry]:
    return list(read_corpus(CORPUS, pack))


def of(rule: Rule, entries: list[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.operation in rule.operations]


def test_it_is_the_corpus_of_the_built_in_pack(pack: Pack) -> None:
    due = "write it anew: python tests/corpus/write.py >tests/corpus/huawei-ims.jsonl"
    assert CORPUS.read_text("utf-8").splitlines() == list(corpus_lines(pack)), due


def test_every_evaluator_agrees(pack: Pack) -> None:
    names, left_out = installed(pack)
    result = run_corpus(CORPUS, pack, names, left_out)
    assert result.disagreements == ()
    assert result.entries > 2000


def test_each_outcome_of_each_rule_is_shown(pack: Pack, entries: list[Entry]) -> None:
    for rule in pack.rules:
        shown = {entry.outcomes[rule.id] for entry in of(rule, entries)}
        possible = {wanted for wanted in expected_outcomes(rule) if witness(rule, pack, wanted) is not None}
        assert possible <= shown, rule.id


def test_each_leaf_is_shown_to_decide_by_itself(pack: Pack, entries: list[Entry]) -> None:
    for rule in pack.rules:
        cases = analysed(rule, pack.fields)
        candidates = [cases.case_of(entry.facts) for entry in of(rule, entries)]
        for place in cases.places:
            if (strict := pairs_with(cases, place)) is not None:
                assert shows(cases, place, candidates, strict=strict), (rule.id, place)


def test_every_operation_has_a_candidate_that_fits(pack: Pack, entries: list[Entry]) -> None:
    assert {entry.operation for entry in entries if entry.verdict == "compatible"} == set(pack.operations)


GOOD = {"operation": "share", "facts": {"image.encrypted": True}, "verdict": "incompatible", "outcomes": {}}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"operation": "shar"}, "unknown operation: 'shar'; .*did you mean 'share'"),
        ({"facts": {"image.encryptet": True}}, "unknown fact: .*did you mean 'image.encrypted'"),
        ({"facts": {"image.encrypted": "maybe"}}, "not a value of this fact: 'maybe'; expected true or false"),
        ({"facts": ["image.encrypted"]}, "not a line of a corpus"),
        ({"outcomes": {"fails": []}}, "unknown outcome of a corpus: 'fails'; .*did you mean 'fail'"),
        ({"outcomes": {"fail": ["sharing.encryptet"]}}, "no rule of share: 'sharing.encryptet'; did you mean"),
        ({"verdict": "fine"}, "not a line of a corpus"),
    ],
)
def test_a_line_that_is_not_in_the_format_is_named(
    changed: dict[str, object], message: str, pack: Pack, tmp_path: Path
) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text(f"{json.dumps(GOOD)}\n\n{json.dumps(GOOD | changed)}\n", "utf-8")
    with pytest.raises(imagefit.InputError, match=rf"corpus\.jsonl, line 3(, [a-z._]+)?: {message}"):
        list(read_corpus(path, pack))


def test_text_that_is_no_json_is_named(pack: Pack, tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text("{\n", "utf-8")
    with pytest.raises(imagefit.InputError, match="line 1: not a line of a corpus"):
        list(read_corpus(path, pack))


def test_a_wrong_outcome_and_a_wrong_verdict_are_found(pack: Pack, tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text(json.dumps(GOOD | {"verdict": "unknown"}), "utf-8")
    (outcome, verdict) = run_corpus(path, pack, ["reference"], {}).disagreements
    assert (outcome.rule, outcome.found, outcome.expected) == ("sharing.encrypted", "fail", "unknown")
    assert (verdict.rule, verdict.found, verdict.expected) == (None, "incompatible", "unknown")
    assert outcome.command == (
        "imagefit check --operation share --select sharing.encrypted --all-rules --evaluator reference"
        " --set image.encrypted=true"
    )
