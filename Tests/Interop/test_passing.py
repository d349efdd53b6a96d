"""Replies passed on: parts of an earlier branch's reply go into a later call."""

import json
import threading

import grpc
import pytest
from caravan.v1 import coordinator_pb2 as pb
from caravan.v1 import transaction_pb2 as tx
from google.protobuf import wrappers_pb2
from support.coordinator import Coordinator
from support.participant import Answer, Refusal, WebParticipant
from support.requests import call, eventually, failure, quick, saga, seconds, tcc


@pytest.fixture
def web():
    """An HTTP participant."""
    with WebParticipant() as serving:
        yield serving


def sent(participant, branch, action):
    """The JSON that a call carried."""
    return json.loads(participant.received(branch, action)[0].payload)


def http_call(url, payload=None, headers=None, template=True):
    return tx.Call(
        http=tx.HttpTarget(url=url, template=template),
        payload=json.dumps(payload).encode() if payload is not None else b"",
        metadata=headers or {})


def http_saga(branch, web, level=0, payload=None, undo=None, headers=None):
    return tx.Branch(
        id=branch, level=level, mode=tx.BRANCH_MODE_SAGA, retry=quick(),
        phase_one=http_call(f"{web.url}/{branch}", payload, headers),
        undo=http_call(f"{web.url}/{branch}/undo", undo if undo is not None else {}))


def copy(branch, from_path, to_path, or_payload=False):
    return tx.Copy(from_branch=branch, from_path=from_path, to_path=to_path, or_payload=or_payload)


def test_a_template_takes_from_an_earlier_reply(caravan, web, name):
    web.on("stock", "action", json.dumps({"reservation": {"id": "r-17", "shelf": 4}}).encode())
    ship = http_saga(
        "ship", web, level=1,
        payload={"reservation": "${branch.stock.reply.json:/reservation/id}",
                 "shelf": "${branch.stock.reply.json:/reservation/shelf}"},
        headers={"x-reservation": "${branch.stock.reply.json:/reservation/id}"})
    caravan.Execute(pb.ExecuteRequest(id=name, branches=[http_saga("stock", web), ship]), timeout=30)
    assert sent(web, "ship", "action") == {"reservation": "r-17", "shelf": 4}
    received, = web.received("ship", "action")
    assert received.metadata["x-reservation"] == "r-17"
    assert received.metadata["content-type"] == "application/json"


def test_a_copy_takes_from_an_earlier_reply(caravan, shop, name):
    shop.on("stock", "action", wrappers_pb2.StringValue(value="r-17").SerializeToString())
    ship = saga("ship", shop.address, level=1,
                payload=wrappers_pb2.StringValue(value="old").SerializeToString())
    ship.phase_one.copy.append(copy("stock", [1], [1]))
    caravan.Execute(
        pb.ExecuteRequest(id=name, branches=[saga("stock", shop.address), ship]), timeout=30)
    received, = shop.received("ship", "action")
    assert wrappers_pb2.StringValue.FromString(received.payload).value == "r-17"


def test_a_confirm_and_an_undo_use_their_own_reply(caravan, shop, name):
    shop.on("stock", "try", wrappers_pb2.StringValue(value="r-17").SerializeToString())
    stock = tcc("stock", shop.address)
    stock.confirm.copy.append(copy("stock", [1], [1]))
    stock.undo.copy.append(copy("stock", [1], [1], or_payload=True))
    caravan.Execute(pb.ExecuteRequest(id=name, branches=[stock]), timeout=30)
    assert shop.received("stock", "confirm")[0].payload == b"\n\x04r-17"

    shop.on("last", "action", Refusal(grpc.StatusCode.FAILED_PRECONDITION))
    failure(caravan.Execute, pb.ExecuteRequest(
        id=name + "-2", branches=[stock, saga("last", shop.address, level=1)]))
    eventually(lambda: shop.received("stock", "cancel"))
    assert shop.received("stock", "cancel")[0].payload == b"\n\x04r-17"


