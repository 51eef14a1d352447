"""What the attributes of a flavor mean, and what its id alone tells."""

from __future__ import annotations

from typing import Any

import pytest

from imagefit.errors import InputError
from imagefit.facts import OriginKind
from imagefit.readers import Kind
from imagefit.sources.reading import flavor as flavor_of

from .payloads import flavor


def test_a_flavor_gives_its_facts(read_one):
    record = read_one({"flavors": [flavor()]})
    assert (record.kind, record.key, record.flavor_ref) == (Kind.ECS, "c7n.xlarge.2", "c7n.xlarge.2")
    assert dict(record.facts) == {
        "ecs.architecture": "x86_64",
        "ecs.accelerator": "none",
        "ecs.virtualization": "kvm",
        "ecs.vcpus": 4,
        "ecs.memory_mib": 8192,
        "ecs.required_image_attributes": frozenset(),
        "ecs.flavor_status": "normal",
        "ecs.spot_status": "abandon",
        "ecs.charging_allowed": frozenset({"period", "demand"}),
        "ecs.platform_target": "ecs",
        "ecs.family": "c7n",
        "ecs.system_disk": "image_default",
    }
    assert str(record.origins["ecs.virtualization"]) == "api: ecs:virtualization_env_types"
    assert record.notes == ()


@pytest.mark.parametrize(
    ("specs", "accelerator"),
    [
        ({"ecs__performancetype": "gpu"}, "gpu"),
        ({"ecs__performancetype": None, "hws:performancetype": "gpu"}, "gpu"),
        ({"ecs__performancetype": "fpga"}, "fpga"),
        ({"ecs__performancetype": "ascend"}, "npu"),
        ({"ecs__performancetype": ""}, "none"),
        ({"ecs__performancetype": None}, "none"),
        ({"ecs__performancetype": "compute_accelerated"}, None),
        ({"ecs__performancetype": "compute_accelerated", "pci_passthrough:alias": "nvidia-a30:1"}, "gpu"),
        ({"ecs__performancetype": "kunpeng_accelerator"}, None),
        ({"ecs__performancetype": "quantum"}, None),
        ({"pci_passthrough:enable_gpu": "true"}, "gpu"),
        ({"pci_passthrough:enable_gpu": "False"}, "none"),
        ({"pci_passthrough:gpu_specs": "m60_1q:virt:1"}, "gpu"),
        ({"pci_passthrough:gpu_specs": "no"}, None),
        ({"info:gpu:name": "\u2014"}, None),
        ({"pci_passthrough:alias": "nvidia-a30:1"}, "gpu"),
        ({"pci_passthrough:alias": "ascend310:2"}, "npu"),
        ({"pci_passthrough:alias": "qat:1"}, None),
        ({"pci_passthrough:alias": "m60:1", "ecs__performancetype": "gpu"}, "gpu"),
        ({"info:gpu:name": "1 * NVIDIA T4"}, "gpu"),
        ({"info:ascend:name": "1 * Ascend 310"}, "npu"),
        ({"info:gpus": '[{"name": "NVIDIA V100", "count": 1}]'}, "gpu"),
        ({"info:gpus": "[]", "info:asic_accelerators": "[]"}, "none"),
        ({"info:asic_accelerators": '[{"name": "Ascend 310", "count": 2}]'}, "npu"),
        ({"info:asic_accelerators": '[{"name": "T432", "count": 1}]'}, "encoding_card"),
        ({"info:asic_accelerators": "no list"}, None),
        ({"info:asic_accelerators": '[{"count": 1}]'}, None),
        ({"ecs__performancetype": "gpu", "info:ascend:name": "Ascend 310"}, None),
    ],
)
def test_the_accelerator_is_found_wherever_it_is_told(read_one, specs: dict[str, Any], accelerator: str | None):
    record = read_one({"flavors": [flavor("zz9.large.2", **specs)]})
    assert record.facts.get("ecs.accelerator") == accelerator
    assert bool(accelerator is None) == any("ecs.accelerator is unknown" in note for note in record.notes)


