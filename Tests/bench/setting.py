"""What is measured: a private PostgreSQL, participants, a coordinator, and load upon them."""

import contextlib
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path

import measure
import pgbench
from harness.coordinator import Coordinator, binary, environment
from harness.postgres import PrivatePostgres

FLAGS = ["--participants-allow=127.0.0.1", "--log-level=warning"]
WAIT_SECONDS_MAX = 300
# As many as the coordinator has threads that serve them.
CONNECTIONS = max(2, os.cpu_count())


class Participants:
    """`caravan bench participants` in a process of its own."""

    def __init__(self, listen="127.0.0.1:0", delay="0ms"):
        self.process = subprocess.Popen(
            [binary(), "bench", "participants", "--listen", listen, "--delay", delay],
            env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        self.url = self.process.stdout.readline().strip()

    def stop(self):
        """Returns how many calls came; `at_once` then is how many there were at the same time at most."""
        if self.process.stdin.closed:
            return None
        self.process.stdin.close()
        told = self.process.stdout.read().split()
        self.process.wait(10)
        self.at_once = int(told[2])
        return int(told[0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Setting(contextlib.ExitStack):
    """All of it in one directory; what a `with` of it enters is gone when that ends."""

    def __init__(self, sizes, flags=(), delay="0ms"):
        super().__init__()
        self.sizes = sizes
        self.flags = [*FLAGS, *flags]
        self.delay = delay

    def __enter__(self):
        super().__enter__()
        self.directory = Path(self.enter_context(tempfile.TemporaryDirectory(prefix="cvbench.")))
        self.postgres = self.enter_context(PrivatePostgres())
        self.participants = self.enter_context(Participants(delay=self.delay))
        self.coordinator = self.enter_context(
            Coordinator(self.postgres.url, self.directory / "coordinator.log", self.flags))
        return self

    @property
    def pid(self):
        return self.coordinator.process.pid

    def memory(self):
        """Of the coordinator, in MiB."""
        return measure.memory_mib(self.pid)

    def insert(self, concurrency):
        """One-row INSERTs by pgbench."""
        own = children_cpu()
        seconds = self.sizes.seconds + self.sizes.warm_up
        with pgbench.Run(self.postgres, concurrency, seconds) as run:
            # A session for each client is not what an INSERT costs.
            time.sleep(self.sizes.warm_up)
            before = measure.Counters(self.postgres, {})
            time.sleep(self.sizes.seconds * 0.8)
            spent = measure.Counters(self.postgres, {}).since(before)
            found = run.result()
        spent["cpu"]["load generator"] = (children_cpu() - own) * spent["commits"] / found["ended"]
        return found | costs(spent, spent["commits"])

    def load(self, branches, concurrency, *flags, seconds=None):
        """Transactions by `caravan bench`."""
        pids = {"coordinator": self.pid, "participants": self.participants.process.pid}
        before, own = measure.Counters(self.postgres, pids), children_cpu()
        found = self._load(branches, concurrency, flags, seconds)
        spent = measure.Counters(self.postgres, pids).since(before)
        spent["cpu"]["load generator"] = children_cpu() - own
        return found | costs(spent, found["ended"])

    def _load(self, branches, concurrency, flags, seconds):
        output = self.directory / "load.json"
        told = subprocess.run(
            [*self.load_command(branches, concurrency, *flags, seconds=seconds), "--json", output], env=environment(), stdin=subprocess.DEVNULL,
            capture_output=True, text=True)
        if told.returncode != 0:
            raise RuntimeError(
                f"caravan bench failed:\n{told.stdout}{told.stderr}"
                f"the coordinator's log:\n{self.coordinator.log_end()}")
        result = json.loads(output.read_text())["results"][0]
        machine = result.get("machine") or {}
        return {
            "per_second": result["perSecond"],
            "ended": result["endedEver"],
            "p50": result["end"]["p50"] / 1000,
            "p99": result["end"]["p99"] / 1000,
            "max": result["end"]["max"] / 1000,
            "errors": result["errorShare"],
            "rolled_back": result["rolledBack"],
            "others": machine.get("others", 0) + machine.get("steal", 0),
        }

    def load_command(self, branches, concurrency, *flags, seconds=None, participants=None):
        def milliseconds(value):
            return f"{round(value * 1000)}ms"

        return [
            binary(), "bench", "--target", self.coordinator.address,
            "--participants",
            participants or f"{self.participants.address},{self.participants.url}",
            "--branches", branches, "--concurrency", str(concurrency),
            "--connections", str(CONNECTIONS),
            "--duration", milliseconds(seconds or self.sizes.seconds),
            "--warm-up", milliseconds(self.sizes.warm_up), *flags,
        ]


def costs(spent, transactions):
    """For each transaction; CPU in microseconds."""
    transactions = max(1, transactions)
    return {
        "commits": spent["commits"] / transactions,
        "wal_bytes": spent["wal_bytes"] / transactions,
        "cpu": {who: seconds / transactions * 1e6 for who, seconds in spent["cpu"].items()},
    }


@contextlib.contextmanager
def in_background(command):
    """A process that is killed when the `with` ends."""
    process = subprocess.Popen(
        command, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(is_so, every=0.1, seconds_max=WAIT_SECONDS_MAX):
    """Waits until `is_so()` returns something true, and returns that."""
    end = time.monotonic() + seconds_max
    while not (found := is_so()):
        if time.monotonic() > end:
            raise RuntimeError(f"did not happen within {seconds_max} s: {is_so.__doc__}")
        time.sleep(every)
    return found


def children_cpu():
    times = os.times()
    return times.children_user + times.children_system
