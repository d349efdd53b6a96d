"""An easycar client, unchanged, against Caravan."""

import threading
import time

import grpc
import pytest
from caravan.v1 import coordinator_pb2 as caravan_pb
from caravan.v1 import transaction_pb2 as tx
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase)
from support.coordinator import Coordinator
from support.easycar import GRPC, REST, Client, Failed, Group, RESTError, easycar_pb2_grpc, pb
from support.requests import eventually, failure, saga, tcc
from support.shop import Shop

Code = grpc.StatusCode


@pytest.fixture
def stock():
    with Shop() as serving:
        yield serving


@pytest.fixture
def easycar(channel):
    """A stub, for what no client of easycar's would send."""
    return easycar_pb2_grpc.EasyCarStub(channel)


@pytest.fixture(params=["grpc", "rest"])
def client(request, coordinator, channel):
    """A client of each kind."""
    return Client(GRPC(channel) if request.param == "grpc" else REST.of(coordinator))


def tcc_group(stock, protocol, name, **more):
    return Group.tcc(*(stock.uri(protocol, f"{name}-{part}")
                       for part in ("try", "confirm", "cancel")), **more)


def saga_group(stock, protocol, name, **more):
    return Group.saga(*(stock.uri(protocol, f"{name}-{part}")
                        for part in ("normal", "compensation")), **more)


def group(kind, stock, protocol, name, **more):
    return (tcc_group if kind == "tcc" else saga_group)(stock, protocol, name, **more)


def entry(uri="grpc://127.0.0.1:9/shop.Stock/Any", **more):
    fields = dict(uri=uri, tranType=pb.TCC, protocol="grpc", action=pb.TRY, level=1, timeout=3)
    fields.update(more)
    return pb.RegisterReq.Branch(**fields)


def states(answer):
    """The states of the entries, by action, in their order."""
    return [(pb.Action.Name(branch.action), pb.BranchState.Name(branch.state))
            for branch in answer.branches]


def _shape(file):
    """What is on the wire of a file: messages, enums and methods by name, with their numbers."""
    def message(described):
        return ({field.name: (field.number, field.type, field.label, field.type_name)
                 for field in described.field},
                {nested.name: message(nested) for nested in described.nested_type})
    return (file.package, {described.name: message(described) for described in file.message_type},
            {enum.name: [(value.name, value.number) for value in enum.value]
             for enum in file.enum_type},
            {service.name: [(method.name, method.input_type, method.output_type)
                            for method in service.method] for service in file.service})


def test_what_is_served_has_the_shape_of_easycar(channel):
    served = descriptor_pb2.FileDescriptorProto()
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    pool.FindServiceByName("proto.EasyCar").file.CopyToProto(served)
    expected = descriptor_pb2.FileDescriptorProto()
    pb.DESCRIPTOR.CopyToProto(expected)
    assert _shape(served) == _shape(expected)


# What its client does, in one go.

def test_tcc_and_saga_over_grpc_and_http_commit(client, stock):
    client.next_groups(
        tcc_group(stock, "grpc", "a"), saga_group(stock, "http", "b"))
    client.next_groups(saga_group(stock, "grpc", "c"))
    client.next_groups(tcc_group(stock, "http", "d"))
    client.run()
    names = stock.names()
    assert sorted(names[:2]) == ["a-try", "b-normal"]
    assert names[2:4] == ["c-normal", "d-try"]
    assert sorted(names[4:]) == ["a-confirm", "d-confirm"]
    assert client.state().state == pb.COMMITTED


