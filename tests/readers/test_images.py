"""What the attributes of an image mean, and the shapes in which images come."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import imagefit
from imagefit.facts import OriginKind
from imagefit.readers import Kind
from imagefit.readers.known import known_attributes
from imagefit.readers.wholes import IMAGE
from imagefit.sources.formats import Format

from .payloads import OWNER, ims_image


def test_an_ims_image_gives_its_facts(read_one):
    record = read_one({"images": [ims_image()]})
    assert record.kind is Kind.IMAGE
    assert (record.key, record.name, record.image_ref) == (ims_image()["id"], "web", ims_image()["id"])
    assert dict(record.facts) == {
        "image.visibility": "private",
        "image.type": "system_disk",
        "image.platform_target": "ecs",
        "image.status": "active",
        "image.owner": OWNER,
        "image.boot_mode": "bios",
        "image.architecture": "x86_64",
        "image.hypervisors": frozenset({"kvm"}),
        "image.accelerators": frozenset(),
        "image.attributes": frozenset({"__support_kvm=true"}),
        "image.platform": "ubuntu",
        "image.os_version": "Ubuntu 22.04 server 64bit",
        "image.os_bits": 64,
        "image.os_supports_uefi": True,
        "image.min_disk_gib": 40,
        "image.min_memory_mib": 0,
        "image.max_memory_mib": 0,
        "image.size_gib": 1.0,
        "image.encrypted": False,
        "image.bound_to_zone": "none",
        "image.gpu_types": frozenset(),
    }
    assert str(record.origins["image.boot_mode"]) == "api: hw_firmware_type"
    assert record.origins["image.os_supports_uefi"].kind is OriginKind.CATALOG
    assert set(record.origins) == set(record.facts)
    assert set(record.unused) <= known_attributes("image") and record.notes == ()


@pytest.mark.parametrize(
    ("changes", "fact", "expected"),
    [
        ({"protected": "True"}, "image.protected", True),
        ({"protected": False}, "image.protected", False),
        ({}, "image.protected", None),
        ({"__whole_image_az": "cn-east-3b"}, "image.bound_to_zone", "cn-east-3b"),
        ({"__support_kvm_gpu_type": "V100"}, "image.gpu_types", frozenset({"V100"})),
        ({"__support_kvm_gpu_type": "true"}, "image.gpu_types", None),
        ({"__support_fc_inject": "true"}, "image.cloud_init", False),
        ({"__support_fc_inject": "false"}, "image.cloud_init", None),
        ({"__system__cmkid": "k-1"}, "image.key_id", "k-1"),
        ({"__imagetype": "gold"}, "image.visibility", "public"),
        ({"__imagetype": "shared"}, "image.visibility", "shared"),
        ({"__imagetype": "market", "visibility": "public"}, "image.visibility", "koogallery"),
        ({"__imagetype": None, "visibility": "public"}, "image.visibility", None),
        ({"virtual_env_type": "DataImage"}, "image.type", "data_disk"),
        ({"virtual_env_type": "IsoImage"}, "image.type", "iso"),
        ({"virtual_env_type": "Ironic"}, "image.type", None),
        ({"virtual_env_type": "Ironic"}, "image.platform_target", "bms"),
        ({"__whole_image": "true"}, "image.type", "full_ecs"),
        ({"__whole_image": "True", "__backup_id": ""}, "image.type", "full_ecs"),
        ({"__whole_image": "false"}, "image.type", "system_disk"),
        ({"__backup_id": "b7"}, "image.type", "full_ecs"),
        ({"__backup_id": ""}, "image.type", "system_disk"),
        ({"hw_firmware_type": "uefi"}, "image.boot_mode", "uefi"),
        ({"hw_firmware_type": None}, "image.boot_mode", None),
        ({"__support_arm": "true"}, "image.architecture", "arm64"),
        ({"__support_arm": False}, "image.architecture", "x86_64"),
        ({"architecture": "arm"}, "image.architecture", "arm64"),
        ({"architecture": "x86", "__support_arm": "true"}, "image.architecture", None),
        ({"virtual_env_type": "DataImage"}, "image.architecture", None),
        ({"status": "QUEUED"}, "image.status", "queued"),
        ({"__support_kvm": "false", "__support_xen": "True"}, "image.hypervisors", frozenset({"xen"})),
        ({"__support_xen_gpu_type": "M60_vGPU"}, "image.hypervisors", frozenset({"kvm", "xen"})),
        ({"__support_kvm": None}, "image.hypervisors", None),
        ({"__support_kvm": None, "__support_arm": True}, "image.hypervisors", frozenset({"kvm"})),
        ({"__support_kvm": None, "__support_kvm_fpga_type": "VU9P"}, "image.hypervisors", frozenset({"kvm"})),
        ({"__support_kvm_fpga_type": "VU9P"}, "image.accelerators", frozenset({"fpga"})),
        ({"__support_gpu_t4": "true"}, "image.accelerators", frozenset({"gpu"})),
        ({"__support_gpu_t4": "false"}, "image.accelerators", frozenset()),
        ({"__support_kvm_ascend_310": True}, "image.accelerators", frozenset({"npu"})),
        ({"__support_kvm": None}, "image.attributes", frozenset()),
        (
            {"__support_kvm": True, "__support_xen": "False", "__support_kvm_gpu_type": "V100"},
            "image.attributes",
            frozenset({"__support_kvm=true", "__support_xen=false", "__support_kvm_gpu_type=V100"}),
        ),
        ({"__system__cmkid": "k1"}, "image.encrypted", True),
        ({"__system__cmkid": ""}, "image.encrypted", False),
        ({"__is_offshelved": "false"}, "image.withdrawn", False),
        ({"__system_support_market": False}, "image.can_be_published", False),
        ({"min_disk": "80"}, "image.min_disk_gib", 80),
        ({"min_ram": 1024}, "image.min_memory_mib", 1024),
        ({"max_ram": None}, "image.max_memory_mib", 0),
        ({"max_ram": ""}, "image.max_memory_mib", 0),
        ({"max_ram": "0"}, "image.max_memory_mib", 0),
        ({"max_ram": "4096"}, "image.max_memory_mib", 4096),
        ({"__image_size": "0", "size": 18}, "image.size_gib", None),
        ({"__os_bit": 32}, "image.os_bits", 32),
        ({"__platform": "Oracle Linux"}, "image.platform", "oracle_linux"),
        ({"__platform": "RedHat"}, "image.platform", "red_hat"),
        ({"__os_version": "UBUNTU 22.04 SERVER 64BIT"}, "image.os_supports_uefi", True),
        ({"__os_version": "CentOS 7.9 64bit"}, "image.os_supports_uefi", None),
        ({"__whole_image": "true", "__data_origin": "instance,e5"}, "image.full_ecs_origin", "ecs"),
        ({"__whole_image": "true", "__data_origin": "volume,v5"}, "image.full_ecs_origin", None),
        ({"__backup_id": "b7", "__data_origin": "instance,e5"}, "image.full_ecs_origin", None),
        ({"__backup_id": "b7", "__data_origin": "instance,e5"}, "image.type", "full_ecs"),
        ({"__data_origin": "server_backup,b7"}, "image.type", "full_ecs"),
        ({"__data_origin": "server_backup"}, "image.type", "full_ecs"),
        ({"__data_origin": "Server_Backup,b7"}, "image.type", "full_ecs"),
        ({"__data_origin": "server_backups_of_old"}, "image.type", "system_disk"),
        ({"__backup_id": "b7", "virtual_env_type": "DataImage"}, "image.type", None),
        ({"__whole_image_az": "cn-east-3b"}, "image.bound_to_zone", "cn-east-3b"),
        ({"__whole_image_az": ""}, "image.bound_to_zone", "none"),
        ({"HW_ARCH": "aarch64"}, "image.architecture", "arm64"),
        ({"HW_ARCH": "aarch64", "architecture": "x86"}, "image.architecture", None),
        ({"__imagetype": None, "__image_type": "gold"}, "image.visibility", "public"),
        ({"__image_type": "shared"}, "image.visibility", None),
        ({"protected": "True"}, "image.protected", True),
        ({"__account_code": "a5"}, "image.charged", True),
        ({"__account_code": ""}, "image.charged", None),
        ({"__root_origin": "file"}, "image.made_from", "external_file"),
        ({"__root_origin": "instance"}, "image.made_from", None),
        ({"__support_fc_inject": "true"}, "image.cloud_init", False),
        ({"__support_fc_inject": "false"}, "image.cloud_init", None),
        ({"__support_kvm_gpu_type": "V100,P100"}, "image.gpu_types", frozenset({"V100", "P100"})),
        ({"__support_xen_gpu_type": "M60_vGPU"}, "image.gpu_types", frozenset({"M60_vGPU"})),
        ({"__backup_id": "b7", "__data_origin": "server_backup,b7"}, "image.full_ecs_origin", None),
        ({"__data_origin": "instance,e5"}, "image.full_ecs_origin", None),
        ({"__data_origin": "image,cn-east-3,i9"}, "image.region", None),
        ({"__productcode": "p5"}, "image.published_in_koogallery", None),
        ({"self": "https://ims.cn-north-4.myhuaweicloud.com/v2/images/i"}, "image.region", "cn-north-4"),
        ({"self": "https://ims.example.com/v2/images/i"}, "image.region", None),
    ],
)
def test_attribute_means(read_one, changes: dict[str, Any], fact: str, expected: object):
    assert read_one({"images": [ims_image(**changes)]}).facts.get(fact) == expected


@pytest.mark.parametrize("spelling", ["true", "True", "TRUE", True])
def test_a_boolean_is_true_in_any_spelling(read_one, spelling: object):
    assert read_one([ims_image(__is_offshelved=spelling)]).facts["image.withdrawn"] is True


@pytest.mark.parametrize(
    ("changes", "fact", "shown"),
    [
        ({"hw_firmware_type": "coreboot"}, "image.boot_mode", "hw_firmware_type is 'coreboot', not one of bios, uefi"),
        ({"virtual_env_type": "Cloud9"}, "image.type", "virtual_env_type is 'Cloud9'"),
        ({"status": "importing"}, "image.status", "status is 'importing'"),
        ({"min_disk": "forty"}, "image.min_disk_gib", "min_disk is 'forty', not a whole number"),
        ({"min_disk": -1}, "image.min_disk_gib", "min_disk is -1"),
        ({"min_disk": True}, "image.min_disk_gib", "min_disk is True"),
        ({"min_disk": [40]}, "image.min_disk_gib", "min_disk is [40]"),
        ({"__is_offshelved": "yes"}, "image.withdrawn", "__is_offshelved is 'yes', not true or false"),
        ({"__platform": "TempleOS"}, "image.platform", "__platform is 'TempleOS'"),
        ({"owner": 7}, "image.owner", "owner is 7, not text"),
        ({"__whole_image": "perhaps"}, "image.type", "__whole_image is 'perhaps'"),
    ],
)
def test_a_value_that_is_not_understood_leaves_its_fact_unknown_and_is_shown(read_one, changes, fact, shown):
    record = read_one({"images": [ims_image(**changes)]})
    assert fact not in record.facts
    assert any(note.startswith(shown) and note.endswith(f"{fact} is unknown") for note in record.notes)
    assert next(iter(changes)) in record.unused


def test_a_contradiction_between_architecture_attributes_is_shown(read_one):
    record = read_one([ims_image(architecture="x86", __support_arm="true")])
    assert record.notes == ("architecture is 'x86', not what __support_arm says; image.architecture is unknown",)


def test_the_origin_says_that_a_full_ecs_image_was_told_by_its_backup(read_one):
    assert str(read_one([ims_image(__backup_id="b7")]).origins["image.type"]) == "api: __backup_id"
    assert str(read_one([ims_image(__whole_image="true")]).origins["image.type"]) == "api: __whole_image"
    assert str(read_one([ims_image(__data_origin="server_backup,b7")]).origins["image.type"]) == "api: __data_origin"
    assert "with none of" in str(read_one([ims_image()]).origins["image.type"])


def test_a_full_ecs_image_from_a_backup_notes_that_whose_backup_is_not_known(read_one):
    record = read_one([ims_image(__backup_id="b7", __data_origin="server_backup,b7")])
    assert "CBR's or CSBS's" in record.notes[0]


def test_unused_attributes_are_kept_for_verbose_and_the_new_ones_stand_out(read_one):
    record = read_one([ims_image(checksum="abc", __brand_new="x" * 300, tags=None, visibility="")])
    assert {"checksum", "__brand_new"} <= set(record.unused) and "tags" not in record.unused
    assert record.unrecognised == ("__brand_new",)
    assert len(record.unused["__brand_new"]) <= 80


@pytest.mark.parametrize(
    ("inside", "untold"),
    [
        ({"__system__cmkid": "k"}, {"image.encrypted"}),
        ({"__whole_image": "true"}, {"image.type"}),
        ({"team": "orders"}, set()),
    ],
)
def test_an_attribute_in_an_object_inside_is_not_absent(read_one, inside, untold):
    facts = read_one([ims_image()]).facts
    record = read_one([ims_image(properties=inside)])
    assert facts.keys() - record.facts.keys() == untold
    assert "properties" in record.unrecognised


@pytest.mark.parametrize("origin", [["server_backup", "b7"], {"server_backup": "b7"}, 7, True])
def test_where_an_image_came_from_that_is_not_understood_may_be_a_backup(read_one, origin):
    record = read_one([ims_image(__data_origin=origin)])
    assert "image.type" not in record.facts
    assert any(note.startswith("__data_origin is") and "image.type is unknown" in note for note in record.notes)


def test_the_region_that_was_queried_can_be_given(read_one):
    record = read_one({"images": [ims_image()]}, region="ap-southeast-1")
    assert record.facts["image.region"] == "ap-southeast-1"
    assert record.origins["image.region"].kind is OriginKind.GIVEN


def test_a_given_region_counts_more_than_a_link_and_the_difference_is_noted(read_one):
    link = "https://ims.cn-north-4.myhuaweicloud.com/v2/images/i"
    record = read_one({"images": [ims_image(self=link)]}, region="cn-east-3")
    assert record.facts["image.region"] == "cn-east-3"
    assert record.notes == ("the region given is cn-east-3, but self says cn-north-4",)


def test_a_region_that_no_catalog_has_is_warned_of_with_the_nearest(read_data):
    assert read_data({"images": []}, region="cn-noth-4").warnings == (
        "region cn-noth-4 is in no catalog; did you mean cn-north-4?",
    )


NOVA: dict[str, Any] = {
    "id": "n1",
    "name": "nova image",
    "status": "ACTIVE",
    "minRam": 512,
    "minDisk": 40,
    "progress": 100,
    "updated": "2026-04-05T06:07:08Z",
    "metadata": {
        "__image_source_type": "uds",
        "__isregistered": "true",
        "__os_bit": "64",
        "__os_version": "EulerOS 2.5 64bit",
        "__imagetype": "gold",
        "virtual_env_type": "FusionCompute",
        "__support_kvm": "true",
        "hw_firmware_type": "uefi",
    },
}


@pytest.mark.parametrize(
    ("data", "format"),
    [
        ({"images": [ims_image()]}, Format.IMS),
        ({"image": ims_image()}, Format.IMS),
        (ims_image(), Format.IMS),
        ([ims_image()], Format.IMS),
        ({"images": [NOVA]}, Format.NOVA),
        ({"image": NOVA}, Format.NOVA),
        (NOVA, Format.NOVA),
    ],
)
def test_every_shape_of_an_image_is_recognised(read_data, data: object, format: Format):
    document = read_data(data)
    assert document.format is format
    assert document.records[0].facts["image.status"] == "active"
    assert document.records[0].facts["image.min_disk_gib"] == 40


def test_nova_keeps_the_attributes_in_metadata(read_one):
    facts = read_one({"images": [NOVA]}).facts
    assert facts["image.visibility"] == "public"
    assert facts["image.min_memory_mib"] == 512
    assert facts["image.boot_mode"] == "uefi"


def test_a_glance_page_with_a_next_one_is_not_the_whole_list(read_data):
    document = read_data({"images": [ims_image()], "first": "/v2/images", "next": "/v2/images?marker=x"})
    assert "one page of a longer list" in document.warnings[0]


@pytest.mark.parametrize("missing", [names[0] for names in IMAGE.markers])
def test_absence_means_nothing_in_an_image_that_lacks_what_every_whole_one_has(read_data, missing: str):
    document = read_data({"images": [ims_image(**{missing: None, "__support_arm": "true"})]})
    (record,) = document.records
    assert record.facts["image.architecture"] == "arm64", "what it states is known"
    concluded = ("type", "encrypted", "accelerators", "attributes", "hypervisors", "gpu_types", "bound_to_zone")
    assert not {f"image.{fact}" for fact in concluded} & set(record.facts)
    assert document.warnings == ("the only one of the images is cut down: what it does not say is unknown",)
    assert record.notes == ()


def test_images_that_a_query_cut_down_say_what_they_say_and_no_more(read_data):
    """``images[].{id:id,name:name,...}``: both could be encrypted, and the first is for arm64 by its name."""
    told = [
        {"id": "i1", "name": "ledger-arm", "status": "active", "virtual_env_type": "FusionCompute", "os": "openEuler"},
        {"id": "i2", "name": "ledger", "status": "active", "__imagetype": "private", "__os_version": "openEuler 22.03"},
        ims_image(),
    ]
    document = read_data(told)
    first, second, third = document.records
    assert set(first.facts) == {"image.platform_target", "image.status"}
    assert set(second.facts) == {"image.visibility", "image.status", "image.os_version"}
    assert third.facts["image.encrypted"] is False
    assert "2 of 3 images are cut down: what they do not say is unknown" in document.warnings


def test_an_empty_list_of_images_has_none_that_is_cut_down(read_data):
    assert read_data({"images": []}).warnings == ()


def test_novas_list_names_the_architecture_otherwise_and_absence_does_not_tell_it(read_data):
    document = read_data({"images": [NOVA, NOVA | {"metadata": NOVA["metadata"] | {"HW_ARCH": "aarch64"}}]})
    first, second = document.records
    assert document.warnings == ()
    assert "image.architecture" not in first.facts and second.facts["image.architecture"] == "arm64"
    assert first.facts["image.encrypted"] is False


def test_of_two_words_for_whose_image_it_is_either_tells(read_one):
    metadata = {name: value for name, value in NOVA["metadata"].items() if name != "__imagetype"}
    assert read_one(NOVA | {"metadata": metadata | {"__image_type": "gold"}}).facts["image.visibility"] == "public"


def test_what_a_disk_tells_of_its_image_is_partial(read_one):
    metadata = {
        "image_id": "i7",
        "__imagetype": "gold",
        "virtual_env_type": "FusionCompute",
        "__support_kvm": "true",
        "min_disk": "20",
        "min_ram": "0",
    }
    record = read_one({"volumes": [{"id": "v1", "name": "disk", "encrypted": True, "volume_image_metadata": metadata}]})
    assert (record.kind, record.key, record.image_ref) == (Kind.DISK, "v1", "i7")
    assert record.facts["image.visibility"] == "public"
    assert record.facts["image.min_disk_gib"] == 20
    concluded = {"image.encrypted", "image.architecture", "image.accelerators", "image.hypervisors", "image.type"}
    assert not concluded & set(record.facts)


@pytest.mark.parametrize(
    "wrap", [lambda d: {"volume": d}, lambda d: {"resources": [{"resource_detail": d}]}, lambda d: d]
)
def test_every_shape_of_a_disk_is_recognised(read_one, wrap):
    disk = {"id": "v1", "volume_image_metadata": {"image_id": "i7", "__imagetype": "private"}}
    assert read_one(wrap(disk)).facts["image.visibility"] == "private"


NO_VALUE = ["null", "None", "NULL", "nan", "NaN", "N/A", "-", "--", "<nil>", "undefined", " ", "#N/A"]
NO_VALUE += [
    "\u2014",
    "\u2013",
    "...",
    "?",
    "\\N",
    "#REF!",
    "#VALUE!",
    "Unknown",
    "not set",
    "[none]",
    "(empty)",
    "n.a.",
    "\u65e0",
]
"""What a template, a spreadsheet, pandas, jq, a database or a shell write where they have nothing."""


@pytest.mark.parametrize("told", ["1", "0", "yes", "No", "FAUX", "Wahr", "\u5426", "off"])
def test_a_truth_in_other_words_is_no_model_that_is_supported(read_one, told: str):
    record = read_one({"images": [ims_image(__support_kvm=told, __support_xen="true", __support_kvm_ascend_310=told)]})
    assert not {"image.hypervisors", "image.accelerators", "image.attributes"} & record.facts.keys()
    assert any(f"__support_kvm is '{told}', not true or false" in note for note in record.notes)


@pytest.mark.parametrize(
    "told", ["${var.key}", "$(key)", "$KEY_ID", "%KEY%", "{{ key }}", "<your-key>", "{key}", "a-${key}", "<%= key %>"]
)
@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("owner", "image.owner"),
        ("__system__cmkid", "image.encrypted"),
        ("__backup_id", "image.type"),
        ("__whole_image_az", "image.bound_to_zone"),
        ("__account_code", "image.charged"),
        ("__os_version", "image.os_version"),
    ],
)
def test_what_a_template_has_where_a_value_is_put_in_is_no_value(read_one, name: str, fact: str, told: str):
    record = read_one({"images": [ims_image(**{name: told})]})
    assert fact not in record.facts
    assert any(f"{name} is '{told}', not text that is filled in" in note for note in record.notes)


@pytest.mark.parametrize("hidden", ["\u200b", "\ufeff", "\u2060", "\u00ad", "\x00"])
@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("owner", "image.owner"),
        ("__system__cmkid", "image.key_id"),
        ("__whole_image_az", "image.bound_to_zone"),
        ("__os_version", "image.os_version"),
    ],
)
def test_a_text_with_a_character_that_nobody_sees_is_not_what_it_seems(read_one, name: str, fact: str, hidden: str):
    record = read_one({"images": [ims_image(**{name: f"abc{hidden}"})]})
    assert fact not in record.facts
    assert any("not text without hidden characters" in note for note in record.notes)
    blanks = read_one({"images": [ims_image(**{name: "\u00a0abc\t"})]})
    assert blanks.facts[fact] == "abc"


@pytest.mark.parametrize("told", ["no", "0", "FAUX", "\u5426", "Yes", "off", "[]", "{}"])
@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("__system__cmkid", "image.encrypted"),
        ("__backup_id", "image.type"),
        ("__whole_image_az", "image.bound_to_zone"),
        ("__account_code", "image.charged"),
        ("owner", "image.owner"),
    ],
)
def test_a_truth_in_other_words_is_no_id(read_one, name: str, fact: str, told: str):
    record = read_one({"images": [ims_image(**{name: told})]})
    assert fact not in record.facts
    assert any(f"{name} is '{told}', not an id" in note for note in record.notes)


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("hw_arch", "image.architecture"),
        ("osArch", "image.architecture"),
        ("__is_arm64", "image.architecture"),
        ("encrypted", "image.encrypted"),
        ("__system__encrypted", "image.encrypted"),
        ("kmsKeyId", "image.encrypted"),
        ("hw_gpu_model", "image.accelerators"),
        ("is_whole_image", "image.type"),
        ("maxRam", "image.max_memory_mib"),
        ("available_zone", "image.bound_to_zone"),
    ],
)
def test_what_an_unknown_attribute_speaks_of_is_not_concluded_from_absence(read_one, name: str, fact: str):
    image = ims_image(max_ram=None)
    stated = read_one({"images": [image]}).facts
    record = read_one({"images": [image | {name: "x"}]})
    assert fact in stated and fact not in record.facts
    assert {each: stated[each] for each in record.facts} == dict(record.facts)
    assert record.unrecognised == (name,)


@pytest.mark.parametrize(("said", "known"), [("aarch64", "arm64"), ("x86_64", "x86_64"), ("sw64", None)])
def test_the_architecture_in_openstack_s_own_attribute_counts(read_one, said: str, known: str | None):
    assert read_one({"images": [ims_image(hw_architecture=said)]}).facts.get("image.architecture") == known


HIDDEN = ["(known after apply)", "(sensitive value)", "REDACTED", "<redacted>", "***", "xxxx", "XXXXXXXX-XXXX-XXXX"]
"""What Terraform shows, and what people put there, where there is a value that is not shown."""


@pytest.mark.parametrize("nothing", NO_VALUE + HIDDEN)
def test_text_that_a_program_wrote_for_no_value_tells_nothing(read_one, nothing: str):
    image = ims_image(
        __system__cmkid="f00dfeed-0001-4002-8003-000400050006",
        __account_code="acc",
        __whole_image_az="cn-east-3b",
        __backup_id="2f6b7c58-1111-4b0a-8c4e-5d6e7f809102",
        __support_kvm_gpu_type="V100",
        __root_origin="file",
        architecture="x86",
        HW_ARCH="x86_64",
    )
    stated = read_one({"images": [image]}).facts
    for name in set(image) - {"id", "name"}:
        record = read_one({"images": [image | {name: nothing}]})
        lost = {fact for fact in stated if fact not in record.facts}
        assert {fact: stated[fact] for fact in record.facts} == dict(record.facts), name
        said = [note for note in record.notes if name in note]
        assert not lost or record.is_part or any(note.startswith(f"{name} is ") for note in said), (name, lost)


@pytest.mark.parametrize("nothing", ["", "null", float("nan")])
def test_a_row_of_a_table_whose_other_cells_are_empty_is_a_part_of_an_image(read_data, nothing: object):
    whole = ims_image(__system__cmkid="f00dfeed-0001-4002-8003-000400050006", __whole_image_az="cn-east-3b")
    rows = [whole, dict.fromkeys(whole, nothing) | {name: whole[name] for name in ("id", "status", "virtual_env_type")}]
    if nothing != nothing:
        (_, part) = imagefit.read(pd.DataFrame(rows)).records
    else:
        (_, part) = read_data(rows).records
    assert part.is_part and dict(part.facts) == {"image.status": "active", "image.platform_target": "ecs"}


def test_an_empty_row_of_a_csv_concludes_nothing(read_text):
    whole = ims_image(__system__cmkid="f00dfeed-0001-4002-8003-000400050006")
    part = {name: whole[name] if name in ("id", "virtual_env_type") else "" for name in whole}
    lines = [",".join(whole), *(",".join(map(str, row.values())) for row in (whole, part))]
    (first, second) = read_text("\n".join(lines) + "\n").records
    assert first.facts["image.encrypted"] is True and "image.encrypted" not in second.facts


@pytest.mark.parametrize("name", ["__os_version", "__os_bit"])
def test_an_image_without_an_os_is_whole(read_one, name: str):
    assert not read_one({"images": [ims_image(virtual_env_type="DataImage", **{name: ""})]}).is_part


@pytest.mark.parametrize("name", ["__support_GPU_t4", "__support_kvm_GPU_type", "__support_Gpu_T4"])
def test_an_accelerator_is_declared_in_any_case(read_one, name: str):
    image = ims_image(__imagetype="gold", **{name: "true"})
    record = read_one({"images": [image]})
    assert record.facts["image.accelerators"] == frozenset({"gpu"})
    assert name in str(record.origins["image.accelerators"])


@pytest.mark.parametrize("value", [False, True, 0, 7, [], {}, ["k"], "false", "True"])
def test_what_is_no_id_does_not_tell_that_there_is_one_or_none(read_one, value: object):
    for name, fact in [
        ("__system__cmkid", "image.encrypted"),
        ("__account_code", "image.charged"),
        ("__backup_id", "image.type"),
    ]:
        record = read_one({"images": [ims_image(**{name: value})]})
        assert fact not in record.facts and fact in read_one({"images": [ims_image(**{name: "id"})]}).facts
        assert any(note.startswith(f"{name} is ") and note.endswith(f"{fact} is unknown") for note in record.notes)


def test_an_image_of_nova_without_an_id_is_no_ecs_that_it_was_made_of(read_one):
    image = {"name": "n", "status": "ACTIVE", "minDisk": 40, "metadata": {"__imagetype": "private", "__os_bit": "64"}}
    record = read_one({**image, "server": {"id": "s", "links": []}})
    assert (record.kind, record.facts["image.min_disk_gib"]) == (Kind.IMAGE, 40)
