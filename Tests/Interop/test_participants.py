"""Participants of other people: every status they may answer with, and all they may do wrong."""

import socket

import grpc
import pytest
from caravan.v1 import coordinator_pb2 as pb
from caravan.v1 import transaction_pb2 as tx
from support import faulty
from support.participant import Participant, Refusal
from support.requests import call, eventually, failure, quick, saga, seconds, tcc

Code = grpc.StatusCode
# docs/design.md, rule 3: sent by a participant, these guarantee that nothing happened.
REFUSALS = [Code.INVALID_ARGUMENT, Code.NOT_FOUND, Code.ALREADY_EXISTS, Code.PERMISSION_DENIED,
            Code.UNAUTHENTICATED, Code.FAILED_PRECONDITION, Code.OUT_OF_RANGE, Code.ABORTED,
            Code.UNIMPLEMENTED]
UNKNOWN = [code for code in Code if code not in REFUSALS and code != Code.OK]


@pytest.mark.parametrize("code", REFUSALS, ids=lambda code: code.name)
def test_a_refusal_rolls_back_and_is_not_undone(caravan, shop, name, code):
    shop.on("b", "action", Refusal(code, "because"))
    failed = failure(caravan.Execute, pb.ExecuteRequest(id=name, branches=[
        tcc("a", shop.address), saga("b", shop.address, level=1),
        saga("c", shop.address, level=2)]))
    assert failed.code == Code.ABORTED
    assert failed.summary.reason.cause == tx.RollbackReason.REFUSED
    assert f"action: {code.name}: because" in failed.summary.reason.text
    assert shop.story() == ["a/try", "b/action", "a/cancel"]


@pytest.mark.parametrize("code", UNKNOWN, ids=lambda code: code.name)
def test_any_other_status_is_repeated_and_then_undone(caravan, shop, name, code):
    shop.on("b", "action", Refusal(code, "perhaps"))
    failed = failure(caravan.Execute, pb.ExecuteRequest(id=name, branches=[
        saga("b", shop.address, retry=quick())]))
    assert failed.code == Code.ABORTED
    assert failed.summary.reason.cause == tx.RollbackReason.EXHAUSTED
    assert shop.story() == ["b/action", "b/action", "b/compensation"]
    assert [call.attempt for call in shop.received("b", "action")] == [1, 2]
    undo, = shop.received("b", "compensation")
    assert undo.metadata["caravan-phase-one"] == "unknown"


def test_a_repeat_that_succeeds_commits(caravan, shop, name):
    shop.on("a", "try", Refusal(Code.UNAVAILABLE), b"there")
    done = caravan.Execute(pb.ExecuteRequest(
        id=name, branches=[tcc("a", shop.address, retry=quick())]), timeout=30).transaction
    assert done.state == tx.STATE_COMMITTED
    assert done.branches[0].reply == b"there"
    assert shop.story() == ["a/try", "a/try", "a/confirm"]


def test_a_refusal_after_an_unknown_attempt_is_undone(caravan, shop, name):
    shop.on("a", "action", Refusal(Code.DEADLINE_EXCEEDED), Refusal(Code.ALREADY_EXISTS))
    failed = failure(caravan.Execute, pb.ExecuteRequest(
        id=name, branches=[saga("a", shop.address, retry=quick(attempts_max=9))]))
    assert failed.summary.reason.cause == tx.RollbackReason.EXHAUSTED
    assert shop.story() == ["a/action", "a/action", "a/compensation"]


def test_pushback_is_waited_for_and_extends_no_deadline(caravan, shop, name):
    busy = Refusal(Code.UNAVAILABLE, trailing=[("grpc-retry-pushback-ms", "20000")])
    shop.on("a", "action", busy, b"")
    retry = quick(attempts_max=9, delay_max=seconds(30))
    failed = failure(caravan.Execute, pb.ExecuteRequest(
        id=name, timeout=seconds(1), branches=[saga("a", shop.address, retry=retry)]))
    # By the policy alone the second attempt had come after 20 ms.
    assert failed.summary.reason.cause == tx.RollbackReason.DEADLINE
    assert len(shop.received("a", "action")) == 1


def test_statuses_that_are_declared_done_are_done(caravan, shop, name):
    branch = tcc("a", shop.address)
    branch.undo.also_done_on.append(Code.NOT_FOUND.value[0])
    shop.on("a", "cancel", Refusal(Code.NOT_FOUND))
    shop.on("b", "action", Refusal(Code.ABORTED))
    failed = failure(caravan.Execute, pb.ExecuteRequest(
        id=name, branches=[branch, saga("b", shop.address, level=1)]))
    assert failed.info.reason == "ROLLED_BACK"
    assert len(shop.received("a", "cancel")) == 1


