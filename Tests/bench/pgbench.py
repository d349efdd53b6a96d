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


def run(postgres, concurrency, seconds):
    """INSERTs by so many clients: a second, and percentiles in milliseconds."""
    postgres.sql(TABLE)
    with tempfile.TemporaryDirectory() as directory:
        script = Path(directory) / "insert.sql"
        script.write_text(INSERT)
        told = subprocess.run(
            ["pgbench", "-n", "-f", script, "-c", str(concurrency)]
            + ["-j", str(min(concurrency, 2)), "-T", str(seconds)]
            + ["-l", f"--sampling-rate={LOGGED_SHARE}", f"--log-prefix={directory}/log"]
            + [postgres.url],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )
        if told.returncode != 0:
            raise RuntimeError(f"pgbench failed:\n{told.stdout}{told.stderr}")
        # client, transaction, microseconds, …
        times = sorted(
            int(line.split()[2])
            for log in Path(directory).glob("log*")
            for line in log.read_text().splitlines()
        )
    return {
        "per_second": float(re.search(r"tps = ([\d.]+)", told.stdout).group(1)),
        "ended": int(re.search(r"actually processed: (\d+)", told.stdout).group(1)),
        "p50": percentile(times, 50),
        "p99": percentile(times, 99),
    }


def percentile(sorted_microseconds, percent):
    """In milliseconds."""
    if not sorted_microseconds:
        return 0.0
    last = len(sorted_microseconds) - 1
    return sorted_microseconds[round(last * percent / 100)] / 1000
