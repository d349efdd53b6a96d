"""TCC and Saga, gRPC and HTTP, all four in one transaction and on two levels: how it ends, and what each participant sees."""

import itertools
import re
import socket
import threading

import grpc
import pytest
from caravan.v1 import coordinator_pb2 as pb
from caravan.v1 import transaction_pb2 as tx
from support import faulty, faulty_web
from support.participant import Answer, Participant, Refusal, Stage, WebParticipant
from support.requests import (eventually, failure, quick, saga, seconds, tcc, web_call, web_saga,
                              web_tcc)

Code = grpc.StatusCode
PHASE_ONE = {"tcc": "try", "saga": "action"}
UNDO = {"tcc": "cancel", "saga": "compensation"}
KINDS = ["tcc-grpc", "saga-grpc", "tcc-http", "saga-http"]
BRANCHES = [f"{level}-{kind}" for level in (1, 2) for kind in KINDS]
ABOVE = [branch for branch in BRANCHES if branch.startswith("2")]


class Both(Stage):
    """One story of two participants, over gRPC and over HTTP."""

    def __enter__(self):
        self.grpc = Participant(shared=self).__enter__()
        self.web = WebParticipant(shared=self).__enter__()
        return self

    def __exit__(self, *_):
        self.web.__exit__()
        self.grpc.__exit__()

    def branch(self, name, **more):
        level, mode, protocol = name.split("-")
        make = {"tcc-grpc": tcc, "saga-grpc": saga, "tcc-http": web_tcc, "saga-http": web_saga}
        address = self.web.url if protocol == "http" else self.grpc.address
        more.setdefault("retry", quick())
        return make[f"{mode}-{protocol}"](
            name, address, level=int(level), payload=name.encode(), **more)

    def branches(self, **special):
        """All eight; what is `special` of one stands under its name."""
        return [self.branch(name, **special.get(name, {})) for name in BRANCHES]


@pytest.fixture
def both():
    with Both() as serving:
        yield serving


def mode(branch):
    return branch.split("-")[1]


def phase_one(branch):
    return PHASE_ONE[mode(branch)]


def undo(branch):
    return UNDO[mode(branch)]


def _places(story, branches, action):
    return [story.index(f"{branch}/{action(branch)}") for branch in branches]


def _check_levels(story, below, above):
    """Phase one of a level begins when all below it is done."""
    assert max(_places(story, below, phase_one)) < min(_places(story, above, phase_one))


def _check_undone(both, expected, in_doubt=()):
    """Exactly these are undone, once each; compensations from the highest level down."""
    story = both.story()
    undone = [entry for entry in story if entry.split("/")[1] in UNDO.values()]
    assert sorted(undone) == sorted(f"{branch}/{undo(branch)}" for branch in expected)
    compensated = [int(entry[0]) for entry in undone if entry.endswith("compensation")]
    assert compensated == sorted(compensated, reverse=True)
    for branch in expected:
        call, = both.received(branch, undo(branch))
        known = "unknown" if branch in in_doubt else "done"
        assert call.metadata["caravan-phase-one"] == known, branch
    assert not any(entry.endswith("/confirm") for entry in story)


def _check_headers(both, name):
    calls = both.received()
    assert {call.transaction for call in calls} == {name}
    assert len({call.metadata["traceparent"].split("-")[1] for call in calls}) == 1
    assert len({call.metadata["caravan-fence"] for call in calls}) == 1
    numbers = {}
    for call in calls:
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", call.metadata["traceparent"])
        assert call.payload in (call.branch.encode(), b"")
        numbers.setdefault((call.branch, call.action), []).append(call.attempt)
        if call.branch.endswith("http") and hasattr(call, "path"):
            assert call.path == f"/{call.action}"
            assert call.metadata["idempotency-key"] == f"{name}/{call.branch}/{call.action}"
            assert "grpc-timeout" not in call.metadata
        elif call.branch.endswith("grpc"):
            assert call.method == f"/shop.Stock/{call.action.capitalize()}"
            assert "idempotency-key" not in call.metadata
            assert call.time_remaining > 0
    for attempts in numbers.values():
        assert attempts == list(range(1, len(attempts) + 1))


