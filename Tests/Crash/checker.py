"""Judges a transaction by the ledgers of its participants and by what its callers were told."""

from dataclasses import dataclass, field

from ledger import PHASE_ONE, UNDO, Entry, reply

ENDS = {"COMMITTED", "ROLLED_BACK"}
# A call that took longer than this inside a participant may be given up by the coordinator, whose
# attempts take a second: what comes after it proves nothing.
SLOW_CALL_SECONDS = 0.9


@dataclass
class Answer:
    """What a caller was told: it counts from then on."""

    call: str
    code: str
    # State of the transaction as the answer has it; empty where it has none.
    state: str = ""
    # For Begin: the deadline, in microseconds since 1970.
    deadline: int = 0


@dataclass
class Outcome:
    """A transaction as Get tells it after the round."""

    state: str
    cause: str = ""
    deadline: int = 0
    branches: list = field(default_factory=list)
    replies: dict = field(default_factory=dict)


def violations(plan, outcome, entries, answers):
    """What is wrong with a transaction, each in a sentence; `entries` are its branches' by id."""
    if outcome is None:
        return [f"it is not found, though {answered(answers)}"] if answered(answers) else []
    if outcome.state not in ENDS:
        return [f"it has not ended: it is {outcome.state}"]
    known = {branch.id for branch in plan.branches}
    found = [f"{name} was called and is no branch" for name in entries if name not in known]
    entries = {name: entries.get(name, Entry()) for name in known}
    if outcome.state == "COMMITTED":
        found += _committed(plan, outcome, entries)
    else:
        found += _rolled_back(plan, entries)
    return found + _order(plan, entries) + _calls(plan, entries) + untrue(plan, outcome, answers)


def answered(answers):
    """The acknowledged calls, in words."""
    return ", ".join(f"{answer.call} was answered" for answer in answers if answer.code == "OK")


def suspicions(plan, outcome, entries):
    """What no rule forbids outright, and what should stay rare."""
    found = []
    if plan.is_healthy and outcome and outcome.state == "ROLLED_BACK":
        found.append(f"healthy, and rolled back ({outcome.cause})")
    for name, entry in entries.items():
        undo = _first(entry, UNDO)
        for event in entry.events:
            if undo and event.action in PHASE_ONE and event.arrived > undo.arrived:
                found.append(f"{name}: phase one came after its undo")
    return found


# The end


def _committed(plan, outcome, entries):
    found = []
    for branch in plan.branches:
        entry = entries[branch.id]
        if not entry.done:
            found.append(f"committed, and {branch.id} is not done")
        if entry.undone:
            found.append(f"committed, and {branch.id} is undone")
        if branch.mode == "tcc" and not entry.confirmed:
            found.append(f"committed, and {branch.id} is not confirmed")
        expected = b"" if branch.called_by_caller else reply(plan.id, branch.id)
        if outcome.replies.get(branch.id, b"") != expected:
            found.append(f"{branch.id}: the reply {outcome.replies.get(branch.id)} is not kept")
    if outcome.cause:
        found.append(f"committed, with a reason to roll back: {outcome.cause}")
    if any(branch.refuses or branch.exhausts for branch in plan.branches):
        found.append("committed, though a branch cannot succeed")
    return found


def _rolled_back(plan, entries):
    found = []
    for branch in plan.branches:
        entry = entries[branch.id]
        if entry.done and not entry.undone:
            found.append(f"rolled back, and {branch.id} is done and not undone")
        if branch.must_succeed and entry.events:
            found.append(f"rolled back, and {branch.id}, which must succeed, was called")
    return found


# The way there


def _first(entry, actions, ok=False):
    """The call of these actions that came first, or whose effect came first."""
    events = [event for event in entry.events if event.action in actions]
    if ok:
        events = [event for event in events if event.worked and event.code in ("OK", "UNAVAILABLE")]
        return min(events, key=lambda event: event.worked, default=None)
    return min(events, key=lambda event: event.arrived, default=None)


def _done_at(entry):
    """When phase one took effect, at the earliest; nil where it did not."""
    if not entry.done:
        return None
    first = _first(entry, PHASE_ONE, ok=True)
    return first.worked if first else None


