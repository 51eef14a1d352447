"""Real payloads, where they are at hand: what is read from each, and that nothing in it is overlooked.

They lie beside the repository and are no part of it; without them these tests are skipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from imagefit.errors import InputError
from imagefit.facts import Field
from imagefit.readers import Document, read

SHARED = Path(__file__).parents[3] / "shared" / "samples"
FILES = sorted(str(path.relative_to(SHARED)) for path in SHARED.rglob("*.*")) if SHARED.is_dir() else []

pytestmark = pytest.mark.skipif(not FILES, reason="the collection of real payloads is not here")

UBUNTU_14 = {"image.os_version": "Ubuntu 14.04 server 64bit", "image.os_supports_uefi": True}
GOLD = {
    "image.visibility": "public",
    "image.type": "system_disk",
    "image.platform_target": "ecs",
    "image.status": "active",
    "image.owner": "1bed856811654c1cb661a6ca845ebc77",
    "image.boot_mode": "bios",
    "image.architecture": "x86_64",
    "image.accelerators": frozenset(),
    "image.attributes": frozenset({"__support_fc_inject=true"}),
    "image.platform": "centos",
    "image.os_version": "CentOS 7.3 64bit",
    "image.os_bits": 64,
    "image.min_disk_gib": 100,
    "image.min_memory_mib": 2048,
    "image.encrypted": False,
}
REQUESTED = {
    "ecs.temporary": False,
    "ecs.billing": "pay_per_use",
    "ecs.architecture": "x86_64",
    "ecs.accelerator": "none",
    "ecs.virtualization": "kvm",
}
FLAVOR = {
    "ecs.architecture": "x86_64",
    "ecs.accelerator": "none",
    "ecs.required_image_attributes": frozenset(),
    "ecs.system_disk": "image_default",
}
NO_SIZE = {"ecs.system_disk": "image_default"}
OF_40_GIB = {"ecs.system_disk": "explicit", "ecs.system_disk_gib": 40}

EXPECTED: dict[str, list[dict[str, object]]] = {
    "images/c7n-ims-private-windows.json": [
        {
            "image.visibility": "private",
            "image.type": "system_disk",
            "image.platform_target": "ecs",
            "image.status": "active",
            "image.owner": "0b3ade290700f3612f29c005b9d1eaf6",
            "image.can_be_published": False,
            "image.boot_mode": "bios",
            "image.architecture": "x86_64",
            "image.hypervisors": frozenset({"kvm", "xen"}),
            "image.accelerators": frozenset(),
            "image.attributes": frozenset({"__support_kvm=true", "__support_xen=true"}),
            "image.platform": "windows",
            "image.os_version": "Windows Server 2019 Datacenter 64bit",
            "image.os_bits": 64,
            "image.os_supports_uefi": True,
            "image.min_disk_gib": 80,
            "image.min_memory_mib": 0,
            "image.max_memory_mib": 0,
            "image.size_gib": 12040331264 / 2**30,
            "image.encrypted": False,
        }
    ],
    "images/cloudfitter-market-centos.json": [
        {
            "image.visibility": "koogallery",
            "image.type": "system_disk",
            "image.platform_target": "ecs",
            "image.status": "active",
            "image.owner": "055ae22e000025062fe1c00d2c57a287",
            "image.withdrawn": False,
            "image.architecture": "x86_64",
            "image.hypervisors": frozenset({"kvm"}),
            "image.accelerators": frozenset(),
            "image.attributes": frozenset({"__support_kvm=true", "__support_agent_list=hss,ces"}),
            "image.platform": "centos",
            "image.os_version": "CentOS 7.9 64bit",
            "image.os_bits": 64,
            "image.min_disk_gib": 40,
            "image.min_memory_mib": 1024,
            "image.max_memory_mib": 0,
            "image.size_gib": 9260425216 / 2**30,
            "image.encrypted": False,
        }
    ],
    "images/hwdocs-cloudimages-gold.json": [GOLD, GOLD],
    "images/otc-cloudimages-fpga.json": [
        GOLD
        | {
            "image.hypervisors": frozenset({"kvm"}),
            "image.accelerators": frozenset({"fpga"}),
            "image.attributes": frozenset({"__support_fc_inject=true", f"__support_kvm_fpga_type={model}"}),
        }
        for model in ("VU9P", "VU9P_COMMON")
    ],
    "images/hwdocs-nova-images.json": [
        {
            "image.visibility": "public",
            "image.type": "system_disk",
            "image.platform_target": "ecs",
            "image.status": "active",
            "image.architecture": "x86_64",
            "image.hypervisors": frozenset({"kvm", "xen"}),
            "image.accelerators": frozenset(),
            "image.attributes": frozenset({"__support_kvm=true", "__support_xen=true"}),
            "image.platform": "euleros",
            "image.os_version": "EulerOS 2.2 64bit",
            "image.os_bits": 64,
            "image.os_supports_uefi": True,
            "image.min_disk_gib": 40,
            "image.min_memory_mib": 0,
            "image.encrypted": False,
        }
    ],
    "images/hwdocs-single-image-private-ubuntu.json": [
        UBUNTU_14
        | {
            "image.visibility": "private",
            "image.type": "system_disk",
            "image.platform_target": "ecs",
            "image.status": "active",
            "image.owner": "0b1e494e2660441a957313163095fe5c",
            "image.boot_mode": "bios",
            "image.architecture": "x86_64",
            "image.accelerators": frozenset(),
            "image.attributes": frozenset({"__support_fc_inject=true"}),
            "image.platform": "ubuntu",
            "image.os_bits": 64,
            "image.min_disk_gib": 40,
            "image.min_memory_mib": 0,
            "image.size_gib": 449261568 / 2**30,
            "image.encrypted": False,
        }
    ],
    "images/otc-single-image-queued.json": [
        UBUNTU_14
        | {
            "image.visibility": "private",
            "image.type": "system_disk",
            "image.platform_target": "ecs",
            "image.status": "queued",
            "image.owner": "b912fb4a4c464b568ecfca1071b21b10",
            "image.architecture": "x86_64",
            "image.accelerators": frozenset(),
            "image.attributes": frozenset(),
            "image.platform": "ubuntu",
            "image.os_bits": 64,
            "image.min_disk_gib": 100,
            "image.min_memory_mib": 1024,
            "image.encrypted": False,
        }
    ],
    "images/otc-evs-volume-image-metadata.json": [
        {
            "image.visibility": "public",
            "image.type": "system_disk",
            "image.platform_target": "ecs",
            "image.hypervisors": frozenset({"kvm", "xen"}),
            "image.attributes": frozenset({"__support_kvm=true", "__support_xen=true"}),
            "image.platform": "centos",
            "image.os_version": "CentOS 7.3 64bit",
            "image.os_bits": 64,
            "image.min_disk_gib": 20,
            "image.min_memory_mib": 0,
            "image.size_gib": 911269888 / 2**30,
        }
    ],
    "flavors/c7n-bms-extra-specs.json": [FLAVOR | {"ecs.flavor_status": "normal"}],
    "flavors/cloudfitter-t6.json": [
        FLAVOR | {"ecs.region": "cn-south-1", "ecs.virtualization": "kvm", "ecs.memory_mib": 16384}
    ],
    "flavors/hwdocs-resize-flavors.json": [
        FLAVOR | {"ecs.virtualization": "kvm", "ecs.memory_mib": 131072, "ecs.flavor_status": "normal"}
    ],
    "flavors/otc-flavors-c3.json": [
        FLAVOR | {"ecs.virtualization": "kvm", "ecs.memory_mib": 16384, "ecs.flavor_status": "normal"}
    ],
    "flavors/otc-bms-flavors.json": [FLAVOR | {"ecs.memory_mib": 321729, "ecs.flavor_status": "normal"}],
    "servers/ansible-deh-server.json": [
        {
            "ecs.account": "16d53a84a13b49529d2e2c3646691123",
            "ecs.billing": "pay_per_use",
            "ecs.architecture": "x86_64",
            "ecs.accelerator": "none",
            "ecs.virtualization": "kvm",
            "ecs.memory_mib": 1024,
            "ecs.required_image_attributes": frozenset(),
            "ecs.flavor_status": "normal",
            "ecs.system_disk": "explicit",
        }
    ],
    "servers/c7n-ecs-detail-x1.json": [
        {
            "ecs.region": "ap-southeast-1",
            "ecs.billing": "pay_per_use",
            "ecs.accelerator": "none",
            "ecs.memory_mib": 1024,
            "ecs.architecture": "x86_64",
            "ecs.virtualization": "kvm",
            "ecs.system_disk": "explicit",
        }
    ],
    "servers/otc-bms-detail.json": [{"ecs.account": "c685484a8cc2416b97260938705deb65", "ecs.system_disk": "explicit"}],
    "members/hwdocs-members-accepted.json": [
        {
            "image.shared_with": frozenset({"edc89b490d7d4392898e19b2deb34797"}),
            "image.recipients": 1,
            "image.member_status": "accepted",
        }
    ],
    "requests/hwdocs-create-ecs-s2.json": [
        REQUESTED | NO_SIZE | {"ecs.memory_mib": 1024, "ecs.billing": "yearly_monthly"}
    ],
    "requests/hwdocs-create-ecs-s3-ondemand.json": [REQUESTED | NO_SIZE | {"ecs.memory_mib": 8192}],
    "requests/otc-create-ecs-m3.json": [REQUESTED | NO_SIZE | {"ecs.memory_mib": 16384}],
    "requests/hwdocs-nova-create-s3.medium.json": [REQUESTED | NO_SIZE],
    "requests/hwdocs-nova-create-c1.json": [REQUESTED | OF_40_GIB | {"ecs.virtualization": "xen"}],
    "requests/otc-nova-create-eu-de.json": [REQUESTED | OF_40_GIB | {"ecs.memory_mib": 16384}],
    "requests/otc-nova-create-s3.json": [REQUESTED | OF_40_GIB | {"ecs.memory_mib": 8192}],
    "requests/otc-change-os.json": [{}],
    "requests/hwdocs-change-os-keypair.json": [{}],
    "requests/hwdocs-whole-image-from-ecs.json": [{"image.type": "full_ecs", "image.full_ecs_origin": "ecs"}],
    "csv/synthetic-private-images-cn-north-4-en.csv": [
        UBUNTU_14
        | {
            "image.visibility": "private",
            "image.type": "system_disk",
            "image.architecture": "x86_64",
            "image.status": "active",
            "image.region": "cn-north-4",
            "image.min_disk_gib": 40,
            "image.size_gib": 428.45 / 1024,
            "image.encrypted": False,
        },
        {
            "image.visibility": "private",
            "image.type": "data_disk",
            "image.status": "active",
            "image.region": "cn-north-4",
            "image.os_version": "Linux",
            "image.min_disk_gib": 100,
            "image.size_gib": 3.21,
            "image.encrypted": True,
        },
        {
            "image.visibility": "private",
            "image.type": "full_ecs",
            "image.architecture": "x86_64",
            "image.status": "active",
            "image.region": "cn-north-4",
            "image.os_version": "Windows Server 2019 Datacenter 64bit",
            "image.os_supports_uefi": True,
            "image.min_disk_gib": 40,
            "image.encrypted": False,
        },
    ],
}
"""The facts of each payload's records, worked out by hand from the payload and the documents."""

