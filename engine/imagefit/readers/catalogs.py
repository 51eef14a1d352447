"""The reference catalogs that ship with imagefit: what the cloud's documents tell of regions, flavors and OSs.

Each row of a catalog names its source. A catalog is read when it is first asked; what no catalog tells is
unknown, and nothing is inferred from how a name looks.
"""

from __future__ import annotations

import io
import re
from _csv import reader  # csv's own, without all that csv defines beside it
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from operator import itemgetter
from typing import TYPE_CHECKING

from imagefit.errors import nearest
from imagefit.readers.shipped import shipped_folder
from imagefit.values import dataclass, pattern

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["Catalogs", "ErrorCode", "Family", "Size", "arithmetic", "plain_id", "shipped_catalogs"]


@dataclass(frozen=True, slots=True)
class Family:
    """What is documented of a flavor family; empty text is unknown.

    Attributes
    ----------
    name
        The part of a flavor id before its first dot; ``k*`` stands for all that start with k, ``*`` for every ECS
        flavor that has no other row. With a dot in it, a pattern of whole ids: clouds use a name for different
        families, which the form of their ids tells apart.
    is_regular
        Whether the arithmetic of the ids holds for every documented flavor of the family, but for `exceptions`:
        ``p2s.2xlarge.8`` is 8 vCPUs with 8 GiB each.
    exceptions
        The sizes, such as ``15xlarge``, for which it does not.
    """

    name: str
    architecture: str
    accelerator: str
    virtualization: str
    is_regular: bool
    source: str
    exceptions: frozenset[str] = frozenset()

    @property
    def is_naming_rule(self) -> bool:
        """Whether it stands for all families that have no row of their own."""
        return "." not in self.name and self.name.endswith("*")


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a flavor."""

    vcpus: int
    memory_mib: int
    source: str


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """A code that the cloud's API answers, what it means, and the rule that foresees it, or why none can."""

    code: str
    meaning: str
    rule: str
    why_no_rule: str
    source: str


