"""Audits and a match over Spark Connect, in a process of its own: ``over_connect.py sc://HOST:PORT FOLDER``.

A process has either a Spark of its own or a client of one, so the tests can't do this themselves. It reads
`rows`, `odd`, `images` and `ecss` in the folder, all Parquet, and writes what comes back as Arrow beside them. The row
`ODD` of `odd` has a wrong value.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pyarrow.feather as feather

from imagefit.spark import audit, match
from imagefit.spark.auditing import COLUMNS, EXACT
from imagefit.spark.running import session_for

AUDIT: dict[str, Any] = {
    "operation": "create_ecs",
    "set": {"image.region": "r"},
    "assume": {"ecs.account": "@image.owner"},
}
ODD = "007"
MATCH: dict[str, Any] = {"operation": "create_ecs", "select": ["boot", "arch"], "set": {"image.visibility": "private"}}


def main(address: str, folder: Path) -> None:
    """Audit and match what is in a folder."""
    spark = session_for(address)
    rows, odd, images, ecss = (spark.read.parquet(str(folder / name)) for name in ("rows", "odd", "images", "ecss"))
    found = {
        "fast": audit(rows, columns=COLUMNS, **AUDIT),
        "exact": audit(rows, columns=EXACT, **AUDIT),
        "reported": audit(odd, columns=EXACT, on_bad_row="report", **AUDIT),
        "others": audit(odd.where(f"id <> '{ODD}'"), columns=EXACT, **AUDIT),
        "by-image": match(images, ecss, by="image", **MATCH),
        "fitting": match(images, ecss, by="fitting", **MATCH),
    }
    try:
        audit(odd, columns=["warnings"], **AUDIT).collect()
    except Exception as error:
        (folder / "error").write_text(str(error))
    for name, df in found.items():
        feather.write_feather(df.toArrow(), str(folder / f"{name}.arrow"), compression="uncompressed")
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
