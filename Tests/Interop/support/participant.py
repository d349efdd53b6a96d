"""Participants: real grpcio servers in the process of the tests."""

import concurrent.futures
import threading

import grpc


class Call:
    """One call that a participant received."""

    def __init__(self, method, payload, context):
        self.method = method
        self.payload = payload
        self.metadata = dict(context.invocation_metadata())
        self.transaction = self.metadata.get("caravan-transaction")
        self.branch = self.metadata.get("caravan-branch")
        self.action = self.metadata.get("caravan-action")
        self.attempt = int(self.metadata.get("caravan-attempt", 0))
        self.time_remaining = context.time_remaining()

    def __repr__(self):
        return f"{self.branch}/{self.action}#{self.attempt}"


class Refusal(Exception):
    """Answers a call with a status."""

    def __init__(self, code, details="no", trailing=()):
        self.code = code
        self.details = details
        self.trailing = trailing


class Participant:
    """Serves every method: OK with an empty reply, unless `on` says otherwise."""

    def __init__(self, threads=16, options=(), port=0, path=None):
        self.calls = []
        self._behaviours = {}
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._server = grpc.server(
            concurrent.futures.ThreadPoolExecutor(threads), options=list(options))
        self._server.add_generic_rpc_handlers([_EveryMethod(self)])
        if path:
            self.address = f"unix:{path}"
            self._server.add_insecure_port(self.address)
        else:
            port = self._server.add_insecure_port(f"127.0.0.1:{port}")
            self.address = f"127.0.0.1:{port}"

    def __enter__(self):
        self._server.start()
        return self

    def __exit__(self, *_):
        self._server.stop(0).wait()

    def on(self, branch, action, *behaviours):
        """What the calls of an action come to, one after the other; the last stays.

        A behaviour is bytes (OK with this reply), a Refusal, or a function of Call and context that
        returns or raises one of them.
        """
        with self._lock:
            self._behaviours[branch, action] = list(behaviours)
        return self

    def received(self, branch=None, action=None):
        """The calls so far, as `branch/action`, or those of one branch or action."""
        with self._lock:
            return [call for call in self.calls
                    if branch in (None, call.branch) and action in (None, call.action)]

    def story(self):
        return [f"{call.branch}/{call.action}" for call in self.received()]

    def wait_for(self, branch, action, count=1, seconds=30):
        """Waits until so many calls of an action came."""
        def enough():
            return sum(1 for call in self.calls
                       if (call.branch, call.action) == (branch, action)) >= count
        with self._changed:
            assert self._changed.wait_for(enough, seconds), f"no {branch}/{action} came"

    def _serve(self, method, payload, context):
        call = Call(method, payload, context)
        with self._changed:
            self.calls.append(call)
            self._changed.notify_all()
            waiting = self._behaviours.get((call.branch, call.action), [b""])
            behaviour = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if callable(behaviour):
            try:
                behaviour = behaviour(call, context)
            except Refusal as refusal:
                behaviour = refusal
        if isinstance(behaviour, Refusal):
            context.set_trailing_metadata(behaviour.trailing)
            context.abort(behaviour.code, behaviour.details)
        return behaviour


class _EveryMethod(grpc.GenericRpcHandler):
    def __init__(self, participant):
        self._participant = participant

    def service(self, handler_call_details):
        method = handler_call_details.method
        return grpc.unary_unary_rpc_method_handler(
            lambda payload, context: self._participant._serve(method, payload, context))
