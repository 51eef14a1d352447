"""What the bodies of API requests mean."""

from __future__ import annotations

from typing import Any

import pytest

from imagefit.errors import InputError
from imagefit.readers import Kind
from imagefit.readers.flavorids import beside_request

from .payloads import create_request, flavor


def test_a_request_to_create_an_ecs_gives_its_facts(read_one):
    record = read_one(create_request())
    assert (record.kind, record.operation, record.key) == (Kind.REQUEST, "create_ecs", "shop-2")
    assert (record.image_ref, record.flavor_ref) == ("8f2d6f0e-7f35-4d0f-a1f3-0a4f5f7f1c11", "c7n.xlarge.2")
    assert dict(record.facts) == {
        "ecs.region": "cn-north-4",
        "ecs.availability_zone": "cn-north-4a",
        "ecs.request_api": "ecs",
        "ecs.injects": frozenset(),
        "ecs.family": "c7n",
        "ecs.platform_target": "ecs",
        "ecs.system_disk": "explicit",
        "ecs.system_disk_gib": 60,
        "ecs.data_disk_images": "none",
        "ecs.data_disk_keys": False,
        "ecs.temporary": False,
        "ecs.billing": "pay_per_use",
        "ecs.architecture": "x86_64",
        "ecs.accelerator": "none",
        "ecs.virtualization": "kvm",
        "ecs.vcpus": 4,
        "ecs.memory_mib": 8192,
    }


def data_disk(image: str | None = None, key: str | None = None) -> dict[str, object]:
    made_from = {} if image is None else {"data_image_id": image}
    encrypted = {} if key is None else {"metadata": {"__system__encrypted": "1", "__system__cmkid": key}}
    return {"volumetype": "SAS", "size": 100, **made_from, **encrypted}


@pytest.mark.parametrize(
    ("disks", "images", "keys"),
    [
        ([], "none", False),
        ([data_disk(), data_disk(key="k")], "none", False),
        ([data_disk("a"), data_disk("b"), data_disk()], "distinct", False),
        ([data_disk("a"), data_disk("a")], "repeated", False),
        ([data_disk("a", key="k"), data_disk()], "distinct", True),
    ],
)
def test_data_disks_that_are_made_from_images(read_one, disks: list[object], images: str, keys: bool):
    facts = read_one(create_request(data_volumes=disks)).facts
    assert (facts["ecs.data_disk_images"], facts["ecs.data_disk_keys"]) == (images, keys)


def nova_disk(index: int | None, source: str = "image", image: str = "a") -> dict[str, object]:
    return {"boot_index": index, "source_type": source, "uuid": image, "destination_type": "volume"}


@pytest.mark.parametrize(
    ("disks", "images"),
    [
        ([nova_disk(0)], "none"),
        ([nova_disk(0), nova_disk(-1, image="d"), nova_disk(-1, "blank")], "distinct"),
        ([nova_disk(0), nova_disk(-1, image="d"), nova_disk(-1, image="d")], "repeated"),
        ([nova_disk(None)], None),
    ],
)
def test_the_same_of_novas_disks(read_one, disks: list[object], images: str | None):
    body = create_request(imageRef=None, root_volume=None, block_device_mapping_v2=disks)
    assert read_one(body).facts.get("ecs.data_disk_images") == images


def test_a_part_of_a_request_does_not_tell_what_data_disks_there_are(read_one):
    body = create_request(data_volumes=[data_disk("a")])
    del body["server"]["name"]
    assert not {"ecs.data_disk_images", "ecs.data_disk_keys"} & read_one(body).facts.keys()