def test_an_undo_of_unknown_outcome_uses_its_fallback(caravan, shop, web, name):
    shop.on("stock", "try", Refusal(grpc.StatusCode.UNAVAILABLE))
    stock = tcc("stock", shop.address, retry=quick(), payload=b"\n\x07unknown")
    stock.undo.copy.append(copy("stock", [1], [1], or_payload=True))
    web.on("pay", "action", Answer(500))
    pay = http_saga("pay", web, undo={"charge": "${branch.pay.reply.json:/charge|null}"})
    failure(caravan.Execute, pb.ExecuteRequest(id=name, branches=[stock, pay]))
    assert shop.received("stock", "cancel")[0].payload == b"\n\x07unknown"
    assert sent(web, "pay", "compensation") == {"charge": None}


def test_what_is_missing_refuses_the_branch_and_sends_nothing(caravan, web, name):
    web.on("stock", "action", b"{}")
    ship = http_saga("ship", web, level=1, payload={"id": "${branch.stock.reply.json:/id}"})
    failed = failure(
        caravan.Execute, pb.ExecuteRequest(id=name, branches=[http_saga("stock", web), ship]))
    assert failed.code == grpc.StatusCode.ABORTED
    assert failed.summary.reason.branch == "ship"
    assert "nothing was sent: branch stock: its reply has no /id" in failed.message
    assert web.story() == ["stock/action", "stock/compensation"]


def test_a_reply_that_was_not_kept_refuses_the_branch(caravan, shop, name):
    shop.on("stock", "action", b"\n" + b"\x81\x80\x04" + b"x" * 65_537)
    ship = saga("ship", shop.address, level=1)
    ship.phase_one.copy.append(copy("stock", [1], [1]))
    failed = failure(
        caravan.Execute, pb.ExecuteRequest(id=name, branches=[saga("stock", shop.address), ship]))
    assert "its reply was longer than what is kept" in failed.message
    assert shop.story() == ["stock/action", "stock/compensation"]


def test_a_status_that_is_declared_done_gives_its_reply(caravan, web, name):
    # Longer than what an error quotes.
    web.on("stock", "action", Answer(409, json.dumps({"note": "x" * 1_000, "id": "r-17"}).encode()))
    stock = http_saga("stock", web)
    stock.phase_one.also_done_on.append(409)
    ship = http_saga("ship", web, level=1, payload={"id": "${branch.stock.reply.json:/id}"})
    caravan.Execute(pb.ExecuteRequest(id=name, branches=[stock, ship]), timeout=30)
    assert sent(web, "ship", "action") == {"id": "r-17"}


def test_what_replies_make_of_a_request_is_bounded(caravan, web, name):
    web.on("stock", "action", json.dumps({"note": "x" * 60_000}).encode())
    reference = "${branch.stock.reply.json:/note}"
    ship = http_saga("ship", web, level=1, payload=[reference] * 20)
    failed = failure(
        caravan.Execute, pb.ExecuteRequest(id=name, branches=[http_saga("stock", web), ship]))
    assert "the request would be longer than 1048576 bytes (limits.payload)" in failed.message
    assert web.story() == ["stock/action", "stock/compensation"]
    ship.phase_one.payload = json.dumps([reference] * 101).encode()
    failed = failure(
        caravan.Execute, pb.ExecuteRequest(id=name + "-2", branches=[http_saga("stock", web), ship]))
    assert failed.fields == ["branches[1].phase_one"]


def test_an_undo_of_what_the_caller_calls_uses_no_other_reply(caravan, shop, name):
    """The caller may roll back before Commit, and then nobody else has replied."""
    pay = saga("pay", shop.address, level=1, called_by_caller=True)
    pay.ClearField("phase_one")
    pay.undo.copy.append(copy("stock", [1], [1]))
    caravan.Begin(pb.BeginRequest(id=name), timeout=30)
    for fallback in (False, True):
        pay.undo.copy[0].or_payload = fallback
        failed = failure(
            caravan.Register,
            pb.RegisterRequest(id=name, branches=[saga("stock", shop.address), pay]))
        assert failed.fields == ["branches[1].undo.copy"]
        assert "may roll back before Commit" in failed.bad_request.field_violations[0].description


