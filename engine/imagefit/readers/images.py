"""What the attributes of an image mean: the mapping table of the image service's JSON.

The same table serves IMS and Glance (attributes beside id and name), Nova (inside ``metadata``) and the
``volume_image_metadata`` of disks; `imagelists` takes the shapes apart, `imagekinds` tells kinds of images.
"""

from __future__ import annotations

from functools import lru_cache

from imagefit.facts import OriginKind, Value
from imagefit.readers.catalogs import Catalogs
from imagefit.readers.imagekinds import KIND_ROWS, is_ecs_image
from imagefit.readers.regions import region_row
from imagefit.readers.translation import (
    TRUTHS,
    Attributes,
    NotUnderstood,
    Translation,
    boolean,
    choice,
    identifier,
    one,
    text,
    whole,
)

__all__ = ["image_table"]

_SUPPORT = "__support_*"


def image_table(catalogs: Catalogs) -> tuple[Translation, ...]:
    """Return the table: attributes of an image to facts, in the order in which the documentation shows it."""
    return (
        *_IDENTITY,
        *KIND_ROWS,
        region_row("image.region", catalogs),
        *_PLATFORM,
        *_SIZES,
        *_PROVENANCE,
        _supports_uefi(catalogs),
    )


_VISIBILITIES = choice({"gold": "public", "private": "private", "shared": "shared", "market": "koogallery"})


def _visibility(attributes: Attributes) -> Value | None:
    stated = {
        _VISIBILITIES(name, attributes[name]): name for name in ("__imagetype", "__image_type") if name in attributes
    }
    if len(stated) > 1:
        raise NotUnderstood("__image_type", attributes["__image_type"], "what __imagetype says")
    return next(iter(stated), None)


_IDENTITY = (
    Translation(
        "image.visibility",
        ("__imagetype", "__image_type"),
        "gold: public; private; shared; market: koogallery; __image_type (Nova's lists) where __imagetype is not "
        "there. The attribute visibility does not decide",
        _visibility,
        because=lambda a: "__imagetype" if "__imagetype" in a else "__image_type",
    ),
    Translation(
        "image.status",
        ("status",),
        "in lower case: queued, saving, active, killed, deleted",
        one("status", lambda name, raw: text(name, raw).lower()),
    ),
    Translation("image.owner", ("owner",), "as it is (a project id)", one("owner", identifier)),
    Translation("image.protected", ("protected",), "a boolean in any spelling", one("protected", boolean)),
    Translation(
        "image.charged",
        ("__account_code",),
        "not empty: true",
        one("__account_code", lambda name, raw: bool(identifier(name, raw))),
    ),
    Translation("image.withdrawn", ("__is_offshelved",), "a boolean in any spelling", one("__is_offshelved", boolean)),
    Translation(
        "image.can_be_published",
        ("__system_support_market",),
        "a boolean in any spelling",
        one("__system_support_market", boolean),
    ),
)