def _order(plan, entries):
    """Levels upward in phase one, downward in compensation; no confirm before all is done."""
    found = []
    for branch in plan.branches:
        entry = entries[branch.id]
        begun = None if branch.called_by_caller else _first(entry, PHASE_ONE)
        confirm = _first(entry, {"confirm"})
        undo = _first(entry, {"compensation"})
        for other in plan.branches:
            done = _done_at(entries[other.id])
            if begun and other.level < branch.level and not _precedes(done, begun):
                found.append(f"{branch.id} was called before {other.id}, a level below, was done")
            if confirm and not other.must_succeed and not _precedes(done, confirm):
                found.append(f"{branch.id} was confirmed before {other.id} was done")
            if branch.must_succeed and begun and not other.must_succeed:
                if not _precedes(done, begun):
                    found.append(f"{branch.id}, which must succeed, ran before {other.id} was done")
            if undo and other.level > branch.level and _owed_above(entries[other.id], undo):
                higher = _first(entries[other.id], {"compensation"}, ok=True)
                if not _precedes(higher and higher.worked, undo):
                    found.append(f"{branch.id} was compensated before {other.id}, a level above")
    return found


def _owed_above(higher, undo):
    """Whether the life that made this undo owed one to the branch above it.

    A life that was refused owes nothing; the next one, which does not know, undoes it all the same.
    """
    undone_by = {event.fence for event in higher.events if event.action == "compensation"}
    return undone_by and (_done_at(higher) is not None or undo.fence in undone_by)


def _precedes(time, event):
    return time is not None and time <= event.arrived


def _calls(plan, entries):
    """Each branch was confirmed or undone, never both; what the calls said of themselves is true."""
    found = []
    for branch in plan.branches:
        entry = entries[branch.id]
        actions = {"tcc": {"try", "confirm", "cancel"}, "saga": {"action", "compensation"}}
        for action in {event.action for event in entry.events} - actions[branch.mode]:
            found.append(f"{branch.id}: a {branch.mode} branch was called for {action}")
        if entry.confirmed and entry.undone:
            found.append(f"{branch.id} was both confirmed and undone")
        for undo in (event for event in entry.events if event.action in UNDO):
            if undo.phase_one not in ("done", "unknown"):
                found.append(f"{branch.id}: an undo says phase one is '{undo.phase_one}'")
            if undo.phase_one == "done" and not _precedes(_done_at(entry), undo):
                found.append(f"{branch.id}: an undo says that phase one is done, and it was not")
            for event in entry.events:
                is_slow = event.worked - event.arrived > SLOW_CALL_SECONDS
                if event.action in PHASE_ONE and not is_slow:
                    if event.arrived < undo.arrived < event.worked:
                        found.append(f"{branch.id} was undone while its phase one was under way")
    events = sorted(
        (event for entry in entries.values() for event in entry.events if event.fence),
        key=lambda event: event.arrived,
    )
    if any(later.fence < sooner.fence for sooner, later in zip(events, events[1:])):
        found.append(f"its fence went down: {[event.fence for event in events]}")
    return found


# What the callers were told


def untrue(plan, outcome, answers):
    """The answers that the outcome belies."""
    found = []
    for answer in answers:
        expected = _expected(plan, outcome, answer)
        if expected:
            found.append(
                f"{answer.call} was answered {answer.code} {answer.state}, and the transaction is"
                f" {outcome.state} {outcome.cause}: {expected}"
            )
        if answer.call == "begin" and answer.code == "OK" and answer.deadline != outcome.deadline:
            found.append(f"begin told another deadline: {answer.deadline}, not {outcome.deadline}")
        if answer.call.startswith("register ") and answer.code == "OK":
            missing = set(answer.call.split()[1:]) - set(outcome.branches)
            if missing:
                found.append(f"registered and missing: {', '.join(sorted(missing))}")
        if answer.state in ENDS and answer.state != outcome.state:
            found.append(f"{answer.call} told {answer.state}, and it is {outcome.state}")
    if len(set(outcome.branches)) != len(outcome.branches):
        found.append(f"a branch stands there twice: {outcome.branches}")
    return found


def _expected(plan, outcome, answer):
    """What speaks against an answer, in words; nothing where it is true."""
    committed = outcome.state == "COMMITTED"
    call = answer.call.split()[0]
    match call, answer.code:
        case ("begin", "OK"):
            return ""
        case ("register", "OK"):
            return ""
        case ("start", "OK"):
            refused = outcome.cause in ("REFUSED", "EXHAUSTED")
            return "phase one had succeeded" if refused else ""
        case ("execute" | "commit", "OK"):
            waits_for_decision = plan.route != "execute-none"
            return "it was committed" if waits_for_decision and not committed else ""
        case ("execute" | "commit" | "start", "ABORTED"):
            return "it was rolled back" if committed else ""
        case ("rollback", "OK"):
            return "it was rolled back" if committed else ""
        case ("rollback", "FAILED_PRECONDITION"):
            return "" if committed else "it was committed"
        case ("register" | "start" | "commit", "FAILED_PRECONDITION"):
            ended = outcome.cause in ("DEADLINE", "REQUESTED") and not committed
            return "" if ended else "it was ready for that call"
        case _:
            return "nothing calls for that answer"
