"""`imagefit facts`: what facts mean, where they come from, and which rules look at them; `rules show` of a prefix."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from click.testing import Result

from imagefit.reports.layout import cell_width
from imagefit.rulepack.pack import Pack

Run = Callable[..., Result]


def test_all_facts_are_listed_with_their_meaning(run: Run, built_in: Pack) -> None:
    result = run("facts")
    assert result.exit_code == 0
    assert all(f"\n{name}" in result.stdout for name in built_in.fields)
    assert result.stderr == f"imagefit: {len(built_in.fields)} of {len(built_in.fields)} facts of huawei-ims 1.0.0\n"
    assert max(map(cell_width, result.stdout.split("\n"))) <= 80


def test_what_facts_begin_with_lists_those(run: Run) -> None:
    lines = run("facts", "recipient").stdout.splitlines()[1:]
    assert {line.split()[0] for line in lines if not line.startswith(" ")} == {
        "recipient.region",
        "recipient.account",
        "recipient.has_cbr_vault",
    }


def test_one_fact_is_shown_with_where_it_comes_from(run: Run) -> None:
    text = run("facts", "ecs.flavor_status").stdout
    for part in (
        "enum: normal, promotion, obt, sellout, obt_sellout, abandon",
        "GET /v1/{project_id}/cloudservers/flavors",
        "\n    hcloud ECS ListFlavors --cli-region=REGION > flavors.json\n      then --ecs flavors.json\n",
        "normal: a flavor that somebody names is one that is on sale",
        "flavor.on-sale",
    ):
        assert part in text


def test_a_fact_that_no_call_supplies_says_so(run: Run) -> None:
    assert "No call of the cloud supplies it: somebody has to say it." in run("facts", "actor.account").stdout


def test_facts_as_json(run: Run) -> None:
    (fact,) = json.loads(run("facts", "ecs.required_image_attributes", "--format", "json").stdout)
    assert (fact["type"], fact["elements"]) == ("set", "name=value")
    assert fact["rules"] == ["flavor.required-image-attributes"]
    assert [call["option"] for call in fact["supplied_by"]] == ["--ecs flavors.json"]


def test_a_number_is_shown_with_the_least_that_it_can_be(run: Run) -> None:
    assert re.search("type +integer, GiB, at least 0\n", run("facts", "image.min_disk_gib").stdout)
    (fact,) = json.loads(run("facts", "image.min_disk_gib", "--format", "json").stdout)
    assert fact["at_least"] == 0


def test_an_unknown_fact_names_the_nearest(run: Run) -> None:
    result = run("facts", "image.boot_mod")
    assert result.exit_code == 2
    assert "did you mean 'image.boot_mode'?" in result.stderr


def test_rules_show_takes_what_ids_begin_with(run: Run, built_in: Pack) -> None:
    shown = run("rules", "show", "boot").stdout
    boot = [rule.id for rule in built_in.rules if rule.id.startswith("boot.")]
    assert len(boot) > 1
    assert [line for line in shown.splitlines() if line in {rule.id for rule in built_in.rules}] == boot


def test_rules_show_of_nothing_names_the_nearest(run: Run) -> None:
    result = run("rules", "show", "boot.uefi-not-on-xem")
    assert result.exit_code == 2
    assert "did you mean 'boot.uefi-not-on-xen'?" in result.stderr
