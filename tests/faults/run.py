"""Inject faults into runs that write files: afterwards each output is whole, or what it was before.

``python tests/faults/run.py --runs 500 [--seed 1] [--only N]``. Each run is a process of its own, forked from one that
has imported what there is to import. What is injected, and where, follows from the seed and the number of the run:

========== ===================================================================================================
short      writes take a part of what they are given, down to one byte
eintr      a timer's signal interrupts every call of the system that it can, all the time
full       the n-th call that touches an output fails: no space, a quota, an error of the disk, no permission
limit      a file may not grow beyond so many bytes (the system says so itself)
at-call    a signal (INT, TERM, HUP, KILL) arrives in the n-th call that touches an output
at-time    the same, after a random time
twice      two signals, one shortly after the other
========== ===================================================================================================

Of every run this is held: an output has the bytes of an undisturbed run, or those from before; nothing else is left,
but for a part after KILL, which the next run removes; where the exit code says that it worked, all outputs are whole;
what is said names no part, and is no traceback.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[2]
PACK = ROOT / "tests" / "packs" / "plugs"
KINDS = ("short", "eintr", "full", "limit", "at-call", "at-time", "twice")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EACCES)
WORKED = (0, 1, 3)
BAD_ROWS = 2  # `audit` says so where rows could not be read, and the rest was written
USED = (
    *(f"imagefit.api.{name}" for name in ("audit", "match")),
    *(f"imagefit.auditing.{name}" for name in ("judging", "tally", "writing")),
    *(
        f"imagefit.cli.{name}"
        for name in ("audit", "match", "match_inputs", "config", "config_init", "demo", "progress")
    ),
    *(f"imagefit.reports.{name}" for name in ("csvfile", "jsonlines", "parquet", "atomic", "audit.summary")),
    *(f"imagefit.sources.{name}" for name in ("csv", "files", "reading", "subjects")),
    *("pandas", "pyarrow.pandas_compat"),  # pyarrow's own, when rows are asked of it
)
EARLIER_BAD_ROW = '{"file":"x","row":1,"column":null,"error":"x","content":"x"}\n'
LIMIT_SECONDS = 60


@dataclass(frozen=True)
class Command:
    """A command line, and the files that it writes."""

    name: str
    arguments: tuple[str, ...]
    outputs: tuple[str, ...]
    codes: tuple[int, ...] = WORKED


AUDIT = ("audit", "table.csv", "--operation", "plug_in", "--on-bad-row", "report", "--summary", "summary.json")
MATCH = ("match", "--images", "images.csv", "--ecs", "ecss.csv", "--operation", "plug_in")
COMMANDS = (
    *(
        Command(
            f"audit-{kind}",
            (*AUDIT, "-o", f"out.{kind}"),
            (f"out.{kind}", "summary.json", f"out.{kind}.bad-rows.jsonl"),
            (BAD_ROWS,),
        )
        for kind in ("csv", "jsonl", "parquet")
    ),
    Command("match-fitting", (*MATCH, "--fitting", "fits.csv"), ("fits.csv",)),
    Command("match-matrix", (*MATCH, "--matrix", "all.parquet"), ("all.parquet",)),
    Command("config-init", ("config", "init", "-o", "new.toml"), ("new.toml",)),
    Command("demo", ("demo", "--to", "."), ("README.md", "images.json", "try.sh")),
)


@dataclass
class Fault:
    """What happens in a run, and at which call that touches an output."""

    kind: str
    random: Random
    calls: int
    at: int = 0
    seen: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.at = self.random.randrange(max(self.calls, 1))
        self.error = self.random.choice(ERRORS)
        self.signal = self.random.choice(SIGNALS)

    def call(self) -> None:
        """Count a call that touches an output; if it is the one, let it fail."""
        self.seen += 1
        if self.seen - 1 != self.at:
            return
        if self.kind == "full":
            raise OSError(self.error, os.strerror(self.error))
        if self.kind in ("at-call", "twice"):
            os.kill(os.getpid(), self.signal)
        if self.kind == "twice":
            signal.setitimer(signal.ITIMER_REAL, self.random.uniform(0.0001, 0.01))


def install(fault: Fault) -> None:
    """Put the fault between `imagefit.reports.atomic` and the system, in this process."""
    from imagefit.reports import atomic

    def before(function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **options: Any) -> Any:
            fault.call()
            return function(*arguments, **options)

        return called

    class System:
        """`os`, as the module sees it."""

        fsync, chmod = staticmethod(before(os.fsync)), staticmethod(before(os.chmod))

        def __getattr__(self, name: str) -> Any:
            return getattr(os, name)

    class Named(atomic._Named):
        """A file whose calls may fail, or take less than they are given."""

        def __init__(self, *arguments: Any) -> None:
            fault.call()
            super().__init__(*arguments)

        def write(self, data: Any, /) -> int:
            with atomic._naming(self._path):
                fault.call()
            if fault.kind == "short" and fault.random.random() < 0.8:
                data = memoryview(data)[: fault.random.choice((1, 2, 100, 5000))]
            return super().write(data)

    class Place(type(Path())):  # type: ignore[misc]
        """A path that takes its name when all calls before went well."""

        def replace(self, target: Any) -> Any:
            fault.call()
            found = super().replace(target)
            fault.call()
            return found

    atomic._Named, atomic.os, atomic.Path = Named, System(), Place  # type: ignore[misc, assignment, attr-defined]
    if fault.kind == "limit":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        size = fault.random.choice((0, 1, 100, 4096, 20_000, 100_000))
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    if fault.kind == "eintr":
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.siginterrupt(signal.SIGALRM, True)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    if fault.kind == "twice":

        def again(*_: object) -> None:
            os.kill(os.getpid(), fault.random.choice(SIGNALS[:3]))

        signal.signal(signal.SIGALRM, again)


def warm() -> None:
    """Import and load what the commands need, so that a forked process does not have to."""
    from imagefit.api import packs

    for name in USED:
        import_module(name)
    loaded = packs.load_pack(PACK)
    packs.load_pack = lambda path=None: loaded


def start(command: Command, folder: Path, fault: Fault | None, count: Path | None = None) -> int:
    """Run the command in a process of its own, in the folder; return its exit code, below zero for a signal."""
    child = os.fork()
    if child == 0:
        _be(command, folder, fault, count)
    if fault is not None and fault.kind == "at-time":
        time.sleep(fault.random.uniform(0, 0.15))
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, fault.signal)
    deadline = time.monotonic() + LIMIT_SECONDS
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return -99
        time.sleep(0.002)


def _be(command: Command, folder: Path, fault: Fault | None, count: Path | None) -> None:
    """Be the command: never returns."""
    from imagefit.cli.root import root

    code = 99
    try:
        os.chdir(folder)
        said = os.open(folder.parent / "said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for descriptor in (1, 2):
            os.dup2(os.open(os.devnull, os.O_WRONLY) if descriptor == 1 else said, descriptor)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if fault is not None:
            install(fault)
        try:
            root.main(["--pack", str(PACK), *command.arguments], "imagefit")
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 98
        sys.stderr.flush()
    except BaseException as error:  # as the interpreter would end
        os.write(2, f"Traceback: {type(error).__name__}: {error}\n".encode())
        code = 130 if isinstance(error, KeyboardInterrupt) else 97
    finally:
        if fault is not None and count is not None:
            count.write_text(str(fault.seen))
        os._exit(code)


def prepare(folder: Path, before: bool, command: Command) -> None:
    """Write the inputs and, if there were some, earlier outputs."""
    folder.mkdir(parents=True)
    rows = "".join(f"id{n},type_{'cfg'[n % 3]},{n % 7 * 100}\n" for n in range(3000))
    (folder / "table.csv").write_text(f"id,socket.shape,appliance.watts\n{rows}bad,type_f,many\n")
    (folder / "images.csv").write_text("id,appliance.watts\n" + "".join(f"i{n},{n * 80}\n" for n in range(60)))
    (folder / "ecss.csv").write_text("id,socket.watts\n" + "".join(f"e{n},{n * 70}\n" for n in range(60)))
    if before and command.name.startswith(("audit", "match")):
        for name in command.outputs:
            content = (
                '{"file":"x","row":1,"column":null,"error":"x","content":"x"}\n' if "bad-rows" in name else "before"
            )
            (folder / name).write_text(content)


def state(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Faults:
    """Runs faults, and counts what became of them."""

    def __init__(self, seed: str, home: Path) -> None:
        self.seed, self.home = seed, home
        self.counts: Counter[str] = Counter()
        self.findings: list[str] = []
        self._whole: dict[str, tuple[dict[str, bytes], int]] = {}

    def run(self, number: int) -> None:
        """Run a command with the fault that the number says, and look at what it left."""
        random = Random(f"{self.seed}:{number}")
        command, kind, has_before = random.choice(COMMANDS), KINDS[number % len(KINDS)], random.random() < 0.5
        whole, calls = self._undisturbed(command)
        folder = self.home / str(number) / "work"
        prepare(folder, has_before, command)
        earlier = state(folder)
        fault = Fault(kind, random, calls)
        code = start(command, folder, fault)
        there = folder.parent / "said"
        said = there.read_text(errors="replace") if there.exists() else ""  # a signal may come before anything else
        problems = list(_problems(command, code, said, earlier, whole, state(folder)))
        left = [name for name in state(folder) if name.endswith(".part")]
        if left and code != -signal.SIGKILL:
            problems.append(f"left {left}")
        outputs = [state(folder).get(name) for name in command.outputs]
        became = "whole" if outputs == [whole[name] for name in command.outputs] else "some whole, the rest untouched"
        if all(content == earlier.get(name) for name, content in zip(command.outputs, outputs, strict=True)):
            became = "untouched"
        if not problems and command.name.startswith(("audit", "match")):
            start(command, folder, None)
            if state(folder) != {**earlier, **whole}:
                problems.append(f"the next run left {sorted(set(state(folder)) ^ set(whole))}")
        ended = f"signal {-code}" if code < 0 else f"exit {code}"
        self.counts[f"{kind:<8} {ended:<10} {became}"] += 1
        self.findings += [f"--seed {self.seed} --only {number}: {command.name}, {kind}: {each}" for each in problems]
        shutil.rmtree(folder.parent)

    def _undisturbed(self, command: Command) -> tuple[dict[str, bytes], int]:
        if command.name not in self._whole:
            folder = self.home / f"whole-{command.name}" / "work"
            prepare(folder, True, command)
            count = folder.parent / "count"
            code = start(command, folder, Fault("none", Random(0), 0), count)
            if code not in command.codes:
                raise RuntimeError(f"{command.name}: exit {code}: {(folder.parent / 'said').read_text()}")
            inputs = ("table.csv", "images.csv", "ecss.csv")
            found = {name: content for name, content in state(folder).items() if name not in inputs}
            self._whole[command.name] = found, int(count.read_text())
        return self._whole[command.name]


def _problems(
    command: Command,
    code: int,
    said: str,
    earlier: dict[str, bytes],
    whole: dict[str, bytes],
    now: dict[str, bytes],
) -> Iterator[str]:
    """Yield what a run may not leave or say."""
    if code in (-99, 97, 98, 99, 70):
        yield f"ended with {code}: {said}"
    if "Traceback" in said or ".part" in said:
        yield f"said {said!r}"
    for name, content in now.items():
        if not name.endswith(".part") and content not in (whole.get(name), earlier.get(name)):
            yield f"{name} is neither whole nor what it was: {content[:60]!r}"
    for name in earlier:
        if name not in now:
            yield f"{name} is gone"
    is_done = code in WORKED or (code in command.codes and "could not be read: see" in said)
    for name in command.outputs if is_done else ():
        if now.get(name) != whole[name]:
            yield f"{name} is not whole, and the exit code is {code}"


def inject(runs: int, seed: str, first: int = 0) -> Faults:
    """Run faults and return what became of them."""
    warm()
    with tempfile.TemporaryDirectory() as home:
        faults = Faults(seed, Path(home))
        for number in range(first, first + runs):
            faults.run(number)
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, default=None, help="the run with this number alone")
    options = parser.parse_args()
    began = time.monotonic()
    faults = inject(1, options.seed, options.only) if options.only is not None else inject(options.runs, options.seed)
    print(f"seed {options.seed}: {sum(faults.counts.values())} faults in {time.monotonic() - began:.0f} s:")
    for name, count in sorted(faults.counts.items()):
        print(f"  {name:<50} {count:>5}")
    for finding in faults.findings:
        print(f"FOUND {finding}")
    return 1 if faults.findings else 0


if __name__ == "__main__":
    sys.exit(main())
