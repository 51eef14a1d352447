"""Builds the source distribution and, from it, the wheel, and tries the wheel where nothing else is.

``python tests/wheel/run.py``: both files are left in dist/. The wheel is installed into an empty environment in a
temporary folder, and everything is run from there, so that nothing of the checkout can be found by chance.
"""

from __future__ import annotations

import json
import os
import posixpath
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"

INSTALLERS = ("uv", "pip") if shutil.which("uv") else ("pip",)
"""uv takes a quarter of the time; where it is not here or does not know how to get at packages, pip does."""

USER = Path(__file__).with_name("user.py")
SAID_BY_USER = "['boot.uefi-on-heterogeneous'] 1 1 open-telekom-cloud 2\n"

TRIED = [
    ("imagefit --version", 0, "pack huawei-ims"),
    ("imagefit check --image images.json#shelf-camera --ecs create-shelf-camera.json", 1, "INCOMPATIBLE"),
    ("imagefit audit facts.csv --operation share", 1, "7 rows: share"),
    ("imagefit audit images.json --operation share -o shared.parquet", 1, "18 rows: share"),
    ("imagefit match --images images.json --ecs flavors.json --operation create_ecs", 0, "18 images x "),
    ("imagefit rules test", 0, "all as expected"),
    ("imagefit rules test --pack open-telekom-cloud", 0, "all as expected"),
    ("python -m imagefit rules new my-pack", 0, "my-pack/pack.yaml"),
    ("imagefit rules test --pack my-pack", 0, "all as expected"),
    ("python user.py", 0, SAID_BY_USER),
]
"""Command lines on the samples, each with its exit code and something that it has to say."""

CHECKERS = [
    ("mypy", "mypy --strict user.py"),
    # pyright's own package downloads itself when it is first run; this one has everything in its wheel.
    ("basedpyright", "basedpyright --level error user.py"),
]


class Environment:
    """An environment of its own in a folder, in which commands run that see nothing else."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "work"
        self._bin = folder / "venv" / "bin"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
        self._variables = kept | {"PATH": f"{self._bin}{os.pathsep}{os.environ['PATH']}"}
        self.work.mkdir()

    def install(self, *what: str | Path) -> None:
        """Install something with all that it needs."""
        python = self._bin / "python"
        pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "--quiet", "install"]
        commands = {"uv": ["uv", "pip", "install", "--quiet", "--python", python], "pip": pip}
        if not any(_runs([*commands[name], *what], self._variables) for name in INSTALLERS):
            sys.exit(f"{', '.join(map(str, what))} could not be installed")

    def run(self, line: str, code: int, said: str) -> None:
        """Run a command line; exits if it answers otherwise."""
        begin = time.perf_counter()
        found = subprocess.run(
            line.split(), cwd=self.work, env=self._variables, capture_output=True, text=True, check=False
        )
        if found.returncode != code or said not in found.stdout + found.stderr:
            print(f"{found.stdout}{found.stderr}", file=sys.stderr)
            sys.exit(f"{line}: exit code {found.returncode}; expected {code}, and {said!r} said")
        print(f"  {time.perf_counter() - begin:5.1f} s  {line}", flush=True)


def _runs(command: Sequence[object], variables: Mapping[str, str] | None = None) -> bool:
    found = subprocess.run(list(map(str, command)), env=variables, capture_output=True, text=True, check=False)
    if found.returncode != 0:
        print(f"{found.stdout}{found.stderr}", file=sys.stderr)
    return found.returncode == 0


def lost_files(wheel: Path) -> list[str]:
    """Return which files packs were compiled from that do not stand there in the wheel."""
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        compiled = [name for name in names if name.startswith("imagefit/rules/") and name.endswith("/pack.json")]
        files = {name: json.loads(packed.read(name).partition(b"\n")[0])["files"] for name in compiled}
    named = {
        posixpath.normpath(posixpath.join(posixpath.dirname(name), file)) for name in files for file in files[name]
    }
    return sorted(named - set(names))


def main() -> None:
    shutil.rmtree(DIST, ignore_errors=True)
    build = [sys.executable, "-m", "build", "--outdir", DIST, ROOT, "--installer"]
    if not any(_runs([*build, name]) for name in INSTALLERS):
        sys.exit("it could not be built")
    (wheel,), (sdist,) = DIST.glob("*.whl"), DIST.glob("*.tar.gz")
    for file in (sdist, wheel):
        print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1024:,.0f} KiB", flush=True)
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("imagefit/rules/")}
    if missing := {name.replace(".yaml", ".json") for name in shipped if name.endswith("/pack.yaml")} - shipped:
        sys.exit(f"not compiled: {', '.join(sorted(missing))}")
    if lost := lost_files(wheel):
        sys.exit(f"compiled from files that the wheel does not have: {', '.join(lost)}")
    with tempfile.TemporaryDirectory() as folder:
        here = Environment(Path(folder))
        here.install(wheel)
        print("installed into an empty environment; from there, in another folder:", flush=True)
        here.run("imagefit demo --to .", 0, "imagefit check")
        shutil.copy(USER, here.work)
        for line, code, said in TRIED:
            here.run(line, code, said)
        for package, line in CHECKERS:
            here.install(package)
            here.run(line, 0, "")


if __name__ == "__main__":
    main()