def test_sources_are_checked_against_what_was_registered_before(caravan, shop, name):
    ship = saga("ship", shop.address, level=1)
    ship.phase_one.copy.append(copy("stock", [1], [1]))
    caravan.Begin(pb.BeginRequest(id=name), timeout=30)
    failed = failure(caravan.Register, pb.RegisterRequest(id=name, branches=[ship]))
    assert failed.fields == ["branches[0].phase_one.copy"]
    assert "there is no such branch" in failed.bad_request.field_violations[0].description
    caravan.Register(
        pb.RegisterRequest(id=name, branches=[saga("stock", shop.address)]), timeout=30)
    done = caravan.Register(pb.RegisterRequest(id=name, branches=[ship]), timeout=30)
    assert done.branch_count == 2
    caravan.Rollback(pb.RollbackRequest(id=name), timeout=30)


def test_a_restart_passes_on_the_same_reply(database, shop, name):
    """The reply is durable before it is used: the next life sends what the first did."""
    count = iter(range(1, 100))
    shop.on("stock", "action", lambda *_: wrappers_pb2.StringValue(
        value=f"r-{next(count)}").SerializeToString())
    held = threading.Event()
    shop.on("ship", "action", lambda *_: held.wait(20) and b"" or b"", b"")
    ship = saga("ship", shop.address, level=1, retry=quick(attempt_timeout=seconds(30)))
    ship.phase_one.copy.append(copy("stock", [1], [1]))
    request = pb.ExecuteRequest(
        id=name, branches=[saga("stock", shop.address), ship], wait=pb.WAIT_NONE,
        timeout=seconds(60))
    from support.database import Database
    with Database.create() as own:
        with Coordinator.start(own.url) as first, grpc.insecure_channel(first.address) as channel:
            from caravan.v1 import coordinator_pb2_grpc
            coordinator_pb2_grpc.CoordinatorStub(channel).Execute(request, timeout=30)
            shop.wait_for("ship", "action")
            first.process.kill()
            first.stopped = True
        held.set()
        with Coordinator.start(own.url) as second, grpc.insecure_channel(second.address) as channel:
            stub = coordinator_pb2_grpc.CoordinatorStub(channel)
            eventually(lambda: stub.Get(
                pb.GetRequest(id=name), timeout=30).transaction.state == tx.STATE_COMMITTED, 60)
    assert len(shop.received("stock", "action")) == 1
    assert {call.payload for call in shop.received("ship", "action")} == {b"\n\x03r-1"}
    assert len(shop.received("ship", "action")) >= 2


def test_a_restart_undoes_with_the_same_reply(web, name):
    """A reply that comes after the decision is durable before the undo that carries it."""
    decided, killed = threading.Event(), threading.Event()
    web.on("pay", "action", lambda _: decided.wait(20) and b'{"charge": "ch-1"}' or b"")
    web.on("pay", "compensation", lambda _: killed.wait(20) and b"" or b"")
    pay = http_saga("pay", web, undo={"charge": "${branch.pay.reply.json:/charge|null}"})
    pay.retry.CopyFrom(quick(attempt_timeout=seconds(20)))
    from caravan.v1 import coordinator_pb2_grpc
    from support.database import Database
    with Database.create() as own:
        with Coordinator.start(own.url) as first, grpc.insecure_channel(first.address) as channel:
            stub = coordinator_pb2_grpc.CoordinatorStub(channel)
            stub.Execute(pb.ExecuteRequest(
                id=name, branches=[pay], wait=pb.WAIT_NONE, timeout=seconds(60)), timeout=30)
            web.wait_for("pay", "action")
            stub.Rollback(pb.RollbackRequest(id=name, wait=pb.WAIT_DECISION), timeout=30)
            decided.set()
            web.wait_for("pay", "compensation")
            first.process.kill()
            first.stopped = True
        killed.set()
        with Coordinator.start(own.url) as second, grpc.insecure_channel(second.address) as channel:
            stub = coordinator_pb2_grpc.CoordinatorStub(channel)
            eventually(lambda: stub.Get(
                pb.GetRequest(id=name), timeout=30).transaction.state == tx.STATE_ROLLED_BACK, 60)
    undos = web.received("pay", "compensation")
    assert len(undos) >= 2
    assert {undo.payload for undo in undos} == {b'{"charge":"ch-1"}'}
    assert {undo.metadata["caravan-phase-one"] for undo in undos} == {"done"}
