"""Calls as the network makes them: metadata, deadlines, cancellation, size, compression, number."""

import tempfile
import threading

import grpc
from caravan.v1 import coordinator_pb2 as pb
from caravan.v1 import coordinator_pb2_grpc
from caravan.v1 import transaction_pb2 as tx
from support.coordinator import Coordinator
from support.database import Database
from support.participant import Participant
from support.requests import eventually, failure, saga, seconds, tcc

MESSAGE_BYTES_MAX = 4 << 20


def test_metadata_reaches_participants_as_it_was_given(caravan, shop, name):
    branch = saga("a", shop.address)
    branch.phase_one.metadata.update(
        {"x-tenant": "blue sky", "token-bin": "AP8Q", "x-empty": ""})
    caravan.Execute(pb.ExecuteRequest(id=name, branches=[branch]), timeout=30)
    received, = shop.received("a", "action")
    assert received.metadata["x-tenant"] == "blue sky"
    assert received.metadata["token-bin"] == b"\x00\xff\x10"
    assert received.metadata["x-empty"] == ""
    assert received.metadata["caravan-transaction"] == name
    assert received.metadata["caravan-branch"] == "a"
    assert received.metadata["caravan-action"] == "action"
    assert received.metadata["caravan-attempt"] == "1"
    assert int(received.metadata["caravan-fence"]) >= 1
    assert len(received.metadata["traceparent"].split("-")) == 4
    # The attempt's timeout travels as grpc-timeout.
    assert 0 < received.time_remaining <= 10


def test_metadata_of_participants_does_no_harm(caravan, shop, name):
    def reply(call, context):
        context.send_initial_metadata([("x-first", "1"), ("y-bin", b"\x00\xff")])
        context.set_trailing_metadata([("x-last", "2"), ("z-bin", bytes(range(256)))])
        return b"done"
    shop.on("a", "action", reply)
    done = caravan.Execute(
        pb.ExecuteRequest(id=name, branches=[saga("a", shop.address)]), timeout=30).transaction
    assert done.branches[0].reply == b"done"


def test_metadata_of_callers_does_no_harm(channel, name):
    stub = coordinator_pb2_grpc.CoordinatorStub(channel)
    metadata = [("x-request", "7"), ("x-request", "8"), ("trace-bin", bytes(range(256)))]
    _, done = stub.Begin.with_call(pb.BeginRequest(id=name), metadata=metadata, timeout=30)
    assert done.code() == grpc.StatusCode.OK
    failed = failure(stub.Get, pb.GetRequest(id=name + "-no"), metadata=metadata)
    # Binary metadata the other way: the details.
    trailing = dict(failed.error.trailing_metadata())
    assert isinstance(trailing["grpc-status-details-bin"], bytes)
    stub.Rollback(pb.RollbackRequest(id=name), timeout=30)


def _held(shop, branch, action):
    """Makes the calls of an action wait; what lets them go on."""
    go_on = threading.Event()

    def hold(call, context):
        assert go_on.wait(60)
        return b"held"
    shop.on(branch, action, hold)
    return go_on


def test_a_caller_whose_deadline_passes_stops_waiting_and_nothing_else(caravan, shop, name):
    go_on = _held(shop, "a", "action")
    request = pb.ExecuteRequest(id=name, branches=[saga("a", shop.address)])
    assert failure(caravan.Execute, request, timeout=0.3).code == (
        grpc.StatusCode.DEADLINE_EXCEEDED)
    go_on.set()
    done = caravan.Execute(request, timeout=30).transaction
    assert done.state == tx.STATE_COMMITTED
    assert len(shop.received()) == 1


def test_a_caller_who_cancels_stops_waiting_and_nothing_else(caravan, shop, name):
    go_on = _held(shop, "a", "action")
    pending = caravan.Execute.future(
        pb.ExecuteRequest(id=name, branches=[saga("a", shop.address)]), timeout=30)
    shop.wait_for("a", "action")
    assert pending.cancel()
    assert caravan.Get(pb.GetRequest(id=name), timeout=30).transaction.state == (
        tx.STATE_EXECUTING)
    go_on.set()
    eventually(lambda: caravan.Get(
        pb.GetRequest(id=name), timeout=30).transaction.state == tx.STATE_COMMITTED)
    assert len(shop.received()) == 1


