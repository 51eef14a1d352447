"""Whatever is read, nothing but an `InputError` comes out, quickly."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imagefit.errors import InputError
from imagefit.facts import read_value
from imagefit.sources.formats import Format
from imagefit.sources.reading import read
from readers.payloads import create_request, flavor, ims_image, server

WORDS = st.sampled_from(
    """
    images metadata flavor server members links os_extra_specs root_volume size cond:image cond:operation:az gpus
    block_device_mapping_v2 boot_index image.boot_mode image.hypervisors id resources volume_image_metadata next count
    ecs:performancetype info:asic_accelerators __support_gpu_t4 __data_origin __backup_id __is_offshelved extendparam
    """.split()  # noqa: SIM905
    + list(ims_image() | server())
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["true", "False", "uefi", "0", "az0(normal)", "a=b", "[{}]", "gold", "1" * 50]),
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=8), inner, max_size=6),
    max_leaves=25,
)
QUICK = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)


def attempt(fields: Any, path: Path, content: bytes, format: str | None = None) -> None:
    path.write_bytes(content)
    try:
        document = read(path, fields, format=format)
    except InputError as error:
        assert str(error)
        return
    for record in document.records:
        assert set(record.facts) == set(record.origins) <= set(fields)
        for fact, value in record.facts.items():
            assert read_value(fields[fact], value) == value


@QUICK
@given(data=TREES, format=st.none() | st.sampled_from(sorted(Format)))
def test_any_json_is_read_or_refused(fields, tmp_path, data, format):
    attempt(fields, tmp_path / "x", json.dumps(data).encode(), format)


PAYLOADS: list[Callable[[], Any]] = [
    lambda: {"images": [ims_image()]},
    lambda: {"flavors": [flavor()]},
    lambda: {"servers": [server()]},
    create_request,
    lambda: {"members": [{"image_id": "i", "member_id": "m", "status": "accepted"}]},
    lambda: {"volumes": [{"id": "v", "volume_image_metadata": ims_image()}]},
    lambda: [{"image.boot_mode": "bios", "image.hypervisors": ["kvm"]}],
]


@QUICK
@given(st.data(), st.sampled_from(PAYLOADS), TREES, WORDS)
def test_any_value_anywhere_in_a_payload_is_read_or_refused(fields, tmp_path, data, payload, value, word):
    place = tree = payload()
    while True:
        steps = list(place) if isinstance(place, dict) else list(range(len(place)))
        step = data.draw(st.sampled_from(steps) if not isinstance(place, dict) else st.sampled_from([*steps, word]))
        inside = place.get(step) if isinstance(place, dict) else place[step]
        if not isinstance(inside, dict | list) or not inside or data.draw(st.booleans()):
            place[step] = value
            break
        place = inside
    attempt(fields, tmp_path / "x", json.dumps(tree).encode())


@QUICK
@given(st.binary(max_size=200), st.none() | st.sampled_from(sorted(Format)))
def test_any_bytes_are_read_or_refused(fields, tmp_path, content, format):
    attempt(fields, tmp_path / "x", content, format)


CELLS = st.sampled_from(
    ["", "--", "Normal", "40", "System disk: 40", "Data disk image(x86)", "3 GB", "是", "kvm", "uefi", "[]"]
)
TITLES = st.sampled_from(
    ["Name", "ID", "OS", "Image Type", "Disk Capacity (GiB)", "Encrypted", "镜像大小", "image.boot_mode", "x"]
)


@QUICK
@given(
    st.lists(TITLES, min_size=1, max_size=6), st.lists(st.lists(CELLS | st.text(max_size=6), max_size=6), max_size=4)
)
def test_any_csv_is_read_or_refused(fields, tmp_path, titles, rows):
    lines = [",".join(titles), *(",".join(row) for row in rows)]
    attempt(fields, tmp_path / "x", "\n".join(lines).encode("utf-8", "replace"))


@pytest.mark.parametrize(
    "text",
    [
        " " * 100_000,
        "(" * 100_000,
        "System disk:" + " " * 100_000,
        "a=" * 50_000,
        "az(normal)," * 10_000,
        "9" * 100_000,
    ],
)
def test_long_text_in_any_attribute_does_not_hang(fields, tmp_path, text: str):
    image = {"images": [ims_image(**dict.fromkeys(ims_image(), text))]}
    specs = ["cond:image", "cond:operation:az", "info:gpus", "pci_passthrough:alias", "ecs:performancetype"]
    attempt(fields, tmp_path / "x", json.dumps(image).encode())
    attempt(fields, tmp_path / "x", json.dumps({"flavors": [flavor(**dict.fromkeys(specs, text))]}).encode())
    attempt(
        fields,
        tmp_path / "x",
        f"Name,ID,Status,OS,Image Type,Created,Disk Capacity,Image Size,Encrypted\n{','.join([text] * 9)}".encode(),
    )