@pytest.mark.parametrize("protocol", ["grpc", "http"])
@pytest.mark.parametrize("kind", ["tcc", "saga"])
def test_a_failure_on_level_two_of_three_takes_back_what_happened(client, stock, kind, protocol):
    first, undo = ("try", "cancel") if kind == "tcc" else ("normal", "compensation")
    client.next_groups(group(kind, stock, protocol, "one"))
    client.next_groups(
        group(kind, stock, protocol, "two"), group(kind, stock, protocol, "refusing"))
    client.next_groups(group(kind, stock, protocol, "three"))
    stock.refuse(f"refusing-{first}")
    with pytest.raises(Failed) as failed:
        client.run()
    assert failed.value.__cause__.code() == Code.ABORTED
    names = stock.names()
    assert names[0] == f"one-{first}"
    assert sorted(names[1:3]) == [f"refusing-{first}", f"two-{first}"]
    # What refused has nothing to take back, and level three was never tried.
    assert sorted(names[3:]) == [f"one-{undo}", f"two-{undo}"]
    state = client.state()
    assert state.state == pb.ROLLBACKED
    by_uri = {branch.uri.rsplit("/", 1)[-1]: branch for branch in state.branches}
    assert by_uri[f"one-{first}"].state == by_uri[f"one-{undo}"].state == pb.SUCCEED
    refusing = by_uri[f"refusing-{first}"]
    assert refusing.state == pb.FAILED
    assert ("FAILED_PRECONDITION" if protocol == "grpc" else "409") in refusing.lastErrMsg
    assert by_uri[f"refusing-{undo}"].state == pb.B_INIT
    assert by_uri[f"three-{first}"].state == by_uri[f"three-{undo}"].state == pb.B_INIT


@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_what_may_have_happened_on_level_two_is_taken_back_as_well(client, stock, protocol):
    client.next_groups(saga_group(stock, protocol, "one"))
    client.next_groups(tcc_group(stock, protocol, "two"))
    client.next_groups(saga_group(stock, protocol, "three"))
    stock.on("two-try", lambda: (Code.UNAVAILABLE, 503))
    with pytest.raises(Failed):
        client.run()
    names = stock.names()
    assert names[:4] == ["one-normal", "two-try", "two-try", "two-try"]
    assert sorted(names[4:]) == ["one-compensation", "two-cancel"]
    assert stock.received("two-cancel")[0].metadata["caravan-phase-one"] == "unknown"
    assert states(client.state())[2:5] == [
        ("TRY", "FAILED"), ("CONFIRM", "B_INIT"), ("CANCEL", "SUCCEED")]


def test_a_participant_that_fails_for_a_moment_is_asked_again(client, stock):
    answers = iter([(Code.UNAVAILABLE, 503), None])
    stock.on("a-try", lambda: next(answers))
    client.next_groups(tcc_group(stock, "grpc", "a")).run()
    assert stock.names() == ["a-try", "a-try", "a-confirm"]


# What participants see.

@pytest.mark.parametrize("protocol", ["grpc", "http"])
def test_participants_see_the_data_as_it_is_and_the_metadata_of_easycar(client, stock, protocol):
    data = "\n\x05hello\x10\x01 \u00e9\u4e2d\x00 ${branch.a.reply.json:/id}"
    client.next_groups(tcc_group(
        stock, protocol, "a", data=data, header='{"X-Tenant": "blue", "token": "t-1"}'))
    g_id = client.run()
    branch_id, = {branch.branchId for branch in client.state().branches}
    assert stock.names() == ["a-try", "a-confirm"]
    for call in stock.calls:
        assert call.protocol == protocol
        assert call.payload == data.encode()
        assert call.metadata["x-tenant"] == "blue"
        assert call.metadata["token"] == "t-1"
        assert call.metadata["easycargid"] == g_id
        assert call.metadata["easycarbranchid"] == branch_id
        assert call.metadata["caravan-transaction"] == g_id
        assert call.metadata["caravan-branch"] == branch_id
    assert [call.metadata["caravan-action"] for call in stock.calls] == ["try", "confirm"]


def test_an_http_participant_gets_the_content_type_of_the_header(client, stock):
    client.next_groups(saga_group(
        stock, "http", "a", data="{}", header='{"Content-Type": "application/json"}')).run()
    assert stock.calls[0].metadata["content-type"] == "application/json"


