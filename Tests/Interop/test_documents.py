"""What the documents print runs as printed."""

import os
import pathlib
import re
import socket
import subprocess
import sys
import time
import urllib.parse

import grpc
import pytest
from caravan.v1 import coordinator_pb2 as pb
from caravan.v1 import coordinator_pb2_grpc
from harness.coordinator import Coordinator, binary, environment, free_port
from support.database import Database

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


def test_the_participant_runs_as_printed(coordinator, tmp_path):
    blocks = _blocks((ROOT / "docs/participants.md").read_text())
    (tmp_path / "shop.py").write_text(blocks["python"][0])
    port = free_port()
    shop = subprocess.Popen(
        [sys.executable, "shop.py"], cwd=tmp_path, stderr=subprocess.DEVNULL,
        env=dict(os.environ, SHOP_PORT=str(port)))
    try:
        _wait_until_open(port, shop)
        for script, printed in zip(blocks["sh"], blocks["text"], strict=True):
            script = script.replace("127.0.0.1:9100", f"127.0.0.1:{port}")
            script = script.replace("http://127.0.0.1:7071", coordinator.http)
            done = subprocess.run(
                ["sh", "-e", "-c", script], cwd=tmp_path, capture_output=True, text=True,
                timeout=60)
            assert done.returncode == 0, done.stderr
            assert done.stdout == printed
    finally:
        shop.kill()
        shop.wait()


def test_the_participants_barrier_works_in_postgresql():
    """A duplicate changes nothing, and the transaction goes on."""
    source = _blocks((ROOT / "docs/participants.md").read_text())["python"][0]
    names = {}
    exec(source[:source.index("# Which phase one")], names)
    claim = names["CLAIM"].replace("?", "'%s'") % ("t", "b", "try", 200, "done")
    claim = claim.replace("'200'", "200")
    with Database.create() as database:
        database.run(names["SCHEMA"])
        database.run(names["SCHEMA"])
        assert database.run(f"BEGIN; {claim}; {claim}; {claim}; COMMIT")[:4] == [
            "BEGIN", "INSERT 0 1", "INSERT 0 0", "INSERT 0 0"]
        answer = names["ANSWER"].replace("?", "'%s'") % ("t", "b", "try")
        assert database.run(answer) == ["200|done"]


def _wait_until_open(port, process):
    until = time.monotonic() + 30
    while True:
        assert process.poll() is None and time.monotonic() < until
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)


def test_the_sql_for_operators_runs_as_printed(tmp_path):
    """Roles with these rights are enough, and so are the reader's for every query."""
    roles, rights, reader, *queries = _blocks((ROOT / "docs/operators.md").read_text())["sql"]
    assert len(queries) >= 3
    server = Database(os.environ["CARAVAN_TEST_DATABASE_URL"])
    with Database.create() as fresh:
        name = urllib.parse.urlsplit(fresh.url).path[1:]
        *create_roles, create_database = roles.splitlines()
        assert create_database.startswith("CREATE DATABASE")
        for statement in create_roles:
            server.run(statement)
        server.run(f"ALTER DATABASE {name} OWNER TO caravan_owner")
        try:
            owner, app, people = (
                Database(fresh.url.replace("postgres@", role + "@"))
                for role in ("caravan_owner", "caravan", "caravan_reader"))
            owner.run(rights)
            subprocess.run(
                [binary(), "migrate", "--database", owner.url], check=True, env=environment())
            owner.run(reader)
            _serves(app.url, tmp_path / "log")
            for query in queries:
                people.run(query)
            with pytest.raises(subprocess.CalledProcessError):
                people.run("SELECT branches FROM caravan.transaction")
        finally:
            for role in ("caravan_reader", "caravan", "caravan_owner"):
                fresh.run(f"REASSIGN OWNED BY {role} TO postgres")
                fresh.run(f"DROP OWNED BY {role}")
                server.run(f"DROP ROLE {role}")


def _serves(database, log):
    """A coordinator with this database begins, ends and forgets transactions."""
    coordinator = Coordinator(database, log, ["--retention", "0s", "--id-retention", "0s"])
    coordinator.start()
    try:
        with grpc.insecure_channel(coordinator.address) as channel:
            stub = coordinator_pb2_grpc.CoordinatorStub(channel)
            until = time.monotonic() + 30
            while True:
                try:
                    stub.Execute(pb.ExecuteRequest(id="order-1"), timeout=10)
                    break
                except grpc.RpcError as error:
                    # It has no lease yet.
                    assert error.code() == grpc.StatusCode.UNAVAILABLE, error
                    assert time.monotonic() < until, coordinator.log_end()
                    time.sleep(0.05)
            app = Database(database)
            while app.run("SELECT id FROM caravan.transaction"):
                assert time.monotonic() < until, coordinator.log_end()
                time.sleep(0.2)
        assert coordinator.stop() == 0
    finally:
        coordinator.kill()
