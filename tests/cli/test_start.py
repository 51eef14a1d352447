"""What a process imports: a check is one short run, and what it does not use it does not load."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "data/samples"

RUN = """
import json, sys
sys.argv = ["imagefit", *json.loads(sys.argv[1])]
from imagefit.cli import main
try:
    main()
except SystemExit as stop:
    code = stop.code
written = [
    f"{name}.{own.__name__}" for name, module in list(sys.modules.items()) if name.startswith("imagefit.")
    for own in vars(module).values()
    if isinstance(own, type) and own.__module__ == name and "__dataclass_params__" in vars(own)
    and own.__dataclass_params__.init
]
from imagefit.cli.own_process import LOADER
run = [name for name, module in sys.modules.items() if LOADER not in vars(module)]
print(json.dumps([code, sorted(run), written]), file=sys.stderr)
"""

MAY_IMPORT = {
    "api": {"arguments", "check", "defaults", "known", "packs"},
    "evaluators": {"cells", "fieldcells", "gaps", "protocol", "reference"},
    "rulepack": {"compiled", "digesting", "keeping", "kept", "pack", "remembered", "words"},
    "sources": None,  # None: any of its modules
    "readers": None,
    "reports": None,
    "explanations": {"candidate", "missing", "remedies", "truths"},
    "cli": None,
    "escaping": None,
    "planning": None,
    "values": {"printed"},
    "verdicts": None,
}
"""Of the packages of imagefit, which modules a check may import; single modules beside them count for themselves."""


def imported(*arguments: str, cache: Path, folder: Path | None = None) -> tuple[int, set[str], list[str]]:
    """Run `imagefit` in a process; return its exit code, the modules that ran, and classes that Python compiled for."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPATH": ""}
    command = [sys.executable, "-c", RUN, json.dumps(arguments)]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=60, check=True)
    lines = [line for line in done.stderr.splitlines() if line.startswith("[")]  # libraries may have a last word
    code, modules, written = json.loads(lines[-1])
    return code, set(modules), written


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the built-in pack is kept, so that no process has to parse it."""
    folder = tmp_path_factory.mktemp("kept")
    imported("--version", cache=folder)
    return folder


def added(modules: set[str]) -> set[str]:
    """Return the packages that come neither with Python nor with what every process of this environment imports."""
    code = "import json, sys; print(json.dumps(sorted(sys.modules)))"
    bare = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    return {name.partition(".")[0] for name in modules - set(json.loads(bare))} - set(sys.stdlib_module_names)


def test_a_check_imports_click_and_what_it_uses_of_imagefit(images: Path, kept: Path) -> None:
    line = ["check", "--image", f"{images}#web-uefi", "--flavor", "s6.large.2", "--operation", "create_ecs"]
    code, modules, written = imported(*line, cache=kept)
    assert code in (0, 1, 3)
    assert written == []  # those of imagefit.values cost a tenth
    assert added(modules) == {"imagefit", "click"}
    assert modules.isdisjoint({"difflib", "hashlib", "random", "secrets", "tempfile"})
    assert not modules & {"copy", "datetime", "gettext", "inspect", "ntpath", "platform", "signal", "urllib.parse"}
    assert modules.isdisjoint({"click.shell_completion", "csv", "locale", "imagefit.cli.completion"})
    parts = {tuple(name.split(".")[1:3]) for name in modules if name.startswith("imagefit.")}
    packages = {part[0] for part in parts if len(part) == 2}
    assert packages <= MAY_IMPORT.keys()
    for package, module in (part for part in parts if len(part) == 2):
        assert (allowed := MAY_IMPORT[package]) is None or module in allowed, f"{package}.{module}"


@pytest.mark.parametrize("line", [["--version"], ["rules", "list"]])
def test_what_says_something_of_a_pack_does_not_parse_it_again(line: list[str], kept: Path) -> None:
    code, modules, _ = imported(*line, cache=kept)
    assert code == 0
    assert added(modules) == {"imagefit", "click"}


def test_help_imports_no_more_than_what_draws_it(tmp_path: Path) -> None:
    code, modules, _ = imported("check", "--help", cache=tmp_path)
    assert code == 0 and "rich_click" in modules
    assert not added(modules) & {"pydantic", "yaml", "numpy", "pyarrow", "pandas"}


def test_importing_imagefit_imports_nothing_else() -> None:
    code = "import sys; before = set(sys.modules); import imagefit; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert {name.partition(".")[0] for name in done.stdout.split()} - set(sys.stdlib_module_names) == {"imagefit"}
    assert not [name for name in done.stdout.split() if name.startswith("imagefit.")]


def test_what_reads_plans_and_toml_is_not_loaded_where_neither_is_there(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\ndependencies = ["imagefit"]\n[tool.ruff]\n')
    image = tmp_path / "image.json"
    image.write_text(json.dumps({"image": {"id": "i", "status": "active", "__support_kvm": "true"}}))
    line = ["check", "--image", str(image), "--flavor", "c7n.xlarge.2", "--operation", "create_ecs"]
    code, modules, _ = imported(*line, cache=kept, folder=tmp_path)
    assert code in (0, 1, 3)
    assert not {"tomllib", "imagefit.readers.plans", "imagefit.readers.planned"} & modules


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_an_audit_does_without_pandas_where_it_is_installed(ending: str, kept: Path, tmp_path: Path) -> None:
    facts = tmp_path / "facts.csv"
    facts.write_text("id,image.status,image.size_gib,image.shared_with\na,active,4.5,b;c\n")
    pytest.importorskip("pandas")
    line = ["audit", str(facts), "--operation", "share", "-o", str(tmp_path / f"out.{ending}")]
    code, modules, _ = imported(*line, cache=kept)
    assert code in (0, 1, 3) and "pyarrow" in modules
    assert "pandas" not in modules


@pytest.mark.parametrize(
    "line",
    [
        ["match", "{samples}/images.json", "{samples}/flavors.json", "--operation", "create_ecs"],
        ["convert", "{samples}/images.json", "{folder}/out.csv"],
        ["rules", "test"],
    ],
    ids=lambda line: line[0],
)
def test_other_commands_do_without_pandas_as_well(line: list[str], tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    code, modules, _ = imported(*(part.format(samples=SAMPLES, folder=tmp_path) for part in line), cache=tmp_path)
    assert code in (0, 1, 3)
    assert "pyarrow" in modules and "pandas" not in modules


@pytest.mark.parametrize("side", [["--like", "c7n.xlarge.2"], ["--flavor", "c7n.xlarge.2"]], ids=" ".join)
def test_suggestions_do_without_tables(side: list[str], kept: Path) -> None:
    image = f"{SAMPLES}/images.json" + ("#orders-web" if "--like" in side else "")
    code, modules, _ = imported("suggest", "--image", image, *side, cache=kept)
    assert code in (0, 1, 3)
    assert not added(modules) & {"numpy", "pyarrow", "pandas"}


END = """
import atexit, sys, threading, time
from imagefit.cli import script
sys.argv = ["imagefit", "--version", *sys.argv[1:]]
atexit.register(lambda: print("done at the end"))
{more}
script()
"""


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("", ["done at the end"]),
        ("threading.Thread(target=lambda: [time.sleep(0.5), print('waited')]).start()", ["waited", "done at the end"]),
        ("sys.setprofile(lambda *_: None)", ["done at the end"]),
    ],
)
def test_the_process_ends_when_all_is_done(more: str, said: list[str], kept: Path) -> None:
    environment = {**os.environ, "XDG_CACHE_HOME": str(kept)}
    for line, code in (([], 0), (["--none"], 2)):
        run = [sys.executable, "-c", END.format(more=more), *line]
        done = subprocess.run(run, env=environment, capture_output=True, text=True, timeout=60, check=False)
        written = [each for each in done.stdout.splitlines() if not each.startswith(("imagefit 0", "pack "))]
        assert (done.returncode, written) == (code, said)
        assert bool(done.stderr) == bool(line)


USED = """
import sys
from threading import Thread
from imagefit.cli.own_process import begin
begin()
import datetime, gettext, inspect, ipaddress, os, platform, signal, urllib.parse
from gettext import gettext as _
from urllib.parse import quote_from_bytes
print("dis" in sys.modules, inspect.__name__, hasattr(inspect, "__path__"))
print(platform.system() == os.uname().sysname, platform.python_version(), platform.system() == os.uname().sysname)
found = []
threads = [Thread(target=lambda: found.append(inspect.cleandoc(" a"))) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(*found, "dis" in sys.modules, ipaddress.ip_address("::1"), hasattr(inspect, "nothing"))
print(inspect.signature(lambda a, b=1: a), inspect.getmodule(inspect.getmodule))
print(_("a"), gettext.gettext("b"), quote_from_bytes(b"a b"), urllib.parse.urlsplit("a://b/c").path)
print(datetime.date(2026, 1, 2), datetime.datetime.strptime("2026-03-03", "%Y-%m-%d").day, datetime.timezone.utc)
print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, signal.Signals(15).name, signal.getsignal(signal.SIGTERM))
"""


def test_modules_that_are_hardly_used_run_when_they_are_used() -> None:
    done = subprocess.run([sys.executable, "-c", USED], capture_output=True, text=True, check=True, timeout=60)
    first, system, second, third, texts, dates, signals = done.stdout.splitlines()
    assert first == "False inspect False"
    assert system == f"True {platform.python_version()} True"
    assert second == f"{' '.join('a' * 8)} True ::1 False"
    assert third.startswith("(a, b=1) <module 'inspect' from")
    assert (texts, dates) == ("a b a%20b /c", "2026-01-02 3 UTC")
    assert signals == f"True SIGTERM {signal.getsignal(signal.SIGTERM)}"


ARROW = """
import sys
from imagefit.cli.own_process import begin, let_arrow_look_around
begin()
let_arrow_look_around()
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
print(pa.array(np.arange(3)).to_pylist(), pc.add(1, 2), "numpy.ma.core" in sys.modules, "pydoc" in sys.modules)
print(np.ma.masked_equal([1, 2], 2).sum(), pa.array(np.ma.masked_equal([1, 2], 2)).null_count)
from pyarrow.vendored import docscrape
print(docscrape.NumpyDocString("One.")["Summary"], docscrape.dedent_lines([" a"]), "pydoc" in sys.modules)
"""


def test_what_arrow_hardly_uses_runs_when_it_is_used() -> None:
    done = subprocess.run([sys.executable, "-c", ARROW], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == ["[0, 1, 2] 3 False False", "1 1", "['One.'] ['a'] True"]


def test_a_program_that_calls_the_command_line_keeps_its_pandas() -> None:
    pytest.importorskip("pandas")
    code = (
        "import sys\nfrom imagefit.cli.root import root\nroot(['rules', 'list'], standalone_mode=False)\n"
        "import pyarrow as pa\npa.array([1])\nprint('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "True"


POOL = """
import sys
sys.argv = ["imagefit", "audit", sys.argv[1], "--operation", "share", "-o", sys.argv[2]]
from imagefit.cli import main
try:
    main()
