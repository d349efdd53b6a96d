"""What the callers of a round do, made from a seed."""

import json
import random
from dataclasses import dataclass, field

# By which calls a transaction is made. Some end in rollback by their caller's wish.
ROUTES = {
    "execute": 40,
    "execute-decision": 6,
    "execute-none": 6,
    "commit": 20,
    "start-commit": 10,
    "start-rollback": 5,
    "rollback": 4,
    "commit-against-rollback": 5,
    "abandon": 4,
}

DELAY_MS = (20, 500)
# For those transactions that are to meet their deadline.
SHORT_TIMEOUT_SECONDS = (0.8, 2.0)
LONG_TIMEOUT_SECONDS = 60.0


@dataclass
class BranchPlan:
    id: str
    level: int
    mode: str  # "tcc" or "saga"
    participant: int
    phase_one: dict
    phase_two: dict
    must_succeed: bool = False
    called_by_caller: bool = False

    @property
    def refuses(self):
        return "refuse" in self.phase_one

    @property
    def exhausts(self):
        """Its attempts are used up before one succeeds."""
        return self.phase_one.get("lose", 0) + self.phase_one.get("break", 0) >= ATTEMPTS_MAX


ATTEMPTS_MAX = 3


@dataclass
class Plan:
    id: str
    route: str
    timeout_seconds: float
    branches: list = field(default_factory=list)
    # Where the branches are cut into calls of Register.
    registrations: list = field(default_factory=list)

    @property
    def begins(self):
        return not self.route.startswith("execute")

    @property
    def is_healthy(self):
        """Nothing in it asks for a rollback."""
        return (
            self.route in ("execute", "execute-decision", "execute-none", "commit", "start-commit")
            and self.timeout_seconds == LONG_TIMEOUT_SECONDS
            and not any(branch.refuses or branch.exhausts for branch in self.branches)
        )

    def describe(self):
        lines = [f"{self.id}: {self.route}, {self.timeout_seconds} s to its decision"]
        for branch in self.branches:
            kind = branch.mode + (" must_succeed" if branch.must_succeed else "")
            kind += " called_by_caller" if branch.called_by_caller else ""
            lines.append(
                f"  {branch.id}: {kind}, level {branch.level}, participant {branch.participant},"
                f" phase one {json.dumps(branch.phase_one)}, two {json.dumps(branch.phase_two)}"
            )
        return "\n".join(lines)


class Planner:
    """Makes plans: the same for the same seed."""

    def __init__(self, seed, prefix, participants):
        self.random = random.Random(seed)
        self.prefix = prefix
        self.participants = participants
        self.count = 0

    def next(self):
        self.count += 1
        dice = self.random
        route = dice.choices(list(ROUTES), ROUTES.values())[0]
        plan = Plan(f"{self.prefix}-{self.count}", route, LONG_TIMEOUT_SECONDS)
        if route == "abandon" or dice.random() < 0.04:
            plan.timeout_seconds = round(dice.uniform(*SHORT_TIMEOUT_SECONDS), 3)
        plan.branches = [self._branch(index) for index in range(dice.choice([1, 2, 2, 2, 3, 4]))]
        if dice.random() < 0.2:
            self._spoil(dice.choice(plan.branches))
        if dice.random() < 0.08:
            top = max(branch.level for branch in plan.branches)
            last = self._branch(len(plan.branches), "saga")
            last.level, last.must_succeed = top + 1, True
            plan.branches.append(last)
        if route == "commit" and dice.random() < 0.2:
            self._call_oneself(plan)
        cuts = dice.randint(1, 2)
        size = -(-len(plan.branches) // cuts)
        plan.registrations = [
            plan.branches[start : start + size] for start in range(0, len(plan.branches), size)
        ]
        return plan

    def _branch(self, index, mode=None):
        dice = self.random
        return BranchPlan(
            id=f"b{index}",
            level=dice.choice([0, 0, 1, 2]),
            mode=mode or dice.choice(["tcc", "saga"]),
            participant=dice.randrange(self.participants),
            phase_one=self._behaviour(),
            phase_two=self._behaviour(),
        )

    def _behaviour(self):
        """A delay before the effect and one after it, and sometimes a fault that goes away."""
        dice = self.random
        delay = dice.randint(*DELAY_MS)
        before = dice.randint(0, delay)
        behaviour = {"before": before, "after": delay - before}
        fault = dice.random()
        if fault < 0.05:
            behaviour["lose"] = 1
        elif fault < 0.10:
            behaviour["break"] = 1
        return behaviour

    def _spoil(self, branch):
        dice = self.random
        if dice.random() < 0.75:
            codes = ["FAILED_PRECONDITION", "INVALID_ARGUMENT", "ABORTED", "NOT_FOUND"]
            branch.phase_one["refuse"] = dice.choice(codes)
        else:
            # Attempts start anew after a restart: far more than one life uses up.
            branch.phase_one["lose"] = 1000

    def _call_oneself(self, plan):
        """The first branch is called by the caller, who knows that it succeeds."""
        branch = plan.branches[0]
        if branch.must_succeed:
            return
        branch.called_by_caller = True
        branch.phase_one = {"before": branch.phase_one["before"], "after": 0}
