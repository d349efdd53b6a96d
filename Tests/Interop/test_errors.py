"""What callers are told when something is wrong, with the details they can act on."""

import socket
import subprocess

import grpc
import pytest
from caravan.v1 import coordinator_pb2 as pb
from caravan.v1 import transaction_pb2 as tx
from google.protobuf import timestamp_pb2
from harness.coordinator import binary, environment
from support.coordinator import Coordinator
from support.participant import Refusal
from support.requests import call, failure, must_succeed, quick, saga, seconds, tcc

INVALID = grpc.StatusCode.INVALID_ARGUMENT


def test_a_rollback_is_aborted_with_its_summary(caravan, shop, name):
    shop.on("account", "action", Refusal(grpc.StatusCode.FAILED_PRECONDITION, "no funds: 5 €"))
    request = pb.ExecuteRequest(id=name, branches=[
        tcc("stock", shop.address), saga("account", shop.address, level=1)])
    for _ in range(2):
        failed = failure(caravan.Execute, request)
        assert failed.code == grpc.StatusCode.ABORTED
        assert name in failed.message and "no funds: 5 €" in failed.message
        assert failed.info.domain == "caravan"
        assert failed.info.reason == "ROLLED_BACK"
        assert dict(failed.info.metadata) == {
            "transaction": name, "state": "ROLLED_BACK", "cause": "REFUSED", "branch": "account"}
        assert failed.summary.id == name
        assert failed.summary.state == tx.STATE_ROLLED_BACK
        assert failed.summary.reason.branch == "account"
        assert [branch.id for branch in failed.summary.failed_branches] == ["account"]
        assert failed.summary.failed_branches[0].phase_one == tx.PHASE_ONE_REFUSED
    assert shop.story() == ["stock/try", "account/action", "stock/cancel"]
    # Commit joins with the same answer, Get has all of it, Rollback has nothing against it.
    assert failure(caravan.Commit, pb.CommitRequest(id=name)).code == grpc.StatusCode.ABORTED
    whole = caravan.Get(pb.GetRequest(id=name), timeout=30).transaction
    assert whole.state == tx.STATE_ROLLED_BACK
    assert whole.branches[0].phase_two == tx.PHASE_TWO_DONE
    rolled = caravan.Rollback(pb.RollbackRequest(id=name), timeout=30).transaction
    assert rolled.state == tx.STATE_ROLLED_BACK


def test_a_rollback_under_way_is_aborted_too(caravan, shop, name):
    shop.on("a", "action", Refusal(grpc.StatusCode.ABORTED))
    shop.on("b", "cancel", Refusal(grpc.StatusCode.UNAVAILABLE), b"")
    failed = failure(caravan.Execute, pb.ExecuteRequest(
        id=name, wait=pb.WAIT_DECISION, branches=[
            tcc("b", shop.address, retry=quick(first_delay=seconds(1), delay_max=seconds(1))),
            saga("a", shop.address, level=1)]))
    assert failed.code == grpc.StatusCode.ABORTED
    assert failed.info.reason == "ROLLING_BACK"
    assert failed.summary.state == tx.STATE_ROLLING_BACK


@pytest.mark.parametrize("text", ["no", "nein, danke – " * 60, "\N{SNOWMAN}" * 341])
# gRPC's C library sends the space at the end of the second as it is.
def test_an_aborted_of_1000_branches_is_aborted_at_the_client(caravan, shop, name, text):
    def refuse(call, context):
        raise Refusal(grpc.StatusCode.ABORTED, text)
    branches = [saga(f"branch-{number}", shop.address) for number in range(1_000)]
    for branch in branches:
        shop.on(branch.id, "action", refuse)
    id = (name + "-" + "x" * 128)[:128]
    failed = failure(caravan.Execute, pb.ExecuteRequest(id=id, branches=branches), timeout=60)
    assert failed.code == grpc.StatusCode.ABORTED
    assert failed.info.reason == "ROLLED_BACK"
    assert failed.summary.reason.cause == tx.RollbackReason.REFUSED
    assert failed.summary.failed_branch_count == 1_000
    assert len(failed.summary.failed_branches) >= 1
    assert len(failed.status.SerializeToString()) <= 6_000
    whole = caravan.Get(pb.GetRequest(id=id), timeout=30).transaction
    assert len(whole.branches) == 1_000


