"""Every method of caravan.v1.Coordinator, as it is meant to be used."""

import grpc
import pytest
from caravan.v1 import coordinator_pb2 as pb
from caravan.v1 import transaction_pb2 as tx
from support.participant import Refusal
from support.requests import eventually, failure, must_succeed, quick, saga, seconds, tcc


def test_execute_commits_a_mixed_transaction_over_two_levels(caravan, shop, name):
    shop.on("stock", "try", b"reserved").on("account", "action", b"\x00\xff paid")
    answer = caravan.Execute(pb.ExecuteRequest(id=name, branches=[
        tcc("stock", shop.address), saga("account", shop.address, level=1)]), timeout=30)
    done = answer.transaction
    assert (done.id, done.state, done.branch_count) == (name, tx.STATE_COMMITTED, 2)
    assert [branch.reply for branch in done.branches] == [b"reserved", b"\x00\xff paid"]
    assert [branch.phase_one for branch in done.branches] == [tx.PHASE_ONE_DONE] * 2
    assert [branch.phase_two for branch in done.branches] == [
        tx.PHASE_TWO_DONE, tx.PHASE_TWO_NONE]
    assert done.created_at.seconds > 1_600_000_000
    assert done.ended_at.ToNanoseconds() >= done.created_at.ToNanoseconds()
    assert shop.story() == ["stock/try", "account/action", "stock/confirm"]


def test_execute_makes_an_id_where_there_is_none(caravan, shop):
    first = caravan.Execute(pb.ExecuteRequest(branches=[saga("a", shop.address)]), timeout=30)
    second = caravan.Execute(pb.ExecuteRequest(branches=[saga("a", shop.address)]), timeout=30)
    assert first.transaction.id != second.transaction.id
    assert first.transaction.id[14] == "7"
    assert len(shop.received("a", "action")) == 2


def test_execute_without_branches_is_committed(caravan, name):
    answer = caravan.Execute(pb.ExecuteRequest(id=name), timeout=30)
    assert answer.transaction.state == tx.STATE_COMMITTED


def test_a_repeated_execute_joins(caravan, shop, name):
    request = pb.ExecuteRequest(id=name, branches=[saga("a", shop.address)])
    first = caravan.Execute(request, timeout=30)
    again = caravan.Execute(request, timeout=30)
    assert again.transaction.state == first.transaction.state == tx.STATE_COMMITTED
    assert again.transaction == first.transaction
    assert len(shop.received()) == 1


def test_begin_register_commit(caravan, shop, name):
    begun = caravan.Begin(pb.BeginRequest(id=name, timeout=seconds(100)), timeout=30)
    assert begun.id == name
    stands = caravan.Get(pb.GetRequest(id=name), timeout=30).transaction
    assert stands.state == tx.STATE_ACTIVE
    assert stands.deadline == begun.deadline
    assert stands.deadline.ToMilliseconds() - stands.created_at.ToMilliseconds() == 100_000
    registered = caravan.Register(
        pb.RegisterRequest(id=name, branches=[tcc("a", shop.address)]), timeout=30)
    assert registered.branch_count == 1
    registered = caravan.Register(
        pb.RegisterRequest(id=name, branches=[
            saga("b", shop.address), saga("c", shop.address, level=1)]), timeout=30)
    assert registered.branch_count == 3
    stands = caravan.Get(pb.GetRequest(id=name), timeout=30).transaction
    assert [branch.id for branch in stands.branches] == ["a", "b", "c"]
    assert {branch.phase_one for branch in stands.branches} == {tx.PHASE_ONE_UNTOUCHED}
    assert shop.received() == []
    done = caravan.Commit(pb.CommitRequest(id=name), timeout=30).transaction
    assert done.state == tx.STATE_COMMITTED
    assert shop.story()[-1] == "a/confirm" and "c/action" in shop.story()
    again = caravan.Commit(pb.CommitRequest(id=name), timeout=30).transaction
    assert again.state == tx.STATE_COMMITTED


