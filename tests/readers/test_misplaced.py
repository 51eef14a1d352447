"""A list or an object where a value is expected, or a value where an object is: what it says can't be read.

Such a payload tells no fact of which the right one says another: what stands in the wrong place is not absent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import pytest

import imagefit
from imagefit.errors import InputError
from imagefit.facts import Field
from imagefit.readers.records import Record
from imagefit.sources.reading import Document, read

from .payloads import create_request, flavor, ims_image, server
from .test_parts import PAYLOADS, keys_of, parsed, written

JSON = [path for path in PAYLOADS if path.suffix == ".json"]


def is_value(found: Any) -> bool:
    return found is not None and not isinstance(found, dict | list)


PUT: Mapping[str, Callable[[Any], Any]] = {  # an object may have others inside that nobody knows, and null is nothing
    "in a list": lambda value: value if value is None else [value],
    "in an object": lambda value: {"value": value} if is_value(value) else value,
    "as text": lambda value: "text" if isinstance(value, dict | list) else value,
}


def with_value(payload: Any, name: str, put: Callable[[Any], Any]) -> Any:
    """The payload with the values of a key, wherever it is, put into something else."""
    if isinstance(payload, list):
        return [with_value(value, name, put) for value in payload]
    if isinstance(payload, dict):
        return {key: put(value) if key == name else with_value(value, name, put) for key, value in payload.items()}
    return payload


def is_told(fact: str, value: object, whole: Document) -> bool:
    return any(record.facts.get(fact) == value for record in whole.records)


@pytest.mark.parametrize("put", PUT.values(), ids=PUT)
@pytest.mark.parametrize("path", JSON, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_of_another_type_changes_no_fact(
    path: Path, put: Callable[[Any], Any], fields: Mapping[str, Field], tmp_path: Path
):
    whole, payload, file = read(path, fields), parsed(path), tmp_path / path.name
    for name in sorted({str(place[-1]) for place in keys_of(payload)}):
        if (changed := with_value(payload, name, put)) == payload:
            continue
        file.write_text(written(changed, path), encoding="utf-8")
        try:
            found = read(file, fields, format=whole.format)
        except InputError:
            continue
        told = [item for record in found.records for item in record.facts.items()]
        assert [(name, fact, value) for fact, value in told if not is_told(fact, value, whole)] == []


SPELLED: tuple[Callable[[str], str], ...] = (
    lambda name: re.sub("_+([a-z])", lambda match: match[1].upper(), name),
    lambda name: re.sub("[A-Z]", lambda match: f"_{match[0].lower()}", name),
    str.upper,
    lambda name: name.replace("_", "-").replace(":", "-"),
    lambda name: name if name.startswith("__support_") or len(name) < 6 else name[:-2] + name[-1],
)
"""Other ways to write a name; which `__support_` there are, nobody knows."""


def renamed(payload: Any, name: str, other: str) -> Any:
    if isinstance(payload, list):
        return [renamed(value, name, other) for value in payload]
    if isinstance(payload, dict):
        return {other if key == name else key: renamed(value, name, other) for key, value in payload.items()}
    return payload


@pytest.mark.parametrize("path", JSON, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_spelled_otherwise_changes_no_fact(path: Path, fields: Mapping[str, Field], tmp_path: Path):
    whole, payload, file = read(path, fields), parsed(path), tmp_path / path.name
    for number, name in enumerate(sorted({str(place[-1]) for place in keys_of(payload)})):
        ways = (*SPELLED[number % len(SPELLED) :], *SPELLED[: number % len(SPELLED)])
        if (other := next((spelled for way in ways if (spelled := way(name)) != name), None)) is None:
            continue
        file.write_text(written(renamed(payload, name, other), path), encoding="utf-8")
        try:
            found = read(file, fields, format=whole.format)
        except InputError:
            continue
        told = [item for record in found.records for item in record.facts.items()]
        assert [(other, fact, value) for fact, value in told if not is_told(fact, value, whole)] == []


@pytest.mark.parametrize(
    ("changes", "name", "unknown"),
    [
        ({"root_volume": None, "rootVolume": {"size": 10}}, "rootVolume.size", {"ecs.system_disk"}),
        ({"root_volume": {"Size": 10}}, "root_volume.Size", {"ecs.system_disk", "ecs.system_disk_gib"}),
        ({"root_volume": {"size_gb": 10}}, "root_volume.size_gb", {"ecs.system_disk"}),
        ({"root_volume": None, "system_disk_size": 10}, "system_disk_size", {"ecs.system_disk"}),
        ({"extendparam": {"charging_mode": "prePaid"}}, "extendparam.charging_mode", {"ecs.billing"}),
        ({"extend_param": {"marketType": "spot"}}, "extend_param.marketType", {"ecs.billing"}),
        ({"dataVolumes": [{"data_image_id": "d"}]}, "dataVolumes", {"ecs.data_disk_images", "ecs.data_disk_keys"}),
        ({"data_volumes": [{"dataImageId": "d"}]}, "dataImageId", {"ecs.data_disk_images"}),
        ({"metadata": {"virtualEnvType": "IsoImage"}}, "metadata.virtualEnvType", {"ecs.temporary"}),
        ({"key_name": None, "keyname": "k"}, "keyname", {"ecs.injects"}),
        ({"key_name": None, "password": "p"}, "password", {"ecs.injects"}),
    ],
)
def test_what_a_request_says_under_another_name_is_not_left_out(
    read_one: Callable[..., Record], changes: dict[str, object], name: str, unknown: Collection[str]
):
    record = read_one(create_request(**changes))
    assert not set(unknown) & record.facts.keys()
    assert record.unread >= set(unknown)
    assert any(name in note for note in record.notes)


@pytest.mark.parametrize("size", ["volumeSize", "VOLUME_SIZE", "volume_sze"])
def test_the_size_of_a_disk_of_nova_under_another_name_is_unknown(read_one: Callable[..., Record], size: str):
    boot = {"boot_index": 0, "source_type": "image", "uuid": "i", size: 10, "destination_type": "volume"}
    record = read_one(create_request(imageRef="i", root_volume=None, networks=[], block_device_mapping_v2=[boot]))
    assert not {"ecs.system_disk", "ecs.system_disk_gib"} & record.facts.keys()
    assert any(f"{size} is 10, not what is read, which is volume_size" in note for note in record.notes)


@pytest.mark.parametrize(
    ("specs", "fact"),
    [
        ({"quota:gpu": "1"}, "ecs.accelerator"),
        ({"cond:Image": "__support_gpu_t4=true"}, "ecs.required_image_attributes"),
        ({"condOperationStatus": "abandon"}, "ecs.flavor_status"),
    ],
)
def test_what_a_flavor_says_under_another_name_is_not_concluded(
    read_one: Callable[..., Record], specs: dict[str, object], fact: str
):
    plain: dict[str, object] = {"ecs:performancetype": "normal"}
    assert fact in read_one({"id": "zz9.large.2", "vcpus": "2", "ram": 4096, "os_extra_specs": plain}).facts
    other = read_one({"id": "zz9.large.2", "vcpus": "2", "ram": 4096, "os_extra_specs": plain | specs})
    assert fact not in other.facts


@pytest.mark.parametrize(
    ("changes", "unknown", "said"),
    [
        (
            {"extendparam": [{"chargingMode": "prePaid"}]},
            {"ecs.billing"},
            "extendparam is [{'chargingMode': 'prePaid'}]",
        ),
        ({"extendparam": '{"chargingMode": "prePaid"}'}, {"ecs.billing"}, "not an object; ecs.billing is unknown"),
        ({"root_volume": [{"size": 10}]}, {"ecs.system_disk", "ecs.system_disk_gib"}, "root_volume is [{'size': 10}]"),
        ({"root_volume": {"size": {"gib": 10}}}, {"ecs.system_disk"}, "root_volume.size is an object, not a value"),
        ({"metadata": [{"virtual_env_type": "IsoImage"}]}, {"ecs.temporary"}, "ecs.temporary is unknown"),
        ({"user_data": "x", "key_name": {"name": "k"}}, {"ecs.injects"}, "key_name is an object, not a value"),
        (
            {"data_volumes": {"data_image_id": "d"}},
            {"ecs.data_disk_images", "ecs.data_disk_keys"},
            "data_volumes is an",
        ),
        ({"data_volumes": ["d"]}, {"ecs.data_disk_images", "ecs.data_disk_keys"}, "not a list of objects"),
    ],
)
def test_a_part_of_a_request_that_can_not_be_read_is_said(
    read_one: Callable[..., Record], changes: dict[str, object], unknown: Collection[str], said: str
):
    record = read_one(create_request(**changes))
    assert not set(unknown) & record.facts.keys()
    assert any(said in note for note in record.notes)


@pytest.mark.parametrize("given", [{"id": "i"}, ["i"], True])
@pytest.mark.parametrize("attribute", ["imageRef", "flavorRef"])
def test_a_request_that_names_something_unreadable_is_refused(
    read_one: Callable[..., Record], attribute: str, given: object
):
    with pytest.raises(InputError, match=f"{attribute}: not an id"):
        read_one(create_request(**{attribute: given}))


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (create_request(imageRef=None, image_id="i"), "image_id"),
        (create_request(imageRef="", imageID="i"), "imageID"),
        (create_request(flavorRef=None, flavor="c7n.large.2"), "flavor"),
        ({"os-change": {"imageRef": "i", "keyname": "k"}}, "imageRef"),
        ({"rebuild": {"image_id": "i"}}, "image_id"),
        ({"server": {"name": "n", "image_ref": "i", "flavor_ref": "c7n.large.2"}}, "image_ref"),
        ({"instance_config": {"image_ref": "i", "flavorRef": "c7n.large.2"}}, "image_ref"),
        ({"instance_config": {"imageRef": "i", "flavor_ref": "c7n.large.2"}}, "flavor_ref"),
    ],
)
def test_a_request_that_names_something_under_another_name_is_refused(
    read_one: Callable[..., Record], body: dict[str, object], name: str
):
    with pytest.raises(InputError, match=f"{name}: not an attribute of this request"):
        read_one(body)


def test_a_request_that_names_two_images_is_refused(read_one: Callable[..., Record]):
    boot = {"boot_index": 0, "source_type": "image", "uuid": "other", "volume_size": 40}
    with pytest.raises(InputError, match=r"imageRef: the request names two images.*other, as block_device_mapping_v2"):
        read_one(create_request(block_device_mapping_v2=[boot]))


def test_nova_s_disks_of_which_none_is_known_to_boot_do_not_tell_the_system_disk(read_one: Callable[..., Record]):
    disk = {"source_type": "image", "destination_type": "volume", "uuid": "i", "volume_size": 10}
    body = create_request(imageRef=None, root_volume=None, block_device_mapping_v2=[disk])
    assert "ecs.system_disk" not in read_one(body).facts


OF_KINDS = {"images": ims_image(), "flavors": flavor(), "servers": server()}
CALLED = {"images": "an image", "flavors": "a flavor", "servers": "an ECS"}


@pytest.mark.parametrize("other", OF_KINDS)
@pytest.mark.parametrize("kind", OF_KINDS)
def test_an_object_among_those_of_another_kind_is_refused(
    read_data: Callable[..., Document], read_text: Callable[..., Document], kind: str, other: str
):
    own, stranger, cut_down = OF_KINDS[kind], OF_KINDS[other], {"id": "1", "name": "cut down"}
    if kind == other:
        assert len(read_data({kind: [own, cut_down, stranger]}).records) == 3
        return
    said = re.escape(f"{CALLED[other]}, and not {CALLED[kind]}: '{stranger['id']}'; expected a file for each")
    with pytest.raises(InputError, match=rf"{kind}\[2\]: {said}"):
        read_data({kind: [own, cut_down, stranger]})
    with pytest.raises(InputError, match=rf"row 2: {said}"):
        read_text("\n".join(map(json.dumps, [own, stranger])), "input.jsonl")
    with pytest.raises(InputError, match=r"row [12]: .*, and not .*; expected a file for each"):
        imagefit.audit([own, stranger], operation="share")
    with pytest.raises(InputError, match=said):
        read_data({kind.removesuffix("s"): stranger}, format={"images": "ims"}.get(kind, kind))


@pytest.mark.parametrize("kind", OF_KINDS)
@pytest.mark.parametrize("body", [create_request(), {"os-change": {"imageid": "i"}}], ids=["create", "os-change"])
def test_a_request_among_objects_is_refused(read_data: Callable[..., Document], kind: str, body: dict[str, object]):
    said = re.escape(f"a request, and not {CALLED[kind]}")
    for objects in ([OF_KINDS[kind], body], {kind: [OF_KINDS[kind], body]}):
        with pytest.raises(InputError, match=said):
            read_data(objects)


@pytest.mark.parametrize("format", ["ims", "nova", "flavors", "servers", "members", "disks", "scaling"])
@pytest.mark.parametrize("key", ["images", "flavors", "servers", "members", "volumes", "scaling_configurations"])
def test_a_list_of_something_else_is_no_object_of_what_is_asked_for(read_data, format: str, key: str):
    own = {"ims": "images", "nova": "images", "disks": "volumes", "scaling": "scaling_configurations"}
    if key == own.get(format, format):
        return
    for held in ([{"id": "a"}, {"id": "b"}], []):
        with pytest.raises(InputError, match=f"{key}: a list of something else; expected what is read as {format}"):
            read_data({key: held, "count": 2}, format=format)


@pytest.mark.parametrize("header", ["id,image.visibility", "id,name,status,__imagetype", "Name,ID,Status,Created"])
def test_a_table_without_a_column_of_the_consoles_is_no_list_of_private_images(read_text, header: str):
    with pytest.raises(InputError, match="none of the console's columns"):
        read_text(f"{header}\n", "t.csv", format="console-csv")