def test_an_unknown_id_is_not_found(caravan, name):
    for method, request in [
        (caravan.Get, pb.GetRequest(id=name)),
        (caravan.Register, pb.RegisterRequest(id=name, branches=[saga("a", "127.0.0.1:1")])),
        (caravan.Start, pb.StartRequest(id=name)),
        (caravan.Commit, pb.CommitRequest(id=name)),
        (caravan.Rollback, pb.RollbackRequest(id=name)),
    ]:
        failed = failure(method, request)
        assert failed.code == grpc.StatusCode.NOT_FOUND
        assert name in failed.message
        assert failed.info.metadata["transaction"] == name


def test_other_content_under_the_same_id_already_exists(caravan, shop, name):
    caravan.Execute(pb.ExecuteRequest(id=name, branches=[saga("a", shop.address)]), timeout=30)
    for method, request in [
        (caravan.Execute, pb.ExecuteRequest(id=name, branches=[saga("b", shop.address)])),
        (caravan.Execute, pb.ExecuteRequest(id=name)),
        (caravan.Begin, pb.BeginRequest(id=name)),
    ]:
        failed = failure(method, request)
        assert failed.code == grpc.StatusCode.ALREADY_EXISTS
        assert failed.info.reason == "OTHER_CONTENT"
        assert failed.info.metadata["state"] == "COMMITTED"


def test_a_branch_with_other_content_already_exists(caravan, shop, name):
    caravan.Begin(pb.BeginRequest(id=name), timeout=30)
    caravan.Register(pb.RegisterRequest(id=name, branches=[saga("a", shop.address)]), timeout=30)
    failed = failure(caravan.Register, pb.RegisterRequest(
        id=name, branches=[saga("new", shop.address), tcc("a", shop.address)]))
    assert failed.code == grpc.StatusCode.ALREADY_EXISTS
    assert dict(failed.info.metadata) == {"transaction": name, "branch": "a", "state": "ACTIVE"}
    # All of a Register, or nothing.
    stands = caravan.Get(pb.GetRequest(id=name), timeout=30).transaction
    assert [branch.id for branch in stands.branches] == ["a"]
    caravan.Rollback(pb.RollbackRequest(id=name), timeout=30)


def test_the_opposite_direction_is_a_failed_precondition(caravan, shop, name):
    branch = saga("a", shop.address)
    caravan.Execute(pb.ExecuteRequest(id=name, branches=[branch]), timeout=30)
    failed = failure(caravan.Rollback, pb.RollbackRequest(id=name))
    assert failed.code == grpc.StatusCode.FAILED_PRECONDITION
    assert failed.info.reason == "WRONG_STATE"
    assert failed.info.metadata["state"] == "COMMITTED"
    assert "COMMITTED" in failed.message and "Rollback is accepted" in failed.message
    other = name + "-other"
    caravan.Begin(pb.BeginRequest(id=other), timeout=30)
    caravan.Rollback(pb.RollbackRequest(id=other, reason="changed my mind"), timeout=30)
    for method, request in [
        (caravan.Commit, pb.CommitRequest(id=other)),
        (caravan.Start, pb.StartRequest(id=other)),
        (caravan.Register, pb.RegisterRequest(id=other, branches=[branch])),
    ]:
        failed = failure(method, request)
        assert failed.code == grpc.StatusCode.FAILED_PRECONDITION
        assert "ROLLED_BACK" in failed.message and "changed my mind" in failed.message


def test_a_register_after_the_end_is_a_failed_precondition(caravan, shop, name):
    caravan.Begin(pb.BeginRequest(id=name), timeout=30)
    caravan.Commit(pb.CommitRequest(id=name), timeout=30)
    failed = failure(caravan.Register, pb.RegisterRequest(
        id=name, branches=[saga("late", shop.address)]))
    assert failed.code == grpc.StatusCode.FAILED_PRECONDITION
    assert failed.info.metadata["state"] == "COMMITTED"