def test_begin_makes_an_id_where_there_is_none(caravan):
    begun = caravan.Begin(pb.BeginRequest(), timeout=30)
    stands = caravan.Get(pb.GetRequest(id=begun.id), timeout=30).transaction
    # The default of the settings: a minute.
    assert stands.deadline.ToMilliseconds() - stands.created_at.ToMilliseconds() == 60_000
    caravan.Rollback(pb.RollbackRequest(id=begun.id), timeout=30)


def test_repeated_begin_and_register_join_in_any_state(caravan, shop, name):
    begin = pb.BeginRequest(id=name)
    register = pb.RegisterRequest(id=name, branches=[saga("a", shop.address)])
    for _ in range(2):
        caravan.Begin(begin, timeout=30)
        assert caravan.Register(register, timeout=30).branch_count == 1
    caravan.Commit(pb.CommitRequest(id=name), timeout=30)
    assert caravan.Begin(begin, timeout=30).id == name
    assert caravan.Register(register, timeout=30).branch_count == 1
    assert len(shop.received()) == 1


def test_start_prepares_and_commit_ends(caravan, shop, name):
    caravan.Begin(pb.BeginRequest(id=name), timeout=30)
    caravan.Register(pb.RegisterRequest(id=name, branches=[tcc("a", shop.address)]), timeout=30)
    prepared = caravan.Start(pb.StartRequest(id=name), timeout=30).transaction
    assert prepared.state == tx.STATE_PREPARED
    assert shop.story() == ["a/try"]
    assert caravan.Start(pb.StartRequest(id=name), timeout=30).transaction.state == prepared.state
    done = caravan.Commit(pb.CommitRequest(id=name), timeout=30).transaction
    assert done.state == tx.STATE_COMMITTED
    assert shop.story() == ["a/try", "a/confirm"]


def test_start_then_rollback_undoes_what_was_done(caravan, shop, name):
    caravan.Begin(pb.BeginRequest(id=name), timeout=30)
    caravan.Register(pb.RegisterRequest(id=name, branches=[
        tcc("a", shop.address), saga("b", shop.address, level=1),
        saga("c", shop.address, level=2)]), timeout=30)
    caravan.Start(pb.StartRequest(id=name), timeout=30)
    rolled = caravan.Rollback(
        pb.RollbackRequest(id=name, reason="the customer left"), timeout=30).transaction
    assert rolled.state == tx.STATE_ROLLED_BACK
    assert rolled.reason.cause == tx.RollbackReason.REQUESTED
    assert rolled.reason.text == "the customer left"
    undone = shop.story()[3:]
    assert sorted(undone) == ["a/cancel", "b/compensation", "c/compensation"]
    # Compensations run downwards, cancels wait for nobody.
    assert undone.index("c/compensation") < undone.index("b/compensation")
    for call in shop.received():
        if call.action in ("cancel", "compensation"):
            assert call.metadata["caravan-phase-one"] == "done"


def test_rollback_of_what_was_never_called_calls_nobody(caravan, shop, name):
    caravan.Begin(pb.BeginRequest(id=name), timeout=30)
    caravan.Register(pb.RegisterRequest(id=name, branches=[tcc("a", shop.address)]), timeout=30)
    for _ in range(2):
        rolled = caravan.Rollback(pb.RollbackRequest(id=name), timeout=30).transaction
        assert rolled.state == tx.STATE_ROLLED_BACK
    assert shop.received() == []


def test_a_branch_called_by_its_caller_is_confirmed_or_undone(caravan, shop, name):
    own = tcc("own", shop.address, called_by_caller=True)
    own.ClearField("phase_one")
    for end in ("commit", "rollback"):
        caravan.Begin(pb.BeginRequest(id=f"{name}-{end}"), timeout=30)
        caravan.Register(pb.RegisterRequest(id=f"{name}-{end}", branches=[own]), timeout=30)
    caravan.Commit(pb.CommitRequest(id=f"{name}-commit"), timeout=30)
    assert shop.story() == ["own/confirm"]
    caravan.Rollback(pb.RollbackRequest(id=f"{name}-rollback"), timeout=30)
    assert shop.story() == ["own/confirm", "own/cancel"]
    assert shop.received()[1].metadata["caravan-phase-one"] == "unknown"


