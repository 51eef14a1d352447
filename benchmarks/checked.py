"""Candidates to be checked one by one: drawn from the skewed inventory, with values of the facts that it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import candidates
import generators
import imagefit
from imagefit.facts import Facts, Field, FieldType, Value
from peers.row_engines import candidates as rows_of

__all__ = ["OPERATION", "inventory", "read"]

OPERATION = "create_ecs"


def inventory(count: int) -> tuple[imagefit.Pack, list[Facts]]:
    """Return the built-in pack, and so many candidates that are all different."""
    pack = imagefit.load_pack()
    looked_at = dict.fromkeys(name for rule in pack.rules_for(OPERATION) for name in rule.facts)
    generated = generators.candidates(generators.Maker(1, (1, 1)), "skewed")
    table = candidates.table([pack.fields[name] for name in looked_at if name in generated], 2 * count)
    others = [pack.fields[name] for name in looked_at if name not in generated]
    random = Random(1)
    found = [{**facts, **_some(others, random)} for facts in rows_of(table)]
    distinct = list({tuple(sorted(facts.items(), key=lambda item: item[0])): facts for facts in found}.values())
    assert len(distinct) >= count
    return pack, distinct[:count]


def read(verdict: imagefit.Verdict) -> list[object]:
    """Return all that explains a verdict: what a rule has to say is worked out when it is read."""
    return [(rule.message, rule.leaves, rule.missing, rule.not_examined, rule.remedies) for rule in verdict.rules]


def _some(fields: Sequence[Field], random: Random) -> Facts:
    """Values of facts that the inventory does not have: the usual ones mostly, and 5 % unknown."""
    usual = {f.name: False if f.type is FieldType.BOOLEAN else f.example for f in fields}
    return {
        f.name: _one_of(f, random) if f.values and random.random() < 0.2 else usual[f.name]
        for f in fields
        if random.random() > generators.UNKNOWN
    }


def _one_of(field: Field, random: Random) -> Value:
    value = random.choice(field.values)
    return frozenset((value,)) if field.type is FieldType.STRING_SET else value
