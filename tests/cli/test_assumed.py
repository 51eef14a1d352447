"""What is assumed of a flavor that is known by its id alone: by default, without it, and where it must not count."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]

PLAIN, GPU = "c7n.large.2", "p2s.2xlarge.8"
FLAVOR = ("--operation", "create_ecs", "--select", "flavor")
BOTH = {"ecs.flavor_status": "normal", "ecs.required_image_attributes": []}


def checked(run: Run, *options: str) -> dict[str, object]:
    result = run("check", *FLAVOR, *options, "--format", "json", "--fail-on", "never")
    data: dict[str, object] = json.loads(result.stdout)
    return data


def test_a_flavor_by_its_id_is_on_sale_and_demands_nothing(run: Run, images: Path) -> None:
    found = checked(run, "--image", f"{images}#web-bios", "--flavor", PLAIN)
    assert (found["verdict"], found["assumed"]) == ("compatible", BOTH)


def test_one_of_a_family_with_an_accelerator_may_demand_something(run: Run, images: Path) -> None:
    found = checked(run, "--image", f"{images}#web-bios", "--flavor", GPU)
    assert (found["verdict"], found["assumed"]) == ("unknown", {"ecs.flavor_status": "normal"})
    assert found["missing"] == ["ecs.required_image_attributes"]


def test_a_family_that_no_catalog_has_may_demand_something(run: Run) -> None:
    assert checked(run, "--flavor", "zz9.large.2")["assumed"] == {"ecs.flavor_status": "normal"}
    known = checked(run, "--flavor", "zz9.large.2", "--set", "ecs.accelerator=none")
    assert known["assumed"] == BOTH


def test_the_text_shows_what_is_assumed(run: Run) -> None:
    text = run("check", *FLAVOR, "--flavor", PLAIN).stdout
    assert "  assumed    ecs.flavor_status = normal\n" in text
    assert "  assumed    ecs.required_image_attributes = []\n" in text


def test_no_assume_leaves_it_unknown(run: Run) -> None:
    found = checked(run, "--flavor", PLAIN, "--no-assume")
    assert found["assumed"] == {}
    assert set(BOTH) <= set(found["missing"])  # type: ignore[arg-type]


@pytest.mark.parametrize(("option", "assumed"), [("--set", {}), ("--assume", {"ecs.flavor_status": "sellout"})])
def test_what_the_user_says_counts_more(run: Run, option: str, assumed: dict[str, str]) -> None:
    found = checked(run, "--flavor", PLAIN, option, "ecs.flavor_status=sellout")
    assert found["verdict"] == "incompatible"
    assert found["assumed"] == {"ecs.required_image_attributes": [], **assumed}


@pytest.mark.parametrize("verb", [("check", "--image"), ("audit",)])
@pytest.mark.parametrize(("fail_on", "code"), [("assumed", 3), ("unknown", 0), ("warning", 0)])
def test_fail_on_assumed_exits_with_3_where_a_verdict_rests_on_it(
    run: Run, images: Path, verb: tuple[str, ...], fail_on: str, code: int
) -> None:
    options = (*verb, str(images), *FLAVOR, "--flavor", PLAIN, "--fail-on", fail_on)
    assert run(*options).exit_code == code


def test_fail_on_assumed_is_content_where_nothing_is_assumed(run: Run, images: Path) -> None:
    given = ("--set", "ecs.flavor_status=normal", "--set", "ecs.required_image_attributes=[]")
    options = ("check", "--image", str(images), *FLAVOR, "--flavor", PLAIN, *given, "--fail-on", "assumed")
    assert run(*options).exit_code == 0


def test_an_audit_counts_it_as_assumed_and_a_column_counts_more(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "rows.csv"
    table.write_text("image.attributes,ecs.flavor_status\n[],sellout\n[],\n")
    result = run("audit", str(table), *FLAVOR, "--flavor", PLAIN, "--format", "jsonl", "--fail-on", "never")
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert (first["verdict"], first["assumed"]) == ("incompatible", {"ecs.required_image_attributes": []})
    assert (second["verdict"], second["assumed"]) == ("compatible", BOTH)
    assert "ecs.flavor_status was assumed in 1 row" in result.stderr


def test_a_match_shows_it_of_all_flavors_or_says_it_of_each(run: Run, images: Path) -> None:
    options = ("match", "--images", str(images), *FLAVOR, "--flavor", PLAIN)
    assert json.loads(run(*options, "--format", "json").stdout)["assumed"] == BOTH
    several = run(*options, "--flavor", GPU)
    assert f"{PLAIN}: assumed, as only its id is known: ecs.flavor_status = normal, ecs.req" in several.stderr
    assert f"{GPU}: assumed, as only its id is known: ecs.flavor_status = normal\n" in several.stderr
    assert json.loads(run(*options, "--no-assume", "--format", "json").stdout)["assumed"] == {}