def test_a_caller_whose_connection_breaks_stops_waiting_and_nothing_else(
        coordinator, caravan, shop, name):
    go_on = _held(shop, "a", "try")
    with grpc.insecure_channel(coordinator.address) as other:
        stub = coordinator_pb2_grpc.CoordinatorStub(other)
        pending = stub.Execute.future(
            pb.ExecuteRequest(id=name, branches=[tcc("a", shop.address)]), timeout=30)
        shop.wait_for("a", "try")
    assert pending.code() == grpc.StatusCode.CANCELLED
    go_on.set()
    done = caravan.Commit(pb.CommitRequest(id=name), timeout=30).transaction
    assert done.state == tx.STATE_COMMITTED
    assert shop.story() == ["a/try", "a/confirm"]


def test_1000_concurrent_calls_on_one_channel(coordinator, shop, name):
    with grpc.insecure_channel(coordinator.address) as channel:
        stub = coordinator_pb2_grpc.CoordinatorStub(channel)
        pending = [
            stub.Execute.future(pb.ExecuteRequest(
                id=f"{name}/{number}", branches=[
                    saga("a", shop.address, payload=b"%d" % number),
                    tcc("b", shop.address, level=1)],
                timeout=seconds(120)), timeout=120)
            for number in range(1_000)]
        for number, one in enumerate(pending):
            done = one.result().transaction
            assert (done.id, done.state) == (f"{name}/{number}", tx.STATE_COMMITTED)
    assert len(shop.received()) == 3_000
    assert {call.payload for call in shop.received("a")} == {b"%d" % n for n in range(1_000)}


def _request_of(size, shop, name):
    """An Execute of exactly so many bytes."""
    request = pb.ExecuteRequest(id=name)
    for number in range(8):
        branch = saga(f"b{number}", shop.address)
        branch.phase_one.payload = b"p" * 500_000
        request.branches.append(branch)
    while request.ByteSize() != size:
        payload = request.branches[0].phase_one.payload
        request.branches[0].phase_one.payload = payload + b"p" * (size - request.ByteSize())
        if request.ByteSize() > size:
            request.branches[0].phase_one.payload = request.branches[0].phase_one.payload[
                :size - request.ByteSize()]
    return request