def _rolled_back(caravan, request, cause, culprit):
    failed = failure(caravan.Execute, request, timeout=60)
    assert failed.code == Code.ABORTED
    assert failed.summary.state == tx.STATE_ROLLED_BACK
    assert failed.summary.reason.cause == cause
    assert failed.summary.reason.branch == culprit
    return failed


def test_all_commit(caravan, both, name):
    for branch in BRANCHES:
        both.on(branch, phase_one(branch), f"reply of {branch}".encode())
    done = caravan.Execute(
        pb.ExecuteRequest(id=name, branches=both.branches()), timeout=30).transaction
    assert done.state == tx.STATE_COMMITTED
    assert [branch.reply.decode() for branch in done.branches] == [
        f"reply of {branch}" for branch in BRANCHES]
    story = both.story()
    _check_levels(story, BRANCHES[:4], ABOVE)
    reserved = [branch for branch in BRANCHES if mode(branch) == "tcc"]
    assert sorted(story[8:]) == sorted(f"{branch}/confirm" for branch in reserved)
    _check_headers(both, name)


def test_one_by_one_they_begin_register_start_and_commit(caravan, both, name):
    caravan.Begin(pb.BeginRequest(id=name), timeout=30)
    for branch in both.branches():
        caravan.Register(pb.RegisterRequest(id=name, branches=[branch]), timeout=30)
    prepared = caravan.Start(pb.StartRequest(id=name), timeout=30).transaction
    assert prepared.state == tx.STATE_PREPARED
    _check_levels(both.story(), BRANCHES[:4], ABOVE)
    assert len(both.story()) == 8
    done = caravan.Commit(pb.CommitRequest(id=name), timeout=30).transaction
    assert done.state == tx.STATE_COMMITTED
    assert len(both.story()) == 12


def test_a_rollback_that_is_asked_for_undoes_all(caravan, both, name):
    caravan.Begin(pb.BeginRequest(id=name), timeout=30)
    caravan.Register(pb.RegisterRequest(id=name, branches=both.branches()), timeout=30)
    caravan.Start(pb.StartRequest(id=name), timeout=30)
    caravan.Rollback(pb.RollbackRequest(id=name), timeout=30)
    _check_undone(both, BRANCHES)
    _check_headers(both, name)


@pytest.mark.parametrize("culprit", ABOVE)
def test_a_refusal_on_level_2_undoes_all_others(caravan, both, name, culprit):
    is_web = culprit.endswith("http")
    both.on(culprit, phase_one(culprit),
            Answer(409, b"no") if is_web else Refusal(Code.FAILED_PRECONDITION, "no"))
    failed = _rolled_back(caravan, pb.ExecuteRequest(id=name, branches=both.branches()),
                          tx.RollbackReason.REFUSED, culprit)
    assert ("409 Conflict: no" if is_web else "FAILED_PRECONDITION: no"
            ) in failed.summary.reason.text
    _check_levels(both.story(), BRANCHES[:4], ABOVE)
    _check_undone(both, [branch for branch in BRANCHES if branch != culprit])
    _check_headers(both, name)


@pytest.mark.parametrize("culprit", BRANCHES[:4])
def test_after_a_refusal_on_level_1_no_higher_level_starts(caravan, both, name, culprit):
    both.on(culprit, phase_one(culprit),
            Answer(404) if culprit.endswith("http") else Refusal(Code.NOT_FOUND))
    _rolled_back(caravan, pb.ExecuteRequest(id=name, branches=both.branches()),
                 tx.RollbackReason.REFUSED, culprit)
    assert not any(entry.startswith("2") for entry in both.story())
    _check_undone(both, [branch for branch in BRANCHES[:4] if branch != culprit])


@pytest.mark.parametrize("culprit", ABOVE)
def test_an_unknown_outcome_on_level_2_undoes_all(caravan, both, name, culprit):
    both.on(culprit, phase_one(culprit),
            Answer(500) if culprit.endswith("http") else Refusal(Code.INTERNAL))
    _rolled_back(caravan, pb.ExecuteRequest(id=name, branches=both.branches()),
                 tx.RollbackReason.EXHAUSTED, culprit)
    assert len(both.received(culprit, phase_one(culprit))) == 2
    _check_undone(both, BRANCHES, in_doubt=[culprit])
    _check_headers(both, name)


