"""Participants over HTTP: every status they may answer with, what they receive, and all they may do wrong."""

import email.utils
import http
import os
import re
import socket
import time

import grpc
import pytest
from caravan.v1 import coordinator_pb2 as pb
from caravan.v1 import transaction_pb2 as tx
from support import faulty, faulty_web
from support.participant import Answer, WebParticipant
from support.requests import (eventually, failure, quick, saga, seconds, web_call, web_saga,
                              web_tcc)

Code = grpc.StatusCode
ASK_AGAIN = [408, 425, 429]
STATUSES = [status.value for status in http.HTTPStatus if status.value >= 200]
# docs/design.md, rule 3.
DONE = [status for status in STATUSES if status < 300]
REFUSALS = [status for status in STATUSES if 400 <= status < 500 and status not in ASK_AGAIN]
UNKNOWN = [status for status in STATUSES if status not in DONE + REFUSALS] + [599]


@pytest.mark.parametrize("status", DONE + [299])
def test_every_2xx_is_done(caravan, web, name, status):
    web.on("a", "try", Answer(status))
    done = caravan.Execute(
        pb.ExecuteRequest(id=name, branches=[web_tcc("a", web.url)]), timeout=30).transaction
    assert done.state == tx.STATE_COMMITTED
    assert web.story() == ["a/try", "a/confirm"]


@pytest.mark.parametrize("status", REFUSALS + [499])
def test_a_4xx_is_a_refusal_and_is_not_undone(caravan, web, name, status):
    web.on("b", "action", Answer(status, b"because", content_type="text/plain"))
    failed = failure(caravan.Execute, pb.ExecuteRequest(id=name, branches=[
        web_tcc("a", web.url), web_saga("b", web.url, level=1), web_saga("c", web.url, level=2)]))
    assert failed.code == Code.ABORTED
    assert failed.summary.reason.cause == tx.RollbackReason.REFUSED
    assert re.search(rf"action: {status}.*: because$", failed.summary.reason.text)
    assert web.story() == ["a/try", "b/action", "a/cancel"]


@pytest.mark.parametrize("status", UNKNOWN)
def test_any_other_status_is_repeated_and_then_undone(caravan, web, name, status):
    web.on("b", "action", Answer(status, location="/elsewhere"))
    failed = failure(caravan.Execute, pb.ExecuteRequest(
        id=name, branches=[web_saga("b", web.url, retry=quick())]))
    assert failed.code == Code.ABORTED
    assert failed.summary.reason.cause == tx.RollbackReason.EXHAUSTED
    assert str(status) in failed.summary.reason.text
    assert web.story() == ["b/action", "b/action", "b/compensation"]
    assert [call.attempt for call in web.received("b", "action")] == [1, 2]
    assert {call.path for call in web.received("b", "action")} == {"/action"}
    undo, = web.received("b", "compensation")
    assert undo.metadata["caravan-phase-one"] == "unknown"


def test_no_redirect_is_followed(caravan, web, name):
    with WebParticipant() as elsewhere:
        for status in (301, 302, 303, 307, 308):
            web.on("a", "action", Answer(status, location=elsewhere.url + "/trap"))
            failure(caravan.Execute, pb.ExecuteRequest(
                id=f"{name}/{status}", branches=[web_saga("a", web.url, retry=quick())]))
        assert elsewhere.received() == []


def test_the_text_of_an_error_quotes_its_body(caravan, web, name):
    web.on("a", "action", Answer(503, "  the shop\r\n is closed · ".encode() + "é".encode() * 300,
                                 content_type="text/plain; charset=utf-8"))
    failed = failure(caravan.Execute, pb.ExecuteRequest(
        id=name, branches=[web_saga("a", web.url, retry=quick(attempts_max=1))]))
    text = failed.summary.reason.text
    assert text.startswith("action: 503 Service Unavailable: the shop is closed · éé")
    assert len(text.encode()) < 300


