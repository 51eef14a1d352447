"""A translator remembers what equal attributes told; what it says of an object is what the rows say, one by one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefit.errors import InputError
from imagefit.facts import Field, Origin, read_value
from imagefit.readers import translators
from imagefit.readers.assembly import Settings
from imagefit.readers.catalogs import Catalogs
from imagefit.readers.console import console_table
from imagefit.readers.flavors import flavor_table
from imagefit.readers.imagelists import read_images
from imagefit.readers.images import image_table
from imagefit.readers.requests import change_table, create_table, disk_table
from imagefit.readers.servers import server_table
from imagefit.readers.translation import Attributes, NotUnderstood, Translation, cleaned
from imagefit.readers.translators import Translator
from imagefit.readers.wholeimages import whole_image_table

VENDOR = Path(__file__).parent / "vendor"
CATALOGS = Catalogs()
IMAGES = image_table(CATALOGS)
TABLES = {
    "images": IMAGES,
    "flavors": flavor_table(CATALOGS, "cn-north-4a"),
    "servers": server_table(CATALOGS),
    "the console": console_table(CATALOGS),
    "creating": create_table(CATALOGS),
    "disks": disk_table(CATALOGS),
    "changing": change_table(),
    "full-ECS images": whole_image_table(),
}
SEEN = [
    image
    for name in ("every-type", "gold-fpga", "market")
    for image in json.loads((VENDOR / "images" / f"{name}.json").read_text())["images"]
]
ODD = [
    None,
    "",
    1,
    True,
    1.0,
    "1",
    "true",
    "True",
    0,
    False,
    -0.0,
    0.0,
    [],
    ["a"],
    {"a": 1},
    "x" * 600,
    "uefi",
    "arm",
    "V100",
    "instance,1",
    "server_backup,2",
    " server_backup ,3",
    "server_backup",
    "https://ims.cn-north-4.example.com/v2/x",
    "https://ims.cn-north-4",
]
ODDEST = st.sampled_from([1, True, 1.0, "1", 0, False, 0.0])
OFTEN = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@st.composite
def images(draw: st.DrawFn) -> dict[str, object]:
    """An image that the service answered, with some attributes taken away, changed, or in another order."""
    found = dict(SEEN[draw(st.integers(0, len(SEEN) - 1))])
    names = [
        *found,
        "__support_kvm",
        "__support_arm",
        "__support_kvm_gpu_type",
        "__whole_image",
        "HW_ARCH",
        "__data_origin",
        "self",
    ]
    for name in draw(st.lists(st.sampled_from(names), max_size=5, unique=True)):
        found.pop(name, None)
        if draw(st.booleans()):
            found[name] = draw(st.sampled_from(ODD))
    return cleaned(found)


def row_by_row(
    table: tuple[Translation, ...], attributes: Mapping[str, object], fields: Mapping[str, Field], complete: bool
) -> tuple[Any, ...]:
    """Return facts, origins, used attributes and notes as the rows say them, each given the whole object."""
    facts: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    used: set[str] = set()
    notes: dict[str, None] = {}
    for row in table:
        if row.fact in facts or row.fact not in fields:
            continue
        present = row.present(attributes)
        lacking = "no " + ", ".join(name for name in row.reads if name not in attributes)
        try:
            value, why = row.told_by(attributes), row.because or ", ".join(present)
            if value is None and complete and row.absent:
                value, why = row.absent(attributes), row.absent_because or lacking
            elif row.of_whole and not complete:
                value = None
            if value is None:
                continue
            why = why if isinstance(why, str) else why(attributes)
            try:
                value = read_value(fields[row.fact], value)
            except InputError:
                expected = fields[row.fact].expects
                raise NotUnderstood(present[0], attributes[present[0]], expected) from None
        except NotUnderstood as problem:
            notes[f"{problem}; {row.fact} is unknown"] = None
            continue
        facts[row.fact], origins[row.fact] = value, Origin(row.origin, why, is_part=not complete)
        used.update(present)
    return facts, origins, used, tuple(notes)


@pytest.mark.parametrize("most", [1, 3, 1000], ids="at most {} cases".format)
@OFTEN
@given(st.lists(st.tuples(images() | st.builds(lambda value: {**SEEN[0], "protected": value}, ODDEST), st.booleans())))
def test_what_is_remembered_changes_nothing(fields: Mapping[str, Field], most: int, objects: Any) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(translators, "CASES", most)
        patch.setattr(translators, "VALUES", most)
        expect_what_rows_say(objects, fields)


def test_of_many_objects_each_tells_what_its_rows_say(fields: Mapping[str, Field]) -> None:
    random = Random(1)
    objects = []
    for number in range(400):
        image = dict(random.choice(SEEN))
        image |= {"owner": f"{number}", "min_disk": random.randrange(99), f"__support_{number % 50}": "true"}
        image |= {random.choice([*image, "__support_arm", "__whole_image", "HW_ARCH"]): random.choice(ODD)}
        objects.append((cleaned(image), number % 9 > 0))
    expect_what_rows_say(objects, fields)


def expect_what_rows_say(objects: Iterable[tuple[Attributes, bool]], fields: Mapping[str, Field]) -> None:
    translator = Translator(IMAGES, fields)
    for attributes, complete in objects:
        read = translator.read(attributes, complete=complete)
        used = {name for told in read.told for name in told.used}
        expected = row_by_row(IMAGES, attributes, fields, complete)
        assert (read.facts, read.origins, used, read.notes) == expected
        assert [*map(repr, read.facts.items())] == [*map(repr, expected[0].items())]


@pytest.mark.parametrize("table", TABLES)
def test_the_rows_for_one_fact_stand_together(table: str) -> None:
    facts = [fact for fact, _ in groupby(row.fact for row in TABLES[table])]
    assert len(facts) == len(set(facts))


def test_what_is_unused_is_what_gave_no_fact_and_is_no_id(fields: Mapping[str, Field]) -> None:
    image = {**SEEN[0], "__brand_new": {"a": 1}, "checksum": "12", "id": "i", "name": "n", "self": None}
    (record,) = read_images([image], Settings(fields))
    assert record.unused["__brand_new"] == "{'a': 1}" and record.unused["checksum"] == "'12'"
    assert not {"id", "name", "self", "status", "__os_version"} & record.unused.keys()
    assert record.unrecognised == ("__brand_new",)
