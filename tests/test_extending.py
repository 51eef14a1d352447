"""A newcomer's exercises: a new evaluator, a new output format: each is a file of its own and a line of a registry."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

import pytest

import imagefit
from imagefit.analysis.verify.verification import verify
from imagefit.evaluators import EVALUATORS, Registered
from imagefit.evaluators.reference import outcome
from imagefit.facts import Facts
from imagefit.reports.files import Layout
from imagefit.reports.formats import FORMATS, Format
from imagefit.rulepack.pack import Outcome, Pack, Rule
from packfiles import small_pack

ROWS = [{"id": "kettle", "appliance.plug": "type_c", "socket.shape": "type_c"}, {"id": "lamp"}]


def registered(monkeypatch: pytest.MonkeyPatch, name: str, **members: object) -> str:
    """Make a module of these members that can be imported by its name, and return the name."""
    module = ModuleType(name)
    vars(module).update(members)
    monkeypatch.setitem(sys.modules, name, module)
    return name


def test_an_evaluator_is_a_function_and_a_line_and_takes_part_in_every_verb_and_proof(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def judge(pack: Pack, rules: Sequence[Rule]) -> Callable[[Facts], Sequence[Outcome]]:
        return lambda facts: [outcome(rule, facts) for rule in rules]

    monkeypatch.setitem(EVALUATORS, "mine", Registered(registered(monkeypatch, "mine_evaluator", judge=judge)))
    options: Any = {"operation": "plug_in", "pack": small_pack()}
    for facts in ROWS:
        own = {name: value for name, value in facts.items() if name != "id"}
        assert imagefit.check(own, **options, evaluator="mine") == imagefit.check(own, **options)
    table = imagefit.audit(ROWS, **options).to_arrow()
    assert imagefit.audit(ROWS, **options, evaluator="mine").to_arrow() == table
    counts = imagefit.match(ROWS[:1], [{"socket.earthed": True}, {}], **options, evaluator="mine").counts()
    assert counts == imagefit.match(ROWS[:1], [{"socket.earthed": True}, {}], **options).counts()
    report = verify(small_pack(), limit=200)
    assert "mine" in report.evaluators
    assert not report.disagreements


def test_a_fault_of_a_new_evaluator_is_found_by_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(pack: Pack, rules: Sequence[Rule]) -> Callable[[Facts], Sequence[Outcome]]:
        return lambda facts: [Outcome.PASS for _ in rules]

    monkeypatch.setitem(EVALUATORS, "wrong", Registered(registered(monkeypatch, "wrong_evaluator", judge=judge)))
    assert {found.who for found in verify(small_pack(), limit=200).disagreements} == {"wrong"}


class Words:
    """Writes one word a row."""

    def __init__(self, file: BinaryIO, layout: Layout) -> None:
        self._file = file

    def encode(self, rows: Any) -> bytes:
        (verdicts, *_) = rows.results()
        return "".join(f"{verdict}\n" for verdict in verdicts.cast("string").to_pylist()).encode()

    def write(self, encoded: bytes) -> None:
        self._file.write(encoded)

    def close(self, summary: Any = None) -> None:
        pass


def test_an_output_format_is_a_class_and_a_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    place = registered(monkeypatch, "words_writer", Words=Words)
    monkeypatch.setitem(FORMATS, "words", Format("a word a row", rows=f"{place}:Words"))  # type: ignore[misc]
    audit = imagefit.audit(ROWS, operation="plug_in", pack=small_pack())
    audit.write(tmp_path / "verdicts.words")
    assert (tmp_path / "verdicts.words").read_text() == "".join(
        f"{v}\n" for v in audit.to_arrow()["verdict"].to_pylist()
    )
