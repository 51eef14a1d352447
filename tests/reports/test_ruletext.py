from __future__ import annotations

import pytest

from imagefit.evaluators.reference import outcome
from imagefit.reports.layout import cell_width
from imagefit.reports.ruletext import rule_list, rule_text
from imagefit.reports.truthtable import truth_table
from imagefit.rulepack.pack import Outcome, Pack


def test_the_truth_table_of_an_equality_names_every_value(lamps: Pack) -> None:
    table = truth_table(lamps.rule("fitting.base-fits-socket"), lamps)
    assert table.facts == ("lamp.base", "socket.base")
    assert table.combinations == 16
    assert table.rows[:3] == (
        (("e14", "e14"), Outcome.PASS),
        (("e14", "e27, gu10"), Outcome.FAIL),
        (("e14", "unknown"), Outcome.UNKNOWN),
    )
    assert table.rows[-1] == (("unknown", "-"), Outcome.UNKNOWN)


def test_numbers_are_named_by_the_constants_that_bound_them(built_in: Pack) -> None:
    table = truth_table(built_in.rule("replication.size"), built_in)
    assert table.rows == (
        (("<= 128",), Outcome.PASS),
        (("> 128",), Outcome.FAIL),
        (("unknown",), Outcome.UNKNOWN),
    )


def test_a_boolean_rule_has_the_table_of_kleene_logic(lamps: Pack) -> None:
    table = truth_table(lamps.rule("fitting.dimmable"), lamps)
    assert dict(table.rows) == {
        ("false", "-"): Outcome.NOT_APPLICABLE,
        ("true", "false"): Outcome.FAIL,
        ("true", "true"): Outcome.PASS,
        ("true", "unknown"): Outcome.UNKNOWN,
        ("unknown", "true"): Outcome.PASS,
        ("unknown", "false, unknown"): Outcome.UNKNOWN,
    }


def test_every_example_of_enums_and_booleans_is_on_one_row_of_its_table(built_in: Pack) -> None:
    for rule in built_in.rules:
        table = truth_table(rule, built_in)
        kinds = {str(built_in.fields[name].type) for name in table.facts}
        if not table.rows or not kinds <= {"enum", "boolean"}:
            continue
        for example in rule.examples:
            shown = [
                "unknown" if name not in example.facts else str(example.facts[name]).lower() for name in table.facts
            ]
            rows = [result for cells, result in table.rows if all(map(_covers, cells, shown))]
            assert rows == [outcome(rule, example.facts)], (rule.id, example.facts)


def _covers(cell: str, value: str) -> bool:
    if cell == "-":
        return True
    unknown = cell.endswith("unknown")
    if value == "unknown":
        return unknown
    if cell.startswith("any known"):
        return True
    if cell.startswith("all but "):
        return value not in cell.removeprefix("all but ").removesuffix(", unknown").split(", ")
    return value in cell.split(", ")


def test_every_rule_of_the_built_in_pack_shows_within_80_columns(built_in: Pack) -> None:
    shown = [rule_text(rule, built_in) for rule in built_in.rules] + [rule_list(built_in.rules)]
    assert max(cell_width(line) for text in shown for line in text.split("\n")) <= 80


def test_a_rule_is_shown_whole(lamps: Pack) -> None:
    shown = rule_text(lamps.rule("fitting.dimmable"), lamps)
    for part in (
        "a lamp that is dimmed should be made for it",
        "severity     warning",
        "Applies when:\n  dimmed: all of\n    socket.has_dimmer is true",
        "Requires:\n  lamp.dimmable is true",
        "basis        inferred",
        "What is printed on the lamp's box, Dimming (read on 2026-01-31)\n    https://example.com/lamps/box",
        "not applicable  socket.has_dimmer = false, lamp.dimmable = false",
    ):
        assert part in shown


@pytest.mark.parametrize(
    ("remedy", "effects"),
    [
        ("fitting.base-fits-socket", ["lamp.base becomes what socket.base is", "lamp.power_w becomes unknown"]),
        ("fitting.works", ["can be done when", "lamp.status is broken", "then lamp.status becomes working"]),
    ],
)
def test_a_remedy_shows_what_it_changes(lamps: Pack, remedy: str, effects: list[str]) -> None:
    shown = rule_text(lamps.rule(remedy), lamps)
    assert all(effect in shown for effect in effects)
