"""What the attributes of an image mean: the mapping table of the image service's JSON.

The same table serves IMS and Glance (attributes beside id and name), Nova (inside ``metadata``) and the
``volume_image_metadata`` of disks; `imageshapes` takes the shapes apart.
"""

from __future__ import annotations

from imagefit.facts import OriginKind, Value
from imagefit.readers.catalogs import Catalogs
from imagefit.readers.regions import region_row
from imagefit.readers.translation import (
    Attributes,
    NotUnderstood,
    Translation,
    boolean,
    choice,
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
        region_row("image.region", catalogs),
        *_PLATFORM,
        *_SIZES,
        *_PROVENANCE,
        _supports_uefi(catalogs),
    )


def _type(attributes: Attributes) -> Value | None:
    if _is_whole(attributes):
        return "full_ecs"
    environment = attributes.get("virtual_env_type")
    return None if environment is None else _TYPES("virtual_env_type", environment) or None


_TYPES = choice({"FusionCompute": "system_disk", "DataImage": "data_disk", "IsoImage": "iso", "Ironic": ""})


def _is_whole(attributes: Attributes) -> bool:
    stated = attributes.get("__whole_image")
    return (stated is not None and boolean("__whole_image", stated)) or bool(attributes.get("__backup_id"))


def _type_because(attributes: Attributes) -> str:
    if not _is_whole(attributes):
        return "virtual_env_type, with neither __whole_image nor __backup_id"
    stated = attributes.get("__whole_image")
    return "__whole_image" if stated is not None and boolean("__whole_image", stated) else "__backup_id"


_IDENTITY = (
    Translation(
        "image.visibility",
        ("__imagetype",),
        "gold: public; private; shared; market: koogallery. The attribute visibility does not decide",
        one(
            "__imagetype",
            choice({"gold": "public", "private": "private", "shared": "shared", "market": "koogallery"}),
        ),
    ),
    Translation(
        "image.type",
        ("virtual_env_type", "__whole_image", "__backup_id"),
        "__whole_image true or __backup_id not empty: full_ecs; else DataImage: data_disk, IsoImage: iso, "
        "FusionCompute: system_disk; Ironic does not tell",
        _type,
        because=_type_because,
    ),
    Translation(
        "image.platform_target",
        ("virtual_env_type",),
        "Ironic: bms; FusionCompute, DataImage, IsoImage: ecs",
        one(
            "virtual_env_type",
            choice({"FusionCompute": "ecs", "DataImage": "ecs", "IsoImage": "ecs", "Ironic": "bms"}),
        ),
    ),
    Translation(
        "image.status",
        ("status",),
        "in lower case: queued, saving, active, killed, deleted",
        one("status", lambda name, raw: text(name, raw).lower()),
    ),
    Translation("image.protected", ("protected",), "a boolean in any spelling", one("protected", boolean)),
    Translation("image.owner", ("owner",), "as it is (a project id)", one("owner", text)),
    Translation("image.withdrawn", ("__is_offshelved",), "a boolean in any spelling", one("__is_offshelved", boolean)),
    Translation(
        "image.can_be_published",
        ("__system_support_market",),
        "a boolean in any spelling",
        one("__system_support_market", boolean),
    ),
)


