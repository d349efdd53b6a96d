"""Rows 18 and 19: what others notice of a participant that is dead, and what it gets on its return."""

import contextlib
import json
import signal
import subprocess
import time

from harness.coordinator import environment
from harness.hole import Hole
from rows import at_most
from setting import Participants, Setting, wait_until

CAP = 256
RATE = 500
# So many that waiting shows in the latency, not in fewer transactions.
UNDER_WAY_MAX = 20_000
FLAGS = ["--attempt-timeout=1s", f"--participants-calls-max={CAP}"]


def measure(sizes, note):
    found = {kind: _outage(kind, sizes, note) for kind in ("silent", "stopped")}
    worst = max(found.values(), key=lambda each: each["ratio"])
    p99 = at_most(
        18, f"p99 of those beside a dead participant, {sizes.outage_seconds} s at {RATE}/s : before",
        worst["ratio"], 2, "×",
        figures=", ".join(
            f"{kind}: {each['during']['p99']:.1f} ms : {each['before']['p99']:.1f} ms,"
            f" {each['during']['rolledBack'] + each['during']['failed']} not committed"
            for kind, each in found.items()))
    most = max(each["at_once"] for each in found.values())
    cap = at_most(
        19, "calls at once to it, until all have ended", most, CAP, "",
        figures=", ".join(
            f"{kind}: {each['at_once']}, all ended {each['after']:.1f} s after its return"
            for kind, each in found.items()))
    return [p99, cap], found


def _outage(kind, sizes, note):
    with contextlib.ExitStack() as stack:
        setting = stack.enter_context(Setting(sizes, FLAGS, delay="2ms"))
        dead = stack.enter_context(Participants(delay="2ms"))
        before, _ = _press(setting, dead.address, sizes.outage_seconds / 3)
        if kind == "stopped":
            dead.process.send_signal(signal.SIGSTOP)
            # Whatever happens, it must be able to end.
            stack.callback(dead.process.send_signal, signal.SIGCONT)
        else:
            dead.stop()
            hole = stack.enter_context(Hole(int(dead.address.rpartition(":")[2])))
        during, touching = _press(setting, dead.address, sizes.outage_seconds, waits=False)
        note(f"outage, {kind}: p99 {during['p99']:.1f} ms : {before['p99']:.1f} ms")
        at_once = 0
        if kind == "stopped":
            dead.process.send_signal(signal.SIGCONT)
        else:
            at_once = hole.at_once
            hole.__exit__()
            dead = stack.enter_context(Participants(dead.address, delay="2ms"))
        start = time.monotonic()
        wait_until(lambda: _none_unfinished(setting.postgres))
        after = time.monotonic() - start
        touched = _result(*touching)
        dead.stop()
        return {
            "ratio": during["p99"] / max(before["p99"], 0.001), "before": before, "during": during,
            "touched": touched, "after": after, "at_once": max(at_once, dead.at_once),
        }


def _press(setting, dead, seconds, waits=True):
    """Half of the load beside the participant that dies, half of it upon both; what became of the first."""
    touching = _start(
        setting, "touching", seconds, participants=f"{setting.participants.address},{dead}")
    others = _result(*_start(setting, "others", seconds))
    if waits:
        _result(*touching)
    return others, touching


def _start(setting, name, seconds, participants=None):
    output = setting.directory / f"{name}.json"
    command = setting.load_command(
        "saga,tcc", UNDER_WAY_MAX, f"--rate={RATE / 2}", "--json", output, seconds=seconds,
        participants=participants)
    return subprocess.Popen(
        command, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True), output


def _result(process, output):
    told, _ = process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"caravan bench failed:\n{told}")
    result = json.loads(output.read_text())["results"][0]
    return {
        "per_second": result["perSecond"], "p50": result["end"]["p50"] / 1000,
        "p99": result["end"]["p99"] / 1000, "committed": result["committed"],
        "rolledBack": result["rolledBack"], "failed": sum(result["errors"].values()),
    }


def _none_unfinished(postgres):
    """none is unfinished"""
    return postgres.sql(
        "select not exists (select from caravan.transaction where not finished)") == [["t"]]
