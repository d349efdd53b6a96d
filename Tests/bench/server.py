"""Row 7: a unary call of the server beside a GET of nghttpd, both by h2load."""

import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import measure as counting
from harness.coordinator import free_port
from rows import at_least, middle, ratio
from setting import Setting, in_background, wait_until

FILE_BYTES = 40
# Not on the path of everybody.
NGHTTPD = shutil.which("nghttpd") or "/usr/sbin/nghttpd"
# An empty HealthCheckRequest in its frame.
EMPTY_MESSAGE = bytes(5)


def measure(sizes, note):
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as directory, Setting(sizes, ["--event-loops=1"]) as setting:
        body = Path(directory) / "body"
        body.write_bytes(EMPTY_MESSAGE)
        (Path(directory) / "file").write_bytes(b"x" * FILE_BYTES)
        port = free_port()
        nghttpd = [NGHTTPD, "--no-tls", "--workers=1", "--address=127.0.0.1", "-d", directory]
        with in_background([*nghttpd, str(port)]) as server:
            wait_until(lambda: _listens(port))
            for _ in range(sizes.alternations):
                ours.append(_press(
                    sizes, setting.pid,
                    f"http://{setting.coordinator.address}/grpc.health.v1.Health/Check",
                    "-d", body, "-H", "content-type: application/grpc", "-H", "te: trailers"))
                theirs.append(_press(sizes, server.pid, f"http://127.0.0.1:{port}/file"))
                note(f"server: {ours[-1]['per_second']:.0f}/s : {theirs[-1]['per_second']:.0f}/s")
    value, spread = ratio(ours, theirs)
    row = at_least(
        7, "Health/Check on one event loop : nghttpd, GET of 40 bytes", value, 0.8, spread=spread,
        figures=f"{middle(ours):,.0f}/s : {middle(theirs):,.0f}/s, CPU of the server"
        f" {middle(ours, 'cpu'):.1f} µs : {middle(theirs, 'cpu'):.1f} µs")
    return [row], {"ours": ours, "theirs": theirs}


def _press(sizes, pid, url, *flags):
    before = counting.cpu_seconds(pid)
    told = subprocess.run(
        ["h2load", "-c8", "-m100", "-t1", f"-D{max(1, round(sizes.seconds))}",
         f"--warm-up-time={max(1, round(sizes.warm_up))}", *flags, url],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
    cpu = counting.cpu_seconds(pid) - before
    found = re.search(r"finished in [\d.]+\w+, ([\d.]+) req/s", told)
    # An error of gRPC is a 200 without a message, so that no data come.
    if not found or "0 failed, 0 errored" not in told or "(0) data" in told:
        raise RuntimeError(f"h2load of {url}:\n{told}")
    per_second = float(found.group(1))
    # The warm-up counts for the processor, too.
    seconds = max(1, round(sizes.seconds)) + max(1, round(sizes.warm_up))
    return {"per_second": per_second, "cpu": cpu / (per_second * seconds) * 1e6}


def _listens(port):
    """nghttpd takes connections"""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