class Catalogs:
    """The catalogs of a folder, each read when it is first used; the built-in ones by default."""

    def __init__(self, folder: Traversable | None = None) -> None:
        self._folder = folder

    @cached_property
    def regions(self) -> Mapping[str, str]:
        """The ids of the known regions, with the source of each."""
        return {region: source for region, source in self._columns("regions.csv", "region", "source")}

    @cached_property
    def zones(self) -> Mapping[str, str]:
        """The region of each known availability zone. A zone's name does not tell it: cn-south-2b is in cn-south-1."""
        columns = self._columns("availability-zones.csv", "availability_zone", "region")
        return {zone: region for zone, region in columns}

    @cached_property
    def families(self) -> Mapping[str, Family]:
        """The known flavor families."""
        return {
            row["family"]: Family(
                row["family"],
                row["architecture"],
                row["accelerator"],
                row["virtualization"],
                row["regular"] == "yes",
                row["source"],
                frozenset((row.get("except") or "").split(";")) - {""},
            )
            for row in self._rows("flavor-families.csv")
        }

    @cached_property
    def _patterns(self) -> tuple[tuple[re.Pattern[str], Family], ...]:
        """The rows for more than one family, in their order, each with what it matches: names, or whole ids."""
        return tuple(
            (pattern(re.escape(name).replace(r"\*", "[a-z0-9]*")), family)
            for name, family in self.families.items()
            if "*" in name
        )

    @cached_property
    def _forms(self) -> tuple[tuple[re.Pattern[str], Family], ...]:
        return tuple([(form, family) for form, family in self._patterns if "." in family.name])

    @cached_property
    def sizes(self) -> Mapping[str, Size]:
        """The flavors of documented size."""
        return {
            flavor: Size(int(vcpus), int(memory_mib), source)
            for flavor, vcpus, memory_mib, source in self._columns(
                "flavors.csv", "flavor", "vcpus", "memory_mib", "source"
            )
        }

    @cached_property
    def gpu_types(self) -> Mapping[str, frozenset[str]]:
        """What an image for the GPUs of a family declares, by the family's name; of the documented families only."""
        return {row["family"]: frozenset(row["gpu_types"].split(";")) for row in self._rows("image-gpu-types.csv")}

    @cached_property
    def image_demands(self) -> Mapping[str, frozenset[str]]:
        """What a flavor demands of an image, by its id; of those whose payload was recorded only."""
        return {
            row["flavor"]: frozenset(row["required_image_attributes"].split(";"))
            for row in self._rows("flavor-image-demands.csv")
        }

    @cached_property
    def error_codes(self) -> Mapping[str, ErrorCode]:
        """What the error codes of the cloud's APIs mean."""
        return {
            row["code"]: ErrorCode(*(row[name] for name in ("code", "meaning", "rule", "why_no_rule", "source")))
            for row in self._rows("error-codes.csv")
        }

    @cached_property
    def _uefi_versions(self) -> frozenset[str]:
        return frozenset(row["os_version"].casefold() for row in self._rows("uefi-os.csv"))

    def supports_uefi(self, os_version: str) -> bool | None:
        """Whether an OS is in the list of those that can boot in UEFI mode (ignoring case); not listed is unknown."""
        return True if os_version.strip().casefold() in self._uefi_versions else None

    def family(self, flavor_id: str) -> Family | None:
        """Return the family that a flavor id belongs to.

        By the form of the whole id, where a row tells it; by the family's exact name; else by a row such as
        ``k*``, for ids of the form that ECS flavors have.
        """
        plain = plain_id(flavor_id)
        name = plain.partition(".")[0]
        for form, family in self._forms:
            if form.fullmatch(plain):
                return family
        if (exact := self.families.get(name)) is not None:
            return exact
        if not _ECS_ID.fullmatch(plain):
            return None
        return next((family for form, family in self._patterns if form.fullmatch(name)), None)

    def likely_family(self, flavor_id: str) -> str | None:
        """Return the known family that a name may be a slip of the pen for, or None.

        Capitals, separators, doubled and swapped characters are slips. Another letter or digit is another
        family: ``s6`` is not ``t6``.
        """
        name = re.split(r"[.\s]", flavor_id[:50].strip(), maxsplit=1)[0]
        near = sorted(known for known in self.families if "*" not in known and _slip(known) == _slip(name))
        return near[0] if near else None

    def likely_flavors(self, flavor_id: str) -> list[str]:
        """Return flavors that an id can mean which is not a whole one: those that begin so, or the nearest one.

        They are of the id's family, and their sizes are known: from the catalog, or by the arithmetic of ids that end
        as those of the family do.
        """
        family, dot, size = plain_id(flavor_id[:50]).partition(".")
        if not dot or (_SIZE.match(size) and (not _REGULAR_ID.fullmatch(flavor_id) or self._has_ratio(flavor_id))):
            return []
        known = [each for each in self.sizes if each.startswith(f"{family}.")]
        endings = list(dict.fromkeys(each.rpartition(".")[2] for each in known))
        regular = (f"{family}.{each}.{ending}" for each in _USUAL for ending in endings)
        known += [each for each in regular if each not in known and self.size(each) is not None]
        begun = [each for each in known if each.startswith(flavor_id)]
        near = None if begun else nearest(flavor_id, known)
        return begun if near is None else [near]

    def size(self, flavor_id: str) -> tuple[int, int, str] | None:
        """Return the vCPUs and the memory (MiB) of a flavor and where they are known from, or None.

        The catalog of sizes is asked first; then the id's arithmetic, where its family is regular.
        """
        plain = plain_id(flavor_id)
        if (size := self.sizes.get(plain)) is not None:
            return size.vcpus, size.memory_mib, f"flavors: {plain}"
        family = self.family(plain)
        if family is None or not family.is_regular or (by_id := arithmetic(plain)) is None:
            return None
        if plain.split(".")[1] in family.exceptions or not self._has_ratio(plain):
            return None
        return *by_id, f"the id's arithmetic, which holds in family {family.name}"

    def _has_ratio(self, plain: str) -> bool:
        """Tell whether ids of regular families end so, or one of this family: ``s6.large.3`` is no flavor."""
        family, *_, ratio = plain.split(".")
        return ratio in RATIOS or ratio.endswith("g") or (family, ratio) in self._ratios

    @cached_property
    def _ratios(self) -> frozenset[tuple[str, str]]:
        return frozenset((parts[0], parts[-1]) for parts in (flavor.split(".") for flavor in self.sizes))

    def _rows(self, name: str) -> Iterator[dict[str, str]]:
        names, rows = self._read(name)
        yield from (dict(zip(names, row, strict=True)) for row in rows)

    def _columns(self, name: str, *columns: str) -> Iterator[tuple[str, ...]]:
        """Yield the cells of several columns, row by row."""
        names, rows = self._read(name)
        yield from map(itemgetter(*map(names.index, columns)), rows)

    def _read(self, name: str) -> tuple[list[str], Iterator[list[str]]]:
        folder = shipped_folder("data") if self._folder is None else self._folder
        rows = reader(io.StringIO(folder.joinpath(name).read_text(encoding="utf-8")), strict=True)
        return next(rows), rows