def test_commit_of_branches_in_an_impossible_order_says_so(caravan, shop, name):
    caravan.Begin(pb.BeginRequest(id=name), timeout=30)
    caravan.Register(pb.RegisterRequest(id=name, branches=[
        must_succeed("mail", shop.address, 1), saga("a", shop.address, level=3)]), timeout=30)
    failed = failure(caravan.Commit, pb.CommitRequest(id=name))
    assert failed.code == grpc.StatusCode.FAILED_PRECONDITION
    assert failed.info.metadata["branch"] == "mail"
    assert failed.info.metadata["level_min"] == "4"
    assert failed.info.metadata["state"] == "ACTIVE"
    assert shop.received() == []
    caravan.Rollback(pb.RollbackRequest(id=name), timeout=30)


def test_a_transaction_has_at_most_1000_branches(caravan, shop, name):
    caravan.Begin(pb.BeginRequest(id=name), timeout=30)
    many = [saga(f"b{number}", shop.address) for number in range(999)]
    assert caravan.Register(
        pb.RegisterRequest(id=name, branches=many), timeout=30).branch_count == 999
    failed = failure(caravan.Register, pb.RegisterRequest(
        id=name, branches=[saga("x", shop.address), saga("y", shop.address)]))
    assert failed.code == grpc.StatusCode.FAILED_PRECONDITION
    assert failed.info.metadata["branch_count"] == "1001"
    assert caravan.Register(pb.RegisterRequest(
        id=name, branches=[saga("x", shop.address)]), timeout=30).branch_count == 1_000
    caravan.Rollback(pb.RollbackRequest(id=name), timeout=30)


def test_an_address_that_is_not_permitted_is_denied(caravan, name):
    request = pb.ExecuteRequest(id=name, branches=[saga("a", "169.254.169.254:80")])
    failed = failure(caravan.Execute, request)
    assert failed.code == grpc.StatusCode.PERMISSION_DENIED
    assert "169.254.169.254:80" in failed.message and "participants.allow" in failed.message
    assert failed.info.metadata["field"] == "branches[0].phase_one.grpc.address"
    assert failure(caravan.Get, pb.GetRequest(id=name)).code == grpc.StatusCode.NOT_FOUND


def test_all_violations_come_at_once(caravan, name):
    good = saga("a", "127.0.0.1:1")
    odd = tx.Branch(
        id="no id", level=100_000, mode=9, retry=quick(attempts_max=2_000, factor=77),
        phase_one=call("nowhere", "x", b"", metadata={"Caravan": "x"}, also_done_on=[0, 99]))
    request = pb.ExecuteRequest(
        id=name + "!", timeout=seconds(0), branches=[good, good, odd], wait=7)
    failed = failure(caravan.Execute, request)
    assert failed.code == INVALID
    assert set(failed.fields) == {
        "id", "timeout", "wait", "branches[1].id", "branches[2].id", "branches[2].level",
        "branches[2].mode", "branches[2].retry.attempts_max", "branches[2].retry.factor",
        "branches[2].phase_one.grpc.address", "branches[2].phase_one.metadata['Caravan']",
        "branches[2].phase_one.also_done_on[0]", "branches[2].phase_one.also_done_on[1]"}
    assert all(violation.description for violation in failed.bad_request.field_violations)


