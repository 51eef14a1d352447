"""Seeded inventories of any size: images, ECSs, and candidates that are an image and an ECS in one row.

Two kinds. `skewed` is shaped like what real accounts hold: few regions and accounts have most of it, facts
go together (a GPU flavor has the attribute demand of its GPU), and 5 % of the values are unknown.
`adversarial` is uniformly random over the whole vocabulary, with very many different strings and numbers,
so that nothing repeats. The same seed and size give the same rows on every machine.

As a program: ``python benchmarks/generators.py images 100000 images.parquet --kind skewed --seed 1``.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from imagefit.facts import Field

BATCH = 131_072
UNKNOWN = 0.05
KINDS = ("skewed", "adversarial")
SIDES = ("images", "ecss", "candidates")

REGIONS = [
    f"{place}-{n}" for place in ("ap-southeast", "cn-north", "cn-east", "eu-west", "la-south") for n in range(1, 6)
]
ACCOUNTS = [f"{n * 2654435761 % 2**32:08x}{n:024x}" for n in range(5000)]
PLATFORMS = [
    *("centos", "ubuntu", "windows", "huawei_cloud_euleros", "debian"),
    *("red_hat", "suse", "euleros", "openeuler", "other"),
]
GPUS = ["__support_gpu_t4=true", "__support_kvm_gpu_type=V100", "__support_kvm_gpu_type=A30"]
NPUS = ["__support_kvm_ascend_310=true", "__support_kvm_ascend_310P=true"]
COMMON = [["__support_kvm=true"], ["__support_kvm=true", "__support_xen=true"], [], ["__support_arm=true"]]
ATTRIBUTES = [
    *COMMON,
    *([*base, gpu] for base in COMMON for gpu in GPUS),
    *([*base, npu] for base in COMMON for npu in NPUS),
    *([*base, f"__support_feature_{n}=true"] for n in range(40) for base in COMMON),
]

Array = pa.Array | pa.ChunkedArray


class Maker:
    """Makes columns of one batch."""

    def __init__(self, count: int, seed: Sequence[int]) -> None:
        self.count = count
        self.random = np.random.default_rng(list(seed))

    def skewed(self, choices: int, steepness: float = 1.1) -> np.ndarray:
        """Numbers below `choices`, the first ones much more often than the last ones (Zipf)."""
        weights = np.arange(1, choices + 1) ** -steepness
        return np.searchsorted(np.cumsum(weights) / weights.sum(), self.random.random(self.count))

    def chosen(self, weights: Sequence[float]) -> np.ndarray:
        """Numbers by their weights."""
        return np.searchsorted(np.cumsum(weights) / sum(weights), self.random.random(self.count)).astype(np.int32)

    def known(self, share: float = 1 - UNKNOWN) -> np.ndarray:
        return self.random.random(self.count) < share

    def coded(self, codes: np.ndarray, values: Sequence[object], is_known: np.ndarray | None = None) -> Array:
        """Values by their codes: texts as a dictionary, lists as they are (Parquet has no dictionary of lists)."""
        is_known = self.known() if is_known is None else is_known
        indices = pa.array(codes.astype(np.int32), mask=~is_known)
        if isinstance(values[0], list):
            return pa.array(values, pa.list_(pa.string())).take(indices)
        return pa.DictionaryArray.from_arrays(indices, pa.array(values))

    def plain(self, numbers: np.ndarray, is_known: np.ndarray | None = None) -> Array:
        return pa.array(numbers, mask=~(self.known() if is_known is None else is_known))

    def yes(self, share: float, is_known: np.ndarray | None = None) -> Array:
        return self.plain(self.random.random(self.count) < share, is_known)


def skewed_images(make: Maker) -> dict[str, Array]:
    visibility = make.chosen([15, 60, 20, 5])
    is_private, is_shared = visibility == 1, visibility == 2
    kind = make.chosen([80, 12, 5, 3])
    is_arm = make.random.random(make.count) < 0.15
    attributes = make.skewed(len(ATTRIBUTES), 1.3)
    accelerators = np.select([(attributes >= 4) & (attributes < 16), (attributes >= 16) & (attributes < 24)], [1, 2], 0)
    sharing = [[], *([ACCOUNTS[n], ACCOUNTS[n * 7 % 211], ACCOUNTS[n * 3 % 97]][: 1 + n % 3] for n in range(800))]
    return {
        "image.visibility": make.coded(visibility, ["public", "private", "shared", "koogallery"]),
        "image.type": make.coded(kind, ["system_disk", "data_disk", "full_ecs", "iso"]),
        "image.platform_target": make.coded(make.chosen([98, 2]), ["ecs", "bms"]),
        "image.status": make.coded(make.chosen([1, 1, 95, 2, 1]), ["queued", "saving", "active", "killed", "deleted"]),
        "image.region": make.coded(make.skewed(len(REGIONS)), REGIONS),
        "image.owner": make.coded(make.skewed(1000), ACCOUNTS[:1000]),
        "image.withdrawn": make.yes(0.1, make.known() & (visibility == 3)),
        "image.boot_mode": make.coded(np.where(is_arm, 1, make.chosen([85, 15])), ["bios", "uefi"]),
        "image.architecture": make.coded(is_arm, ["x86_64", "arm64"]),
        "image.hypervisors": make.coded(make.chosen([80, 15, 5]), [["kvm"], ["kvm", "xen"], ["xen"]]),
        "image.accelerators": make.coded(accelerators, [[], ["gpu"], ["npu"]]),
        "image.attributes": make.coded(attributes, ATTRIBUTES),
        "image.platform": make.coded(make.skewed(len(PLATFORMS)), PLATFORMS),
        "image.os_version": make.coded(
            make.skewed(300), [f"{PLATFORMS[n % 10]} {n // 10}.{n % 7} 64bit" for n in range(300)]
        ),
        "image.os_bits": make.plain(np.where(make.random.random(make.count) < 0.03, 32, 64)),
        "image.os_supports_uefi": make.yes(0.6),
        "image.min_disk_gib": make.plain(np.array([40, 10, 20, 80, 100, 200, 500])[make.skewed(7, 1.5)]),
        "image.min_memory_mib": make.plain(np.array([0, 512, 1024, 2048, 4096, 8192])[make.skewed(6, 1.5)]),
        "image.max_memory_mib": make.plain(np.where(make.random.random(make.count) < 0.95, 0, 65536)),
        "image.size_gib": make.plain(np.round(make.random.lognormal(1.0, 1.2, make.count), 2)),
        "image.encrypted": make.yes(0.08),
        "image.made_from": make.coded(make.chosen([75, 5, 20]), ["public_image", "koogallery_image", "external_file"]),
        "image.full_ecs_origin": make.coded(
            make.chosen([50, 20, 30]), ["cbr_backup", "csbs_backup", "ecs"], make.known(0.5) & (kind == 2)
        ),
        "image.published_in_koogallery": make.yes(0.01, make.known(0.7) & is_private),
        "image.shared_with": make.coded(
            np.where(is_shared, 1 + make.skewed(800), 0), sharing, make.known() & (is_shared | is_private)
        ),
        "image.accepted_by": make.coded(
            np.where(is_shared, 1 + make.skewed(800), 0), sharing, make.known() & (is_shared | is_private)
        ),
        "image.recipients": make.plain(np.where(is_private, make.skewed(12, 2.5), 0)),
    }


def skewed_ecss(make: Maker) -> dict[str, Array]:
    family = make.chosen([70, 12, 5, 4, 2, 7])  # general, ARM, GPU, NPU, FPGA, old Xen
    is_arm = family == 1
    accelerator = np.array([0, 0, 1, 2, 3, 0])[family]
    gpu, npu = make.skewed(len(GPUS)), make.skewed(len(NPUS))
    demanded = np.select([family == 2, family == 3], [1 + gpu, 1 + len(GPUS) + npu], 0)
    demands = [[], *([name] for name in (*GPUS, *NPUS))]
    is_explicit = make.random.random(make.count) < 0.7
    return {
        "ecs.region": make.coded(make.skewed(len(REGIONS)), REGIONS),
        "ecs.account": make.coded(make.skewed(200), ACCOUNTS[:200]),
        "ecs.boot_mode": make.coded(np.where(is_arm, 1, make.chosen([90, 10])), ["bios", "uefi"]),
        "ecs.architecture": make.coded(is_arm, ["x86_64", "arm64"]),
        "ecs.virtualization": make.coded(family == 5, ["kvm", "xen"]),
        "ecs.accelerator": make.coded(accelerator, ["none", "gpu", "npu", "fpga"]),
        "ecs.required_image_attributes": make.coded(demanded, demands),
        "ecs.flavor_status": make.coded(
            make.chosen([70, 8, 2, 12, 1, 7]), ["normal", "promotion", "obt", "sellout", "obt_sellout", "abandon"]
        ),
        "ecs.memory_mib": make.plain(1024 * 2 ** make.chosen([5, 15, 25, 25, 15, 8, 4, 2, 1]).astype(np.int64)),
        "ecs.system_disk": make.coded(is_explicit, ["image_default", "explicit"]),
        "ecs.system_disk_gib": make.plain(
            np.array([40, 100, 200, 60, 20, 500])[make.skewed(6, 1.2)], make.known() & is_explicit
        ),
        "ecs.system_disk_encrypted": make.yes(0.1),
        "ecs.temporary": make.yes(0.02),
        "ecs.billing": make.coded(make.chosen([60, 35, 5]), ["pay_per_use", "yearly_monthly", "spot"]),
    }


def adversarial(make: Maker, prefix: str) -> dict[str, Array]:
    """Every field of the pack's vocabulary that starts with the prefix, uniformly random."""
    from imagefit import load_pack
    from imagefit.facts import FieldType

    many = 50_000
    columns: dict[str, Array] = {}
    for name, field in load_pack().fields.items():
        if not name.startswith(prefix):
            continue
        pick = make.random.integers
        if field.type is FieldType.ENUM:
            columns[name] = make.coded(pick(0, len(field.values), make.count), list(field.values))
        elif field.type is FieldType.BOOLEAN:
            columns[name] = make.yes(0.5)
        elif field.type is FieldType.INTEGER:
            columns[name] = make.plain(pick(0, 10**6, make.count))
        elif field.type is FieldType.NUMBER:
            columns[name] = make.plain(make.random.random(make.count) * 2000)
        elif field.type is FieldType.STRING:
            columns[name] = make.coded(
                pick(0, many, make.count), [f"text-{n * 2654435761 % 2**32:08x}" for n in range(many)]
            )
        else:
            columns[name] = make.coded(pick(0, len(_sets(field)), make.count), _sets(field))
    return columns


