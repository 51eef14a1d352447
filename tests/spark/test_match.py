"""`imagefit.spark.match` counts, lists and comes near as `imagefit.match` does, however the larger side is spread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("pyspark")

import imagefit
from imagefit.errors import InputError, UnknownNameError
from imagefit.spark import match
from sparks import local_session

OPTIONS: Any = {"operation": "create_ecs", "select": ["boot", "arch"], "set": {"image.visibility": "private"}}

IMAGES = [
    {"id": f"i{n}", "image.boot_mode": boot, "image.architecture": arch}
    for n, (boot, arch) in enumerate((b, a) for b in ("uefi", "bios", None) for a in ("x86_64", "arm64", None))
]
ECSS = [
    {"id": f"e{n}", "ecs.accelerator": accelerator, "ecs.architecture": arch}
    for n, (accelerator, arch) in enumerate((c, a) for c in ("gpu", "none", None) for a in ("x86_64", "arm64"))
]


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    folder: Path = tmp_path_factory.mktemp("sides")
    for name, rows in (("images", IMAGES), ("ecss", ECSS)):
        (folder / name).mkdir()
        table = pa.Table.from_pylist(rows)
        for number in range(3):
            pq.write_table(table.take(list(range(number, len(rows), 3))), folder / name / f"{number}.parquet")
    images, ecss = (local_session().read.parquet(str(folder / name)) for name in ("images", "ecss"))
    return images, ecss


def ordered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=repr)


@pytest.mark.parametrize("small", ["ecss", "images"])
def test_it_counts_and_lists_as_match_does(sides: tuple[Any, Any], small: str) -> None:
    right = imagefit.match(IMAGES, ECSS, **OPTIONS)
    expected = {
        "image": right.by_image().to_pylist(),
        "ecs": right.by_ecs().to_pylist(),
        "rule": right.by_rule().to_pylist(),
        "fitting": right.fitting().read_all().select(["image", "ecs"]).to_pylist(),
    }
    assert expected["fitting"] and len(expected["fitting"]) < len(IMAGES) * len(ECSS)
    for by, rows in expected.items():
        found = match(*sides, by=by, small=small, **OPTIONS).toArrow().to_pylist()
        assert ordered(found) == ordered(rows), by


def test_it_names_the_nearest_misses(sides: tuple[Any, Any]) -> None:
    right = imagefit.match(IMAGES, ECSS, **OPTIONS)
    found = match(*sides, by="misses", misses=1, **OPTIONS).toArrow().to_pylist()
    nearest = {miss.image: miss for row in range(len(IMAGES)) for miss in right.misses(image=row, n=1)}
    assert {row["image"] for row in found} == set(nearest)
    for row in found:
        assert len(row["failed_rules"]) == len(nearest[row["image"]].verdict.failed)
        assert row["verdict"] != "compatible"


def test_mistakes_are_named(sides: tuple[Any, Any]) -> None:
    images, ecss = sides
    with pytest.raises(UnknownNameError, match="did you mean 'image'"):
        match(images, ecss, by="imag", **OPTIONS)
    with pytest.raises(InputError, match="the larger side has no key"):
        match(images.drop("id"), ecss, **OPTIONS)