def test_a_flavor_that_states_no_specifications_concludes_nothing_from_absence(read_data):
    document = read_data({"flavors": [{"id": "of-our-own", "vcpus": "2", "ram": 4096}, flavor()]})
    first, second = document.records
    assert dict(first.facts) == {"ecs.vcpus": 2, "ecs.memory_mib": 4096, "ecs.system_disk": "image_default"}
    assert second.facts["ecs.required_image_attributes"] == frozenset()
    assert document.warnings == ("1 of 2 flavors is cut down: what it does not say is unknown",)


@pytest.mark.parametrize("marker", ["ecs:performancetype", "hws:performancetype", "resource_type"])
def test_a_flavor_with_what_every_whole_one_has_is_whole(read_data, marker: str):
    whole = {"id": "of-our-own", "vcpus": "2", "ram": 4096, "os_extra_specs": {marker: "normal"}}
    part = {"id": "of-our-own", "vcpus": "2", "ram": 4096, "os_extra_specs": {"quota:max_rate": "1000"}}
    document = read_data({"flavors": [whole, part]})
    concluded = {"ecs.architecture", "ecs.accelerator", "ecs.required_image_attributes", "ecs.flavor_status"}
    assert concluded <= set(document.records[0].facts)
    assert not concluded & set(document.records[1].facts)


def test_a_status_without_the_list_of_zones_is_one_of_a_whole_flavor_alone(read_one):
    """A list of zones that was cut out could say otherwise."""
    specs = {"cond:operation:status": "normal"}
    assert "ecs.flavor_status" not in read_one([{"id": "f", "os_extra_specs": specs}]).facts
    specs["cond:operation:az"] = "az0(normal),az1(sellout)"
    assert read_one([{"id": "f", "os_extra_specs": specs}], zone="az1").facts["ecs.flavor_status"] == "sellout"
    assert read_one([{"id": "f", "os_extra_specs": specs}], zone="az9").facts["ecs.flavor_status"] == "normal"


def test_the_catalog_completes_a_flavor_that_states_no_specifications(read_one):
    record = read_one({"flavors": [{"id": "p2s.2xlarge.8", "vcpus": "8", "ram": 65536}]})
    assert record.facts["ecs.accelerator"] == "gpu"
    assert record.origins["ecs.accelerator"].kind is OriginKind.CATALOG


def test_what_is_not_understood_and_the_catalog_tells_is_not_called_unknown(read_one):
    record = read_one({"flavors": [flavor("c7n.large.2", ecs__performancetype="quantum")]})
    assert record.facts["ecs.accelerator"] == "none"
    assert any("quantum" in note and note.endswith("; flavor-families: c7n says none") for note in record.notes)


def test_a_family_in_capitals_is_near_its_own_name(read_one):
    record = read_one({"flavors": [flavor("C7N.large.2")]})
    assert any(note.endswith("did you mean c7n?") for note in record.notes)


def test_what_is_stated_counts_more_than_the_catalog(read_one):
    record = read_one({"flavors": [flavor("p2s.2xlarge.8", ecs__virtualization_env_types="FusionCompute", ram="1")]})
    assert record.facts["ecs.virtualization"] == "xen"
    assert any("what was read counts" in note for note in record.notes)


@pytest.mark.parametrize(("id", "fact"), [("kc1.xlarge.4", "ecs.architecture"), ("p2s.2xlarge.8", "ecs.accelerator")])
def test_absence_that_contradicts_the_catalog_is_unknown(read_one, id: str, fact: str):
    record = read_one({"flavors": [flavor(id)]})
    assert fact not in record.facts and fact not in record.origins
    assert any(note.startswith(f"{fact}: ") and note.endswith(f"{fact} is unknown") for note in record.notes)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("__support_gpu_t4=true", {"__support_gpu_t4=true"}),
        ("__support_gpu_t4=True", {"__support_gpu_t4=true"}),
        ("__support_kvm_gpu_type=V100, __support_x=1", {"__support_kvm_gpu_type=V100", "__support_x=1"}),
        ("", set()),
        (None, set()),
        ("__support_gpu_t4", None),
        ("=true", None),
        ("a==b", None),
        ("__support_gpu_t4!=true", None),
        ("__support_kvm_gpu_count>=2", None),
        (["a=b"], None),
    ],
)
def test_what_a_flavor_demands_of_images(read_one, stated: object, expected: set[str] | None):
    record = read_one({"flavors": [flavor(cond__image=stated)]})
    assert record.facts.get("ecs.required_image_attributes") == (None if expected is None else frozenset(expected))
    assert (expected is None) == any("cond:image" in note for note in record.notes)


