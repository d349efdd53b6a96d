"""The stand-in for grpcurl, which runs the commands that Caravan prints."""

import json
import pathlib
import subprocess
import sys

import pytest

GRPCURL = pathlib.Path(__file__).resolve().parent / "grpcurl"


@pytest.fixture
def grpcurl(coordinator):
    def run(*arguments, stdin=None):
        flags = [word for word in arguments[:-1]]
        return subprocess.run(
            [sys.executable, str(GRPCURL), "-plaintext", *flags, coordinator.address,
             *arguments[-1].split()],
            input=stdin, capture_output=True, text=True, timeout=60)
    return run


def test_list_names_services_and_methods(grpcurl):
    assert grpcurl("list").stdout.split() == [
        "caravan.v1.Coordinator", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection", "proto.EasyCar"]
    methods = grpcurl("list caravan.v1.Coordinator").stdout.split()
    assert "caravan.v1.Coordinator.Execute" in methods and len(methods) == 9


def test_describe_shows_services_messages_and_enums(grpcurl):
    service = grpcurl("describe caravan.v1.Coordinator").stdout
    assert "caravan.v1.Coordinator is a service:" in service
    assert ("rpc Watch ( .caravan.v1.WatchRequest ) returns ( stream .caravan.v1.WatchResponse );"
            in service)
    call = grpcurl("describe caravan.v1.Call").stdout
    assert "map<string, string> metadata = 3;" in call and "oneof target {" in call
    assert "WAIT_DECISION = 1;" in grpcurl("describe caravan.v1.Wait").stdout
    assert grpcurl("describe").returncode == 0


def test_calls_speak_json(grpcurl, shop, name):
    branch = {"id": "a", "mode": "BRANCH_MODE_SAGA"}
    for part, method in (("phaseOne", "Action"), ("undo", "Compensation")):
        branch[part] = {"grpc": {"address": shop.address, "method": f"/shop.Stock/{method}"},
                        "payload": "AP8="}
    request = json.dumps({"id": name, "branches": [branch]})
    done = grpcurl("-d", request, "caravan.v1.Coordinator/Execute")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["transaction"]["state"] == "STATE_COMMITTED"
    assert shop.received("a", "action")[0].payload == b"\x00\xff"
    again = grpcurl("-d", "@", "-max-time", "30", "-H", "x-a: b", "caravan.v1.Coordinator.Get",
                    stdin=json.dumps({"id": name}))
    assert json.loads(again.stdout)["transaction"]["branches"][0]["id"] == "a"
    watched = grpcurl("-d", json.dumps({"id": name}), "caravan.v1.Coordinator/Watch")
    assert json.loads(watched.stdout)["transaction"]["id"] == name


def test_errors_show_code_message_and_details(grpcurl, name):
    missing = grpcurl("-d", json.dumps({"id": name}), "caravan.v1.Coordinator/Get")
    assert missing.returncode == 64 + 5
    assert "Code: NotFound" in missing.stderr and name in missing.stderr
    assert '"reason": "NOT_FOUND"' in missing.stderr
    invalid = grpcurl("-d", '{"branches": [{}]}', "caravan.v1.Coordinator/Execute")
    assert invalid.returncode == 64 + 3
    assert "branches[0].mode" in invalid.stderr


@pytest.mark.parametrize("arguments", [
    ("-bogus", "list"), ("-d", "list"), ("describe no.such.Thing",), ("list no.such.Service",),
    ("no.such.Service/Method",), ("caravan.v1.Coordinator/Nothing",),
])
def test_what_is_misspelt_is_a_usage_error(grpcurl, arguments):
    assert grpcurl(*arguments).returncode == 2


def test_json_that_does_not_fit_is_an_error(grpcurl):
    for text in ("{", '{"nosuch": 1}'):
        assert grpcurl("-d", text, "caravan.v1.Coordinator/Get").returncode == 1
