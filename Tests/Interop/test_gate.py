"""What operators see of a participant's cap, circuit and budget."""

import contextlib
import threading
import uuid

import grpc
import pytest
from caravan.v1 import coordinator_pb2 as pb
from caravan.v1 import coordinator_pb2_grpc
from caravan.v1 import transaction_pb2 as tx
from harness.coordinator import free_port
from support.coordinator import Coordinator
from support.participant import Participant, Refusal
from support.requests import eventually, failure, quick, saga, seconds


def _started(database, *flags):
    @contextlib.contextmanager
    def start():
        with Coordinator.start(database, *flags) as running, \
                grpc.insecure_channel(running.address) as channel:
            yield coordinator_pb2_grpc.CoordinatorStub(channel)
    return start()


@pytest.fixture
def gated(database):
    """A coordinator whose gates are narrow."""
    with _started(
            database, "--participants-calls-max=2", "--participants-circuit-open=20s") as stub:
        yield stub


@pytest.fixture
def thrifty(database):
    """A coordinator with a small budget of retries."""
    with _started(database, "--participants-retry-budget=3") as stub:
        yield stub


def _http(branch, port):
    """A Saga branch over HTTP."""
    def call(path):
        return tx.Call(http=tx.HttpTarget(method="POST", url=f"http://127.0.0.1:{port}{path}"))
    return tx.Branch(
        id=branch, mode=tx.BRANCH_MODE_SAGA, phase_one=call("/do"), undo=call("/undo"),
        retry=quick(attempts_max=20, first_delay=seconds(0.01), delay_max=seconds(5)))


def _get(stub, name):
    return stub.Get(pb.GetRequest(id=name), timeout=30).transaction


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_get_shows_an_open_circuit_and_the_text_says_why(gated, name, protocol):
    port = free_port()
    address = f"127.0.0.1:{port}" if protocol == "grpc" else f"http://127.0.0.1:{port}"
    if protocol == "grpc":
        branch = saga("a", address, retry=quick(
            attempts_max=20, first_delay=seconds(0.01), delay_max=seconds(5)))
    else:
        branch = _http("a", port)
    waiting = gated.Execute.future(pb.ExecuteRequest(
        id=name, timeout=seconds(8), branches=[branch]), timeout=60)
    begin = f"circuit of {address} open, next probe in "
    eventually(lambda: any(
        each.waits_for.startswith(begin) for each in _get_or_none(gated, name)))
    eventually(lambda: _get(gated, name).branches[0].error.startswith(
        f"action: the circuit of {address} is open after 5 failures in a row (last: "))
    # Another transaction is refused its call at once.
    other = branch.__class__.FromString(branch.SerializeToString())
    other.retry.CopyFrom(quick())
    failed = failure(gated.Execute, pb.ExecuteRequest(id=name + "-2", branches=[other]))
    assert f"the circuit of {address} is open" in failed.summary.reason.text
    # Whether it was ever reached, nobody knows of all failures: its undo may be owed for good.
    waiting.cancel()


def test_get_shows_calls_that_wait_at_the_cap(gated, shop, name):
    go = threading.Event()
    shop.on("a", "action", lambda *_: go.wait(30) and b"")
    branches = [saga("a", shop.address), saga("b", shop.address)]
    shop.on("b", "action", lambda *_: go.wait(30) and b"")
    first = gated.Execute.future(pb.ExecuteRequest(id=name, branches=branches), timeout=60)
    shop.wait_for("a", "action")
    shop.wait_for("b", "action")
    second = gated.Execute.future(pb.ExecuteRequest(
        id=name + "-2", branches=[saga("c", shop.address)]), timeout=60)
    text = f"2 calls to {shop.address} under way, 1 wait"
    eventually(lambda: [
        (branch.calling, branch.waits_for) for branch in _get_or_none(gated, name + "-2")]
        == [(True, text)])
    assert [branch.waits_for for branch in _get(gated, name).branches] == ["", ""]
    go.set()
    assert first.result().transaction.state == tx.STATE_COMMITTED
    assert second.result().transaction.state == tx.STATE_COMMITTED
    assert shop.received("c", "action")


def _get_or_none(stub, name):
    try:
        return _get(stub, name).branches
    except grpc.RpcError:
        return []


def test_retries_past_the_budget_are_not_sent(thrifty, shop, name):
    shop.on("a", "action", Refusal(grpc.StatusCode.UNAVAILABLE, "busy"))
    failed = failure(thrifty.Execute, pb.ExecuteRequest(id=name, branches=[
        saga("a", shop.address, retry=quick(
            attempts_max=40, first_delay=seconds(0.001), delay_max=seconds(0.002)))]))
    assert failed.summary.reason.cause == tx.RollbackReason.EXHAUSTED
    # Three at once, and what flows in meanwhile.
    assert 4 <= len(shop.received("a", "action")) < 40
    assert len(shop.received("a", "compensation")) == 1
    # First attempts are free.
    shop.on("b", "action", b"")
    thrifty.Execute(pb.ExecuteRequest(id=name + "-2", branches=[saga("b", shop.address)]), timeout=30)


def test_what_a_circuit_kept_back_goes_out_when_it_closes(database, name):
    port = free_port()
    address = f"127.0.0.1:{port}"
    owed = saga("a", address, called_by_caller=True)
    owed.ClearField("phase_one")
    with _started(
            database, "--participants-circuit-open=100ms", "--phase-two-delay=30s") as stub:
        eventually(lambda: "the circuit of" in _reason(stub, address, name))
        stub.Begin(pb.BeginRequest(id=name), timeout=30)
        stub.Register(pb.RegisterRequest(id=name, branches=[owed]), timeout=30)
        stub.Rollback(pb.RollbackRequest(id=name, wait=pb.WAIT_DECISION), timeout=30)
        eventually(lambda: "the circuit of" in _get(stub, name).branches[0].error)
        with Participant(port=port) as back:
            # Somebody else's call finds that it is back.
            eventually(lambda: not _reason(stub, address, name))
            # By its own delay it would go out 30 s after the first attempt.
            back.wait_for("a", "compensation", seconds=15)
            eventually(lambda: _get(stub, name).state == tx.STATE_ROLLED_BACK)


def _reason(stub, address, name):
    """Why one more transaction did not commit; nothing: it did."""
    try:
        stub.Execute(pb.ExecuteRequest(id=f"{name}-{uuid.uuid4().hex}", branches=[
            saga("c", address, retry=quick())]), timeout=30)
    except grpc.RpcError as error:
        return error.details()
    return ""


def test_a_participant_that_is_back_is_called_again(database, name):
    with Coordinator.start(database, "--participants-circuit-open=200ms") as running, \
            grpc.insecure_channel(running.address) as channel:
        stub = coordinator_pb2_grpc.CoordinatorStub(channel)
        port = free_port()
        waiting = stub.Execute.future(pb.ExecuteRequest(id=name, branches=[
            saga("a", f"127.0.0.1:{port}", retry=quick(
                attempts_max=200, first_delay=seconds(0.02), delay_max=seconds(0.1)))]),
            timeout=60)
        eventually(lambda: "circuit" in str(_get_or_none(stub, name)))
        with Participant(port=port) as back:
            assert waiting.result().transaction.state == tx.STATE_COMMITTED
            assert len(back.received("a", "action")) == 1
        eventually(lambda: any("circuit is closed again" in line for line in running.log))
