"""The coordinator over HTTP and JSON: the same transactions, the same answers as over gRPC."""

import base64
import contextlib
import json
import random
import signal
import socket
import threading

import grpc
import pytest
from caravan.v1 import coordinator_pb2 as pb
from caravan.v1 import transaction_pb2 as tx
from google.protobuf import json_format
from google.rpc import error_details_pb2
from support.coordinator import STOP_SECONDS, Coordinator
from support.http import Caller, path
from support.participant import Refusal
from support.requests import eventually, failure, quick, saga, tcc


@pytest.fixture
def http(coordinator):
    caller = Caller(coordinator.http)
    yield caller
    caller.close()


def as_json(branch):
    return json_format.MessageToDict(branch)


def test_begin_register_commit_get(http, caravan, shop, name):
    begun = http.post("/v1/transactions:begin", {"id": name, "timeout": "20.5s"})
    assert (begun.status, begun.json["id"]) == (200, name)
    assert begun.json["deadline"].endswith("Z")
    branches = [as_json(tcc("a", shop.address)), as_json(saga("b", shop.address, level=1))]
    registered = http.post(path(name, "register"), {"branches": branches})
    assert (registered.status, registered.json) == (200, {"branchCount": 2})
    committed = http.post(path(name, "commit"))
    assert committed.status == 200
    assert committed.json["transaction"]["state"] == "STATE_COMMITTED"
    got = http.get(path(name)).json["transaction"]
    assert [branch["phaseOne"] for branch in got["branches"]] == ["PHASE_ONE_DONE"] * 2
    assert json_format.ParseDict(got, tx.Transaction()) == caravan.Get(
        pb.GetRequest(id=name), timeout=30).transaction
    assert [call.action for call in shop.calls] == ["try", "action", "confirm"]


def test_execute_and_start_with_original_names_and_numbers(http, shop, name):
    branch = {
        "id": "a", "mode": 1, "level": "3", "also_done": None,
    }
    del branch["also_done"]
    target = {"grpc": {"address": shop.address, "method": "/shop.Stock/Try"},
              "payload": base64.urlsafe_b64encode(b"\xfb\xff").decode().rstrip("=")}
    branch.update({"phase_one": target, "confirm": target, "undo": target})
    done = http.post("/v1/transactions:execute", {"id": name, "branches": [branch]})
    assert done.json["transaction"]["state"] == "STATE_COMMITTED"
    assert shop.calls[0].payload == b"\xfb\xff"
    http.post("/v1/transactions:begin", {"id": name + ".2"})
    assert http.post(path(name + ".2", "start")).json["transaction"]["state"] == "STATE_PREPARED"
    rolled = http.post(path(name + ".2", "rollback"), {"reason": "no more"})
    assert rolled.json["transaction"]["reason"] == {"cause": "REQUESTED", "text": "no more"}


def test_a_rollback_is_409_with_its_summary(http, shop, name):
    shop.on("b", "action", Refusal(grpc.StatusCode.ABORTED, "sold out"))
    answer = http.post("/v1/transactions:execute", {"id": name, "branches": [
        as_json(tcc("a", shop.address)), as_json(saga("b", shop.address, level=1))]})
    assert answer.status == 409
    assert answer.json["code"] == grpc.StatusCode.ABORTED.value[0]
    assert answer.detail("ErrorInfo")["reason"] == "ROLLED_BACK"
    summary = answer.detail("RollbackSummary")
    assert (summary["state"], summary["reason"]["branch"]) == ("STATE_ROLLED_BACK", "b")
    again = http.post(path(name, "commit"))
    assert (again.status, again.detail("ErrorInfo")["reason"]) == (409, "ROLLED_BACK")