def test_a_call_without_scheme_is_grpc(client, stock):
    client.next_groups(Group.tcc(*(
        f"{stock.grpc_address}/shop.Stock/{name}" for name in ("try", "confirm", "cancel"))))
    client.run()
    assert stock.names() == ["try", "confirm"]
    assert client.state().branches[0].uri == f"grpc://{stock.grpc_address}/shop.Stock/try"


def test_the_timeout_is_that_of_an_attempt(client, stock):
    client.next_groups(tcc_group(stock, "grpc", "two", timeout=2),
                       tcc_group(stock, "grpc", "default", timeout=0)).run()
    two, = stock.received("two-try")
    default, = stock.received("default-try")
    assert two.time_remaining <= 2
    assert 2 < default.time_remaining <= 10


@pytest.mark.parametrize("header", ["", "null", "{}", " \n", '{"easycargid": "of another"}'])
def test_a_header_may_be_nothing(client, stock, header):
    client.next_groups(tcc_group(stock, "grpc", "a", header=header))
    g_id = client.run()
    assert {call.metadata["easycargid"] for call in stock.calls} == {g_id}
    assert {branch.reqHeader for branch in client.state().branches} == {""}


@pytest.mark.parametrize("header, reason", [
    ("{", "is no JSON"), ("{]", "is no JSON"), ("token: t", "is no JSON"), ("[]", "no object"),
    ("7", "no object"), ('{"a": 7}', "'a' is no string"), ('{"a": {"b": "c"}}', "no string"),
    ('{"A": "1", "a": "2"}', "twice"), ("[" * 100_000, "bytes"), ("[" * 10_000, "is no JSON"),
])
def test_a_malformed_header_is_refused_and_nothing_dies(easycar, client, stock, header, reason):
    client.begin().next_groups(tcc_group(stock, "grpc", "a", header=header))
    failed = failure(
        easycar.Register, pb.RegisterReq(gId=client.g_id, branches=client.entries()))
    assert failed.code == Code.INVALID_ARGUMENT
    assert failed.fields == [f"branches[{index}].reqHeader" for index in range(3)]
    assert reason in failed.bad_request.field_violations[0].description
    assert client.state().state == pb.INIT


@pytest.mark.parametrize("name", ["x y", "caravan-fence", "grpc-timeout", ":path", "\u00e9"])
def test_a_header_that_cannot_be_sent_is_refused_with_its_name(easycar, client, stock, name):
    client.begin().next_groups(saga_group(stock, "grpc", "a", header='{"%s": "v"}' % name))
    failed = failure(
        easycar.Register, pb.RegisterReq(gId=client.g_id, branches=client.entries()))
    assert failed.fields == [f"branches[{index}].reqHeader['{name}']" for index in range(2)]


# Register.

def test_a_repeated_register_doubles_nothing(client, stock):
    client.next_groups(tcc_group(stock, "grpc", "a"), tcc_group(stock, "grpc", "a"))
    client.begin().register().register()
    before = client.state()
    assert len(before.branches) == 6
    assert len({branch.branchId for branch in before.branches}) == 2
    client.start()
    client.register()
    client.commit()
    client.register()
    assert sorted(stock.names()) == ["a-confirm"] * 2 + ["a-try"] * 2
    assert [branch.branchId for branch in client.state().branches] == [
        branch.branchId for branch in before.branches]


def test_equal_branches_of_two_transactions_have_ids_of_their_own(channel, stock):
    clients = [Client(GRPC(channel)).next_groups(tcc_group(stock, "grpc", "a")) for _ in range(2)]
    for client in clients:
        client.run()
    assert len({call.metadata["easycarbranchid"] for call in stock.calls}) == 2


