"""The same objects under other names: each program's form gives what the wire's form of the same object gives.

The payloads are written here, in the programs' own shapes; what their facts are is written out by hand.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping

import pytest

from imagefit.errors import InputError
from imagefit.readers.records import Kind
from imagefit.readers.shapes import SHAPES, names_of
from readers.payloads import flavor, server

OWNER = "5d0c6b1e2f3a48579a6b7c8d9e0f1a2b"
WIRE = {
    "id": "e2b7c1d4-90ab-4c3d-8e5f-6a7b8c9d0e1f",
    "name": "harbour-arm",
    "status": "active",
    "owner": OWNER,
    "__imagetype": "private",
    "virtual_env_type": "FusionCompute",
    "hw_firmware_type": "uefi",
    "__support_arm": "true",
    "__system__cmkid": "0c1d2e3f-aaaa-4bbb-8ccc-0123456789ab",
    "__os_version": "openEuler 22.03 64bit",
    "__os_type": "Linux",
    "__platform": "openEuler",
    "__os_bit": "64",
    "__image_size": "2147483648",
    "__image_source_type": "uds",
    "__isregistered": "true",
    "__backup_id": "",
    "__data_origin": "",
    "min_disk": 50,
    "min_ram": 1024,
    "max_ram": "8192",
    "container_format": "bare",
    "disk_format": "zvhd2",
    "file": "/v2/images/e2b7c1d4-90ab-4c3d-8e5f-6a7b8c9d0e1f/file",
    "schema": "/v2/schemas/image",
    "updated_at": "2026-03-04T05:06:07Z",
    "created_at": "2026-03-04T05:06:06Z",
    "visibility": "private",
    "protected": False,
    "tags": [],
}
STATED = {
    "image.visibility": "private",
    "image.status": "active",
    "image.owner": OWNER,
    "image.architecture": "arm64",
    "image.boot_mode": "uefi",
    "image.encrypted": True,
    "image.os_version": "openEuler 22.03 64bit",
    "image.os_bits": 64,
    "image.platform": "openeuler",
    "image.size_gib": 2.0,
    "image.min_disk_gib": 50,
    "image.min_memory_mib": 1024,
    "image.max_memory_mib": 8192,
}


def sdk_image() -> dict[str, object]:
    """The image as `ImageInfo.to_dict()` has it: every attribute that the SDK knows, null where it is not stated."""
    known = {wire: theirs for theirs, (wire, _) in names_of("sdk-image").items() if not theirs.endswith("*")}
    return dict.fromkeys(known.values()) | {known.get(name, name): value for name, value in WIRE.items()}


def openstack_image() -> dict[str, object]:
    """The image as `openstack image show -f json` prints it: what the client does not know is in `properties`."""
    own = {"id", "name", "status", "owner", "min_disk", "min_ram", "container_format", "disk_format", "file"}
    own |= {"schema", "updated_at", "created_at", "visibility", "protected", "tags"}
    beside = {name: value for name, value in WIRE.items() if name in own}
    return beside | {"properties": {name: value for name, value in WIRE.items() if name not in own}}


TERRAFORM_IMAGE = {
    "id": WIRE["id"],
    "name": "harbour-arm",
    "architecture": "arm",
    "backup_id": "",
    "data_origin": "",
    "image_type": "private",
    "max_ram_mb": 8192,
    "min_disk_gb": 50,
    "min_ram_mb": 1024,
    "os": "Linux",
    "os_version": "openEuler 22.03 64bit",
    "owner": OWNER,
    "size_bytes": 2147483648,
    "status": "active",
    "visibility": "private",
}
IN_TERRAFORM = {
    name: value
    for name, value in STATED.items()
    if name not in ("image.boot_mode", "image.encrypted", "image.os_bits", "image.platform")
}
TERRAFORM_ECS = {
    "id": "0f9e8d7c-1234-4567-89ab-0123456789ab",
    "name": "crane",
    "flavor_id": "c7n.xlarge.2",
    "image_id": WIRE["id"],
    "availability_zone": "cn-north-4a",
    "charging_mode": "prePaid",
    "system_disk_size": 80,
    "system_disk_type": "SSD",
    "network": [],
}
TERRAFORM_FLAVOR = {
    "id": "c7n.xlarge.2",
    "cpu_core_count": 4,
    "memory_size": 8,
    "generation": "c7n",
    "performance_type": "computingv3",
    "storage_type": "",
}


def resource(mode: str, type: str, attributes: Mapping[str, object]) -> dict[str, object]:
    return {"mode": mode, "type": type, "name": "it", "provider": "p", "instances": [{"attributes": dict(attributes)}]}


def state(*resources: Mapping[str, object]) -> dict[str, object]:
    return {"version": 4, "terraform_version": "1.9.8", "serial": 1, "outputs": {}, "resources": list(resources)}


def known(record, expected: Mapping[str, object]) -> dict[str, object]:
    """Return those of a record's facts that are expected."""
    return {name: value for name, value in record.facts.items() if name in expected}


