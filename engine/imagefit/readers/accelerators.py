"""Which accelerator a flavor has: seven attributes speak of it, and their silence means none."""

from __future__ import annotations

import json

from imagefit.facts import Value
from imagefit.readers.translation import Attributes, NotUnderstood, Translation, boolean, choice, identifier, text

__all__ = ["accelerator_row"]

_TYPES = choice(
    {  # "?" is an accelerator, or some other device, that is not named
        "gpu": "gpu",
        "fpga": "fpga",
        "ascend": "npu",
        "compute_accelerated": "?",
        "kunpeng_accelerator": "?",
        "advanced_smb": "",
        "computingv3": "",
        "computingv3_c6ne": "",
        "cpuv1": "",
        "cpuv2": "",
        "diskintensive": "",
        "entry": "",
        "highcpu": "",
        "highio": "",
        "highmem": "",
        "kunpeng_computing": "",
        "kunpeng_highio": "",
        "kunpeng_highmem": "",
        "normal": "",
        "saphana": "",
        "ultracpu": "",
    }
)
_TYPE_NAMES = ("ecs:performancetype", "hws:performancetype")
_ALIASES = {"ascend": "npu", "fpga": "fpga", "nvidia": "gpu", "gpu": "gpu", "tesla": "gpu"}
_GPU_LISTS = ("info:gpus", "gpus")
_ASIC_LISTS = ("info:asic_accelerators", "asic_accelerators")
_READS = (
    *_TYPE_NAMES,
    "pci_passthrough:enable_gpu",
    "pci_passthrough:alias",
    "pci_passthrough:gpu_specs",
    *_GPU_LISTS,
    "info:gpu:name",
    "info:ascend:name",
    *_ASIC_LISTS,
)


def accelerator_row() -> Translation:
    """Return the row of ``ecs.accelerator``."""
    return Translation(
        "ecs.accelerator",
        _READS,
        "performancetype gpu: gpu, fpga: fpga, ascend: npu; enable_gpu true, gpu_specs, a GPU's name or a list of "
        "GPUs: gpu; an alias with nvidia, tesla or gpu in it: gpu, with ascend: npu, with fpga: fpga; info:ascend:name:"
        " npu; an ASIC: npu if its name has Ascend in it, else encoding_card; both lists of an ECS's details empty: "
        "none. Attributes that contradict each other, or a performancetype or an alias that does not say which "
        "accelerator, leave it unknown",
        _accelerator,
        absent=lambda _: "none",
        absent_rule="none, where the specifications are stated",
        absent_because="no attribute that speaks of an accelerator",
        because=lambda a: (
            ", ".join(name for name in _READS if name in a and _speaks(a, name)) or "gpus, asic_accelerators"
        ),
    )


def _accelerator(attributes: Attributes) -> Value | None:
    found = {kind for name in _READS if name in attributes for kind in _kinds(attributes, name)}
    if len(found - {"?"}) > 1:
        named = [name for name in _READS if name in attributes and _speaks(attributes, name)]
        raise NotUnderstood(" and ".join(named), sorted(found - {"?"}), "one accelerator")
    if found - {"?"}:
        return (found - {"?"}).pop()
    if found:
        name = next(name for name in _READS if name in attributes and _speaks(attributes, name))
        raise NotUnderstood(name, attributes[name], "a value that says which accelerator")
    is_listed_empty = all(attributes.get(name) == [] for name in ("gpus", "asic_accelerators"))
    return "none" if is_listed_empty else None


def _speaks(attributes: Attributes, name: str) -> bool:
    return bool(_kinds(attributes, name))


def _kinds(attributes: Attributes, name: str) -> set[str]:
    """Return the accelerators that one attribute speaks of; ``?`` is one that it does not name."""
    raw = attributes[name]
    if name in _TYPE_NAMES:
        return {str(_TYPES(name, raw))} - {""}
    if name == "pci_passthrough:enable_gpu":
        return {"gpu"} if boolean(name, raw) else set()
    if name in _GPU_LISTS:
        return {"gpu"} if _names(name, raw) else set()
    if name in _ASIC_LISTS:
        return {"npu" if "ascend" in asic.casefold() else "encoding_card" for asic in _names(name, raw)}
    if name == "pci_passthrough:alias":
        alias = text(name, raw).casefold()
        return {next((kind for word, kind in _ALIASES.items() if word in alias), "?")}
    return {"npu" if name == "info:ascend:name" else "gpu"} if identifier(name, raw) else set()


def _names(name: str, raw: object) -> list[str]:
    """Return the names of the devices in a list, which may come as JSON text."""
    try:
        devices = json.loads(raw) if isinstance(raw, str) and len(raw) < 10_000 else raw
    except (ValueError, RecursionError):
        devices = None
    if not isinstance(devices, list) or not all(isinstance(device, dict) for device in devices):
        raise NotUnderstood(name, raw, "a list of devices")
    return [text(name, device.get("name")) for device in devices]
