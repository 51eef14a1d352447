"""`load_pack` and `check` in Python: what they take, what they refuse, what they assume."""

from __future__ import annotations

import gc
import itertools
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

import imagefit
from imagefit import InputError, UnknownNameError, load_pack
from imagefit.api.packs import load_default
from imagefit.explanations.candidate.prepared import prepare
from imagefit.facts import Origin, OriginKind
from packfiles import PLUGS, small_pack, write_pack

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


def test_a_text_that_begins_with_an_at_sign_is_assumed_with_one_more() -> None:
    found = check({}, "sell", assume={"appliance.maker": "@@home"}, all_rules=True)
    assert found.assumed == {"appliance.maker": "@home"}


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


@pytest.mark.parametrize("option", ["select", "ignore"])
def test_a_text_alone_is_one_name_in_every_verb(option: str) -> None:
    facts = {"image.status": "queued", "image.encrypted": True}
    verbs: dict[str, Callable[[object], object]] = {
        "check": lambda names: imagefit.check(facts, operation="share", **{option: names}),  # type: ignore[arg-type]
        "audit": lambda names: imagefit.audit([facts], operation="share", **{option: names}).to_arrow(),  # type: ignore[arg-type]
        "match": lambda names: imagefit.match([facts], [{}], operation="share", **{option: names}).by_rule(),  # type: ignore[arg-type]
    }
    for verb in verbs.values():
        assert verb("status") == verb(["status"])
        assert verb("status") != verb([])


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
    assert {rule.outcome for rule in verdict.rules if rule.severity != "notice"} == {"pass", "not_applicable"}
    assert check(FITS).rules == (verdict.rules[-1],)  # a notice that may apply
    assert verdict.rules[-1].outcome == "unknown"


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


def test_a_pack_that_nobody_uses_is_let_go_with_all_that_was_made_ready_for_it(tmp_path: Path) -> None:
    pack = load_pack(write_pack(tmp_path, PLUGS))
    imagefit.check(FITS, operation="plug_in", pack=pack)
    imagefit.check(FITS, operation="plug_in", pack=pack, evaluator="tabular")
    imagefit.audit([FITS], operation="plug_in", pack=pack).summary()
    imagefit.match([FITS], [{}], operation="plug_in", pack=pack).explain(0, 0)
    gone = weakref.ref(pack)
    del pack
    gc.collect()
    assert gone() is None


def test_what_is_made_ready_is_made_once_for_a_pack() -> None:
    assert prepare(small_pack(), "plug_in") is prepare(small_pack(), "plug_in")
    assert prepare(small_pack(), "plug_in") is not prepare(small_pack(), "sell")


def test_the_package_shows_its_public_names_and_no_other() -> None:
    assert dir(imagefit) == sorted(imagefit.__all__)
