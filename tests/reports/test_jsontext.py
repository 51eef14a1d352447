from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

import imagefit
from imagefit.facts import Origin, OriginKind
from imagefit.reports.findings.model import Checked, Report, Side
from imagefit.reports.jsontext import json_text
from imagefit.reports.verdictjson import report_json, verdict_data
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


def test_verdicts_are_in_an_object_that_says_its_version_and_the_pack(lamps: Pack) -> None:
    verdict = imagefit.check({"lamp.status": "broken"}, operation="lend", pack=lamps, key="a")
    side = Side("a", "lamp", "lamps.csv")
    data = json.loads(report_json(Report(lamps, [Checked(verdict, image=side), Checked(verdict)])))
    assert (data["format_version"], data["pack"]["name"]) == (1, lamps.name)
    first, second = data["verdicts"]
    assert first["image"] == {"id": "a", "name": "lamp", "file": "lamps.csv"}
    assert first["ecs"] is second["image"] is None
    (rule,) = first["rules"]
    assert rule["title"] == lamps.rule(rule["rule"]).title
    assert rule["source"]["address"] == lamps.sources[rule["source"]["document"]].address
    told = verdict.to_dict()
    assert {name: first[name] for name in told if name != "rules"} == {n: v for n, v in told.items() if n != "rules"}
    assert json.loads(report_json(Report(lamps, [])))["verdicts"] == []
    many = report_json(Report(lamps, [Checked(verdict)] * 101))
    assert json.loads(many) == data | {"verdicts": [second] * 101}
    assert len(many.splitlines()) == 103


def test_explain_adds_trees_and_origins(lamps: Pack) -> None:
    facts = {"lamp.base": "e14", "socket.has_dimmer": True}
    origins = {"lamp.base": Origin(OriginKind.FILE, "lamps.csv")}
    verdict = imagefit.check(facts, operation="screw_in", pack=lamps, origins=origins, all_rules=True)
    data = verdict_data(Checked(verdict), Report(lamps, [], explain=True))
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
