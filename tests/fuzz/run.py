"""Fuzz the command line: mutated, damaged, huge and random files as packs and inputs, odd options, paths that collide.

``python tests/fuzz/run.py --seconds 60 [--seed 1] [--kinds damaged paths]``. Each case runs in a process of its own,
forked from one that has imported what there is to import, with limits of memory and time. A finding is an exit code
that is no answer and no usage error (5 and more), a traceback, a control character in the output, a crash, an input
that changed, more CPU time or memory than the case allows, or what the case itself says of its command lines together.
Findings of one kind are kept once, in ``.fuzz/``, with the files and the command line; ``--only N`` runs case N again.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import gc
import json
import os
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(1, str(HERE.parent))  # builders that the tests share

from cases import Case, Ran, make_case  # noqa: E402

FOUND = HERE.parents[1] / ".fuzz"
ROOM_MIB = 2500  # of addresses, beyond those of a process that has done nothing: pyarrow reserves what it does not use
MAX_SECONDS = 600  # on the clock: the machine may be busy with something else
CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0001-\U000e007f]"
)
ENDED = {-signal.SIGXCPU: "no end", -signal.SIGABRT: "no end", -signal.SIGKILL: "no end, or no memory"}
USED = ("imagefit.cli.root", "imagefit.cli.audit", "imagefit.cli.check", "imagefit.cli.match", "imagefit.cli.rules",
        "imagefit.cli.match_inputs", "imagefit.api.packs", "imagefit.api.match", "imagefit.reports.csvfile",
        "imagefit.reports.parquet.writer", "imagefit.auditing.writing", "imagefit.sources.files",
        "imagefit.analysis.lint.linter", "imagefit.analysis.coverage", "pandas", "hard")  # fmt: skip


# -- in the process of a case -----------------------------------------------------------------------------


def be(case: Case, folder: Path) -> list[tuple[str, str, list[str], int]]:
    """Run the commands of a case; return of each what kind of finding it is ('' if it is none), details and code."""
    os.environ.update(IMAGEFIT_DEBUG="1", NO_COLOR="1", COLUMNS="80")
    os.environ["XDG_CACHE_HOME"] = str(folder.parent.parent / "cache")
    write(case, folder)
    os.chdir(folder)
    results, ran = [], []
    for command in case.commands:
        (folder.parent / "now").write_text(json.dumps(command))
        kind, details, one = run(command, case)
        ran.append(one)
        results.append((kind, details, command, one.code))
    if not any(kind for kind, *_ in results):
        inputs = case.files if case.is_kept else {}
        changed = [name for name, content in inputs.items() if (folder / name).read_bytes() != content]
        wrong = f"changed its input: {', '.join(map(ascii, changed))}" if changed else case.judge(ran)
        if wrong:
            shown = "\n".join(f"{each.command}: {each.code}: {each.stderr[-500:]}" for each in ran)
            results[-1] = (f"{case.kind}: {wrong[:60]}", shown, *results[-1][2:])
    return results


def run(command: list[str], case: Case) -> tuple[str, str, Ran]:
    """Run a command line in this process."""
    from click.testing import CliRunner

    from imagefit.cli.root import root

    began = time.process_time()
    result = CliRunner().invoke(root, command, input=case.stdin)
    took = time.process_time() - began
    ran = Ran(command, result.exit_code, result.stdout_bytes, result.stderr)
    verb = " ".join(command[:2])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        frames = traceback.extract_tb(result.exc_info[2]) if result.exc_info else []
        ours = [frame for frame in frames if "/imagefit/" in frame.filename] or frames
        place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"
        text = "".join(traceback.format_exception(result.exception))
        return f"{type(result.exception).__name__} at {place}", text[-6000:], ran
    if ran.code not in (0, 1, 2, 3, 4):
        return f"exit code {ran.code}", result.output[-3000:], ran
    if "Traceback (most recent call last)" in result.output:
        return "traceback", result.output[-3000:], ran
    if "out of memory" in ran.stderr:
        return f"memory of {verb}", ran.stderr[-3000:], ran
    is_data = not {"csv", "jsonl", "parquet", "xlsx"}.isdisjoint(command)  # the caller's values, as they are
    output = result.stderr if is_data else result.output
    if bad := CONTROL.search(output):
        at = bad.start()
        shown = output[max(0, at - 60) : at + 60]
        return f"control character {bad.group()!a} of {verb}", ascii(shown), ran
    if took > case.cpu_seconds:
        return f"slow: {case.kind}: {verb}", f"{took:.1f} s", ran
    if ran.code == 2 and not result.stderr.strip():
        return "no message", "", ran
    return "", "", ran


def write(case: Case, folder: Path) -> None:
    """Write the files of a case."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    case.prepare(folder)


# -- around it --------------------------------------------------------------------------------------------


@dataclass
class Running:
    """A case that runs."""

    number: int
    process: int
    home: Path
    began: float = field(default_factory=time.monotonic)
    last: float = 0.0