def test_a_branch_that_must_succeed_is_repeated_until_it_does(caravan, shop, name):
    unavailable = Refusal(grpc.StatusCode.UNAVAILABLE)
    shop.on("mail", "action", unavailable, unavailable, unavailable, b"sent")
    done = caravan.Execute(pb.ExecuteRequest(id=name, branches=[
        saga("a", shop.address), must_succeed("mail", shop.address, 1, retry=quick())]),
        timeout=30).transaction
    assert done.state == tx.STATE_COMMITTED
    assert shop.story() == ["a/action"] + ["mail/action"] * 4


def test_a_deadline_rolls_back(caravan, shop, name):
    caravan.Begin(pb.BeginRequest(id=name, timeout=seconds(0.2)), timeout=30)
    caravan.Register(pb.RegisterRequest(id=name, branches=[saga("a", shop.address)]), timeout=30)
    rolled = eventually(lambda: (
        found := caravan.Get(pb.GetRequest(id=name), timeout=30).transaction
    ).state == tx.STATE_ROLLED_BACK and found)
    assert rolled.reason.cause == tx.RollbackReason.DEADLINE
    late = failure(caravan.Commit, pb.CommitRequest(id=name))
    assert late.code == grpc.StatusCode.ABORTED
    assert late.summary.reason.cause == tx.RollbackReason.DEADLINE
    assert shop.received() == []


@pytest.mark.parametrize("wait, states", [
    (pb.WAIT_NONE, {tx.STATE_EXECUTING}),
    (pb.WAIT_DECISION, {tx.STATE_COMMITTING}),
])
def test_execute_answers_as_early_as_it_is_asked_to(caravan, shop, name, wait, states):
    import threading
    go_on = threading.Event()

    def hold(call, context):
        assert go_on.wait(30)
        return b""
    shop.on("a", "try" if wait == pb.WAIT_NONE else "confirm", hold)
    request = pb.ExecuteRequest(id=name, branches=[tcc("a", shop.address)], wait=wait)
    try:
        assert caravan.Execute(request, timeout=30).transaction.state in states
    finally:
        go_on.set()
    # What is waited for is no part of the content: a repeat joins and waits for the end.
    request.wait = pb.WAIT_END
    assert caravan.Execute(request, timeout=30).transaction.state == tx.STATE_COMMITTED


def test_list_goes_through_all_pages_newest_first(caravan, shop, name):
    ids = [f"{name}/{number}" for number in range(7)]
    for number, id in enumerate(ids):
        branch = saga("a", shop.address)
        if number % 2:
            caravan.Execute(pb.ExecuteRequest(id=id, branches=[branch]), timeout=30)
        else:
            caravan.Begin(pb.BeginRequest(id=id), timeout=30)
    pages, token = [], ""
    while True:
        page = caravan.List(
            pb.ListRequest(id_prefix=name + "/", page_size=3, page_token=token), timeout=30)
        pages.append([listed.id for listed in page.transactions])
        assert all(len(listed.branches) == 0 for listed in page.transactions)
        token = page.next_page_token
        if not token:
            break
    assert [len(page) for page in pages] == [3, 3, 1]
    listed = [id for page in pages for id in page]
    assert sorted(listed) == ids
    committed = caravan.List(
        pb.ListRequest(id_prefix=name + "/", states=[tx.STATE_COMMITTED]), timeout=30)
    assert sorted(found.id for found in committed.transactions) == ids[1::2]
    assert {found.branch_count for found in committed.transactions} == {1}
    times = [found.created_at.ToNanoseconds() for found in committed.transactions]
    assert times == sorted(times, reverse=True)
    middle = pb.ListRequest(id_prefix=name + "/")
    middle.created_from.FromNanoseconds(times[-1])
    middle.created_to.FromNanoseconds(times[0])
    between = {found.id for found in caravan.List(middle, timeout=30).transactions}
    assert ids[1] in between and ids[5] not in between
    for id in ids[::2]:
        caravan.Rollback(pb.RollbackRequest(id=id), timeout=30)
