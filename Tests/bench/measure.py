"""What a run costs: processor time, memory, and what PostgreSQL counts of itself."""

import os
import re
import subprocess
from pathlib import Path

from harness.postgres import BINARIES

TICKS = os.sysconf("SC_CLK_TCK")
FSYNC_SECONDS_EACH = 1


def cpu_seconds(pid, reaped=False):
    """Processor time of a process, and with `reaped` that of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = int(fields[11]) + int(fields[12])
    return (own + (int(fields[13]) + int(fields[14]) if reaped else 0)) / TICKS


def postgres_cpu_seconds(postmaster):
    """Processor time of a server: its own, of its processes, and of those that have ended."""
    total = cpu_seconds(postmaster, reaped=True)
    for child in children(postmaster):
        try:
            total += cpu_seconds(child)
        except (FileNotFoundError, ProcessLookupError):
            pass  # It has ended.
    return total


def children(pid):
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def memory_mib(pid):
    """Resident memory: all of it, what is not of files, and the most there was, in MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return {
        name: int(re.search(rf"{field}:\s+(\d+) kB", status).group(1)) / 1024
        for name, field in (("resident", "VmRSS"), ("anonymous", "RssAnon"), ("peak", "VmHWM"))
    }


class Counters:
    """A reading of everything that a run is charged with."""

    def __init__(self, postgres, processes):
        """`processes`: pids by name."""
        # Not pg_stat_database and pg_stat_wal: sessions tell those up to ten seconds late.
        row = postgres.sql(
            "select pg_snapshot_xmax(pg_current_snapshot()),"
            " pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"
        )[0]
        self.commits, self.wal_bytes = map(int, row)
        self.cpu = {name: cpu_seconds(pid) for name, pid in processes.items()}
        self.cpu["postgres"] = postgres_cpu_seconds(postgres.server.pid)

    def since(self, earlier):
        """What was spent since an earlier reading; commits are those that wrote something."""
        return {
            "commits": self.commits - earlier.commits,
            "wal_bytes": self.wal_bytes - earlier.wal_bytes,
            "cpu": {name: value - earlier.cpu[name] for name, value in self.cpu.items()},
        }


def fsync_microseconds(directory):
    """How long the kinds of fsync take there, by pg_test_fsync, in microseconds."""
    path = Path(directory) / "fsync.test"
    process = subprocess.Popen(
        [BINARIES / "pg_test_fsync", "-s", str(FSYNC_SECONDS_EACH), "-f", path],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    # The first table: one 8 kB write each time. What follows would take long.
    told = ""
    for line in process.stdout:
        if line.startswith("Compare file sync methods using two"):
            break
        told += line
    process.kill()
    process.wait()
    path.unlink(missing_ok=True)
    found = re.findall(r"^\s+(\w+)\s+[\d.]+ ops/sec\s+([\d.]+) usecs/op", told, re.MULTILINE)
    return {name: float(value) for name, value in found}


def machine():
    """What the figures depend on."""
    cpu = Path("/proc/cpuinfo").read_text()
    memory = Path("/proc/meminfo").read_text()
    model = re.search(r"model name\s*:\s*(.+)", cpu)
    kibibytes = int(re.search(r"MemTotal:\s+(\d+)", memory).group(1))
    return {
        "cores": os.cpu_count(),
        "processor": model.group(1).strip() if model else os.uname().machine,
        "memory": f"{kibibytes / 2**20:.0f} GiB",
        "load": [round(load, 1) for load in os.getloadavg()],
        "kernel": f"{os.uname().sysname} {os.uname().release}",
    }
