"""What is no file is read once and no further than it has to be; bombs end early, and nothing is left behind."""

from __future__ import annotations

import gc
import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

import imagefit
from imagefit.errors import InputError, PackError
from imagefit.rulepack.pack import Pack
from imagefit.sources.limits import EXPANSION
from imagefit.sources.names import expanded
from imagefit.sources.reading import open_file, read

SMALL = b"id,image.status\na,active\nb,queued\n"


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a temporary folder of its own, in which nothing may be left."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    gc.collect()
    assert list(folder.iterdir()) == []


class Endless(io.RawIOBase):
    """A beginning, and then the same without end."""

    def __init__(self, begin: bytes, unit: bytes) -> None:
        self._begin, self._unit, self.given = begin, unit * (1 + (1 << 16) // len(unit)), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        block = (self._begin or self._unit)[: len(buffer)]
        self._begin = self._begin[len(block) :]
        buffer[: len(block)] = block
        self.given += len(block)
        assert self.given < 64 << 20, "it is read without end"
        return len(block)


@pytest.mark.parametrize(
    ("begin", "unit", "message"),
    [
        (b"", b"\0", "line 1, character 1: holds a NUL character"),
        (b"", b"\xff", "not a readable Arrow IPC file"),
        (b"\xff\xff\xff\xff\xff\xff\xff\x7f", b"\0", "a header without measure"),
        (b"", b"x", "line 1: a text of more than 8,388,608 characters"),
        (b"", b"\n", "a run of blanks of more than 16,777,216 characters"),
        (b"[", b" ", "a run of blanks of more than"),
        (b'["', b"x", r"\[0\]: a text of more than"),
        (b"", b"[", "nested too deeply"),
        (b"[", b"1", r"\[0\]: a text of more than"),
        (b'{"images": [], "x": [', b'"' + b"x" * 1000 + b'",', "x: a text of more than"),
        (b'{"image.status": "active"}\n{"a": "', b"x", "line 2: a text of more than"),
        (b'{"image.status": "active"}\n', b"\n", "a run of blanks of more than"),
        (b"image.status,n\n", b"\n", "a run of blanks of more than"),
        (b'image.status,n\nactive,"', b"x" * 1000 + b"\n", "line [0-9]+: a text of more than"),
    ],
)
def test_what_has_no_end_is_refused_before_much_of_it_is_read(
    built_in: Pack, left: Path, monkeypatch: pytest.MonkeyPatch, begin: bytes, unit: bytes, message: str
) -> None:
    for verb in (read, lambda path, fields: list(open_file(path, fields).batches())):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Endless(begin, unit))))
        with pytest.raises(InputError, match=message):
            verb("-", built_in.fields)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_is_read_as_standard_input_is(left: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    assert expanded([str(tmp_path / "*.csv")]) == [str(pipe)]
    for content in (SMALL, gzip.compress(SMALL)):
        writer = threading.Thread(target=pipe.write_bytes, args=(content,))
        writer.start()
        found = imagefit.audit(str(tmp_path / "*.csv"), operation="delete")
        assert found.to_arrow()["id"].to_pylist() == ["a", "b"]
        assert len(found) == 2
        writer.join()
        del found
    del writer
    with pytest.raises(PackError, match="a pipe or a device is no pack"):
        imagefit.load_pack(pipe)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
def test_a_pipe_whose_content_says_what_it_holds_is_read_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    images = {"images": [{"id": name, "status": "active", "__imagetype": "private"} for name in "ab"]}
    writer = threading.Thread(target=pipe.write_text, args=(json.dumps(images),))
    writer.start()
    command = [sys.executable, "-m", "imagefit", "check", str(pipe), "--operation", "share", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    writer.join()
    assert done.returncode in (1, 3), done.stderr
    assert [verdict["key"] for verdict in json.loads(done.stdout)["verdicts"]] == ["a", "b"]


def test_what_expands_beyond_measure_is_refused(
    built_in: Pack, left: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("opening", "decompressed"):
        monkeypatch.setattr(f"imagefit.sources.{module}.LEAST_EXPANDED", 1 << 20)
    units = {b"PAR1": b"\0", b"ARROW1\0\0": b"\0", b"image.status\n": b"active\n", b"[": b"{}, ", b"": b"\n"}
    for begin, unit in units.items():
        content = begin + unit * ((2 << 20) // len(unit))
        for name, packed in (("gzip", gzip.compress(content)), ("zstd", pa.Codec("zstd").compress(content))):
            (tmp_path / name).write_bytes(packed)
            with pytest.raises(InputError, match=f"an expansion of .* times its size; .* {EXPANSION.most}"):
                read(tmp_path / name, built_in.fields)


def test_what_is_behind_the_end_of_a_compressed_file_is_refused(built_in: Pack, left: Path, tmp_path: Path) -> None:
    whole = gzip.compress(SMALL)
    (tmp_path / "t").write_bytes(whole + gzip.compress(b"c,active\n"))
    assert [record.key for record in read(tmp_path / "t", built_in.fields).records] == ["a", "b", "c"]
    packed = bytes(pa.Codec("zstd").compress(SMALL, asbytes=True))
    for content in (whole + b"garbage", whole[:-3], packed + b"garbage", packed[:-3]):
        (tmp_path / "t").write_bytes(content)
        with pytest.raises(InputError, match="cannot be decompressed"):
            read(tmp_path / "t", built_in.fields)