@cache
def _sets(field: Field) -> list[list[str]]:
    random = np.random.default_rng(0)
    if field.values:
        return [[v for n, v in enumerate(field.values) if chosen >> n & 1] for chosen in range(2 ** len(field.values))]
    texts = (f"text-{n * 2654435761 % 2**32:08x}" for n in range(300))
    names = [f"{text}=true" if field.elements else text for text in texts]  # of the form name=value
    return [[names[i] for i in random.choice(300, size, replace=False)] for size in random.integers(0, 12, 20_000)]


def images(make: Maker, kind: str) -> dict[str, Array]:
    return skewed_images(make) if kind == "skewed" else adversarial(make, "image.")


def ecss(make: Maker, kind: str) -> dict[str, Array]:
    return skewed_ecss(make) if kind == "skewed" else adversarial(make, "ecs.")


def candidates(make: Maker, kind: str) -> dict[str, Array]:
    return {**images(make, kind), **ecss(make, kind)}


_COLUMNS: dict[str, Callable[[Maker, str], dict[str, Array]]] = {
    "images": images,
    "ecss": ecss,
    "candidates": candidates,
}


def batches(side: str, count: int, *, kind: str = "skewed", seed: int = 1) -> Iterator[pa.RecordBatch]:
    """Yield `count` rows of images, ecss or candidates, with an ``id`` that no two rows share."""
    for number in range(math.ceil(count / BATCH)):
        start, size = number * BATCH, min(BATCH, count - number * BATCH)
        make = Maker(size, (seed, SIDES.index(side), KINDS.index(kind), number))
        ids = pc.binary_join_element_wise(
            side[:3], pc.utf8_lpad(pa.array(range(start, start + size)).cast("string"), 9, "0"), "-"
        )
        yield pa.RecordBatch.from_pydict({"id": ids, **_COLUMNS[side](make, kind)})