def test_a_new_branch_after_start_is_refused(easycar, client, stock):
    client.next_groups(tcc_group(stock, "grpc", "a")).begin().register().start()
    client.next_groups(tcc_group(stock, "grpc", "b"))
    failed = failure(
        easycar.Register, pb.RegisterReq(gId=client.g_id, branches=client.entries()))
    assert failed.code == Code.FAILED_PRECONDITION
    assert "PREPARED" in failed.message
    client.rollback()


def test_an_incomplete_branch_is_refused_with_what_is_missing(easycar, client):
    client.begin()
    failed = failure(easycar.Register, pb.RegisterReq(gId=client.g_id, branches=[
        entry(), entry(action=pb.CONFIRM),
        entry(action=pb.NORMAL, tranType=pb.SAGE),
        entry()]))
    assert failed.code == Code.INVALID_ARGUMENT
    told = {violation.field: violation.description
            for violation in failed.bad_request.field_violations}
    assert set(told) == {f"branches[{index}].action" for index in (0, 2, 3)}
    assert "without CANCEL" in told["branches[0].action"]
    assert "without COMPENSATION" in told["branches[2].action"]
    assert "without CONFIRM and CANCEL" in told["branches[3].action"]


def test_all_that_is_wrong_is_told_at_once(easycar, client):
    client.begin()
    failed = failure(easycar.Register, pb.RegisterReq(gId=client.g_id, branches=[
        entry(action=pb.CANCEL),
        entry("http://127.0.0.1:9/x", level=0),
        entry("127.0.0.1:9", action=pb.CONFIRM, level=2),
        entry("x" * 300, action=pb.CANCEL, reqHeader="{", timeout=4, level=0),
        entry(action=9, tranType=7, protocol="smtp")]))
    assert sorted(failed.fields) == [
        "branches[0].action", "branches[1].level", "branches[1].uri", "branches[2].level",
        "branches[2].uri", "branches[3].reqHeader", "branches[3].timeout", "branches[3].uri",
        "branches[4].action", "branches[4].protocol", "branches[4].tranType"]


def test_only_permitted_participants_may_be_registered(easycar, client):
    client.begin()
    for uri, protocol in [("grpc://10.0.0.1:9/a.B/C", "grpc"), ("http://10.0.0.1/x", "http")]:
        failed = failure(easycar.Register, pb.RegisterReq(gId=client.g_id, branches=[
            entry(uri, protocol=protocol, action=pb.NORMAL, tranType=pb.SAGE),
            entry(uri, protocol=protocol, action=pb.COMPENSATION, tranType=pb.SAGE)]))
        assert failed.code == Code.PERMISSION_DENIED
        assert failed.info.metadata["field"] == "branches[0].uri"


@pytest.mark.parametrize("method, request_type", [
    ("Register", pb.RegisterReq), ("Start", pb.StartReq), ("Commit", pb.CommitReq),
    ("Rollback", pb.RollBckReq), ("GetState", pb.GetStateReq)])
def test_ids_have_one_to_fifty_characters_and_are_known(easycar, method, request_type):
    more = {}
    if method == "Register":
        more["branches"] = [entry(action=pb.NORMAL, tranType=pb.SAGE),
                            entry(action=pb.COMPENSATION, tranType=pb.SAGE)]
    call = getattr(easycar, method)
    for wrong in ("", "x" * 51, "a b", "a\0"):
        failed = failure(call, request_type(gId=wrong, **more))
        assert (failed.code, failed.fields) == (Code.INVALID_ARGUMENT, ["gId"])
    assert failure(call, request_type(gId="x" * 50, **more)).code == Code.NOT_FOUND


def test_errors_over_rest_are_those_of_grpc(coordinator):
    client = Client(REST.of(coordinator)).begin()
    with pytest.raises(RESTError) as refused:
        client.register()
    assert (refused.value.status, refused.value.code()) == (400, Code.INVALID_ARGUMENT)
    assert "branches: is empty" in refused.value.details()
    client.g_id = "no-such-id"
    with pytest.raises(RESTError) as unknown:
        client.state()
    assert (unknown.value.status, unknown.value.code()) == (404, Code.NOT_FOUND)


