"""The measure of the house: commits a second of one-row INSERTs, by pgbench."""

import re
import subprocess
import tempfile
from pathlib import Path

PAYLOAD_BYTES = 200
TABLE = """
create table if not exists one_row (
  id bigint generated always as identity primary key,
  payload text not null
)"""
INSERT = f"insert into one_row (payload) values ('{'x' * PAYLOAD_BYTES}');\n"
# Enough to tell percentiles, few enough to cost nothing.
LOGGED_SHARE = 0.2


class Run:
    """INSERTs by so many clients for about so many seconds."""

    def __init__(self, postgres, concurrency, seconds):
        postgres.sql(TABLE)
        self.directory = tempfile.TemporaryDirectory()
        script = Path(self.directory.name) / "insert.sql"
        script.write_text(INSERT)
        self.process = subprocess.Popen(
            ["pgbench", "-n", "-f", script, "-c", str(concurrency)]
            + ["-j", str(min(concurrency, 2)), "-T", str(max(1, round(seconds)))]
            + ["-l", f"--sampling-rate={LOGGED_SHARE}", f"--log-prefix={self.directory.name}/log"]
            + [postgres.url],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def result(self):
        """A second, and percentiles in milliseconds; once all is done."""
        told = self.process.communicate()[0]
        if self.process.returncode != 0:
            raise RuntimeError(f"pgbench failed:\n{told}")
        # client, transaction, microseconds, …
        times = sorted(
            int(line.split()[2])
            for log in Path(self.directory.name).glob("log*")
            for line in log.read_text().splitlines()
        )
        return {
            "per_second": float(re.search(r"tps = ([\d.]+)", told).group(1)),
            "ended": int(re.search(r"actually processed: (\d+)", told).group(1)),
            "p50": percentile(times, 50),
            "p99": percentile(times, 99),
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.directory.cleanup()


def percentile(sorted_microseconds, percent):
    """In milliseconds."""
    if not sorted_microseconds:
        return 0.0
    last = len(sorted_microseconds) - 1
    return sorted_microseconds[round(last * percent / 100)] / 1000
