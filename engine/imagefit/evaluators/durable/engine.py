"""Rules evaluated by durable_rules, a forward-chaining Rete engine: shares no logic with `reference`.

The engine has no unknowns: a test on a property that a fact lacks holds for no test, not even ``!=``;
all it can ask is whether the property is there. So a candidate becomes one fact of the engine whose
properties are the candidate's *known* facts, and a rule becomes three statements, each of which a rule of
the engine makes by firing:

===================== ========================================== =============================
statement             fires where                                the condition it is made from
===================== ========================================== =============================
``applies``           `when` is true or unknown                  could be true
``violated``          ``when and not require`` is true           is true
``could_be_violated`` ``when and not require`` is true or unknown could be true
===================== ========================================== =============================

**Why this is the semantics.** In strong Kleene logic the pair (is true, could be true) of a condition
follows from the pairs of its parts by ordinary two-valued logic: `all` is true where all parts are, and
could be where all parts could; `any` is true where a part is, and could be where a part could. Negation
would swap and complement the two, but stands in leaves only. A leaf is true where its facts are there and
the comparison holds; it could be true there or where a fact is missing. So each statement is one
expression of ``and``, ``or``, comparisons and existence, which the engine evaluates exactly. And the
outcome is a function of the three statements: not `applies`: not_applicable; else `violated`: fail; else
`could_be_violated`: unknown; else pass. The statements are read as they stand, no logic of a rule is left.

**What the network compares:** equality, order, membership of a value in a list and of an element in a
set, with literals and with other facts of the candidate, known or not; ``and``, ``or``. **What it can't:**
say that every element of a set is in another set, or that none is. It has no operator for two arrays, and
were each element a fact, that would be the absence of a join, while its `none` takes a single pattern. So
the truth of a set's comparison with a set is computed here and given as a property of its own, absent
where one of the sets is unknown (and so is one with two hundred literal elements or more, which the engine
could hold only in many parts). Everything else about such rules stays with the engine.

**Exactness.** Texts are compared as the bytes of their JSON, which one encoder writes; where they are long
they are replaced by their SHA-256, since the engine counts lengths modulo 65,536. Integers are C `long`s
in rulesets and `long long`s in facts. Numbers are read by C's `atof`, exact where the decimal point is a
point. `facts` has the details of each.

**The engine's traps**, and what is done: an event is consumed by the first rule it matches (a candidate
is a fact); a fact that matches nothing raises `MessageNotHandledException`, exceptions in actions are
swallowed into the state, and a host starts threads (the engine is driven below that layer: no action
runs, the names of the rules that fire are the answer); facts without an id collide by hash, and so do
those of one id, which raises (the candidate has an id, and is the only one); the engine asserts facts of
its own, which a test for absence matches (each pattern begins with a marker); memory grows unless facts
are retracted (they are, after each candidate; after an error the whole state is dropped); rulesets are
never freed (they are, with the judge); a ruleset has limits, some of which corrupt memory (see
`rulesets`).
"""

from __future__ import annotations

import ctypes
import locale
import threading
import weakref
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from imagefit.conditions import leaves
from imagefit.errors import EvaluatorError
from imagefit.evaluators.durable.facts import MARKER, json_text
from imagefit.evaluators.durable.rulesets import (
    APPLIES,
    COULD_BE_VIOLATED,
    VIOLATED,
    Ruleset,
    compile_rules,
    split_name,
)
from imagefit.facts import Facts, FieldType
from imagefit.rulepack.pack import Outcome, Pack, Rule

__all__ = ["judge"]

INSTALL = "the durable evaluator needs durable_rules: pip install 'imagefit[durable]' (it needs a C compiler)"

KEY = "candidate"
STATE = "0"
RETRACTED = f'{{"id":"{KEY}","sid":"{STATE}"}}'


