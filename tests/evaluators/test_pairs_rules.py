"""Every rule of the built-in pack, over every combination of the values that it tells apart, split into two sides."""

from __future__ import annotations

import pytest

from imagefit.api.packs import BUILT_IN
from imagefit.columns.stacking import encode_facts
from imagefit.conditions import leaves
from imagefit.evaluators.cells import combinations, representatives
from imagefit.evaluators.pairs.product import Pairs
from imagefit.evaluators.reference import outcome
from imagefit.evaluators.results import OUTCOMES
from imagefit.rulepack.pack import Pack
from packfiles import shipped_pack

RULES = [rule.id for rule in shipped_pack(BUILT_IN).rules]


@pytest.mark.parametrize("rule_id", RULES)
@pytest.mark.parametrize("is_image_row", [True, False])
def test_every_combination_of_an_image_and_the_rest_is_judged_as_by_the_reference(
    built_in: Pack, rule_id: str, is_image_row: bool
) -> None:
    rule = built_in.rule(rule_id)
    values = representatives([*leaves(rule.when), *leaves(rule.require)], built_in.fields)
    rows, lanes = (
        list(combinations({n: v for n, v in values.items() if n.startswith("image.") is side}, unknown=True))
        for side in (is_image_row, not is_image_row)
    )
    pairs = Pairs([rule], encode_facts(rows, built_in.fields), encode_facts(lanes, built_in.fields))
    found = pairs.outcomes_of(0)
    for number, row in enumerate(rows):
        for place, lane in enumerate(lanes):
            assert OUTCOMES[found[number, place]] is outcome(rule, {**row, **lane})