except SystemExit as end:
    import pyarrow
    print(end.code, pyarrow.default_memory_pool().backend_name)
"""


@pytest.mark.parametrize("own", [{}, {"ARROW_DEFAULT_MEMORY_POOL": "system"}])
def test_an_audit_uses_an_allocator_that_is_there_or_the_one_that_was_asked_for(
    own: dict[str, str], tmp_path: Path
) -> None:
    line = [sys.executable, "-c", POOL, str(SAMPLES / "facts.csv"), str(tmp_path / "out.csv")]
    kept = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    done = subprocess.run(line, capture_output=True, text=True, env=kept | own, check=True)
    assert "Unsupported backend" not in done.stderr
    code, pool = done.stdout.splitlines()[-1].split()
    assert code in ("0", "1", "3") and (tmp_path / "out.csv").exists()
    assert pool == own.get("ARROW_DEFAULT_MEMORY_POOL", chosen_pool())


def chosen_pool() -> str:
    """Return the allocator that an audit uses here: jemalloc on the platform for which Arrow's packages have it."""
    is_there = (platform.system(), platform.libc_ver()[0], platform.machine()) == ("Linux", "glibc", "x86_64")
    return "jemalloc" if is_there else "mimalloc"


HEAPS = """
import ctypes, json, sys, threading
sys.argv = ["imagefit", "audit", sys.argv[1], "--operation", "share", "-o", sys.argv[2]]
from imagefit.cli import main
try:
    main()
except SystemExit as end:
    import numpy
    threads = [threading.Thread(target=lambda: numpy.ones(10_000)) for _ in range(8)]
    for thread in threads:
        thread.start()
        thread.join()
    ctypes.CDLL(None).malloc_stats()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="heaps are counted as the GNU C library says them")
def test_an_audit_takes_memory_from_one_heap(tmp_path: Path) -> None:
    line = [sys.executable, "-c", HEAPS, str(SAMPLES / "facts.csv"), str(tmp_path / "out.csv")]
    kept = {name: value for name, value in os.environ.items() if name != "MALLOC_ARENA_MAX"}
    done = subprocess.run(line, capture_output=True, text=True, env=kept, check=True)
    assert [said for said in done.stderr.splitlines() if said.startswith("Arena ")] == ["Arena 0:"]
