"""A standalone Spark cluster on this machine: a master and workers as processes of their own, all on loopback."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sparks import environment

PATIENCE = 1800  # seconds: not how long something takes, but when it counts as never coming


@dataclass
class Cluster:
    """A master and its workers."""

    folder: Path
    environment: dict[str, str]
    master: str = ""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str, ready: str) -> str:
        """Start a process, wait until its log says that it is ready, and return the log."""
        log = self.folder / f"{name}.log"
        command = [f"{self.environment['SPARK_HOME']}/bin/spark-class", *arguments]
        with log.open("wb") as file:
            self.processes[name] = subprocess.Popen(command, stdout=file, stderr=file, env=self.environment)
        wait_for(lambda: ready in log.read_text(errors="replace"), f"{name}: {ready}", self.processes[name])
        return log.read_text(errors="replace")

    def worker(self, name: str) -> None:
        """Start a worker with one core."""
        options = ["--host", "127.0.0.1", "--cores", "1", "--memory", "1200m", "--webui-port", "0"]
        place = ["--work-dir", str(self.folder / name), self.master]
        worker = "org.apache.spark.deploy.worker.Worker"
        self.start(name, worker, *options, *place, ready="Successfully registered with master")

    def executors(self, worker: str) -> list[int]:
        """Return the processes of a worker's executors; the shell that started it may stay as a zombie beside them."""
        command = ["pgrep", "-P", str(self.processes[worker].pid), "-x", "java"]
        found = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return [int(pid) for pid in found.split()]

    def finished(self, worker: str) -> int:
        """Return how many tasks the newest executor of a worker has finished."""
        logs = sorted(self.folder.glob(f"{worker}/app-*/*/stderr"), key=lambda log: log.stat().st_mtime)
        return logs[-1].read_text(errors="replace").count("Finished task") if logs else 0

    def kill(self, worker: str) -> None:
        """Kill a worker and its executors at once."""
        for pid in (self.processes[worker].pid, *self.executors(worker)):
            os.kill(pid, signal.SIGKILL)
        self.processes.pop(worker).wait()


def wait_for(holds: Callable[[], object], what: str, process: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until something holds, which a process that has ended will not bring about."""
    end = time.monotonic() + PATIENCE
    while not holds():
        if process is not None and process.poll() is not None:
            raise ChildProcessError(f"ended with {process.returncode} before this: {what}")
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.05)


def stop(processes: Iterable[subprocess.Popen[bytes]]) -> None:
    """End processes: those that do not by themselves, after a while, at once."""
    running = list(processes)
    for process in running:
        process.terminate()
    for process in running:
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """Start a cluster, and stop it."""
    import pyspark

    own = {"SPARK_HOME": str(Path(pyspark.__file__).parent), "SPARK_DAEMON_MEMORY": "256m"}
    made = Cluster(folder, os.environ | environment() | own)
    try:
        master = ["org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
        log = made.start("master", *master, ready="elected leader")
        made.master = re.findall(r"spark://127\.0\.0\.1:\d+", log)[0]
        for number in range(workers):
            made.worker(f"w{number}")
        yield made
    finally:
        stop(made.processes.values())