# --- the vendor's Python SDK


def test_an_image_of_the_sdk_to_dict(read_one):
    record = read_one({"images": [sdk_image()]})
    assert known(record, STATED) == STATED
    assert record.origins["image.architecture"].detail == "support_arm"
    assert record.origins["image.encrypted"].detail == "system__cmkid"


def test_an_image_of_the_sdk_says_nothing_of_attributes_that_the_sdk_does_not_know(read_one):
    image = sdk_image() | {"support_arm": None, "support_kvm": "true"}
    assert "image.accelerators" not in read_one([image]).facts


def test_the_sdk_as_python_prints_it(read_text):
    (record,) = read_text(str({"images": [WIRE | {"tags": None}]})).records
    assert known(record, STATED) == STATED
    (record,) = read_text(str([sdk_image()])).records
    assert known(record, STATED) == STATED


def sdk_flavor() -> dict[str, object]:
    """A flavor as the SDK has it."""
    specs = {
        "ecsperformancetype": "kunpeng_computing",
        "ecsinstance_architecture": "arm64",
        "ecsvirtualization_env_types": "CloudCompute",
        "condoperationstatus": "sellout",
    }
    return {"id": "kx9.large.2", "name": "kx9.large.2", "vcpus": "2", "ram": 4096, "os_extra_specs": specs}


def test_a_flavor_of_the_sdk_to_dict(read_one):
    record = read_one({"flavors": [sdk_flavor()]})
    expected = {
        "ecs.architecture": "arm64",
        "ecs.virtualization": "kvm",
        "ecs.memory_mib": 4096,
        "ecs.flavor_status": "sellout",
    }
    assert known(record, expected) == expected
    assert "ecs.required_image_attributes" not in record.facts
    assert record.origins["ecs.architecture"].detail == "ecsinstance_architecture"


def sdk_server() -> dict[str, object]:
    """An ECS as the SDK has it."""
    data = server()
    data["os_ext_a_zavailability_zone"] = data.pop("OS-EXT-AZ:availability_zone")
    return data


def test_an_ecs_of_the_sdk_to_dict(read_one):
    record = read_one({"servers": [sdk_server()]})
    assert record.facts["ecs.region"] == "cn-north-4"
    assert record.flavor_ref == "c7n.xlarge.2"


# --- OpenStack's client, SDK, Ansible


@pytest.mark.parametrize("wrap", [lambda i: i, lambda i: [i], lambda i: {"images": [i]}, lambda i: {"image": i}])
def test_openstack_image_show(read_one, wrap):
    record = read_one(wrap(openstack_image()))
    assert known(record, STATED) == STATED


def test_openstack_image_show_with_properties_as_text(read_one):
    data = openstack_image()
    data["properties"] = ", ".join(f"{name}='{value}'" for name, value in data["properties"].items())  # type: ignore[attr-defined]
    assert known(read_one(data), STATED) == STATED


def test_openstack_image_show_is_read_where_the_caller_says_that_it_is_of_ims(read_one):
    assert known(read_one(openstack_image(), format="ims"), STATED) == STATED


