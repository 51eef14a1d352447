"""The three verbs in Python, and `load_pack`. Thin: each finds its evaluator and passes on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from imagefit.analysis.examples import check_examples, is_right
from imagefit.errors import InputError, PackError, Problem, nearest
from imagefit.evaluators import Judge, evaluate_with
from imagefit.explanations.rules import Explainer
from imagefit.facts import Facts, Origin, OriginKind, Value, read_value
from imagefit.rulepack.pack import Adjustment, Pack, Rule
from imagefit.verdicts import Verdict

__all__ = [
    "BUILT_IN",
    "apply_assumptions",
    "check",
    "load_pack",
    "load_unproven_pack",
    "prepare",
    "read_facts",
    "shipped_packs",
]

BUILT_IN = "huawei-ims"
"""The name of the pack that ships with imagefit."""


def load_pack(path: str | Path | None = None) -> Pack:
    """Load a rule pack and check everything about it, its examples included.

    Parameters
    ----------
    path
        The name of a pack that ships (``huawei-ims``, the default, or a profile of it such as
        ``open-telekom-cloud``), or a folder with a ``pack.yaml``, or that file.

    Raises
    ------
    PackError
        With every problem of the pack: file, line, column, found, expected, nearest match.
    """
    return _load(path, check_examples, _check_adjustment)


def load_unproven_pack(path: str | Path | None = None) -> Pack:
    """Load a rule pack as `load_pack`, without asking whether its examples are right and all there."""
    return _load(path, lambda rule, pack: (), _check_adjustment)


def shipped_packs() -> dict[str, Path]:
    """Return the folders of the packs that ship, by name: the built-in pack and its profiles."""
    rules = Path(str(files("imagefit.rules")))
    profiles = sorted(folder.parent for folder in rules.glob("profiles/*/pack.yaml"))
    return {BUILT_IN: rules, **{folder.name: folder for folder in profiles}}


def _load(
    path: str | Path | None,
    check_examples: Callable[[Rule, Pack], Iterable[Problem]],
    check_adjustment: Callable[[Adjustment, Pack], Iterable[Problem]],
) -> Pack:
    from imagefit.rulepack.loading import Overlays, load

    shipped = shipped_packs()
    folder = shipped.get(BUILT_IN if path is None else str(path), Path(path or ""))
    if not os.path.exists(folder):
        expected = f"one of {', '.join(shipped)}, or a folder with a pack.yaml"
        near = nearest(str(path), shipped)
        raise PackError([Problem(str(path), 0, 0, "no such pack", expected=expected, nearest=near)])
    return load(folder, check_examples, Overlays(shipped, check_adjustment, is_right))


def _check_adjustment(adjustment: Adjustment, pack: Pack) -> Iterable[Problem]:
    """Ask, of an overlay only, for it takes a module that other packs do not need."""
    from imagefit.analysis.loosening import check_adjustment

    return check_adjustment(adjustment, pack)


def check(
    facts: Mapping[str, object],
    *,
    operation: str,
    pack: Pack | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    assume: Mapping[str, object] | None = None,
    evaluator: str = "reference",
    key: str = "",
    origins: Mapping[str, Origin] | None = None,
    all_rules: bool = False,
) -> Verdict:
    """Evaluate one candidate and explain the verdict.

    Parameters
    ----------
    facts
        Fact names and values; None, empty text and NaN are unknown, and so is what is not there.
    operation
        What the image is to be used for: ``create_ecs``, ``share``, ...
    pack
        The rules; the built-in pack by default.
    select, ignore
        Rule ids, prefixes of ids (``boot``) or tags; ignoring wins.
    assume
        Facts to use only where `facts` lacks them; ``"@other.fact"`` assumes what another fact is.
        The verdict lists those that a rule looked at.
    evaluator
        ``reference``, ``tabular`` or ``durable``; they agree on every candidate.
    key
        The caller's name for the candidate, returned in the verdict.
    origins
        Where each fact came from, if that is known.
    all_rules
        Explain the rules that pass or do not apply, too.

    Raises
    ------
    InputError
        If a value is not one of its fact's type, or no rule is selected; `UnknownNameError` if a fact,
        operation, rule or evaluator is unknown, with the nearest name.
    EvaluatorError
        If the evaluator is not installed.

    Examples
    --------
    >>> verdict = check({"image.status": "queued"}, operation="delete", select=["status"])
    >>> str(verdict.verdict), [rule.rule for rule in verdict.failed]
    ('incompatible', ['status.active'])
    """
    pack = load_default() if pack is None else pack
    prepared = prepare(pack, operation, _names(select), _names(ignore), evaluator)
    known = read_facts(facts, pack)
    given = dict.fromkeys(known, _GIVEN) if origins is None else {**dict.fromkeys(known, _GIVEN), **origins}
    used: dict[str, Value] = {}
    if assume:
        assumed = apply_assumptions(known, assume, pack)
        known |= assumed
        given |= dict.fromkeys(assumed, Origin(OriginKind.ASSUMED))
        used = {name: value for name, value in assumed.items() if name in prepared.looked_at}
    return prepared.explainer.verdict(
        operation, prepared.judge(known), known, key=key, assumed=used, origins=given, all_rules=all_rules
    )


def _names(selection: Sequence[str]) -> tuple[str, ...]:
    """Return the selectors; a text alone is one, and not each of its letters."""
    return (selection,) if isinstance(selection, str) else tuple(selection)


def read_facts(facts: Mapping[str, object], pack: Pack) -> dict[str, Value]:
    """Turn a mapping of raw values into known facts; raises `InputError` as `check` does."""
    known: dict[str, Value] = {}
    fields = pack.fields
    for name, raw in facts.items():
        field = fields.get(name) or pack.field(name)  # the latter says what is wrong with the name
        if (value := read_value(field, raw)) is not None:
            known[name] = value
    return known


def apply_assumptions(known: Facts, assume: Mapping[str, object], pack: Pack) -> dict[str, Value]:
    """Return the assumptions for the facts that `known` lacks, with ``@fact`` replaced by its value.

    An assumption from a fact that is unknown assumes nothing.
    """
    assumed: dict[str, Value] = {}
    for name, raw in assume.items():
        of = pack.field(name)
        if isinstance(raw, str) and raw.startswith("@"):
            other = pack.field(raw[1:])
            if other.type is not of.type:
                raise InputError("not a fact of the same type", column=name, value=raw, expected=of.type.with_article)
            raw = known.get(other.name)
        value = read_value(of, raw)
        if name not in known and value is not None:
            assumed[name] = value
    return assumed


@lru_cache(maxsize=1)
def load_default() -> Pack:
    """Return the built-in pack, loaded once."""
    return load_pack()


@dataclass(frozen=True, eq=False)
class Prepared:
    """The rules of an operation made ready: what judges a candidate, and what explains the outcomes."""

    rules: tuple[Rule, ...]
    judge: Judge
    explainer: Explainer
    looked_at: frozenset[str]


@lru_cache(maxsize=64)
def prepare(
    pack: Pack, operation: str, select: tuple[str, ...] = (), ignore: tuple[str, ...] = (), evaluator: str = "reference"
) -> Prepared:
    """Make the rules of an operation ready for many candidates; raises as `check` does."""
    rules = pack.chosen_rules(operation, select, ignore)
    looked_at = frozenset(name for rule in rules for name in rule.facts)
    return Prepared(rules, evaluate_with(evaluator, pack, rules), Explainer(pack, rules), looked_at)


_GIVEN = Origin(OriginKind.GIVEN)