def test_a_refusal_in_phase_two_asks_for_attention_and_is_repeated(caravan, shop, name):
    import threading
    mended = threading.Event()

    def confirm(call, context):
        if not mended.is_set():
            raise Refusal(Code.FAILED_PRECONDITION, "locked")
        return b""
    shop.on("a", "confirm", confirm)
    pending = caravan.Execute.future(pb.ExecuteRequest(
        id=name, branches=[tcc("a", shop.address, retry=quick())]), timeout=60)
    stuck = eventually(lambda: (found := caravan.Get(
        pb.GetRequest(id=name), timeout=30).transaction).needs_attention and found
        if shop.received("a", "confirm") else None)
    assert stuck.state == tx.STATE_COMMITTING
    assert "locked" in stuck.needs_attention
    listed = caravan.List(pb.ListRequest(needs_attention=True, id_prefix=name), timeout=30)
    assert [found.id for found in listed.transactions] == [name]
    mended.set()
    assert pending.result().transaction.state == tx.STATE_COMMITTED


def test_the_payload_arrives_untouched(caravan, shop, name):
    payload = bytes(range(256)) * 4_096
    caravan.Execute(pb.ExecuteRequest(
        id=name, branches=[tcc("a", shop.address, payload=payload)]), timeout=30)
    assert [call.payload for call in shop.received()] == [payload] * 2


# What goes wrong on the way.

def _undone_elsewhere(address, shop, **policy):
    """A branch whose action is called at one address and undone at another."""
    branch = saga("bad", address, retry=quick(attempt_timeout=seconds(0.3), **policy))
    branch.undo.CopyFrom(call(shop.address, "Compensation"))
    return branch


def test_a_port_that_nobody_serves_was_never_called(caravan, shop, name):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = "127.0.0.1:%d" % closed.getsockname()[1]
    failed = failure(caravan.Execute, pb.ExecuteRequest(
        id=name, branches=[_undone_elsewhere(address, shop)]))
    assert failed.code == Code.ABORTED
    assert failed.summary.reason.cause == tx.RollbackReason.EXHAUSTED
    # It certainly never arrived, so there is nothing to undo.
    assert failed.summary.failed_branches[0].phase_one == tx.PHASE_ONE_UNTOUCHED
    assert f"connection refused by {address}" in failed.summary.reason.text
    assert shop.received() == []


def test_a_name_that_does_not_resolve_was_never_called(caravan, shop, name):
    failed = failure(caravan.Execute, pb.ExecuteRequest(
        id=name, branches=[_undone_elsewhere("nobody.invalid:9000", shop)]), timeout=60)
    assert failed.code == Code.ABORTED
    assert failed.summary.failed_branches[0].phase_one in (
        tx.PHASE_ONE_UNTOUCHED, tx.PHASE_ONE_UNKNOWN)


def test_a_participant_that_comes_back_is_called_again(caravan, name):
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    retry = quick(attempts_max=100, first_delay=seconds(0.05), delay_max=seconds(0.2))
    pending = caravan.Execute.future(pb.ExecuteRequest(
        id=name, branches=[saga("late", f"127.0.0.1:{port}", retry=retry)]), timeout=60)
    eventually(lambda: "late" in [
        branch.id for branch in _branches(caravan, name) if branch.error])
    with Participant(port=port):
        assert pending.result().transaction.state == tx.STATE_COMMITTED


def _branches(caravan, name):
    try:
        return caravan.Get(pb.GetRequest(id=name), timeout=30).transaction.branches
    except grpc.RpcError:
        return []


@pytest.mark.parametrize("speak", faulty.ALL, ids=lambda speak: speak.__name__)
def test_a_participant_that_speaks_wrongly_is_undone(coordinator, caravan, shop, name, speak):
    with faulty.Faulty(speak) as wrong:
        pending = caravan.Execute.future(pb.ExecuteRequest(
            id=name, branches=[_undone_elsewhere(wrong.address, shop)]), timeout=60)
        # Others notice nothing.
        for number in range(5):
            other = caravan.Execute(pb.ExecuteRequest(
                id=f"{name}/{number}", branches=[saga("good", shop.address)]), timeout=30)
            assert other.transaction.state == tx.STATE_COMMITTED
        assert pending.code() == Code.ABORTED
        whole = caravan.Get(pb.GetRequest(id=name), timeout=30).transaction
        assert whole.state == tx.STATE_ROLLED_BACK
        assert whole.reason.cause == tx.RollbackReason.EXHAUSTED
        assert wrong.accepted >= 1
        if whole.branches[0].phase_one == tx.PHASE_ONE_UNKNOWN:
            assert shop.story().count("bad/compensation") == 1
        else:
            assert whole.branches[0].phase_one == tx.PHASE_ONE_UNTOUCHED
            assert "bad/compensation" not in shop.story()


def test_a_reply_of_10_megabytes_is_unknown_and_costs_little(coordinator, caravan, shop, name):
    before = coordinator.resident_bytes()
    with Participant(options=[("grpc.max_send_message_length", -1)]) as wordy:
        wordy.on("bad", "action", b"w" * 10_000_000)
        branches = [_undone_elsewhere(wordy.address, shop, attempts_max=5)]
        branches[0].retry.attempt_timeout.CopyFrom(seconds(2))
        failed = failure(caravan.Execute, pb.ExecuteRequest(id=name, branches=branches))
        assert failed.code == Code.ABORTED
        assert "RESOURCE_EXHAUSTED" in failed.summary.reason.text
        assert len(wordy.received("bad", "action")) == 5
    assert shop.story() == ["bad/compensation"]
    assert coordinator.resident_bytes() - before < 100 << 20