@pytest.mark.parametrize("method, verb, request_of, status", [
    ("Get", "", lambda name: pb.GetRequest(id=name), 404),
    ("Commit", "commit", lambda name: pb.CommitRequest(id=name), 404),
    ("Get", "", lambda name: pb.GetRequest(id=name + "!"), 400),
    ("Register", "register", lambda name: pb.RegisterRequest(id=name), 400),
    ("Execute", ":execute", lambda name: pb.ExecuteRequest(
        id=name, branches=[saga("a", "192.0.2.1:1"), saga("a", "nowhere")]), 400),
    ("Execute", ":execute", lambda name: pb.ExecuteRequest(
        id=name, branches=[saga("a", "192.0.2.1:1")]), 403),
])
def test_an_error_says_what_it_says_over_grpc(http, caravan, name, method, verb, request_of, status):
    request = request_of(name)
    expected = failure(getattr(caravan, method), request)
    body = json_format.MessageToDict(request)
    if verb.startswith(":"):
        answer = http.post("/v1/transactions" + verb, body)
    elif verb:
        answer = http.post(path(request.id, verb), body)
    else:
        answer = http.get(path(request.id))
    assert answer.status == status
    assert answer.json["code"] == expected.code.value[0]
    assert answer.json["message"] == expected.message
    for detail, kind in (("ErrorInfo", error_details_pb2.ErrorInfo),
                         ("BadRequest", error_details_pb2.BadRequest)):
        found = answer.detail(detail)
        theirs = expected.info if detail == "ErrorInfo" else expected.bad_request
        if found is not None:
            found.pop("@type")
            found = json_format.ParseDict(found, kind())
        assert found == theirs


def test_an_unknown_field_is_named(http, name):
    answer = http.post("/v1/transactions:execute", {
        "id": name, "branches": [{"undo": {"htttp": {}}}]})
    assert answer.status == 400
    assert answer.detail("BadRequest")["fieldViolations"][0]["field"] == "branches[0].undo.htttp"
    assert "branches[0].undo.htttp" in answer.json["message"]


@pytest.mark.parametrize("ending", ["/a/b", ":1", ":watch", ":commit", "/x:commit", ".", "-_"])
def test_every_id_fits_into_a_path(http, name, ending):
    id = name + ending
    assert http.post("/v1/transactions:begin", {"id": id}).json["id"] == id
    assert http.get(path(id)).json["transaction"]["id"] == id
    # Where it does not end in a verb, a colon may stand as it is.
    if ending == ":1":
        assert http.get("/v1/transactions/" + id).json["transaction"]["id"] == id
        assert http.post("/v1/transactions/" + id + ":commit").status == 200
    assert http.post(path(id, "commit")).json["transaction"]["state"] == "STATE_COMMITTED"


def test_list_takes_its_filter_from_the_query(http, name):
    for number in range(3):
        http.post("/v1/transactions:begin", {"id": f"{name}/{number}"})
    http.post(path(f"{name}/2", "commit"))
    query = f"/v1/transactions?idPrefix={name}&states=STATE_ACTIVE&states=2&page_size=1"
    first = http.get(query).json
    second = http.get(query + "&pageToken=" + first["nextPageToken"]).json
    assert [first["transactions"][0]["id"], second["transactions"][0]["id"]] == [
        f"{name}/1", f"{name}/0"]
    created = first["transactions"][0]["createdAt"]
    later = http.get(f"/v1/transactions?idPrefix={name}&createdFrom={created}").json
    assert [found["id"] for found in later["transactions"]] == [f"{name}/2", f"{name}/1"]


def test_a_watch_through_a_rollback(http, coordinator, shop, name):
    shop.on("b", "action", Refusal(grpc.StatusCode.ABORTED, "sold out"))
    http.post("/v1/transactions:begin", {"id": name})
    watcher = Caller(coordinator.http)
    events = watcher.events(path(name, "watch"))
    assert next(events)[1]["transaction"]["state"] == "STATE_ACTIVE"
    http.post(path(name, "register"), {"branches": [
        as_json(tcc("a", shop.address)), as_json(saga("b", shop.address, level=1))]})
    assert http.post(path(name, "commit")).status == 409
    rest = list(events)
    assert {event for event, _ in rest} == {"transaction"}
    assert rest[-1][1]["transaction"]["state"] == "STATE_ROLLED_BACK"
    watcher.close()


