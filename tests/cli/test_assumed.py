"""What is assumed of a flavor that is known by its id alone: by default, without it, and where it must not count."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from tests.checked import verdict

Run = Callable[..., Result]

PLAIN, GPU = "c7n.large.2", "p2s.2xlarge.8"
FLAVOR = ("--operation", "create_ecs", "--select", "flavor")
BOTH = {"ecs.flavor_status": "normal", "ecs.required_image_attributes": []}


def checked(run: Run, *options: str) -> dict[str, object]:
    result = run("check", *FLAVOR, *options, "--format", "json", "--fail-on", "never")
    data = verdict(result.stdout)
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


MATCH = ("match", *FLAVOR, "--flavor", PLAIN)


def test_a_match_shows_what_is_assumed_of_all_flavors_and_of_some(run: Run, images: Path) -> None:
    options = (*MATCH, "--images", str(images))
    assert json.loads(run(*options, "--format", "json").stdout)["summary"]["assumed"] == BOTH
    assert json.loads(run(*options, "--no-assume", "--format", "json").stdout)["summary"]["assumed"] == {}
    several = json.loads(run(*options, "--flavor", GPU, "--format", "json").stdout)["summary"]
    assert several["assumed"] == {}
    assert {(a["fact"], a["side"], a["count"], a["of"]) for a in several["assumed_of"]} == {
        ("ecs.flavor_status", "ecs", 2, 2),
        ("ecs.required_image_attributes", "ecs", 1, 2),
    }
    text = run(*options, "--flavor", GPU).stdout
    assert "  assumed    ecs.flavor_status = normal, of all ECSs\n" in text
    assert "  assumed    ecs.required_image_attributes = [], of 1 of 2 ECSs\n" in text


@pytest.mark.parametrize("shown", [("--by", "image"), ("--matrix",)])
def test_where_the_output_of_a_match_has_no_room_for_it_stderr_says_it(
    run: Run, images: Path, shown: tuple[str, ...]
) -> None:
    said = run(*MATCH, "--images", str(images), *shown).stderr
    assert "imagefit: assumed: ecs.flavor_status = normal\n" in said


def test_the_partners_of_an_image_show_it(run: Run, images: Path) -> None:
    options = (*MATCH, "--images", str(images), "--flavor", GPU, "--for-image", "web-bios")
    assert (
        json.loads(run(*options, "--format", "json").stdout)["partners"]["assumed_of"][0]["fact"] == "ecs.flavor_status"
    )
    assert "assumed    ecs.flavor_status = normal, of all ECSs" in run(*options).stdout


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 3),
        (("--flavor", "s6.large.2"), 3),
        (("--set", "ecs.flavor_status=normal", "--set", "ecs.required_image_attributes=[]"), 0),
        (("--no-assume", "--select", "arch.matches"), 0),
        (
            ("--no-assume", "--select", "arch.matches", "--assume", "image.architecture=x86_64"),
            0,
        ),  # all images state it
        (("--no-assume", "--assume", "ecs.required_image_attributes=[]"), 3),
    ],
)
def test_a_match_can_exit_with_3_where_a_verdict_rests_on_an_assumption(
    run: Run, images: Path, options: tuple[str, ...], code: int
) -> None:
    only = () if "--select" in options else ("--select", "flavor")
    plain = ("match", "--operation", "create_ecs", "--flavor", PLAIN, "--images", f"{images}#web-bios")
    assert run(*plain, *only, *options, "--fail-on", "assumed").exit_code == code
