"""Throughput and latency over concurrency, as `caravan bench` draws them."""

import subprocess
import tempfile
from pathlib import Path

from harness.coordinator import environment
from setting import Setting

CALLERS = "1,4,16,64,256"


def measure(sizes, note):
    """No row: a picture."""
    with tempfile.TemporaryDirectory() as directory, Setting(sizes) as setting:
        picture = Path(directory) / "curve.svg"
        subprocess.run(
            setting.load_command("saga,saga", CALLERS, "--svg", picture), env=environment(),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
        note("curve: drawn")
        return [], {"svg": picture.read_text()}
