"""A loaded pack: selection of rules, names that it does not know, messages that are filled in."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

import imagefit
from imagefit import Outcome, Severity, UnknownNameError, load_pack
from imagefit.conditions import TRUE, AllOf, AnyOf, Leaf, Relation
from imagefit.rulepack.pack import Basis, Effect, SourceRef, render
from packfiles import edited, load_edited, shipped_pack, small_pack, write_pack


def ids(*selection: tuple[str, ...], operation: str = "plug_in") -> list[str]:
    return [rule.id for rule in small_pack().rules_for(operation, *selection)]


def test_rules_are_those_of_the_operation_by_id() -> None:
    assert ids() == ["fit.power", "fit.shape", "safety.earth", "safety.toys"]
    assert ids(operation="sell") == ["safety.earth", "safety.marks"]


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        (("fit",), (), ["fit.power", "fit.shape"]),
        (("fit.shape",), (), ["fit.shape"]),
        (("mechanics",), (), ["fit.shape"]),  # a tag
        (("fit", "safety.toys"), (), ["fit.power", "fit.shape", "safety.toys"]),
        ((), ("fit",), ["safety.earth", "safety.toys"]),
        (("fit",), ("mechanics",), ["fit.power"]),
        (("fit",), ("fit",), []),
        (("safety.marks",), (), []),  # a rule of another operation selects nothing here
    ],
)
def test_selectors_are_ids_prefixes_and_tags_and_ignoring_wins(
    select: tuple[str, ...], ignore: tuple[str, ...], expected: list[str]
) -> None:
    assert ids(select, ignore) == expected


@pytest.mark.parametrize("selector", ["fi", "fit.", "fit.shap", "Fit", "", "fit.shape.more"])
def test_a_selector_that_means_no_rule_is_an_error(selector: str) -> None:
    with pytest.raises(UnknownNameError, match="unknown rule, prefix or tag"):
        ids((selector,))
    with pytest.raises(UnknownNameError, match="unknown rule, prefix or tag"):
        ids((), (selector,))


def test_unknown_names_are_errors_that_name_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as caught:
        small_pack().rules_for("plug-in")
    assert caught.value.nearest == "plug_in"
    with pytest.raises(UnknownNameError) as caught:
        small_pack().rule("fit.shap")
    assert caught.value.nearest == "fit.shape"
    with pytest.raises(UnknownNameError) as caught:
        small_pack().field("appliance.wats")
    assert caught.value.nearest == "appliance.watts"
    assert small_pack().rule("fit.shape").id == "fit.shape"
    assert small_pack().field("appliance.watts").unit == "W"


def test_a_rule_is_read_as_it_is_written() -> None:
    rule = small_pack().rule("fit.shape")
    assert rule.require == Leaf("appliance.plug", Relation.EQUALS, None, "socket.shape")
    assert rule.when == TRUE
    assert (rule.severity, rule.basis) == (Severity.ERROR, Basis.OBSERVED)
    assert rule.operations == ("plug_in",)
    assert (rule.source, rule.see_also) == (SourceRef("handbook", "Shapes"), (SourceRef("law", "§ 3"),))
    assert (rule.tags, rule.error_codes, rule.remedies) == (("mechanics",), ("P-17",), ("use-adapter",))
    assert [example.outcome for example in rule.examples] == [Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN]
    assert rule.facts == ("appliance.plug", "socket.shape")
    assert rule.concern == "fit"
    assert rule.violation == AllOf((TRUE, Leaf("appliance.plug", Relation.EQUALS, None, "socket.shape", negated=True)))


def test_a_mapping_is_a_conjunction_and_a_comparison_may_have_several_operators() -> None:
    assert small_pack().rule("fit.power").when == AllOf(
        (
            Leaf("appliance.watts", Relation.ABOVE, 100),
            AllOf(
                (
                    Leaf("appliance.volts", Relation.AT_LEAST, 100.5),
                    Leaf("appliance.volts", Relation.ABOVE, 400.0, negated=True),
                )
            ),
        )
    )


@pytest.mark.parametrize(
    ("written", "leaf"),
    [
        ("appliance.plug: type_c", Leaf("appliance.plug", Relation.EQUALS, "type_c")),
        ("appliance.plug: {equals: type_c}", Leaf("appliance.plug", Relation.EQUALS, "type_c")),
        ("appliance.plug: {not: type_c}", Leaf("appliance.plug", Relation.EQUALS, "type_c", negated=True)),
        ("appliance.plug: [type_c, type_f]", Leaf("appliance.plug", Relation.IN, frozenset({"type_c", "type_f"}))),
        ("appliance.plug: {in: [type_c]}", Leaf("appliance.plug", Relation.IN, frozenset({"type_c"}))),
        ("appliance.plug: {not: [type_c]}", Leaf("appliance.plug", Relation.IN, frozenset({"type_c"}), negated=True)),
        ("appliance.plug: {not_in: [type_c]}", Leaf("appliance.plug", Relation.IN, frozenset({"type_c"}), None, True)),
        ("appliance.maker: 'no'", Leaf("appliance.maker", Relation.EQUALS, "no")),
        ("appliance.maker: no", Leaf("appliance.maker", Relation.EQUALS, "no")),
        ("appliance.earthed: false", Leaf("appliance.earthed", Relation.EQUALS, False)),
        ("appliance.watts: {at_least: 5}", Leaf("appliance.watts", Relation.AT_LEAST, 5)),
        ("appliance.watts: {below: 5}", Leaf("appliance.watts", Relation.AT_LEAST, 5, negated=True)),
        ("appliance.watts: {above: 5}", Leaf("appliance.watts", Relation.ABOVE, 5)),
        ("appliance.watts: {at_most: 5}", Leaf("appliance.watts", Relation.ABOVE, 5, negated=True)),
        ("appliance.watts: 5.0", Leaf("appliance.watts", Relation.EQUALS, 5)),
        ("appliance.volts: 5", Leaf("appliance.volts", Relation.EQUALS, 5.0)),
        ("appliance.volts: -0.0", Leaf("appliance.volts", Relation.EQUALS, 0.0)),
        ("appliance.marks: {contains: ce}", Leaf("appliance.marks", Relation.CONTAINS, "ce")),
        ("appliance.marks: {contains_any: [ce]}", Leaf("appliance.marks", Relation.CONTAINS_ANY, frozenset({"ce"}))),
        ("appliance.marks: {contains_all: [ce]}", Leaf("appliance.marks", Relation.CONTAINS_ALL, frozenset({"ce"}))),
        (
            "appliance.marks: {contains_any: {field: socket.marks}}",
            Leaf("appliance.marks", Relation.CONTAINS_ANY, None, "socket.marks"),
        ),
        (
            "appliance.sold_in: {contains: {field: socket.shape}}",
            Leaf("appliance.sold_in", Relation.CONTAINS, None, "socket.shape"),
        ),
        (
            "appliance.maker: {same_as: socket.shape}",
            Leaf("appliance.maker", Relation.EQUALS, None, "socket.shape"),
        ),
        (
            "appliance.watts: {not: {field: socket.watts}}",
            Leaf("appliance.watts", Relation.EQUALS, None, "socket.watts", negated=True),
        ),
        (
            "appliance.watts: {at_most: {field: socket.watts}}",
            Leaf("appliance.watts", Relation.ABOVE, None, "socket.watts", negated=True),
        ),
        ("not: {appliance.watts: {above: 5}}", Leaf("appliance.watts", Relation.ABOVE, 5, negated=True)),
        ("not: {not: {appliance.watts: {above: 5}}}", Leaf("appliance.watts", Relation.ABOVE, 5)),
        (
            "not: {any: [{appliance.watts: 1}, {appliance.earthed: true}]}",
            AllOf(
                (
                    Leaf("appliance.watts", Relation.EQUALS, 1, negated=True),
                    Leaf("appliance.earthed", Relation.EQUALS, True, negated=True),
                )
            ),
        ),
        (
            "not: {appliance.watts: 1, appliance.earthed: true}",
            AnyOf(
                (
                    Leaf("appliance.watts", Relation.EQUALS, 1, negated=True),
                    Leaf("appliance.earthed", Relation.EQUALS, True, negated=True),
                )
            ),
        ),
    ],
)
def test_each_way_to_write_a_comparison(tmp_path: Path, written: str, leaf: Leaf | AllOf | AnyOf) -> None:
    old = "condition: {appliance.watts: {at_least: 1000}}"
    pack = load_edited(tmp_path, "vocabulary.yaml", old, f"condition: {{{written}}}")
    named = pack.conditions["is_heavy"].condition
    assert named in (AllOf((leaf,), "is_heavy"), leaf)
    assert isinstance(named, AllOf)
    assert named.name == "is_heavy"


def test_remedies_say_what_they_change() -> None:
    assert small_pack().remedies["use-adapter"].effects == (Effect("appliance.plug", same_as="socket.shape"),)
    assert small_pack().remedies["get-mark"].effects == (
        Effect("appliance.marks", add_from="socket.marks"),
        Effect("appliance.sold_in", add=frozenset({"de"})),
        Effect("appliance.maker", becomes_unknown=True),
        Effect("appliance.earthed", value=True),
    )
    assert small_pack().remedies["get-mark"].requires == TRUE
    assert small_pack().remedies["use-adapter"].requires != TRUE


def test_a_remedy_is_for_all_operations_or_for_those_that_it_names(tmp_path: Path) -> None:
    assert small_pack().remedies["use-adapter"].is_for("sell")
    pack = load_edited(tmp_path, "remedies.yaml", "requires: {not: {is: is_heavy}}", "operations: [plug_in]")
    assert pack.remedies["use-adapter"].operations == ("plug_in",)
    assert pack.remedies["use-adapter"].is_for("plug_in")
    assert not pack.remedies["use-adapter"].is_for("sell")


def test_a_remedy_for_none_of_a_rules_operations_is_an_error(tmp_path: Path) -> None:
    files = edited("remedies.yaml", "requires: {not: {is: is_heavy}}", "operations: [sell]")
    with pytest.raises(imagefit.PackError, match="a remedy for none of the rule's operations: use-adapter"):
        load_pack(write_pack(tmp_path, files))


def test_a_remedy_may_add_one_element(tmp_path: Path) -> None:
    pack = load_edited(tmp_path, "remedies.yaml", "add: [de]", "add: de")
    assert Effect("appliance.sold_in", add=frozenset({"de"})) in pack.remedies["get-mark"].effects


def test_an_example_may_say_that_a_fact_is_unknown(tmp_path: Path) -> None:
    files = edited(
        "fit.yaml", "{appliance.plug: type_g}, outcome", "{appliance.plug: type_g, socket.shape: ~}, outcome"
    )
    pack = load_pack(write_pack(tmp_path, files))
    assert pack.rule("fit.shape").examples[2].facts == {"appliance.plug": "type_g"}


def test_a_message_shows_facts_as_text_and_names_those_that_are_unknown() -> None:
    facts = {"a": frozenset({"y", "x"}), "b": True, "c": 40, "d": 2.5, "e": frozenset()}
    assert render("{a}; {b}; {c}; {d}; {e}; {f}", facts) == "x; y; true; 40; 2.5; []; [f]"


def test_a_message_is_not_filled_in_twice() -> None:
    assert render("{a}", {"a": "{b}", "b": "x"}) == "{b}"


def test_a_pack_is_immutable_and_shows_itself_in_a_line() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        small_pack().name = "other"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        small_pack().rules[0].title = "other"  # type: ignore[misc]
    assert repr(small_pack()) == f"<Pack plugs 0.3.0: {len(small_pack().rules)} rules, {small_pack().digest}>"
    assert len(repr(shipped_pack())) < 200