ZONES = "az0(normal), az1(sellout),az2()"


@pytest.mark.parametrize(
    ("zones", "status", "asked", "expected"),
    [
        (None, None, None, "normal"),
        (None, "abandon", None, "abandon"),
        (None, "obt", "az0", "obt"),
        (ZONES, "abandon", "az0", "normal"),
        (ZONES, "abandon", "az1", "sellout"),
        (ZONES, "abandon", "az2", None),
        (ZONES, "abandon", "az9", "abandon"),
        (ZONES, None, "az9", "normal"),
        (ZONES, "abandon", None, None),
        ("az0(normal),az1(normal)", "abandon", None, None),  # there may be zones that are not listed
        ("az0(normal),az1(normal)", "normal", None, "normal"),
        ("az0(normal),az1(normal)", None, None, "normal"),
        ("az0(sellout),az1(sellout)", None, None, None),
        ("az0(abandon)", "abandon", None, "abandon"),
        ("()", "abandon", None, "abandon"),
        ("az0(normal),", None, None, "normal"),
        ("az0(bliss)", "normal", None, None),
        ("az0", "normal", None, None),
        ("az0(normal),az0(sellout)", "normal", None, None),
        (None, "bliss", None, None),
    ],
)
def test_a_zones_own_word_counts_more_than_the_flavors(read_one, zones, status, asked, expected):
    specs = {"cond:operation:az": zones, "cond:operation:status": status}
    record = read_one({"flavors": [flavor(**specs)]}, zone=asked)
    assert record.facts.get("ecs.flavor_status") == expected


def test_a_flavor_whose_zones_differ_is_also_read_for_each_zone(read_one):
    specs = {"cond:operation:az": "az0(normal), az1(sellout), az2()", "ecs:performancetype": "normal"}
    record = read_one({"flavors": [flavor(**specs)]})
    assert [each.key for each in record.in_zones] == [f"{record.key}@az{number}" for number in range(3)]
    assert [each.facts.get("ecs.flavor_status") for each in record.in_zones] == ["normal", "sellout", None]
    assert all(each.facts["ecs.architecture"] == record.facts["ecs.architecture"] for each in record.in_zones)
    assert read_one({"flavors": [flavor(**specs)]}, zone="az0").in_zones == ()


def test_a_flavor_is_read_once_for_all_zones_that_it_lists_where_these_are_alike(read_one):
    specs = {"cond:operation:az": "az0(obt), az1(obt)", "cond:operation:status": "abandon"}
    record = read_one({"flavors": [flavor(**specs)]})
    assert "ecs.flavor_status" not in record.facts  # there may be other zones
    (once,) = record.in_zones
    assert (once.key, once.facts["ecs.flavor_status"]) == (record.key, "obt")
    assert "ecs.availability_zone" not in once.facts
    assert str(once.origins["ecs.flavor_status"]) == "api: cond:operation:az: az0, az1"
    other = {"cond:spot:operation:az": "az0(normal), az1(sellout)"}
    assert len(read_one({"flavors": [flavor(**specs, **other)]}).in_zones) == 2


def test_zones_that_differ_are_noted(read_one):
    record = read_one({"flavors": [flavor(**{"cond:operation:az": ZONES})]})
    assert record.notes == (
        "whether the flavor is on sale depends on the availability zone: az0 normal, az1 sellout, az2 unknown",
    )


def test_a_gated_flavor_is_noted(read_one):
    record = read_one({"flavors": [flavor(**{"cond:operation:roles": "op_gated_x"})]})
    assert any("certain roles" in note for note in record.notes)


def test_the_region_of_a_flavor_stands_in_its_links(read_one):
    link = {"rel": "self", "href": "https://ecs.cn-south-1.myhuaweicloud.com/v1.0/p/flavors/f"}
    assert read_one({"flavors": [flavor() | {"links": [link]}]}).facts["ecs.region"] == "cn-south-1"


@pytest.mark.parametrize("name", ["os_extra_specs", "extra_specs"])
def test_specifications_alone_are_a_flavor(read_one, name: str):
    record = read_one({name: {"ecs:performancetype": "gpu"}})
    assert record.facts["ecs.accelerator"] == "gpu" and record.key == "1"


