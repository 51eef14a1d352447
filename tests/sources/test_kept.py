"""A payload whose columns have to be known first is read once, and what is kept of it is what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import imagefit
from imagefit.rulepack.pack import Pack
from imagefit.sources import candidates, kept
from imagefit.sources.documents import ObjectsFile
from imagefit.sources.files import FilesSource
from imagefit.sources.reading import open_file
from imagefit.sources.rows import schema_of
from readers.payloads import ims_image

VENDOR = Path(__file__).parents[1] / "readers" / "vendor"
LISTS = sorted(
    path.relative_to(VENDOR).as_posix()
    for folder in ("images", "flavors", "servers", "requests", "scaling", "sdk", "terraform", "openstack", "members")
    for path in (VENDOR / folder).iterdir()
    if path.name != "os-versions.json"
)


def rows_of(source: FilesSource, batches: Any) -> list[Any]:
    """Return the rows as they are written, with their keys and numbers."""
    found = []
    for batch in batches:
        key_of, carried = source.key_of(batch), source.carried(batch)
        assert carried.schema == source.schema
        found += [(key_of(n), batch.number(n), batch.first + n, row) for n, row in enumerate(carried.to_pylist())]
    return found


@pytest.mark.parametrize("payload", LISTS)
@pytest.mark.parametrize("piece", [1, 4096], ids="{} rows a piece".format)
def test_what_is_kept_is_what_is_read(built_in: Pack, payload: str, piece: int, monkeypatch: Any) -> None:
    monkeypatch.setattr(candidates.CandidateFile, "piece_rows", piece)
    files = [open_file(VENDOR / payload, built_in.fields, by_zone=by_zone) for by_zone in (False, True)]
    source = FilesSource(files)
    for file in files:
        assert file.kept().schema == schema_of(file.rows(), built_in.fields) == file.schema  # type: ignore[union-attr]
    assert source.schema == pa.unify_schemas([file.schema for file in files])
    assert rows_of(source, source.columns()) == rows_of(source, source.batches())


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(candidates.CandidateFile, "piece_rows", 3)
    images = [ims_image(id=f"i{n}", status="queued" if n % 3 else "active", min_disk=n) for n in range(20)]
    images[13]["__system__cmkid"] = "k"
    path = tmp_path / "images.json"
    path.write_text(json.dumps({"images": images}))
    return path


def test_a_list_is_read_once_for_a_table_and_again_for_an_explanation(
    built_in: Pack, listed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    records = ObjectsFile.records
    monkeypatch.setattr(ObjectsFile, "records", lambda file: read.append(file.name) or records(file))  # type: ignore[func-returns-value]
    audit = imagefit.audit(listed, operation="share", pack=built_in)
    audit.write(tmp_path / "once.csv")
    assert len(read) == 1
    assert [row["image.key_id"] for row in audit.to_arrow().to_pylist()].count("k") == 1
    assert audit.explain(13).to_dict()["key"] == "i13"
    origins = audit.explain(0).origins
    assert str(origins["image.status"]) == "api: status"


def test_rows_are_chosen_alike_however_they_were_read(built_in: Pack, listed: Path) -> None:
    audit = imagefit.audit(listed, operation="share", pack=built_in)
    expected = [row["id"] for row in audit.to_arrow().to_pylist() if row["verdict"] == "incompatible"]
    assert audit.where(verdict="incompatible").to_arrow()["id"].to_pylist() == expected != []


def test_what_finds_no_room_is_read_again(built_in: Pack, listed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audit = imagefit.audit(listed, operation="share", pack=built_in)
    expected = audit.to_arrow().to_pylist()

    class Full:
        def write(self, content: Any) -> int:
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            pass

    monkeypatch.setattr(kept.tempfile, "TemporaryFile", lambda **named: Full())
    assert imagefit.audit(listed, operation="share", pack=built_in).to_arrow().to_pylist() == expected
