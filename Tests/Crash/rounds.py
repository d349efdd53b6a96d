"""Rounds: callers keep transactions in flight, a disaster strikes, everything must end well."""

import asyncio
import json
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from caller import Callers, Lost
from caravan.v1 import coordinator_pb2 as api
from checker import ENDS, suspicions, untrue, violations
from ledger import entry_from
from plans import Planner

IN_FLIGHT = 200
PARTICIPANTS = 2
# From the disaster to the end of everything that was in flight.
ROUND_SECONDS_MAX = 10
CALM_SECONDS = (0.3, 1.2)
OFFENDERS_PRINTED = 5
# A thread that stays: what it starts is told to die with it.
STRIKER = ThreadPoolExecutor(1)

FLAGS = [
    "--participants-allow=127.0.0.1",
    "--lease=1s",
    "--attempt-timeout=1s",
    "--phase-one-delay=50ms",
    "--phase-two-delay=50ms",
    "--phase-two-delay-max=500ms",
    "--log-level=warning",
]


@contextmanager
def participants(count=PARTICIPANTS):
    """Participants in processes of their own; yields their addresses."""
    processes = []
    try:
        for _ in range(count):
            processes.append(
                subprocess.Popen(
                    [sys.executable, Path(__file__).with_name("participant.py")],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                )
            )
        yield [f"127.0.0.1:{int(process.stdout.readline())}" for process in processes]
    finally:
        for process in processes:
            process.stdin.close()
        for process in processes:
            process.wait(10)


class Round:
    def __init__(self, number, seed, coordinator, addresses, strike):
        self.prefix = f"r{number}-{seed}"
        self.number = number
        self.seed = seed
        self.dice = random.Random(seed)
        self.planner = Planner(self.dice.random(), self.prefix, len(addresses))
        self.callers = Callers(coordinator.address, addresses, self.dice)
        self.strike = strike
        self.is_calm = True
        self.lost = []
        self.suspicious = []

    async def run(self):
        """Everything up to the verdict: the sentences of what is wrong, by transaction."""
        try:
            workers = [asyncio.create_task(self._worker()) for _ in range(IN_FLIGHT)]
            await asyncio.sleep(self.dice.uniform(*CALM_SECONDS))
            self.is_calm = False
            in_flight = sum(not worker.done() for worker in workers)
            struck = time.monotonic()
            await asyncio.get_running_loop().run_in_executor(STRIKER, self.strike, self.dice)
            await self._finish(workers)
            outcomes = await self._ends(struck + ROUND_SECONDS_MAX)
            took = time.monotonic() - struck
            books = await self.callers.take_books(self.prefix + "-")
            wrong = self._judge(outcomes, books)
            self._add(wrong, await self._repeat(outcomes))
        finally:
            await self.callers.close()
        committed = sum(bool(o) and o.state == "COMMITTED" for o in outcomes.values())
        print(
            f"round {self.number}: seed {self.seed}, {in_flight} in flight, {len(outcomes)} in all,"
            f" {committed} committed, {took:.1f} s to the last end,"
            f" asked again {sum(self.callers.repeats.values())} times,"
            f" suspicious {len(self.suspicious)}",
            flush=True,
        )
        return wrong, self._report(wrong, outcomes, books)

    async def _worker(self):
        while self.is_calm:
            plan = self.planner.next()
            try:
                await self.callers.carry_out(plan)
            except Lost as lost:
                self.lost.append((plan.id, str(lost)))
            except asyncio.CancelledError:
                self.lost.append((plan.id, "it hangs"))
                raise

    async def _finish(self, workers):
        """Waits for the callers; those that hang for good are told from those that failed."""
        done, hanging = await asyncio.wait(workers, timeout=4 * ROUND_SECONDS_MAX)
        for worker in hanging:
            worker.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
        for worker in done:
            worker.result()

    async def _ends(self, end):
        """Each transaction as it ended, or as it stands when its time is over."""
        outcomes = {}

        async def follow(id):
            outcome = await self.callers.look(id)
            while outcome and outcome.state not in ENDS and time.monotonic() < end:
                await asyncio.sleep(0.1)
                outcome = await self.callers.look(id)
            outcomes[id] = outcome

        await asyncio.gather(*(follow(id) for id in self.callers.plans))
        return outcomes

    # The verdict

    def _add(self, wrong, more):
        for id, sentences in more.items():
            if sentences:
                wrong.setdefault(id, []).extend(sentences)

    def _judge(self, outcomes, books):
        entries = {}
        for record in books:
            (transaction, branch), entry = entry_from(record)
            entries.setdefault(transaction, {})[branch] = entry
        wrong = {}
        for id, plan in self.callers.plans.items():
            own = entries.get(id, {})
            found = violations(plan, outcomes[id], own, self.callers.answers[id])
            self._add(wrong, {id: found})
            self.suspicious += [f"{id}: {s}" for s in suspicions(plan, outcomes[id], own)]
        for id in entries.keys() - self.callers.plans.keys():
            wrong[id] = ["it was called and never begun"]
        for id, sentence in self.lost:
            self._add(wrong, {id: [f"its caller got no answer: {sentence}"]})
        return wrong

    async def _repeat(self, outcomes):
        """Asks everything once more: the same id gets the same answer, other content none."""
        wrong = {}

        async def once_more(id, outcome):
            plan = self.callers.plans[id]
            answers = []
            for answer in self.callers.answers[id]:
                again = await self._ask_again(plan, answer, answers)
                may_differ = answer.call == "start" or plan.route == "execute-none"
                same = (again.code, again.deadline) == (answer.code, answer.deadline)
                if not (same or may_differ):
                    self._add(wrong, {id: [f"{answer} and then, repeated, {again}"]})
            self._add(wrong, {id: untrue(plan, outcome, answers)})
            other = api.BeginRequest(id=id)
            other.timeout.FromSeconds(4711)
            again = await self.callers.ask([], "begin", other)
            if again.code != "ALREADY_EXISTS":
                self._add(wrong, {id: [f"begun anew with other content: {again}"]})

        await asyncio.gather(*(once_more(id, o) for id, o in outcomes.items() if o))
        return wrong

    async def _ask_again(self, plan, answer, answers):
        callers = self.callers
        call, *names = answer.call.split()
        match call:
            case "execute":
                request = callers.execute_request(plan)
            case "begin":
                request = callers.begin_request(plan)
            case "register":
                branches = [branch for branch in plan.branches if branch.id in names]
                request = callers.register_request(plan, branches)
            case "start":
                request = api.StartRequest(id=plan.id)
            case "commit":
                request = api.CommitRequest(id=plan.id)
            case "rollback":
                request = api.RollbackRequest(id=plan.id, reason="as planned")
        return await callers.ask(answers, answer.call, request)

    def _report(self, wrong, outcomes, books):
        """The offending transactions with all they did."""
        text = [f"round {self.number}, seed {self.seed}: {len(wrong)} transactions are wrong"]
        for id, sentences in list(wrong.items())[:OFFENDERS_PRINTED]:
            plan = self.callers.plans.get(id)
            text.append(plan.describe() if plan else id)
            text += [f"  WRONG: {sentence}" for sentence in sentences]
            text.append(f"  outcome: {outcomes.get(id)}")
            text += [f"  told: {answer}" for answer in self.callers.answers.get(id, [])]
            events = [
                (event["arrived"], record["branch"], event)
                for record in books
                if record["transaction"] == id
                for event in record["events"]
            ]
            text += [
                f"  {branch} {json.dumps(event)}"
                for _, branch, event in sorted(events, key=lambda each: each[0])
            ]
        return "\n".join(text)
