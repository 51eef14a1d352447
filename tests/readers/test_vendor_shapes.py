"""Payloads as the vendor's services answer them, whole: what is read from each, and that nothing in it is overlooked.

They are written for these tests: the keys, the nesting and the spellings are the vendor's, the values are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from imagefit.errors import InputError
from imagefit.facts import Field
from imagefit.sources.reading import Document, read

VENDOR = Path(__file__).parent / "vendor"
FILES = sorted(path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*.*"))

EVERY_TYPE = "images/every-type.json"

MUSEUM = "eb0ea0bc6c91e1e8058ddddfa6192ce7"
SELLER = "7c3613dba5171cb6027c67835dd3b9d4"
VISITOR = "127870930d65c57ee65fcc47f2170d38"

LISTED_FOR_UEFI = {"image.os_supports_uefi": True}
ECS_IMAGE = {
    "image.type": "system_disk",
    "image.platform_target": "ecs",
    "image.architecture": "x86_64",
    "image.gpu_types": frozenset(),
    "image.bound_to_zone": "none",
}
GOLD = ECS_IMAGE | {
    "image.visibility": "public",
    "image.protected": True,
    "image.status": "active",
    "image.owner": SELLER,
    "image.boot_mode": "bios",
    "image.accelerators": frozenset(),
    "image.attributes": frozenset({"__support_fc_inject=true"}),
    "image.cloud_init": False,
    "image.platform": "centos",
    "image.os_version": "CentOS 7.2 64bit",
    "image.os_bits": 64,
    "image.min_disk_gib": 120,
    "image.min_memory_mib": 4096,
    "image.max_memory_mib": 0,
    "image.encrypted": False,
}
REQUESTED = {
    "ecs.data_disk_images": "none",
    "ecs.data_disk_keys": False,
    "ecs.platform_target": "ecs",
    "ecs.injects": frozenset({"key"}),
    "ecs.temporary": False,
    "ecs.billing": "pay_per_use",
    "ecs.architecture": "x86_64",
    "ecs.accelerator": "none",
    "ecs.virtualization": "kvm",
}
FLAVOR = {
    "ecs.architecture": "x86_64",
    "ecs.platform_target": "ecs",
    "ecs.spot_status": "abandon",
    "ecs.charging_allowed": frozenset({"period", "demand"}),
    "ecs.accelerator": "none",
    "ecs.required_image_attributes": frozenset(),
    "ecs.system_disk": "image_default",
}
BY_ECS_API = {"ecs.request_api": "ecs", "ecs.availability_zone": "az9-dc9"}
BY_NOVA = {"ecs.request_api": "nova"}
NO_SIZE = {"ecs.system_disk": "image_default"}
OF_45_GIB = {"ecs.system_disk": "explicit", "ecs.system_disk_gib": 45}

HARBOUR_IN_TERRAFORM = {
    "image.architecture": "arm64",
    "image.max_memory_mib": 8192,
    "image.min_disk_gib": 50,
    "image.min_memory_mib": 1024,
    "image.os_supports_uefi": True,
    "image.os_version": "openEuler 22.03 64bit",
    "image.owner": "5d0c6b1e2f3a48579a6b7c8d9e0f1a2b",
    "image.size_gib": 2.0,
    "image.status": "active",
    "image.visibility": "private",
}
HARBOUR_AS_COLUMNS = HARBOUR_IN_TERRAFORM | {
    "image.boot_mode": "uefi",
    "image.encrypted": True,
    "image.key_id": "0c1d2e3f-aaaa-4bbb-8ccc-0123456789ab",
    "image.os_bits": 64,
    "image.platform": "openeuler",
    "image.platform_target": "ecs",
    "image.protected": False,
}
HARBOUR_OF_KVM = HARBOUR_AS_COLUMNS | {
    "image.hypervisors": frozenset({"kvm"}),
    "image.gpu_types": frozenset(),
}
OF_C7N = {
    "ecs.accelerator": "none",
    "ecs.architecture": "x86_64",
    "ecs.family": "c7n",
    "ecs.vcpus": 4,
    "ecs.memory_mib": 8192,
    "ecs.platform_target": "ecs",
    "ecs.virtualization": "kvm",
    "ecs.system_disk": "explicit",
    "ecs.system_disk_gib": 80,
}

EXPECTED: dict[str, list[dict[str, object]]] = {
    "terraform/state.json": [
        HARBOUR_IN_TERRAFORM,
        OF_C7N | {"ecs.availability_zone": "cn-north-4a", "ecs.billing": "yearly_monthly", "ecs.region": "cn-north-4"},
    ],
    "terraform/plan.json": [
        {
            "ecs.region": "cn-east-3",
            "ecs.availability_zone": "cn-east-3a",
            "ecs.system_disk": "explicit",
            "ecs.system_disk_gib": 45,
            "ecs.data_disk_images": "none",
            "ecs.data_disk_keys": False,
            "ecs.request_api": "ecs",
            "ecs.architecture": "x86_64",
            "ecs.accelerator": "none",
            "ecs.vcpus": 2,
            "ecs.memory_mib": 4096,
            "ecs.family": "s6",
            "ecs.platform_target": "ecs",
        }
    ],
    "terraform/output.json": [HARBOUR_IN_TERRAFORM],
    "scaling/configurations.json": [OF_C7N | {"ecs.billing": "pay_per_use", "ecs.temporary": False}],
    "sdk/images.json": [HARBOUR_OF_KVM],
    "openstack/image-show.json": [
        HARBOUR_OF_KVM
        | {
            "image.type": "system_disk",
            "image.bound_to_zone": "none",
            "image.accelerators": frozenset(),
            "image.attributes": frozenset({"__support_arm=true"}),
        }
    ],
    "tables/images.csv": [HARBOUR_AS_COLUMNS],
    "images/private-windows.json": [
        ECS_IMAGE
        | LISTED_FOR_UEFI
        | {
            "image.visibility": "private",
            "image.protected": False,
            "image.made_from": "external_file",
            "image.status": "active",
            "image.owner": MUSEUM,
            "image.can_be_published": False,
            "image.boot_mode": "bios",
            "image.hypervisors": frozenset({"kvm", "xen"}),
            "image.accelerators": frozenset(),
            "image.attributes": frozenset({"__support_kvm=true", "__support_xen=true"}),
            "image.platform": "windows",
            "image.os_version": "Windows Server 2016 Standard 64bit",
            "image.os_bits": 64,
            "image.min_disk_gib": 60,
            "image.min_memory_mib": 0,
            "image.max_memory_mib": 0,
            "image.size_gib": 14.0,
            "image.encrypted": False,
        }
    ],
    "images/market.json": [
        ECS_IMAGE
        | {
            "image.visibility": "koogallery",
            "image.protected": True,
            "image.status": "active",
            "image.owner": SELLER,
            "image.withdrawn": False,
            "image.hypervisors": frozenset({"kvm"}),
            "image.accelerators": frozenset(),
            "image.attributes": frozenset({"__support_kvm=true", "__support_agent_list=ces,hss"}),
            "image.platform": "centos",
            "image.os_version": "CentOS 7.8 64bit",
            "image.os_bits": 64,
            "image.min_disk_gib": 50,
            "image.min_memory_mib": 2048,
            "image.max_memory_mib": 0,
            "image.size_gib": 6.0,
            "image.encrypted": False,
        }
    ],
    "images/gold.json": [GOLD, GOLD],
    "images/gold-fpga.json": [
        GOLD
        | {
            "image.hypervisors": frozenset({"kvm"}),
            "image.accelerators": frozenset({"fpga"}),
            "image.attributes": frozenset({"__support_fc_inject=true", f"__support_kvm_fpga_type={model}"}),
        }
        for model in ("KU115", "KU115_COMMON")
    ],
    "images/nova.json": [
        {fact: value for fact, value in ECS_IMAGE.items() if fact != "image.architecture"}  # absence does not tell
        | LISTED_FOR_UEFI
        | {
            "image.visibility": "public",
            "image.status": "active",
            "image.hypervisors": frozenset({"kvm", "xen"}),
            "image.accelerators": frozenset(),
            "image.attributes": frozenset({"__support_kvm=true", "__support_xen=true"}),
            "image.platform": "euleros",
            "image.os_version": "EulerOS 2.5 64bit",
            "image.os_bits": 64,
            "image.min_disk_gib": 30,
            "image.min_memory_mib": 0,
            "image.max_memory_mib": 0,
            "image.encrypted": False,
        }
    ],
    "images/bare-private-ubuntu.json": [
        ECS_IMAGE
        | LISTED_FOR_UEFI
        | {
            "image.visibility": "private",
            "image.protected": False,
            "image.status": "active",
            "image.owner": MUSEUM,
            "image.boot_mode": "bios",
            "image.accelerators": frozenset(),
            "image.attributes": frozenset({"__support_fc_inject=true"}),
            "image.cloud_init": False,
            "image.platform": "ubuntu",
            "image.os_version": "Ubuntu 16.04 server 64bit",
            "image.os_bits": 64,
            "image.min_disk_gib": 80,
            "image.min_memory_mib": 0,
            "image.max_memory_mib": 0,
            "image.size_gib": 0.75,
            "image.encrypted": False,
        }
    ],
    "images/bare-queued.json": [
        ECS_IMAGE
        | LISTED_FOR_UEFI
        | {
            "image.visibility": "private",
            "image.protected": False,
            "image.status": "queued",
            "image.owner": VISITOR,
            "image.accelerators": frozenset(),
            "image.attributes": frozenset(),
            "image.platform": "ubuntu",
            "image.os_version": "Ubuntu 16.04 server 64bit",
            "image.os_bits": 64,
            "image.min_disk_gib": 90,
            "image.min_memory_mib": 512,
            "image.max_memory_mib": 0,
            "image.encrypted": False,
        }
    ],
    "images/volume-image-metadata.json": [
        {
            "image.visibility": "public",
            "image.platform_target": "ecs",
            "image.platform": "centos",
            "image.os_version": "CentOS 7.2 64bit",
            "image.os_bits": 64,
            "image.min_disk_gib": 25,
            "image.min_memory_mib": 0,
            "image.size_gib": 0.5,
        }
    ],
    "flavors/specs-alone.json": [FLAVOR | {"ecs.flavor_status": "normal"}],
    "flavors/zones-sold-out.json": [
        FLAVOR
        | {
            "ecs.region": "cn-east-3",
            "ecs.family": "t6",
            "ecs.virtualization": "kvm",
            "ecs.vcpus": 2,
            "ecs.memory_mib": 8192,
        }
    ],
    "flavors/resize.json": [
        FLAVOR
        | {
            "ecs.family": "m3",
            "ecs.virtualization": "kvm",
            "ecs.vcpus": 16,
            "ecs.memory_mib": 131072,
            "ecs.flavor_status": "normal",
        }
    ],
    "flavors/list.json": [
        FLAVOR
        | {
            "ecs.family": "s3",
            "ecs.virtualization": "kvm",
            "ecs.vcpus": 8,
            "ecs.memory_mib": 32768,
            "ecs.flavor_status": "normal",
        }
    ],
    "flavors/bare-metal.json": [
        FLAVOR
        | {"ecs.platform_target": "bms", "ecs.vcpus": 48, "ecs.memory_mib": 524288, "ecs.flavor_status": "normal"}
    ],
    "servers/on-a-dedicated-host.json": [
        FLAVOR  # whether it is on sale depends on the zone, which its details do not say
        | {
            "ecs.account": MUSEUM,
            "ecs.status": "active",
            "ecs.billing": "pay_per_use",
            "ecs.family": "s2",
            "ecs.virtualization": "kvm",
            "ecs.vcpus": 2,
            "ecs.memory_mib": 4096,
            "ecs.system_disk": "explicit",
        }
    ],
    "servers/listed.json": [
        {
            "ecs.region": "la-south-2",
            "ecs.availability_zone": "la-south-2a",
            "ecs.status": "shutoff",
            "ecs.family": "x1",
            "ecs.platform_target": "ecs",
            "ecs.billing": "yearly_monthly",
            "ecs.accelerator": "none",
            "ecs.vcpus": 1,
            "ecs.memory_mib": 1024,
            "ecs.architecture": "x86_64",
            "ecs.system_disk": "explicit",
        }
    ],
    "servers/bare-metal.json": [
        {
            "ecs.account": VISITOR,
            "ecs.system_disk": "explicit",
            "ecs.platform_target": "bms",
            "ecs.status": "active",
            "ecs.availability_zone": "az-dc-9",
        }
    ],
    "members/accepted.json": [
        {
            "image.shared_with": frozenset({VISITOR}),
            "image.shared_with_kinds": frozenset({"project"}),
            "image.recipients": 1,
            "image.accepted_by": frozenset({VISITOR}),
        }
    ],
    "requests/create-prepaid.json": [
        REQUESTED
        | BY_ECS_API
        | NO_SIZE
        | {"ecs.family": "s2", "ecs.vcpus": 1, "ecs.memory_mib": 2048, "ecs.billing": "yearly_monthly"}
    ],
    "requests/create-on-demand.json": [
        REQUESTED | BY_ECS_API | NO_SIZE | {"ecs.family": "s3", "ecs.vcpus": 2, "ecs.memory_mib": 8192}
    ],
    "requests/create-with-dhcp-options.json": [
        REQUESTED | BY_ECS_API | NO_SIZE | {"ecs.family": "m3", "ecs.vcpus": 4, "ecs.memory_mib": 32768}
    ],
    "requests/nova-create-several.json": [
        REQUESTED
        | BY_NOVA
        | NO_SIZE
        | {"ecs.family": "s3", "ecs.availability_zone": "az9.dc9", "ecs.injects": frozenset()}
    ],
    "requests/nova-create-on-xen.json": [
        REQUESTED
        | BY_NOVA
        | OF_45_GIB
        | {"ecs.family": "c2", "ecs.virtualization": "xen", "ecs.availability_zone": "az_kiosk_01"}
    ],
    "requests/nova-create-from-volume.json": [
        REQUESTED
        | BY_NOVA
        | OF_45_GIB
        | {
            "ecs.family": "c3",
            "ecs.vcpus": 4,
            "ecs.memory_mib": 16384,
            "ecs.region": "eu-de",
            "ecs.availability_zone": "eu-de-03",
        }
    ],
    "requests/nova-create-with-user-data.json": [
        REQUESTED
        | BY_NOVA
        | OF_45_GIB
        | {
            "ecs.family": "s3",
            "ecs.vcpus": 8,
            "ecs.memory_mib": 32768,
            "ecs.availability_zone": "az9-dc9",
            "ecs.injects": frozenset({"key", "user_data"}),
        }
    ],
    "requests/create-disk.json": [
        {
            "ecs.region": "eu-de",
            "ecs.availability_zone": "eu-de-02",
            "ecs.data_disk": "explicit",
            "ecs.data_disk_gib": 120,
        }
    ],
    "requests/change-os.json": [{"ecs.injects": frozenset()}],
    "requests/change-os-keypair.json": [{"ecs.injects": frozenset({"key"})}],
    "requests/full-ecs-image.json": [{"image.type": "full_ecs", "image.full_ecs_origin": "ecs"}],
    "console/private-images-cn-east-3-en.csv": [
        LISTED_FOR_UEFI
        | {
            "image.visibility": "private",
            "image.type": "system_disk",
            "image.architecture": "x86_64",
            "image.status": "active",
            "image.bound_to_zone": "none",
            "image.region": "cn-east-3",
            "image.os_version": "Ubuntu 16.04 server 64bit",
            "image.min_disk_gib": 80,
            "image.size_gib": 0.75,
            "image.encrypted": False,
        },
        {
            "image.visibility": "private",
            "image.type": "data_disk",
            "image.status": "active",
            "image.bound_to_zone": "none",
            "image.region": "cn-east-3",
            "image.os_version": "Linux",
            "image.min_disk_gib": 200,
            "image.size_gib": 4.75,
            "image.encrypted": True,
        },
        LISTED_FOR_UEFI
        | {
            "image.visibility": "private",
            "image.type": "full_ecs",
            "image.architecture": "x86_64",
            "image.status": "active",
            "image.bound_to_zone": "none",
            "image.region": "cn-east-3",
            "image.os_version": "Windows Server 2016 Standard 64bit",
            "image.min_disk_gib": 60,
            "image.encrypted": False,
        },
    ],
}
"""The facts of each payload's records, worked out by hand from the payload and the page of the input formats."""

