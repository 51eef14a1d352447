"""What a verdict says to ask the cloud for: the calls that supply what is missing."""

from __future__ import annotations

import pytest

import imagefit
from imagefit.explanations.candidate.asking import MOST_ASKED
from imagefit.facts import Origin, OriginKind
from imagefit.readers.catalogs import Catalogs
from imagefit.readers.flavors import flavor_table
from imagefit.readers.images import image_table
from imagefit.readers.servers import server_table
from imagefit.rulepack.pack import Pack
from packfiles import shipped_pack


@pytest.fixture(scope="module")
def pack() -> Pack:
    return shipped_pack()


def test_at_most_three_calls_are_named_each_once(pack: Pack) -> None:
    for operation in pack.operations:
        verdict = imagefit.check({}, operation=operation, pack=pack)
        calls = [ask.call for ask in verdict.ask]
        assert len(set(calls)) == len(calls) <= MOST_ASKED
        for ask in verdict.ask:
            assert ask.supplies
            assert set(ask.supplies) <= set(verdict.missing)


def test_the_call_that_supplies_what_decides_most_comes_first(pack: Pack) -> None:
    verdict = imagefit.check({}, operation="create_ecs", pack=pack)
    places = [verdict.missing.index(ask.supplies[0]) for ask in verdict.ask]
    assert places == sorted(places)


def test_what_is_decided_asks_for_nothing(pack: Pack) -> None:
    assert imagefit.check({"image.status": "queued"}, operation="delete", pack=pack).ask == ()


def test_an_existing_ecs_is_asked_for_itself_and_a_new_one_for_its_flavor(pack: Pack) -> None:
    for operation, call in (("create_ecs", "list_flavors"), ("change_os", "show_server")):
        asked = {ask.call for ask in imagefit.check({}, operation=operation, pack=pack).ask}
        assert call in asked
        assert len(asked & {"list_flavors", "show_server"}) == 1


def test_what_was_answered_is_not_asked_again(pack: Pack) -> None:
    origins = {"image.visibility": Origin(OriginKind.API, "__imagetype in images.json")}
    facts = {"image.visibility": "private"}
    asked = imagefit.check(facts, operation="share", pack=pack, origins=origins).ask
    assert "list_images" not in {ask.call for ask in asked}
    assert "list_images" in {ask.call for ask in imagefit.check(facts, operation="share", pack=pack).ask}


def test_a_value_can_not_break_out_of_the_command(pack: Pack) -> None:
    verdict = imagefit.check({"ecs.region": "x; rm -rf ~"}, operation="create_ecs", pack=pack)
    command = next(ask.command for ask in verdict.ask if ask.call == "list_flavors")
    assert "--cli-region='x; rm -rf ~' > flavors.json" in command


def test_each_fact_names_the_calls_whose_payloads_tell_it(pack: Pack) -> None:
    catalogs = Catalogs()
    told = {
        "list_images": {row.fact for row in image_table(catalogs)} - {"image.region"},  # only links tell it, sometimes
        "list_flavors": {row.fact for row in flavor_table(catalogs)} - {"ecs.region"},
        "show_server": {row.fact for row in (*server_table(catalogs), *flavor_table(catalogs))},
    }
    # the flavor inside an ECS's details has no specifications
    told["show_server"] -= {"ecs.virtualization", "ecs.required_image_attributes", "ecs.flavor_status"}
    told["show_server"] -= {"ecs.spot_status", "ecs.charging_allowed"}
    for call, facts in told.items():
        assert {name for name, field in pack.fields.items() if call in field.supplied_by} == facts
