"""A standalone Spark cluster on this machine: a master and workers as processes of their own, all on loopback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

READY = 180  # seconds


@dataclass
class Cluster:
    """A master and its workers."""

    folder: Path
    master: str
    environment: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str, ready: str) -> None:
        """Start a process, and wait until its log says that it is ready."""
        log = self.folder / f"{name}.log"
        command = [f"{self.environment['SPARK_HOME']}/bin/spark-class", *arguments]
        with log.open("wb") as file:
            self.processes[name] = subprocess.Popen(command, stdout=file, stderr=file, env=self.environment)
        wait_for(lambda: ready in log.read_text(errors="replace"), f"{name}: {ready}")

    def worker(self, name: str) -> None:
        """Start a worker with one core."""
        options = ["--host", "127.0.0.1", "--cores", "1", "--memory", "1200m", "--webui-port", "0"]
        place = ["--work-dir", str(self.folder / name), self.master]
        worker = "org.apache.spark.deploy.worker.Worker"
        self.start(name, worker, *options, *place, ready="Successfully registered with master")

    def executors(self, worker: str) -> list[int]:
        """Return the processes of a worker's executors."""
        parent = str(self.processes[worker].pid)
        found = subprocess.run(["pgrep", "-P", parent], capture_output=True, text=True, check=False).stdout
        return [int(pid) for pid in found.split()]

    def kill(self, worker: str) -> None:
        """Kill a worker and its executors at once."""
        for pid in (self.processes[worker].pid, *self.executors(worker)):
            os.kill(pid, signal.SIGKILL)
        self.processes.pop(worker).wait()


def wait_for(holds: object, what: str, seconds: float = READY) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.1)


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """Start a cluster, and stop it."""
    import pyspark

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_DAEMON_MEMORY": "256m",
    }
    made = Cluster(folder, f"spark://127.0.0.1:{port}", environment)
    try:
        master = "org.apache.spark.deploy.master.Master"
        made.start(
            "master", master, "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0", ready="elected leader"
        )
        for number in range(workers):
            made.worker(f"w{number}")
        yield made
    finally:
        for process in made.processes.values():
            process.terminate()
        for process in made.processes.values():
            process.wait()