@pytest.mark.parametrize(
    ("changes", "fact", "expected"),
    [
        ({"root_volume": {"volumetype": "SSD"}}, "ecs.system_disk", "image_default"),
        ({"root_volume": {"size": 0}}, "ecs.system_disk", "image_default"),
        ({"root_volume": {"size": 0}}, "ecs.system_disk_gib", None),
        ({"root_volume": {"size": "80"}}, "ecs.system_disk_gib", 80),
        ({"root_volume": {"size": "big"}}, "ecs.system_disk", None),
        ({"root_volume": {"metadata": {"__system__encrypted": "1"}}}, "ecs.system_disk_encrypted", True),
        ({"root_volume": {"metadata": {"__system__encrypted": "0"}}}, "ecs.system_disk_encrypted", False),
        ({"root_volume": {"metadata": {"__system__cmkid": "k"}}}, "ecs.system_disk_encrypted", True),
        ({"root_volume": {"metadata": {"__system__cmkid": "k"}}}, "image.encrypted", None),
        ({"root_volume": {"metadata": {"__system__cmkid": "k"}}}, "ecs.system_disk_key", "k"),
        ({}, "ecs.system_disk_encrypted", None),
        ({"adminPass": "x", "user_data": "y"}, "ecs.injects", frozenset({"password", "user_data"})),
        ({"key_name": "k"}, "ecs.injects", frozenset({"key"})),
        ({"networks": [{"uuid": "n"}]}, "ecs.request_api", None),
        ({"root_volume": None, "networks": [{"uuid": "n"}]}, "ecs.request_api", "nova"),
        ({"metadata": {"virtual_env_type": "IsoImage"}}, "ecs.temporary", True),
        ({"metadata": {"virtual_env_type": "Weird"}}, "ecs.temporary", None),
        ({"extendparam": {"chargingMode": "prePaid"}}, "ecs.billing", "yearly_monthly"),
        ({"extendparam": {"chargingMode": "postPaid"}}, "ecs.billing", "pay_per_use"),
        ({"extendparam": {"marketType": "spot", "chargingMode": "postPaid"}}, "ecs.billing", "spot"),
        ({"extendparam": {"marketType": "auction"}}, "ecs.billing", None),
        ({"availability_zone": "nowhere-1a"}, "ecs.region", None),
        ({"availability_zone": "nowhere-1a", "extendparam": {"regionID": "cn-east-3"}}, "ecs.region", "cn-east-3"),
    ],
)
def test_attribute_of_a_create_request_means(read_one, changes: dict[str, Any], fact: str, expected: object):
    assert read_one(create_request(**changes)).facts.get(fact) == expected


@pytest.mark.parametrize("missing", ["name", "flavorRef"])
def test_what_a_part_of_a_request_leaves_out_means_nothing(read_one, missing: str):
    """The API refuses a request without them, so this is none that somebody would send."""
    facts = read_one(create_request(**{missing: None, "extendparam": {"chargingMode": "postPaid"}})).facts
    assert not {"ecs.billing", "ecs.temporary", "ecs.injects"} & set(facts)
    facts = read_one(create_request(**{missing: None, "extendparam": {"chargingMode": "prePaid"}})).facts
    assert facts["ecs.billing"] == "yearly_monthly"


def nova_request(**disk: object) -> dict[str, Any]:
    boot = {"source_type": "image", "boot_index": "0", "uuid": "i9", "volume_size": "40"} | disk
    return {"server": {"name": "n", "flavorRef": "c1.large", "block_device_mapping_v2": [{"boot_index": "1"}, boot]}}


def test_novas_form_names_the_image_and_the_size_in_the_boot_disk(read_one):
    record = read_one(nova_request())
    assert (record.operation, record.image_ref, record.flavor_ref) == ("create_ecs", "i9", "c1.large")
    assert (record.facts["ecs.system_disk"], record.facts["ecs.system_disk_gib"]) == ("explicit", 40)
    assert record.facts["ecs.virtualization"] == "xen"


def test_a_boot_disk_that_is_no_image_names_none(read_one):
    assert read_one(nova_request(source_type="volume")).image_ref is None
    facts = read_one(nova_request(source_type="volume", volume_size=None)).facts
    assert "ecs.system_disk" not in facts, "the disk that is there has a size of its own, and no image's smallest"


def test_novas_form_without_a_disk_takes_the_images_smallest_size(read_one):
    record = read_one({"server": {"name": "n", "flavorRef": "s3.medium", "imageRef": "i9"}})
    assert (record.image_ref, record.facts["ecs.system_disk"]) == ("i9", "image_default")


@pytest.mark.parametrize(
    "body", [{"os-change": {"imageid": "i9", "keyname": "k"}}, {"rebuild": {"imageRef": "i9", "name": "x"}}]
)
def test_a_request_for_another_os_is_change_os(read_one, body):
    record = read_one(body)
    assert (record.operation, record.image_ref) == ("change_os", "i9")


