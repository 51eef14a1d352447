"""A stand-in for the vendor's Terraform providers: their resources with the attributes that plans show, and no cloud.

Names, what is optional, what the provider computes and what forces a new resource are as the providers' documentation
says (huaweicloud 1.x, openstack 3.x). Run by `make.py`, as Terraform runs a provider.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tf import runner, types
from tf.schema import Attribute, Block, NestedBlock, NestMode, Schema

S, N, B = types.String(), types.Number(), types.Bool()


def attribute(name: str, kind: str, type_: object = S) -> Attribute:
    """Return an attribute; `kind` says r(equired), o(ptional), c(omputed), f(orces a new one), s(ensitive)."""
    return Attribute(
        name,
        type_,
        required="r" in kind,
        optional="o" in kind,
        computed="c" in kind,
        requires_replace="f" in kind or None,
        sensitive="s" in kind,
    )


def attributes(**kinds: str) -> list[Attribute]:
    """Return attributes; a kind that ends in ``:n``, ``:b``, ``:l`` or ``:m`` is no text."""
    of = {"": S, "n": N, "b": B, "l": types.List(S), "m": types.Map(S)}
    return [attribute(name, kind.partition(":")[0], of[kind.partition(":")[2]]) for name, kind in kinds.items()]


def block(name: str, /, *inside: NestedBlock, **kinds: str) -> NestedBlock:
    class Nested(NestedBlock):
        def encode(self, value: object) -> object:
            return value

        def decode(self, value: object) -> object:
            return value

        def semantically_equal(self, a: object, b: object) -> bool:
            return a == b

    return Nested(name, NestMode.Set, Block(attributes=attributes(**kinds), block_types=list(inside)))


INSTANCE = attributes(
    id="c", name="r", image_id="oc", image_name="oc", flavor_id="r", region="ocf", availability_zone="ocf",
    system_disk_size="oc:n", system_disk_type="ocf", system_disk_kms_key_id="oc", charging_mode="oc",
    admin_pass="os", key_pair="o", user_data="of", metadata="o:m", security_group_ids="oc:l", status="c",
)  # fmt: skip
NOVA = attributes(
    id="c", name="r", image_id="ocf", image_name="ocf", flavor_id="oc", flavor_name="oc", region="ocf",
    availability_zone="ocf", admin_pass="os", key_pair="of", user_data="of",
)  # fmt: skip
HUAWEI = {
    "compute_instance": (INSTANCE, [block("network", uuid="o"), block("data_disks", type="o", size="o:n")]),
    "as_configuration": (
        attributes(id="c", scaling_configuration_name="rf", region="ocf", status="c"),
        [
            block(
                "instance_config",
                block("disk", size="r:n", volume_type="r", disk_type="r", kms_id="o"),
                instance_id="o", flavor="oc", image="oc", key_name="oc", user_data="o", charging_mode="oc",
            )
        ],
    ),
    "cce_node_pool": (
        attributes(
            id="c", cluster_id="rf", name="r", initial_node_count="r:n", flavor_id="rf", availability_zone="of",
            os="ocf", key_pair="of", password="ofs", region="ocf",
        ),
        [block("root_volume", size="r:n", volumetype="r"), block("extend_params", node_image_id="o")],
    ),
    "images_image_copy": (
        attributes(
            id="c", source_image_id="rf", name="r", target_region="of", kms_key_id="ocf", agency_name="ocf",
            vault_id="ocf", region="ocf", enterprise_project_id="oc",
        ),
        [],
    ),
    "images_image_share": (attributes(id="c", source_image_id="rf", target_project_ids="r:l", region="ocf"), []),
    "ims_image_export": (
        attributes(
            id="c", image_id="rf", bucket_url="rf", file_format="of", is_quick_export="of:b", region="ocf"
        ),
        [],
    ),
    "images_image": (
        attributes(
            id="c", name="r", instance_id="of", backup_id="of", image_url="of", vault_id="of", min_disk="ocf:n",
            min_ram="oc:n", max_ram="oc:n", os_version="ocf", cmk_id="of", type="of", region="ocf", status="c",
        ),
        [],
    ),
    "vpc": (attributes(id="c", name="r", cidr="r", region="ocf"), []),
}  # fmt: skip
DATA = {
    "images_image": attributes(
        id="oc", name="o", name_regex="o", visibility="oc", owner="oc", status="c", region="oc", image_type="oc",
        os="oc", os_version="oc", min_disk_gb="c:n", min_ram_mb="c:n", max_ram_mb="c", size_bytes="c",
        data_origin="c", backup_id="c", protected="c:b", container_format="c", disk_format="c", schema="c",
        file="c", created_at="c", updated_at="c", description="c", enterprise_project_id="oc", tag="o",
    ),
}  # fmt: skip
IMAGES = {
    "web-linux": {
        "id": "0e2f1c1a-6a3b-4c55-9b55-0d5a1f2e3c01", "name": "web-linux", "visibility": "private",
        "owner": "3f1b0c9d8e7a4655b2a1c0d9e8f7a6b5", "status": "active", "image_type": "private", "os": "Linux",
        "os_version": "Ubuntu 22.04 server 64bit", "min_disk_gb": 40, "min_ram_mb": 2048, "max_ram_mb": "",
        "size_bytes": "2310144000", "data_origin": "instance,9d1c7f0e-41aa-4a0f-9a8e-5b5a3f0c1d22", "backup_id": "",
        "protected": False, "container_format": "bare", "disk_format": "zvhd2",
        "schema": "/v2/schemas/image", "file": "/v2/images/0e2f1c1a-6a3b-4c55-9b55-0d5a1f2e3c01/file",
        "created_at": "2026-02-03T04:05:06Z", "updated_at": "2026-02-03T04:15:06Z", "description": "",
    }
}  # fmt: skip


def resource(prefix: str, name: str, of: list[Attribute], blocks: list[NestedBlock]) -> type:
    class Planned:
        def __init__(self, provider: object) -> None:
            self.provider = provider

        @classmethod
        def get_name(cls) -> str:
            return name

        @classmethod
        def get_schema(cls) -> Schema:
            return Schema(attributes=of, block_types=blocks)

        def validate(self, diags: object, type_name: str, config: dict) -> None: ...

        def create(self, ctx: object, planned: dict) -> dict:
            return planned

        def read(self, ctx: object, current: dict) -> dict:
            return current

        def update(self, ctx: object, current: dict, planned: dict) -> dict:
            return planned

        def delete(self, ctx: object, current: dict) -> None: ...

        def plan(self, ctx: object, current: dict | None, planned: dict) -> dict:
            return planned

        def import_(self, ctx: object, id: str) -> dict | None:
            nothing = dict.fromkeys(each.name for each in of)
            return {**nothing, "id": id, **{each.type_name: [] for each in blocks}}

        def upgrade(self, ctx: object, version: int, old: dict) -> dict:
            return old

    return Planned


def source(name: str, of: list[Attribute]) -> type:
    class Read:
        def __init__(self, provider: object) -> None:
            self.provider = provider

        @classmethod
        def get_name(cls) -> str:
            return name

        @classmethod
        def get_schema(cls) -> Schema:
            return Schema(attributes=of)

        def validate(self, diags: object, type_name: str, config: dict) -> None: ...

        def read(self, ctx: object, config: dict) -> dict:
            return {**{each.name: None for each in of}, **config, **IMAGES[config["name"]], "region": "cn-north-4"}

    return Read


class Stand:
    """The provider that Terraform knows by the name of this program."""

    def __init__(self, name: str) -> None:
        self.name = name

    def full_name(self) -> str:
        owner = "terraform-provider-openstack" if self.name == "openstack" else self.name
        return f"registry.terraform.io/{owner}/{self.name}"

    def get_model_prefix(self) -> str:
        return f"{self.name}_"

    def get_provider_schema(self, diags: object) -> Schema:
        return Schema(attributes=attributes(region="o", access_key="os", secret_key="os"))

    def validate_config(self, diags: object, config: dict) -> None: ...

    def configure_provider(self, diags: object, config: dict) -> None: ...

    def get_functions(self) -> list[type]:
        return []

    def get_data_sources(self) -> list[type]:
        return [source(name, of) for name, of in DATA.items()] if self.name == "huaweicloud" else []

    def get_resources(self) -> list[type]:
        if self.name == "huaweicloud":
            return [resource(self.name, name, *parts) for name, parts in HUAWEI.items()]
        devices = block(
            "block_device",
            uuid="o", source_type="r", destination_type="o", boot_index="o:n", volume_size="o:n",
        )  # fmt: skip
        return [resource(self.name, "compute_instance_v2", NOVA, [devices, block("network", uuid="o", name="o")])]

    def new_resource(self, klass: type) -> object:
        return klass(self)

    new_data_source = new_resource


if __name__ == "__main__":
    runner.run_provider(Stand(Path(sys.argv[0]).name.rpartition("-")[2]), sys.argv)