@pytest.mark.parametrize("culprit", ABOVE)
def test_a_refusal_after_an_unknown_outcome_is_undone(caravan, both, name, culprit):
    both.on(culprit, phase_one(culprit), *(
        [Answer(502), Answer(409)] if culprit.endswith("http")
        else [Refusal(Code.UNKNOWN), Refusal(Code.ABORTED)]))
    _rolled_back(caravan, pb.ExecuteRequest(id=name, branches=both.branches()),
                 tx.RollbackReason.EXHAUSTED, culprit)
    _check_undone(both, BRANCHES, in_doubt=[culprit])


@pytest.mark.parametrize("culprit", ABOVE)
def test_at_the_deadline_an_undo_waits_for_the_call_it_undoes(caravan, both, name, culprit):
    answers = threading.Event()

    def slow(*_):
        assert answers.wait(30)
        return b""
    both.on(culprit, phase_one(culprit), slow)
    patient = {culprit: {"retry": quick(attempt_timeout=seconds(20))}}
    try:
        pending = caravan.Execute.future(pb.ExecuteRequest(
            id=name, timeout=seconds(1), branches=both.branches(**patient)), timeout=60)
        both.wait_for(culprit, phase_one(culprit))
        cancelled = [branch for branch in BRANCHES if mode(branch) == "tcc" and branch != culprit]
        for branch in cancelled:
            both.wait_for(branch, "cancel")
        assert caravan.Get(
            pb.GetRequest(id=name), timeout=30).transaction.state == tx.STATE_ROLLING_BACK
        assert both.received(culprit, undo(culprit)) == []
    finally:
        answers.set()
    assert pending.code() == Code.ABORTED
    whole = caravan.Get(pb.GetRequest(id=name), timeout=30).transaction
    assert whole.reason.cause == tx.RollbackReason.DEADLINE
    _check_undone(both, BRANCHES)


@pytest.mark.parametrize("culprit", ABOVE)
def test_phase_two_is_repeated_until_each_has_heard_it(caravan, both, name, culprit):
    is_web = culprit.endswith("http")
    busy = [Answer(503), Answer(404), Answer(302)] if is_web else [
        Refusal(Code.UNAVAILABLE), Refusal(Code.NOT_FOUND), Refusal(Code.CANCELLED)]
    other = next(branch for branch in ABOVE if branch != culprit)
    both.on(culprit, undo(culprit), *busy, b"")
    both.on(other, phase_one(other),
            Answer(400) if other.endswith("http") else Refusal(Code.INVALID_ARGUMENT))
    _rolled_back(caravan, pb.ExecuteRequest(id=name, branches=both.branches()),
                 tx.RollbackReason.REFUSED, other)
    story = both.story()
    assert story.count(f"{culprit}/{undo(culprit)}") == 4
    if mode(culprit) == "saga":
        # Level 1 waits until level 2 is undone.
        last = max(place for place, entry in enumerate(story)
                   if entry == f"{culprit}/compensation")
        assert last < min(_places(story, [
            branch for branch in BRANCHES[:4] if mode(branch) == "saga"], undo))


# Every fault of a participant over HTTP, among participants that are well.

def _answers_with(status):
    def speak(connection):
        faulty_web.read_request(connection)
        connection.sendall(b"HTTP/1.1 %d x\r\nContent-Length: 0\r\n\r\n" % status)
        connection.recv(1)
    speak.__name__ = f"says_{status}"
    return speak


FAULTS = faulty_web.UNKNOWN + faulty_web.EITHER + [
    _answers_with(status) for status in (300, 307, 408, 425, 429, 500, 503, 599)]


def _expects_undo(caravan, both, name, culprit):
    whole = caravan.Get(pb.GetRequest(id=name), timeout=30).transaction
    state, = [branch.phase_one for branch in whole.branches if branch.id == culprit]
    assert state in (tx.PHASE_ONE_UNKNOWN, tx.PHASE_ONE_UNTOUCHED)
    in_doubt = [culprit] if state == tx.PHASE_ONE_UNKNOWN else []
    _check_undone(both, [branch for branch in BRANCHES if branch != culprit] + in_doubt, in_doubt)
    return in_doubt


