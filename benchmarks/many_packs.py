"""How much memory a service keeps that loads many packs in turn: ``python benchmarks/many_packs.py [PACKS]``.

Each pack differs from the others by a rule, is loaded from a folder, and is used for a check, an audit and a match; its
resident memory is printed ten times on the way. Packs that nobody holds any longer have to be forgotten.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import imagefit

ROWS = [{"id": f"i{n}", "image.status": status} for n, status in enumerate(("active", "saving", None))]
OVERLAY = """
name: mine-{number}
version: 1.0.{number}
title: Mine
extends: huawei-ims
adjustments:
  - why: the disks of pack {number} are small
    add:
      id: mine.minimum
      title: at most so much disk
      operations: all
      severity: warning
      message: "the image needs {{image.min_disk_gib}} GiB"
      require: {{image.min_disk_gib: {{at_most: {number}}}}}
      source: {{document: ims-overview, section: none}}
      examples:
        - {{facts: {{image.min_disk_gib: {number}}}, outcome: pass}}
        - {{facts: {{image.min_disk_gib: {more}}}, outcome: fail}}
        - {{facts: {{}}, outcome: unknown}}
"""


def resident() -> int:
    """Return the resident memory of this process in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 >> 20


def main(count: int) -> None:
    for number in range(1, count + 1):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "pack.yaml").write_text(OVERLAY.format(number=number, more=number + 1))
            pack = imagefit.load_pack(folder)
        imagefit.check({"image.status": "active"}, operation="share", pack=pack).to_dict()
        imagefit.audit(ROWS, operation="share", pack=pack).to_arrow()
        imagefit.match(ROWS, [{"id": "e", "ecs.memory_mib": number}], operation="create_ecs", pack=pack).by_image()
        if number % max(1, count // 10) == 0:
            print(f"{number:,} packs: {resident()} MiB", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
