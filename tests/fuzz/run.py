"""Fuzz the command line: mutated and random files as packs, images, ECSs and tables, and odd options.

``python tests/fuzz/run.py --seconds 60 [--seed 1]``. Each case runs in the process of a worker, which is
watched from outside. A finding is an exit code that is no answer and no usage error (5 and more), a
traceback, a control character in the output, more than 5 s of CPU time for a command (or 30 s on the clock), or
more than 300 MB of memory. Findings of one kind are kept once, in ``.fuzz/``, with the files and the command line;
``--only N`` runs case N again.
"""

from __future__ import annotations

import argparse
import faulthandler
import gc
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from cases import Case, make_case

HERE = Path(__file__).parent
FOUND = Path(__file__).parents[2] / ".fuzz"
MAX_CPU_SECONDS = 5
MAX_SECONDS = 30  # the machine may be busy with something else
MAX_MIB = 300
CASES_A_WORKER = 400
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069]")


# -- in the worker ----------------------------------------------------------------------------------------


def work(seed: str, start: int, count: int, state: Path) -> None:
    """Run cases, and say after each what was found; a watchdog ends the process if one takes too long."""
    os.environ.update(IMAGEFIT_DEBUG="1", NO_COLOR="1", COLUMNS="80")
    from imagefit.cli.root import VERBS

    with (state / "log").open("a") as log, (state / "hang").open("w") as hang:
        for number in range(start, start + count):
            case = make_case(Random(f"{seed}:{number}"), list(VERBS))
            with tempfile.TemporaryDirectory() as folder:
                write(case, Path(folder))
                os.chdir(folder)
                found = Counter[str]()
                for command in case.commands:
                    state.joinpath("now").write_text(json.dumps([number, command]))
                    faulthandler.dump_traceback_later(MAX_SECONDS, exit=True, file=hang)
                    finding, code = run(command, case.stdin)
                    faulthandler.cancel_dump_traceback_later()
                    found[f"{case.kind} exit {code}"] += 1
                    if finding:
                        log.write(json.dumps([number, command, *finding]) + "\n")
                os.chdir("/")
            log.write(json.dumps([number, found]) + "\n")
            log.flush()
            gc.collect(1)


def run(command: list[str], stdin: bytes) -> tuple[tuple[str, str] | None, int]:
    """Run a command line in this process; return what kind of finding it is and its details, and the exit code."""
    from click.testing import CliRunner

    from imagefit.cli.root import root

    began = time.process_time()
    result = CliRunner().invoke(root, command, input=stdin)
    took = time.process_time() - began
    code = result.exit_code
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        frames = traceback.extract_tb(result.exc_info[2]) if result.exc_info else []
        ours = [f for f in frames if "/imagefit/" in f.filename] or frames
        place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"
        text = "".join(traceback.format_exception(result.exception))
        return (f"{type(result.exception).__name__} at {place}", text[-6000:]), code
    if code not in (0, 1, 2, 3, 4):
        return (f"exit code {code}", result.output[-3000:]), code
    if "Traceback (most recent call last)" in result.output:
        return ("traceback", result.output[-3000:]), code
    is_data = not {"csv", "jsonl", "parquet"}.isdisjoint(command)  # the caller's values, as they are
    output = result.stderr if is_data else result.output
    if bad := CONTROL.search(output):
        at = bad.start()
        shown = output[max(0, at - 60) : at + 60]
        return (f"control character {bad.group()!a} of {' '.join(command[:2])}", ascii(shown)), code
    if took > MAX_CPU_SECONDS:
        return (f"slow: {' '.join(command[:2])}", f"{took:.1f} s"), code
    if code == 2 and not result.stderr.strip():
        return ("no message", ""), code
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if mib > MAX_MIB:
        return (f"memory of {' '.join(command[:2])}", f"{mib} MiB"), code
    return None, code


def write(case: Case, folder: Path) -> None:
    """Write the files of a case."""
    for name, content in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


# -- around it --------------------------------------------------------------------------------------------