def test_a_request_for_another_os_tells_next_to_nothing_of_the_ecs(read_one):
    assert dict(read_one({"os-change": {"imageid": "i9"}}).facts) == {"ecs.injects": frozenset()}
    encrypted = {"imageid": "i9", "metadata": {"__system__encrypted": "1", "__system__cmkid": "k"}}
    facts = read_one({"os-change": encrypted}).facts
    assert dict(facts) == {"ecs.injects": frozenset(), "ecs.system_disk_encrypted": True}


@pytest.mark.parametrize(
    ("changes", "stated", "gib"),
    [
        ({"size": 100}, "explicit", 100),
        ({"size": "100"}, "explicit", 100),
        ({"size": 0}, "unstated", None),
        ({}, "unstated", None),
    ],
)
def test_a_request_for_a_disk_of_an_image_may_state_its_size(read_one, changes, stated: str, gib: int | None):
    volume = {"availability_zone": "cn-north-4a", "volume_type": "SSD", "imageRef": "i9"}
    record = read_one({"volume": volume | changes})
    assert (record.operation, record.image_ref) == ("create_disk", "i9")
    assert record.facts["ecs.region"] == "cn-north-4"
    assert (record.facts["ecs.data_disk"], record.facts.get("ecs.data_disk_gib")) == (stated, gib)


@pytest.mark.parametrize(
    ("body", "origin"),
    [
        ({"instance_id": "e5", "vault_id": "v"}, "ecs"),
        ({"backup_id": "b7"}, None),
        ({"backup_id": "b7", "whole_image_type": "CBR"}, "cbr_backup"),
        ({"backup_id": "b7", "whole_image_type": "CSBS"}, "csbs_backup"),
        ({"backup_id": "b7", "whole_image_type": "Tape"}, None),
        ({"instance_id": "e5", "whole_image_type": "CBR"}, "ecs"),
    ],
)
def test_a_request_to_create_a_full_ecs_image_tells_what_it_will_be(read_one, body, origin: str | None):
    record = read_one({"name": "whole", **body})
    assert record.operation is None and "does not exist yet" in record.notes[0]
    assert record.facts["image.type"] == "full_ecs"
    assert record.facts.get("image.full_ecs_origin") == origin


def test_how_the_public_ip_is_paid_for_is_not_how_the_ecs_is(read_one):
    eip = {
        "iptype": "5_bgp",
        "bandwidth": {"size": 5, "chargemode": "traffic"},
        "extendparam": {"chargingMode": "prePaid"},
    }
    record = read_one(create_request(publicip={"eip": eip}))
    assert record.facts["ecs.billing"] == "pay_per_use"
    assert (record.notes, record.unrecognised) == ((), ())


def test_a_request_to_create_an_image_of_an_ecs_may_be_of_its_system_disk_alone(read_one):
    record = read_one({"name": "base", "instance_id": "e5", "description": "the system disk of it"})
    assert dict(record.facts) == {}
    assert any("whether of its system disk or of all of it" in note for note in record.notes)


# --- what a request says and is not understood is not told by something else


@pytest.mark.parametrize("size", ["10GB", "ten", -1, 10.5, True, "null"])
def test_a_disk_size_that_is_not_understood_is_not_that_of_a_flavor_without_disks(read_one, size: object):
    request = read_one(create_request(root_volume={"volumetype": "SSD", "size": size}))
    whole = request.completed_by(read_one({"flavors": [flavor()]}))
    assert "ecs.system_disk" not in whole.facts and "ecs.system_disk_gib" not in whole.facts
    assert whole.facts["ecs.memory_mib"] == 8192


NO_ZONES = [
    "cn-north-4a,cn-north-4b",
    "cn-north-4a cn-north-4b",
    "${var.zone}",
    "{{ zone }}",
    "$ZONE",
    "<zone>",
    "cn-${x}",
]


@pytest.mark.parametrize("zone", ["null", "N/A", "\u2014", "no", "cn-north-4a\u200b", 0, True, [], {"a": 1}, *NO_ZONES])
def test_what_names_no_zone_is_none_in_which_a_flavor_is_looked_up(read_one, zone: object):
    disk = {"volume": {"volume_type": "SSD", "imageRef": "i9", "size": 40, "availability_zone": zone}}
    for body in (create_request(availability_zone=zone), disk):
        record = read_one(body)
        assert record.zone is None
        assert "ecs.availability_zone" not in record.facts