@pytest.mark.parametrize(
    "properties",
    [
        {"ecs:performancetype": "gpu", "cond:image": "__support_kvm_gpu_type=V100", "ecs:generation": "p2s"},
        "ecs:performancetype='gpu', cond:image='__support_kvm_gpu_type=V100', ecs:generation='p2s'",
    ],
)
def test_openstack_flavor_show(read_one, properties: object):
    data = {"id": "zz1.large.2", "name": "zz1.large.2", "vcpus": 2, "ram": 4096, "properties": properties}
    record = read_one(data)
    assert record.facts["ecs.accelerator"] == "gpu"
    assert record.facts["ecs.required_image_attributes"] == frozenset({"__support_kvm_gpu_type=V100"})
    assert record.facts["ecs.memory_mib"] == 4096


def test_openstacksdk_and_ansible_image_info(read_one):
    data = dict.fromkeys(["architecture", "os_version", "hash_algo", "hypervisor_type", "is_hidden", "location"])
    data |= openstack_image()
    data |= {"is_protected": data.pop("protected"), "owner_id": data["owner"]}
    record = read_one({"changed": False, "images": [data]})
    assert known(record, STATED) == STATED


def test_ansible_results_that_were_registered_in_a_loop(read_data):
    results = [{"changed": False, "images": [openstack_image()]}, {"changed": False, "images": [sdk_image()]}]
    records = read_data({"changed": False, "msg": "All items completed", "results": results}).records
    assert [known(record, STATED) for record in records] == [STATED, STATED]


def test_an_ecs_of_openstacksdk_has_no_memory_that_nobody_stated(read_one):
    data = {
        "id": "1",
        "name": "crane",
        "availability_zone": "cn-north-4a",
        "compute_host": None,
        "vm_state": "active",
        "project_id": OWNER,
        "flavor": {"id": "zz1.large.2", "ram": 0, "vcpus": 0, "disk": 0, "extra_specs": {}, "name": None},
        "image": {"id": "i"},
        "metadata": {"charging_mode": "0"},
    }
    record = read_one({"servers": [data]})
    assert record.facts["ecs.region"] == "cn-north-4" and record.facts["ecs.billing"] == "pay_per_use"
    assert "ecs.memory_mib" not in record.facts
    assert (record.image_ref, record.flavor_ref) == ("i", "zz1.large.2")


# --- the Open Telekom Cloud SDK


def otc_image() -> dict[str, object]:
    """The image as the Open Telekom Cloud SDK has it."""
    names = {wire: theirs for theirs, (wire, _) in names_of("otc-image").items()}
    data = dict.fromkeys(["os_type", "os_version", "cmk_id", "_Image__os_version"])
    data |= {names.get(name, name): value for name, value in WIRE.items() if name not in ("__support_arm", "owner")}
    data.pop("__system__cmkid")
    return data


def test_an_image_of_the_open_telekom_cloud_sdk_and_of_ims_image_info(read_one):
    record = read_one({"changed": False, "images": [otc_image()]})
    told = {n: v for n, v in STATED.items() if n not in ("image.architecture", "image.encrypted", "image.owner")}
    assert known(record, told) == told
    assert not {"image.architecture", "image.encrypted", "image.accelerators"} & record.facts.keys()


# --- Terraform


def test_a_terraform_state(read_data):
    data = state(
        resource("data", "huaweicloud_images_images", {"id": "1", "images": [TERRAFORM_IMAGE]}),
        resource("data", "huaweicloud_images_image", TERRAFORM_IMAGE),
        resource("data", "huaweicloud_compute_flavors", {"ids": [], "flavors": [TERRAFORM_FLAVOR]}),
        resource("managed", "huaweicloud_compute_instance", TERRAFORM_ECS),
        resource("managed", "huaweicloud_vpc", {"id": "1", "name": "net"}),
    )
    document = read_data(data)
    assert document.format == "terraform"
    listed, single, flavor, ecs = document.records
    assert known(listed, STATED) == known(single, STATED) == IN_TERRAFORM
    assert listed.origins["image.size_gib"].detail == "size_bytes"
    assert not {"image.encrypted", "image.accelerators", "image.attributes", "image.type"} & listed.facts.keys()
    assert (flavor.kind, flavor.id, flavor.facts["ecs.memory_mib"]) == (Kind.ECS, "c7n.xlarge.2", 8192)
    assert (ecs.id, ecs.image_ref, ecs.flavor_ref) == (TERRAFORM_ECS["id"], WIRE["id"], "c7n.xlarge.2")
    expected = {"ecs.region": "cn-north-4", "ecs.billing": "yearly_monthly", "ecs.system_disk_gib": 80}
    assert known(ecs, expected) == expected


