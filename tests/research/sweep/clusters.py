"""A scheduler of Dask and its workers as processes of this machine, and folders served to them over HTTP."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class LocalCluster:
    """Processes on a port of the loopback, each in a folder of its own."""

    folder: Path
    port: int
    running: list[subprocess.Popen] = field(default_factory=list)
    begun: int = 0

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def start(self, workers: int, path: Path | None = None) -> None:
        from distributed import Client

        self._run("dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port))
        for _ in range(workers):
            self.add_worker(path)
        with Client(self.address, timeout=60, set_as_default=False) as client:
            if workers:
                client.wait_for_workers(workers, timeout=120)

    def add_worker(self, path: Path | None = None) -> None:
        only = ("--nthreads", "1", "--nworkers", "1", "--host", "127.0.0.1", "--death-timeout", "60")
        self._run("dask_worker", self.address, *only, path=path)

    def _run(self, module: str, *options: str, path: Path | None = None) -> None:
        self.begun += 1
        home = self.folder / str(self.begun)
        home.mkdir()
        env = {
            **os.environ,
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
            "DASK_TEMPORARY_DIRECTORY": str(home),
        }
        if path is not None:
            env["PYTHONPATH"] = str(path)
        command = [sys.executable, "-m", f"distributed.cli.{module}", *options, "--no-dashboard"]
        with (home / "log").open("wb") as log:
            self.running.append(
                subprocess.Popen(command, cwd=home, env=env, stdout=log, stderr=log, start_new_session=True)
            )

    def kill(self, place: int) -> None:
        """End a process and those that it started, without a word."""
        process = self.running.pop(place)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_all(self) -> None:
        while self.running:
            self.kill(0)


@contextmanager
def local_cluster(folder: Path) -> Iterator[LocalCluster]:
    """A cluster that is not started yet, in a folder of its own; it ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder.mkdir()
    made = LocalCluster(folder, port)
    try:
        yield made
    finally:
        made.kill_all()


@contextmanager
def serve_folder(folder: Path) -> Iterator[tuple[str, Counter[str]]]:
    """The URL of a folder, and how often each path below it was asked for."""
    asked: Counter[str] = Counter()

    class Counting(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            asked[self.path] += 1
            super().do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Counting, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