class Watch:
    """Starts workers until the time is over, and collects what they found."""

    def __init__(self, seed: str, start: int) -> None:
        self.seed, self.next = seed, start
        self.codes: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.peak_mib = 0

    def run(self, seconds: float, workers: int) -> None:
        end = time.monotonic() + seconds
        states: list[tuple[subprocess.Popen[bytes], Path, int]] = []
        with tempfile.TemporaryDirectory() as folder:
            while time.monotonic() < end or states:
                while len(states) < workers and time.monotonic() < end:
                    states.append(self._start(Path(folder)))
                for process, state, start in list(states):
                    if process.poll() is not None:
                        states.remove((process, state, start))
                        self._collect(process.returncode, state, start)
                    elif time.monotonic() >= end:
                        process.kill()  # a command in it may have taken over SIGTERM
                time.sleep(0.1)

    def _start(self, folder: Path) -> tuple[subprocess.Popen[bytes], Path, int]:
        state = folder / str(self.next)
        state.mkdir()
        command = [sys.executable, str(HERE / "run.py"), "--worker", str(state), "--seed", self.seed, "--only"]
        process = subprocess.Popen(
            [*command, str(self.next)], stdin=subprocess.DEVNULL, stderr=(state / "err").open("w")
        )
        started = self.next
        self.next += CASES_A_WORKER
        return process, state, started

    def _collect(self, code: int, state: Path, start: int) -> None:
        done = start
        for line in (state / "log").read_text().splitlines() if (state / "log").exists() else []:
            entry = json.loads(line)
            if len(entry) == 2:
                done = entry[0] + 1
                self.codes.update(entry[1])
            else:
                self._keep(*entry)
        if code not in (0, -9):
            number, command = json.loads((state / "now").read_text())
            text = (state / "hang").read_text() + (state / "err").read_text()
            frames = re.findall(r'File "[^"]*/imagefit/([^"]+)", line (\d+)', text)
            place = ":".join(frames[0]) if frames else "?"
            self._keep(number, command, f"hang or crash at {place}" if text else f"died with {code}", text[-6000:])
            self.next = max(self.next, done + 1)

    def _keep(self, number: int, command: list[str], kind: str, details: str) -> None:
        self.kinds[kind] += 1
        folder = FOUND / re.sub(r"\W+", "-", kind)[:80]
        if folder.exists():
            return
        case = make_case(Random(f"{self.seed}:{number}"), verbs())
        write(case, folder)
        (folder / "finding.txt").write_text(f"--seed {self.seed} --only {number}\n{command}\n{kind}\n\n{details}\n")
        print(f"found: {kind}: {' '.join(map(ascii, command))} (in {folder})", flush=True)


def verbs() -> list[str]:
    from imagefit.cli.root import VERBS

    return list(VERBS)


def one(seed: str, number: int) -> int:
    """Run one case here, and show all of it."""
    case = make_case(Random(f"{seed}:{number}"), verbs())
    os.environ.update(IMAGEFIT_DEBUG="1", NO_COLOR="1", COLUMNS="80")
    folder = Path(tempfile.mkdtemp())
    write(case, folder)
    os.chdir(folder)
    faults = 0
    for command in case.commands:
        began = time.perf_counter()
        finding, code = run(command, case.stdin)
        print(f"{folder}: {command}: exit {code}, {time.perf_counter() - began:.2f} s")
        for text in finding or ():
            print(text)
        faults += finding is not None
    return min(faults, 1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", default=None, help="today's date by default")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", type=int, default=None, help="run the case with this number and show it")
    parser.add_argument("--worker", type=Path, default=None, help=argparse.SUPPRESS)
    options: Any = parser.parse_args()
    seed = options.seed or time.strftime("%Y-%m-%d")
    if options.worker:
        work(seed, options.only, CASES_A_WORKER, options.worker)
        return 0
    if options.only is not None:
        return one(seed, options.only)
    shutil.rmtree(FOUND, ignore_errors=True)
    watch = Watch(seed, 0)
    watch.run(options.seconds, options.workers)
    total = sum(watch.codes.values())
    print(f"seed {seed}: {total} commands in {options.seconds:.0f} s; exit codes by kind:")
    for name, count in sorted(watch.codes.items()):
        print(f"  {name:<16} {count:>7}")
    for name, count in watch.kinds.most_common():
        print(f"  FOUND {count:>5} x {name}")
    return 1 if watch.kinds or not total else 0


if __name__ == "__main__":
    sys.exit(main())