class Watch:
    """Starts cases until the time is over, and collects what they found."""

    def __init__(self, seed: str, kinds: Sequence[str]) -> None:
        self.seed, self.kinds, self.next = seed, kinds, 0
        self.codes: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.peaks: dict[str, int] = {}
        self.base_mib = self.base_rss = 0

    def case(self, number: int) -> Case:
        """Make a case."""
        from imagefit.cli.root import VERBS

        return make_case(Random(f"{self.seed}:{number}"), list(VERBS), self.kinds)

    def run(self, seconds: float, workers: int) -> None:
        """Run cases for so long, so many at a time."""
        for name in USED:
            import_module(name)
        self.base_mib, self.base_rss = _memory("VmSize"), _memory("VmRSS")
        end = time.monotonic() + seconds
        running: list[Running] = []
        with tempfile.TemporaryDirectory() as folder:
            while time.monotonic() < end or running:
                while len(running) < workers and time.monotonic() < end:
                    running.append(self._start(self.next, Path(folder) / str(self.next)))
                    self.next += 1
                for each in list(running):
                    done, status = os.waitpid(each.process, os.WNOHANG)
                    if done:
                        running.remove(each)
                        self._collect(each, os.waitstatus_to_exitcode(status))
                        shutil.rmtree(each.home, ignore_errors=True)
                    elif time.monotonic() - each.began > each.last:
                        os.kill(each.process, signal.SIGABRT)  # which faulthandler tells of
                        each.last += 5
                time.sleep(0.01)

    def one(self, number: int) -> int:
        """Run one case here, and show all of it."""
        case, home = self.case(number), Path(tempfile.mkdtemp())
        results = be(case, home / "files")
        for kind, details, command, code in results:
            print(f"{home}/files: {[part[:200] for part in command]}: exit {code}")
            print("\n".join(filter(None, (kind, details))), end="\n" if kind else "")
        return int(any(kind for kind, *_ in results))

    def _start(self, number: int, home: Path) -> Running:
        home.mkdir()
        child = os.fork()
        if child:
            return Running(number, child, home, last=MAX_SECONDS)
        code = 99
        try:
            sys.stdin, sys.stdout, sys.stderr = (open(os.devnull, mode) for mode in "rww")  # noqa: SIM115
            faulthandler.enable((home / "trace").open("w"))
            case = self.case(number)
            (home / "kind").write_text(case.kind)
            room, seconds = (self.base_mib + ROOM_MIB) << 20, int(case.cpu_seconds * len(case.commands) * 2 + 10)
            resource.setrlimit(resource.RLIMIT_AS, (room, room))
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            signal.signal(signal.SIGXCPU, signal.SIG_DFL)
            gc.collect()
            before = _memory("VmRSS")
            with contextlib.suppress(OSError):
                Path("/proc/self/clear_refs").write_text("5")  # the most memory is from now on
            results = be(case, home / "files")
            grown = _memory("VmHWM") - before
            (home / "result").write_text(json.dumps([results, case.mib, self.base_rss + grown]))
            code = 0
        except BaseException:
            (home / "trace").write_text(traceback.format_exc())
        finally:
            os._exit(code)

    def _collect(self, case: Running, code: int) -> None:
        kind = (case.home / "kind").read_text() if (case.home / "kind").exists() else "?"
        family = kind.partition(" ")[0]
        now = json.loads((case.home / "now").read_text()) if (case.home / "now").exists() else []
        if code == 0:
            results, most, mib = json.loads((case.home / "result").read_text())
            self.peaks[family] = max(self.peaks.get(family, 0), mib)
            for finding, details, command, exit_code in results:
                self.codes[f"{kind} exit {exit_code}"] += 1
                if finding:
                    self._keep(case.number, command, finding, details)
            if mib > most:
                self._keep(case.number, now, f"memory: {kind}: {' '.join(now[:2])}", f"{mib} MiB")
            return
        text = (case.home / "trace").read_text() if (case.home / "trace").exists() else ""
        frames = re.findall(r'File "[^"]*/imagefit/([^"]+)", line (\d+)', text)
        ended = ENDED.get(code, f"died with {code}")
        place = f" at {':'.join(frames[0])}" if frames else ""
        self.codes[f"{kind} {ended}"] += 1
        self._keep(case.number, now, f"{ended}: {kind}: {' '.join(now[:2])}{place}", text[-6000:])

    def _keep(self, number: int, command: list[str], kind: str, details: str) -> None:
        self.found[kind] += 1
        folder = FOUND / re.sub(r"\W+", "-", kind)[:80]
        if folder.exists():
            return
        write(self.case(number), folder)
        only = f"--seed {self.seed} --only {number}" + (f" --kinds {' '.join(self.kinds)}" if self.kinds else "")
        (folder / "finding.txt").write_text(f"{only}\n{command!a}\n{kind!a}\n\n{details}\n", errors="backslashreplace")
        shown = " ".join(ascii(part)[:80] for part in command)
        print(f"found: {kind!a}: {shown} (in {folder})", flush=True)


def _memory(name: str) -> int:
    """Return a size of this process in MiB."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 4000
    return int(re.findall(rf"{name}:\s+(\d+) kB", status.read_text())[0]) // 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", default=None, help="today's date by default")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", type=int, default=None, help="run the case with this number and show it")
    parser.add_argument("--kinds", nargs="*", default=(), help="only these kinds of hard cases")
    options: Any = parser.parse_args()
    seed = options.seed or time.strftime("%Y-%m-%d")
    watch = Watch(seed, options.kinds)
    if options.only is not None:
        return watch.one(options.only)
    shutil.rmtree(FOUND, ignore_errors=True)
    watch.run(options.seconds, options.workers)
    total = sum(watch.codes.values())
    print(f"seed {seed}: cases 0 to {watch.next - 1}, {total} commands in {options.seconds:.0f} s; exit codes by kind:")
    for name, count in sorted(watch.codes.items()):
        print(f"  {name:<32} {count:>7}")
    print("  most memory (MiB): " + ", ".join(f"{kind} {mib}" for kind, mib in sorted(watch.peaks.items())))
    for name, count in watch.found.most_common():
        print(f"  FOUND {count:>5} x {name!a}")
    return 1 if watch.found or not total else 0


if __name__ == "__main__":
    sys.exit(main())
