"""Fixtures: stubs from Protos/, a database, the running coordinator, participants.

CARAVAN_TEST_DATABASE_URL names a PostgreSQL where databases may be made (Tests/with-postgres sets
it); CARAVAN_BINARY names the program, .build/release/caravan where it is not set.
"""

import importlib
import os
import pathlib
import subprocess
import sys
import uuid

import grpc
import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))


def _generate_stubs(directory):
    """Python for caravan.v1, made by grpcio-tools as any caller would make it."""
    protos = ROOT / "Protos"
    files = sorted(str(p.relative_to(protos)) for p in (protos / "caravan").rglob("*.proto"))
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", f"-I{protos}", f"--python_out={directory}",
         f"--grpc_python_out={directory}", *files],
        check=True)


def pytest_configure(config):
    # Before collection: test modules import the stubs by name.
    import tempfile
    config._stubs = tempfile.TemporaryDirectory(prefix="caravan-stubs.")
    _generate_stubs(config._stubs.name)
    sys.path.insert(0, config._stubs.name)
    importlib.invalidate_caches()


def pytest_unconfigure(config):
    config._stubs.cleanup()


@pytest.fixture(scope="session")
def database():
    """The URL of a database of our own."""
    from support.database import Database
    with Database.create() as created:
        yield created.url


@pytest.fixture(scope="session")
def coordinator(database):
    """The running coordinator that most tests share."""
    from support.coordinator import Coordinator
    with Coordinator.start(database) as running:
        yield running


@pytest.fixture(scope="session")
def channel(coordinator):
    with grpc.insecure_channel(coordinator.address) as opened:
        yield opened


@pytest.fixture(scope="session")
def caravan(channel):
    """A stub of caravan.v1.Coordinator."""
    from caravan.v1 import coordinator_pb2_grpc
    return coordinator_pb2_grpc.CoordinatorStub(channel)


@pytest.fixture
def shop():
    """A participant in this process."""
    from support.participant import Participant
    with Participant() as serving:
        yield serving


@pytest.fixture
def name():
    """An id that no other test uses."""
    return "test-" + uuid.uuid4().hex
