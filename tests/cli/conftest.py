from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import Result

import commands

IMAGE = {
    "id": "11111111-aaaa-4000-8000-000000000001",
    "name": "web-uefi",
    "status": "active",
    "owner": "0a1b2c3d",
    "__imagetype": "private",
    "virtual_env_type": "FusionCompute",
    "hw_firmware_type": "uefi",
    "__os_bit": "64",
    "__os_version": "Ubuntu 22.04 server 64bit",
    "__platform": "Ubuntu",
    "__support_kvm": "true",
    "__whole_image": "false",
    "min_disk": 40,
    "min_ram": 0,
    "max_ram": "0",
    "__image_size": "2500000000",
    "__image_source_type": "uds",
    "__isregistered": "true",
    "container_format": "bare",
    "disk_format": "zvhd2",
    "file": "/v2/images/11111111-aaaa-4000-8000-000000000001/file",
    "schema": "/v2/schemas/image",
    "updated_at": "2026-05-06T07:08:09Z",
}
"""The shape of a whole image in the image service's list, small."""


@pytest.fixture
def run() -> Callable[..., Result]:
    """What runs `imagefit` in this process: ``run("check", "--operation", "share")``."""
    return commands.run


@pytest.fixture
def start() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `imagefit` as a process of its own; `**options` as of `subprocess.run`."""

    def execute(*arguments: str, env: Mapping[str, str] | None = None, **options: object):
        environment = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")} | dict(env or {})
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        command = [sys.executable, "-W", "error", "-m", "imagefit.cli", *arguments]
        return subprocess.run(command, env=environment, text=True, timeout=60, check=False, **options)

    return execute


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A list of two images in the image service's form."""
    other = IMAGE | {"id": "11111111-aaaa-4000-8000-000000000002", "name": "web-bios", "hw_firmware_type": "bios"}
    file = tmp_path / "images.json"
    file.write_text(json.dumps({"images": [IMAGE, other]}))
    return file