# --- a flavor's id alone


def test_an_id_alone_tells_what_the_catalogs_know(fields):
    record = flavor_of("p2s.2xlarge.8", fields)
    assert dict(record.facts) == {
        "ecs.architecture": "x86_64",
        "ecs.accelerator": "gpu",
        "ecs.virtualization": "kvm",
        "ecs.vcpus": 8,
        "ecs.memory_mib": 8 * 8 * 1024,
        "ecs.family": "p2s",
        "ecs.platform_target": "ecs",
        "ecs.system_disk": "image_default",
    }
    assert record.origins["ecs.accelerator"].kind is OriginKind.CATALOG


def test_kai1s_is_an_npu_on_arm(fields):
    facts = flavor_of("kai1s.xlarge.1", fields).facts
    assert (facts["ecs.accelerator"], facts["ecs.architecture"]) == ("npu", "arm64")


def test_e_families_are_large_memory_and_not_encoding(fields):
    assert flavor_of("e3.7xlarge.12", fields).facts["ecs.accelerator"] == "none"


@pytest.mark.parametrize(
    ("id", "gib"),
    [
        ("c3.15xlarge.2", 128),  # documented, and not 60 x 2
        ("c3.10xlarge.2", 40 * 2),
        ("i3.15xlarge.8", 512),  # not 60 x 8
        ("ki1.16xlarge.4", 228),
        ("x1.4u.8g", 8),
        ("x1e.16u.128g", 128),
        ("c9.48xlarge.2", 376),  # not 192 x 2
        ("x1.slarge.2", 6),
        ("x1.1u.1g", 1),
        ("e6.26xlarge.28", 2948),
        ("c7t.28xlarge.4.physical", 512),
        ("p2v.32xlarge.8", 32 * 4 * 8),  # by arithmetic: every documented p2v obeys it
        ("m4.small.8", 8),
    ],
)
def test_the_memory_of_documented_and_of_regular_flavors_is_known(fields, id: str, gib: int):
    assert flavor_of(id, fields).facts["ecs.memory_mib"] == gib * 1024


@pytest.mark.parametrize(
    "id", ["c3.15xlarge.8", "ki1.16xlarge.2", "x1.3slarge.2", "e3.1xlarge.1", "m4.0xlarge.8", "m4.xlarge", "m4.huge.2"]
)
def test_arithmetic_is_not_done_where_it_does_not_hold(fields, id: str):
    assert "ecs.memory_mib" not in flavor_of(id, fields).facts


def test_of_a_family_in_no_catalog_the_naming_rule_tells_the_architecture_alone(fields):
    record = flavor_of("p2x.large.1", fields)
    assert dict(record.facts) == {
        "ecs.architecture": "x86_64",
        "ecs.family": "p2x",
        "ecs.platform_target": "ecs",
        "ecs.system_disk": "image_default",
    }
    assert record.notes == (
        "flavor p2x.large.1: its family is in no catalog; only its architecture is known, by the naming rule",
    )


@pytest.mark.parametrize(
    ("id", "meant"),
    [
        ("c7n.larg", "c7n.large.2 or c7n.large.4"),
        ("c7n.large", "c7n.large.2 or c7n.large.4"),
        ("c7n.lage.2", "c7n.large.2"),
        ("c7n.2x.2", "c7n.2xlarge.2"),
        ("c7n.large.5", "c7n.large.4"),
        ("c7n.xlarge.22", "c7n.xlarge.2"),
        ("s6.large", "s6.large.2"),  # of which the catalog has another size alone
        ("s6.larg.2", "s6.large.2"),
    ],
)
def test_of_half_an_id_the_flavors_are_named_that_it_can_mean(fields, id: str, meant: str):
    assert flavor_of(id, fields).notes == (f"flavor {id}: its size is not known; did you mean {meant}?",)