# Direction and states.

def test_the_direction_is_what_the_caller_asks_for(easycar, channel, stock):
    committed = Client(GRPC(channel)).next_groups(tcc_group(stock, "grpc", "a"))
    committed.run()
    failed = failure(easycar.Rollback, pb.RollBckReq(gId=committed.g_id))
    assert (failed.code, failed.info.metadata["state"]) == (Code.FAILED_PRECONDITION, "COMMITTED")
    committed.commit()
    back = Client(GRPC(channel)).next_groups(tcc_group(stock, "grpc", "b"))
    back.begin().register().start()
    back.rollback()
    failed = failure(easycar.Commit, pb.CommitReq(gId=back.g_id))
    assert (failed.code, failed.info.metadata["state"]) == (
        Code.FAILED_PRECONDITION, "ROLLED_BACK")
    back.rollback()
    assert stock.names() == ["a-try", "a-confirm", "b-try", "b-cancel"]


@pytest.fixture(scope="module")
def impatient(database):
    """A refusal in phase two is repeated at the longest delay: here that is short."""
    with Coordinator.start(database, "--phase-two-delay-max", "100ms") as running:
        with grpc.insecure_channel(running.address) as opened:
            yield opened


def test_states_are_told_in_the_numbers_of_easycar(impatient, stock):
    client = Client(GRPC(impatient))
    confirming = threading.Event()
    client.next_groups(tcc_group(
        stock, "grpc", "a", data="seven", header='{"b": "2", "A": "1/2"}')).begin().register()
    state = client.state()
    assert (state.gId, state.state, state.endTime) == (client.g_id, pb.INIT, 0)
    assert states(state) == [("TRY", "B_INIT"), ("CONFIRM", "B_INIT"), ("CANCEL", "B_INIT")]
    for branch, part in zip(state.branches, ("try", "confirm", "cancel"), strict=True):
        assert branch.uri == stock.uri("grpc", f"a-{part}")
        assert (branch.protocol, branch.tranType, branch.level) == ("grpc", pb.TCC, 1)
        assert (branch.reqData, branch.reqHeader) == ("seven", '{"a":"1/2","b":"2"}')
    client.start()
    assert client.state().state == pb.PHASE1_SUCCESS
    assert states(client.state())[0] == ("TRY", "SUCCEED")
    stock.on("a-confirm", lambda: None if confirming.is_set() else (Code.ABORTED, 409))
    committing = threading.Thread(target=client.commit)
    committing.start()
    state = eventually(lambda: (found := client.state()).state == pb.PHASE2_COMMIT_FAILED and found)
    assert states(state) == [("TRY", "SUCCEED"), ("CONFIRM", "RETRYING"), ("CANCEL", "B_INIT")]
    assert "ABORTED" in state.branches[1].lastErrMsg
    assert state.branches[0].lastErrMsg == ""
    confirming.set()
    committing.join(60)
    state = client.state()
    assert state.state == pb.COMMITTED
    assert abs(state.endTime - time.time()) < 60
    assert states(state) == [("TRY", "SUCCEED"), ("CONFIRM", "SUCCEED"), ("CANCEL", "B_INIT")]


