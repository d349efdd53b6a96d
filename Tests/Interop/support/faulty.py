"""Participants that speak wrongly, on plain sockets."""

import contextlib
import socket
import struct
import threading

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, GOAWAY = 0, 1, 3, 4, 7
END_STREAM, ACK, END_HEADERS = 1, 1, 4


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(
        ">I", stream) + payload


def literal(name, value):
    """A header field as HPACK writes it without table and Huffman code."""
    name, value = name.encode(), value.encode()
    assert len(name) < 127 and len(value) < 127
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


STATUS_200 = b"\x88"
GRPC = STATUS_200 + literal("content-type", "application/grpc")


class Faulty:
    """Accepts connections and hands each to `speak`, on a thread of its own."""

    def __init__(self, speak):
        self._speak = speak
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        self.accepted = 0
        self._open = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.close()
        self._thread.join(10)

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._open.append(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection):
        with contextlib.suppress(OSError):
            connection.settimeout(30)
            self._speak(connection)


def reset(connection):
    """Closes with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _until_request(connection):
    """Answers the preface and reads until a request is complete; its stream."""
    received = b""
    while not received.startswith(PREFACE):
        more = connection.recv(65_536)
        if not more:
            raise OSError("closed")
        received += more
    received = received[len(PREFACE):]
    connection.sendall(frame(SETTINGS) + frame(SETTINGS, ACK))
    while True:
        while len(received) >= 9 and len(received) >= 9 + int.from_bytes(received[:3], "big"):
            length = int.from_bytes(received[:3], "big")
            kind, flags = received[3], received[4]
            stream = int.from_bytes(received[5:9], "big")
            received = received[9 + length:]
            if kind in (DATA, HEADERS) and flags & END_STREAM:
                return stream
        more = connection.recv(65_536)
        if not more:
            raise OSError("closed")
        received += more


# What a participant may do wrong, by name.

def http1(connection):
    connection.recv(65_536)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nno\n")
    connection.close()


def silent(connection):
    while connection.recv(65_536):
        pass


def silent_after_settings(connection):
    _until_request(connection)
    silent(connection)


def closes_at_once(connection):
    connection.close()


def garbage(connection):
    connection.sendall(bytes(range(256)) * 64)
    silent(connection)


def resets_mid_reply(connection):
    stream = _until_request(connection)
    connection.sendall(
        frame(HEADERS, END_HEADERS, stream, GRPC)
        + frame(DATA, 0, stream, b"\x00\x00\x00\x10\x00" + b"half a reply"))
    reset(connection)


def ends_mid_reply(connection):
    stream = _until_request(connection)
    connection.sendall(
        frame(HEADERS, END_HEADERS, stream, GRPC)
        + frame(DATA, END_STREAM, stream, b"\x00\x00\x00\x10\x00" + b"half a reply"))
    silent(connection)


def resets_the_stream(connection):
    stream = _until_request(connection)
    connection.sendall(frame(RST_STREAM, 0, stream, struct.pack(">I", 2)))
    silent(connection)


def goes_away_in_between(connection):
    stream = _until_request(connection)
    connection.sendall(frame(GOAWAY, 0, 0, struct.pack(">II", stream, 0)))
    connection.close()


def no_trailers(connection):
    stream = _until_request(connection)
    connection.sendall(
        frame(HEADERS, END_HEADERS, stream, GRPC)
        + frame(DATA, END_STREAM, stream, b"\x00\x00\x00\x00\x02ok"))
    silent(connection)


def a_web_page(connection):
    stream = _until_request(connection)
    connection.sendall(
        frame(HEADERS, END_HEADERS, stream, STATUS_200 + literal("content-type", "text/html"))
        + frame(DATA, END_STREAM, stream, b"<html>hello</html>"))
    silent(connection)


def a_status_that_is_none(connection):
    stream = _until_request(connection)
    connection.sendall(frame(
        HEADERS, END_HEADERS | END_STREAM, stream, GRPC + literal("grpc-status", "fine")))
    silent(connection)


def headers_without_end(connection):
    stream = _until_request(connection)
    block = GRPC + b"".join(literal(f"x-{number}", "v" * 100) for number in range(100))
    connection.sendall(frame(HEADERS, 0, stream, block))
    continuation = b"".join(literal(f"y-{number}", "v" * 100) for number in range(100))
    for _ in range(10_000):
        connection.sendall(frame(9, 0, stream, continuation))


def a_compressed_reply_that_is_none(connection):
    stream = _until_request(connection)
    connection.sendall(
        frame(HEADERS, END_HEADERS, stream, GRPC + literal("grpc-encoding", "gzip"))
        + frame(DATA, 0, stream, b"\x01\x00\x00\x00\x04nope")
        + frame(HEADERS, END_HEADERS | END_STREAM, stream, literal("grpc-status", "0")))
    silent(connection)


ALL = [http1, silent, silent_after_settings, closes_at_once, garbage, resets_mid_reply,
       ends_mid_reply, resets_the_stream, goes_away_in_between, no_trailers, a_web_page,
       a_status_that_is_none, headers_without_end, a_compressed_reply_that_is_none]