def judge(pack: Pack, rules: Sequence[Rule]) -> Callable[[Facts], Sequence[Outcome]]:
    """Return a function from facts to the outcomes of `rules`, in their order.

    It may be called from several threads, one at a time; it keeps nothing of a candidate.

    Raises
    ------
    EvaluatorError
        If durable_rules is not installed, or can't hold one of the rules.
    """
    try:
        engine = import_module("durable_rules_engine")
    except ImportError:
        raise EvaluatorError(INSTALL) from None
    _refuse_wide_integers(rules)
    has_numbers = any(pack.fields[name].type is FieldType.NUMBER for rule in rules for name in rule.facts)
    if has_numbers:
        _refuse_other_decimal_points()
    rulesets = compile_rules(rules, pack.fields, pack.name)
    networks = [_Network(engine, ruleset) for ruleset in rulesets]
    statements = {name: split_name(name) for ruleset in rulesets for name in ruleset.definition}

    def outcomes(facts: Facts) -> list[Outcome]:
        if has_numbers:
            _refuse_other_decimal_points()
        stated = {statements[name] for network in networks for name in network.fired(facts)}
        return [_outcome(rule.id, stated) for rule in rules]

    return outcomes


def _outcome(rule_id: str, stated: set[tuple[str, str]]) -> Outcome:
    if (rule_id, APPLIES) not in stated:
        return Outcome.NOT_APPLICABLE
    if (rule_id, VIOLATED) in stated:
        return Outcome.FAIL
    return Outcome.UNKNOWN if (rule_id, COULD_BE_VIOLATED) in stated else Outcome.PASS


class _Network:
    """One ruleset in the engine, with one state, in which one candidate at a time is a fact."""

    def __init__(self, engine: Any, ruleset: Ruleset) -> None:
        self._engine = engine
        self._layout = ruleset.layout
        self._lock = threading.Lock()
        rules = {"open": {"all": [{"m": {MARKER: False}}]}}
        rules |= {name: {key: rule[key] for key in rule if key != "run"} for name, rule in ruleset.definition.items()}
        try:
            self._handle: int = engine.create_ruleset(ruleset.name, json_text(rules))
        except Exception as error:
            ids = f"{ruleset.rules[0].id} ... {ruleset.rules[-1].id}"
            raise EvaluatorError(f"the durable evaluator can't build the rules {ids}: {error}") from error
        self._open()
        weakref.finalize(self, _free, engine, self._handle)

    def fired(self, facts: Facts) -> list[str]:
        """Return the names of the engine's rules that fire on a candidate; leaves nothing behind."""
        message = self._layout.fact(facts, KEY)
        with self._lock:
            try:
                names = self._asserted(message)
                self._engine.retract_fact(self._handle, RETRACTED)
            except BaseException:
                self._reset()
                raise
        return names

    def _asserted(self, message: str) -> list[str]:
        names = []
        _, state = self._engine.assert_fact(self._handle, message)
        started = self._engine.start_action_for_state(self._handle, state)
        fired = None if started is None else started[1]
        while fired is not None:
            names.append(fired[2 : fired.index('"', 2)])  # the only key of a JSON object; a name has no escapes
            fired = self._engine.complete_and_start_action(self._handle, state)
        return names

    def _open(self) -> None:
        """Let a rule fire once: until then the engine would free what it never allocated, if asked to free."""
        self._asserted(f'{{"id":"{KEY}","sid":"{STATE}","{MARKER}":false}}')
        self._engine.retract_fact(self._handle, RETRACTED)

    def _reset(self) -> None:
        """Drop the state with whatever is in it, and begin anew."""
        self._engine.delete_state(self._handle, STATE)
        self._open()


def _free(engine: Any, handle: int) -> None:
    engine.delete_state(handle, STATE)
    engine.delete_ruleset(handle)


def _refuse_wide_integers(rules: Sequence[Rule]) -> None:
    """Refuse literals that the engine would cut off where C's `long` has 32 bits, as on Windows."""
    limit = 2 ** (8 * ctypes.sizeof(ctypes.c_long) - 1)
    for rule in rules:
        for leaf in leaves(rule.violation):
            for literal in leaf.literals:
                if isinstance(literal, int) and not -limit <= literal < limit:
                    raise EvaluatorError(f"the durable evaluator can't hold {rule.id}: {literal} is too large here")


def _refuse_other_decimal_points() -> None:
    """Refuse a locale in which C would read ``1.5`` as 1; Python does not set one by itself."""
    if locale.localeconv()["decimal_point"] != ".":
        raise EvaluatorError("the durable evaluator can't read numbers in this locale: LC_NUMERIC has to be C")
