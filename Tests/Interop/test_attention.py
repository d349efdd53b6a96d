"""Webhooks that tell operators of a transaction that needs attention."""

import contextlib
import http.server
import json
import socket
import threading

import grpc
import pytest
from caravan.v1 import coordinator_pb2 as pb
from caravan.v1 import coordinator_pb2_grpc
from caravan.v1 import transaction_pb2 as tx
from support import faulty, faulty_web
from support.coordinator import Coordinator
from support.participant import Refusal
from support.requests import eventually, quick, tcc

LOCKED = Refusal(grpc.StatusCode.FAILED_PRECONDITION, "locked")
SECRET = "s3cr3t-token"


class Receiver:
    """An HTTP server that keeps what it is sent; `answers` are the statuses it gives, the last stays.

    None hangs up instead.
    """

    def __init__(self, *answers, body=b"{}", port=0):
        self.requests = []
        self._answers = list(answers) or [200]
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["content-length"])
                receiver.requests.append(
                    (self.path, self.headers["content-type"], json.loads(self.rfile.read(length))))
                answers = receiver._answers
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                if answer is None:
                    self.close_connection = True
                    return
                self.send_response(answer)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def of(self, transaction):
        return [body for _, _, body in self.requests if transaction in json.dumps(body)]


@pytest.fixture
def told(database):
    """Starts a coordinator with webhooks; its stub and itself."""
    with contextlib.ExitStack() as stack:
        def start(*webhooks):
            running = stack.enter_context(
                Coordinator.start(database, "--attention-webhooks", ",".join(webhooks)))
            channel = stack.enter_context(grpc.insecure_channel(running.address))
            return coordinator_pb2_grpc.CoordinatorStub(channel), running
        yield start


def _raise(stub, shop, name, branch="stock"):
    """A transaction whose confirm is refused, until the event that is returned is set."""
    mended = threading.Event()
    shop.on(branch, "confirm", lambda *_: b"" if mended.is_set() else LOCKED)
    waiting = stub.Execute.future(pb.ExecuteRequest(
        id=name, branches=[tcc(branch, shop.address, retry=quick())]), timeout=60)
    return waiting, mended


def test_each_service_gets_the_format_that_it_documents(told, shop, name):
    with Receiver() as receiver:
        url = receiver.url
        stub, running = told(
            f"generic:{url}/generic/{SECRET}", f"slack:{url}/slack/{SECRET}",
            f"lark:{url}/lark/{SECRET}", f"dingtalk:{url}/dingtalk?access_token={SECRET}",
            f"telegram:{url}/bot{SECRET}/sendMessage?chat_id=-42")
        waiting, mended = _raise(stub, shop, name)
        eventually(lambda: len(receiver.requests) == 5)
        mended.set()
        assert waiting.result().transaction.state == tx.STATE_COMMITTED
    assert {kind for _, kind, _ in receiver.requests} == {"application/json; charset=utf-8"}
    bodies = {path: body for path, _, body in receiver.requests}
    generic = bodies.pop(f"/generic/{SECRET}")
    assert generic.pop("since").endswith("Z") and generic.pop("node")
    reason = "branch stock refuses its phase two: confirm: FAILED_PRECONDITION: locked"
    assert generic == {
        "event": "needs_attention", "transaction": name, "state": "COMMITTING", "branch": "stock",
        "cause": "refused", "reason": reason}
    text = f"Caravan: transaction {name} (COMMITTING) needs attention: {reason}"
    assert bodies == {
        f"/slack/{SECRET}": {"text": text},
        f"/lark/{SECRET}": {"msg_type": "text", "content": {"text": text}},
        f"/dingtalk?access_token={SECRET}": {"msgtype": "text", "text": {"content": text}},
        f"/bot{SECRET}/sendMessage": {"chat_id": -42, "text": text}}
    assert SECRET not in "".join(running.log)


