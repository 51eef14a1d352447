"""What the tests of the readers share: the built-in pack's fields, and ways to read text and data as files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from imagefit.facts import Field, FieldType
from imagefit.readers import Record
from imagefit.rulepack.pack import Pack
from imagefit.sources.reading import Document, read

Reads = Callable[..., Document]
ReadsOne = Callable[..., Record]


_OFFERS = ("normal", "promotion", "obt", "sellout", "obt_sellout", "abandon")
READ_BY_READERS = {
    field.name: field
    for field in (
        Field("image.protected", FieldType.BOOLEAN),
        Field("image.charged", FieldType.BOOLEAN),
        Field("image.cloud_init", FieldType.BOOLEAN),
        Field("image.gpu_types", FieldType.STRING_SET),
        Field("image.bound_to_zone", FieldType.STRING),
        Field("ecs.platform_target", FieldType.ENUM, ("ecs", "bms")),
        Field("ecs.status", FieldType.STRING),
        Field("ecs.family", FieldType.STRING),
        Field("ecs.gpu_types", FieldType.STRING_SET),
        Field("ecs.availability_zone", FieldType.STRING),
        Field("ecs.data_disk", FieldType.ENUM, ("explicit", "unstated")),
        Field("ecs.request_api", FieldType.ENUM, ("ecs", "nova")),
        Field("ecs.injects", FieldType.STRING_SET, ("password", "key", "user_data")),
        Field("ecs.system_disk_key", FieldType.STRING),
        Field("ecs.spot_status", FieldType.ENUM, _OFFERS),
        Field("ecs.charging_allowed", FieldType.STRING_SET, ("period", "demand")),
    )
}
"""Facts that readers give to a pack that has them, whether or not the built-in one does."""


@pytest.fixture(scope="session")
def fields(built_in: Pack) -> Mapping[str, Field]:
    return READ_BY_READERS | built_in.fields


@pytest.fixture
def read_text(tmp_path: Path, fields: Mapping[str, Field]) -> Reads:
    """Read text or bytes as a file."""

    def reads(content: str | bytes, name: str = "input", **options: object) -> Document:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read(path, fields, **options)  # type: ignore[arg-type]

    return reads


@pytest.fixture
def read_data(read_text: Reads) -> Reads:
    """Read data as a JSON file."""
    return lambda data, **options: read_text(json.dumps(data), "input.json", **options)


@pytest.fixture
def read_one(read_data: Reads) -> ReadsOne:
    """Read data as a JSON file that gives one record."""

    def reads(data: object, **options: object) -> Record:
        (record,) = read_data(data, **options).records
        return record

    return reads
