"""Watch: the transaction now and after every change, until its end."""

import signal

import grpc
import pytest
from caravan.v1 import coordinator_pb2 as pb
from caravan.v1 import transaction_pb2 as tx
from caravan.v1.coordinator_pb2_grpc import CoordinatorStub
from support.coordinator import STOP_SECONDS, Coordinator
from support.participant import Refusal
from support.requests import quick, saga, tcc


def _states(stream):
    states = []
    for answer in stream:
        if not states or states[-1] != answer.transaction.state:
            states.append(answer.transaction.state)
    return states


def test_a_watch_through_a_rollback(caravan, shop, name):
    shop.on("refuser", "action", Refusal(grpc.StatusCode.ABORTED, "sold out"))
    caravan.Begin(pb.BeginRequest(id=name), timeout=30)
    stream = caravan.Watch(pb.WatchRequest(id=name), timeout=60)
    first = next(stream).transaction
    assert (first.state, first.branch_count) == (tx.STATE_ACTIVE, 0)
    caravan.Register(pb.RegisterRequest(id=name, branches=[
        tcc("a", shop.address), saga("refuser", shop.address, level=1)]), timeout=30)
    assert next(stream).transaction.branch_count == 2
    pending = caravan.Commit.future(pb.CommitRequest(id=name), timeout=60)
    changes = [answer.transaction for answer in stream]
    assert pending.code() == grpc.StatusCode.ABORTED
    states = [change.state for change in changes]
    assert states == sorted(states, key=[
        tx.STATE_ACTIVE, tx.STATE_EXECUTING, tx.STATE_ROLLING_BACK, tx.STATE_ROLLED_BACK].index)
    assert {tx.STATE_EXECUTING, tx.STATE_ROLLING_BACK, tx.STATE_ROLLED_BACK} <= set(states)
    last = changes[-1]
    assert last.reason.cause == tx.RollbackReason.REFUSED
    assert last.reason.branch == "refuser"
    assert last.branches[0].phase_two == tx.PHASE_TWO_DONE
    assert last.branches[1].phase_one == tx.PHASE_ONE_REFUSED
    assert stream.code() == grpc.StatusCode.OK


def test_a_watch_of_what_has_ended_shows_the_end_and_ends(caravan, shop, name):
    caravan.Execute(pb.ExecuteRequest(id=name, branches=[saga("a", shop.address)]), timeout=30)
    stream = caravan.Watch(pb.WatchRequest(id=name), timeout=30)
    answers = list(stream)
    assert [answer.transaction.state for answer in answers] == [tx.STATE_COMMITTED]
    assert stream.code() == grpc.StatusCode.OK


def test_a_watch_shows_calls_and_retries(caravan, shop, name):
    shop.on("a", "action", Refusal(grpc.StatusCode.UNAVAILABLE, "busy"), b"done")
    caravan.Begin(pb.BeginRequest(id=name), timeout=30)
    caravan.Register(pb.RegisterRequest(
        id=name, branches=[saga("a", shop.address, retry=quick())]), timeout=30)
    stream = caravan.Watch(pb.WatchRequest(id=name), timeout=60)
    next(stream)
    caravan.Commit.future(pb.CommitRequest(id=name), timeout=60)
    branches = [answer.transaction.branches[0] for answer in stream]
    assert any("busy" in branch.error for branch in branches)
    assert any(branch.calling for branch in branches)
    assert branches[-1].reply == b"done" and branches[-1].error == ""


def test_a_watch_of_an_unknown_id_is_not_found(caravan, name):
    with pytest.raises(grpc.RpcError) as raised:
        list(caravan.Watch(pb.WatchRequest(id=name), timeout=30))
    assert raised.value.code() == grpc.StatusCode.NOT_FOUND


def test_a_watch_that_is_cancelled_leaves_the_transaction_alone(caravan, name):
    caravan.Begin(pb.BeginRequest(id=name), timeout=30)
    stream = caravan.Watch(pb.WatchRequest(id=name), timeout=30)
    next(stream)
    stream.cancel()
    rolled = caravan.Rollback(pb.RollbackRequest(id=name), timeout=30).transaction
    assert rolled.state == tx.STATE_ROLLED_BACK


def test_many_watch_one(caravan, shop, name):
    caravan.Begin(pb.BeginRequest(id=name), timeout=30)
    streams = [caravan.Watch(pb.WatchRequest(id=name), timeout=60) for _ in range(20)]
    for stream in streams:
        next(stream)
    caravan.Rollback(pb.RollbackRequest(id=name), timeout=30)
    for stream in streams:
        assert _states(stream)[-1] == tx.STATE_ROLLED_BACK


def test_a_watcher_that_does_not_read_gets_the_end_and_costs_little(
        coordinator, caravan, shop, name):
    branches = [saga(f"b{number}", shop.address, level=number // 50) for number in range(600)]
    for branch in branches:
        shop.on(branch.id, "action", b"r" * 1_000)
    caravan.Begin(pb.BeginRequest(id=name), timeout=30)
    caravan.Register(pb.RegisterRequest(id=name, branches=branches), timeout=30)
    # A window of 64 KiB that nobody empties: gRPC reads ahead, but not without end.
    options = [("grpc.http2.lookahead_bytes", 1024), ("grpc.http2.bdp_probe", 0)]
    with grpc.insecure_channel(coordinator.address, options=options) as slow:
        from caravan.v1 import coordinator_pb2_grpc
        stream = coordinator_pb2_grpc.CoordinatorStub(slow).Watch(
            pb.WatchRequest(id=name), timeout=120)
        next(stream)
        before = coordinator.resident_bytes()
        done = caravan.Commit(pb.CommitRequest(id=name), timeout=120).transaction
        assert done.state == tx.STATE_COMMITTED
        assert coordinator.resident_bytes() - before < 256 << 20
        last = None
        for answer in stream:
            last = answer.transaction
        assert last.state == tx.STATE_COMMITTED
        assert stream.code() == grpc.StatusCode.OK


def test_a_coordinator_that_stops_ends_its_watches(database, name):
    # The grace is far longer than a stop may take here: a watch that holds it up is seen.
    with Coordinator.start(database, "--drain-grace", "10m") as leaving:
        with grpc.insecure_channel(leaving.address) as channel:
            stub = CoordinatorStub(channel)
            stub.Begin(pb.BeginRequest(id=name), timeout=30)
            stream = stub.Watch(pb.WatchRequest(id=name), timeout=120)
            assert next(stream).transaction.state == tx.STATE_ACTIVE
            leaving.process.send_signal(signal.SIGTERM)
            with pytest.raises(grpc.RpcError) as stopped:
                list(stream)
            assert stopped.value.code() == grpc.StatusCode.UNAVAILABLE
            assert "watch again" in stopped.value.details()
            assert leaving.process.wait(STOP_SECONDS) == 0
            leaving.stopped = True
