"""The data of the benchmarks, made when it is asked for; of the large tables one at a time is kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

import candidates
import generators
import rulesets
from imagefit.facts import Field
from imagefit.rulepack.pack import Pack

__all__ = ["SIZES", "Size", "Workloads", "in_own_process"]

ROW_GROUP = candidates.BATCH * 2


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Attributes
    ----------
    rows
        Candidates of a table.
    few_rows
        Candidates for tools that take one after the other; what they need is given for each row, too.
    images, ecss
        The sides of the cross product that every tool does; `peer_images` is what the slow ones do of it.
    many_images
        Images of the cross product that only imagefit does.
    """

    rows: int
    few_rows: int
    images: int
    peer_images: int
    ecss: int
    many_images: int
    growing_rows: tuple[int, ...]
    growing_rules: tuple[int, ...]
    growing_images: tuple[int, ...]
    rule_rows: int
    file_rows: tuple[int, ...]


SIZES = {
    "smoke": Size(20_000, 200, 1_000, 1_000, 100, 10_000, (10_000, 20_000), (10, 40), (100, 1000), 20_000, (20_000,)),
    "bench": Size(
        1_000_000, 2_000, 10_000, 10_000, 1_000, 200_000,
        (10_000, 100_000, 1_000_000), (10, 40, 100), (1_000, 10_000, 100_000), 200_000, (2_000_000,),
    ),
    "full": Size(
        3_000_000, 20_000, 50_000, 50_000, 2_000, 1_000_000,  # of rows, as many as fit in 16 GB where all differ
        (10_000, 100_000, 1_000_000, 3_000_000), (10, 20, 40, 100, 200, 400),
        (500, 5_000, 50_000, 500_000, 5_000_000), 1_000_000, (2_000_000, 10_000_000),
    ),
}  # fmt: skip


class Workloads:
    """Tables, files and sides of a size, in a folder."""

    def __init__(self, size: Size, folder: Path) -> None:
        self.size = size
        self.folder = folder
        self._kept: tuple[object, Any] = (None, None)

    @cached_property
    def pack(self) -> Pack:
        """The rules that tables are judged by."""
        return rulesets.measured()

    @cached_property
    def fields(self) -> list[Field]:
        """The facts that those rules look at."""
        return rulesets.facts_of(self.pack)

    def table(self, kind: str, rows: int | None = None) -> pa.Table:
        """Candidates in memory, sets as dictionaries."""
        return self._keep(("table", kind, rows), lambda: candidates.table(self.fields, rows or self.size.rows, kind))

    def parquet(self, kind: str, rows: int | None = None) -> Path:
        """The same candidates in a file as others write it: sets are lists, texts and numbers as they are."""
        rows = rows or self.size.rows
        path = self.folder / f"{kind}-{rows}.parquet"
        if not path.exists():
            writer = None
            for start in range(0, rows, ROW_GROUP):
                part = candidates.table_part(self.fields, start, min(ROW_GROUP, rows - start), kind)
                writer = writer or pq.ParquetWriter(path, part.schema)
                writer.write_table(part)
            assert writer is not None
            writer.close()
        return path

    def sides(self, kind: str, images: int, ecss: int) -> tuple[pa.Table, pa.Table]:
        """Images and ECSs."""
        return self._keep(
            ("sides", kind, images, ecss),
            lambda: candidates.sides(kind, images, ecss),
        )

    def side_files(self, kind: str, images: int, ecss: int) -> tuple[Path, Path]:
        """The sides as Parquet files."""
        paths = self.folder / f"images-{kind}-{images}.parquet", self.folder / f"ecss-{kind}-{ecss}.parquet"
        for path, side, count in zip(paths, ("images", "ecss"), (images, ecss), strict=True):
            if not path.exists():
                generators.write(path, side, count, kind=kind)
        return paths

    def generated(self, fields: Sequence[Field]) -> pa.Table:
        """Candidates of a generated vocabulary."""
        rows = self.size.rule_rows
        names = tuple(f.name for f in fields)
        return self._keep(("generated", names, rows), lambda: candidates.table(fields, rows))

    def _keep(self, key: object, make: Any) -> Any:
        if self._kept[0] != key:
            self._kept = (None, None)
            self._kept = (key, make())
        return self._kept[1]


def in_own_process(*arguments: str) -> dict[str, Any]:
    """Run `peak_memory` and return what it prints."""
    folder = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, str(folder / "peak_memory.py"), *arguments],
        check=True, stdout=subprocess.PIPE, env=os.environ, text=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found