@pytest.mark.parametrize("body, kind", [
    (b"<html>no</html>", "text/html"), (b"\x00\x01\x02", "application/octet-stream"),
    (b"\xff\xfe", "text/plain"), (b"", "text/plain")])
def test_a_body_that_tells_people_nothing_is_not_quoted(caravan, web, name, body, kind):
    web.on("a", "action", Answer(409, body, content_type=kind))
    failed = failure(caravan.Execute, pb.ExecuteRequest(
        id=name, branches=[web_saga("a", web.url)]))
    assert failed.summary.reason.text == "action: 409 Conflict"


# Retry-After.

def _dates(ahead):
    moment = time.gmtime(time.time() + ahead)
    return [email.utils.formatdate(time.time() + ahead, usegmt=True),
            time.strftime("%A, %d-%b-%y %H:%M:%S GMT", moment), time.asctime(moment)]


@pytest.mark.parametrize("form", ["seconds", "IMF-fixdate", "RFC 850", "asctime"])
def test_retry_after_is_waited_for_and_extends_no_deadline(caravan, web, name, form):
    forms = dict(zip(["seconds", "IMF-fixdate", "RFC 850", "asctime"], ["20", *_dates(20)]))
    web.on("a", "action", Answer(503, retry_after=forms[form]), b"")
    retry = quick(attempts_max=9, delay_max=seconds(30))
    failed = failure(caravan.Execute, pb.ExecuteRequest(
        id=name, timeout=seconds(1), branches=[web_saga("a", web.url, retry=retry)]))
    # By the policy alone the second attempt had come after 20 ms.
    assert failed.summary.reason.cause == tx.RollbackReason.DEADLINE
    assert len(web.received("a", "action")) == 1


@pytest.mark.parametrize("value", ["soon", "-1", "1.5", "Sun, 32 Nov 2094 08:49:37 GMT", ""])
def test_a_retry_after_that_says_nothing_counts_as_none(caravan, web, name, value):
    web.on("a", "action", Answer(429, retry_after=value), b"")
    retry = quick(attempts_max=2, delay_max=seconds(30))
    done = caravan.Execute(pb.ExecuteRequest(
        id=name, timeout=seconds(20), branches=[web_saga("a", web.url, retry=retry)]), timeout=30)
    assert done.transaction.state == tx.STATE_COMMITTED


def test_retry_after_is_capped_by_the_policy(caravan, web, name):
    web.on("a", "action", Answer(429, retry_after="99999999999999999999"), b"")
    done = caravan.Execute(pb.ExecuteRequest(
        id=name, timeout=seconds(20), branches=[web_saga("a", web.url, retry=quick())]), timeout=30)
    assert done.transaction.state == tx.STATE_COMMITTED


# What a participant receives.

def test_a_request_carries_what_a_participant_needs(caravan, web, name):
    branch = web_tcc("stock", web.url, payload=b'{"lamps":2}', retry=quick())
    branch.phase_one.metadata["x-tenant"] = "blue"
    branch.phase_one.metadata["authorization"] = "Bearer x.y"
    web.on("stock", "try", Answer(503), Answer(200, b"reserved"))
    done = caravan.Execute(pb.ExecuteRequest(id=name, branches=[branch]), timeout=30).transaction
    assert done.branches[0].reply == b"reserved"
    first, second, confirm = web.received()
    assert first.method == "POST" and first.path == "/try"
    assert first.payload == b'{"lamps":2}'
    expected = {
        "host": web.address, "x-tenant": "blue", "authorization": "Bearer x.y",
        "content-type": "application/octet-stream", "content-length": "11",
        "caravan-transaction": name, "caravan-branch": "stock", "caravan-action": "try",
        "caravan-attempt": "1", "idempotency-key": f"{name}/stock/try"}
    assert {key: first.metadata.get(key) for key in expected} == expected
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", first.metadata["traceparent"])
    assert int(first.metadata["caravan-fence"]) > 0
    assert len({key for key, _ in first.headers}) == len(first.headers)
    assert set(first.metadata) == {*expected, "traceparent", "caravan-fence"}
    # The same call, so the same key.
    assert second.metadata["caravan-attempt"] == "2"
    assert second.metadata["idempotency-key"] == first.metadata["idempotency-key"]
    assert confirm.metadata["idempotency-key"] == f"{name}/stock/confirm"
    traces = {call.metadata["traceparent"].split("-")[1] for call in web.received()}
    assert len(traces) == 1