@pytest.mark.parametrize(("name", "off"), [("OS-FLV-DISABLED:disabled", True), ("OS-FLV-DISABLED:disabled", "true")])
def test_a_flavor_that_is_switched_off_is_on_sale_only_where_something_says_so(read_one, name: str, off: object):
    assert read_one({"flavors": [flavor()]}).facts["ecs.flavor_status"] == "normal"
    assert read_one({"flavors": [flavor() | {name: False}]}).facts["ecs.flavor_status"] == "normal"
    assert "ecs.flavor_status" not in read_one({"flavors": [flavor() | {name: off}]}).facts
    stated = flavor(cond__operation__status="sellout") | {name: off}
    assert read_one({"flavors": [stated]}).facts["ecs.flavor_status"] == "sellout"


def test_an_architecture_that_nobody_understands_is_not_the_one_of_the_naming_rule(read_one):
    record = read_one({"flavors": [flavor("zz9.large.2", ecs__instance_architecture="sw64")]})
    assert "ecs.architecture" not in record.facts
    assert any("ecs:instance_architecture is 'sw64'" in note for note in record.notes)


@pytest.mark.parametrize(
    ("specs", "known"),
    [
        ({"capabilities__cpu_arch": "aarch64"}, "arm64"),
        ({"capabilities__cpu_arch": "x86_64", "ecs__instance_architecture": "x86"}, "x86_64"),
        ({"capabilities__cpu_arch": "x86_64", "ecs__instance_architecture": "arm64"}, None),
        ({"info__cpu__arch": "arm"}, None),
    ],
)
def test_a_flavor_says_its_architecture_in_more_than_one_way(read_one, specs: dict[str, str], known: str | None):
    assert read_one({"flavors": [flavor("physical.kx1.large", **specs)]}).facts.get("ecs.architecture") == known


NO_IDS = ["*", "c7n.*", "c7n.xlarge.2,c6.large.2", "kc1.large.2;", '"kc1.large.2"', " physical.o2"]


@pytest.mark.parametrize("id", NO_IDS)
def test_what_is_no_id_tells_nothing(read_one, fields, id: str):
    with pytest.raises(InputError, match="not a flavor id"):
        flavor_of(id, fields)
    record = read_one({"flavors": [flavor(id)]})
    assert not {"ecs.family", "ecs.architecture", "ecs.platform_target"} & record.facts.keys()
    assert record.facts["ecs.vcpus"] == 4
    assert any("is not the id of a flavor" in note for note in record.notes)


@pytest.mark.parametrize("id", ["c7n", "c7n.large.2", "kc1.large.8", "c6.22xlarge.2.physical", "x1.4u.8g", "c7n.9k"])
def test_of_a_family_a_whole_id_and_one_that_is_like_none_nothing_else_is_named(fields, id: str):
    assert flavor_of(id, fields).notes == () or "bare metal" in flavor_of(id, fields).notes[0]


@pytest.mark.parametrize("id", ["s6.large.3", "s6.large.0", "m4.large.9", "kc1.xlarge.16", "c7n.large.44"])
def test_the_size_of_an_id_that_ends_as_no_flavor_of_its_family_does_is_unknown(fields, id: str):
    record = flavor_of(id, fields)
    assert "ecs.memory_mib" not in record.facts and "ecs.vcpus" not in record.facts
    assert record.notes[0].startswith(f"flavor {id}: its size is not known; did you mean ")


@pytest.mark.parametrize(("id", "gib"), [("m4.large.16", 32), ("d3.large.10", 20), ("s6.4xlarge.8", 128)])
def test_a_ratio_that_flavors_of_the_family_have_tells_the_memory(fields, id: str, gib: int):
    assert flavor_of(id, fields).facts["ecs.memory_mib"] == gib * 1024


@pytest.mark.parametrize("id", ["s6.small.1", "s6.xlarge.2", "c6s.2xlarge.2", "m6.large.8", "ac7.xlarge.2"])
def test_families_that_people_name_are_known_by_their_ids(fields, id: str):
    record = flavor_of(id, fields)
    assert (record.facts["ecs.architecture"], record.facts["ecs.accelerator"]) == ("x86_64", "none")
    assert "ecs.memory_mib" in record.facts and record.notes == ()


@pytest.mark.parametrize(
    ("id", "architecture", "accelerator"),
    [
        ("t7.xlarge.2", "x86_64", "none"),
        ("sn3.large.2", "x86_64", "none"),
        ("x1.4u.8g", "x86_64", "none"),
        ("x2e.8u.16g", "x86_64", "none"),
        ("pi2.2xlarge.4", "x86_64", "gpu"),
        ("kc1.large.2", "arm64", "none"),
    ],
)
def test_an_id_tells_architecture_and_accelerator(fields, id: str, architecture: str, accelerator: str):
    facts = flavor_of(id, fields).facts
    assert (facts["ecs.architecture"], facts["ecs.accelerator"]) == (architecture, accelerator)


