from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagefit
from imagefit.facts import Origin, OriginKind
from imagefit.reports.layout import cell_width
from imagefit.reports.text import verdict_text
from imagefit.rulepack.pack import Pack
from packfiles import shipped_pack

FIT = {"lamp.base": "e27", "socket.base": "e27", "lamp.power_w": 8, "socket.max_power_w": 60, "lamp.status": "working"}


def text(pack: Pack, facts: dict[str, object], *, explain: bool = False, **options: object) -> str:
    verdict = imagefit.check(facts, operation="screw_in", pack=pack, **options)  # type: ignore[arg-type]
    return verdict_text(verdict, pack, explain=explain)


def test_the_verdict_stands_first(lamps: Pack) -> None:
    assert text(lamps, {**FIT, "socket.has_dimmer": False}).startswith("COMPATIBLE: screw the lamp into the socket\n")
    assert text(lamps, {**FIT, "lamp.base": "e14"}).startswith("INCOMPATIBLE: screw the lamp into the socket (1 rule ")
    assert text(lamps, {}).startswith("UNKNOWN: ")


def test_a_failing_rule_comes_with_everything_that_helps(lamps: Pack) -> None:
    lines = text(lamps, {**FIT, "lamp.base": "e14", "socket.has_dimmer": False}).split("\n")
    assert lines[2:] == [
        "fitting.base-fits-socket",
        "  the lamp has an e14 base, and the socket takes e27",
        "    lamp.base  e14  expected: the same as socket.base (e27)",
        "  remedy     whoever holds the lamp: take a lamp with an e27 base",
        "  source     What is printed on the lamp's box, Base",
    ]


def test_a_value_that_would_fill_the_screen_is_cut() -> None:
    facts = {"image.visibility": "private", "image.owner": "x" * 50_000, "ecs.account": "y"}
    pack = shipped_pack()
    verdict = imagefit.check(facts, operation="create_ecs", pack=pack, select=["access"])
    shown = verdict_text(verdict, pack)
    assert len(shown) < 4000 and "(50000 characters)" in shown
    assert verdict.failed[0].leaves[1].actual == "x" * 50_000, "what programs get is whole"


def test_what_is_missing_comes_with_the_options_that_supply_it(lamps: Pack) -> None:
    shown = text(lamps, {"lamp.base": "e27", "lamp.power_w": 8})
    assert "  --set socket.base=e14|e27|gu10 (the form of base that the socket takes)\n" in shown
    assert "  --set socket.max_power_w=W (the most power that the socket bears)\n" in shown
    assert "  --set lamp.status=working|broken (whether the lamp lights up)\n" in shown


def test_a_decided_verdict_asks_for_nothing(lamps: Pack) -> None:
    assert "--set" not in text(lamps, {"lamp.status": "broken"})


def test_an_incompatible_verdict_names_the_rules_that_stay_undecided(lamps: Pack) -> None:
    shown = text(lamps, {"lamp.status": "broken"})
    assert "Not decided either (2 rules):" in shown
    assert "  fitting.power             lamp.power_w, socket.max_power_w" in shown


def test_a_warning_is_shown_and_says_so(lamps: Pack) -> None:
    shown = text(lamps, {**FIT, "socket.has_dimmer": True, "lamp.dimmable": False})
    assert shown.startswith("COMPATIBLE")
    assert "fitting.dimmable (warning)\n  the socket has a dimmer" in shown
    assert "Warnings not decided: fitting.dimmable" in text(lamps, FIT)


def test_assumptions_are_shown(lamps: Pack) -> None:
    shown = text(lamps, {"lamp.base": "e14"}, assume={"socket.base": "@lamp.base"})
    assert "  assumed    socket.base = e14" in shown


def test_all_rules_lists_those_that_pass_or_do_not_apply(lamps: Pack) -> None:
    shown = text(lamps, {**FIT, "socket.has_dimmer": False}, all_rules=True)
    assert "The other rules (4):" in shown
    assert "  fitting.dimmable          not applicable" in shown


def test_explain_shows_every_node_with_its_truth(lamps: Pack) -> None:
    shown = text(lamps, {"socket.has_dimmer": True, "lamp.dimmable": False, "lamp.base": "e14"}, explain=True)
    assert "  when\n    [true] dimmed: all of\n      [true] socket.has_dimmer is true; found true\n" in shown
    assert "  require\n    [false] lamp.dimmable is true; found false\n" in shown
    assert "    [unknown] lamp.base is the same as socket.base; found e14 and unknown\n" in shown


def test_explain_shows_where_facts_came_from(lamps: Pack) -> None:
    origin = Origin(OriginKind.API, "base in lamps.json")
    shown = text(lamps, {"lamp.base": "e14", "lamp.power_w": 5}, explain=True, origins={"lamp.base": origin})
    assert re.search(r"^  lamp\.base +e14 +api: base in lamps\.json$", shown, re.M)
    assert re.search(r"^  lamp\.power_w +5 W +given$", shown, re.M)


def test_explain_and_all_rules_show_trees_of_the_others(lamps: Pack) -> None:
    shown = text(lamps, {**FIT, "socket.has_dimmer": False}, explain=True, all_rules=True)
    assert "fitting.dimmable (not applicable)" in shown
    assert "[false] socket.has_dimmer is true; found false" in shown


@pytest.mark.parametrize("explain", [False, True])
@given(data=st.data())
def test_no_line_is_wider_than_80_columns(explain: bool, built_in: Pack, data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(sorted(built_in.operations)))
    names = data.draw(st.lists(st.sampled_from(sorted(built_in.fields)), unique=True))
    facts = {name: built_in.fields[name].example for name in names}
    verdict = imagefit.check(facts, operation=operation, pack=built_in, all_rules=True)
    subjects = [("image", data.draw(st.text(max_size=100)))]
    shown = verdict_text(verdict, built_in, subjects, explain=explain)
    pasted = {f"  {ask.command}" for ask in verdict.ask}
    assert max(cell_width(line) for line in shown.split("\n") if line not in pasted) <= 80


def test_a_hostile_value_can_not_act_on_the_terminal(built_in: Pack) -> None:
    facts = {"image.region": "\x1b[2Jx\u202e", "ecs.region": "y\x9b1m"}
    verdict = imagefit.check(facts, operation="create_ecs", pack=built_in)
    shown = verdict_text(verdict, built_in, [("image", "\x1b]0;title\x07")], explain=True)
    assert all(line.isprintable() for line in shown.split("\n"))
    assert "\\x1b[2Jx\\u202e" in shown
