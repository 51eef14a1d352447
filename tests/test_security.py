"""What SECURITY.md promises: no network, no other program, no file that no option names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import imagefit

WATCHED = """
import json, os, sys

seen = {"network": [], "programs": [], "read": [], "written": []}

def watch(event, arguments):
    if event.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.")):
        seen["network"].append(event)
    elif event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty"):
        seen["programs"].append(event)
    elif event == "open" and isinstance(arguments[0], (str, bytes)):
        path, mode, flags = arguments
        is_written = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        seen["written" if is_written else "read"].append(os.path.realpath(os.fsdecode(path)))
    elif event in ("os.rename", "os.remove", "os.mkdir", "os.link", "os.symlink"):
        seen["written"] += [os.path.realpath(os.fsdecode(a)) for a in arguments[:2] if isinstance(a, (str, bytes))]

from imagefit.cli.root import root
sys.addaudithook(watch)
for arguments in json.loads(sys.argv[1]):
    try:
        root.main(arguments, "imagefit")
    except SystemExit as stop:
        assert stop.code in (0, 1, 3), (arguments, stop.code)
sys.stderr.write("\\n" + json.dumps(seen))
"""


@pytest.mark.slow
def test_a_run_opens_no_connection_starts_no_program_and_touches_only_what_options_name(
    tmp_path: Path, lamps_folder: Path
) -> None:
    (tmp_path / "in.csv").write_text("id,lamp.status\na,working\nhttp://e.example/x,broken\n")
    how = ["--pack", str(lamps_folder)]
    commands = [
        [*how, "check", "--operation", "lend", "--image", "in.csv", "--explain"],
        [*how, "audit", "in.csv", "--operation", "lend", "-o", "out.csv", "--summary", "summary.json"],
        [*how, "rules", "test"],
        [*how, "rules", "docs"],
        ["check", "--operation", "share", "--set", "image.visibility=private"],
    ]
    process = subprocess.run(
        [sys.executable, "-B", "-c", WATCHED, json.dumps(commands)],
        cwd=tmp_path,
        env={**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert process.returncode == 0, process.stderr
    seen = json.loads(process.stderr.splitlines()[-1])
    assert (seen["network"], seen["programs"]) == ([], [])
    ours = Path(imagefit.__file__).resolve().parents[2]
    known = [tmp_path, lamps_folder, ours, Path(sys.prefix), Path(sys.base_prefix)]
    system = ["/proc", "/sys", "/dev", "/etc/localtime", "/usr/share/zoneinfo", "/etc/mime.types"]
    readable = [*(folder.resolve() for folder in known), *map(Path, system)]

    def outside(paths: list[str], folders: list[Path]) -> list[str]:
        return sorted({path for path in paths if not any(Path(path).is_relative_to(folder) for folder in folders)})

    assert outside(seen["read"], readable) == []
    kept = tmp_path.resolve() / "cache"
    written = {Path(path).name for path in outside(seen["written"], [kept, Path("/dev/null")])}
    assert {name for name in written if not name.endswith(".part")} == {"out.csv", "summary.json"}
    assert all(Path(path).is_relative_to(tmp_path.resolve()) for path in seen["written"] if path != "/dev/null")