@pytest.mark.parametrize("speak", FAULTS, ids=lambda speak: speak.__name__)
@pytest.mark.parametrize("culprit", ["2-tcc-http", "2-saga-http"])
def test_a_fault_in_phase_one_undoes_what_may_have_happened(
        caravan, both, name, culprit, speak):
    branches = both.branches(**{culprit: {"retry": quick(
        attempts_max=1, attempt_timeout=seconds(0.3))}})
    broken, = [branch for branch in branches if branch.id == culprit]
    with faulty.Faulty(speak) as wrong:
        broken.phase_one.CopyFrom(web_call(f"http://{wrong.address}", "x"))
        _rolled_back(caravan, pb.ExecuteRequest(id=name, branches=branches),
                     tx.RollbackReason.EXHAUSTED, culprit)
    in_doubt = _expects_undo(caravan, both, name, culprit)
    assert in_doubt or speak in faulty_web.EITHER


@pytest.mark.parametrize("host", ["127.0.0.1", "nobody.invalid"])
@pytest.mark.parametrize("culprit", ["2-tcc-http", "2-saga-http"])
def test_a_participant_that_is_not_reached_is_not_undone(caravan, both, name, culprit, host):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    branches = both.branches()
    broken, = [branch for branch in branches if branch.id == culprit]
    broken.phase_one.CopyFrom(web_call(f"http://{host}:{port}", "x"))
    _rolled_back(caravan, pb.ExecuteRequest(id=name, branches=branches),
                 tx.RollbackReason.EXHAUSTED, culprit)
    assert _expects_undo(caravan, both, name, culprit) == []


def _wrong_once(speak):
    """Speaks wrongly to its first caller, and well to all others."""
    first = itertools.count()

    def either(connection):
        if next(first) == 0:
            return speak(connection)
        while True:
            faulty_web.read_request(connection)
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
    return either


@pytest.mark.parametrize("speak", FAULTS, ids=lambda speak: speak.__name__)
@pytest.mark.parametrize("action", ["confirm", "cancel", "compensation"])
def test_a_fault_in_phase_two_is_repeated_until_it_is_done(caravan, both, name, action, speak):
    culprit = "1-saga-http" if action == "compensation" else "1-tcc-http"
    branches = both.branches(**{culprit: {"retry": quick(attempt_timeout=seconds(0.3))}})
    broken, = [branch for branch in branches if branch.id == culprit]
    with faulty.Faulty(_wrong_once(speak)) as wrong:
        part = broken.confirm if action == "confirm" else broken.undo
        part.CopyFrom(web_call(f"http://{wrong.address}", action))
        if action == "confirm":
            done = caravan.Execute(pb.ExecuteRequest(id=name, branches=branches), timeout=60)
            assert done.transaction.state == tx.STATE_COMMITTED
        else:
            both.on("2-tcc-grpc", "try", Refusal(Code.ABORTED))
            _rolled_back(caravan, pb.ExecuteRequest(id=name, branches=branches),
                         tx.RollbackReason.REFUSED, "2-tcc-grpc")
        assert wrong.accepted >= 2


def test_a_coordinator_that_is_killed_brings_mixed_branches_to_their_end(database, both, name):
    """What it had asked for before its end is unknown to its successor, whatever the protocol."""
    from caravan.v1 import coordinator_pb2_grpc
    from support.coordinator import Coordinator
    hangs = threading.Event()

    def slow(*_):
        hangs.wait(30)
        return b""
    for branch in ABOVE:
        both.on(branch, phase_one(branch), slow, b"")
    try:
        with Coordinator.start(database, "--lease", "1s") as first:
            with grpc.insecure_channel(first.address) as channel:
                coordinator_pb2_grpc.CoordinatorStub(channel).Execute(pb.ExecuteRequest(
                    id=name, branches=both.branches(), wait=pb.WAIT_NONE), timeout=30)
                for branch in ABOVE:
                    both.wait_for(branch, phase_one(branch))
            first.process.kill()
            first.process.wait()
            first.stopped = True
    finally:
        hangs.set()
    with Coordinator.start(database, "--lease", "1s") as second:
        with grpc.insecure_channel(second.address) as channel:
            stub = coordinator_pb2_grpc.CoordinatorStub(channel)
            eventually(lambda: stub.Get(
                pb.GetRequest(id=name), timeout=30).transaction.state == tx.STATE_COMMITTED)
    for branch in BRANCHES:
        assert len(both.received(branch, phase_one(branch))) == 2
        assert len(both.received(branch, "confirm")) == (1 if mode(branch) == "tcc" else 0)
    assert len({call.metadata["caravan-fence"] for call in both.received()}) == 2
