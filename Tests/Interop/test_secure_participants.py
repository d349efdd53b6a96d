"""Participants over https: who is trusted, HTTP/2, and what its resets mean."""

import socket
import subprocess

import grpc
import pytest
from caravan.v1 import coordinator_pb2 as pb
from caravan.v1 import coordinator_pb2_grpc
from caravan.v1 import transaction_pb2 as tx
from h2.errors import ErrorCodes
from harness.coordinator import binary, environment
from support import faulty
from support.coordinator import Coordinator
from support.participant import Answer, WebParticipant
from support.requests import failure, quick, saga, seconds, web_saga, web_tcc
from support.secure_web import Authority, SecureParticipant


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def trusting(database, authority):
    """A coordinator that trusts the authority."""
    with Coordinator.start(database, "--participants-ca-file", authority.path) as running:
        with grpc.insecure_channel(running.address) as channel:
            yield coordinator_pb2_grpc.CoordinatorStub(channel)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_that_offers_http2_is_called_over_it(trusting, authority, name, host):
    with SecureParticipant(authority.context()) as secure:
        url = secure.url.replace("127.0.0.1", host)
        secure.on("a", "try", b"reserved")
        for number in range(3):
            done = trusting.Execute(pb.ExecuteRequest(id=f"{name}/{number}", branches=[
                web_tcc("a", url, payload=bytes(range(256)) * 1_000)]), timeout=30).transaction
            assert done.state == tx.STATE_COMMITTED
            assert done.branches[0].reply == b"reserved"
        assert set(secure.protocols) == {"h2"}
        assert secure.story() == ["a/try", "a/confirm"] * 3
        call = secure.received()[0]
        assert call.payload == bytes(range(256)) * 1_000
        expected = {
            ":method": "POST", ":scheme": "https", ":path": "/try",
            ":authority": secure.address.replace("127.0.0.1", host),
            "caravan-transaction": f"{name}/0", "idempotency-key": f"{name}%2F0/a/try",
            "content-type": "application/octet-stream"}
        assert {key: call.metadata.get(key) for key in expected} == expected
        assert len({key for key, _ in call.headers}) == len(call.headers)
        assert not {"connection", "transfer-encoding", "host"} & set(call.metadata)


def test_many_calls_share_one_http2_connection(trusting, authority, name):
    with SecureParticipant(authority.context()) as secure:
        pending = [trusting.Execute.future(pb.ExecuteRequest(
            id=f"{name}/{number}", branches=[web_saga("a", secure.url)]), timeout=30)
            for number in range(50)]
        assert {call.result().transaction.state for call in pending} == {tx.STATE_COMMITTED}
        # At most one for each event loop of the coordinator.
        assert len(secure.protocols) <= 8


def test_a_server_without_http2_is_called_over_http1(trusting, authority, name):
    for protocols in [("http/1.1",), ()]:
        with WebParticipant(context=authority.context(protocols=protocols)) as plain:
            done = trusting.Execute(pb.ExecuteRequest(
                id=f"{name}/{len(protocols)}", branches=[web_tcc("a", plain.url)]), timeout=30)
            assert done.transaction.state == tx.STATE_COMMITTED
            assert plain.story() == ["a/try", "a/confirm"]


def test_statuses_and_retry_after_mean_the_same_over_http2(trusting, authority, name):
    with SecureParticipant(authority.context()) as secure:
        secure.on("a", "action", Answer(503, b"closed", retry_after="1"), Answer(204))
        secure.on("b", "action", Answer(409, b"taken", content_type="text/plain"))
        failed = failure(trusting.Execute, pb.ExecuteRequest(id=name, branches=[
            web_saga("a", secure.url, retry=quick()), web_saga("b", secure.url, level=1)]))
        assert failed.summary.reason.text == "action: 409 Conflict: taken"
        assert secure.story() == ["a/action", "a/action", "b/action", "a/compensation"]


# What was not sent.

def _branch(url, shop, **policy):
    """A branch whose action is called over HTTP and undone over gRPC, at another address."""
    branch = web_saga("bad", url, retry=quick(**{"attempt_timeout": seconds(2), **policy}))
    branch.undo.CopyFrom(saga("bad", shop.address).undo)
    return branch


