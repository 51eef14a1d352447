"""Payloads in the vendor's shapes, written for the tests."""

from __future__ import annotations

from typing import Any

OWNER = "3f1d0c2b5a69478e8d7c6b5a49382716"


def ims_image(**changes: object) -> dict[str, Any]:
    """A whole IMS image; a change to None leaves the attribute out."""
    image: dict[str, Any] = {
        "id": "8f2d6f0e-7f35-4d0f-a1f3-0a4f5f7f1c11",
        "name": "web",
        "status": "active",
        "owner": OWNER,
        "__imagetype": "private",
        "virtual_env_type": "FusionCompute",
        "hw_firmware_type": "bios",
        "__support_kvm": "true",
        "__os_version": "Ubuntu 22.04 server 64bit",
        "__platform": "Ubuntu",
        "__os_bit": "64",
        "min_disk": 40,
        "min_ram": "0",
        "max_ram": "0",
        "__image_size": "1073741824",
        "__image_source_type": "uds",
        "__isregistered": "true",
        "container_format": "bare",
        "disk_format": "zvhd2",
        "file": "/v2/images/8f2d6f0e-7f35-4d0f-a1f3-0a4f5f7f1c11/file",
        "schema": "/v2/schemas/image",
        "updated_at": "2026-04-05T06:07:08Z",
    }
    return {name: value for name, value in (image | changes).items() if value is not None}


def flavor(id: str = "c7n.xlarge.2", **specs: object) -> dict[str, Any]:
    """An ECS flavor with specifications; a specification set to None is left out, ``__`` stands for a colon."""
    stated: dict[str, Any] = {
        "ecs:virtualization_env_types": "CloudCompute",
        "ecs:performancetype": "computingv3",
        "resource_type": "IOoptimizedC7n",
    }
    stated |= {name.replace("__", ":"): value for name, value in specs.items()}
    specs = {name: value for name, value in stated.items() if value is not None}
    return {"id": id, "name": id, "vcpus": "4", "ram": 8192, "os_extra_specs": specs}


def server(**changes: object) -> dict[str, Any]:
    """Details of an existing ECS."""
    return {
        "id": "0d9c8b7a-6f5e-4d3c-8b2a-190807060504",
        "name": "shop",
        "tenant_id": OWNER,
        "OS-EXT-AZ:availability_zone": "cn-north-4a",
        "flavor": {"id": "c7n.xlarge.2", "vcpus": "4", "ram": "8192", "gpus": [], "asic_accelerators": []},
        "image": {"id": "8f2d6f0e-7f35-4d0f-a1f3-0a4f5f7f1c11"},
        "metadata": {"charging_mode": "0"},
    } | changes


def create_request(**changes: object) -> dict[str, Any]:
    """The body of a request to create an ECS."""
    return {
        "server": {
            "name": "shop-2",
            "imageRef": "8f2d6f0e-7f35-4d0f-a1f3-0a4f5f7f1c11",
            "flavorRef": "c7n.xlarge.2",
            "availability_zone": "cn-north-4a",
            "root_volume": {"volumetype": "SSD", "size": 60},
        }
        | changes
    }
