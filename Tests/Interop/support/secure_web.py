"""Participants over TLS: HTTP/1.1, and HTTP/2 by ALPN (the library h2)."""

import contextlib
import ssl

import h2.config
import h2.connection
import h2.events
import h2.settings
import trustme
from support.faulty import Faulty
from support.participant import Answer, Stage


class Authority:
    """An authority of our own, and servers' contexts with its certificates."""

    def __init__(self, directory):
        self._ca = trustme.CA()
        self.path = str(directory / "authority.pem")
        self._ca.cert_pem.write_to_path(self.path)

    def context(self, *names, protocols=("h2", "http/1.1")):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(*(names or ("127.0.0.1", "localhost"))).configure_cert(context)
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context


class SecureCall:
    """One request over HTTP/2."""

    def __init__(self, headers, connection):
        self.headers = [(name.decode(), value.decode()) for name, value in headers]
        self.metadata = dict(self.headers)
        self.payload = b""
        self.connection = connection
        self.branch = self.metadata.get("caravan-branch")
        self.action = self.metadata.get("caravan-action")


class SecureParticipant(Stage):
    """Serves every request over HTTP/2: 200 with an empty body, unless `on` says otherwise.

    A behaviour is bytes, an Answer, or a function of the socket, the h2 connection and the stream that answers or does not.
    Where it is early, it comes with the head of a request, and the body is not read.
    """

    def __init__(self, context, streams_max=100, early=False):
        super().__init__()
        self._context = context
        self._early = early
        self._streams_max = streams_max
        self._faulty = Faulty(self._talk)
        self.address = self._faulty.address
        self.url = f"https://{self.address}"
        self.protocols = []

    def __enter__(self):
        self._faulty.__enter__()
        return self

    def __exit__(self, *_):
        self._faulty.__exit__()

    def _talk(self, connection):
        with contextlib.suppress(ssl.SSLError, h2.exceptions.ProtocolError):
            secure = self._context.wrap_socket(connection, server_side=True)
            self.protocols.append(secure.selected_alpn_protocol())
            self._serve(secure)

    def _serve(self, secure):
        session = h2.connection.H2Connection(
            h2.config.H2Configuration(client_side=False, header_encoding=None))
        session.local_settings = h2.settings.Settings(client=False, initial_values={
            h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: self._streams_max})
        session.initiate_connection()
        secure.sendall(session.data_to_send())
        calls = {}
        while received := secure.recv(65_536):
            for event in session.receive_data(received):
                match event:
                    case h2.events.RequestReceived():
                        call = calls[event.stream_id] = SecureCall(event.headers, id(secure))
                        if self._early:
                            self._answer(secure, session, event.stream_id, call)
                    case h2.events.DataReceived() if not self._early:
                        calls[event.stream_id].payload += event.data
                        session.acknowledge_received_data(
                            event.flow_controlled_length, event.stream_id)
                    case h2.events.StreamEnded() if not self._early:
                        self._answer(secure, session, event.stream_id, calls.pop(event.stream_id))
            secure.sendall(session.data_to_send())

    def _answer(self, secure, session, stream, call):
        behaviour = self._next(call, b"")
        if callable(behaviour):
            return behaviour(secure, session, stream)
        answer = behaviour if isinstance(behaviour, Answer) else Answer(200, behaviour)
        headers = [(":status", str(answer.status)), *answer.headers.items()]
        session.send_headers(stream, headers)
        session.send_data(stream, answer.body, end_stream=True)
