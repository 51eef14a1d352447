"""In Python as on the command line: `read`, `check` of files and data, tables whose columns are attributes."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from uuid import UUID

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import imagefit
from imagefit.errors import InputError
from readers.payloads import create_request, flavor, ims_image, server

Verb = Callable[[object], object]

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


@pytest.mark.parametrize(
    "made", [pl.DataFrame, pa.Table.from_pylist, lambda rows: pa.Table.from_pylist(rows).to_batches()[0]]
)
def test_read_takes_tables_of_other_libraries(made: Callable[[object], object]):
    clean, vault = imagefit.read(made(ROWS)).records
    assert (clean.key, clean.facts["image.encrypted"], clean.facts["image.os_version"]) == (
        imagefit.read(IMAGES[0]).records[0].key,
        False,
        IMAGES[0]["__os_version"],
    )
    assert (vault.key, vault.facts["image.encrypted"]) == ("2", True)


def test_read_takes_values_that_json_has_no_types_for():
    class Kind(Enum):
        PRIVATE = "private"

    odd = {"__imagetype": Kind.PRIVATE, "min_disk": Decimal(40), "updated_at": datetime(2026, 1, 2), "id": UUID(int=7)}
    (record,) = imagefit.read(ims_image(**odd)).records
    assert (record.id, record.facts["image.visibility"], record.facts["image.min_disk_gib"]) == (
        "00000000-0000-0000-0000-000000000007",
        "private",
        40,
    )
    rows = pd.DataFrame([{**ROWS[0], **dict.fromkeys(ENCRYPTED, pd.NA)}])
    assert imagefit.read(rows).records[0].facts["image.encrypted"] is False


@pytest.mark.parametrize("owner", [object(), b"0a1b", pl.Series(["0a1b"]), iter("0a1b")])
def test_read_takes_no_object_s_description_for_its_value(owner: object):
    with pytest.raises(InputError, match=f"no data that could stand in JSON .*{type(owner).__name__}"):
        imagefit.read(ims_image(owner=owner))


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


def test_check_assumes_of_a_flavor_what_the_pack_says():
    def check(*facts: object, **options: object) -> imagefit.Verdict:
        return imagefit.check(*facts, flavor="c7n.large.2", operation="create_ecs", select="flavor", **options)

    both = {"ecs.flavor_status": "normal", "ecs.required_image_attributes": frozenset()}
    assert check().assumed == both
    assert check(no_assume=True).assumed == {}
    assert check({"ecs.flavor_status": "normal"}).assumed == {"ecs.required_image_attributes": frozenset()}
    sold_out = check(assume={"ecs.flavor_status": "sellout"})
    assert (sold_out.verdict, sold_out.assumed) == ("incompatible", {**both, "ecs.flavor_status": "sellout"})


def test_check_speaks_of_its_arguments():
    request = create_request(imageRef="3")
    with pytest.raises(InputError, match=r"among those given.*one of 2; or, .*image=\"FILE#ID\""):
        imagefit.check(image=IMAGES[1], ecs=request)
    with pytest.raises(InputError, match=r"different things: .*\{'image.region': \.\.\.\} decides"):
        imagefit.check(image={"image.region": "cn-north-4"}, ecs={"image.region": "cn-east-3"}, operation="create_ecs")
    with pytest.raises(InputError, match="not what image= takes"):
        imagefit.check(image=flavor(), operation="create_ecs")
    with pytest.raises(InputError, match="image=: no file is named"):
        imagefit.check(image="", operation="share")
    verdict = imagefit.check({"image.region": "cn-north-4"}, image=IMAGES[1], ecs=create_request(imageRef="2"))
    assert str(verdict.origins["image.region"]) == "given: facts"
    assert verdict.notes == (
        "the request says nothing of flavor c7n.xlarge.2 but its id: give a list of flavors as ecs=, too",
    )


def test_check_notes_what_no_rule_of_the_operation_looks_at():
    (note,) = imagefit.check(image=IMAGES[0], flavor="c7n.large.2", operation="share").notes
    assert note == "no rule of share looks at any fact of c7n.large.2, known by its id alone"
    assert imagefit.check(image=IMAGES[0], flavor="c7n.large.2", operation="create_ecs").notes == ()


# --- tables whose columns are attributes


@pytest.mark.parametrize(
    "table",
    [
        ROWS,
        IMAGES,
        pd.DataFrame(ROWS),
        pl.DataFrame(ROWS),
        pa.Table.from_pylist(ROWS),
        pd.DataFrame(ROWS).assign(name=["web", "vault"], tags=[np.array([]), np.array(["a", "b"])]),
    ],
    ids=["rows", "mappings", "pandas", "polars", "arrow", "pandas with arrays"],
)
def test_a_table_of_attributes_is_audited_as_the_file_of_the_same_images(table: object):
    audit = imagefit.audit(table, operation="share", select="sharing.encrypted")
    assert list(audit.to_pandas()["verdict"])[1] == "incompatible"
    assert audit.explain(1).key == "2"
    assert audit.to_arrow().schema.names[: len(COLUMNS)] == COLUMNS
    chosen = audit.where(verdict="incompatible").to_arrow()
    assert chosen.column("name").to_pylist() == ["vault"]


def test_what_was_not_understood_of_a_table_of_attributes_is_a_note():
    audit = imagefit.audit([ims_image(__system__cmkid="None")], operation="share", select="sharing.encrypted")
    assert list(audit.to_pandas()["verdict"]) == ["unknown"]
    assert "__system__cmkid is 'None', not a value; image.encrypted is unknown" in audit.notes


def test_lists_of_a_frame_are_read_as_those_of_a_file():
    image = ims_image(tags=["a", "b"])
    frame = pd.DataFrame([image]).assign(tags=[np.array(["a", "b"])])
    (record,) = imagefit.read(frame).records
    assert record.facts == imagefit.read([image]).records[0].facts


def test_the_index_of_a_frame_of_attributes_is_one_of_them():
    frame = pd.DataFrame([ims_image(__system__encrypted="1", __system__cmkid="0d2c5d5e-1f61-4d0f-a1f3-0a4f5f7f1c11")])
    for level in ("id", "__imagetype"):
        assert imagefit.read(frame.set_index(level)).records == imagefit.read(frame).records
    found = imagefit.audit(frame.set_index("__system__cmkid"), operation="share", select="sharing.encrypted")
    assert found.to_arrow()["verdict"].to_pylist() == ["incompatible"]


def test_a_table_with_one_fact_among_its_columns_is_one_of_facts():
    rows = [{"image.encrypted": True, **ims_image()}]
    with pytest.warns(
        imagefit.ImagefitWarning, match="attributes of a service are not read beside facts: '__imagetype'"
    ):
        audit = imagefit.audit(rows, operation="share", select="sharing.encrypted")
    assert list(audit.to_pandas()["verdict"]) == ["incompatible"]


def test_tables_of_attributes_are_matched():
    images = [ims_image(), ims_image(id="2", name="arm", __support_arm="true")]
    flavors = [flavor(ecs__instance_architecture="x86_64"), flavor("kc1.large.2", ecs__instance_architecture="arm64")]
    matches = imagefit.match(images, flavors, operation="create_ecs", select="arch")
    assert matches.counts()["compatible"] == 2


# --- what a person should know of a table

MATCHED = [{"ecs.architecture": "arm64"}]


def audited(table: object) -> imagefit.Audit:
    return imagefit.audit(table, operation="share")


def matched(table: object) -> imagefit.Match:
    return imagefit.match(table, MATCHED, operation="create_ecs")


VERBS = pytest.mark.parametrize("verb", [audited, matched])


@VERBS
@pytest.mark.parametrize(
    "table", [pd.DataFrame({"statu": ["active"]}), [{"statu": "active"}], pl.DataFrame({"a": [1]})]
)
def test_columns_of_which_none_is_a_fact_are_an_error(verb: Verb, table: object):
    with pytest.raises(InputError, match="no column is a fact"):
        verb(table)


@VERBS
@pytest.mark.parametrize("table", [[{}], [], pd.DataFrame({"image.status": [None]}), [{"id": "a"}]])
def test_what_states_nothing_is_a_candidate_all_the_same(verb: Verb, table: object):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        verb(table)


@VERBS
def test_a_column_that_is_nearly_a_fact_is_a_warning(verb: Verb):
    with pytest.warns(imagefit.ImagefitWarning, match="'image.statu' is no fact.*did you mean 'image.status'"):
        verb([{"image.type": "iso", "image.statu": "active"}])


@VERBS
def test_objects_of_a_service_that_are_cut_down_are_a_warning(verb: Verb):
    cut = {name: IMAGES[0][name] for name in ("id", "name", "__imagetype", "hw_firmware_type")}
    with pytest.warns(imagefit.ImagefitWarning, match="1 of 2 objects are cut down: what they do not say is unknown"):
        verb([cut, IMAGES[1]])


@VERBS
def test_attributes_are_nothing_for_a_pack_without_their_facts(verb: Verb, lamps: imagefit.Pack):
    with pytest.raises(InputError, match="a service's attributes, for a pack that has none of their facts"):
        imagefit.audit(IMAGES, pack=lamps)


def test_the_warnings_of_a_match_are_those_of_its_files(tmp_path: Path):
    path = tmp_path / "images.csv"
    path.write_text("image.status,image.statu\nactive,x\n")
    with pytest.warns(imagefit.ImagefitWarning, match="images.csv: read as facts-csv.*nearly image.status"):
        matched(str(path))


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        (["image.status", "image.status", "id"], ["active", "queued", "a"]),
        (["__imagetype", "__imagetype", "virtual_env_type"], ["private", "gold", "FusionCompute"]),
    ],
)
def test_of_two_columns_of_one_name_none_counts(tmp_path: Path, columns: list[str], cells: list[str]) -> None:
    frame = pd.DataFrame([cells], columns=columns)
    table = pa.Table.from_arrays([pa.array([cell]) for cell in cells], columns)
    pq.write_table(table, tmp_path / "t.parquet")
    with pa.OSFile(str(tmp_path / "t.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    for held in (frame, table):
        with pytest.raises(InputError, match=f"^{columns[0]}: two columns of one name"):
            imagefit.read(held)
        with pytest.raises(InputError, match=f"^{columns[0]}: two columns of one name"):
            len(imagefit.audit(held, operation="share"))
    for place in (tmp_path / "t.parquet", tmp_path / "t.arrow"):
        with pytest.raises(InputError, match=f"{place.name}, {columns[0]}: two columns of one name"):
            len(imagefit.audit(place, operation="share"))