def test_a_transaction_is_told_of_once_though_it_needs_attention_twice(told, shop, name):
    with Receiver() as receiver:
        stub, _ = told(f"generic:{receiver.url}/")
        # Refused, done, and another branch: two flags, of which each counts once.
        first, second = threading.Event(), threading.Event()
        shop.on("a", "confirm", lambda *_: b"" if first.is_set() else LOCKED)
        shop.on("b", "confirm", lambda *_: b"" if second.is_set() else LOCKED)
        waiting = stub.Execute.future(pb.ExecuteRequest(id=name, branches=[
            tcc("a", shop.address, retry=quick()), tcc("b", shop.address, retry=quick())]),
            timeout=60)
        eventually(lambda: len(receiver.of(name)) == 1)
        # Its retries are refused again and again.
        shop.wait_for("a", "confirm", 2)
        shop.wait_for("b", "confirm", 2)
        first.set(), second.set()
        waiting.result()
        # Another one afterwards: whatever was to come of the first has come before it.
        after = name + "-after"
        waiting, mended = _raise(stub, shop, after)
        eventually(lambda: receiver.of(after))
        mended.set()
        waiting.result()
    told_of = [
        (body["branch"], body["cause"]) for body in receiver.of(name)
        if body["transaction"] == name]
    assert len(told_of) == len(set(told_of))


def test_a_webhook_that_fails_for_a_moment_is_told_again(told, shop, name):
    with Receiver(503, 429, 200) as receiver:
        stub, _ = told(f"generic:{receiver.url}/")
        waiting, mended = _raise(stub, shop, name)
        eventually(lambda: len(receiver.of(name)) == 3)
        mended.set()
        waiting.result()


def test_a_webhook_that_nobody_serves_yet_is_told_again(told, shop, name):
    """By its address: names and addresses fail in different ways below."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        stub, running = told(f"generic:http://127.0.0.1:{port}/")
        waiting, mended = _raise(stub, shop, name)
        eventually(lambda: f"connection refused by 127.0.0.1:{port}" in "".join(running.log))
    with Receiver(200, port=port) as receiver:
        eventually(lambda: receiver.of(name))
        mended.set()
        waiting.result()


def test_a_webhook_that_hangs_up_may_have_been_told_and_is_not_told_again(told, shop, name):
    with Receiver(None, 200) as receiver:
        stub, _ = told(f"generic:{receiver.url}/")
        for each in (name, name + "-after"):
            waiting, mended = _raise(stub, shop, each)
            # One after the other: whatever was to come of the first has come before the second.
            eventually(lambda: [body for body in receiver.of(each) if body["transaction"] == each])
            mended.set()
            waiting.result()
    assert [body["transaction"] for body in receiver.of(name)] == [name, name + "-after"]


def test_a_webhook_that_answers_without_a_status_harms_nobody(told, shop, name):
    def speak(connection):
        while True:
            faulty_web.read_request(connection)
            connection.sendall(b"HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\nok")
    with faulty.Faulty(speak) as odd:
        stub, running = told(f"generic:http://{odd.address}/")
        waiting, mended = _raise(stub, shop, name)
        line = eventually(lambda: [
            line for line in running.log if "a webhook was not told" in line])[0]
        assert "its status is 099" in line
        mended.set()
        assert waiting.result().transaction.state == tx.STATE_COMMITTED


def test_a_dead_webhook_harms_nobody(told, shop, name):
    with Receiver(200) as alive, Receiver(404) as refusing:
        dead = Receiver()
        dead._server.server_close()
        stub, running = told(
            f"slack:{dead.url}/{SECRET}", f"lark:{refusing.url}/{SECRET}", f"generic:{alive.url}/")
        ids = [f"{name}-{number}" for number in range(20)]
        started = [_raise(stub, shop, each, branch=each) for each in ids]
        eventually(lambda: len({body["transaction"] for _, _, body in alive.requests}) == len(ids))
        for waiting, mended in started:
            mended.set()
        for waiting, _ in started:
            assert waiting.result().transaction.state == tx.STATE_COMMITTED
        # 404 is final: one attempt for each.
        eventually(lambda: len(refusing.requests) == len(ids))
        eventually(lambda: any("a webhook was not told" in line for line in running.log))
    assert SECRET not in "".join(running.log)


def test_a_webhook_that_is_none_is_refused_without_showing_it(database, tmp_path):
    import subprocess

    from harness.coordinator import binary, environment
    done = subprocess.run(
        [binary(), "serve", "--database", database, "--attention-webhooks", f"slak:http://{SECRET}"],
        env=environment(), capture_output=True, text=True)
    assert done.returncode == 2
    assert "--attention-webhooks: the value is not accepted; write format:url" in done.stderr
    assert SECRET not in done.stderr