def test_an_undo_says_what_is_known_of_phase_one(caravan, web, name):
    web.on("b", "action", Answer(409))
    failure(caravan.Execute, pb.ExecuteRequest(id=name, branches=[
        web_saga("a", web.url), web_saga("b", web.url, level=1)]))
    undo, = web.received("a", "compensation")
    assert undo.metadata["caravan-phase-one"] == "done"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("payload", [b"", b"text"], ids=["nothing", "body"])
def test_every_method_arrives_with_and_without_a_body(caravan, web, name, method, payload):
    branch = tx.Branch(
        id="a", mode=tx.BRANCH_MODE_SAGA, must_succeed=True,
        phase_one=web_call(web.url, "a%2Fb/%7Euser?x=%20y&z", payload, method))
    branch.phase_one.metadata["content-type"] = "text/plain"
    caravan.Execute(pb.ExecuteRequest(id=name, branches=[branch]), timeout=30)
    call, = web.received()
    assert (call.method, call.payload) == (method, payload)
    assert call.path == "/a%2Fb/%7Euser?x=%20y&z"
    assert call.metadata["content-type"] == "text/plain"
    if method == "GET" and not payload:
        assert "content-length" not in call.metadata and "transfer-encoding" not in call.metadata


def test_the_payload_arrives_untouched(caravan, web, name):
    payload = bytes(range(256)) * 4_096
    caravan.Execute(pb.ExecuteRequest(
        id=name, branches=[web_tcc("a", web.url, payload=payload)]), timeout=30)
    assert [call.payload for call in web.received()] == [payload] * 2


def test_a_connection_is_used_again(caravan, web, name):
    for number in range(30):
        caravan.Execute(pb.ExecuteRequest(
            id=f"{name}/{number}", branches=[web_saga("a", web.url)]), timeout=30)
    assert len(web.received()) == 30
    # One for each event loop of the coordinator.
    assert len({call.connection for call in web.received()}) <= os.cpu_count()