REFUSED = {
    "images/os-versions.json": "a list of the OSs that images can have, not of images; it is not read",
}

UNRECOGNISED = {
    "servers/listed.json": {"metadata.floor"},  # a tag that a user set
    "flavors/bare-metal.json": {  # not of an ECS
        "baremetal:__support_evs",
        "baremetal:cpu_detail",
        "baremetal:disk_detail",
        "baremetal:extBootType",
        "baremetal:memory_detail",
        "baremetal:net_num",
        "baremetal:netcard_detail",
        "capabilities:board_type",
    },
}


def test_every_payload_is_spoken_of_here():
    assert sorted([*EXPECTED, *REFUSED, EVERY_TYPE]) == FILES


@pytest.mark.parametrize("name", EXPECTED)
def test_the_facts_of_a_payload(fields: Mapping[str, Field], name: str):
    document: Document = read(VENDOR / name, fields)
    for record, expected in zip(document.records, EXPECTED[name], strict=True):
        assert dict(record.facts) == expected
        assert set(record.origins) == set(record.facts)


def test_images_of_every_type(fields: Mapping[str, Field]):
    records = read(VENDOR / EVERY_TYPE, fields).records
    found = {record.name: record.facts for record in records}
    assert {name: facts["image.type"] for name, facts in found.items()} == {
        "photo-store": "data_disk",
        "debian-installer": "iso",
        "gallery-complete": "full_ecs",
        "lent-by-the-library": "system_disk",
        "donors": "system_disk",
        "light-show": "system_disk",
    }
    assert [name for name, facts in found.items() if facts["image.visibility"] == "shared"] == ["lent-by-the-library"]
    assert [name for name, facts in found.items() if facts["image.encrypted"] is True] == ["donors"]
    assert [name for name, facts in found.items() if facts.get("image.boot_mode") == "uefi"] == ["light-show"]


