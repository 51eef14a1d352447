"""What is at an address that a caller names is read as a file is; nothing else makes anything be fetched."""

from __future__ import annotations

import gzip
import json
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import imagefit
from commands import run
from imagefit.errors import InputError
from imagefit.sources.remote import shown_address

CSV = b"id,image.status\na,active\nb,queued\n"
LINE = ["--operation", "share", "--select", "status", "--fail-on", "never"]


@pytest.fixture
def memory() -> Iterator[str]:
    """A place in memory with a table in several formats."""
    system = fsspec.filesystem("memory")
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"id": ["a", "b"], "image.status": ["active", "queued"]}), sink)
    contents = {"t.csv": CSV, "t.csv.gz": gzip.compress(CSV), "t.parquet": sink.getvalue().to_pybytes()}
    for name, content in contents.items():
        system.pipe_file(f"/inventory/{name}", content)
    yield "memory://inventory"
    system.rm("/inventory", recursive=True)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """A server of HTTP, and what it was asked for."""
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            asked.append(self.path)

    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "t.csv").write_bytes(CSV)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path / "www")))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet"])
class TestEachVerb:
    def test_check(self, memory: str, name: str) -> None:
        verdicts = json.loads(run("check", f"{memory}/{name}", *LINE, "--format", "json").stdout)["verdicts"]
        assert [(verdict["key"], verdict["verdict"]) for verdict in verdicts] == [
            ("a", "compatible"),
            ("b", "incompatible"),
        ]
        assert imagefit.check(image=f"{memory}/{name}#b", operation="share").key == "b"

    def test_audit(self, memory: str, name: str) -> None:
        lines = run("audit", f"{memory}/{name}", *LINE, "--format", "jsonl").stdout.splitlines()
        assert [json.loads(line)["verdict"] for line in lines] == ["compatible", "incompatible"]

    def test_match(self, memory: str, name: str, tmp_path: Path) -> None:
        line = ["--flavor", "c7n.large.2", "--operation", "create_ecs", "--select", "status"]
        result = run("match", "--images", f"{memory}/{name}", *line, "--fitting", str(tmp_path / "f.jsonl"))
        assert result.exit_code == 0
        assert len((tmp_path / "f.jsonl").read_text().splitlines()) == 1


def test_a_server_is_asked_and_what_goes_wrong_is_said_without_secrets(served: tuple[str, list[str]]) -> None:
    place, asked = served
    assert len(imagefit.read(f"{place}/t.csv?token=secret").records) == 2
    assert asked
    with pytest.raises(InputError, match=r"127\.0\.0\.1:\d+/none\.csv: there is no such file") as raised:
        imagefit.read(f"{place}/none.csv?token=secret")
    assert "secret" not in str(raised.value)


def test_a_server_that_does_not_answer_is_an_input_error() -> None:
    with pytest.raises(InputError, match=r"http://127\.0\.0\.1:9/t\.csv: cannot be fetched"):
        imagefit.read("http://127.0.0.1:9/t.csv")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("memory://inventory/none.csv", "there is no such file"),
        ("file:///etc/hostname", "not an address that is read"),
        ("simplecache::memory://inventory/t.csv", "there is no such file"),
        ("memory://inventory/t.csv::file:///etc/hostname", "not an address that is read"),
        ("nosuch://x/t.csv", "cannot be fetched"),
        ("obs://bucket/t.csv", "OBS_ENDPOINT=https://obs.REGION.myhuaweicloud.com"),
    ],
)
def test_what_is_not_read_is_an_input_error(
    memory: str, monkeypatch: pytest.MonkeyPatch, address: str, said: str
) -> None:
    monkeypatch.delenv("OBS_ENDPOINT", raising=False)
    with pytest.raises(InputError, match=said.replace("(", r"\(")):
        imagefit.read(address)


class TestNothingElseFetches:
    """A pack, a payload, a table or a project file of somebody else makes nothing be fetched."""

    def test_a_project_file_names_no_address(
        self, served: tuple[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place, asked = served
        monkeypatch.chdir(tmp_path)
        for line in (f'[inputs]\nimages = "{place}/t.csv"', f'waivers = "{place}/t.csv"', f'pack = "{place}/pack"'):
            Path("imagefit.toml").write_text(line)
            result = run("audit", "--operation", "share")
            assert (result.exit_code, "a project file names no address" in result.stderr) == (2, True), result.stderr
        assert asked == []

    def test_addresses_in_data_are_data(self, served: tuple[str, list[str]], tmp_path: Path) -> None:
        place, asked = served
        (tmp_path / "t.csv").write_text(f"id,image.status,url\n{place}/t.csv,active,{place}/t.csv\n")
        assert run("audit", str(tmp_path / "t.csv"), *LINE, "--format", "jsonl").exit_code == 0
        assert run("audit", str(tmp_path / "t.csv"), *LINE, "-o", f"{place}/out.csv").exit_code == 2
        assert run("audit", str(tmp_path / "t.csv"), *LINE, "--pack", f"{place}/pack").exit_code == 2
        assert asked == []


def test_without_the_extra_a_line_says_what_to_install(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(InputError, match=r"not installed; expected pip install 'imagefit\[remote\]'"):
        imagefit.read(f"{memory}/t.csv")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://me:secret@example.org:8080/a/b.json?X-Amz-Signature=secret#x", "https://example.org:8080/a/b.json"),
        ("s3://bucket/key", "s3://bucket/key"),
        ("https://[::1/x?secret", "https://[::1/x"),
    ],
)
def test_secrets_of_an_address_are_not_shown(address: str, shown: str) -> None:
    assert shown_address(address) == shown
