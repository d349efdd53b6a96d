"""A coordinator in a process of its own, which a test may kill and start again."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS_MAX = 20


def binary():
    """The `caravan` under test."""
    path = Path(os.environ.get("CARAVAN_BINARY", REPOSITORY / ".build/release/caravan"))
    if not path.exists():
        raise RuntimeError(f"no {path}: build it first, or name another in CARAVAN_BINARY")
    return path


def environment():
    """What a coordinator gets of the environment: it takes every CARAVAN_ variable for a setting."""
    return {key: value for key, value in os.environ.items() if not key.startswith("CARAVAN_")}


class Coordinator:
    """`caravan serve` over a database, at the same port in each of its lives."""

    def __init__(self, database, log, flags=()):
        self.database = database
        self.log = Path(log)
        self.flags = list(flags)
        self.port = free_port()
        self.process = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def __enter__(self):
        self._run_to_end("migrate", "--database", self.database)
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        """Starts it and waits until it takes connections."""
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                # It goes when this process goes, however it goes.
                ["setpriv", "--pdeathsig", "KILL", "--", binary(), "serve"]
                + ["--database", self.database, "--listen", self.address, "--http-listen", "",
                   *self.flags],
                env=environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        end = time.monotonic() + START_SECONDS_MAX
        while not self._takes_connections():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the coordinator did not start:\n{self.log_end()}")
            time.sleep(0.02)

    def _takes_connections(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def kill(self):
        """kill -9"""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self):
        """SIGTERM; returns the status it exits with."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(START_SECONDS_MAX)
        self.process = None
        return status

    def log_end(self, lines=40):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def _run_to_end(self, *arguments):
        done = subprocess.run(
            [binary(), *arguments], env=environment(), stdin=subprocess.DEVNULL,
            capture_output=True, text=True,
        )
        if done.returncode != 0:
            raise RuntimeError(f"caravan {arguments[0]} failed:\n{done.stdout}{done.stderr}")


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
