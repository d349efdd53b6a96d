"""Row 14: how fast a coordinator brings to their end what a crash has left."""

import time

import stored
from rows import at_least, middle
from setting import Participants, Setting, in_background, wait_until

CALLERS = 256
FLAGS = ["--deadline=1d", "--attempt-timeout=1h"]


def measure(sizes, note):
    with Setting(sizes, FLAGS) as setting:
        fresh = [setting.load("saga,saga", CALLERS) for _ in range(min(3, sizes.alternations))]
        _leave(setting, sizes.recovered)
        with Participants(setting.participants.address) as answering:
            start = time.monotonic()
            setting.coordinator.start()
            wait_until(lambda: _is_recovered(setting.postgres), every=0.05)
            seconds = time.monotonic() - start
            calls = answering.stop()
    if calls < 2 * sizes.recovered:
        raise RuntimeError(f"{calls} calls for {sizes.recovered} transactions of 2 branches")
    per_second = sizes.recovered / seconds
    note(f"recovery: {seconds:.1f} s")
    row = at_least(
        14, f"recovery of {sizes.recovered:,} unfinished : fresh ones, {CALLERS} callers",
        per_second / middle(fresh), 0.7,
        figures=f"{per_second:,.0f}/s ({seconds:.1f} s) : {middle(fresh):,.0f}/s")
    return [row], {"seconds": seconds, "fresh": fresh}


def _leave(setting, count):
    """The coordinator is killed while it executes a transaction; `count` of them are left."""
    setting.participants.stop()
    silent = Participants(setting.participants.address, delay="10m")

    def executing():
        """a transaction is executed"""
        return setting.postgres.sql(
            "select id from caravan.transaction where not finished limit 1")

    with silent, in_background(setting.load_command("saga,saga", 1, seconds=60)):
        (source,), *_ = wait_until(executing)
        setting.coordinator.kill()
    stored.copy(setting.postgres, source, count - 1)
    # One that is absent is dead: the lease need not run out first.
    setting.postgres.sql("delete from caravan.coordinator")
    stored.settle(setting.postgres)


def _is_recovered(postgres):
    """none is unfinished"""
    return postgres.sql(
        "select not exists (select from caravan.transaction where not finished)") == [["t"]]