def test_blanks_around_a_zone_are_none_of_it(read_one):
    record = read_one(create_request(availability_zone=" cn-north-4a\u00a0"))
    assert record.zone == record.facts["ecs.availability_zone"] == "cn-north-4a"


def test_an_unknown_zone_is_not_in_the_region_of_a_list_of_flavors(read_one):
    request = read_one(create_request(availability_zone="nowhere-1a"))
    links = [{"rel": "self", "href": "https://ecs.cn-north-4.myhuaweicloud.com/v1/p/cloudservers/flavors/c7n.xlarge.2"}]
    listed = read_one({"flavors": [flavor() | {"links": links}]})
    assert listed.facts["ecs.region"] == "cn-north-4"
    assert "ecs.region" not in request.completed_by(listed).facts


def test_a_region_and_a_zone_of_another_one_leave_the_region_unknown(read_one):
    record = read_one(create_request(extendparam={"regionID": "cn-east-3"}))
    assert "ecs.region" not in record.facts and record.facts["ecs.availability_zone"] == "cn-north-4a"
    said = "extendparam.regionID is 'cn-east-3', not cn-north-4, in which cn-north-4a lies; ecs.region is unknown"
    assert said in record.notes


def test_a_region_that_no_catalog_has_is_said_to_be_none(read_one):
    record = read_one(create_request(availability_zone=None, extendparam={"regionID": "cn-nort-4"}))
    assert record.facts["ecs.region"] == "cn-nort-4"
    assert "region 'cn-nort-4' is in no catalog; did you mean cn-north-4?" in record.notes


@pytest.mark.parametrize(("zone", "meant"), [("CN-NORTH-4A", "cn-north-4a"), ("cn-north4a", "cn-north-4a")])
def test_a_zone_that_no_catalog_has_is_named_with_the_nearest(read_one, zone: str, meant: str):
    (note,) = read_one(create_request(availability_zone=zone)).notes
    assert note.endswith(f"not an availability zone of the catalog (did you mean {meant}?); ecs.region is unknown")


NOVA_DISK = {"boot_index": 0, "source_type": "image", "uuid": "8f2d6f0e-7f35-4d0f-a1f3-0a4f5f7f1c11"}


@pytest.mark.parametrize(
    "disks",
    [
        [NOVA_DISK | {"volume_size": 40}, NOVA_DISK | {"volume_size": 10}],
        NOVA_DISK | {"volume_size": 10},
        '[{"boot_index": 0}]',
        [NOVA_DISK | {"volume_size": 10}, "more"],
    ],
    ids=["two to boot from", "no list", "text", "text among them"],
)
def test_disks_of_novas_form_that_are_not_understood_tell_no_size(read_one, disks: object):
    record = read_one(create_request(root_volume=None, block_device_mapping_v2=disks))
    assert "ecs.system_disk" not in record.facts and "ecs.system_disk_gib" not in record.facts
    assert any(note.endswith("ecs.system_disk is unknown") for note in record.notes)


def test_a_root_volume_and_a_disk_of_another_size_leave_it_unknown(read_one):
    disks = [NOVA_DISK | {"volume_size": 10}]
    record = read_one(create_request(block_device_mapping_v2=disks))
    assert "ecs.system_disk_gib" not in record.facts
    same = read_one(create_request(block_device_mapping_v2=[NOVA_DISK | {"volume_size": 60}]))
    assert same.facts["ecs.system_disk_gib"] == 60


def test_a_flavor_does_not_say_which_disk_a_request_has(read_one):
    listed = read_one({"flavors": [flavor()]})
    assert listed.facts["ecs.system_disk"] == "image_default"
    assert dict(beside_request(listed).facts) == {f: v for f, v in listed.facts.items() if f != "ecs.system_disk"}


def test_a_body_with_more_than_one_request_is_refused(read_one):
    with pytest.raises(InputError, match="the body of more than one request: 'os-change, server'"):
        read_one({**create_request(), "os-change": {"imageid": "a"}}, format="request")


@pytest.mark.parametrize("zone", ["af-south-1a", "cn-north-11a", "me-east-1a"])
def test_a_zone_of_a_region_whose_zones_nobody_listed_is_no_slip_of_another_ones(read_one, zone: str):
    (note,) = read_one(create_request(availability_zone=zone)).notes
    assert "did you mean" not in note
