"""A file is whole or untouched; what a kill leaves is removed by the next run, and what somebody writes is not."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from imagefit.reports import atomic
from imagefit.reports.atomic import atomic_file, descriptor_of

WRITER = """
import sys, time
from imagefit.reports.atomic import atomic_file
with atomic_file(sys.argv[1]) as file:
    file.write(b"half")
    file.flush()
    print("started", flush=True)
    time.sleep(60)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_part_that_a_kill_left_is_removed_and_one_that_is_written_stays(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    command = [sys.executable, "-c", WRITER, str(out)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE) as killed,
        subprocess.Popen(command, stdout=subprocess.PIPE) as alive,
    ):
        for process in (killed, alive):
            assert process.stdout is not None and process.stdout.readline() == b"started\n"
        assert len(names(tmp_path)) == 2
        killed.kill()
        killed.wait()
        assert len(names(tmp_path)) == 2
        with atomic_file(out) as file:
            file.write(b"whole")
        (part,) = set(names(tmp_path)) - {"out.csv"}
        assert (tmp_path / part).read_bytes() == b"half"
        alive.kill()
        alive.wait()
    with atomic_file(out) as file:
        file.write(b"whole again")
    assert (names(tmp_path), out.read_bytes()) == (["out.csv"], b"whole again")


@pytest.mark.parametrize(
    "name", [".other.csv.0a1b2c3d.part", ".out.csv.part", ".out.csv.0a1b2c3d", ".out.csv.zzzzzzzz.part"]
)
def test_what_is_no_part_of_this_output_stays(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("somebody's")
    (tmp_path / ".out.csv.00000000.part").symlink_to(name)
    with atomic_file(tmp_path / "out.csv") as file:
        file.write(b"x")
    assert names(tmp_path) == sorted([name, ".out.csv.00000000.part", "out.csv"])


def test_a_part_that_another_run_takes_for_one_that_was_left_is_made_anew(tmp_path: Path) -> None:
    taken: list[int] = []

    def hurried(descriptor: int) -> bool | None:
        if not taken:
            taken.append(os.open(next(tmp_path.glob(".out*")), os.O_RDONLY))
            fcntl.flock(taken[0], fcntl.LOCK_EX)
        return lock(descriptor)

    lock = atomic._lock
    with patch.object(atomic, "_lock", hurried), atomic_file(tmp_path / "out") as file:
        file.write(b"whole")
    os.close(taken[0])
    assert (tmp_path / "out").read_bytes() == b"whole"


def test_an_interruption_while_the_part_is_made_leaves_nothing(tmp_path: Path) -> None:
    def interrupted(descriptor: int) -> bool | None:
        raise KeyboardInterrupt

    with patch.object(atomic, "_lock", interrupted), pytest.raises(KeyboardInterrupt), atomic_file(tmp_path / "out"):
        pass
    assert names(tmp_path) == []


def test_errors_name_the_path_that_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError) as missing, atomic_file("missing/out.csv"):
        pass
    assert missing.value.filename == "missing/out.csv"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(OSError) as large, atomic_file("out.csv") as file:
            file.write(b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (large.value.errno, large.value.filename) == (errno.EFBIG, "out.csv")
    assert names(tmp_path) == []


def test_an_error_of_the_block_itself_is_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as error, atomic_file(tmp_path / "out.csv"):
        (tmp_path / "input").open()
    assert error.value.filename == str(tmp_path / "input")
    assert names(tmp_path) == []


def test_a_descriptor_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    with log.open("ab") as there, atomic_file(f"/dev/fd/{there.fileno()}") as file:
        file.write(b"after\n")
    assert log.read_text() == "before\nafter\n"
    assert [descriptor_of(path) for path in ("/dev/stdout", "/dev/fd/2", "/proc/self/fd/7", "/dev//stdin")] == [
        1,
        2,
        7,
        0,
    ]
    assert [descriptor_of(path) for path in ("-", "out", "/dev/null", "/dev/fd/x", "fd/1")] == [None] * 5


def test_a_name_may_be_as_long_as_the_file_system_allows(tmp_path: Path) -> None:
    out = tmp_path / ("ü" * 125 + ".csv")
    with atomic_file(out) as file:
        file.write(b"x")
    assert names(tmp_path) == [out.name]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_run_that_is_asked_to_end_or_loses_its_terminal_cleans_up(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "in.csv").write_text("id,image.visibility\na,private\n")
    (tmp_path / "out.csv").write_text("before")
    script = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"  # where tests run under nohup, it is ignored, as it should be
        "import imagefit.auditing.writing as writing\n"
        "def slow(*a, **k):\n    print('started', flush=True)\n    time.sleep(60)\n"
        "writing.run_audit = slow\n"
        "from imagefit.cli import main\nmain()\n"
    )
    arguments = ["audit", "in.csv", "--operation", "share", "-o", "out.csv"]
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None and process.stdout.readline() == "started\n"
        assert len(list(tmp_path.glob(".out.csv.*.part"))) == 1
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, said) == (130, "imagefit: interrupted after 0 rows; out.csv was not written\n")
    assert names(tmp_path) == ["in.csv", "out.csv"]
    assert (tmp_path / "out.csv").read_text() == "before"