def test_what_the_provider_leaves_out_of_a_flavor_is_not_concluded(read_one):
    """It has six attributes of a flavor: neither where it is sold nor what it demands is among them."""
    record = read_one([TERRAFORM_FLAVOR])
    told = {"ecs.vcpus", "ecs.memory_mib", "ecs.family", "ecs.platform_target", "ecs.system_disk"}
    of_catalog = {"ecs.architecture", "ecs.accelerator", "ecs.virtualization"}
    assert record.facts.keys() == told | of_catalog
    assert {record.origins[fact].kind.value for fact in of_catalog} == {"catalog"}


@pytest.mark.parametrize(("said", "mib"), [(8, 8192), ("8", 8192), (" 8.0 ", 8192), ("0.5", 512), ("8 GB", None)])
def test_the_memory_in_gib_may_stand_there_as_text(read_one, read_text, said: object, mib: int | None):
    data = TERRAFORM_FLAVOR | {"id": "zz1.xlarge.2", "memory_size": said}
    assert read_one([data]).facts.get("ecs.memory_mib") == mib
    assert read_text(as_csv(data)).records[0].facts.get("ecs.memory_mib") == mib


def test_an_image_that_terraform_copied(read_one):
    attributes = {name: value for name, value in WIRE.items() if not name.startswith("__") or "support" in name}
    attributes |= {
        "__imagetype": "private",
        "__os_bit": "64",
        "__platform": "openEuler",
        "source_image_id": "s",
        "kms_key_id": "",
        "data_origin": "",
        "image_size": "2147483648",
        "os_version": "openEuler 22.03 64bit",
    }
    record = read_one(state(resource("managed", "huaweicloud_images_image_copy", attributes)))
    told = {name: value for name, value in STATED.items() if name != "image.encrypted"}
    assert known(record, STATED) == told


def test_terraform_output(read_data):
    def output(value: object) -> dict[str, object]:
        return {"sensitive": False, "type": ["list", "object"], "value": value}

    data = {"images": output([TERRAFORM_IMAGE]), "count": output(1), "ecs": output({"crane": TERRAFORM_ECS})}
    image, ecs = read_data(data).records
    assert known(image, STATED) == IN_TERRAFORM
    assert ecs.flavor_ref == "c7n.xlarge.2"


@pytest.mark.parametrize("wrap", [lambda i: [i], lambda i: {"images": [i]}, lambda i: i])
def test_images_of_terraforms_data_source_as_jq_gives_them(read_one, wrap):
    assert known(read_one(wrap(TERRAFORM_IMAGE)), STATED) == IN_TERRAFORM


def test_a_state_without_anything_that_is_read_says_what_it_holds(read_data):
    with pytest.raises(InputError, match=r"without an image, a flavor or an ECS.*huaweicloud_vpc"):
        read_data(state(resource("managed", "huaweicloud_vpc", {"id": "1"})))


def test_an_ecs_that_terraform_has_not_brought_to_the_form_of_its_states_is_not_left_out(read_data):
    old = resource("managed", "huaweicloud_compute_instance", {})
    old["instances"] = [{"attributes_flat": {"id": "1", "flavor_id": "c7n.large.2"}}]
    new = resource("managed", "huaweicloud_compute_instance", TERRAFORM_ECS)
    with pytest.raises(InputError, match=r"before 0\.12 wrote it: 'huaweicloud_compute_instance\..*terraform refresh"):
        read_data(state(new, old))
    assert len(read_data(state(new, resource("managed", "huaweicloud_vpc", {"id": "1"}))).records) == 1


# --- other services and programs


def test_cbr_protectable_resources(read_one):
    instance = {"id": "1", "name": "crane", "type": "OS::Nova::Server", "size": 40, "detail": server()}
    record = read_one({"instances": [instance]})
    assert (record.kind, record.name) == (Kind.ECS, "shop")
    disk = {"id": "d", "name": "disk", "volume_image_metadata": {"image_id": "i", "__os_version": "Debian"}}
    record = read_one({"instances": [{"id": "d", "type": "OS::Cinder::Volume", "detail": disk}]})
    assert (record.kind, record.image_ref) == (Kind.DISK, "i")


