"""A participant that is dead costs its own transactions, and nobody else's.

How long those take meanwhile is measured by Tests/bench/run --only outage.
"""

import contextlib
import json
import signal
import subprocess

import pytest
from harness.coordinator import binary, environment
from harness.hole import Hole
from support.coordinator import Coordinator
from support.database import Database
from support.requests import eventually

CAP = 16
SECONDS = 6
# Little enough for a slow machine: what is too much for it looks like an outage too.
OTHERS, TOUCHING = 150, 100
# One event loop has one connection to an address, on which calls come in the order in which they were made.
FLAGS = ["--attempt-timeout=1s", f"--participants-calls-max={CAP}", "--event-loops=1",
         "--phase-two-delay-max=1s"]


class Participants:
    """`caravan bench participants`, which take a moment for each answer."""

    def __init__(self, port=0):
        # In a session of its own, and gone with this process: one that is stopped would have the
        # whole of a process group told to hang up when that loses its parent, and would never see
        # its standard input end.
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", binary(), "bench", "participants",
             "--listen", f"127.0.0.1:{port}", "--delay=2ms"],
            env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            start_new_session=True)
        self.address = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def at_once(self):
        """Ends it; how many calls there were at the same time at most."""
        told = self.process.communicate()[0].split()
        return int(told[2])


def _load(coordinator, participants, rate, output, seconds=SECONDS):
    return subprocess.Popen(
        [binary(), "bench", "--target", coordinator.address, "--participants", participants,
         "--branches", "saga,tcc", "--rate", str(rate), "--concurrency", "100000",
         "--duration", f"{seconds}s", "--warm-up", "0s", "--json", output],
        env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)


def _result(process, output):
    told, _ = process.communicate(timeout=120)
    assert process.returncode == 0, told
    return json.loads(output.read_text())["results"][0]


def _unfinished(database):
    return int(Database(database).run(
        "SELECT count(*) FROM caravan.transaction WHERE NOT finished")[0])


@pytest.fixture
def database():
    """One of its own, whose transactions are counted."""
    with Database.create() as created:
        yield created.url


@contextlib.contextmanager
def _dead(kind, greet):
    """Its address, what brings it back, and what tells how many calls it had at once.

    One that stops was greeted before: where there is no connection yet, no call would be sent.
    """
    with contextlib.ExitStack() as stack:
        if kind == "stopped":
            participant = stack.enter_context(Participants())
            greet(participant.address)
            participant.process.send_signal(signal.SIGSTOP)
            yield (participant.address,
                   lambda: participant.process.send_signal(signal.SIGCONT),
                   participant.at_once)
        else:
            hole = stack.enter_context(Hole())
            returned = []

            def come_back():
                hole.__exit__()
                returned.append(stack.enter_context(Participants(hole.port)))
            yield (hole.address, come_back, lambda: max(hole.at_once, returned[0].at_once()))


@pytest.mark.parametrize("kind", ["silent", "stopped"])
def test_a_dead_participant_costs_its_own_transactions_alone(kind, database, tmp_path):
    def greet(address):
        output = tmp_path / "greeting.json"
        assert _result(_load(coordinator, address, 20, output, seconds=1), output)["committed"]

    with Coordinator.start(database, *FLAGS) as coordinator, Participants() as alive, \
            _dead(kind, greet) as (address, come_back, at_once):
        touching = _load(
            coordinator, f"{alive.address},{address}", TOUCHING, tmp_path / "touching.json")
        others = _result(
            _load(coordinator, alive.address, OTHERS, tmp_path / "others.json"),
            tmp_path / "others.json")
        assert (others["errors"], others.get("rollbackText")) == ({}, None)
        assert others["rolledBack"] == 0
        assert others["endedEver"] + others["neverBegun"] >= 0.9 * OTHERS * SECONDS
        assert others["neverBegun"] == 0
        # Some tries have an unknown outcome, so their cancels are owed until it is back.
        assert _unfinished(database) > 0
        come_back()
        touched = _result(touching, tmp_path / "touching.json")
        eventually(lambda: _unfinished(database) == 0, 60)
        assert touched["rolledBack"] > 0
        most = at_once()
        print(f"{kind}: {touched['committed']} committed, {touched['rolledBack']} rolled back, "
              f"{most} calls at once")
        assert 0 < most <= CAP
