"""In Python as on the command line: `read`, `check` of files and data, tables whose columns are attributes."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import imagefit
from imagefit.errors import InputError
from readers.payloads import create_request, flavor, ims_image, server

ENCRYPTED = {"__system__cmkid": "0c1d2e3f-aaaa-4bbb-8ccc-0123456789ab"}
IMAGES = [ims_image(), ims_image(id="2", name="vault", **ENCRYPTED)]
COLUMNS = list(dict.fromkeys(name for image in IMAGES for name in image))
ROWS = [{name: image.get(name) for name in COLUMNS} for image in IMAGES]


# --- read


def test_read_takes_a_path(tmp_path: Path):
    path = tmp_path / "images.json"
    path.write_text(json.dumps({"images": IMAGES}))
    document = imagefit.read(path, region="cn-north-4")
    assert [record.name for record in document.records] == ["web", "vault"]
    assert document.records[0].facts["image.region"] == "cn-north-4"
    assert document.format == "ims"


@pytest.mark.parametrize("given", [IMAGES[1], [IMAGES[1]], {"images": [IMAGES[1]]}, pd.DataFrame([IMAGES[1]])])
def test_read_takes_what_a_file_would_hold(given: object):
    (record,) = imagefit.read(given).records
    assert (record.key, record.facts["image.encrypted"]) == ("2", True)


def test_read_takes_the_answer_of_an_sdk():
    class Answer:
        def to_dict(self) -> dict[str, object]:
            return {"images": [IMAGES[1]]}

    (record,) = imagefit.read(Answer()).records
    assert record.facts["image.encrypted"] is True


def test_read_gives_what_a_request_names():
    (record,) = imagefit.read(create_request()).records
    assert (record.operation, record.flavor_ref, record.zone) == ("create_ecs", "c7n.xlarge.2", "cn-north-4a")


def test_read_refuses_as_the_command_line_does():
    with pytest.raises(InputError, match="what is given: the content is in no format that is read"):
        imagefit.read({"colour": "red"})
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(InputError, match="no data that could stand in JSON"):
        imagefit.read(circle)


# --- check


def test_check_takes_files_and_objects(tmp_path: Path):
    path = tmp_path / "images.json"
    path.write_text(json.dumps({"images": IMAGES}))
    arm = flavor("kc1.large.2", ecs__instance_architecture="arm64")
    image = ims_image(__support_arm="true")
    for given in (f"{path}#2", IMAGES[1]):
        verdict = imagefit.check(image=given, operation="share", select="sharing.encrypted")
        assert [rule.rule for rule in verdict.failed] == ["sharing.encrypted"]
    assert imagefit.check(image=image, ecs=arm, operation="create_ecs", select="arch").verdict == "compatible"
    against = imagefit.check(image=image, flavor="c7n.xlarge.2", operation="create_ecs", select="arch")
    assert [rule.rule for rule in against.failed] == ["arch.matches"]


def test_check_takes_the_operation_from_a_request():
    verdict = imagefit.check(image=ims_image(), ecs=create_request(), select="arch")
    assert (verdict.operation, verdict.verdict) == ("create_ecs", "compatible")


def test_check_puts_stated_facts_before_what_was_read():
    stated = {"image.encrypted": False}
    verdict = imagefit.check(stated, image=IMAGES[1], operation="share", select="sharing.encrypted")
    assert verdict.verdict == "compatible"


def test_check_refuses_several_candidates_and_no_operation():
    with pytest.raises(InputError, match="2 candidates"):
        imagefit.check(image=IMAGES, operation="share")
    with pytest.raises(InputError, match="no operation is named"):
        imagefit.check(image=ims_image())


def test_check_of_attributes_in_the_place_of_facts_says_how_they_are_read():
    with pytest.raises(InputError, match=r"a service's attributes, not facts.*image="):
        imagefit.check(ims_image(), operation="share")
    with pytest.raises(InputError, match=r"a service's attributes, not facts.*ecs="):
        imagefit.check(server(), operation="change_os")


# --- tables whose columns are attributes


@pytest.mark.parametrize(
    "table",
    [ROWS, IMAGES, pd.DataFrame(ROWS), pl.DataFrame(ROWS), pa.Table.from_pylist(ROWS)],
    ids=["rows", "mappings", "pandas", "polars", "arrow"],
)
def test_a_table_of_attributes_is_audited_as_the_file_of_the_same_images(table: object):
    audit = imagefit.audit(table, operation="share", select="sharing.encrypted")
    assert list(audit.to_pandas()["verdict"])[1] == "incompatible"
    assert audit.explain(1).key == "2"
    assert audit.to_arrow().schema.names[: len(COLUMNS)] == COLUMNS
    chosen = audit.where(verdict="incompatible").to_arrow()
    assert chosen.column("name").to_pylist() == ["vault"]


def test_a_table_with_one_fact_among_its_columns_is_one_of_facts():
    rows = [{"image.encrypted": True, **ims_image()}]
    with pytest.warns(imagefit.ImagefitWarning, match="'__imagetype' is no fact"):
        audit = imagefit.audit(rows, operation="share", select="sharing.encrypted")
    assert list(audit.to_pandas()["verdict"]) == ["incompatible"]


def test_tables_of_attributes_are_matched():
    images = [ims_image(), ims_image(id="2", name="arm", __support_arm="true")]
    flavors = [flavor(ecs__instance_architecture="x86_64"), flavor("kc1.large.2", ecs__instance_architecture="arm64")]
    matches = imagefit.match(images, flavors, operation="create_ecs", select="arch")
    assert matches.counts()["compatible"] == 2