def test_auto_scaling_configurations(read_data):
    config = {
        "flavorRef": "c7n.xlarge.2,c6.large.2",
        "imageRef": WIRE["id"],
        "disk": [{"size": 80, "volume_type": "SSD", "disk_type": "SYS"}, {"size": 9, "disk_type": "DATA"}],
        "market_type": "spot",
    }
    data = {"scaling_configuration_id": "a1", "scaling_configuration_name": "fleet", "instance_config": config}
    first, second = read_data({"scaling_configurations": [data], "total_number": 1}).records
    assert (first.kind, first.operation, first.image_ref) == (Kind.REQUEST, "create_ecs", WIRE["id"])
    assert [first.flavor_ref, second.flavor_ref] == ["c7n.xlarge.2", "c6.large.2"]
    assert [first.key, second.key] == ["a1@c7n.xlarge.2", "a1@c6.large.2"]
    assert (first.facts["ecs.system_disk_gib"], first.facts["ecs.billing"]) == (80, "spot")


def test_resources_json_of_cloud_custodian(read_one):
    record = read_one([WIRE | {"c7n:MatchedFilters": ["status"], "c7n_resource_type_id": "ims-image"}])
    assert known(record, STATED) == STATED
    assert record.unrecognised == ()


@pytest.mark.parametrize("before", ["[NOTICE] a newer version is there\n", "Using profile default, region x\n\n"])
def test_koocli_output_after_a_line_of_text(read_text, before: str):
    (record,) = read_text(before + json.dumps({"images": [WIRE]}, indent=2)).records
    assert known(record, STATED) == STATED


def test_koocli_output_with_one_object_more_around_it(read_one):
    assert known(read_one({"result": {"images": [WIRE]}}), STATED) == STATED


@pytest.mark.parametrize(
    "data",
    [
        {"prod": {"images": [WIRE]}, "test": {"images": [WIRE | {"id": "2"}]}},
        {"images": {"images": [WIRE]}, "flavors": {"flavors": [flavor()]}},
        {WIRE["id"]: WIRE, "2": WIRE | {"id": "2"}},
        {"web": {"image.status": "active"}, "db": {"image.status": "killed"}},
    ],
    ids=["answers", "answers of two calls", "images by their ids", "facts by names"],
)
def test_of_objects_side_by_side_under_names_of_their_own_none_is_read_alone(read_data, data: dict[str, object]):
    with pytest.raises(InputError) as raised:
        read_data(data)
    first, second = data
    assert "2 objects stand side by side here under names of their own" in str(raised.value)
    assert f"'{first}, {second}'" in str(raised.value)


def test_lists_that_stand_beside_the_one_that_is_read_are_named(read_data):
    document = read_data({"images": [WIRE], "flavors": [flavor()], "members": [], "images_links": [{"rel": "self"}]})
    assert document.warnings == ("of what stands side by side here, images is read, and flavors not",)
    document = read_data({"image": WIRE, "flavor": flavor()})
    assert document.warnings == ("of what stands side by side here, image is read, and flavor not",)
    document = read_data({"images": [WIRE], "image.encrypted": True})
    assert document.warnings == ("of what stands side by side here, images is read, and image.encrypted not",)
    assert read_data({"images": [WIRE], "count": 1}).warnings == ()


@pytest.mark.parametrize("beside", [[dict(WIRE)], dict(WIRE)])
def test_images_beside_others_under_a_name_of_their_own_are_named_too(read_data, beside):
    document = read_data({"images": [WIRE], "of_partners": beside, "schema": "/v2/schemas/images"})
    assert len(document.records) == 1
    assert document.warnings == ("of what stands side by side here, images is read, and of_partners not",)
    assert read_data({"images": [WIRE], "links": [{"rel": "self", "href": "x"}], "of_partners": []}).warnings == ()


