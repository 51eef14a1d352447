"""What the details of existing ECSs mean."""

from __future__ import annotations

import pytest

from imagefit.readers import Kind
from imagefit.sources.formats import Format

from .payloads import OWNER, flavor, server


def test_the_details_of_an_ecs_give_its_facts(read_one):
    record = read_one({"servers": [server()]})
    assert (record.kind, record.name, record.flavor_ref) == (Kind.ECS, "shop", "c7n.xlarge.2")
    assert record.image_ref == "8f2d6f0e-7f35-4d0f-a1f3-0a4f5f7f1c11"
    assert dict(record.facts) == {
        "ecs.region": "cn-north-4",
        "ecs.availability_zone": "cn-north-4a",
        "ecs.family": "c7n",
        "ecs.platform_target": "ecs",
        "ecs.account": OWNER,
        "ecs.billing": "pay_per_use",
        "ecs.vcpus": 4,
        "ecs.memory_mib": 8192,
        "ecs.accelerator": "none",
        "ecs.architecture": "x86_64",
        "ecs.virtualization": "kvm",
        "ecs.system_disk": "explicit",
    }
    assert str(record.origins["ecs.accelerator"]) == "api: flavor.gpus, flavor.asic_accelerators"
    assert str(record.origins["ecs.region"]) == "catalog: availability-zones: cn-north-4a"
    assert str(record.origins["ecs.architecture"]) == "catalog: flavor-families: c7n"


@pytest.mark.parametrize(("zone", "status"), [(" cn-north-4a ", "normal"), ("null", None), ("cn-north-4a\u200b", None)])
def test_the_flavor_is_on_sale_in_the_zone_that_is_named(read_one, zone: str, status: str | None):
    specs = {"cond:operation:az": "cn-north-4a(normal)", "cond:operation:status": "abandon"}
    details = server(**{"OS-EXT-AZ:availability_zone": zone, "flavor": flavor("c7n.xlarge.2", **specs)})
    assert read_one({"servers": [details]}).facts.get("ecs.flavor_status") == status


@pytest.mark.parametrize("kept", [None, ("image",), ("status",), ("tenant_id",), ("OS-EXT-AZ:availability_zone",)])
def test_details_without_an_id_are_those_of_an_ecs_and_no_flavor(read_one, kept: tuple[str, ...] | None):
    whole = server(status="SHUTOFF", image={"id": "8f2d6f0e-7f35-4d0f-a1f3-0a4f5f7f1c11"})
    names = [name for name in whole if name != "id"] if kept is None else [*kept, "flavor"]
    for order in (names, names[::-1]):
        record = read_one({name: whole[name] for name in order})
        assert record.kind is Kind.ECS
        assert dict(record.facts).items() <= dict(read_one({"servers": [whole]}).facts).items()
        assert record.facts["ecs.system_disk"] == "explicit"
        assert record.image_ref == (whole["image"]["id"] if "image" in names else None)


def test_a_flavor_with_what_a_program_puts_beside_it_is_a_flavor(read_one):
    for status in (200, "200", "success", None):
        record = read_one({"flavor": flavor(), "request_id": "r", "changed": False, "status": status})
        assert (record.id, record.facts["ecs.system_disk"]) == ("c7n.xlarge.2", "image_default")


def test_two_accounts_that_differ_are_none(read_one):
    assert read_one({"servers": [server(project_id=OWNER)]}).facts["ecs.account"] == OWNER
    for other in ({"project_id": "other"}, {"tenant_id": "false"}, {"tenant_id": f"{OWNER}\u200b"}):
        record = read_one({"servers": [server(**other)]})
        assert "ecs.account" not in record.facts
        assert record.notes


def test_a_zones_name_does_not_tell_its_region(read_one):
    details = server(**{"OS-EXT-AZ:availability_zone": "cn-south-2b"})
    assert read_one({"servers": [details]}).facts["ecs.region"] == "cn-south-1"


def test_a_zone_in_no_catalog_leaves_the_region_unknown(read_one):
    record = read_one({"servers": [server(**{"OS-EXT-AZ:availability_zone": "cn-east-3z"})]})
    assert "ecs.region" not in record.facts
    assert any("'cn-east-3z'" in note for note in record.notes)
    assert record.unrecognised == ()


def test_the_state_of_an_ecs_is_its_status(read_one):
    assert read_one({"servers": [server(status="SHUTOFF")]}).facts["ecs.status"] == "shutoff"


def test_a_bare_metal_server_is_none_of_the_ecss(read_one):
    flavor_alone = {"id": "physical.83.medium", "links": []}
    assert read_one({"servers": [server(flavor=flavor_alone)]}).facts["ecs.platform_target"] == "bms"


def test_details_without_a_flavor_tell_of_no_disk(read_one):
    assert "ecs.system_disk" not in read_one({"servers": [server(flavor="c7n.xlarge.2")]}).facts


def test_gpus_and_asics_in_the_details_are_the_accelerator(read_one):
    gpu = {"id": "zz9.large.2", "ram": 1, "gpus": [{"name": "NVIDIA T4", "count": 1}], "asic_accelerators": []}
    assert read_one({"servers": [server(flavor=gpu)]}).facts["ecs.accelerator"] == "gpu"


def test_one_empty_list_alone_does_not_mean_none(read_one):
    assert "ecs.accelerator" not in read_one({"servers": [server(flavor={"id": "zz9.large.2", "gpus": []})]}).facts


def test_specifications_inside_the_flavor_are_read_for_the_ecs_own_zone(read_one):
    specs = {"cond:operation:az": "cn-north-4a(normal),cn-north-4b(sellout)"}
    facts = read_one({"servers": [server(flavor=flavor(**specs))]}).facts
    assert facts["ecs.flavor_status"] == "normal"


@pytest.mark.parametrize(
    ("mode", "billing"), [("0", "pay_per_use"), ("1", "yearly_monthly"), ("2", "spot"), ("7", None), ("-1", None)]
)
def test_the_charging_mode_is_the_billing(read_one, mode: str, billing: str | None):
    assert read_one({"servers": [server(metadata={"charging_mode": mode})]}).facts.get("ecs.billing") == billing


@pytest.mark.parametrize("wrap", [lambda s: {"servers": [s]}, lambda s: {"server": s}, lambda s: s, lambda s: [s]])
def test_every_shape_of_details_is_recognised(read_data, wrap):
    document = read_data(wrap(server()))
    assert document.format is Format.SERVERS and document.records[0].facts["ecs.account"] == OWNER


def test_fewer_servers_than_counted_are_not_the_whole_list(read_data):
    assert read_data({"count": 5, "servers": [server()]}).warnings == ("this is not the whole list: 1 of 5 servers",)


def test_passwords_and_user_data_are_never_shown(read_one):
    details = server(adminPass="hunter2", **{"OS-EXT-SRV-ATTR:user_data": "c2VjcmV0"})
    unused = read_one({"servers": [details]}).unused
    assert {unused["adminPass"], unused["OS-EXT-SRV-ATTR:user_data"]} == {"(not shown)"}


def test_the_flavors_attributes_are_told_apart_from_the_ecs_own(read_one):
    record = read_one({"servers": [server(flavor={"id": "c7n.large.2", "novel": "x"}, novel="y")]})
    assert set(record.unrecognised) == {"novel", "flavor.novel"}
