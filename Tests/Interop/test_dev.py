"""`caravan dev` as people run it: what it shows, what it prints to be pasted, how it ends."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

import pytest

from harness.coordinator import binary, environment

HERE = pathlib.Path(__file__).resolve().parent
SECONDS_MAX = 60


class Dev:
    """A `caravan dev` over a directory of its own, its output in a file."""

    def __init__(self, directory, *flags):
        self.directory = pathlib.Path(directory)
        self.log = self.directory / f"output-{len(list(self.directory.glob('output-*')))}"
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen(
                [str(binary()), "dev", "--directory", str(self.directory / "state"),
                 "--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0", *flags],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env={**environment(), "COLUMNS": "100", "LC_ALL": "C.UTF-8"},
                start_new_session=True)

    def output(self):
        return self.log.read_text()

    def wait_for(self, text):
        until = time.monotonic() + SECONDS_MAX
        while text not in self.output():
            assert self.process.poll() is None, self.output()
            assert time.monotonic() < until, self.output()
            time.sleep(0.05)

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.process.wait(timeout=SECONDS_MAX)

    def postmaster(self):
        """The process number of its PostgreSQL; None where none runs."""
        data = re.search(r"^PostgreSQL +(\S+)", self.output(), re.M).group(1)
        file = pathlib.Path(data) / "postmaster.pid"
        return int(file.read_text().split()[0]) if file.exists() else None

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=SECONDS_MAX)


@pytest.fixture
def directory():
    # Short and open: a user without rights runs PostgreSQL in it.
    path = tempfile.mkdtemp(prefix="cvdev.", dir="/tmp")
    os.chmod(path, 0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def started(directory):
    running = []

    def start(*flags):
        running.append(Dev(directory, *flags))
        return running[-1]

    yield start
    for dev in running:
        dev.end()


def printed_commands(output):
    """Purpose and text of every command that was printed."""
    tried = output[output.index("Try it:"):output.index("Serving on")]
    return re.findall(r"^# (.+)\n((?:(?!# ).*\S.*\n)+)", tried, re.M)


def created(output):
    """When the transaction was begun: a repeat that joined it has the same."""
    return json.loads(output)["transaction"]["createdAt"]


def run_pasted(command):
    return subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=SECONDS_MAX,
        env={**os.environ, "PATH": f"{HERE}{os.pathsep}{os.environ['PATH']}"})


def test_three_transactions_are_shown_and_what_is_printed_works(started):
    dev = started()
    dev.wait_for("Serving on")
    output = dev.output()
    assert len(re.findall(r"^── order-\d+ ─ .* COMMITTED ", output, re.M)) == 2
    assert len(re.findall(r"^── order-\d+ ─ .* ROLLED BACK ", output, re.M)) == 1
    assert "account: " in output and "ben has 5.00, not 118.00" in output
    for word in ("▼ commit", "▼ rollback", "not reached", "confirm ✓", "cancel ✓",
                 "compensation ✓", "refused"):
        assert word in output, output
    assert "\x1b[" not in output

    commands = printed_commands(output)
    assert len(commands) >= 6
    for purpose, command in commands:
        first = run_pasted(command)
        assert first.returncode == 0, f"{purpose}: {first.stderr}"
        assert first.stdout.strip(), purpose
        again = run_pasted(command)
        assert again.returncode == 0, f"{purpose}, again: {again.stderr}"
        if "Execute" in command:
            assert "STATE_COMMITTED" in first.stdout
            assert created(again.stdout) == created(first.stdout)

    assert dev.stop() == 0
    assert dev.output().endswith("stopped\n")
    assert dev.postmaster() is None


def test_the_walkthrough_by_curl_in_the_readme_runs_as_printed(started):
    dev = started()
    dev.wait_for("Serving on")
    readme = (HERE.parents[1] / "README.md").read_text()
    section = readme[readme.index("## By curl"):readme.index("## In production")]
    blocks = re.findall(r"^```sh\n(.*?)^```$", section, re.S | re.M)
    # As printed, but for the addresses: other programs may have those ports.
    places = dict(re.findall(r"(HTTP|stock|account) (127\.0\.0\.1:\d+)", dev.output()))
    script = "\n".join(blocks).replace("curl -s", "curl -sSw '\\n%{http_code}\\n'")
    for printed, name in (("7071", "HTTP"), ("7082", "stock"), ("7083", "account")):
        assert f"127.0.0.1:{printed}" in script
        script = script.replace(f"127.0.0.1:{printed}", places[name])
    for _ in range(2):
        done = run_pasted(script)
        assert done.returncode == 0, done.stderr
        answers = done.stdout.splitlines()
        assert answers[1::2] == ["200"] * 4 + ["409"], done.stdout
        begun, registered, committed, got, refused = map(json.loads, answers[::2])
        assert begun["id"] == "by-curl-1" and registered == {"branchCount": 1}
        assert committed["transaction"]["state"] == "STATE_COMMITTED"
        assert got["transaction"]["branches"][0]["phaseTwo"] == "PHASE_TWO_DONE"
        assert "ben has 5.00" in refused["message"] and refused["details"]
    assert dev.stop() == 0


def test_a_killed_caravan_leaves_its_database_to_the_next(started):
    first = started("--no-demo")
    first.wait_for("Serving on")
    database = first.postmaster()
    first.stop(signal.SIGKILL)
    assert first.postmaster() == database
    second = started("--no-demo")
    second.wait_for("Serving on")
    assert "(was running)" in second.output()
    assert second.postmaster() == database
    assert second.stop(signal.SIGTERM) == 0
    assert second.postmaster() is None


def test_a_second_caravan_over_the_same_directory_is_turned_away(started):
    first = started("--no-demo")
    first.wait_for("Serving on")
    second = started("--no-demo")
    assert second.process.wait(timeout=SECONDS_MAX) == 1
    assert f"(process {first.process.pid})" in second.output()
    assert first.stop() == 0
