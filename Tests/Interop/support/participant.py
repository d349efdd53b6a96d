"""Participants: real servers in the process of the tests, over gRPC (grpcio) and over HTTP (http.server)."""

import concurrent.futures
import http.server
import socket
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


class Stage:
    """What was called, and what it comes to: of one server, or of several that share it."""

    def __init__(self, shared=None):
        if shared:
            self.calls, self._behaviours = shared.calls, shared._behaviours
            self._lock, self._changed = shared._lock, shared._changed
            return
        self.calls = []
        self._behaviours = {}
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)

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

    def _next(self, call, otherwise):
        """Notes a call; what it comes to."""
        with self._changed:
            self.calls.append(call)
            self._changed.notify_all()
            waiting = self._behaviours.get((call.branch, call.action), [otherwise])
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]


class Participant(Stage):
    """Serves every method: OK with an empty reply, unless `on` says otherwise."""

    def __init__(self, threads=16, options=(), port=0, path=None, shared=None):
        super().__init__(shared)
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

    def _serve(self, method, payload, context):
        call = Call(method, payload, context)
        behaviour = self._next(call, b"")
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


class WebCall:
    """One request that a web participant received."""

    def __init__(self, request, payload):
        self.method = request.command
        self.path = request.path
        self.payload = payload
        self.headers = [(name.lower(), value) for name, value in request.headers.items()]
        self.metadata = dict(self.headers)
        self.connection = request.client_address
        self.transaction = self.metadata.get("caravan-transaction")
        self.branch = self.metadata.get("caravan-branch")
        self.action = self.metadata.get("caravan-action")
        self.attempt = int(self.metadata.get("caravan-attempt", 0))

    def __repr__(self):
        return f"{self.branch}/{self.action}#{self.attempt}"


class Answer(Exception):
    """Answers a request with a status."""

    def __init__(self, status, body=b"", **headers):
        self.status = status
        self.body = body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class WebParticipant(Stage):
    """Serves every request over HTTP/1.1: 200 with an empty body, unless `on` says otherwise.

    A behaviour is bytes (200 with this body), an Answer, or a function of WebCall that returns or raises one of them.
    """

    def __init__(self, port=0, shared=None, context=None):
        super().__init__(shared)
        self._server = _WebServer(("127.0.0.1", port), _WebRequest)
        self._server.stage = self
        self.port = self._server.server_address[1]
        self.address = f"127.0.0.1:{self.port}"
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if context else 'http'}://{self.address}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, call):
        behaviour = self._next(call, b"")
        if callable(behaviour):
            try:
                behaviour = behaviour(call)
            except Answer as answer:
                behaviour = answer
        return behaviour if isinstance(behaviour, Answer) else Answer(200, behaviour)


class _WebServer(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


class _WebRequest(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _serve(self):
        payload = self.rfile.read(int(self.headers.get("content-length", 0)))
        answer = self.server.stage._answer(WebCall(self, payload))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204 and answer.status != 304 and answer.status >= 200:
            self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_DELETE = do_GET = do_PATCH = do_POST = do_PUT = _serve

    def log_message(self, *_):
        pass