def test_a_server_backup_does_not_tell_whose_it_is(fields: Mapping[str, Field]):
    records = {record.name: record for record in read(VENDOR / EVERY_TYPE, fields).records}
    complete = records["gallery-complete"]
    assert "image.full_ecs_origin" not in complete.facts
    assert any("CBR's or CSBS's" in note for note in complete.notes)


@pytest.mark.parametrize(
    ("name", "operation", "image", "flavor"),
    [
        ("create-prepaid.json", "create_ecs", "6ee06eff-c1af-5fd2-887a-10513208b3b4", "s2.medium.2"),
        ("create-with-dhcp-options.json", "create_ecs", "image-of-the-guards", "m3.xlarge.8"),
        ("nova-create-on-xen.json", "create_ecs", "fc1cddcc-d4ad-5b4f-9651-486ac89a2661", "c2.large"),
        ("nova-create-several.json", "create_ecs", "fc1cddcc-d4ad-5b4f-9651-486ac89a2661", "s3.small"),
        ("create-disk.json", "create_disk", "6ee06eff-c1af-5fd2-887a-10513208b3b4", None),
        ("change-os.json", "change_os", "324577ca-fa2a-5533-b219-77693252e001", None),
    ],
)
def test_what_a_request_asks_for(fields, name: str, operation: str, image: str, flavor: str | None):
    (record,) = read(VENDOR / "requests" / name, fields).records
    assert (record.operation, record.image_ref, record.flavor_ref) == (operation, image, flavor)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_input_is_refused_by_name(fields: Mapping[str, Field], name: str):
    with pytest.raises(InputError, match=REFUSED[name]):
        read(VENDOR / name, fields)


@pytest.mark.parametrize("name", [*EXPECTED, EVERY_TYPE])
def test_no_attribute_of_a_payload_is_overlooked(fields: Mapping[str, Field], name: str):
    records = read(VENDOR / name, fields).records
    assert {attribute for record in records for attribute in record.unrecognised} == UNRECOGNISED.get(name, set())
