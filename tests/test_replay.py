"""A log: what is written to it comes out the same when it is evaluated again, and several processes may write it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagefit.analysis.replay import Replay, replay
from imagefit.evaluators.reference import outcome
from imagefit.facts import Facts
from imagefit.reports.log import LogFile
from imagefit.rulepack.pack import Pack
from imagefit.rulepack.waivers import told_waivers, waived_pack
from imagefit.sources.opening import opened
from imagefit.verdicts import PackRef
from imagefit.verdicts.logged import ASSUMED, GIVEN, STATED, LoggedFacts, LogHead, Reading, letters_of, waivers_in_force
from strategies import candidates, fewer, packs

TODAY = date(2026, 3, 1)
WHERE = ({"left.enum": "a"}, {"left.flag": True}, {"right.set": {"contains": "a"}}, {"left.count": {"at_least": 1}})


def line_of(pack: Pack, facts: Facts, told: list[dict], redact: frozenset[str] = frozenset()) -> bytes:
    """A line as a run writes it, by the definition: the reference evaluator."""
    waivers = told_waivers(told, "w.yaml", pack)
    with_them, _ = waived_pack(pack, waivers, TODAY)
    rules = with_them.rules_for("use")
    found = Reading(rules).found(letters_of(outcome(rule, facts) for rule in rules))
    kinds = dict(zip(facts, (GIVEN, STATED, ASSUMED) * len(facts), strict=False))
    head = LogHead(PackRef.of(pack), "1", waivers_in_force(waivers, TODAY), redact=redact)
    return head.line("k", "use", LoggedFacts.of(facts, kinds, redact), found.in_json())


def replayed(lines: bytes, pack: Pack) -> Replay:
    found = Replay()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.log"
        path.write_bytes(lines)
        replay(opened(str(path)), lambda _: pack, found)
    return found


MANY = st.lists(st.tuples(candidates(), st.lists(st.tuples(st.integers(0, 9), st.sampled_from(WHERE)), max_size=2)))


@settings(max_examples=fewer(5))
@given(packs().filter(lambda pack: bool(pack.rules_for("use"))), MANY)
def test_what_was_logged_comes_out_the_same(pack: Pack, many) -> None:
    names = [rule.id for rule in pack.rules]
    lines = [
        line_of(
            pack,
            facts,
            [{"rule": names[n % len(names)], "where": where, "reason": "r", "owner": "o"} for n, where in told],
        )
        for facts, told in many
    ]
    found = replayed(b"".join(lines), pack)
    assert (found.lines, found.same, found.differing) == (len(lines), len(lines), 0)


@settings(max_examples=fewer(5))
@given(packs().filter(lambda pack: bool(pack.rules_for("use"))), candidates())
def test_a_line_that_says_otherwise_is_noticed(pack: Pack, facts: Facts) -> None:
    line = json.loads(line_of(pack, facts, []))
    last = "p" if line["outcomes"][-1] != "p" else "f"
    line["outcomes"] = line["outcomes"][:-1] + last
    found = replayed(json.dumps(line).encode(), pack)
    assert (found.same, found.differing) == (0, 1)


def test_a_line_without_a_value_is_counted_and_not_evaluated(lamps: Pack) -> None:
    facts = {"lamp.base": "e14", "socket.base": "e27"}
    operation = next(iter(lamps.operations))
    head = LogHead(PackRef.of(lamps), "1", redact=frozenset({"lamp.base"}))
    rules = lamps.rules_for(operation)
    found = Reading(rules).found(letters_of(outcome(rule, facts) for rule in rules))
    line = head.line("k", operation, LoggedFacts.of(facts, {}, head.redact), found.in_json())
    assert b"e14" not in line
    told = replayed(line, lamps)
    assert (told.lines, told.same, told.differing, told.redacted) == (1, 0, 0, {"lamp.base": 1})


WRITER = """
import sys
from imagefit.reports.log import LogFile
for _ in range(100):
    with LogFile(sys.argv[1]) as log:
        for _ in range(5):
            log.add(sys.argv[2].encode() * 3000 + b"\\n")
"""


def test_four_processes_write_one_log_and_no_line_is_torn(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(number)]) for number in range(4)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0, 0]
    lines = [line for line in path.read_bytes().splitlines() if line]  # a blank one is nothing
    assert {(line[:1], len(line), len(set(line))) for line in lines} == {(b"%d" % n, 3000, 1) for n in range(4)}
    assert len(lines) == 2000


def test_a_line_that_was_torn_by_a_full_disk_does_not_take_the_next_one_with_it(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b'{"log": 1, "ti')
    with LogFile(str(path)) as log:
        log.add(b"one\n")
        log.add(b"two\n")
    assert path.read_bytes() == b'{"log": 1, "ti\none\ntwo\n'


def test_a_full_disk_is_an_error_that_names_the_log() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with LogFile("/dev/full") as log, pytest.raises(OSError, match="No space left") as error:
        log.add(b"one\n")
    assert error.value.filename == "/dev/full"
