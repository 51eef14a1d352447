"""An evaluator that ends its process is a finding of `rules verify`, and not its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commands import run
from imagefit.analysis.verify import child as child_module
from imagefit.analysis.verify.child import Child
from imagefit.analysis.verify.corpus import corpus_lines
from imagefit.analysis.verify.corpus_run import run_corpus
from imagefit.analysis.verify.verification import verify
from imagefit.errors import EvaluatorError
from imagefit.evaluators import EVALUATORS, Registered
from imagefit.evaluators.protocol import OneByOne
from imagefit.evaluators.reference import outcome
from packfiles import PLUGS_FOLDER, small_pack


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    yield Child(small_pack())


def test_a_process_of_its_own_judges_as_this_one_does_and_is_begun_anew_where_it_ended(child: Child) -> None:
    pack = small_pack()
    judge = child.evaluator("reference", pack.rules).judge
    facts: dict[str, Any] = {example_fact: value for example_fact, value in pack.rules[0].examples[0].facts.items()}
    expected = [outcome(rule, facts) for rule in pack.rules]
    assert judge(facts) == expected
    child._process.kill()
    child._process.join()
    found = judge(facts)
    assert found == ["no outcome: its process ended with -9"] * len(pack.rules)
    assert judge(facts) == expected


def test_of_many_candidates_each_has_its_outcomes_and_only_the_one_that_ends_the_process_has_none(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = small_pack()
    known = [example.facts for rule in pack.rules for example in rule.examples if example.facts]
    some = [*known, {}, *known]
    evaluator = child.evaluator("reference", pack.rules)
    expected: list[list[Any]] = [[outcome(rule, facts) for rule in pack.rules] for facts in some]
    assert list(evaluator.judge_all(some)) == expected
    asked = Child._asked

    def ending_with_nothing_known(self: Child, question: Any) -> bytes | str:
        if {} in question[2]:
            self._process.kill()
            self._process.join()
        return asked(self, question)

    monkeypatch.setattr(Child, "_asked", ending_with_nothing_known)
    monkeypatch.setattr(child_module, "AT_ONCE", 5)
    expected[len(known)] = ["no outcome: its process ended with -9"] * len(pack.rules)
    assert list(evaluator.judge_all(some)) == expected


def test_what_an_evaluator_says_when_it_is_made_comes_through(child: Child) -> None:
    with pytest.raises(EvaluatorError, match="evaluator"):
        child.evaluator("nothing-of-the-kind", small_pack().rules)


def test_a_process_that_ends_is_a_disagreement(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said = "no outcome: its process ended with -11"
    crashing = lambda self, name, rules: OneByOne(rules, lambda facts: [said] * len(rules))  # noqa: E731
    monkeypatch.setattr(Child, "evaluator", crashing)
    monkeypatch.setitem(EVALUATORS, "crashing", Registered("crashing"))
    monkeypatch.setattr(child_module, "APART", ("crashing",))
    found = verify(small_pack(), limit=5).disagreements
    assert {one.who for one in found} == {"crashing"}
    assert all(said in str(one) for one in found)
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("".join(f"{line}\n" for line in corpus_lines(small_pack())))
    found = run_corpus(corpus, small_pack(), ["crashing"], {}).disagreements
    assert found and all(said in str(one) for one in found)


def test_the_command_says_beforehand_how_many_combinations_it_will_try() -> None:
    result = run("rules", "verify", "--limit", "5", "--pack", str(PLUGS_FOLDER))
    assert " combinations will be tried" in result.stderr.splitlines()[0]
