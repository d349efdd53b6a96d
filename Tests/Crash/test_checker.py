"""The judge of the crash tests finds what is wrong in ledgers made by hand."""

import pytest
from checker import Answer, Outcome, suspicions, violations
from ledger import Entry, Event, Ledger, reply
from plans import BranchPlan, Plan, Planner


def plan(*branches, route="execute"):
    return Plan("t", route, 60.0, list(branches))


def branch(name, mode="saga", level=0, **more):
    return BranchPlan(name, level, mode, 0, more.pop("phase_one", {}), {}, **more)


def call(action, at, code="OK", took=0.1, **more):
    return Event(action, at, fence=more.pop("fence", 1), worked=at + took, code=code, **more)


def saga(*calls, done=True, undone=False):
    return Entry(done=done, undone=undone, events=list(calls))


def committed(*names, **more):
    replies = {name: reply("t", name) for name in names}
    return Outcome("COMMITTED", branches=list(names), replies=replies, **more)


def rolled_back(*names, cause="REFUSED"):
    return Outcome("ROLLED_BACK", cause, branches=list(names))


def found(*arguments, answers=()):
    return " | ".join(violations(*arguments, list(answers)))


def test_a_good_saga_is_good():
    entries = {"a": saga(call("action", 1)), "b": saga(call("action", 2))}
    told = [Answer("execute", "OK", "COMMITTED")]
    assert found(plan(branch("a"), branch("b", level=1)), committed("a", "b"), entries,
                 answers=told) == ""


def test_a_good_rollback_is_good():
    entries = {
        "a": saga(call("action", 1), call("compensation", 5, phase_one="done"), undone=True),
        "b": saga(call("action", 2), call("compensation", 3, phase_one="done"), undone=True),
        "c": saga(call("action", 2.5, code="ABORTED"), done=False),
    }
    told = [Answer("execute", "ABORTED", "ROLLED_BACK")]
    refusing = branch("c", level=1, phase_one={"refuse": "ABORTED"})
    assert found(plan(branch("a"), branch("b", level=1), refusing),
                 rolled_back("a", "b", "c"), entries, answers=told) == ""


def test_a_branch_that_was_never_done_is_found():
    entries = {"a": saga(call("action", 1))}
    assert "b is not done" in found(plan(branch("a"), branch("b")), committed("a", "b"), entries)


def test_half_a_rollback_is_found():
    entries = {"a": saga(call("action", 1))}
    assert "a is done and not undone" in found(plan(branch("a")), rolled_back("a"), entries)


def test_a_compensated_commit_is_found():
    entries = {"a": saga(call("action", 1), call("compensation", 2, phase_one="done"), undone=True)}
    assert "a is undone" in found(plan(branch("a")), committed("a"), entries)


def test_a_try_that_was_never_confirmed_is_found():
    entries = {"a": Entry(done=True, events=[call("try", 1)])}
    assert "a is not confirmed" in found(plan(branch("a", "tcc")), committed("a"), entries)


def test_confirmed_and_cancelled_is_found():
    entries = {
        "a": Entry(
            done=True, confirmed=True, undone=True,
            events=[call("try", 1), call("confirm", 2), call("cancel", 3, phase_one="done")],
        )
    }
    assert "both confirmed and undone" in found(plan(branch("a", "tcc")), rolled_back("a"), entries)


def test_a_confirm_before_all_is_done_is_found():
    entries = {
        "a": Entry(done=True, confirmed=True, events=[call("try", 1), call("confirm", 2)]),
        "b": Entry(done=True, confirmed=True, events=[call("try", 1, took=3), call("confirm", 5)]),
    }
    assert "a was confirmed before b was done" in found(
        plan(branch("a", "tcc"), branch("b", "tcc")), committed("a", "b"), entries)


def test_a_level_that_begins_too_early_is_found():
    entries = {"a": saga(call("action", 2)), "b": saga(call("action", 1))}
    assert "b was called before a" in found(
        plan(branch("a"), branch("b", level=1)), committed("a", "b"), entries)


def test_compensation_upward_is_found():
    entries = {
        "a": saga(call("action", 1), call("compensation", 3, phase_one="done"), undone=True),
        "b": saga(call("action", 2), call("compensation", 4, phase_one="done"), undone=True),
    }
    assert "a was compensated before b" in found(
        plan(branch("a"), branch("b", level=1)), rolled_back("a", "b"), entries)


def test_what_one_life_saw_refused_may_be_undone_late_by_the_next():
    refusing = branch("b", level=1, phase_one={"refuse": "ABORTED"})
    entries = {
        "a": saga(call("action", 1), call("compensation", 3, phase_one="done"),
                  call("compensation", 6, fence=2, phase_one="done"), undone=True),
        "b": saga(call("action", 2, code="ABORTED"),
                  call("compensation", 5, fence=2, phase_one="unknown"), done=False, undone=True),
    }
    ended = rolled_back("a", "b", cause="REQUESTED")
    assert "a level above" not in found(plan(branch("a"), refusing), ended, entries)
    # Within one life the order holds for what was refused as well.
    entries["b"].events[1].fence = 1
    assert "a was compensated before b" in found(plan(branch("a"), refusing), ended, entries)


