"""`load_pack` and `check` in Python: what they take, what they refuse, what they assume."""

from __future__ import annotations

import itertools

import pytest

import imagefit
from imagefit import InputError, UnknownNameError, load_pack
from imagefit.api.check import apply_assumptions, load_default, read_facts
from imagefit.facts import Origin, OriginKind
from packfiles import small_pack

FITS = {"appliance.plug": "type_c", "socket.shape": "type_c", "appliance.earthed": False, "appliance.watts": 50}


def check(facts: dict[str, object], operation: str = "plug_in", **options: object) -> imagefit.Verdict:
    return imagefit.check(facts, operation=operation, pack=small_pack(), **options)  # type: ignore[arg-type]


def test_a_pack_of_another_domain_is_evaluated_like_any_other() -> None:
    assert check(FITS).verdict == "compatible"
    assert check({**FITS, "socket.shape": "type_g"}).verdict == "incompatible"
    assert check({**FITS, "socket.shape": None}).verdict == "unknown"
    assert check({"appliance.maker": "Self", "appliance.earthed": False, "appliance.watts": 1}, "sell").verdict == (
        "compatible"
    )


def test_the_built_in_pack_is_used_by_default_and_loaded_once() -> None:
    verdict = imagefit.check({"image.status": "queued"}, operation="delete")
    assert verdict.pack.name == "huawei-ims"
    assert load_default() is load_default()
    assert load_pack("huawei-ims").digest == load_pack().digest == verdict.pack.digest


def test_what_is_null_empty_or_nan_is_unknown() -> None:
    for nothing in (None, "", float("nan")):
        assert check({**FITS, "appliance.plug": nothing}).verdict == "unknown"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"facts": {"appliance.wats": 5}}, "unknown fact: 'appliance.wats'; did you mean 'appliance.watts'?"),
        ({"facts": {"appliance.watts": "many"}}, "appliance.watts: not a value of this fact: 'many'"),
        (
            {"operation": "plug-in"},
            "unknown operation: 'plug-in'; expected one of plug_in, sell; did you mean 'plug_in'",
        ),
        ({"select": ["fitt"]}, "unknown rule, prefix or tag: 'fitt'; .*did you mean 'fit'"),
        ({"ignore": ["nothing-like-it"]}, "unknown rule, prefix or tag: 'nothing-like-it'"),
        ({"evaluator": "tabula"}, "unknown evaluator: 'tabula'; .*did you mean 'tabular'"),
        ({"assume": {"socket.wats": 5}}, "unknown fact: 'socket.wats'"),
        ({"assume": {"socket.watts": "many"}}, "socket.watts: not a value of this fact: 'many'"),
        ({"assume": {"socket.watts": "@socket.wat"}}, "unknown fact: 'socket.wat'; did you mean 'socket.watts'"),
        (
            {"assume": {"socket.watts": "@socket.volts"}},
            "not a fact of the same type: '@socket.volts'; expected an integer",
        ),
    ],
)
def test_a_mistake_is_an_input_error_that_says_what_was_meant(options: dict[str, object], message: str) -> None:
    facts = options.pop("facts", {})
    with pytest.raises(InputError, match=message.replace("?", r"\?")):
        check(facts, **options)  # type: ignore[arg-type]


def test_an_unknown_name_is_its_own_kind_of_error() -> None:
    with pytest.raises(UnknownNameError):
        check({"appliance.wats": 5})


def test_selected_rules_decide_alone_and_ignoring_wins() -> None:
    wrong = {**FITS, "socket.shape": "type_g"}
    assert check(wrong, select=["safety"]).verdict == "compatible"
    assert check(wrong, ignore=["fit.shape"]).verdict == "compatible"
    assert check(wrong, select=["fit"], ignore=["mechanics"]).verdict == "compatible"
    assert check(wrong, select=["mechanics"]).verdict == "incompatible"


# -- assumptions -----------------------------------------------------------------------------------------


def test_an_assumption_is_used_where_the_fact_is_missing_and_reported() -> None:
    without = {name: value for name, value in FITS.items() if name != "socket.shape"}
    verdict = check(without, assume={"socket.shape": "type_c"})
    assert (verdict.verdict, verdict.assumed) == ("compatible", {"socket.shape": "type_c"})
    verdict = check(FITS, assume={"socket.shape": "type_g"})
    assert (verdict.verdict, verdict.assumed) == ("compatible", {})


