"""The inventory that ships: every file of it is read, and tells the story that its README tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from imagefit.facts import Field
from imagefit.sources.formats import Format
from imagefit.sources.reading import Document, read

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
FILES = sorted(path.name for path in SAMPLES.iterdir() if path.suffix not in (".md", ".sh"))


@pytest.fixture
def sample(fields: Mapping[str, Field]):
    return lambda name: read(SAMPLES / name, fields)


@pytest.mark.parametrize("name", [name for name in FILES if name != "inventory.csv"])  # which needs a map
def test_a_sample_is_read_and_nothing_in_it_is_new(sample, name: str):
    document: Document = sample(name)
    own = {"facts.csv": ("read as facts-csv, 7 rows; 14 of 17 columns are facts; not facts: 'note'",)}
    assert document.records and document.warnings == own.get(name, ())
    for record in document.records:
        assert record.unrecognised == ()
        assert set(record.facts) == set(record.origins)


@pytest.mark.parametrize("name", FILES)
def test_the_readme_speaks_of_every_sample(name: str):
    assert f"`{name}`" in (SAMPLES / "README.md").read_text(encoding="utf-8")


def test_the_console_shows_the_same_private_images_in_both_languages(sample):
    english, chinese = sample("images-console.csv"), sample("images-console-zh.csv")
    assert english.format is chinese.format is Format.CONSOLE_CSV
    assert [r.facts for r in english.records] == [r.facts for r in chinese.records]


def test_what_the_console_shows_agrees_with_the_api(sample):
    by_id = {record.id: record for record in sample("images.json").records}
    compared: Counter[str] = Counter()
    for shown in sample("images-console.csv").records:
        for fact, value in shown.facts.items():
            known = by_id[shown.id].facts.get(fact)
            compared[fact] += known is not None
            if fact == "image.size_gib":
                assert known == pytest.approx(value, abs=0.01)
            elif known is not None:
                assert known == value, (shown.name, fact)
    assert len(compared) == 10 and min(compared.values()) >= 10


def test_the_inventory_has_images_of_every_kind(sample):
    records = sample("images.json").records
    kinds = {(r.facts["image.visibility"], r.facts["image.type"]) for r in records}
    assert {k for k, _ in kinds} == {"public", "private", "shared", "koogallery"}
    assert {t for _, t in kinds} == {"system_disk", "data_disk", "full_ecs", "iso"}
    by_name = {record.name: record.facts for record in records}
    assert by_name["recipe-trainer"]["image.boot_mode"] == "uefi"
    assert "image.boot_mode" not in by_name["depot-imported"]
    assert by_name["payroll"]["image.encrypted"] is True
    assert by_name["shelf-camera"]["image.architecture"] == "arm64"
    assert by_name["scales-legacy"]["image.hypervisors"] == frozenset({"xen"})
    assert by_name["shop-suite-2019"]["image.withdrawn"] is True
    assert by_name["till-complete"]["image.full_ecs_origin"] == "ecs"
    assert by_name["till-next"]["image.status"] == "queued"


def test_the_flavors_are_of_every_kind(sample):
    records = {record.key: record for record in sample("flavors.json").records}
    facts = {key: record.facts for key, record in records.items()}
    assert {f["ecs.accelerator"] for f in facts.values()} == {"none", "gpu", "npu"}
    assert facts["c1.xlarge"]["ecs.virtualization"] == "xen"
    assert facts["kai1s.3xlarge.2"]["ecs.architecture"] == "arm64"
    sold_out = [each.facts["ecs.flavor_status"] for each in records["t6.large.2"].in_zones]
    assert sold_out == ["sellout"]
    assert facts["g6.4xlarge.4"]["ecs.required_image_attributes"] == frozenset({"__support_gpu_t4=true"})
    assert "ecs.flavor_status" not in facts["p2s.2xlarge.8"]
