from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

import imagefit
from imagefit.facts import Origin, OriginKind
from imagefit.reports.jsontext import json_text, verdict_data, verdicts_json
from imagefit.rulepack.pack import Pack

ANY_TEXT = st.text(st.characters(exclude_categories=[]))


@given(st.dictionaries(ANY_TEXT, st.lists(ANY_TEXT)))
def test_json_text_means_the_same_and_has_nothing_that_acts(data: dict[str, list[str]]) -> None:
    text = json_text(data)
    assert json.loads(text) == data
    assert not set(text) & {*map(chr, range(0x20)), "\x7f", *map(chr, range(0x80, 0xA0)), "\u202e", "\ufeff"} - {"\n"}
    text.encode()  # no half of a surrogate pair


def test_other_alphabets_stay_readable() -> None:
    assert json_text({"name": "镜像"}, indent=None) == '{"name": "镜像"}'


def test_one_verdict_is_an_object_and_several_are_a_list(lamps: Pack) -> None:
    verdict = imagefit.check({"lamp.status": "broken"}, operation="lend", pack=lamps, key="a")
    assert json.loads(verdicts_json([verdict], lamps)) == verdict.to_dict()
    assert json.loads(verdicts_json([verdict, verdict], lamps)) == [verdict.to_dict()] * 2


def test_explain_adds_trees_and_origins(lamps: Pack) -> None:
    facts = {"lamp.base": "e14", "socket.has_dimmer": True}
    origins = {"lamp.base": Origin(OriginKind.FILE, "lamps.csv")}
    verdict = imagefit.check(facts, operation="screw_in", pack=lamps, origins=origins, all_rules=True)
    data = verdict_data(verdict, lamps, explain=True)
    assert data["facts"]["lamp.base"] == {"value": "e14", "origin": {"kind": "file", "detail": "lamps.csv"}}
    rules = {rule["rule"]: rule for rule in data["rules"]}
    assert rules["fitting.base-fits-socket"]["require"] == {
        "truth": None,
        "fact": "lamp.base",
        "operator": "same_as",
        "expected_fact": "socket.base",
        "expected": None,
        "actual": "e14",
    }
    when = rules["fitting.dimmable"]["when"]
    assert (when["is"], when["truth"], when["all"][0]["actual"]) == ("dimmed", True, True)