REFUSED = {
    "images/hwdocs-os-version-list.json": "a list of the OSs",
    "terraform/synthetic-plan-create.json": "a Terraform plan",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_facts_of_a_real_payload(fields: Mapping[str, Field], name: str):
    document: Document = read(SHARED / name, fields)
    for record, expected in zip(document.records, EXPECTED[name], strict=True):
        assert dict(record.facts) == expected
        assert set(record.origins) == set(record.facts)


def test_the_image_types_that_were_made_up_after_the_documents(fields: Mapping[str, Field]):
    records = read(SHARED / "images/synthetic-image-types.json", fields).records
    assert [record.facts["image.type"] for record in records] == [
        "data_disk",
        "iso",
        "full_ecs",
        "system_disk",
        "system_disk",
        "system_disk",
    ]
    assert [record.facts["image.visibility"] for record in records][3] == "shared"
    assert [record.facts["image.encrypted"] for record in records] == [False] * 4 + [True, False]
    assert records[5].facts["image.boot_mode"] == "uefi"
    assert "image.full_ecs_origin" not in records[2].facts and "CBR's or CSBS's" in records[2].notes[0]


@pytest.mark.parametrize(
    ("name", "operation", "image", "flavor"),
    [
        ("hwdocs-create-ecs-s2.json", "create_ecs", "67f433d8-ed0e-4321-a8a2-a71838539e09", "s2.small.1"),
        ("otc-create-ecs-m3.json", "create_ecs", "imageid_123", "m3.large.8"),
        ("hwdocs-nova-create-c1.json", "create_ecs", "11e8f727-d439-4ed1-b3b8-33f46c0379c4", "c1.large"),
        ("hwdocs-nova-create-s3.medium.json", "create_ecs", "10ff4f01-35b6-4209-8397-359cb4475fa0", "s3.medium"),
        ("otc-change-os.json", "change_os", "e215580f-73ad-429d-b6f2-5433947433b0", None),
    ],
)
def test_what_a_real_request_asks_for(fields, name: str, operation: str, image: str, flavor: str | None):
    (record,) = read(SHARED / "requests" / name, fields).records
    assert (record.operation, record.image_ref, record.flavor_ref) == (operation, image, flavor)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_input_is_refused_by_name(fields: Mapping[str, Field], name: str):
    with pytest.raises(InputError, match=REFUSED[name]):
        read(SHARED / name, fields)


@pytest.mark.parametrize("name", FILES)
def test_no_file_raises_anything_but_an_input_error(fields: Mapping[str, Field], name: str):
    try:
        document = read(SHARED / name, fields)
    except InputError as error:
        assert str(error)
    else:
        assert document.records


@pytest.mark.parametrize("name", [name for name in EXPECTED if not name.startswith("flavors/otc-bms")])
def test_no_attribute_of_a_real_payload_is_new_to_the_reader(fields: Mapping[str, Field], name: str):
    own = {"metadata.key"}  # a tag that a user set
    for record in read(SHARED / name, fields).records:
        assert set(record.unrecognised) <= own
