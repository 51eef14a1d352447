"""Seeded image lists as the cloud answers them: `alike`, as an account holds them, or `different`, each its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from generators import ACCOUNTS

__all__ = ["KINDS", "image_list"]

KINDS = ("alike", "different")
SYSTEMS = [
    *(("Ubuntu", f"Ubuntu {version}.04 server 64bit") for version in (18, 20, 22, 24)),
    *(("CentOS", f"CentOS 7.{minor} 64bit") for minor in range(4, 10)),
    *(("openEuler", f"openEuler {version}.03 64bit") for version in (20, 22)),
    ("Windows", "Windows Server 2019 Standard 64bit"),
    ("Other", "Other Linux(64 bit) 64bit"),
]
SUPPORTS = [{"__support_kvm": "true"}, {"__support_kvm": "true", "__support_xen": "true"}, {"__support_arm": "true"}]


def image_list(path: Path, count: int, kind: str) -> None:
    """Write a list of so many images, an image a line, in the form of IMS's answer."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"first": "/v2/cloudimages?limit=100", "images": [\n')
        for number, image in enumerate(_images(count, kind)):
            file.write((",\n" if number else "") + json.dumps(image))
        file.write("\n]}\n")


def _images(count: int, kind: str) -> Iterator[dict[str, Any]]:
    random = Random(kind)
    for number in range(count):
        platform, version = SYSTEMS[min(int(random.expovariate(0.4)), len(SYSTEMS) - 1)]
        id = str(UUID(int=random.getrandbits(128)))
        visibility = random.choices(["private", "shared", "public"], [75, 20, 5])[0]
        image: dict[str, Any] = {
            "__backup_id": "",
            "__data_origin": f"instance,{UUID(int=random.getrandbits(128))}",
            "__description": random.choice(["", "", "made by the build"]),
            "__image_size": str(random.randrange(10**9, 10**11)),
            "__image_source_type": "uds",
            "__imagetype": {"public": "gold"}.get(visibility, visibility),
            "__isregistered": "true",
            "__originalimagename": id,
            "__os_bit": random.choices(["64", "32"], [97, 3])[0],
            "__os_type": "Windows" if platform == "Windows" else "Linux",
            "__os_version": version,
            "__platform": platform,
            **SUPPORTS[min(int(random.expovariate(1.5)), 2)],
            "__system_support_market": random.random() < 0.9,
            "container_format": "bare",
            "created_at": f"2026-03-{random.randrange(10, 29)}T08:15:{random.randrange(10, 60)}Z",
            "disk_format": "zvhd2",
            "enterprise_project_id": "0",
            "file": f"/v2/images/{id}/file",
            "hw_firmware_type": random.choices(["bios", "uefi"], [85, 15])[0],
            "hw_vif_multiqueue_enabled": "true",
            "id": id,
            "max_ram": "0",
            "min_disk": random.choice([10, 20, 40, 40, 40, 80, 100]),
            "min_ram": random.choice([0, 0, 0, 1024, 2048]),
            "name": f"image-{number:06}",
            "owner": ACCOUNTS[min(int(random.expovariate(0.2)), 40)],
            "protected": False,
            "schema": "/v2/schemas/image",
            "self": f"/v2/images/{id}",
            "size": random.randrange(1, 100),
            "status": random.choices(["active", "saving", "killed"], [96, 2, 2])[0],
            "tags": [],
            "updated_at": f"2026-09-{random.randrange(10, 29)}T08:31:{random.randrange(10, 60)}Z",
            "virtual_env_type": "FusionCompute",
            "visibility": visibility,
        }  # fmt: skip
        if kind == "different":
            image |= {
                "__os_version": f"{version} build {number}",
                "min_disk": random.randrange(1, 1024),
                "min_ram": random.randrange(0, 65536),
                "owner": f"{random.getrandbits(128):032x}",
                f"__support_feature_{random.randrange(1000)}": "true",
                "__sequence_num": str(number),
            }
        yield image
