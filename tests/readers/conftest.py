"""What the tests of the readers share: the built-in pack's fields, and ways to read text and data as files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from imagefit.facts import Field
from imagefit.readers import Record
from imagefit.rulepack.pack import Pack
from imagefit.sources.reading import Document, read

Reads = Callable[..., Document]
ReadsOne = Callable[..., Record]


@pytest.fixture(scope="session")
def fields(built_in: Pack) -> Mapping[str, Field]:
    return built_in.fields


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