def _ended(stub, shop, name, url, **policy):
    """How a transaction with a branch at the URL ended: its phase one, and the words."""
    failed = failure(stub.Execute, pb.ExecuteRequest(
        id=name, branches=[_branch(url, shop, **policy)]), timeout=60)
    assert failed.code == grpc.StatusCode.ABORTED
    assert failed.summary.reason.cause == tx.RollbackReason.EXHAUSTED
    phase_one = failed.summary.failed_branches[0].phase_one
    assert shop.story() == (
        ["bad/compensation"] if phase_one == tx.PHASE_ONE_UNKNOWN else [])
    return phase_one, failed.summary.reason.text


def test_a_certificate_of_another_authority_is_not_trusted(
        trusting, tmp_path, shop, name):
    with SecureParticipant(Authority(tmp_path).context()) as stranger:
        phase_one, text = _ended(trusting, shop, name, stranger.url)
        assert phase_one == tx.PHASE_ONE_UNTOUCHED
        assert stranger.received() == []
        assert text == (
            f"action: TLS handshake with {stranger.address} failed: its certificate is not signed "
            "by an authority that is trusted here, or not valid now")


def test_the_systems_authorities_hold_where_none_are_named(caravan, authority, shop, name):
    with SecureParticipant(authority.context()) as stranger:
        phase_one, text = _ended(caravan, shop, name, stranger.url)
        assert phase_one == tx.PHASE_ONE_UNTOUCHED
        assert "certificate is not signed" in text


def test_a_certificate_for_another_name_is_not_trusted(trusting, authority, shop, name):
    with SecureParticipant(authority.context("shop.example.com")) as stranger:
        for number, host in enumerate(["localhost", "127.0.0.1"]):
            url = stranger.url.replace("127.0.0.1", host)
            phase_one, text = _ended(trusting, shop, f"{name}/{number}", url)
            assert phase_one == tx.PHASE_ONE_UNTOUCHED
            assert text.endswith("failed: its certificate is for another name")


def _alert(connection):
    connection.recv(65_536)
    connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28")
    connection.close()


@pytest.mark.parametrize("speak, words", [
    (faulty.closes_at_once, ""), (faulty.silent, "no connection to"), (faulty.garbage, "TLS"),
    (faulty.http1, "TLS"), (_alert, "TLS")], ids=lambda value: getattr(value, "__name__", ""))
def test_what_fails_before_tls_stands_was_never_sent(trusting, shop, name, speak, words):
    with faulty.Faulty(speak) as wrong:
        phase_one, text = _ended(
            trusting, shop, name, f"https://{wrong.address}", attempt_timeout=seconds(0.5))
    assert phase_one == tx.PHASE_ONE_UNTOUCHED
    assert words in text


def test_http_to_a_tls_server_may_have_been_sent(trusting, authority, shop, name):
    with SecureParticipant(authority.context()) as secure:
        phase_one, _ = _ended(trusting, shop, name, f"http://{secure.address}")
        assert phase_one == tx.PHASE_ONE_UNKNOWN


# HTTP/2's own ways to fail.

def refuses_the_stream(secure, session, stream):
    session.reset_stream(stream, ErrorCodes.REFUSED_STREAM)


def goes_away_without_processing(secure, session, stream):
    session.close_connection(ErrorCodes.NO_ERROR, last_stream_id=0)


def goes_away_without_processing_and_closes(secure, session, stream):
    goes_away_without_processing(secure, session, stream)
    secure.sendall(session.data_to_send())
    secure.close()


def resets_the_stream(secure, session, stream):
    session.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)


def cancels_the_stream(secure, session, stream):
    session.reset_stream(stream, ErrorCodes.CANCEL)


def refuses_the_stream_after_it_answered(secure, session, stream):
    session.send_headers(stream, [(":status", "200")])
    session.reset_stream(stream, ErrorCodes.REFUSED_STREAM)


def goes_away_having_processed_and_closes(secure, session, stream):
    session.close_connection(ErrorCodes.NO_ERROR, last_stream_id=stream)
    secure.sendall(session.data_to_send())
    secure.close()


def closes(secure, session, stream):
    secure.close()


def resets_the_connection(secure, session, stream):
    faulty.reset(secure)


def closes_in_its_body(secure, session, stream):
    session.send_headers(stream, [(":status", "200"), ("content-length", "100")])
    session.send_data(stream, b"half")
    secure.sendall(session.data_to_send())
    secure.close()