_ARCHITECTURE_NAMES = ("architecture", "HW_ARCH", "hw_architecture")
_ARCHITECTURES = choice(
    {"x86": "x86_64", "arm": "arm64", "x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}
)


def _architecture(attributes: Attributes) -> Value | None:
    is_arm = attributes.get("__support_arm")
    stated = {name: _ARCHITECTURES(name, attributes[name]) for name in _ARCHITECTURE_NAMES if name in attributes}
    if is_arm is not None and boolean("__support_arm", is_arm):
        stated["__support_arm"] = "arm64"
    if len(set(stated.values())) > 1:
        first, *_, last = stated
        raise NotUnderstood(first, attributes[first], f"what {last} says")
    return next(iter(stated.values()), None)


def _x86_if_ecs(attributes: Attributes) -> Value | None:
    return "x86_64" if is_ecs_image(attributes) else None


def _is_declared(name: str, raw: object) -> bool:
    """Tell whether a ``__support_*`` attribute declares something: a model, a list, or true."""
    return True if _names_model(name, raw) else boolean(name, raw)


def _names_model(name: str, raw: object) -> bool:
    """Tell whether a value is the name of a model, or a list of such, and no truth however it is written."""
    return isinstance(raw, str) and raw.strip().casefold() not in TRUTHS


def _hypervisors(attributes: Attributes) -> Value | None:
    found = set()
    for name in attributes:
        is_hypervisor = name.startswith(("__support_kvm", "__support_xen")) or name == "__support_arm"
        if is_hypervisor and _is_declared(name, attributes[name]):
            found.add("xen" if name.startswith("__support_xen") else "kvm")
    return frozenset(found) or None


def _capabilities(attributes: Attributes) -> Value | None:
    found = set()
    for name, raw in attributes.items():
        if name.startswith("__support_"):
            value = str(raw).strip() if _names_model(name, raw) else "true" if boolean(name, raw) else "false"
            found.add(f"{name}={value}")
    return frozenset(found) or None


_ACCELERATOR_WORDS = {"gpu": "gpu", "ascend": "npu", "npu": "npu", "fpga": "fpga"}


@lru_cache(1024)
def _kinds_in(name: str) -> frozenset[str]:
    """Return the kinds of accelerators of which an attribute's name speaks."""
    words = name.casefold().split("_") if name.startswith("__support_") else ()
    return frozenset(kind for word, kind in _ACCELERATOR_WORDS.items() if word in words)


def _accelerators(attributes: Attributes) -> Value | None:
    found: set[str] = set()
    for name, raw in attributes.items():
        if name.startswith("__support_") and _is_declared(name, raw):
            found |= _kinds_in(name)
    return frozenset(found) or None


_GPU_TYPES = ("__support_kvm_gpu_type", "__support_xen_gpu_type")


def _gpu_types(attributes: Attributes) -> Value | None:
    found: set[str] = set()
    for name in _GPU_TYPES:
        models = text(name, attributes[name]).split(",") if name in attributes else []
        if any(not model.strip() or not _names_model(name, model) for model in models):
            raise NotUnderstood(name, attributes[name], "a model")
        found |= {model.strip() for model in models}
    return frozenset(found) or None


_PLATFORMS = {
    "Windows": "windows",
    "SUSE": "suse",
    "RedHat": "red_hat",
    "Red Hat": "red_hat",
    "Ubuntu": "ubuntu",
    "Oracle Linux": "oracle_linux",
    "CentOS": "centos",
    "Debian": "debian",
    "Fedora": "fedora",
    "openSUSE": "opensuse",
    "CoreOS": "coreos",
    "EulerOS": "euleros",
    "Huawei Cloud EulerOS": "huawei_cloud_euleros",
    "openEuler": "openeuler",
    "AlmaLinux": "almalinux",
    "Rocky Linux": "rocky_linux",
    "Kylin": "kylin",
    "UnionTech": "uniontech",
    "Other": "other",
}

_PLATFORM = (
    Translation(
        "image.boot_mode",
        ("hw_firmware_type",),
        "bios, uefi",
        one("hw_firmware_type", choice({"bios": "bios", "uefi": "uefi"})),
    ),
    Translation(
        "image.architecture",
        (*_ARCHITECTURE_NAMES, "__support_arm", "virtual_env_type"),
        "architecture (x86, arm), HW_ARCH or hw_architecture (aarch64, x86_64), where present; "
        "else __support_arm true: arm64",
        _architecture,
        absent=_x86_if_ecs,
        absent_rule="x86_64 for an ECS image (FusionCompute), else unknown; from Nova, unknown",
        absent_because="no architecture, and no __support_arm",
        because=lambda a: next((name for name in _ARCHITECTURE_NAMES if name in a), "__support_arm"),
    ),
    Translation(
        "image.hypervisors",
        ("__support_kvm*", "__support_xen*", "__support_arm"),
        "kvm if any __support_kvm* or __support_arm is declared (true, or a model), xen if any __support_xen* is",
        _hypervisors,
        of_whole=True,
    ),
    Translation(
        "image.accelerators",
        (_SUPPORT,),
        "the kinds that the names of the declared attributes speak of: gpu, ascend or npu (npu), fpga",
        _accelerators,
        absent=lambda _: frozenset(),
        absent_rule="none declared",
        absent_because="no __support_* that speaks of an accelerator",
        of_whole=True,
        because=lambda a: ", ".join(filter(_kinds_in, a)),
    ),
    Translation(
        "image.attributes",
        (_SUPPORT,),
        "all of them as name=value, booleans as true or false",
        _capabilities,
        absent=lambda _: frozenset(),
        absent_rule="none declared",
        absent_because=f"no {_SUPPORT}",
        of_whole=True,
    ),
    Translation(
        "image.gpu_types",
        _GPU_TYPES,
        "the models that they name, several separated by commas",
        _gpu_types,
        absent=lambda _: frozenset(),
        absent_rule="none named",
        of_whole=True,
    ),
    Translation(
        "image.cloud_init",
        ("__support_fc_inject",),
        "true: false (the platform injects itself, and not Cloud-Init); false does not tell",
        one("__support_fc_inject", lambda name, raw: False if boolean(name, raw) else None),
    ),
    Translation(
        "image.platform",
        ("__platform",),
        "the OS's family, in lower case with _ between words",
        one("__platform", choice({**_PLATFORMS})),
    ),
    Translation("image.os_version", ("__os_version",), "as it is", one("__os_version", text)),
    Translation("image.os_bits", ("__os_bit",), "32 or 64", one("__os_bit", choice({"32": 32, "64": 64}))),
)


def _size_gib(attribute: str, raw: object) -> Value | None:
    return whole(attribute, raw) / 2**30 or None


_SIZES = (
    Translation("image.min_disk_gib", ("min_disk",), "GiB", one("min_disk", whole)),
    Translation("image.min_memory_mib", ("min_ram",), "MiB; 0: no limit", one("min_ram", whole)),
    Translation(
        "image.max_memory_mib",
        ("max_ram",),
        "MiB; 0: no limit",
        one("max_ram", whole),
        absent=lambda _: 0,
        absent_rule="0: no limit",
    ),
    Translation(
        "image.size_gib",
        ("__image_size",),
        "bytes divided by 2^30; 0 is not a size yet: unknown",
        one("__image_size", _size_gib),
    ),
)


_PROVENANCE = (
    Translation(
        "image.encrypted",
        ("__system__cmkid",),
        "not empty: true",
        one("__system__cmkid", lambda name, raw: bool(identifier(name, raw))),
        absent=lambda _: False,
        absent_rule="false: only an encrypted image has it",
    ),
    Translation("image.key_id", ("__system__cmkid",), "as it is", one("__system__cmkid", identifier)),
    Translation(
        "image.made_from",
        ("__root_origin",),
        "file: external_file; what else there is does not tell",
        one("__root_origin", lambda name, raw: "external_file" if raw == "file" else None),
    ),
)


def _supports_uefi(catalogs: Catalogs) -> Translation:
    return Translation(
        "image.os_supports_uefi",
        ("__os_version",),
        "true if the catalog of OSs that can boot in UEFI mode lists it, ignoring case; not listed: unknown",
        one("__os_version", lambda name, raw: catalogs.supports_uefi(text(name, raw))),
        because=lambda a: f"uefi-os: {a['__os_version']}",
        origin=OriginKind.CATALOG,
    )