def test_an_assumption_that_no_rule_of_the_operation_looks_at_is_not_reported() -> None:
    assert check(FITS, assume={"socket.country": "de"}).assumed == {}
    assert check(FITS, assume={"socket.watts": "5"}).assumed == {"socket.watts": 5}


def test_an_assumption_may_be_what_another_fact_is() -> None:
    without = {name: value for name, value in FITS.items() if name != "socket.shape"}
    verdict = check(without, assume={"socket.shape": "@appliance.plug"})
    assert (verdict.verdict, verdict.assumed) == ("compatible", {"socket.shape": "type_c"})


@pytest.mark.parametrize("assume", [{"socket.shape": "@appliance.plug"}, {"socket.shape": None}, {"socket.shape": ""}])
def test_nothing_is_assumed_from_what_is_unknown(assume: dict[str, object]) -> None:
    verdict = check({}, assume=assume)
    assert verdict.assumed == {}
    assert "socket.shape" in verdict.missing


def test_an_assumption_rests_on_facts_and_not_on_other_assumptions() -> None:
    assert apply_assumptions({}, {"appliance.plug": "type_c", "socket.shape": "@appliance.plug"}, small_pack()) == {
        "appliance.plug": "type_c"
    }


def test_an_assumed_set_may_be_that_of_another_fact() -> None:
    known = read_facts({"appliance.marks": "ce;vde"}, small_pack())
    assert apply_assumptions(known, {"socket.marks": "@appliance.marks"}, small_pack()) == {
        "socket.marks": frozenset({"ce", "vde"})
    }


# -- origins ---------------------------------------------------------------------------------------------


def test_a_verdict_knows_its_facts_and_where_each_came_from() -> None:
    origin = Origin(OriginKind.FILE, "plugs.json")
    verdict = check(
        {"appliance.plug": "type_c", "appliance.watts": 5},
        origins={"appliance.plug": origin},
        assume={"socket.shape": "type_c"},
    )
    assert verdict.facts == {"appliance.plug": "type_c", "appliance.watts": 5, "socket.shape": "type_c"}
    assert verdict.origins == {
        "appliance.plug": origin,
        "appliance.watts": Origin(OriginKind.GIVEN),
        "socket.shape": Origin(OriginKind.ASSUMED),
    }


def test_what_the_caller_gave_is_not_changed() -> None:
    facts, assume = dict(FITS), {"socket.volts": "230"}
    check(facts, assume=assume)
    assert (facts, assume) == (FITS, {"socket.volts": "230"})


def test_a_selection_that_leaves_no_rule_is_refused_and_not_compatible() -> None:
    for options in ({"select": ["mechanics"], "ignore": ["mechanics"]}, {"ignore": ["fit", "safety"]}):
        with pytest.raises(InputError, match="select and ignore leave no rule of plug_in; expected one of fit, safety"):
            check(FITS, **options)


def test_a_text_alone_selects_as_a_list_of_it_does() -> None:
    wrong = {**FITS, "socket.shape": "type_g"}
    assert check(wrong, select="mechanics") == check(wrong, select=["mechanics"])
    assert check(wrong, ignore="mechanics") == check(wrong, ignore=["mechanics"])


def test_order_of_facts_and_selectors_changes_nothing() -> None:
    found = {
        repr(check(dict(order), select=select).to_dict())
        for order in itertools.islice(itertools.permutations(FITS.items()), 6)
        for select in (["fit", "safety"], ["safety", "fit"])
    }
    assert len(found) == 1


def test_all_rules_of_the_operation_are_explained_if_asked_for() -> None:
    verdict = check(FITS, all_rules=True)
    assert {rule.rule for rule in verdict.rules} == {rule.id for rule in small_pack().rules_for("plug_in")}
    assert {rule.outcome for rule in verdict.rules} == {"pass", "not_applicable"}
    assert check(FITS).rules == (verdict.rules[-1],)  # a notice that may apply


@pytest.mark.parametrize("verb", ["check", "audit", "match"])
def test_a_choice_that_leaves_no_rule_is_an_error_in_every_verb(verb: str) -> None:
    facts = {"image.status": "active"}
    with pytest.raises(imagefit.InputError, match="leave no rule of share"):
        if verb == "check":
            imagefit.check(facts, operation="share", select=["boot"])
        elif verb == "audit":
            imagefit.audit([facts], operation="share", select=["boot"])
        else:
            imagefit.match([facts], [{}], operation="share", select=["boot"])
