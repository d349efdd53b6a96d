"""Rows 10 and 11: throughput, and memory, beside a million stored transactions."""

import contextlib

import stored
from harness.coordinator import free_port
from rows import at_least, at_most, middle, ratio
from setting import Setting, in_background, wait_until

CALLERS = 256
# A participant that is away, and a long time until it is called again.
PARKING = [
    "--phase-one-delay=1h", "--phase-one-delay-max=2h", "--phase-one-jitter=0%", "--deadline=7d",
    "--phase-one-attempts=1000",
]


def measure(sizes, note):
    with contextlib.ExitStack() as stack:
        settings = {"none": stack.enter_context(Setting(sizes, PARKING))}
        if sizes.stored:
            settings["finished"] = stack.enter_context(Setting(sizes, PARKING))
            _store_finished(settings["finished"], sizes.stored)
            note(f"storage: {sizes.stored:,} finished ones are stored")
        if sizes.parked:
            settings["parked"] = stack.enter_context(Setting(sizes, PARKING))
            _store_parked(settings["parked"], sizes.parked)
            note(f"storage: {sizes.parked:,} parked ones are stored")
        runs = {name: [] for name in settings}
        for _ in range(sizes.alternations):
            for name, setting in settings.items():
                runs[name].append(setting.load("saga,saga", CALLERS))
                note(f"storage: {name} {runs[name][-1]['per_second']:.0f}/s")
        memory = {name: setting.memory()["anonymous"] for name, setting in settings.items()}
    return list(_rows(sizes, runs, memory)), {"runs": runs, "memory": memory}


def _rows(sizes, runs, memory):
    names = {
        "finished": (10, f"{sizes.stored:,} finished transactions stored : none"),
        "parked": (11, f"{sizes.parked:,} waiting for a retry in an hour : none"),
    }
    for name, (number, what) in names.items():
        if name not in runs:
            continue
        value, spread = ratio(runs[name], runs["none"])
        yield at_least(
            number, f"throughput, {what}", value, 0.9, spread=spread,
            figures=f"{middle(runs[name]):,.0f}/s : {middle(runs['none']):,.0f}/s")
    if "parked" in runs:
        yield at_most(
            11, f"memory of the coordinator, {sizes.parked:,} waiting, more than with none",
            memory["parked"] - memory["none"], 64, " MiB",
            figures=f"{memory['parked']:.0f} MiB - {memory['none']:.0f} MiB")


def _store_finished(setting, count):
    setting.load("saga,saga", 1, seconds=0.2)
    (source,), *_ = setting.postgres.sql(
        "select id from caravan.transaction where finished limit 1")
    # Over the last days, none of them old enough to be removed.
    age = f"interval '6 days' * i / {count}"
    stored.copy(
        setting.postgres, source, count, created=f"t.created - {age}", ended=f"t.ended - {age}",
        updated=f"t.updated - {age}")
    stored.settle(setting.postgres)


def _store_parked(setting, count):
    nobody = f"127.0.0.1:{free_port()}"
    command = setting.load_command(
        "saga,saga", 1, "--wait=none", seconds=60, participants=nobody)

    def parked():
        """a transaction is parked"""
        return setting.postgres.sql(
            "select id from caravan.transaction where due is not null limit 1")

    with in_background(command):
        (source,), *_ = wait_until(parked)
    stored.copy(setting.postgres, source, count, due=f"t.due + interval '1 hour' * i / {count}")
    stored.settle(setting.postgres)
