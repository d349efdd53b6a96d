"""The caller told: a completion gets the end of a transaction, at least once."""

import threading

import grpc
import pytest
from caravan.v1 import coordinator_pb2 as pb
from caravan.v1 import coordinator_pb2_grpc
from caravan.v1 import transaction_pb2 as tx
from google.protobuf import json_format
from support import faulty, faulty_web
from support.coordinator import Coordinator
from support.database import Database
from support.participant import Answer, Participant, Refusal, WebParticipant
from support.requests import eventually, failure, saga, seconds, tcc


@pytest.fixture
def office():
    """Who is told."""
    with Participant() as serving:
        yield serving


def completion(office, **more):
    return tx.Completion(
        grpc=tx.GrpcTarget(address=office.address, method="/shop.Office/Ended"),
        retry=tx.RetryPolicy(first_delay=seconds(0.02), delay_max=seconds(0.1)), **more)


def told(office):
    """The transactions that the office was told of."""
    return [tx.CompletionRequest.FromString(call.payload).transaction
            for call in office.received(action="completion")]


def outcome(caravan, name):
    return caravan.Get(pb.GetRequest(id=name), timeout=30).transaction.completion


def test_a_commit_is_told(caravan, shop, office, name):
    shop.on("a", "action", b"reply")
    caravan.Execute(pb.ExecuteRequest(
        id=name, branches=[saga("a", shop.address)], wait=pb.WAIT_NONE,
        completion=completion(office, metadata={"x-desk": "7"})), timeout=30)
    ended, = eventually(lambda: told(office))
    assert (ended.id, ended.state) == (name, tx.STATE_COMMITTED)
    assert ended.branches[0].reply == b"reply"
    call, = office.received(action="completion")
    assert call.method == "/shop.Office/Ended"
    assert (call.transaction, call.branch, call.attempt) == (name, None, 1)
    assert call.metadata["x-desk"] == "7"
    taken = eventually(lambda: outcome(caravan, name).HasField("delivered_at") and outcome(caravan, name))
    assert (taken.attempts, taken.error) == (1, "")
    assert not taken.HasField("next_attempt_at")


def test_a_url_is_told_in_json(caravan, shop, name):
    with WebParticipant() as office:
        office.on(None, "completion", Answer(500), b"")
        caravan.Execute(pb.ExecuteRequest(
            id=name, branches=[saga("a", shop.address)],
            completion=tx.Completion(
                http=tx.HttpTarget(url=f"{office.url}/ended?desk=7"),
                retry=tx.RetryPolicy(first_delay=seconds(0.02)))), timeout=30)
        eventually(lambda: outcome(caravan, name).HasField("delivered_at"))
        first, second = office.received(action="completion")
        assert second.path == "/ended?desk=7"
        assert second.metadata["content-type"] == "application/json"
        assert second.metadata["idempotency-key"] == f"{name}/completion"
        ended = json_format.Parse(second.payload, tx.CompletionRequest()).transaction
        assert (ended.id, ended.state) == (name, tx.STATE_COMMITTED)
        assert (first.attempt, second.attempt) == (1, 2)