def test_an_undo_that_overtakes_its_phase_one_is_found():
    entries = {
        "a": saga(call("action", 1, took=0.5), call("compensation", 1.2, phase_one="unknown"),
                  undone=True)
    }
    assert "while its phase one was under way" in found(
        plan(branch("a")), rolled_back("a"), entries)


def test_an_undo_that_is_wrong_about_phase_one_is_found():
    entries = {"a": saga(call("compensation", 2, phase_one="done"), done=False, undone=True)}
    assert "phase one is done, and it was not" in found(
        plan(branch("a")), rolled_back("a"), entries)


def test_a_fence_that_goes_down_is_found():
    entries = {"a": saga(call("action", 1, fence=2), call("action", 2, fence=1))}
    assert "fence went down" in found(plan(branch("a")), committed("a"), entries)


def test_a_must_succeed_branch_called_in_a_rollback_is_found():
    entries = {"m": saga(call("action", 1))}
    last = branch("m", level=1, must_succeed=True)
    assert "which must succeed, was called" in found(plan(last), rolled_back("m"), entries)


def test_a_lost_reply_is_found():
    outcome = committed("a")
    outcome.replies = {}
    assert "is not kept" in found(plan(branch("a")), outcome, {"a": saga(call("action", 1))})


def test_a_stranger_in_the_ledger_is_found():
    entries = {"a": saga(call("action", 1)), "x": saga(call("action", 1))}
    assert "x was called and is no branch" in found(plan(branch("a")), committed("a"), entries)


def test_a_wrong_action_is_found():
    entries = {"a": saga(call("action", 1), call("confirm", 2))}
    assert "was called for confirm" in found(plan(branch("a")), committed("a"), entries)


def test_an_acknowledged_transaction_that_is_gone_is_found():
    told = [Answer("begin", "OK")]
    assert "not found, though begin was answered" in found(plan(), None, {}, answers=told)
    assert found(plan(), None, {}) == ""


def test_a_transaction_without_an_end_is_found():
    assert "has not ended" in found(plan(), Outcome("COMMITTING"), {})


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer("execute", "OK", "COMMITTED"), rolled_back()),
        (Answer("execute", "ABORTED", "ROLLED_BACK"), committed()),
        (Answer("commit", "OK", "COMMITTED"), rolled_back()),
        (Answer("start", "OK", "PREPARED"), rolled_back(cause="REFUSED")),
        (Answer("rollback", "OK", "ROLLED_BACK"), committed()),
        (Answer("rollback", "FAILED_PRECONDITION"), rolled_back()),
        (Answer("commit", "FAILED_PRECONDITION"), committed()),
        (Answer("execute", "INTERNAL"), committed()),
        (Answer("begin", "ALREADY_EXISTS"), committed()),
        (Answer("begin", "OK", deadline=5), committed(deadline=6)),
        (Answer("register a b", "OK"), committed("a", "c")),
    ],
)
def test_an_untrue_answer_is_found(answer, outcome):
    assert found(plan(), outcome, {}, answers=[answer]) != ""


def test_a_branch_registered_twice_is_found():
    outcome = rolled_back("a", "a", cause="REQUESTED")
    assert "twice" in found(plan(branch("a")), outcome, {})


def test_a_late_phase_one_is_suspicious():
    entry = saga(call("compensation", 1), call("action", 2, code="FAILED_PRECONDITION"),
                 done=False, undone=True)
    assert suspicions(plan(branch("a")), rolled_back("a"), {"a": entry}) != []


def test_a_seed_makes_the_same_plans():
    first, second = Planner(7, "p", 2), Planner(7, "p", 2)
    for _ in range(200):
        assert first.next() == second.next()


class TestLedger:
    """What the participants of the crash tests hold themselves to."""

    def ask(self, ledger, action, **behaviour):
        event = Event(action, 0)
        number = ledger.arrive("t", "a", event)
        return ledger.work("t", "a", event, behaviour, number)

    def test_phase_one_after_its_undo_is_refused(self):
        ledger = Ledger()
        assert self.ask(ledger, "compensation") == "OK"
        assert self.ask(ledger, "action") == "FAILED_PRECONDITION"
        assert not ledger.entries[("t", "a")].done

    def test_a_lost_call_has_no_effect_and_a_broken_one_has(self):
        ledger = Ledger()
        faults = {"lose": 1, "break": 1}
        assert self.ask(ledger, "try", **faults) == "UNAVAILABLE"
        assert not ledger.entries[("t", "a")].done
        assert self.ask(ledger, "try", **faults) == "UNAVAILABLE"
        assert ledger.entries[("t", "a")].done
        assert self.ask(ledger, "try", **faults) == "OK"

    def test_a_refusal_stays_one(self):
        ledger = Ledger()
        assert self.ask(ledger, "try", refuse="ABORTED") == "ABORTED"
        assert self.ask(ledger, "try", refuse="ABORTED") == "ABORTED"
        assert not ledger.entries[("t", "a")].done