def ends_before_its_length(secure, session, stream):
    session.send_headers(stream, [(":status", "200")])
    session.send_data(stream, b"half")


def says_nothing(secure, session, stream):
    pass


def sends_garbage(secure, session, stream):
    secure.sendall(b"\xff" * 1_000)


@pytest.mark.parametrize("behaviour", [
    refuses_the_stream, goes_away_without_processing, goes_away_without_processing_and_closes,
], ids=lambda value: value.__name__)
def test_a_stream_that_was_not_processed_was_not_sent(
        trusting, authority, shop, name, behaviour):
    with SecureParticipant(authority.context()) as secure:
        secure.on("bad", "action", behaviour)
        phase_one, text = _ended(trusting, shop, name, secure.url)
        assert text == f"action: {secure.address} refused the stream unprocessed"
        assert phase_one == tx.PHASE_ONE_UNTOUCHED
        assert len(secure.received("bad", "action")) == 2


@pytest.mark.parametrize("behaviour", [
    resets_the_stream, cancels_the_stream, refuses_the_stream_after_it_answered,
    goes_away_having_processed_and_closes, closes, resets_the_connection, closes_in_its_body,
    ends_before_its_length, says_nothing, sends_garbage,
], ids=lambda value: value.__name__)
def test_any_other_failure_of_a_stream_is_unknown(trusting, authority, shop, name, behaviour):
    with SecureParticipant(authority.context()) as secure:
        secure.on("bad", "action", behaviour)
        phase_one, _ = _ended(trusting, shop, name, secure.url, attempt_timeout=seconds(0.5))
        assert phase_one == tx.PHASE_ONE_UNKNOWN


def _frames(*frames):
    """Answers a request with frames that the library does not write."""
    def answer(secure, session, stream):
        secure.sendall(b"".join(
            faulty.frame(kind, flags, stream, payload) for kind, flags, payload in frames))
    return answer


def _status(value, flags=0):
    return faulty.HEADERS, faulty.END_HEADERS | flags, faulty.literal(":status", value)


_BODY = faulty.DATA, faulty.END_STREAM, b"x"


@pytest.mark.parametrize("frames", [
    pytest.param(frames, id=f"{value or 'empty'}_{what}")
    for value in ("", "000", "099", "101", "1", "-1", "+200", "0200", "1000", "70000", "9" * 30)
    for what, frames in {
        "ends": [_status(value, faulty.END_STREAM)],
        "with_a_body": [_status(value), _BODY],
        "and_an_answer": [_status(value), _status("200", faulty.END_STREAM)],
    }.items()] + [
    pytest.param([_status("103", faulty.END_STREAM)], id="hints_and_ends"),
])
def test_a_reply_without_a_status_is_unknown(trusting, authority, shop, name, frames):
    with SecureParticipant(authority.context()) as secure:
        secure.on("bad", "action", _frames(*frames))
        phase_one, text = _ended(trusting, shop, name, secure.url, attempt_timeout=seconds(0.3))
        assert phase_one == tx.PHASE_ONE_UNKNOWN
        assert text.startswith(f"action: what {secure.address} answered is not HTTP: it")


def test_a_reply_without_a_status_takes_no_other_call_with_it(trusting, authority, name):
    with SecureParticipant(authority.context()) as secure:
        secure.on("a", "action", _frames(_status("099", faulty.END_STREAM)), b"done")
        done = trusting.Execute(pb.ExecuteRequest(
            id=name, branches=[web_saga("a", secure.url, retry=quick())]), timeout=30).transaction
        assert done.branches[0].reply == b"done"
        assert len({call.connection for call in secure.received()}) == 1


# Longer than what goes out before a server says that it reads.
_LONG = b"p" * 300_000


def _answers_early(status, then):
    def answer(secure, session, stream):
        session.send_headers(stream, [(":status", status)])
        session.send_data(stream, b"early", end_stream=True)
        secure.sendall(session.data_to_send())
        then(secure, session, stream)
    return answer


def _no_more(secure, session, stream):
    """As servers in Go do where a handler has not read the body (RFC 9113, section 8.1)."""
    session.reset_stream(stream, ErrorCodes.NO_ERROR)


@pytest.mark.parametrize("then", [_no_more, resets_the_stream, says_nothing, closes],
                         ids=lambda value: value.__name__)