def test_an_answer_without_a_status_is_repeated(caravan, shop, name):
    answers = [b"HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\nok",
               b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"]

    def speak(connection):
        while answers:
            faulty_web.read_request(connection)
            connection.sendall(answers.pop(0))
    with faulty.Faulty(speak) as office:
        caravan.Execute(pb.ExecuteRequest(
            id=name, branches=[saga("a", shop.address)],
            completion=tx.Completion(
                http=tx.HttpTarget(url=f"http://{office.address}/ended"),
                retry=tx.RetryPolicy(first_delay=seconds(0.02)))), timeout=30)
        eventually(lambda: outcome(caravan, name).HasField("delivered_at"))
        assert outcome(caravan, name).attempts == 2


def test_a_rollback_is_told_with_its_reason(caravan, shop, office, name):
    shop.on("a", "try", Refusal(grpc.StatusCode.FAILED_PRECONDITION, "sold out"))
    caravan.Begin(pb.BeginRequest(id=name, completion=completion(office)), timeout=30)
    caravan.Register(pb.RegisterRequest(id=name, branches=[tcc("a", shop.address)]), timeout=30)
    failure(caravan.Commit, pb.CommitRequest(id=name))
    ended, = eventually(lambda: told(office))
    assert ended.state == tx.STATE_ROLLED_BACK
    assert "sold out" in ended.reason.text


def test_a_rollback_by_deadline_is_told(caravan, office, name):
    caravan.Begin(pb.BeginRequest(
        id=name, timeout=seconds(0.2), completion=completion(office)), timeout=30)
    ended, = eventually(lambda: told(office))
    assert ended.reason.cause == tx.RollbackReason.DEADLINE


def test_a_failure_is_repeated_and_changes_nothing(caravan, shop, office, name):
    no = Refusal(grpc.StatusCode.INVALID_ARGUMENT, "who are you")
    office.on(None, "completion", no, no, Refusal(grpc.StatusCode.UNAVAILABLE), b"")
    done = caravan.Execute(pb.ExecuteRequest(
        id=name, branches=[saga("a", shop.address)], completion=completion(office)), timeout=30)
    assert done.transaction.state == tx.STATE_COMMITTED
    eventually(lambda: outcome(caravan, name).HasField("delivered_at"))
    assert [call.attempt for call in office.received(action="completion")] == [1, 2, 3, 4]
    assert {ended.state for ended in told(office)} == {tx.STATE_COMMITTED}
    assert outcome(caravan, name).attempts == 4


def test_who_is_slow_to_take_it_holds_up_nobody_else(caravan, office, name):
    hold, at_once, most = threading.Event(), [0], [0]

    def slowly(call, context):
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        assert hold.wait(60)
        at_once[0] -= 1
        return b""

    with Participant(threads=100) as slow:
        slow.on(None, "completion", slowly)
        try:
            for number in range(80):
                caravan.Execute(pb.ExecuteRequest(
                    id=f"{name}/{number}", completion=completion(slow)), timeout=30)
            slow.wait_for(None, "completion", count=16)
            caravan.Execute(pb.ExecuteRequest(
                id=f"{name}/other", completion=completion(office)), timeout=30)
            office.wait_for(None, "completion")
        finally:
            hold.set()
        slow.wait_for(None, "completion", count=80)
        assert most[0] <= 16
    assert {call.attempt for call in slow.received()} == {1}


def test_get_says_why_nobody_could_be_told(caravan, shop, office, name):
    office.on(None, "completion", Refusal(grpc.StatusCode.INTERNAL, "out of paper"))
    caravan.Execute(pb.ExecuteRequest(
        id=name, branches=[saga("a", shop.address)], completion=completion(office)), timeout=30)
    waiting = eventually(lambda: outcome(caravan, name).error and outcome(caravan, name))
    assert "out of paper" in waiting.error
    assert not waiting.HasField("delivered_at")


def test_a_restart_tells_what_was_owed(shop, name):
    with Participant() as office, Database.create() as own:
        with Coordinator.start(own.url) as first, grpc.insecure_channel(first.address) as channel:
            office.on(None, "completion", Refusal(grpc.StatusCode.UNAVAILABLE), b"")
            far = completion(office)
            far.retry.first_delay.FromSeconds(2)
            far.retry.delay_max.FromSeconds(2)
            stub = coordinator_pb2_grpc.CoordinatorStub(channel)
            stub.Execute(pb.ExecuteRequest(
                id=name, branches=[saga("a", shop.address)], completion=far), timeout=30)
            eventually(lambda: outcome(stub, name).error)
            first.process.kill()
            first.stopped = True
        with Coordinator.start(own.url) as second, grpc.insecure_channel(second.address) as channel:
            stub = coordinator_pb2_grpc.CoordinatorStub(channel)
            eventually(lambda: outcome(stub, name).HasField("delivered_at"))
    assert [call.attempt for call in office.received(action="completion")] == [1, 2]


def test_a_completion_is_checked_like_a_call(caravan, name):
    wrong = tx.Completion(
        grpc=tx.GrpcTarget(address="169.254.169.254", method="Ended"),
        metadata={"caravan-branch": "x"}, retry=tx.RetryPolicy(attempt_timeout=seconds(61)))
    failed = failure(caravan.Begin, pb.BeginRequest(id=name, completion=wrong))
    assert failed.code == grpc.StatusCode.INVALID_ARGUMENT
    assert failed.fields == [
        "completion.grpc.address", "completion.grpc.method", "completion.metadata['caravan-branch']",
        "completion.retry.attempt_timeout"]
    outside = tx.Completion(grpc=tx.GrpcTarget(address="169.254.169.254:80", method="/a.B/C"))
    assert failure(
        caravan.Begin, pb.BeginRequest(id=name, completion=outside)
    ).code == grpc.StatusCode.PERMISSION_DENIED
    assert failure(
        caravan.Begin, pb.BeginRequest(id=name, completion=tx.Completion())
    ).fields == ["completion"]


def test_other_completions_are_other_content(caravan, office, name):
    caravan.Begin(pb.BeginRequest(id=name, completion=completion(office)), timeout=30)
    caravan.Begin(pb.BeginRequest(id=name, completion=completion(office)), timeout=30)
    assert failure(
        caravan.Begin, pb.BeginRequest(id=name)).code == grpc.StatusCode.ALREADY_EXISTS
    caravan.Rollback(pb.RollbackRequest(id=name), timeout=30)