OF_EVERY_FAMILY = """
    ai1.large.4 ai1s.large.4 c3.large.2 c3ne.2xlarge.4 c6.large.2 c6s.2xlarge.2 c7.large.2 d3.xlarge.8 d6.xlarge.4
    d7.xlarge.4 e3.7xlarge.12 e6.26xlarge.28 e7.12xlarge.20 g1.xlarge g3.4xlarge.4 g5.8xlarge.4 g6.4xlarge.4
    g6v.2xlarge.2 h2.3xlarge.10 h3.large.2 hc2.xlarge.4 i3.15xlarge.8 i7.2xlarge.4 ir3.large.4 ir7.large.4
    kai1s.xlarge.1 kc1.large.2 ki1.2xlarge.4 km1.xlarge.8 m2.large.8 m3.large.8 m3ne.large.8 m6.large.8 m7.large.8
    p1.2xlarge.8 p2s.2xlarge.8 p2v.2xlarge.8 p2vs.2xlarge.8 pi1.2xlarge.4 pi2.2xlarge.4 s2.large.2 s3.small.1
    s6.xlarge.2 s7.small.1 sn3.large.2 t6.small.1
"""
WHOLLY_KNOWN = """
    c3.large.2 c3ne.2xlarge.4 c6.large.2 c7.large.2 d3.xlarge.8 e3.7xlarge.12 e6.26xlarge.28 g6.4xlarge.4 hc2.xlarge.4
    i3.15xlarge.8 ir3.large.4 kc1.large.2 ki1.2xlarge.4 km1.xlarge.8 m3.large.8 m6.large.8 m7.large.8 p1.2xlarge.8
    p2s.2xlarge.8 p2v.2xlarge.8 pi2.2xlarge.4 s2.large.2 s3.small.1 t6.small.1
"""


def test_of_the_families_that_are_sold_the_catalogs_know_what_documents_say(fields):
    """Hypervisor and sizes are not documented of all; architecture and accelerator are."""
    ids = OF_EVERY_FAMILY.split()
    assert len({id.split(".")[0] for id in ids}) == len(ids) == 46
    known = {id: set(flavor_of(id, fields).facts) for id in ids}
    of_ecs = {"ecs.architecture", "ecs.accelerator", "ecs.virtualization", "ecs.memory_mib"}
    assert [id for id in ids if of_ecs <= known[id]] == WHOLLY_KNOWN.split()
    assert all({"ecs.architecture", "ecs.accelerator"} <= facts for facts in known.values())


@pytest.mark.parametrize(
    ("specs", "fact", "expected"),
    [
        ({"cond:spot:operation:status": "normal"}, "ecs.spot_status", "normal"),
        ({"cond:spot:operation:az": "az0(normal)"}, "ecs.spot_status", None),
        ({"cond:operation:charge": "period"}, "ecs.charging_allowed", frozenset({"period"})),
        ({"cond:operation:charge": "period,demand"}, "ecs.charging_allowed", {"period", "demand"}),
        ({"cond:operation:charge": "barter"}, "ecs.charging_allowed", None),
        ({"resource_type": "ironic"}, "ecs.platform_target", "bms"),
        ({"capabilities:hypervisor_type": "ironic"}, "ecs.platform_target", "bms"),
    ],
)
def test_a_specification_means(read_one, specs: dict[str, Any], fact: str, expected: object):
    assert read_one({"flavors": [flavor(**specs)]}).facts.get(fact) == expected


@pytest.mark.parametrize(
    ("id", "target"),
    [("physical.kl1.3xlarge", "bms"), ("c7n.large.2", "ecs"), ("c6.22xlarge.2.physical", None), ("of-our-own", None)],
)
def test_an_id_tells_what_kind_of_server_the_flavor_makes(fields, id: str, target: str | None):
    assert flavor_of(id, fields).facts.get("ecs.platform_target") == target