def test_koocli_input_file_of_a_skeleton(read_one):
    body = {"server": {"name": "crane", "imageRef": WIRE["id"], "flavorRef": "c7n.xlarge.2", "vpcid": "v"}}
    record = read_one({"cli-region": "cn-north-4", "path": {"project_id": "p"}, "body": body})
    assert (record.operation, record.flavor_ref) == ("create_ecs", "c7n.xlarge.2")


# --- attributes as columns


def as_csv(*rows: Mapping[str, object]) -> str:
    columns = dict.fromkeys(name for row in rows for name in row)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("image", [WIRE, sdk_image()], ids=["wire", "sdk"])
def test_attributes_as_columns_of_a_csv(read_text, image: Mapping[str, object]):
    document = read_text(as_csv(image, image | {"id": "2", "name": "quay"}))
    assert document.format == "attributes-csv"
    first, second = document.records
    assert known(first, STATED) == STATED
    assert (first.name, second.name) == ("harbour-arm", "quay")
    assert first.columns["disk_format"] == "zvhd2"


def test_flavors_as_columns_of_a_csv(read_text):
    data = flavor(ecs__instance_architecture="arm64", id="zz1.large.2")
    specs = {f"os_extra_specs.{name}": value for name, value in data.pop("os_extra_specs").items()}
    (record,) = read_text(as_csv(data | specs)).records
    assert record.facts["ecs.architecture"] == "arm64"


@pytest.mark.parametrize("written", [json.dumps, repr])
def test_specifications_that_stand_in_a_cell_as_text_are_read(read_text, written: Callable[[object], str]):
    data = flavor(ecs__instance_architecture="arm64", cond__image="__support_gpu_t4=true", id="zz1.large.2")
    data["os_extra_specs"] = written(data["os_extra_specs"])
    (record,) = read_text(as_csv(data)).records
    assert record.facts["ecs.architecture"] == "arm64"
    assert record.facts["ecs.required_image_attributes"] == {"__support_gpu_t4=true"}
    assert "ecs.accelerator" not in record.facts  # what a cell leaves out is no more known than what no column says


@pytest.mark.parametrize("title", [str.upper, " {}".format, "images.{}".format])
def test_a_table_of_attributes_that_are_spelled_otherwise_is_told_the_attribute(read_text, title: Callable[[str], str]):
    table = as_csv({title(name): value for name, value in WIRE.items()})
    with pytest.raises(InputError, match=r"no column of this CSV is a fact: .*; did you mean '__\w+'\?") as refused:
        read_text(table)
    assert "of which this lacks" not in str(refused.value)


# --- the tables


def test_every_shape_has_names_and_every_table_a_shape():
    assert all(names_of(shape.name) for shape in SHAPES)


def test_an_object_in_the_wires_own_names_is_of_no_shape(read_one):
    record = read_one([WIRE])
    assert known(record, STATED) == STATED
    assert record.origins["image.architecture"].detail == "__support_arm"


def test_a_list_may_hold_several_shapes_and_counts_its_rows_on(read_data):
    unnamed = {name: value for name, value in sdk_image().items() if name not in ("id", "name")}
    nameless = {name: value for name, value in WIRE.items() if name not in ("id", "name")}
    records = read_data({"images": [nameless, unnamed, nameless]}).records
    assert [record.key for record in records] == ["1", "2", "3"]


def test_what_a_state_holds_of_other_providers_is_said_not_to_be_read(read_data):
    flavors = resource("data", "huaweicloud_compute_flavors", {"flavors": [TERRAFORM_FLAVOR]})
    others = [
        resource("data", "opentelekomcloud_images_image_v2", {"id": "a"}),
        resource("managed", "vpc", {"id": "v"}),
    ]
    (alone,) = read_data(state(flavors)).records
    (record,) = read_data(state(*others, flavors)).records
    assert record.facts == alone.facts and not any("too" in note for note in alone.notes)
    assert "the state holds opentelekomcloud_images_image_v2, too, of which nothing is read" in record.notes


def test_a_fact_that_stands_for_nothing_said_names_what_says_nothing(read_one):
    volume = {"imageRef": "i", "size": 0, "availability_zone": "cn-north-4a", "volume_type": "SAS"}
    assert read_one({"volume": volume}).origins["ecs.data_disk"].detail == "size"
