"""Terraform plans: what each change that concerns an image asks for.

The plans are `terraform show -json` of real Terraform over `tests/plans/`, with stand-in providers; what is expected
is what the configurations there say.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

import imagefit
from imagefit.readers import Kind, Record
from readers.payloads import flavor

PLANS = Path(__file__).parents[1] / "plans"
IMAGE = "0e2f1c1a-6a3b-4c55-9b55-0d5a1f2e3c01"
OTHER = "0e2f1c1a-6a3b-4c55-9b55-0d5a1f2e3c02"


def plan(name: str) -> Any:
    return json.loads((PLANS / f"{name}.json").read_text())


def requests(document: Any) -> dict[str, Record]:
    found = imagefit.read(document, format="plan").records
    return {record.key: record for record in found if record.kind is Kind.REQUEST}


def with_change(address: str, **parts: object) -> Any:
    """Return the plan that creates, with parts of one change set otherwise."""
    document = copy.deepcopy(plan("create"))
    (change,) = (each for each in document["resource_changes"] if each["address"] == address)
    for name, value in parts.items():
        change["change"][name] = value
    return document


WEB = "huaweicloud_compute_instance.web[0]"


class TestCreating:
    def test_each_instance_is_a_request_by_its_address_with_module_and_index(self) -> None:
        found = requests(plan("create"))
        creating = [key for key, record in found.items() if record.operation == "create_ecs"]
        assert creating == [
            "huaweicloud_as_configuration.burst",
            "huaweicloud_cce_node_pool.own",
            "huaweicloud_compute_instance.from_golden",
            WEB,
            "huaweicloud_compute_instance.web[1]",
            "openstack_compute_instance_v2.from_volume",
            "openstack_compute_instance_v2.nova",
            'module.node["a"].huaweicloud_compute_instance.it',
            'module.node["b"].huaweicloud_compute_instance.it',
        ]

    def test_what_the_configuration_says_are_the_facts(self) -> None:
        record = requests(plan("create"))['module.node["b"].huaweicloud_compute_instance.it']
        assert (record.image_ref, record.flavor_ref, record.zone) == (IMAGE, "p2s.2xlarge.8", "cn-north-4b")
        said = {
            "ecs.region": "cn-north-4",
            "ecs.availability_zone": "cn-north-4b",
            "ecs.system_disk": "explicit",
            "ecs.system_disk_gib": 60,
            "ecs.billing": "yearly_monthly",
            "ecs.injects": frozenset(),
        }
        assert {name: record.facts[name] for name in said} == said

    def test_what_is_known_after_apply_is_unknown_and_said(self) -> None:
        record = requests(plan("create"))["huaweicloud_compute_instance.from_golden"]
        assert record.image_ref is None
        assert "ecs.availability_zone" not in record.facts
        assert record.later == ("availability_zone", "image_id")

    def test_what_is_not_set_is_what_a_request_leaves_out(self) -> None:
        facts = requests(plan("create"))["huaweicloud_compute_instance.from_golden"].facts
        assert facts["ecs.system_disk"] == "image_default"
        assert facts["ecs.billing"] == "pay_per_use"

    def test_what_is_set_to_something_not_known_yet_is_no_default(self) -> None:
        document = with_change(WEB)
        (change,) = (each for each in document["resource_changes"] if each["address"] == WEB)
        del change["change"]["after"]["system_disk_size"]
        change["change"]["after_unknown"]["system_disk_size"] = True
        record = requests(document)[WEB]
        assert not {"ecs.system_disk", "ecs.system_disk_gib"} & record.facts.keys()
        assert record.later == ("system_disk_size",)

    def test_what_a_plan_names_nowhere_is_not_unset_for_a_plan_names_all(self) -> None:
        document = with_change(WEB)
        (change,) = (each for each in document["resource_changes"] if each["address"] == WEB)
        del change["change"]["after"]["system_disk_size"]
        resources = document["configuration"]["root_module"]["resources"]
        (configured,) = (each for each in resources if each["address"] == WEB.partition("[")[0])
        del configured["expressions"]["system_disk_size"]
        assert "ecs.system_disk" not in requests(document)[WEB].facts
        change["change"]["after_unknown"]["system_disk_size"] = True
        assert requests(document)[WEB].facts["ecs.system_disk"] == "image_default"

    def test_without_the_configuration_nothing_that_is_unknown_is_taken_for_unset(self) -> None:
        document = plan("create")
        del document["configuration"]
        facts = requests(document)["huaweicloud_compute_instance.from_golden"].facts
        assert not {"ecs.system_disk", "ecs.billing", "ecs.region"} & facts.keys()

    def test_the_region_of_the_provider_counts_where_the_resource_names_none(self) -> None:
        found = requests(plan("create"))
        assert found[WEB].facts["ecs.region"] == "cn-north-4"
        assert found["openstack_compute_instance_v2.nova"].facts["ecs.region"] == "eu-de"
        assert found["huaweicloud_compute_instance.from_golden"].facts["ecs.region"] == "cn-north-4"

    def test_a_secret_is_used_for_its_presence_alone(self) -> None:
        record = requests(plan("create"))[WEB]
        assert record.facts["ecs.injects"] == {"password"}
        assert "Never-1-printed" not in repr(record)

    @pytest.mark.parametrize("whole", [False, True])
    def test_another_secret_is_unknown(self, whole: bool) -> None:
        names = ("availability_zone", "image_id", "flavor_id", "system_disk_size", "charging_mode")
        for hidden in (names, *((name,) for name in names)):
            document = with_change(WEB, after_sensitive=True if whole else dict.fromkeys(hidden, True))
            record = requests(document)[WEB]
            assert "(not shown)" not in map(
                str, (*record.facts.values(), record.image_ref, record.flavor_ref, record.zone)
            )
            assert set(hidden) <= {*record.later, "charging_mode"}
            facts = requests(plan("create"))[WEB].facts
            assert {fact: facts.get(fact) for fact in record.facts} == dict(record.facts)

    def test_with_whom_an_image_is_shared_may_be_a_secret_or_not_known_yet(self) -> None:
        address = next(c["address"] for c in plan("create")["resource_changes"] if c["type"].endswith("image_share"))
        for parts in ({"after_sensitive": {"target_project_ids": True}}, {"after": {"source_image_id": IMAGE}}):
            record = requests(with_change(address, **parts))[address]
            assert (record.operation, record.image_ref) == ("share_with", IMAGE)
            assert "recipient.account" not in record.facts

    def test_an_as_configuration_and_a_pool_with_an_image_of_its_own_create_ecss(self) -> None:
        found = requests(plan("create"))
        burst, pool = found["huaweicloud_as_configuration.burst"], found["huaweicloud_cce_node_pool.own"]
        assert (burst.image_ref, burst.flavor_ref) == (IMAGE, "c7n.xlarge.2")
        assert burst.facts["ecs.system_disk_gib"] == 20
        assert (pool.image_ref, pool.flavor_ref, pool.zone) == (IMAGE, "c7n.xlarge.2", None)
        assert pool.facts["ecs.system_disk_gib"] == 50
        assert "huaweicloud_cce_node_pool.plain" not in found

    def test_what_boots_from_a_volume_has_no_image(self) -> None:
        record = requests(plan("create"))["openstack_compute_instance_v2.from_volume"]
        assert record.without_image
        assert record.image_ref is None


class TestImages:
    def test_a_copy_is_a_replication_across_regions_or_within_one(self) -> None:
        found = requests(plan("create"))
        abroad, beside = (found[f"huaweicloud_images_image_copy.{name}"] for name in ("abroad", "beside"))
        assert (abroad.operation, beside.operation) == ("replicate_cross_region", "replicate_in_region")
        assert abroad.facts["destination.region"] == "ap-southeast-1"
        assert abroad.image_ref == beside.image_ref == IMAGE

    def test_a_sharing_is_one_with_each_project(self) -> None:
        found = requests(plan("create"))
        shared = {record.facts["recipient.account"] for record in found.values() if record.operation == "share_with"}
        assert shared == {"aa11bb22cc33dd44ee55ff6677889900", "bb11bb22cc33dd44ee55ff6677889900"}

    def test_an_export_and_the_making_of_an_image_are_read(self) -> None:
        found = requests(plan("create"))
        assert found["huaweicloud_ims_image_export.archive"].operation == "export"
        golden = found["huaweicloud_images_image.golden"]
        assert (golden.operation, golden.facts["source.kind"]) == ("create_image", "ecs_system")

    def test_the_data_sources_of_the_plan_are_images_that_it_knows(self) -> None:
        found = imagefit.read(PLANS / "create.json").records
        (image,) = (record for record in found if record.kind is Kind.IMAGE)
        assert image.id == IMAGE
        assert image.facts["image.region"] == "cn-north-4"
        assert image.facts["image.min_disk_gib"] == 40
        assert "image.architecture" not in image.facts  # the data source does not carry what tells it


class TestChanging:
    def test_only_what_concerns_the_image_or_the_flavor_asks_for_something(self) -> None:
        asked = {key: record.operation for key, record in requests(plan("change")).items()}
        here = "huaweicloud_compute_instance"
        taken_over = {key: asked.pop(key) for key in list(asked) if "taken_over" in key}
        assert asked == {
            f"{here}.os": "change_os",
            f"{here}.size": "resize",
            f"{here}.both (change_os)": "change_os",
            f"{here}.both (resize)": "resize",
            f"{here}.moved": "create_ecs",
        }
        assert set(taken_over.values()) == {"change_os", "resize"}  # it was imported without an image and a flavor

    def test_another_os_is_asked_for_with_the_new_image_on_the_ecs_that_is_there(self) -> None:
        record = requests(plan("change"))["huaweicloud_compute_instance.os"]
        assert (record.image_ref, record.flavor_ref) == (OTHER, "c7n.large.2")
        assert record.facts["ecs.system_disk_gib"] == 40
        assert record.facts["ecs.billing"] == "pay_per_use"

    def test_a_secret_that_stays_as_it_is_asks_for_nothing(self) -> None:
        document = copy.deepcopy(plan("change"))
        for change in document["resource_changes"]:
            change["change"]["after_sensitive"] = {"image_id": True, "flavor_id": True}
        asked = {key: record for key, record in requests(document).items()}
        assert asked.keys() == requests(plan("change")).keys()
        assert asked["huaweicloud_compute_instance.os"].image_ref is None
        assert asked["huaweicloud_compute_instance.os"].later == ("image_id",)

    def test_a_resize_is_asked_for_with_the_new_flavor(self) -> None:
        record = requests(plan("change"))["huaweicloud_compute_instance.size"]
        assert (record.image_ref, record.flavor_ref) == (IMAGE, "c7n.2xlarge.2")
        assert record.facts["ecs.memory_mib"] == 16384

    @pytest.mark.parametrize(
        ("name", "operation", "refs"),
        [
            ("image_name", "change_os", ("jammy", "c7n.large.2")),
            ("flavor_name", "resize", (IMAGE, "m4.large.8")),
        ],
    )
    def test_an_update_by_name_asks_for_what_has_that_name(
        self, name: str, operation: str, refs: tuple[str, str]
    ) -> None:
        before = {"image_id": IMAGE, "image_name": "focal", "flavor_id": "c7n.large.2", "flavor_name": "c7n.large.2"}
        after = before | {name: refs[0] if operation == "change_os" else refs[1]}
        record = requests(planned("openstack_compute_instance_v2", after, before=before, actions=["update"]))[HERE]
        assert (record.operation, record.image_ref, record.flavor_ref) == (operation, *refs)
        assert record.facts.get("ecs.memory_mib") == {"change_os": 4096, "resize": 16384}[operation]

    def test_a_name_that_follows_from_the_new_id_asks_for_nothing_else(self) -> None:
        before = {"image_id": IMAGE, "image_name": "focal", "flavor_id": "c7n.large.2"}
        document = planned(
            "huaweicloud_compute_instance", before | {"image_id": OTHER}, before=before, actions=["update"]
        )
        assert requests(document)[HERE].image_ref == OTHER
        document = planned(
            "huaweicloud_compute_instance",
            {"image_id": IMAGE, "flavor_id": "c7n.large.2"},
            before=before,
            actions=["update"],
            after_unknown={"image_name": True},
        )
        assert requests(document) == {}


HERE = "x.here"


def planned(kind: str, after: object, address: str = HERE, **parts: object) -> Any:
    """A plan with one change, of which the configuration says what it has."""
    change = {"actions": ["create"], "before": None, "after": after, "after_unknown": {}, **parts}
    resource = {"address": address, "mode": "managed", "type": kind, "name": "here"}
    configured = {**resource, "expressions": {name: {} for name in after if isinstance(after, dict)}}
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "resource_changes": [{**resource, "change": change}],
        "configuration": {"root_module": {"resources": [configured]}},
    }


@pytest.mark.parametrize("id", ["", None])
def test_an_image_without_an_id_has_its_name(id: str | None) -> None:
    after = {"name": "n", "image_id": id, "image_name": "jammy", "flavor_id": "c7n.large.2", "metadata": None}
    record = requests(planned("huaweicloud_compute_instance", after))[HERE]
    assert record.image_ref == "jammy"
    assert record.facts["ecs.temporary"] is False  # the request is whole


@pytest.mark.parametrize("id", [IMAGE, None])
def test_the_image_of_the_disk_to_boot_from_counts_where_the_other_is_computed(id: str | None) -> None:
    disk = {"boot_index": 0, "source_type": "image", "uuid": IMAGE, "volume_size": 10}
    after = {"name": "n", "image_id": id, "flavor_name": "c7n.large.2", "block_device": [disk]}
    later = {} if id else {"image_id": True}
    record = requests(planned("openstack_compute_instance_v2", after, after_unknown=later))[HERE]
    assert (record.image_ref, record.facts["ecs.system_disk_gib"]) == (IMAGE, 10)


@pytest.mark.parametrize("part", ["volume_size", "source_type", "boot_index"])
def test_a_disk_of_which_a_part_is_known_after_apply_may_have_any_size(part: str) -> None:
    disk = {"boot_index": 0, "source_type": "image", "uuid": IMAGE, "volume_size": 10}
    del disk[part]
    after = {"name": "n", "image_id": IMAGE, "flavor_name": "c7n.large.2", "block_device": [disk]}
    document = planned("openstack_compute_instance_v2", after, after_unknown={"block_device": [{part: True}]})
    record = requests(document)[HERE]
    assert record.facts.keys().isdisjoint({"ecs.system_disk", "ecs.system_disk_gib"})
    assert record.later == ("block_device",)


def test_metadata_of_which_some_is_known_after_apply_may_ask_for_a_temporary_ecs() -> None:
    after = {"name": "n", "image_id": IMAGE, "flavor_id": "c7n.large.2", "metadata": {"team": "orders"}}
    assert requests(planned("huaweicloud_compute_instance", after))[HERE].facts["ecs.temporary"] is False
    later = {"metadata": {"virtual_env_type": True}}
    record = requests(planned("huaweicloud_compute_instance", after, after_unknown=later))[HERE]
    assert "ecs.temporary" not in record.facts


@pytest.mark.parametrize("actions", [["recreate"], ["Create"], ["update", "adopt"]])
def test_a_change_of_which_nobody_knows_what_it_does_is_not_left_out(actions: list[str]) -> None:
    after = {"name": "n", "image_id": IMAGE, "flavor_id": "c7n.large.2"}
    with pytest.raises(
        imagefit.InputError, match=r"actions: what is to be done is not known: '\w+'; expected create, "
    ):
        requests(planned("huaweicloud_compute_instance", after, actions=actions))
    assert requests(planned("huaweicloud_vpc", {"name": "n"}, actions=actions)) == {}


DISK = {"image_id": IMAGE, "size": 20, "availability_zone": "cn-north-4a", "volume_type": "SSD", "region": "cn-north-4"}


@pytest.mark.parametrize(
    ("after", "unknown", "ref", "told"),
    [
        (DISK, {}, IMAGE, {"ecs.data_disk": "explicit", "ecs.data_disk_gib": 20, "ecs.region": "cn-north-4"}),
        (DISK | {"image_id": None}, {"image_id": True}, None, {"ecs.data_disk_gib": 20}),
        (DISK | {"size": None}, {"size": True}, IMAGE, {"ecs.data_disk": None, "ecs.data_disk_gib": None}),
        (DISK | {"size": None}, {}, IMAGE, {"ecs.data_disk": "unstated", "ecs.data_disk_gib": None}),
        (DISK | {"size": 0}, {}, IMAGE, {"ecs.data_disk": "unstated", "ecs.data_disk_gib": None}),
    ],
)
def test_a_disk_of_an_image_is_the_making_of_a_disk(
    after: dict[str, object], unknown: dict[str, bool], ref: str | None, told: dict[str, object]
) -> None:
    record = requests(planned("huaweicloud_evs_volume", after, after_unknown=unknown))[HERE]
    assert (record.operation, record.image_ref) == ("create_disk", ref)
    assert {fact: record.facts.get(fact) for fact in told} == told


@pytest.mark.parametrize("image", ["", None])
def test_a_disk_of_no_image_asks_nothing_of_one(image: str | None) -> None:
    assert requests(planned("huaweicloud_evs_volume", DISK | {"image_id": image})) == {}


NOT_READ = [
    ("huaweicloud_bms_instance", {"image_id": IMAGE}),
    ("huaweicloud_cce_node", {"extend_params": [{"node_image_id": IMAGE}]}),
    ("huaweicloud_ims_ecs_system_image", {"instance_id": "i"}),
]


@pytest.mark.parametrize(("kind", "after"), NOT_READ)
def test_what_concerns_an_image_and_is_not_read_is_named(kind: str, after: dict[str, object]) -> None:
    document = planned(kind, after, f"{kind}.x")
    (record,) = requests(document).values()
    assert (record.key, dict(record.facts), record.operation) == (f"{kind}.x", {}, None)
    assert record.without_image == f"what is planned of {kind} is not read"
    web = {"name": "n", "image_id": IMAGE, "flavor_id": "c7n.large.2"}
    document["resource_changes"] += planned("huaweicloud_compute_instance", web)["resource_changes"]
    (record,) = requests(document).values()
    assert record.key == HERE
    assert f"the plan changes {kind}, too, of which nothing is read" in record.notes


@pytest.mark.parametrize(("kind", "after"), [*NOT_READ, ("huaweicloud_vpc", {"name": "n"})])
@pytest.mark.parametrize("actions", [["no-op"], ["delete"], ["update"]])
def test_what_stays_as_it_is_or_goes_asks_nothing_of_an_image(
    kind: str, after: dict[str, object], actions: list[str]
) -> None:
    assert requests(planned(kind, after, before=after, actions=actions)) == {}


def test_a_plan_without_its_changes_is_refused_where_it_plans_something() -> None:
    document = planned("huaweicloud_compute_instance", {})
    del document["resource_changes"]
    assert requests(document | {"planned_values": {"outputs": {}}}) == {}  # Terraform names no changes where none are
    resource = {"address": HERE, "mode": "managed", "type": "huaweicloud_compute_instance"}
    for module in ({"resources": [resource]}, {"child_modules": [{"resources": [resource]}]}):
        with pytest.raises(imagefit.InputError, match=r"resource_changes: a plan that was cut down"):
            requests(document | {"planned_values": {"root_module": module}})


@pytest.mark.parametrize(
    ("after", "later", "operation"),
    [
        ({"region": "cn-north-4"}, "target_region", "replicate_cross_region"),
        ({"target_region": "cn-east-3"}, "agency_name", "replicate_cross_region"),
        ({"target_region": "cn-north-4", "region": "cn-north-4"}, "agency_name", "replicate_in_region"),
        ({"region": "cn-north-4", "target_region": None}, "description", "replicate_in_region"),
        ({"region": "cn-north-4", "target_region": ["cn-east-3"]}, "description", "replicate_cross_region"),
    ],
)
def test_a_copy_to_a_region_that_is_known_after_apply_is_one_across_regions(
    after: dict[str, object], later: str, operation: str
) -> None:
    document = planned(
        "huaweicloud_images_image_copy", {"source_image_id": IMAGE, **after}, after_unknown={later: True}
    )
    record = requests(document)[HERE]
    assert record.operation == operation
    told = after.get("target_region")
    assert record.facts.get("destination.region") == (told if isinstance(told, str) else None)


def test_a_copy_from_which_its_region_was_cut_out_is_not_one_within_the_region() -> None:
    document = planned("huaweicloud_images_image_copy", {"source_image_id": IMAGE, "region": "cn-north-4"})
    with pytest.raises(imagefit.InputError, match=r"cut down.*expected target_region"):
        requests(document)


@pytest.mark.parametrize(
    ("mode", "billing"), [(True, None), (["prePaid"], None), ("", "pay_per_use"), (None, "pay_per_use")]
)
def test_a_way_to_pay_that_is_not_understood_is_not_left_out(mode: object, billing: str | None) -> None:
    (change,) = (each for each in plan("create")["resource_changes"] if each["address"] == WEB)
    document = with_change(WEB, after={**change["change"]["after"], "charging_mode": mode})
    assert requests(document)[WEB].facts.get("ecs.billing") == billing


def test_a_secret_that_is_empty_is_none() -> None:
    (change,) = (each for each in plan("create")["resource_changes"] if each["address"] == WEB)
    document = with_change(WEB, after={**change["change"]["after"], "admin_pass": ""})
    assert requests(document)[WEB].facts["ecs.injects"] == frozenset()


@pytest.mark.parametrize("configured", [[{"node_image_id": {}}], [{"max_pods": {"constant_value": 9}}], [], None, {}])
def test_what_a_provider_fills_in_of_a_pool_is_no_image_of_its_own(configured: object) -> None:
    assert requests(pool(configured)) == {}


def test_a_pool_whose_image_is_known_after_apply_creates_ecss_of_it() -> None:
    record = requests(pool([{"node_image_id": {"references": ["huaweicloud_images_image.own.id"]}}]))[HERE]
    assert (record.operation, record.image_ref, record.flavor_ref) == ("create_ecs", None, "c7n.large.2")
    assert record.later == ("extend_params.node_image_id",)


def pool(configured: object) -> Any:
    """A pool of nodes of whose parameters the image is known after apply."""
    after = {"name": "n", "flavor_id": "c7n.large.2", "availability_zone": "random", "extend_params": [{"max_pods": 9}]}
    unknown = {"extend_params": [{"node_image_id": True}]}
    document = planned("huaweicloud_cce_node_pool", after, after_unknown=unknown)
    document["configuration"]["root_module"]["resources"][0]["expressions"]["extend_params"] = configured
    return document


def test_what_is_put_off_to_a_later_plan_is_asked_for_by_this_one() -> None:
    document = plan("create")
    web = [each for each in document["resource_changes"] if each["address"] == WEB]
    rest = [each for each in document["resource_changes"] if each["address"] != WEB]
    put_off = [{"reason": "instance_count_unknown", "resource_change": each} for each in web]
    found = requests(document | {"resource_changes": rest, "deferred_changes": put_off, "complete": False})
    assert found[WEB].facts == requests(document)[WEB].facts
    assert found.keys() == requests(document).keys()


def test_of_a_plan_that_ended_with_an_error_nothing_is_concluded() -> None:
    assert requests(plan("create") | {"errored": False})
    with pytest.raises(imagefit.InputError, match=r"errored: a plan that ended with an error"):
        requests(plan("create") | {"errored": True})


class TestOddPlans:
    @pytest.mark.parametrize("deferred", [{"a": 1}, "x", [1], [{}], [{"resource_change": None}]])
    def test_changes_that_are_put_off_and_are_none_are_refused(self, deferred: object) -> None:
        with pytest.raises(imagefit.InputError, match=r"not a (list|change)"):
            requests(plan("create") | {"deferred_changes": deferred})

    def test_another_major_format_is_refused(self) -> None:
        document = {**plan("create"), "format_version": "2.0"}
        with pytest.raises(imagefit.InputError, match="a plan of another format"):
            requests(document)

    @pytest.mark.parametrize("changes", [{}, "x", [1], [{"change": 1}], [[]]])
    def test_changes_that_are_none_are_refused(self, changes: object) -> None:
        with pytest.raises(imagefit.InputError, match="resource_changes"):
            requests({"format_version": "1.2", "terraform_version": "1.9.8", "resource_changes": changes})

    @pytest.mark.parametrize(
        "parts",
        [
            {"actions": ["no-op"]},
            {"actions": ["read"]},
            {"actions": ["forget"]},
            {"actions": ["delete"], "after": None},
        ],
    )
    def test_what_creates_nothing_is_no_request(self, parts: dict[str, object]) -> None:
        assert WEB not in requests(with_change(WEB, **parts))

    @pytest.mark.parametrize("lacking", ["type", "mode", "actions", "after"])
    @pytest.mark.parametrize("left", [None, "", []])
    def test_a_change_that_was_cut_down_is_no_change_that_asks_for_nothing(self, lacking: str, left: object) -> None:
        document = copy.deepcopy(plan("create"))
        (change,) = (each for each in document["resource_changes"] if each["address"] == WEB)
        held = change if lacking in change else change["change"]
        held[lacking] = left
        with pytest.raises(imagefit.InputError, match=r"a change that was cut down: .huaweicloud_compute_inst"):
            requests(document)

    @pytest.mark.parametrize("unknown", [True, None, [], {"network": [{"uuid": True}]}])
    def test_an_odd_account_of_what_is_unknown_is_no_reason_to_fail(self, unknown: object) -> None:
        assert WEB in requests(with_change(WEB, after_unknown=unknown))


@pytest.mark.parametrize(
    ("parts", "images"),
    [
        ({"data_disks": [{"size": 100, "data_image_id": "d", "kms_key_id": "k"}]}, ("distinct", True)),
        ({"data_disks": [{"size": 100, "data_image_id": "d"}, {"size": 9, "data_image_id": "d"}]}, ("repeated", False)),
        ({"data_disks": [{"size": 100, "data_image_id": "", "kms_key_id": "k"}]}, ("none", False)),
    ],
)
def test_the_data_disks_of_an_instance_that_are_made_from_images(
    parts: dict[str, object], images: tuple[str, bool]
) -> None:
    (change,) = (each for each in plan("create")["resource_changes"] if each["address"] == WEB)
    after = {**change["change"]["after"], **parts}
    facts = requests(with_change(WEB, after=after))[WEB].facts
    assert (facts["ecs.data_disk_images"], facts["ecs.data_disk_keys"]) == images


def test_what_is_known_after_apply_is_not_told_by_the_flavor() -> None:
    document = with_change(WEB)
    (change,) = (each["change"] for each in document["resource_changes"] if each["address"] == WEB)
    for name in ("system_disk_size", "availability_zone"):
        change["after"].pop(name, None)
        change["after_unknown"][name] = True
    for each in document["configuration"]["root_module"]["resources"]:
        if each["address"] == WEB.removesuffix("[0]"):
            each["expressions"]["system_disk_size"] = {"references": ["random_integer.size.result"]}
    record = requests(document)[WEB]
    links = [{"href": "https://ecs.cn-east-3.myhuaweicloud.com/v1/p/cloudservers/flavors/x"}]
    (listed,) = imagefit.read({"flavors": [flavor() | {"links": links}]}).records
    whole = record.completed_by(listed)
    assert "ecs.system_disk" in listed.facts and "ecs.system_disk" not in whole.facts
    assert whole.facts["ecs.region"] == "cn-north-4"


def test_the_region_of_a_provider_is_not_that_of_a_resource_with_one_of_its_own() -> None:
    document = with_change(WEB)
    (change,) = (each["change"] for each in document["resource_changes"] if each["address"] == WEB)
    for name in ("region", "availability_zone"):
        change["after"].pop(name, None)
        change["after_unknown"][name] = True
    assert requests(document)[WEB].facts["ecs.region"] == "cn-north-4"
    for each in document["configuration"]["root_module"]["resources"]:
        if each["address"] == WEB.removesuffix("[0]"):
            each["expressions"]["region"] = {"references": ["data.terraform_remote_state.it"]}
    assert "ecs.region" not in requests(document)[WEB].facts


EAST = {"name": "huaweicloud", "expressions": {"region": {"constant_value": "cn-east-3"}}}


@pytest.mark.parametrize(
    ("key", "more", "region"),
    [
        ("huaweicloud.east", {"huaweicloud.east": EAST}, "cn-east-3"),
        ("module.web:huaweicloud", {"module.web:huaweicloud": EAST}, "cn-east-3"),  # a module with its own provider
        ("web:huaweicloud", {"web:huaweicloud": EAST}, "cn-east-3"),  # as Terraform before 1.1 has it
        ("web:huaweicloud", {}, "cn-north-4"),  # it has none, and there is no other one
        ("web:huaweicloud", {"huaweicloud.east": EAST}, None),  # it may have been handed the other one
        ("module.web:huaweicloud", {"module.web:huaweicloud": {"name": "huaweicloud"}}, None),
        (  # a variable of the module, of which nobody says what it is
            "module.web:huaweicloud",
            {"module.web:huaweicloud": {"expressions": {"region": {"references": ["var.region"]}}}},
            None,
        ),
        ("huaweicloud.made", {"huaweicloud.made": {"expressions": {"region": {"references": ["var.kind"]}}}}, None),
    ],
)
def test_the_region_is_that_of_the_provider_that_a_resource_is_made_by(
    key: str, more: dict[str, object], region: str | None
) -> None:
    document = copy.deepcopy(plan("create"))
    (change,) = (each["change"] for each in document["resource_changes"] if each["address"] == WEB)
    for name in ("region", "availability_zone"):
        change["after"].pop(name, None)
        change["after_unknown"][name] = True
    document["configuration"]["provider_config"] |= more
    document["variables"]["kind"] = {"value": "prod"}
    for each in document["configuration"]["root_module"]["resources"]:
        if each["address"] == WEB.removesuffix("[0]"):
            each["provider_config_key"] = key
    assert requests(document)[WEB].facts.get("ecs.region") == region


def test_data_disks_that_are_known_after_apply_tell_nothing() -> None:
    (change,) = (each for each in plan("create")["resource_changes"] if each["address"] == WEB)
    after = {**change["change"]["after"], "data_disks": [{"size": 100}]}
    later = {**change["change"]["after_unknown"], "data_disks": [{"data_image_id": True}]}
    facts = requests(with_change(WEB, after=after, after_unknown=later))[WEB].facts
    assert not {"ecs.data_disk_images", "ecs.data_disk_keys"} & facts.keys()