def test_start_answers_before_the_rollback_ends_and_rollback_after_it(impatient, stock):
    client = Client(GRPC(impatient))
    mended = threading.Event()
    stock.on("a-cancel", lambda: None if mended.is_set() else (Code.ABORTED, 409))
    stock.refuse("b-normal")
    client.next_groups(tcc_group(stock, "grpc", "a"))
    client.next_groups(saga_group(stock, "grpc", "b")).begin().register()
    with pytest.raises(grpc.RpcError):
        client.start()
    eventually(lambda: client.state().state == pb.PHASE2_ROLLBACK_FAILED)
    rolling = threading.Thread(target=client.rollback)
    rolling.start()
    mended.set()
    rolling.join(60)
    assert not rolling.is_alive()
    state = client.state()
    assert state.state == pb.ROLLBACKED
    assert states(state) == [
        ("TRY", "SUCCEED"), ("CONFIRM", "B_INIT"), ("CANCEL", "SUCCEED"),
        ("NORMAL", "FAILED"), ("COMPENSATION", "B_INIT")]


def test_transactions_of_both_interfaces_are_the_same(caravan, client, easycar, stock, name):
    client.next_groups(tcc_group(stock, "grpc", "a")).begin().register()
    found = caravan.Get(caravan_pb.GetRequest(id=client.g_id), timeout=30).transaction
    assert (found.state, found.branch_count) == (tx.STATE_ACTIVE, 1)
    caravan.Register(caravan_pb.RegisterRequest(
        id=client.g_id, branches=[saga("own", stock.grpc_address, level=2)]), timeout=30)
    client.start()
    caravan.Commit(caravan_pb.CommitRequest(id=client.g_id), timeout=30)
    client.commit()
    assert [(branch.branchId, pb.Action.Name(branch.action))
            for branch in client.state().branches[3:]] == [
                ("own", "NORMAL"), ("own", "COMPENSATION")]

    name = name[:50]
    caravan.Begin(caravan_pb.BeginRequest(id=name), timeout=30)
    caravan.Register(caravan_pb.RegisterRequest(
        id=name, branches=[tcc("mine", stock.grpc_address, payload=b"\xff\x00")]), timeout=30)
    easycar.Commit(pb.CommitReq(gId=name), timeout=30)
    state = easycar.GetState(pb.GetStateReq(gId=name), timeout=30)
    assert state.state == pb.COMMITTED
    assert [branch.reqData for branch in state.branches] == ["\ufffd\x00"] * 3


# A coordinator of its own: settings.

@pytest.fixture(scope="module")
def automatic(database):
    with Coordinator.start(database, "--easycar-automatic-phase-two") as running:
        with grpc.insecure_channel(running.address) as opened:
            yield opened


def test_an_automatic_phase_two_commits_within_start(automatic, stock):
    client = Client(GRPC(automatic)).next_groups(tcc_group(stock, "grpc", "a"))
    client.begin().register().start()
    assert client.state().state == pb.COMMITTED
    assert stock.names() == ["a-try", "a-confirm"]
    client.commit()
    client.start()
    assert stock.names() == ["a-try", "a-confirm"]
    with pytest.raises(grpc.RpcError) as refused:
        client.rollback()
    assert refused.value.code() == Code.FAILED_PRECONDITION


def test_an_automatic_phase_two_rolls_back_within_start(automatic, stock):
    stock.refuse("b-normal")
    client = Client(GRPC(automatic)).next_groups(tcc_group(stock, "grpc", "a"))
    client.next_groups(saga_group(stock, "grpc", "b"))
    with pytest.raises(Failed) as failed:
        client.run()
    assert failed.value.__cause__.code() == Code.ABORTED
    assert client.state().state == pb.ROLLBACKED
    assert stock.names() == ["a-try", "b-normal", "a-cancel"]
    with pytest.raises(grpc.RpcError) as refused:
        client.commit()
    assert refused.value.code() == Code.ABORTED


def test_an_abandoned_transaction_rolls_back_at_its_deadline(database, stock):
    with Coordinator.start(database, "--deadline", "1s") as running:
        with grpc.insecure_channel(running.address) as opened:
            client = Client(GRPC(opened)).next_groups(tcc_group(stock, "grpc", "a"))
            client.begin().register().start()
            eventually(lambda: client.state().state == pb.ROLLBACKED)
    assert stock.names() == ["a-try", "a-cancel"]
