"""Pages that show a session: each command is run again, and what it prints put in its place.

In a block ``console``, a line that begins with ``$`` is a command; what follows, up to the next one, is what it prints,
and ``(exit code 1)`` if it does not end with 0. A block ``yaml`` that begins with ``# FOLDER/FILE`` is that file.
``python tests/walkthrough.py`` writes the pages anew.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "docs" / "first-project.md", ROOT / "docs" / "overlays.md")
SAMPLES = ROOT / "data" / "samples"
GIVEN = ("images.json", "flavors.json", "tfplan.json")
"""What the folder has at the beginning."""

DAY = "2026-03-01"
FILE = re.compile(r"^```yaml\n# (\S+/\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BLOCK = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.DOTALL | re.MULTILINE)


def run_again(page: str, folder: Path) -> str:
    """Return the text of a page with what its commands print when they are run in a folder, one after the other."""
    for name in GIVEN:
        shutil.copy(SAMPLES / name, folder)
    for name, text in FILE.findall(page):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return BLOCK.sub(lambda block: "".join(_told(line, folder) for line in commands(block[0])), page)


def commands(block: str) -> list[str]:
    """Return the commands of a block; one that ends in a backslash, or in a pipe, goes on in the next line."""
    return re.findall(r"^\$ ((?:[^\n]*(?:\\|\|)\n)*[^\n]*)$", block, re.MULTILINE)


def _told(command: str, folder: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("IMAGEFIT_", "FORCE_"))}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "IMAGEFIT_TODAY": DAY,
    }
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    output = done.stdout if not done.stdout or done.stdout.endswith("\n") else done.stdout + "\n"
    code = f"(exit code {done.returncode})\n" if done.returncode else ""
    return f"$ {command}\n{output}{code}"


if __name__ == "__main__":
    for page in PAGES:
        with tempfile.TemporaryDirectory() as place:
            page.write_text(run_again(page.read_text("utf-8"), Path(place)), "utf-8")
