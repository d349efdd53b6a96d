"""The book of a participant: what it was asked, what it did, what is in effect.

The effects of a branch follow the contract of a participant: repeats change nothing, an undo whose
phase one never came is remembered, phase one after its undo is refused.
"""

import time
from dataclasses import asdict, dataclass, field

PHASE_ONE = {"try", "action"}
UNDO = {"cancel", "compensation"}


@dataclass
class Event:
    """One call, as it arrived and as it was answered. Times are of the machine's monotonic clock."""

    action: str
    arrived: float
    attempt: int = 0
    fence: int = 0
    phase_one: str = ""
    # When the participant looked at it and did what there was to do; 0: never.
    worked: float = 0.0
    code: str = ""


@dataclass
class Entry:
    """One branch."""

    done: bool = False
    refused: bool = False
    confirmed: bool = False
    undone: bool = False
    events: list = field(default_factory=list)


class Ledger:
    def __init__(self):
        self.entries = {}

    def arrive(self, transaction, branch, event):
        """Writes an arrival down; returns how many calls of this action have come, this included."""
        entry = self.entries.setdefault((transaction, branch), Entry())
        entry.events.append(event)
        return sum(other.action == event.action for other in entry.events)

    def work(self, transaction, branch, event, behaviour, number):
        """Does what the call asks; returns the name of the status to answer with."""
        entry = self.entries[(transaction, branch)]
        event.worked = time.monotonic()
        lose = behaviour.get("lose", 0)
        if number <= lose:
            return "UNAVAILABLE"
        code = self._effect(entry, event, behaviour)
        broken = number <= lose + behaviour.get("break", 0)
        return "UNAVAILABLE" if broken and code == "OK" else code

    def _effect(self, entry, event, behaviour):
        if event.action in PHASE_ONE:
            if entry.undone:
                return "FAILED_PRECONDITION"
            if "refuse" in behaviour:
                entry.refused = True
                return behaviour["refuse"]
            entry.done = True
        elif event.action in UNDO:
            entry.undone = True
        elif event.action == "confirm":
            # One that was never tried is confirmed nevertheless: the checker finds it here.
            entry.confirmed = True
        else:
            return "UNIMPLEMENTED"
        return "OK"

    def dump(self, prefix):
        """Everything of the transactions whose id starts so."""
        return [
            {"transaction": transaction, "branch": branch, **asdict(entry)}
            for (transaction, branch), entry in self.entries.items()
            if transaction.startswith(prefix)
        ]

    def forget(self, prefix):
        self.entries = {
            key: entry for key, entry in self.entries.items() if not key[0].startswith(prefix)
        }


def reply(transaction, branch):
    """What a participant answers to phase one, the same each time."""
    return f"done {transaction}/{branch}".encode()


def entry_from(record):
    """An entry as `dump` wrote it, and whose it is."""
    record = dict(record)
    key = (record.pop("transaction"), record.pop("branch"))
    record["events"] = [Event(**event) for event in record["events"]]
    return key, Entry(**record)
