"""An evaluator in a process of its own: if it ends that process, that is a finding, and not the end of the proof.

Evaluators in Python can't; durable_rules, which is C, can. The process makes what it is asked for, judges candidates,
and is begun anew where it ended.
"""

from __future__ import annotations

import itertools
import multiprocessing
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import Any

from imagefit.errors import EvaluatorError, ImagefitError
from imagefit.evaluators import Evaluator, evaluate_with
from imagefit.evaluators.protocol import OneByOne
from imagefit.evaluators.results import OUTCOMES
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack, Rule

__all__ = ["APART", "Child", "Maker", "maker"]

Maker = Callable[[str, Sequence[Rule]], Evaluator]
"""Makes the evaluator of a name ready for rules."""

APART = ("durable",)
"""The evaluators that are asked in a process of their own."""

PATIENCE = 60.0
"""An answer about one candidate that takes longer, in seconds, will not come."""

MADE = 64
"""So many evaluators are kept ready at once."""

AT_ONCE = 32
"""So many candidates are one question: asking takes longer than most answers."""

_NUMBER = {outcome: number for number, outcome in enumerate(OUTCOMES)}


class Child:
    """The process for a pack, begun when it is first needed."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._place = {id(rule): place for place, rule in enumerate(pack.rules)}
        self._connection: Connection | None = None
        self._process: Any = None

    def evaluator(self, name: str, rules: Sequence[Rule]) -> OneByOne:
        """Return an evaluator that judges by rules of the pack, in the process.

        Raises
        ------
        EvaluatorError
            If it is not installed, can't translate a rule, or ends the process when it is made.
        """
        places = tuple(self._place[id(rule)] for rule in rules)
        if isinstance(answer := self._asked((name, places, ())), str):
            raise EvaluatorError(answer)

        def judge(some: Sequence[Facts]) -> Iterator[Sequence[Any]]:
            answer = self._asked((name, places, [dict(facts) for facts in some]))
            if not isinstance(answer, str):
                outcomes = [OUTCOMES[number] for number in answer]
                yield from (outcomes[place * len(rules) : (place + 1) * len(rules)] for place in range(len(some)))
            elif len(some) == 1:
                yield [answer] * len(rules)
            else:  # which of them it was that had no answer
                yield from (outcomes for facts in some for outcomes in judge([facts]))

        return _Apart(rules, judge)

    def _asked(self, question: object) -> bytes | str:
        """Return the numbers of the outcomes; or in words why there are none."""
        if self._connection is None:
            self._begin()
        assert self._connection is not None
        try:
            self._connection.send(question)
            if self._connection.poll(PATIENCE):
                answer: bytes | str = self._connection.recv()
                return answer
            how = f"gave no answer in {PATIENCE:.0f} s"
        except (EOFError, OSError):
            self._process.join()
            how = f"ended with {self._process.exitcode}"  # the number of a signal is negative
        _end(self._process, self._connection)
        self._connection = None
        return f"no outcome: its process {how}"

    def _begin(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._pack), daemon=True)
        self._process.start()
        theirs.close()
        weakref.finalize(self, _end, self._process, self._connection)


class _Apart(OneByOne):
    """An evaluator that is asked about some candidates at a time."""

    def __init__(self, rules: Sequence[Rule], ask: Callable[[Sequence[Facts]], Iterator[Sequence[Any]]]) -> None:
        super().__init__(rules, lambda facts: next(ask([facts])))
        self._ask = ask

    def judge_all(self, candidates: Iterable[Facts]) -> Iterator[Sequence[Outcome]]:
        """Yield the outcomes of the rules for each candidate."""
        remaining = iter(candidates)
        while some := list(itertools.islice(remaining, AT_ONCE)):
            yield from self._ask(some)


def maker(pack: Pack) -> Maker:
    """Return what makes evaluators ready for rules of the pack: in a process of its own what could end this one."""
    child = Child(pack)

    def made(name: str, rules: Sequence[Rule]) -> Evaluator:
        return child.evaluator(name, rules) if name in APART else evaluate_with(name, pack, rules)

    return made


def _end(process: Any, connection: Connection) -> None:
    connection.close()
    process.kill()
    process.join()


def _serve(connection: Connection, pack: Pack) -> None:
    made: dict[object, Any] = {}
    while True:
        try:
            name, places, some = connection.recv()
        except EOFError:
            return
        try:
            if (judge := made.get((name, places))) is None:
                while len(made) >= MADE:
                    del made[next(iter(made))]
                judge = made[name, places] = evaluate_with(name, pack, [pack.rules[place] for place in places]).judge
            connection.send(bytes(_NUMBER[outcome] for facts in some for outcome in judge(facts)))
        except (ImagefitError, ImportError, MemoryError) as error:
            connection.send(str(error) or type(error).__name__)