def table(side: str, count: int, *, kind: str = "skewed", seed: int = 1) -> pa.Table:
    """The rows of `batches` as one table, whose dictionaries are the same in every chunk."""
    made = list(batches(side, max(count, 1), kind=kind, seed=seed))
    return pa.Table.from_batches(made).slice(0, count)


def write(path: str | Path, side: str, count: int, *, kind: str = "skewed", seed: int = 1) -> None:
    """Write rows to a Parquet, CSV or JSON Lines file that imagefit reads, by the name's ending."""
    path = Path(path)
    made = batches(side, count, kind=kind, seed=seed)
    if path.suffix == ".parquet":
        first = next(made)
        with pq.ParquetWriter(path, first.schema) as writer:
            writer.write_batch(first)
            for batch in made:
                writer.write_batch(batch)
    elif path.suffix == ".csv":
        with path.open("wb") as file:
            for number, batch in enumerate(made):
                flat = pa.table({name: _flat(batch[name]) for name in batch.schema.names})
                pyarrow.csv.write_csv(flat, file, pyarrow.csv.WriteOptions(include_header=number == 0))
    elif path.suffix == ".jsonl":
        import json

        with path.open("w", encoding="utf-8") as file:
            for batch in made:
                for row in batch.to_pylist():
                    file.write(json.dumps({name: value for name, value in row.items() if value is not None}) + "\n")
    else:
        raise SystemExit(f"{path}: the name has to end in .parquet, .csv or .jsonl")


def _flat(column: Array) -> Array:
    """A column as CSV can hold it: sets as text, ``[]`` for the empty one."""
    if pa.types.is_dictionary(column.type):
        return column.dictionary_decode()
    if not pa.types.is_list(column.type):
        return column
    texts = pc.binary_join(column, ";")
    return pc.if_else(pc.equal(pc.list_value_length(column), 0), "[]", texts)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a seeded inventory to a file.")
    parser.add_argument("side", choices=SIDES)
    parser.add_argument("count", type=int)
    parser.add_argument("path", type=Path)
    parser.add_argument("--kind", choices=KINDS, default="skewed")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    write(options.path, options.side, options.count, kind=options.kind, seed=options.seed)


if __name__ == "__main__":
    main()