@pytest.mark.parametrize("spoil, field", [
    (lambda r: r.branches[0].ClearField("id"), "branches[0].id"),
    (lambda r: r.branches[0].ClearField("mode"), "branches[0].mode"),
    (lambda r: r.branches[0].ClearField("phase_one"), "branches[0].phase_one"),
    (lambda r: r.branches[0].ClearField("confirm"), "branches[0].confirm"),
    (lambda r: r.branches[0].ClearField("undo"), "branches[0].undo"),
    (lambda r: r.branches[0].undo.ClearField("grpc"), "branches[0].undo"),
    (lambda r: setattr(r.branches[0], "must_succeed", True), "branches[0].must_succeed"),
    (lambda r: setattr(r.branches[0], "called_by_caller", True), "branches[0].called_by_caller"),
    (lambda r: setattr(r.branches[0].undo.grpc, "method", "Cancel"),
     "branches[0].undo.grpc.method"),
    (lambda r: setattr(r.branches[0].undo.grpc, "address", "http://127.0.0.1:80"),
     "branches[0].undo.grpc.address"),
    (lambda r: setattr(r.branches[0].undo, "payload", b"x" * (1 << 20 | 1)),
     "branches[0].undo.payload"),
    (lambda r: r.branches[0].undo.metadata.update({"grpc-timeout": "1S"}),
     "branches[0].undo.metadata['grpc-timeout']"),
    (lambda r: r.branches[0].undo.metadata.update({"k-bin": "?"}),
     "branches[0].undo.metadata['k-bin']"),
    (lambda r: setattr(r.branches[0].retry, "jitter", float("nan")), "branches[0].retry.jitter"),
    (lambda r: r.branches[0].retry.attempt_timeout.CopyFrom(seconds(3_601)),
     "branches[0].retry.attempt_timeout"),
    (lambda r: r.timeout.CopyFrom(seconds(31 * 86_400)), "timeout"),
    (lambda r: r.branches.append(r.branches[0]), "branches[1].id"),
])
def test_a_spoiled_field_is_named(caravan, name, spoil, field):
    request = pb.ExecuteRequest(id=name, branches=[tcc("a", "127.0.0.1:1", retry=quick())])
    spoil(request)
    failed = failure(caravan.Execute, request)
    assert failed.code == INVALID
    assert field in failed.fields
    assert failure(caravan.Get, pb.GetRequest(id=name)).code == grpc.StatusCode.NOT_FOUND


def test_a_flood_of_violations_is_still_an_invalid_argument(caravan, name):
    branches = [tx.Branch(id="é" * 400) for _ in range(1_000)]
    failed = failure(caravan.Execute, pb.ExecuteRequest(id=name, branches=branches))
    assert failed.code == INVALID
    assert len(failed.fields) > 10
    failed = failure(caravan.Execute, pb.ExecuteRequest(
        id=name, branches=[tx.Branch() for _ in range(11_000)]))
    assert failed.code == INVALID


def test_a_list_that_cannot_be_is_refused(caravan):
    failed = failure(caravan.List, pb.ListRequest(
        states=[0, 88], id_prefix="a b", page_size=1_001, page_token="bogus",
        created_from=timestamp_pb2.Timestamp(seconds=-1 << 60)))
    assert failed.code == INVALID
    assert failed.fields == [
        "states[0]", "states[1]", "id_prefix", "created_from", "page_size", "page_token"]


def test_bytes_that_are_no_message_are_an_invalid_argument(channel, coordinator):
    for method in ["Begin", "Register", "Start", "Commit", "Rollback", "Execute", "Get", "List"]:
        raw = channel.unary_unary(f"/caravan.v1.Coordinator/{method}")
        for rubbish in [b"\x0a\xff", b"\xff" * 20, b"\x0a\x02\xc3\x28", b"\x0b" * 200]:
            failed = failure(raw, rubbish)
            assert failed.code == INVALID, (method, rubbish)
    watch = channel.unary_stream("/caravan.v1.Coordinator/Watch")
    with pytest.raises(grpc.RpcError) as raised:
        list(watch(b"\x0a\xff", timeout=30))
    assert raised.value.code() == INVALID


def test_methods_that_do_not_exist_are_unimplemented(channel):
    for path in ["/caravan.v1.Coordinator/Nothing", "/no.Service/Begin", "/x"]:
        failed = failure(channel.unary_unary(path), b"")
        assert failed.code == grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("flag", ["--listen", "--http-listen"])
def test_a_port_that_is_taken_is_named_with_its_flag(database, flag):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        flags = {"--listen": "127.0.0.1:0", "--http-listen": "127.0.0.1:0", flag: address}
        with Coordinator.start(database):
            pass
        ended = subprocess.run(
            [binary(), "serve", "--database", database,
             *[part for pair in flags.items() for part in pair]],
            env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == f"caravan: {flag}: {address} is in use"
