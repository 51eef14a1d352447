"""One piece of work in a process of its own: prints its seconds and its peak memory as JSON.

``python peak_memory.py audit IN.parquet OUT.parquet`` or ``python peak_memory.py match IMAGES ECSS``.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import imagefit
import ours


def peak_mib() -> float:
    """The most memory that this process has had resident, without what its parent had."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main(what: str, first: str, second: str) -> None:
    imagefit.load_pack()
    started = time.perf_counter()
    if what == "audit":
        ours.file_to_file(Path(first), Path(second))
    else:
        ours.counts(first, second, "create_ecs")
    print(json.dumps({"seconds": time.perf_counter() - started, "peak_mib": peak_mib()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
