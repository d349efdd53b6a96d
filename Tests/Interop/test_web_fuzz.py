"""Whatever participants answer over HTTP, the coordinator stays, and every transaction ends."""

import os

import grpc
import pytest
from caravan.v1 import coordinator_pb2 as pb
from caravan.v1 import coordinator_pb2_grpc
from caravan.v1 import transaction_pb2 as tx
from support.coordinator import Coordinator
from support.requests import quick, seconds
from support.secure_web import Authority
from support.web_fuzz import FINE, Fuzzed

# How many answers of each protocol, and the number of the first: more of them, or a few to see again.
CASES = int(os.environ.get("WEB_FUZZ_CASES", 600))
FIRST = int(os.environ.get("WEB_FUZZ_FIRST", 1))
BRANCHES = 20
AT_ONCE = 4


def _branch(url, number):
    def call(path):
        # Some bodies are longer than what goes out at once.
        return tx.Call(http=tx.HttpTarget(url=url + path),
                       payload=b"p" * [0, 0, 10, 300_000][number % 4] if path != FINE else b"")
    return tx.Branch(
        id=str(number), mode=tx.BRANCH_MODE_SAGA, phase_one=call(f"/{number}"), undo=call(FINE),
        # Answers that never end take this long. An undo that finds its connection broken waits for
        # longer and longer: all of them at once would keep a slow build from reading their answers.
        retry=quick(attempts_max=1, attempt_timeout=seconds(0.3), delay_max=seconds(5)))


@pytest.mark.parametrize("protocol, first, cases", [
    pytest.param("http1", FIRST, CASES, id="http1"),
    pytest.param("http2", FIRST, CASES, id="http2"),
    # One of them answered while its request was half written, and another broke the connection.
    pytest.param("http2", 310_940, 120, id="early"),
])
def test_no_answer_of_a_participant_ends_the_coordinator(
        database, tmp_path, name, protocol, first, cases):
    authority = Authority(tmp_path)
    flags = ["--participants-ca-file", authority.path, "--participants-circuit-failures", "1000000",
             "--participants-retry-budget", "1000000"]
    context = authority.context(protocols=["h2"]) if protocol == "http2" else None
    with Coordinator.start(database, *flags) as running, Fuzzed(context) as fuzzed, \
            grpc.insecure_channel(running.address) as channel:
        stub = coordinator_pb2_grpc.CoordinatorStub(channel)
        under_way = []

        def finish():
            numbers, pending = under_way.pop(0)
            assert pending.code() in (grpc.StatusCode.OK, grpc.StatusCode.ABORTED), (
                f"{pending.details()}: answers {numbers}, and {[them for them, _ in under_way]}")
        for start in range(first, first + cases, BRANCHES):
            numbers = range(start, min(start + BRANCHES, first + cases))
            under_way.append((numbers, stub.Execute.future(pb.ExecuteRequest(
                id=f"{name}/{start}", branches=[_branch(fuzzed.url, number) for number in numbers]),
                timeout=60)))
            if len(under_way) == AT_ONCE:
                finish()
        while under_way:
            finish()