def test_a_connection_that_the_server_closed_in_between_is_not_used_again(caravan, name):
    served = []

    def once(connection):
        served.append(faulty_web.read_request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        connection.close()
    with faulty.Faulty(once) as hasty:
        for number in range(5):
            done = caravan.Execute(pb.ExecuteRequest(id=f"{name}/{number}", branches=[
                web_saga("a", f"http://{hasty.address}", retry=quick())]), timeout=30)
            assert done.transaction.state == tx.STATE_COMMITTED


# Replies.

def test_a_reply_of_64_kib_is_kept_and_a_longer_one_is_done_without(caravan, web, name):
    web.on("fits", "action", b"r" * (64 << 10))
    web.on("long", "action", b"r" * ((64 << 10) + 1))
    web.on("huge", "action", b"r" * (3 << 20))
    done = caravan.Execute(pb.ExecuteRequest(id=name, branches=[
        web_saga(branch, web.url) for branch in ("fits", "long", "huge")]), timeout=30).transaction
    assert done.state == tx.STATE_COMMITTED
    assert [len(branch.reply) for branch in done.branches] == [64 << 10, 0, 0]
    assert [branch.reply_omitted for branch in done.branches] == [False, True, True]


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
def test_a_reply_of_10_megabytes_is_unknown_and_costs_little(
        coordinator, caravan, shop, name, chunked):
    def wordy(connection):
        faulty_web.read_request(connection)
        head = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 10000000"
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n")
        for _ in range(100):
            connection.sendall((b"186a0\r\n" if chunked else b"") + b"w" * 100_000
                               + (b"\r\n" if chunked else b""))
        if chunked:
            connection.sendall(b"0\r\n\r\n")
    before = coordinator.resident_bytes()
    with faulty.Faulty(wordy) as talker:
        branch = _undone_elsewhere(talker.address, shop, attempts_max=5)
        branch.retry.attempt_timeout.CopyFrom(seconds(5))
        failed = failure(caravan.Execute, pb.ExecuteRequest(id=name, branches=[branch]))
    assert failed.code == Code.ABORTED
    assert "is longer than 4MiB" in failed.summary.reason.text
    assert shop.story() == ["bad/compensation"]
    assert coordinator.resident_bytes() - before < 100 << 20


def test_statuses_that_are_declared_done_are_done(caravan, web, name):
    branch = web_tcc("a", web.url)
    branch.undo.also_done_on.extend([404, 500])
    web.on("a", "cancel", Answer(404))
    web.on("b", "action", Answer(409))
    failed = failure(caravan.Execute, pb.ExecuteRequest(
        id=name, branches=[branch, web_saga("b", web.url, level=1)]))
    assert failed.info.reason == "ROLLED_BACK"
    assert len(web.received("a", "cancel")) == 1


def test_a_refusal_in_phase_two_asks_for_attention_and_is_repeated(caravan, web, name):
    mended = []

    def confirm(call):
        return b"" if mended else Answer(423, b"locked by the auditor", content_type="text/plain")
    web.on("a", "confirm", confirm)
    pending = caravan.Execute.future(pb.ExecuteRequest(
        id=name, branches=[web_tcc("a", web.url, retry=quick())]), timeout=60)
    stuck = eventually(lambda: (found := caravan.Get(
        pb.GetRequest(id=name), timeout=30).transaction).needs_attention and found
        if web.received("a", "confirm") else None)
    assert "423 Locked: locked by the auditor" in stuck.needs_attention
    mended.append(True)
    assert pending.result().transaction.state == tx.STATE_COMMITTED


# What goes wrong on the way.

def _undone_elsewhere(address, shop, **policy):
    """A branch whose action is called over HTTP and undone over gRPC, at another address."""
    branch = web_saga("bad", f"http://{address}", retry=quick(
        **{"attempt_timeout": seconds(0.3), **policy}))
    branch.undo.CopyFrom(saga("bad", shop.address).undo)
    return branch


def _refused(caravan, shop, name, address, **more):
    failed = failure(caravan.Execute, pb.ExecuteRequest(
        id=name, branches=[_undone_elsewhere(address, shop, **more)]), timeout=60)
    assert failed.code == Code.ABORTED
    assert failed.summary.reason.cause == tx.RollbackReason.EXHAUSTED
    # It certainly never arrived, so there is nothing to undo.
    assert failed.summary.failed_branches[0].phase_one == tx.PHASE_ONE_UNTOUCHED
    assert shop.received() == []
    return failed.summary.reason.text


def test_a_port_that_nobody_serves_was_never_called(caravan, shop, name):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = "127.0.0.1:%d" % closed.getsockname()[1]
    text = _refused(caravan, shop, name, address)
    assert text == f"action: connection refused by {address}"


def test_a_name_that_nobody_serves_was_never_called(caravan, shop, name):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = "localhost:%d" % closed.getsockname()[1]
    text = _refused(caravan, shop, name, address)
    assert text == f"action: connection refused by {address}"


def test_a_name_that_does_not_resolve_was_never_called(caravan, shop, name):
    text = _refused(caravan, shop, name, "nobody.invalid:9000", attempt_timeout=seconds(5))
    assert text == "action: the name nobody.invalid does not resolve"


def test_a_host_that_takes_no_connections_was_never_called(caravan, shop, name):
    # Its queue is full: what comes now is dropped without a word.
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = "127.0.0.1:%d" % full.getsockname()[1]
        waiting = []
        try:
            for _ in range(3):
                waiting.append(socket.socket())
                waiting[-1].setblocking(False)
                waiting[-1].connect_ex(full.getsockname())
            text = _refused(caravan, shop, name, address)
        finally:
            for client in waiting:
                client.close()
    assert text == f"action: no connection to {address} within 300 ms"


def test_a_participant_that_comes_back_is_called_again(caravan, name):
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    retry = quick(attempts_max=100, first_delay=seconds(0.05), delay_max=seconds(0.2))
    pending = caravan.Execute.future(pb.ExecuteRequest(id=name, branches=[
        web_saga("late", f"http://127.0.0.1:{port}", retry=retry)]), timeout=60)

    def failed_once():
        try:
            return caravan.Get(pb.GetRequest(id=name), timeout=30).transaction.branches[0].error
        except grpc.RpcError:
            return ""
    eventually(failed_once)
    with WebParticipant(port=port):
        assert pending.result().transaction.state == tx.STATE_COMMITTED


def _ended(caravan, shop, name, speak):
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
    return whole


@pytest.mark.parametrize(
    "speak", faulty_web.UNKNOWN + faulty_web.NO_STATUS, ids=lambda speak: speak.__name__)
def test_a_participant_that_speaks_wrongly_is_undone(coordinator, caravan, shop, name, speak):
    whole = _ended(caravan, shop, name, speak)
    assert whole.branches[0].phase_one == tx.PHASE_ONE_UNKNOWN
    assert shop.story().count("bad/compensation") == 1


@pytest.mark.parametrize("speak", faulty_web.EITHER, ids=lambda speak: speak.__name__)
def test_a_participant_that_is_none_is_undone_if_it_may_have_been_called(
        coordinator, caravan, shop, name, speak):
    whole = _ended(caravan, shop, name, speak)
    undone = shop.story().count("bad/compensation")
    assert (whole.branches[0].phase_one, undone) in [
        (tx.PHASE_ONE_UNKNOWN, 1), (tx.PHASE_ONE_UNTOUCHED, 0)]


@pytest.mark.parametrize("speak", faulty_web.DONE, ids=lambda speak: speak.__name__)
def test_a_participant_that_speaks_strangely_is_understood(
        coordinator, caravan, shop, name, speak):
    with faulty.Faulty(speak) as strange:
        for number in range(3):
            done = caravan.Execute(pb.ExecuteRequest(id=f"{name}/{number}", branches=[
                web_saga("a", f"http://{strange.address}", retry=quick())]), timeout=30).transaction
            assert done.state == tx.STATE_COMMITTED
            assert done.branches[0].reply == b"done"


def _text(speak, words):
    return pytest.param(speak, words, id=speak)


@pytest.mark.parametrize("speak, words", [
    _text("closes_before_its_reply", "{} closed the connection before it answered"),
    _text("resets_before_its_reply", "connection reset by {}"),
    _text("never_answers", "no answer from {} within 300 ms"),
    _text("closes_in_its_body", "{} closed the connection in the middle of its reply"),
    _text("stops_in_its_body", "the reply of {} did not end within 300 ms"),
    _text("switches_protocols", "101 Switching Protocols"),
    _text("status_099_with_a_body", "what {} answered is not HTTP: its status is 099"),
])
def test_what_went_wrong_is_said_in_words(caravan, shop, name, speak, words):
    speak, = [fault for fault in faulty_web.UNKNOWN + faulty_web.NO_STATUS
              if fault.__name__ == speak]
    with faulty.Faulty(speak) as wrong:
        failed = failure(caravan.Execute, pb.ExecuteRequest(
            id=name, branches=[_undone_elsewhere(wrong.address, shop)]))
        assert failed.summary.reason.text == "action: " + words.format(wrong.address)
