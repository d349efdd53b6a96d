"""The coordinator as a process of its own."""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from harness.coordinator import binary, environment

START_SECONDS = 60
STOP_SECONDS = 30


class Coordinator:
    """A running `caravan serve`: where it listens, what it logs."""

    def __init__(self, process):
        self.process = process
        self.address = None
        # Of the HTTP listener, `http://host:port`.
        self.http = None
        self.log = []
        # Set by a test that has stopped it and seen how it ended.
        self.stopped = False
        self._listening = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stderr:
            self.log.append(line)
            with contextlib.suppress(ValueError):
                entry = json.loads(line)
                if entry.get("message") == "listening for HTTP":
                    self.http = "http://" + entry["address"]
                if entry.get("message") == "listening":
                    self.address = entry["address"]
                    self._listening.set()
        self._listening.set()

    @classmethod
    @contextlib.contextmanager
    def start(cls, database, *flags, http="127.0.0.1:0", role=None):
        """`role` is the one that it acts as in the database; that may keep it from ever serving."""
        subprocess.run([binary(), "migrate", "--database", database], check=True,
                       stdout=subprocess.DEVNULL, env=environment())
        process = subprocess.Popen(
            # It goes when this process goes, however it goes.
            ["setpriv", "--pdeathsig", "KILL", "--", binary(), "serve",
             "--database", database + (f"&options=-crole%3D{role}" if role else ""), "--listen", "127.0.0.1:0",
             "--http-listen", http, "--log-format", "json",
             "--participants-allow", "127.0.0.0/8,localhost,*.invalid,unix:*", *flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=environment())
        running = cls(process)
        try:
            running._listening.wait(START_SECONDS)
            assert running.address, "the coordinator did not start:\n" + "".join(running.log)
            if not role:
                running._wait_until_serving()
            yield running
            if running.stopped:
                return
            # Whatever a test did to it, it is still there, and leaves when it is told to.
            assert process.poll() is None, "the coordinator died:\n" + "".join(running.log[-50:])
            process.send_signal(signal.SIGTERM)
            assert process.wait(STOP_SECONDS) == 0, "".join(running.log[-50:])
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            running._reader.join(STOP_SECONDS)

    def _wait_until_serving(self):
        """Listening comes before the lease: SERVING says that both are there."""
        end = time.monotonic() + START_SECONDS
        with grpc.insecure_channel(self.address) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            for answer in stub.Watch(health_pb2.HealthCheckRequest(), timeout=START_SECONDS):
                if answer.status == health_pb2.HealthCheckResponse.SERVING:
                    return
                assert time.monotonic() < end

    def resident_bytes(self):
        """Memory of the process, as /proc knows it."""
        with open(f"/proc/{self.process.pid}/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
