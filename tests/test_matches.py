"""``imagefit.match`` says of every pair what ``imagefit.check`` says of its facts, however the sides come in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import imagefit
from commands import run
from imagefit import InputError, Match, UnknownNameError, VerdictKind
from imagefit.facts import Facts
from imagefit.rulepack.pack import Pack
from rowtables import table_of
from strategies import candidates, packs

_X86 = {"image.architecture": "x86_64"}
IMAGES = [
    {"id": "web", "image.boot_mode": "uefi", "image.visibility": "private", "image.status": "active", **_X86},
    {"id": "old", "image.boot_mode": "bios", "image.visibility": "private", "image.status": "active", **_X86},
    {"id": "new", "image.visibility": "private", "image.status": "queued", **_X86},
    {"id": "öffentlich ☃", "image.boot_mode": "uefi", "image.visibility": "public", "image.status": "active", **_X86},
]
ECSS = [
    {"id": "plain", "ecs.accelerator": "none", "ecs.virtualization": "kvm", "ecs.architecture": "x86_64"},
    {"id": "npu", "ecs.accelerator": "npu", "ecs.virtualization": "kvm", "ecs.architecture": "x86_64"},
    {"id": "xen", "ecs.accelerator": "none", "ecs.virtualization": "xen", "ecs.architecture": "x86_64"},
]
SAMPLES = Path(__file__).parents[1] / "data" / "samples"
OPTIONS: Mapping[str, object] = {"operation": "create_ecs", "select": ["boot", "status"]}

C, U, I = VerdictKind.COMPATIBLE, VerdictKind.UNKNOWN, VerdictKind.INCOMPATIBLE  # noqa: E741
# By the page: no UEFI image on an accelerator, none on Xen, and only active images; a public one may be in UEFI mode.
EXPECTED = [[C, I, I], [C, C, C], [I, I, I], [C, C, I]]


@pytest.fixture
def matches() -> Match:
    return imagefit.match(IMAGES, ECSS, **OPTIONS)  # type: ignore[arg-type]


def verdicts(found: Match) -> list[list[VerdictKind]]:
    matrix = found.matrix()
    return [[matrix.verdict(i, j) for j in range(found.ecss.count)] for i in range(found.images.count)]


GIVEN_PLACES = [
    {"ecs.availability_zone": "ap-southeast-1a"},
    {"ecs.availability_zone": "cn-north-4a", "image.region": "cn-north-4"},
    {"ecs.region": "ap-southeast-1", "image.region": "cn-north-4"},
    {"image.region": "ap-southeast-1"},
    {"image.region": "cn-north-4"},
]
PLACES: dict[str, Any] = {"operation": "create_ecs", "select": ["flavor.on-sale", "locality.image-in-ecs-region"]}


@pytest.mark.parametrize("given", GIVEN_PLACES, ids=str)
@pytest.mark.parametrize("has_links", [True, False])
def test_where_flavors_are_wanted_counts_as_in_a_check(given: dict[str, str], has_links: bool, tmp_path: Path) -> None:
    listed = json.loads((SAMPLES / "flavors.json").read_text("utf-8"))
    for each in listed["flavors"]:
        each["os_extra_specs"].pop("cond:operation:az", None)  # else a match has a row for each zone
        each["links"] = each["links"] if has_links else []
    path = tmp_path / "flavors.json"
    path.write_text(json.dumps(listed))
    names = [each["id"] for each in listed["flavors"]]
    checked = [imagefit.check(given, ecs=f"{path}#{name}", **PLACES).verdict for name in names]
    audited = imagefit.audit(path, set=given, **PLACES)
    matched = imagefit.match([{"id": "i"}], path, set=given, **PLACES)
    assert [audited.explain(row).verdict for row in range(len(names))] == checked
    assert [matched.explain(0, lane).verdict for lane in range(len(names))] == checked
    audited = imagefit.audit(listed["flavors"], set=given, **PLACES)  # in memory, too
    matched = imagefit.match([{"id": "i"}], listed["flavors"], set=given, **PLACES)
    assert [audited.explain(row).verdict for row in range(len(names))] == checked
    assert [matched.explain(0, lane).verdict for lane in range(len(names))] == checked
    options = [f"--set={name}={value}" for name, value in given.items()]
    lines = run(
        "audit", str(path), "--operation", "create_ecs", "--select", ",".join(PLACES["select"]), *options,
        "--format", "jsonl",
    ).stdout.splitlines()  # fmt: skip
    assert [json.loads(line)["verdict"] for line in lines] == checked


def test_the_region_of_images_is_none_of_ecss(tmp_path: Path) -> None:
    path = tmp_path / "flavors.json"
    listed = json.loads((SAMPLES / "flavors.json").read_text("utf-8"))
    path.write_text(json.dumps({"flavors": [{**each, "links": []} for each in listed["flavors"]]}))
    audited = imagefit.audit(path, set={"image.region": "cn-north-4"}, operation="create_ecs", select="locality")
    assert audited.summary().verdicts["compatible"] == 0
    convert = run("convert", str(path), "-", "--format", "jsonl", "--set", "image.region=cn-north-4").stdout
    assert convert and all("ecs.region" not in json.loads(line) for line in convert.splitlines())


@pytest.mark.parametrize(("zone", "expected"), [("cn-north-4a", "compatible"), ("cn-north-4b", "incompatible")])
def test_an_audit_of_flavors_is_of_the_zone_that_is_asked_for(zone: str, expected: str) -> None:
    flavors = str(SAMPLES / "flavors.json")  # in one zone it is on sale, and in the other sold out
    options = ("--operation", "create_ecs", "--select", "flavor.on-sale", "--format", "jsonl", "--az", zone)
    found = {
        each["key"]: each["verdict"] for each in map(json.loads, run("audit", flavors, *options).stdout.splitlines())
    }
    assert found["p2s.2xlarge.8"] == expected


def test_every_pair_is_judged(matches: Match) -> None:
    assert verdicts(matches) == EXPECTED
    assert matches.size == 12


def test_counts_by_verdict_image_ecs_and_rule(matches: Match) -> None:
    assert matches.counts() == {I: 6, U: 0, C: 6}
    assert list(matches.counts()) == [I, U, C]
    assert matches.by_image().to_pylist() == [
        {"image": "web", "compatible": 1, "unknown": 0, "incompatible": 2},
        {"image": "old", "compatible": 3, "unknown": 0, "incompatible": 0},
        {"image": "new", "compatible": 0, "unknown": 0, "incompatible": 3},
        {"image": "öffentlich ☃", "compatible": 2, "unknown": 0, "incompatible": 1},
    ]
    assert matches.by_ecs()["compatible"].to_pylist() == [3, 2, 1]
    rules = {row["rule"]: row for row in matches.by_rule().to_pylist()}
    assert rules["status.active"] == {
        "rule": "status.active",
        "severity": "error",
        "fail": 3,
        "unknown": 0,
        "pass": 9,
        "not_applicable": 0,
    }
    assert rules["boot.uefi-on-heterogeneous"]["fail"] == 1
    assert rules["boot.uefi-on-heterogeneous"]["not_applicable"] == 9
    assert rules["boot.uefi-not-on-xen"]["fail"] == 2
    assert rules["boot.uefi-not-on-xen"]["unknown"] == 1


def test_pairs_that_one_rule_alone_stops(matches: Match) -> None:
    alone = {row["rule"]: row["alone"] for row in matches.alone().to_pylist()}
    assert {rule: count for rule, count in alone.items() if count} == {
        "boot.uefi-on-heterogeneous": 1,
        "boot.uefi-not-on-xen": 2,
        "status.active": 3,
    }
    assert "boot.os-supports-uefi" not in alone, "a warning stops nothing"


def test_fitting_pairs_come_by_image_then_by_ecs(matches: Match) -> None:
    fitting = matches.fitting().read_all()
    assert list(zip(fitting["image"].to_pylist(), fitting["ecs"].to_pylist(), strict=True)) == [
        *[("web", "plain"), ("old", "plain"), ("old", "npu"), ("old", "xen")],
        *[("öffentlich ☃", "plain"), ("öffentlich ☃", "npu")],
    ]
    assert fitting["image_row"].to_pylist() == [0, 1, 1, 1, 3, 3]
    assert fitting["ecs_row"].to_pylist() == [0, 0, 1, 2, 0, 1]


def test_fitting_pairs_of_one_image_or_one_ecs(matches: Match) -> None:
    assert matches.fitting(image="old").read_all()["ecs"].to_pylist() == ["plain", "npu", "xen"]
    assert matches.fitting(ecs=1).read_all()["image_row"].to_pylist() == [1, 3]
    assert matches.fitting(image=0, ecs="npu").read_all().num_rows == 0


def test_the_nearest_misses_fail_the_fewest_rules(matches: Match) -> None:
    misses = matches.misses(ecs="npu")
    assert [(miss.image, miss.ecs, miss.image_row, miss.ecs_row) for miss in misses] == [
        ("web", "npu", 0, 1),
        ("new", "npu", 2, 1),
    ]
    assert [rule.rule for rule in misses[0].verdict.failed] == ["boot.uefi-on-heterogeneous"]
    assert len(matches.misses(ecs="npu", n=1)) == 1
    assert [miss.ecs for miss in matches.misses(image="web")] == ["npu", "xen"]
    assert matches.misses(image="old") == []


def test_misses_are_asked_for_one_side(matches: Match) -> None:
    with pytest.raises(InputError, match="misses are of one image, or of one ECS"):
        matches.misses()
    with pytest.raises(InputError, match="misses are of one image, or of one ECS"):
        matches.misses(image=0, ecs=0)


def test_a_pair_is_explained_as_check_explains_it(matches: Match) -> None:
    explained = matches.explain("web", "npu")
    facts = {name: value for row in (IMAGES[0], ECSS[1]) for name, value in row.items() if name != "id"}
    checked = imagefit.check(facts, **OPTIONS)  # type: ignore[arg-type]
    assert explained.to_dict() == {**checked.to_dict(), "key": "web x npu"}
    assert explained.facts == checked.facts
    assert matches.explain(0, 1) == explained


def test_it_shows_itself_in_a_line_and_in_a_notebook(matches: Match) -> None:
    assert repr(matches) == "<Match 4 images x 3 ECSs, create_ecs: 6 incompatible, 0 unknown, 6 compatible>"
    html = matches._repr_html_()
    assert "boot.uefi-on-heterogeneous" in html
    assert "4 images × 3 ECSs" in html


def test_the_summary_says_who_finds_a_partner_and_what_is_missing(matches: Match) -> None:
    summary = matches.summary()
    assert (summary.images_fitting.fitting, summary.images_fitting.unfit) == (3, 1)
    assert (summary.ecss_fitting.fitting, summary.ecss_fitting.undecided, summary.ecss_fitting.unfit) == (3, 0, 0)
    assert summary.rules[0].rule == "status.active"
    assert summary.missing == (), "no pair is undecided"
    assert summary.to_dict()["verdicts"] == {"incompatible": 6, "unknown": 0, "compatible": 6}


# -- what is given, what is assumed -----------------------------------------------------------------


def test_given_facts_overrule_both_sides() -> None:
    found = imagefit.match(IMAGES, ECSS, set={"image.status": "active", "ecs.accelerator": "none"}, **OPTIONS)  # type: ignore[arg-type]
    assert [row[1] for row in verdicts(found)] == [C, C, C, C]
    assert found.explain("new", "npu").facts["ecs.accelerator"] == "none"


def test_the_summary_names_what_would_decide_undecided_pairs() -> None:
    images = [{"id": "a", "image.boot_mode": "uefi"}, {"id": "b"}]
    ecss = [{"id": "gpu", "ecs.accelerator": "gpu"}]
    summary = imagefit.match(images, ecss, operation="create_ecs", select=["boot.uefi-on-heterogeneous"]).summary()
    assert summary.counts["unknown"] == 2
    assert [(m.fact, m.side, m.lacking, m.of) for m in summary.missing] == [
        ("image.visibility", "image", 2, 2),
        ("image.boot_mode", "image", 1, 2),
    ]


def test_where_no_pair_is_undecided_nothing_is_missing() -> None:
    images = [{"id": "a", "image.boot_mode": "uefi", "image.visibility": "private"}]
    ecss = [{"id": "gpu", "ecs.accelerator": "gpu"}]
    select = ["boot.uefi-on-heterogeneous", "arch.matches"]
    summary = imagefit.match(images, ecss, operation="create_ecs", select=select).summary()
    assert [rule.rule for rule in summary.rules if rule.unknown] == ["arch.matches"]
    assert (summary.counts["unknown"], summary.missing) == (0, ())


def test_assumed_facts_count_where_they_are_missing_and_are_reported() -> None:
    found = imagefit.match(
        IMAGES,
        ECSS,
        set={"image.status": "active"},
        assume={"image.boot_mode": "uefi"},
        **OPTIONS,  # type: ignore[arg-type]
    )
    assert verdicts(found)[2] == [C, I, I]
    assert verdicts(found)[1] == [C, C, C]
    assert found.explain("new", "xen").assumed == {"image.boot_mode": "uefi"}
    assert found.explain("old", "xen").assumed == {}


def test_a_fact_can_be_assumed_to_be_what_the_other_side_says() -> None:
    images = [{"image.visibility": "private", "image.owner": "a"}, {"image.visibility": "private"}]
    ecss = [{"ecs.account": "a"}, {"ecs.account": "b"}, {}]
    found = imagefit.match(
        images, ecss, operation="create_ecs", select=["access"], assume={"ecs.account": "@image.owner"}
    )
    assert verdicts(found) == [[C, I, C], [U, U, U]]


@given(packs(max_rules=3), st.lists(candidates(), max_size=3), st.lists(candidates(), max_size=4), candidates())
def test_every_pair_is_judged_and_explained_as_by_check(
    pack: Pack, lefts: list[Facts], rights: list[Facts], assumed: Facts
) -> None:
    rows, lanes = (
        [{name: value for name, value in row.items() if name.startswith(side)} for row in facts]
        for side, facts in (("left.", lefts), ("right.", rights))
    )
    found = imagefit.match(table_of(rows), table_of(lanes), operation="use", pack=pack, assume=assumed)
    kinds = [[VerdictKind.COMPATIBLE] * len(lanes) for _ in rows]
    for i, row in enumerate(rows):
        for j, lane in enumerate(lanes):
            key = f"{i + 1} x {j + 1}"
            checked = imagefit.check({**row, **lane}, operation="use", pack=pack, assume=assumed, key=key)
            assert found.explain(i, j) == checked
            kinds[i][j] = checked.verdict
    assert verdicts(found) == kinds
    for kind in VerdictKind:
        assert found.by_image()[kind.value].to_pylist() == [row.count(kind) for row in kinds]
        assert found.by_ecs()[kind.value].to_pylist() == [
            [row[j] for row in kinds].count(kind) for j in range(len(lanes))
        ]


# -- how the sides come in ------------------------------------------------------------------------------

ARROW_IMAGES, ARROW_ECSS = pa.Table.from_pylist(IMAGES), pa.Table.from_pylist(ECSS)


def parquet(table: pa.Table, folder: Path) -> Path:
    path = folder / f"{table.column_names[1]}-{table.num_rows}.parquet"
    pq.write_table(table, path, row_group_size=1)
    return path


def arrow_ipc(table: pa.Table, folder: Path) -> Path:
    from pyarrow import feather

    path = folder / f"{table.column_names[1]}-{table.num_rows}.arrow"
    feather.write_feather(table, path, compression="uncompressed", chunksize=2)
    return path


def json_lines(table: pa.Table, folder: Path) -> str:
    path = folder / f"{table.column_names[1]}-{table.num_rows}.jsonl"
    path.write_text(table.to_pandas().to_json(orient="records", lines=True, force_ascii=False), "utf-8")
    return str(path)


def polars_frame(table: pa.Table, _: Path) -> object:
    import polars as pl

    return pl.from_arrow(table)


def csv(table: pa.Table, folder: Path) -> Path:
    path = folder / f"{table.column_names[1]}-{table.num_rows}.csv"
    table.to_pandas().to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    "form",
    [
        lambda table, _: table,
        lambda table, _: table.to_pandas(),
        polars_frame,
        lambda table, _: table.to_reader(max_chunksize=1),
        lambda table, _: table.to_pylist(),
        lambda table, _: (row for row in table.to_pylist()),
        parquet,
        arrow_ipc,
        json_lines,
        csv,
        lambda table, folder: [parquet(table.slice(0, 1), folder), json_lines(table.slice(1), folder)],
    ],
    ids=["arrow", "pandas", "polars", "stream", "list", "generator", "parquet", "ipc", "jsonl", "csv", "several files"],
)
def test_the_form_of_the_input_makes_no_difference(form: Callable[[pa.Table, Path], object], tmp_path: Path) -> None:
    found = imagefit.match(form(ARROW_IMAGES, tmp_path), form(ARROW_ECSS, tmp_path), **OPTIONS)  # type: ignore[arg-type]
    assert verdicts(found) == EXPECTED
    assert found.by_image()["image"].to_pylist() == [row["id"] for row in IMAGES]


def test_the_vendors_lists_are_read_as_they_come() -> None:
    found = imagefit.match(SAMPLES / "images.json", SAMPLES / "flavors.json", operation="create_ecs")
    assert (found.images.count, found.size % found.images.count) == (18, 0)
    assert {"p2s.2xlarge.8@cn-north-4a", "p2s.2xlarge.8@cn-north-4b"} <= set(found.by_ecs()["ecs"].to_pylist())
    assert found.explain("orders-web", "t6.large.2").verdict is VerdictKind.INCOMPATIBLE


def test_rows_without_a_key_are_called_by_their_number() -> None:
    found = imagefit.match([{}, {"id": "b"}, {"id": ""}], [{"name": "n"}], operation="share")
    assert found.by_image()["image"].to_pylist() == ["1", "b", "3"]
    assert found.by_ecs()["ecs"].to_pylist() == ["n"]


def test_rows_that_are_alike_are_counted_each() -> None:
    found = imagefit.match(IMAGES * 40, ECSS * 50, **OPTIONS)  # type: ignore[arg-type]
    assert found.counts() == {I: 6 * 2000, U: 0, C: 6 * 2000}
    assert found.matrix().levels.shape == (4, 3)
    assert found.fitting().read_all().num_rows == 6 * 2000
    with pytest.raises(InputError, match="40 images are called this"):
        found.explain("web", 0)


def test_the_longer_side_makes_no_difference() -> None:
    wide = imagefit.match(IMAGES, ECSS * 60, **OPTIONS)  # type: ignore[arg-type]
    assert verdicts(wide) == [row * 60 for row in EXPECTED]
    assert wide.by_ecs()["incompatible"].to_pylist() == [1, 2, 3] * 60
    assert wide.by_image()["incompatible"].to_pylist() == [120, 0, 180, 60]
    rows = wide.fitting().read_all()
    assert np.array_equal(rows["image_row"].to_numpy(), np.sort(rows["image_row"].to_numpy()))


@pytest.mark.parametrize(("images", "ecss"), [([], ECSS), (IMAGES, []), ([], [])])
def test_an_empty_side_makes_no_pairs(images: list[dict[str, str]], ecss: list[dict[str, str]]) -> None:
    found = imagefit.match(images, ecss, **OPTIONS)  # type: ignore[arg-type]
    assert found.counts() == {I: 0, U: 0, C: 0}
    assert found.fitting().read_all().num_rows == 0
    assert found.by_image().num_rows == len(images)
    assert found.matrix().levels.size == 0
    assert found.summary().images == len(images)


# -- what is refused ----------------------------------------------------------------------------------


def refused(images: object, ecss: object, **options: object) -> str:
    with pytest.raises(InputError) as error:
        imagefit.match(images, ecss, **{**OPTIONS, **options})  # type: ignore[arg-type]
    return str(error.value)


def test_a_wrong_value_is_named_with_its_place() -> None:
    assert "row 2" in refused([{}, {"image.boot_mode": "uefy"}], ECSS)
    assert "did you mean 'uefi'" in refused(pa.table({"image.boot_mode": ["bios", "uefy"]}), ECSS)


def test_two_sides_that_contradict_each_other_are_refused() -> None:
    message = refused([{"ecs.virtualization": "kvm"}], ECSS)
    assert "ecs.virtualization" in message
    assert "xen" in message
    assert imagefit.match([{"ecs.virtualization": "kvm"}], ECSS[:2], **OPTIONS).size == 2  # type: ignore[arg-type]
    given = {"ecs.virtualization": "kvm"}
    assert imagefit.match([{"ecs.virtualization": "kvm"}], ECSS, set=given, **OPTIONS).size == 3  # type: ignore[arg-type]


def test_what_the_pack_does_not_know_is_named_before_anything_is_read() -> None:
    for options in ({"operation": "create_esc"}, {"select": ["bot"]}, {"set": {"image.bootmode": "bios"}}):
        with pytest.raises(UnknownNameError, match="did you mean"):
            imagefit.match("no such file", "none", **{**OPTIONS, **options})  # type: ignore[arg-type]


@pytest.mark.parametrize("images", [3, {"image.status": "active"}, [1, 2], "/no/such/file.json"])
def test_what_is_no_table_is_refused(images: object) -> None:
    assert refused(images, ECSS)


@pytest.mark.parametrize("which", [4, -5, "wbe"])
def test_a_row_that_is_not_there_is_named(matches: Match, which: int | str) -> None:
    with pytest.raises(InputError, match=r"no such image|did you mean 'web'"):
        matches.explain(which, 0)
    assert matches.explain(-1, 0).key == "öffentlich ☃ x plain"


def test_a_matrix_that_would_be_too_large_is_refused(matches: Match) -> None:
    with pytest.raises(InputError, match="more than 2 images differ"):
        matches.matrix(most=2)