def test_a_message_of_4_mebibytes_is_taken_and_one_byte_more_is_not(coordinator, shop, name):
    options = [("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(coordinator.address, options=options) as channel:
        stub = coordinator_pb2_grpc.CoordinatorStub(channel)
        largest = _request_of(MESSAGE_BYTES_MAX, shop, name)
        assert stub.Execute(largest, timeout=60).transaction.state == tx.STATE_COMMITTED
        assert len(shop.received("b0", "action")[0].payload) > 500_000
        larger = _request_of(MESSAGE_BYTES_MAX + 1, shop, name + "-larger")
        assert failure(stub.Execute, larger).code == grpc.StatusCode.RESOURCE_EXHAUSTED
        # The channel is as good as before.
        assert failure(stub.Get, pb.GetRequest(id=name + "-larger")).code == (
            grpc.StatusCode.NOT_FOUND)


def test_a_response_fits_into_what_clients_take(caravan, shop, name):
    branches = []
    for number in range(40):
        shop.on(f"b{number}", "action", bytes([number]) * (64 << 10))
        branches.append(saga(f"b{number}", shop.address))
    shop.on("large", "action", b"x" * ((64 << 10) + 1))
    branches.append(saga("large", shop.address))
    done = caravan.Execute(
        pb.ExecuteRequest(id=name, branches=branches), timeout=60).transaction
    kept = [branch for branch in done.branches if branch.reply]
    omitted = [branch for branch in done.branches if branch.reply_omitted]
    # 64 KiB each and 1 MiB a transaction.
    assert (len(kept), len(omitted)) == (16, 25)
    assert done.branches[40].reply_omitted
    assert all(len(branch.reply) == 64 << 10 for branch in kept)


def test_gzip_both_ways(coordinator, shop, name):
    with grpc.insecure_channel(
            coordinator.address, compression=grpc.Compression.Gzip) as channel:
        stub = coordinator_pb2_grpc.CoordinatorStub(channel)
        branch = saga("a", shop.address, payload=b"squeeze me " * 10_000)
        done = stub.Execute(pb.ExecuteRequest(id=name, branches=[branch]), timeout=30)
        assert done.transaction.state == tx.STATE_COMMITTED
        assert shop.received()[0].payload == b"squeeze me " * 10_000
        # Small on the wire, too large inside.
        bomb = pb.RollbackRequest(id=name, reason="0" * (MESSAGE_BYTES_MAX + 1))
        assert failure(stub.Rollback, bomb).code == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_an_unknown_compression_is_unimplemented(coordinator, name):
    with grpc.insecure_channel(
            coordinator.address, compression=grpc.Compression.Deflate) as channel:
        stub = coordinator_pb2_grpc.CoordinatorStub(channel)
        failed = failure(stub.Get, pb.GetRequest(id=name * 3))
        assert failed.code == grpc.StatusCode.UNIMPLEMENTED


def test_participants_that_compress_are_understood(caravan, name):
    options = [("grpc.default_compression_algorithm", int(grpc.Compression.Gzip))]
    with Participant(options=options) as shop:
        shop.on("a", "action", b"reply " * 5_000)
        done = caravan.Execute(pb.ExecuteRequest(
            id=name, branches=[saga("a", shop.address)]), timeout=30).transaction
        assert done.branches[0].reply == b"reply " * 5_000


def test_a_name_is_resolved_and_a_unix_socket_is_found(caravan, shop, name):
    port = shop.address.rsplit(":", 1)[1]
    with tempfile.TemporaryDirectory(prefix="cv.", dir="/tmp") as directory:
        with Participant(path=f"{directory}/shop") as near:
            done = caravan.Execute(pb.ExecuteRequest(id=name, branches=[
                saga("host", f"localhost:{port}"), saga("dns", f"dns:///localhost:{port}"),
                saga("unix", near.address)]), timeout=30).transaction
            assert done.state == tx.STATE_COMMITTED
            assert near.story() == ["unix/action"]
    assert sorted(shop.story()) == ["dns/action", "host/action"]


def test_who_is_turned_away_is_told_when_to_come_back(shop, name):
    with Database.create() as own, Coordinator.start(
            own.url, "--live-transactions-max", "1", "--event-loops", "1") as small:
        with grpc.insecure_channel(small.address) as channel:
            stub = coordinator_pb2_grpc.CoordinatorStub(channel)
            go_on = _held(shop, "a", "action")
            first = pb.ExecuteRequest(id=name, branches=[saga("a", shop.address)])
            pending = stub.Execute.future(first, timeout=60)
            shop.wait_for("a", "action")
            second = pb.ExecuteRequest(id=name + "-second", branches=[saga("b", shop.address)])
            failed = failure(stub.Execute, second)
            assert failed.code == grpc.StatusCode.RESOURCE_EXHAUSTED
            assert failed.info.reason == "OVERLOADED"
            pushback = dict(failed.error.trailing_metadata())["grpc-retry-pushback-ms"]
            assert failed.retry_info.retry_delay.ToMilliseconds() == int(pushback) > 0
            assert failure(stub.Get, pb.GetRequest(id=second.id)).code == (
                grpc.StatusCode.NOT_FOUND)
            go_on.set()
            assert pending.result().transaction.state == tx.STATE_COMMITTED
            done = stub.Execute(second, timeout=30).transaction
            assert done.state == tx.STATE_COMMITTED