def test_a_bare_metal_flavors_id_counts_more_than_what_it_does_not_say(read_one):
    assert read_one({"flavors": [flavor("physical.kl1.3xlarge")]}).facts["ecs.platform_target"] == "bms"


def test_the_models_by_which_images_name_a_familys_gpu_are_known(fields):
    assert flavor_of("p2v.2xlarge.8", fields).facts["ecs.gpu_types"] == {"P2V_V100"}


def test_a_flavor_that_is_wanted_in_a_zone_says_so(read_one):
    assert read_one({"flavors": [flavor()]}, zone="az7").facts["ecs.availability_zone"] == "az7"


def test_every_family_that_starts_with_k_is_kunpeng(fields):
    record = flavor_of("kx9.large.2", fields)
    assert record.facts["ecs.architecture"] == "arm64"
    assert "ecs.accelerator" not in record.facts and "no catalog" in record.notes[0]


def test_a_bare_metal_flavor_has_no_hypervisor(fields):
    record = flavor_of("c6.22xlarge.2.physical", fields)
    assert "ecs.virtualization" not in record.facts and "bare metal" in record.notes[0]


@pytest.mark.parametrize(("resource_type", "kind"), [("ironic", "bms"), ("Ironic", "bms"), ("IOoptimizedC3_2", "ecs")])
def test_the_resource_type_of_a_flavor_tells_the_kind_of_server(read_one, resource_type: str, kind: str):
    assert (
        read_one({"flavors": [flavor("zz9.large.2", resource_type=resource_type)]}).facts["ecs.platform_target"] == kind
    )


def test_documented_gpus_and_recorded_demands_of_a_flavor_are_known_by_its_id(fields):
    assert flavor_of("g1.xlarge", fields).facts["ecs.gpu_types"] == frozenset({"M60", "M60_vGPU"})
    assert flavor_of("pi2.2xlarge.4", fields).facts["ecs.required_image_attributes"] == frozenset(
        {"__support_gpu_t4=true"}
    )


def test_the_region_can_be_given_with_an_id(fields):
    assert flavor_of("c7n.large.2", fields, region="cn-east-3").facts["ecs.region"] == "cn-east-3"


@pytest.mark.parametrize("id", ["", " c7n", "a\nb"])
def test_what_is_no_id_is_an_input_error(fields, id: str):
    with pytest.raises(InputError, match="not a flavor id"):
        flavor_of(id, fields)


def test_what_takes_kvm_drivers_may_be_qingtian_by_its_family(read_one):
    """The user guide says that C7 runs on QingTian; the service calls it CloudCompute, as it does KVM."""
    specs = {"ecs:virtualization_env_types": "CloudCompute"}
    record = read_one({"id": "c7.large.2", "vcpus": "2", "ram": 4096, "os_extra_specs": specs})
    assert record.facts["ecs.virtualization"] == "qingtian"
    assert str(record.origins["ecs.virtualization"]) == "catalog: flavor-families: c7"
    assert not any("ecs.virtualization" in note for note in record.notes)
    on_xen = read_one(
        {"id": "c7.large.2", "vcpus": "2", "ram": 4096, "os_extra_specs": {next(iter(specs)): "FusionCompute"}}
    )
    assert on_xen.facts["ecs.virtualization"] == "xen"


def test_an_id_in_a_zone_is_in_the_zones_region(fields):
    facts = flavor_of("c7n.large.2", fields, zone="cn-south-2b").facts
    assert (facts["ecs.availability_zone"], facts["ecs.region"]) == ("cn-south-2b", "cn-south-1")
    elsewhere = flavor_of("c7n.large.2", fields, zone="nowhere-1a").facts
    assert "ecs.region" not in elsewhere
    given = flavor_of("c7n.large.2", fields, zone="cn-south-2b", region="cn-north-4").facts
    assert given["ecs.region"] == "cn-north-4"


@pytest.mark.parametrize("nothing", [0, "0", 0.0])
def test_a_flavor_without_memory_or_cpus_is_none(read_one, nothing: object):
    record = read_one({"flavors": [flavor("zz1.large.2") | {"ram": nothing, "vcpus": nothing}]})
    assert "ecs.memory_mib" not in record.facts and "ecs.vcpus" not in record.facts
    assert any(note.startswith("ram is ") for note in record.notes)
