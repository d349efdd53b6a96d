"""A participant that takes every call, over gRPC and over HTTP, and is told by the call's name what to answer."""

import concurrent.futures
import http.server
import threading

import grpc


class Received:
    """One call, from either side."""

    def __init__(self, name, protocol, payload, metadata):
        self.name = name
        self.protocol = protocol
        self.payload = payload
        self.metadata = {key.lower(): value for key, value in metadata}

    def __repr__(self):
        return self.name


class Shop:
    """Serves `/shop.Stock/<name>` and `POST /stock/<name>`: success, unless `refuse` or `on` says otherwise."""

    def __init__(self):
        self.calls = []
        self._behaviours = {}
        self._lock = threading.Lock()
        self._rpc = grpc.server(concurrent.futures.ThreadPoolExecutor(16))
        self._rpc.add_generic_rpc_handlers([_Methods(self)])
        self.grpc_address = "127.0.0.1:%d" % self._rpc.add_insecure_port("127.0.0.1:0")
        self._web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _pages(self))
        self.http_address = "127.0.0.1:%d" % self._web.server_address[1]
        self._thread = threading.Thread(
            target=self._web.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self):
        self._rpc.start()
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._rpc.stop(0).wait()
        self._web.shutdown()
        self._web.server_close()
        self._thread.join(10)

    def uri(self, protocol, name):
        if protocol == "grpc":
            return f"grpc://{self.grpc_address}/shop.Stock/{name}"
        return f"http://{self.http_address}/stock/{name}"

    def refuse(self, name):
        """Answers calls of this name with a refusal: FAILED_PRECONDITION, 409."""
        self.on(name, lambda: (grpc.StatusCode.FAILED_PRECONDITION, 409))

    def on(self, name, behaviour):
        """`behaviour` returns None, or a status code for gRPC and one for HTTP."""
        with self._lock:
            self._behaviours[name] = behaviour

    def names(self):
        """The names of the calls that came, in order."""
        with self._lock:
            return [call.name for call in self.calls]

    def received(self, name):
        with self._lock:
            return [call for call in self.calls if call.name == name]

    def _take(self, call):
        with self._lock:
            self.calls.append(call)
            behaviour = self._behaviours.get(call.name, lambda: None)
        return behaviour()


class _Methods(grpc.GenericRpcHandler):
    def __init__(self, shop):
        self._shop = shop

    def service(self, handler_call_details):
        name = handler_call_details.method.rsplit("/", 1)[-1]

        def serve(payload, context):
            call = Received(name, "grpc", payload, context.invocation_metadata())
            call.time_remaining = context.time_remaining()
            failure = self._shop._take(call)
            if failure:
                context.abort(failure[0], "no")
            return b""
        return grpc.unary_unary_rpc_method_handler(serve)


def _pages(shop):
    class Pages(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            payload = self.rfile.read(int(self.headers.get("content-length", 0)))
            name = self.path.rsplit("/", 1)[-1]
            failure = shop._take(Received(name, "http", payload, self.headers.items()))
            self.send_response(failure[1] if failure else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass
    return Pages
