"""Rows 12 and 13: the coordinator's memory, idle and for each transaction that is under way."""

import contextlib
import time
from statistics import median

from rows import at_most
from setting import Participants, Setting, in_background, wait_until

STARTS = 3
SETTLE_SECONDS = 2
# What two connections of the coordinator to each of two participants take at the same time.
CALLERS_EACH = 2_000
# Nothing ends, is tried again or leaves memory while this is measured.
PATIENCE = [
    "--attempt-timeout=1h", "--deadline=1h", "--park-after=1d", "--live-transactions-max=1000000",
]


def measure(sizes, note):
    with Setting(sizes, PATIENCE) as setting:
        idle = []
        for _ in range(min(STARTS, sizes.alternations)):
            setting.coordinator.kill()
            setting.coordinator.start()
            time.sleep(SETTLE_SECONDS)
            idle.append(setting.memory()["anonymous"])
        note(f"memory: idle {median(idle):.1f} MiB")
        # What the first transactions need once for all is not charged to those under way.
        setting.load("saga,saga", 64)
        before = setting.memory()["anonymous"]
        after = _hold(setting, sizes.live)
    each = (after - before) * 1024 / sizes.live
    note(f"memory: {each:.2f} KiB each")
    return [
        at_most(
            12, "memory of a live transaction, 2 branches, payloads of 200 bytes", each, 4, " KiB",
            figures=f"{after:.0f} MiB - {before:.0f} MiB for {sizes.live:,}, each with a caller"
            " who waits and two calls under way"),
        at_most(13, "idle memory after the start", median(idle), 24, " MiB"),
    ], {"idle": idle, "before": before, "after": after}


def _hold(setting, count):
    """Memory while so many are under way."""
    with contextlib.ExitStack() as stack:
        for first in range(0, count, CALLERS_EACH):
            slow = [
                stack.enter_context(Participants(delay="10m")).address for _ in range(2)]
            stack.enter_context(in_background(setting.load_command(
                "saga,saga", min(CALLERS_EACH, count - first), participants=",".join(slow))))

        def under_way():
            """all are under way"""
            return int(setting.postgres.sql(
                "select count(*) from caravan.transaction where not finished")[0][0]) >= count

        wait_until(under_way)
        time.sleep(SETTLE_SECONDS)
        return setting.memory()["anonymous"]