def test_a_reply_before_the_end_of_its_request_is_a_reply(trusting, authority, name, then):
    with SecureParticipant(authority.context(), early=True) as hasty:
        hasty.on("a", "action", _answers_early("200", then))
        hasty.on("b", "action", _answers_early("409", then))
        done = trusting.Execute(pb.ExecuteRequest(id=name, branches=[
            web_saga("a", hasty.url, payload=_LONG, retry=quick())]), timeout=30).transaction
        assert done.state == tx.STATE_COMMITTED
        assert done.branches[0].reply == b"early"
        failed = failure(trusting.Execute, pb.ExecuteRequest(id=name + ".b", branches=[
            web_saga("b", hasty.url, payload=_LONG, retry=quick())]))
        assert failed.summary.reason.text == "action: 409 Conflict: early"


def test_early_replies_use_up_no_streams(trusting, authority, name):
    with SecureParticipant(authority.context(), streams_max=2, early=True) as hasty:
        hasty.on("a", "action", _answers_early("200", says_nothing))
        for number in range(10):
            done = trusting.Execute(pb.ExecuteRequest(id=f"{name}/{number}", branches=[
                web_saga("a", hasty.url, payload=_LONG, retry=quick(attempts_max=1))]), timeout=30)
            assert done.transaction.state == tx.STATE_COMMITTED


def test_a_server_that_takes_no_streams_was_never_called(trusting, authority, shop, name):
    with SecureParticipant(authority.context(), streams_max=0) as full:
        phase_one, text = _ended(trusting, shop, name, full.url, attempt_timeout=seconds(0.5))
        assert phase_one == tx.PHASE_ONE_UNTOUCHED
        assert full.received() == []
        assert "within 500 ms" in text


def test_a_server_that_takes_one_stream_at_a_time_gets_them_one_by_one(
        trusting, authority, name):
    with SecureParticipant(authority.context(), streams_max=1) as narrow:
        pending = [trusting.Execute.future(pb.ExecuteRequest(
            id=f"{name}/{number}", branches=[web_saga("a", narrow.url, retry=quick())]), timeout=30)
            for number in range(20)]
        assert {call.result().transaction.state for call in pending} == {tx.STATE_COMMITTED}


def hints_first(secure, session, stream):
    session.send_headers(stream, [(":status", "103"), ("link", "</x>")])
    session.send_headers(stream, [(":status", "200")])
    session.send_data(stream, b"done", end_stream=True)


def adds_trailers(secure, session, stream):
    session.send_headers(stream, [(":status", "200")])
    session.send_data(stream, b"done")
    session.send_headers(stream, [("x-checksum", "1")], end_stream=True)


@pytest.mark.parametrize("behaviour", [hints_first, adds_trailers], ids=lambda value: value.__name__)
def test_what_http2_allows_is_understood(trusting, authority, name, behaviour):
    with SecureParticipant(authority.context()) as secure:
        secure.on("a", "action", behaviour)
        done = trusting.Execute(pb.ExecuteRequest(
            id=name, branches=[web_saga("a", secure.url)]), timeout=30).transaction
        assert done.state == tx.STATE_COMMITTED
        assert done.branches[0].reply == b"done"


def test_a_server_that_goes_away_between_calls_is_connected_to_again(
        trusting, authority, name):
    def farewell(secure, session, stream):
        session.send_headers(stream, [(":status", "200")], end_stream=True)
        session.close_connection(ErrorCodes.NO_ERROR, last_stream_id=stream)
    with SecureParticipant(authority.context()) as secure:
        secure.on("a", "action", farewell)
        for number in range(5):
            done = trusting.Execute(pb.ExecuteRequest(
                id=f"{name}/{number}",
                branches=[web_saga("a", secure.url, retry=quick())]), timeout=30)
            assert done.transaction.state == tx.STATE_COMMITTED
        assert len(secure.protocols) >= 2


# The setting.

@pytest.mark.parametrize("content", [None, b"", b"no certificate\n"], ids=[
    "missing", "empty", "nonsense"])
def test_a_file_of_authorities_that_holds_none_is_a_mistake_at_the_start(
        database, tmp_path, content):
    path = tmp_path / "authorities.pem"
    if content is not None:
        path.write_bytes(content)
    ended = subprocess.run(
        [binary(), "serve", "--database", database, "--participants-ca-file", path],
        env=environment(), capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"caravan: --participants-ca-file: {path} ")
