"""What docs/callers.md prints runs as printed."""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def _blocks(document):
    """The code blocks of a document, by language, in order."""
    found = {}
    for language, text in re.findall(r"^```(\w+)\n(.*?)^```$", document, re.S | re.M):
        found.setdefault(language, []).append(text)
    return found


def test_the_example_for_callers_runs_as_printed(coordinator, tmp_path):
    blocks = _blocks((ROOT / "docs/callers.md").read_text())
    (tmp_path / "Protos").symlink_to(ROOT / "Protos")
    (tmp_path / "order.py").write_text(blocks["python"][0])
    environment = dict(
        os.environ, CARAVAN=coordinator.address,
        PATH=os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"])
    subprocess.run(
        ["sh", "-e", "-c", blocks["sh"][0]], cwd=tmp_path, env=environment, check=True)
    done = subprocess.run(
        ["python", "order.py"], cwd=tmp_path, env=environment, capture_output=True, text=True,
        timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == blocks["text"][0]


def test_the_example_of_a_branch_over_http_runs_as_printed(coordinator, web):
    command = _blocks((ROOT / "docs/callers.md").read_text())["sh"][1]
    command = command.replace("127.0.0.1:9000", web.address).replace(
        "127.0.0.1:7070", coordinator.address)
    environment = dict(os.environ, PATH=os.pathsep.join(
        [os.path.dirname(sys.executable), str(ROOT / "Tests/Interop"), os.environ["PATH"]]))
    done = subprocess.run(
        ["sh", "-e", "-c", command], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "STATE_COMMITTED" in done.stdout
    reserve, confirm = web.received()
    assert (reserve.method, reserve.path, reserve.payload) == ("POST", "/reserve", b'{"lamps":2}')
    assert reserve.metadata["content-type"] == "application/json"
    assert (confirm.method, confirm.path, confirm.payload) == (
        "PUT", "/reservations/order-8813", b"")
