"""Callers: carry out plans over grpcio, ask again where an answer says nothing, remember answers."""

import asyncio
import json

import grpc
import participant
from caravan.v1 import coordinator_pb2 as api
from caravan.v1 import coordinator_pb2_grpc, transaction_pb2
from checker import Answer, Outcome
from google.rpc import error_details_pb2, status_pb2

# They say nothing about the outcome: ask again with the same id.
SAYS_NOTHING = {"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "RESOURCE_EXHAUSTED"}
PATIENCE_SECONDS = 3
PAUSE_SECONDS = (0.05, 0.3)
CHANNEL_OPTIONS = [
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 200),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", -1),
]
GIVE_UP_SECONDS = 30


class Lost(Exception):
    """No answer came that says anything."""


class Callers:
    """What all callers of a round share: channels, and the answers of each transaction."""

    def __init__(self, coordinator, participants, dice):
        self.channel = grpc.aio.insecure_channel(coordinator, options=CHANNEL_OPTIONS)
        self.stub = coordinator_pb2_grpc.CoordinatorStub(self.channel)
        self.participants = participants
        self.participant_channels = [
            grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS) for address in participants
        ]
        self.dice = dice
        self.answers = {}
        self.plans = {}
        # How often which status sent a caller back to ask again.
        self.repeats = {}

    async def close(self):
        await self.channel.close()
        for channel in self.participant_channels:
            await channel.close()

    # One plan

    async def carry_out(self, plan):
        self.plans[plan.id] = plan
        answers = self.answers[plan.id] = []
        if plan.route.startswith("execute"):
            await self.ask(answers, "execute", self.execute_request(plan))
            return
        begun = await self.ask(answers, "begin", self.begin_request(plan))
        if begun.code != "OK":
            return
        for branches in plan.registrations:
            names = " ".join(branch.id for branch in branches)
            registered = await self.ask(
                answers, f"register {names}", self.register_request(plan, branches)
            )
            if registered.code != "OK":
                return
        for branch in plan.branches:
            if branch.called_by_caller:
                await self.call_oneself(plan, branch)
        await self._decide(plan, answers)

    async def _decide(self, plan, answers):
        commit = api.CommitRequest(id=plan.id)
        rollback = api.RollbackRequest(id=plan.id, reason="as planned")
        match plan.route:
            case "commit":
                await self.ask(answers, "commit", commit)
            case "start-commit":
                await self.ask(answers, "start", api.StartRequest(id=plan.id))
                await self.ask(answers, "commit", commit)
            case "start-rollback":
                await self.ask(answers, "start", api.StartRequest(id=plan.id))
                await self.ask(answers, "rollback", rollback)
            case "rollback":
                await self.ask(answers, "rollback", rollback)
            case "commit-against-rollback":
                pause = self.dice.uniform(0, 0.6)

                async def later():
                    await asyncio.sleep(pause)
                    await self.ask(answers, "rollback", rollback)

                await asyncio.gather(self.ask(answers, "commit", commit), later())

    async def call_oneself(self, plan, branch):
        """Phase one by the caller, until it has succeeded."""
        action = "try" if branch.mode == "tcc" else "action"
        channel = self.participant_channels[branch.participant]
        call = channel.unary_unary(participant.path(action))
        metadata = [
            ("caravan-transaction", plan.id),
            ("caravan-branch", branch.id),
            ("caravan-action", action),
        ]
        await call(json.dumps(branch.phase_one).encode(), metadata=metadata)

    # Requests

    def begin_request(self, plan):
        request = api.BeginRequest(id=plan.id)
        request.timeout.FromMicroseconds(round(plan.timeout_seconds * 1e6))
        return request

    def register_request(self, plan, branches):
        return api.RegisterRequest(id=plan.id, branches=[self._branch(b) for b in branches])

    def execute_request(self, plan):
        wait = {"execute": api.WAIT_END, "execute-decision": api.WAIT_DECISION}
        request = api.ExecuteRequest(
            id=plan.id,
            branches=[self._branch(branch) for branch in plan.branches],
            wait=wait.get(plan.route, api.WAIT_NONE),
        )
        request.timeout.FromMicroseconds(round(plan.timeout_seconds * 1e6))
        return request

    def _branch(self, plan):
        modes = {"tcc": transaction_pb2.BRANCH_MODE_TCC, "saga": transaction_pb2.BRANCH_MODE_SAGA}
        branch = transaction_pb2.Branch(
            id=plan.id,
            level=plan.level,
            mode=modes[plan.mode],
            must_succeed=plan.must_succeed,
            called_by_caller=plan.called_by_caller,
        )
        is_tcc = plan.mode == "tcc"
        if not plan.called_by_caller:
            self._call(branch.phase_one, plan, "try" if is_tcc else "action", plan.phase_one)
        if is_tcc:
            self._call(branch.confirm, plan, "confirm", plan.phase_two)
        if not plan.must_succeed:
            self._call(branch.undo, plan, "cancel" if is_tcc else "compensation", plan.phase_two)
        return branch

    def _call(self, call, plan, action, behaviour):
        call.grpc.address = self.participants[plan.participant]
        call.grpc.method = participant.path(action)
        call.payload = json.dumps(behaviour).encode()

    # Answers

    async def ask(self, answers, call, request):
        """Asks until an answer says something, and writes it down."""
        method = getattr(self.stub, call.split()[0].capitalize())
        end = asyncio.get_running_loop().time() + GIVE_UP_SECONDS
        while True:
            answer = await self._ask_once(method, call, request)
            if answer.code not in SAYS_NOTHING:
                break
            self.repeats[answer.code] = self.repeats.get(answer.code, 0) + 1
            if asyncio.get_running_loop().time() > end:
                raise Lost(f"{request.id}: {call}: {answer.code}")
            await asyncio.sleep(self.dice.uniform(*PAUSE_SECONDS))
        answers.append(answer)
        return answer

    async def _ask_once(self, method, call, request):
        try:
            response = await method(request, timeout=PATIENCE_SECONDS)
        except grpc.aio.AioRpcError as error:
            return Answer(call, error.code().name, *_details(error))
        answer = Answer(call, "OK")
        if call == "begin":
            answer.deadline = response.deadline.ToMicroseconds()
        elif response.DESCRIPTOR.fields_by_name.get("transaction"):
            answer.state = _state(response.transaction.state)
        return answer

    async def look(self, id):
        """The transaction as Get tells it; None where it is not known."""
        end = asyncio.get_running_loop().time() + GIVE_UP_SECONDS
        while True:
            try:
                response = await self.stub.Get(
                    api.GetRequest(id=id), timeout=PATIENCE_SECONDS
                )
                return _outcome(response.transaction)
            except grpc.aio.AioRpcError as error:
                if error.code().name == "NOT_FOUND":
                    return None
                if error.code().name not in SAYS_NOTHING:
                    raise
                if asyncio.get_running_loop().time() > end:
                    raise Lost(f"{id}: get: {error.code().name}") from error
            await asyncio.sleep(self.dice.uniform(*PAUSE_SECONDS))

    async def take_books(self, prefix):
        """The ledgers' entries by transaction and branch, which the participants then forget."""
        books = []
        for channel in self.participant_channels:
            call = channel.unary_unary(f"/{participant.BOOKS}/Take")
            books += json.loads(await call(prefix.encode()))
        return books


def _details(error):
    """The state that ABORTED's summary has; an ABORTED without it is not the coordinator's."""
    for key, value in error.trailing_metadata() or ():
        if key != "grpc-status-details-bin":
            continue
        info, summary = error_details_pb2.ErrorInfo(), api.RollbackSummary()
        for detail in status_pb2.Status.FromString(value).details:
            detail.Unpack(info)
            detail.Unpack(summary)
        if info.domain == "caravan" and summary.id:
            return (_state(summary.state),)
    return ("WITHOUT_SUMMARY",) if error.code().name == "ABORTED" else ()


def _state(number):
    return transaction_pb2.State.Name(number).removeprefix("STATE_")


def _outcome(transaction):
    cause = transaction_pb2.RollbackReason.Cause.Name(transaction.reason.cause)
    return Outcome(
        state=_state(transaction.state),
        cause="" if cause == "CAUSE_UNSPECIFIED" else cause,
        deadline=transaction.deadline.ToMicroseconds(),
        branches=[branch.id for branch in transaction.branches],
        replies={branch.id: branch.reply for branch in transaction.branches},
    )
