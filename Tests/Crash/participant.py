"""A participant in a process of its own: serves the calls of branches, keeps a ledger.

The payload of a call says how it behaves (JSON): `before` and `after` are delays in milliseconds
around its effect, `refuse` the status it refuses with, `lose` how many first calls fail without
effect, `break` how many after those fail although they had it.

A call that its caller gives up is carried out nevertheless, as a service would that is in the
middle of its own commit.
"""

import asyncio
import json
import os
import sys
import time

import grpc
from ledger import PHASE_ONE, Event, Ledger, reply

ACTIONS = {
    "Try": "try",
    "Confirm": "confirm",
    "Cancel": "cancel",
    "Action": "action",
    "Compensate": "compensation",
}
SERVICE = "crash.Participant"
BOOKS = "crash.Books"


def path(action):
    method = next(name for name, value in ACTIONS.items() if value == action)
    return f"/{SERVICE}/{method}"


class Participant(grpc.GenericRpcHandler):
    def __init__(self):
        self.ledger = Ledger()
        self.working = set()

    def service(self, details):
        service, _, method = details.method.lstrip("/").partition("/")
        if service == SERVICE and method in ACTIONS:
            handler = self._branch_call
        elif details.method == f"/{BOOKS}/Take":
            handler = self._take
        else:
            return None
        return grpc.unary_unary_rpc_method_handler(handler)

    async def _branch_call(self, payload, context):
        arrived = time.monotonic()
        metadata = dict(context.invocation_metadata())
        task = asyncio.create_task(self._carry_out(arrived, metadata, json.loads(payload)))
        self.working.add(task)
        task.add_done_callback(self.working.discard)
        code, answer = await asyncio.shield(task)
        if code != "OK":
            await context.abort(grpc.StatusCode[code], f"as planned: {code}")
        return answer

    async def _carry_out(self, arrived, metadata, behaviour):
        transaction = metadata["caravan-transaction"]
        branch = metadata["caravan-branch"]
        event = Event(
            action=metadata["caravan-action"],
            arrived=arrived,
            attempt=int(metadata.get("caravan-attempt", 0)),
            fence=int(metadata.get("caravan-fence", 0)),
            phase_one=metadata.get("caravan-phase-one", ""),
        )
        number = self.ledger.arrive(transaction, branch, event)
        await asyncio.sleep(behaviour.get("before", 0) / 1000)
        code = self.ledger.work(transaction, branch, event, behaviour, number)
        event.code = code
        await asyncio.sleep(behaviour.get("after", 0) / 1000)
        return code, reply(transaction, branch) if event.action in PHASE_ONE else b""

    async def _take(self, prefix, context):
        """The books of the transactions whose id starts so, which are forgotten here."""
        prefix = prefix.decode()
        books = self.ledger.dump(prefix)
        self.ledger.forget(prefix)
        return json.dumps(books).encode()


async def main():
    server = grpc.aio.server(options=[("grpc.max_send_message_length", -1)])
    server.add_generic_rpc_handlers([Participant()])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    # Whoever started this process holds the other end, and lets go of it by dying too.
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), lambda: os.read(0, 4096) or ended.set())
    await ended.wait()
    await server.stop(0)


if __name__ == "__main__":
    asyncio.run(main())