def test_a_caller_who_hangs_up_ends_its_wait_and_nothing_else(http, coordinator, shop, name):
    release = threading.Event()
    shop.on("a", "action", lambda *_: release.wait(30) and b"done")
    impatient = Caller(coordinator.http)
    impatient.connection.request(
        "POST", "/v1/transactions:execute",
        json.dumps({"id": name, "branches": [as_json(saga("a", shop.address))]}),
        {"Content-Type": "application/json"})
    eventually(lambda: shop.calls)
    impatient.connection.sock.close()
    impatient.close()
    release.set()
    eventually(lambda: http.get(path(name)).json["transaction"]["state"] == "STATE_COMMITTED")


def test_a_time_that_is_up_ends_the_wait(http, shop, name):
    release = threading.Event()
    shop.on("a", "action", lambda *_: release.wait(30) and b"done")
    answer = http.post(
        "/v1/transactions:execute", {"id": name, "branches": [as_json(saga("a", shop.address))]},
        **{"Request-Timeout": "0.3"})
    assert (answer.status, answer.json["code"]) == (504, 4)
    release.set()
    eventually(lambda: http.get(path(name)).json["transaction"]["state"] == "STATE_COMMITTED")


def test_a_stop_ends_watches_with_an_event_and_lets_calls_end(database, shop, name):
    release = threading.Event()
    shop.on("a", "action", lambda *_: release.wait(30) and b"done")
    with Coordinator.start(database) as running:
        watched, executing = Caller(running.http), Caller(running.http)
        watched.post("/v1/transactions:begin", {"id": name + ".w"})
        events = watched.events(path(name + ".w", "watch"))
        next(events)
        executing.connection.request(
            "POST", "/v1/transactions:execute",
            json.dumps({"id": name, "branches": [as_json(saga("a", shop.address))]}),
            {"Content-Type": "application/json"})
        eventually(lambda: shop.calls)
        running.process.send_signal(signal.SIGTERM)
        event, error = list(events)[-1]
        assert (event, error["code"]) == ("error", grpc.StatusCode.UNAVAILABLE.value[0])
        release.set()
        response = executing.connection.getresponse()
        assert json.loads(response.read())["transaction"]["state"] == "STATE_COMMITTED"
        assert running.process.wait(STOP_SECONDS) == 0
        running.stopped = True


def test_http_is_off_where_nothing_is_to_be_listened_on(database):
    with Coordinator.start(database, http="") as running:
        assert running.http is None


STRANGE = [
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 50,
    b"POST /v1/transactions:begin HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /v1/transactions:begin HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /v1/transactions:begin HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n{",
    b"POST /v1/transactions:begin HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
    b"POST /v1/transactions:begin HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    b"POST /nothing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"HEAD /v1/transactions/a HTTP/1.1\r\nHost: a\r\n\r\nGET /v1/transactions/a:watch HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /v1/transactions/a HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nxyz",
    b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nxyz", b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", b"GET /?%ff HTTP/1.1\r\nHost: a\r\nOrigin: \xff\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"\r\n\r\n\r\n",
]


def test_strange_bytes_end_nothing_but_their_own_connection(coordinator, http):
    """Whole, cut, and changed, each on a connection of its own that hangs up in one of three ways."""
    choose = random.Random(20260131)
    sent = list(STRANGE)
    for _ in range(400):
        text = bytearray(choose.choice(STRANGE))
        for _ in range(choose.randrange(4)):
            text[choose.randrange(len(text))] = choose.randrange(256)
        sent.append(bytes(text[:choose.randrange(len(text) + 1)]) if choose.random() < 0.5 else bytes(text))
    for text in sent:
        with socket.create_connection((http.address.hostname, http.address.port), 10) as stranger:
            with contextlib.suppress(OSError):
                stranger.sendall(text)
                if choose.random() < 0.5:
                    stranger.shutdown(socket.SHUT_WR)
                if choose.random() < 0.5:
                    stranger.settimeout(0.05)
                    stranger.recv(65_536)
    assert http.get("/").status == 200
    assert coordinator.process.poll() is None