_ARCHITECTURES = choice(
    {"x86": "x86_64", "arm": "arm64", "x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}
)


def _architecture(attributes: Attributes) -> Value | None:
    stated = attributes.get("architecture")
    is_arm = attributes.get("__support_arm")
    by_flag = None if is_arm is None else ("arm64" if boolean("__support_arm", is_arm) else None)
    if stated is None:
        return by_flag
    value = _ARCHITECTURES("architecture", stated)
    if by_flag is not None and by_flag != value:
        raise NotUnderstood("architecture", stated, "what __support_arm says")
    return value


def _x86_if_ecs(attributes: Attributes) -> Value | None:
    environment = attributes.get("virtual_env_type")
    return "x86_64" if isinstance(environment, str) and environment.strip().casefold() == "fusioncompute" else None


def _is_declared(name: str, raw: object) -> bool:
    """Tell whether a ``__support_*`` attribute declares something: a model, a list, or true."""
    if isinstance(raw, str) and raw.strip().lower() not in ("true", "false"):
        return True
    return boolean(name, raw)


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
            is_text = isinstance(raw, str) and raw.strip().lower() not in ("true", "false")
            value = str(raw) if is_text else "true" if boolean(name, raw) else "false"
            found.add(f"{name}={value}")
    return frozenset(found) or None


_GPU_TYPES = ("__support_kvm_gpu_type", "__support_xen_gpu_type")


def _gpu_types(attributes: Attributes) -> Value | None:
    found = set()
    for name in _GPU_TYPES:
        models = text(name, attributes[name]).split(",") if name in attributes else []
        if any(model.strip().casefold() in ("", "true", "false") for model in models):
            raise NotUnderstood(name, attributes[name], "a model")
        found |= {model.strip() for model in models}
    return frozenset(found) or None


_ACCELERATOR_WORDS = {"gpu": "gpu", "ascend": "npu", "npu": "npu", "fpga": "fpga"}


def _accelerators(attributes: Attributes) -> Value | None:
    found = set()
    for name, raw in attributes.items():
        if name.startswith("__support_") and _is_declared(name, raw):
            found |= {kind for word, kind in _ACCELERATOR_WORDS.items() if word in name.split("_")}
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
        ("architecture", "__support_arm", "virtual_env_type"),
        "architecture (x86, arm) where present; else __support_arm true: arm64",
        _architecture,
        absent=_x86_if_ecs,
        absent_rule="x86_64 for an ECS image (FusionCompute), else unknown",
        because=lambda a: "architecture" if "architecture" in a else "__support_arm",
    ),
    Translation(
        "image.hypervisors",
        ("__support_kvm*", "__support_xen*", "__support_arm"),
        "kvm if any __support_kvm* or __support_arm is declared (true, or a model), xen if any __support_xen* is",
        _hypervisors,
    ),
    Translation(
        "image.accelerators",
        (_SUPPORT,),
        "the kinds that the names of the declared attributes speak of: gpu, ascend or npu (npu), fpga",
        _accelerators,
        absent=lambda _: frozenset(),
        absent_rule="none declared",
        absent_because="no __support_* that speaks of an accelerator",
        because=lambda a: ", ".join(
            n for n in a if n.startswith("__support_") and set(n.split("_")) & set(_ACCELERATOR_WORDS)
        ),
    ),
    Translation(
        "image.attributes",
        (_SUPPORT,),
        "all of them as name=value, booleans as true or false",
        _capabilities,
        absent=lambda _: frozenset(),
        absent_rule="none declared",
    ),
    Translation(
        "image.gpu_types",
        _GPU_TYPES,
        "the models that they name",
        _gpu_types,
        absent=lambda _: frozenset(),
        absent_rule="none named",
    ),
    Translation(
        "image.cloud_init",
        ("__support_fc_inject",),
        "true: false, for then it is injected into otherwise; else unknown",
        lambda a: None if not boolean("__support_fc_inject", a.get("__support_fc_inject", False)) else False,
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
    Translation("image.max_memory_mib", ("max_ram",), "MiB; 0: no limit", one("max_ram", whole)),
    Translation(
        "image.size_gib",
        ("__image_size",),
        "bytes divided by 2^30; 0 is not a size yet: unknown",
        one("__image_size", _size_gib),
    ),
)


def _origin(attributes: Attributes) -> Value | None:
    if not _is_whole(attributes):
        return None
    origin = attributes.get("__data_origin")
    return "ecs" if origin is not None and text("__data_origin", origin).startswith("instance,") else None


_PROVENANCE = (
    Translation(
        "image.encrypted",
        ("__system__cmkid",),
        "not empty: true",
        lambda a: True if a.get("__system__cmkid") else None,
        absent=lambda _: False,
        absent_rule="false: only an encrypted image has it",
    ),
    Translation("image.key_id", ("__system__cmkid",), "as it is", one("__system__cmkid", text)),
    Translation(
        "image.bound_to_zone",
        ("__whole_image_az",),
        "the zone that a full-ECS image can be used in so far",
        one("__whole_image_az", text),
        absent=lambda _: "none",
        absent_rule="none: the image is bound to no zone",
    ),
    Translation(
        "image.full_ecs_origin",
        ("__data_origin", "__whole_image", "__backup_id"),
        'of a full-ECS image: "instance,...": ecs; "server_backup,..." does not tell whether CBR\'s or CSBS\'s',
        _origin,
        because=lambda _: "__data_origin",
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
