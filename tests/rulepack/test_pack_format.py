"""docs/pack-format.md: the pack that it shows loads, and it names every key and operator that there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import imagefit
from imagefit.facts import FieldType
from imagefit.rulepack.models import RuleModel
from imagefit.rulepack.parsing import OPERATORS
from packfiles import write_pack

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "pack-format.md").read_text("utf-8")
FILES = dict(re.findall(r"```yaml\n# (\S+\.yaml)\n(.*?)```", PAGE, re.DOTALL))


def test_the_pack_of_the_page_loads_and_judges(tmp_path: Path) -> None:
    pack = imagefit.load_pack(write_pack(tmp_path, FILES))
    assert [rule.id for rule in pack.rules] == ["size.fragile", "size.weight"]
    facts = {"courier.kind": "bike", "parcel.weight_kg": 9, "courier.limit_kg": 8}
    verdict = imagefit.check(facts, operation="send", pack=pack)
    assert [rule.message for rule in verdict.failed] == ["the parcel weighs 9 kg, and the courier carries 8 kg"]
    assert [remedy.id for remedy in verdict.failed[0].remedies] == ["take-van"]


@pytest.mark.parametrize("word", [*RuleModel.model_fields, *FieldType, *sorted(set(OPERATORS) - {"equals", "in"})])
def test_the_page_names_each_key_of_a_rule_each_type_and_each_operator(word: str) -> None:
    assert re.search(rf"\b{word}\b", PAGE)


def test_the_schemas_that_the_page_names_are_there() -> None:
    for kind in ("rules", "words", "pack"):
        assert re.search(rf"(`|`imagefit rules schema ){kind}`", PAGE)
        assert (ROOT / "schemas" / f"{kind}.json").is_file()
