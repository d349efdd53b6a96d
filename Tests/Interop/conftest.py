"""Fixtures: stubs from Protos/, a database, the running coordinator, participants.

CARAVAN_TEST_DATABASE_URL names a PostgreSQL where databases may be made (Tests/with-postgres sets
it); CARAVAN_BINARY names the program, .build/release/caravan where it is not set.
"""

import pathlib
import sys
import uuid

import grpc
import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from harness import stubs  # noqa: E402

# Before collection: test modules import the stubs by name.
stubs.generate()


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
def web():
    """A participant over HTTP in this process."""
    from support.participant import WebParticipant
    with WebParticipant() as serving:
        yield serving


@pytest.fixture
def name():
    """An id that no other test uses."""
    return "test-" + uuid.uuid4().hex