@cache
def shipped_catalogs() -> Catalogs:
    """Return the catalogs that ship, each of which a process reads once."""
    return Catalogs()


_SUFFIXES = (".linux", ".win", ".bigdata")


def plain_id(flavor_id: str) -> str:
    """Return a flavor's id without what bills put behind it: the OS, and ``bigdata``."""
    while flavor_id.endswith(_SUFFIXES):
        flavor_id = flavor_id.rpartition(".")[0]
    return flavor_id


def _slip(name: str) -> str:
    """Return what all names have in common that differ by a slip of the pen."""
    kept = re.sub(r"[^a-z0-9]", "", name.casefold())
    return "".join(sorted(re.sub(r"(.)\1", r"\1", kept)))


RATIOS = frozenset(("1", "2", "4", "8"))
"""GiB of memory for each vCPU that regular families have; of other ones, the catalog has a flavor."""

_USUAL = ("small", "medium", "large", "xlarge", "2xlarge", "4xlarge")
"""Sizes that most regular families have."""

_ECS_ID = pattern(r"[a-z]+[0-9]+[a-z0-9]*(?:\.[a-z0-9]+)+")
_SIZE = pattern(
    r"(?:small|medium|large|[1-9][0-9]{0,2}xlarge|xlarge)\.[1-9]|[1-9][0-9]{0,2}u\.[1-9]|physical|.*\.physical"
)
_REGULAR_ID = pattern(r"[a-z0-9]+\.(?:(small|medium)|(large)|([1-9][0-9]{0,2})?xlarge)\.([1-9][0-9]{0,2})")
_FLEXUS_ID = pattern(r"x[0-9]+[a-z]*\.([1-9][0-9]{0,2})u\.([1-9][0-9]{0,3})g")


def arithmetic(flavor_id: str) -> tuple[int, int] | None:
    """Work out the vCPUs and the memory in MiB: ``2xlarge.8`` is 2 x 4 vCPUs with 8 GiB each, ``4u.8g`` is 8 GiB."""
    if (stated := _FLEXUS_ID.fullmatch(flavor_id)) is not None:
        return int(stated[1]), int(stated[2]) * 1024
    if (match := _REGULAR_ID.fullmatch(flavor_id)) is None:
        return None
    one, two, factor, gib_a_vcpu = match.groups()
    vcpus = 1 if one else 2 if two else 4 * int(factor or 1)
    return vcpus, vcpus * int(gib_a_vcpu) * 1024
