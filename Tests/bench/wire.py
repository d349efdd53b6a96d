"""Row 8: the codec beside libprotobuf-c, in one process of the unit tests."""

import os
import re
import subprocess
from pathlib import Path

from rows import at_least

REPOSITORY = Path(__file__).resolve().parents[2]
# As the Makefile builds the tests.
COMMAND = [
    "swift", "test", "--skip-build", "-c", "release", "-Xswiftc", "-enable-testing",
    "--explicit-target-dependency-import-check", "error", "--filter", "MessagesTests.SpeedTests",
]


def measure(_, note):
    told = subprocess.run(
        COMMAND, cwd=REPOSITORY, env=os.environ | {"CARAVAN_BENCH_WIRE": "1"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    found = re.findall(r"(encode|decode): (\d+) ns, libprotobuf-c (\d+) ns", told.stdout)
    if len(found) != 2:
        raise RuntimeError(f"{' '.join(COMMAND)}:\n{told.stdout[-2000:]}{told.stderr[-2000:]}")
    rows = []
    for what, ours, theirs in found:
        note(f"wire: {what} {ours} ns : {theirs} ns")
        rows.append(at_least(
            8, f"{what} an Execute request with 10 branches : libprotobuf-c",
            int(theirs) / int(ours), 0.7, figures=f"{ours} ns : {theirs} ns"))
    return rows, {}
