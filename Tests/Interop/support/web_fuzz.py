"""Participants over HTTP/1.1 and HTTP/2 that answer with anything: each answer is made of the number in its path."""

import contextlib
import random
import socket
import ssl
import struct
import time

import hpack

from support.faulty import ACK, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PREFACE, RST_STREAM, SETTINGS
from support.faulty import Faulty, frame, literal, reset

PRIORITY, PUSH_PROMISE, PING, WINDOW_UPDATE, CONTINUATION, ALTSVC, ORIGIN = 2, 5, 6, 8, 9, 10, 12
STATUSES = ["200", "204", "205", "206", "304", "100", "101", "102", "103", "199", "099", "000", "1", "20",
            "2000", "-1", "+200", "abc", "", "409", "408", "429", "503", "599", "999"]
# How long a connection of HTTP/2 is kept.
CONNECTION_SECONDS = 2
# A request to this path is answered as it should be.
FINE = "/fine"


class Closed(Exception):
    """The connection is not answered any more."""


class Fuzzed(Faulty):
    """Serves requests to `/N` with what the random numbers of seed N make, over TLS where it has a context."""

    def __init__(self, context=None):
        super().__init__(self._serve)
        self._context = context
        self.url = f"{'https' if context else 'http'}://{self.address}"

    def _serve(self, connection):
        # However it ends, the connection is closed.
        with contextlib.suppress(Closed, ssl.SSLError, hpack.HPACKError), connection:
            if not self._context:
                return _http1(connection)
            with self._context.wrap_socket(connection, server_side=True) as secure:
                return _http2(secure)


def _received(connection, bytes_, count):
    while len(bytes_) < count:
        more = connection.recv(65_536)
        if not more:
            raise Closed
        bytes_ += more
    return bytes_


def _send(connection, chance, reply):
    """Sends a reply in pieces, and may leave the rest and the connection behind.

    What is spoiled or cut ends the connection over HTTP/2: all calls would go on waiting there for the rest of a frame.
    """
    is_shared = isinstance(connection, ssl.SSLSocket)
    is_broken = chance.random() < 0.1
    if is_broken:
        reply = reply[:chance.randrange(len(reply) + 1)]
    if is_shared and chance.random() < 0.05:
        is_broken, reply = True, _spoiled(chance, reply)
    pieces = [reply]
    if chance.random() < 0.5:
        cuts = sorted(chance.randrange(len(reply) + 1) for _ in range(chance.randrange(1, 6)))
        pieces = [reply[start:end] for start, end in zip([0, *cuts], [*cuts, len(reply)])]
    for piece in pieces:
        connection.sendall(piece)
        if len(pieces) > 1:
            time.sleep(chance.choice([0, 0, 0.001, 0.005]))
    end = chance.random()
    if end < 0.05:
        reset(connection)
        raise Closed
    if end < 0.15 or is_shared and is_broken:
        raise Closed
    if end < 0.2 and not is_shared:
        connection.shutdown(socket.SHUT_WR)


def _spoiled(chance, reply):
    """With a few bytes that are others."""
    reply = bytearray(reply)
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(reply) + 1)
        what = chance.randrange(3)
        if what == 0:
            reply[at:at + 1] = bytes([chance.randrange(256)])
        elif what == 1:
            del reply[at:at + chance.randrange(4)]
        else:
            reply[at:at] = chance.choice([
                b"\r\n", b"\r\n\r\n", b"\0", b"0\r\n\r\n", b"HTTP/1.1 200 OK\r\n", b" ", b"\xff" * 9])
    return bytes(reply)


# HTTP/1.1

def _http1(connection):
    received = b""
    while True:
        while b"\r\n\r\n" not in received:
            received = _received(connection, received, len(received) + 1)
        head, _, received = received.partition(b"\r\n\r\n")
        path = head.split(b" ")[1].decode()
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        if path == FINE:
            received = _received(connection, received, length)[length:]
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            continue
        chance = random.Random(int(path[1:]))
        reply = http1_reply(chance)
        # Some answer before they have read the body.
        if chance.random() < 0.8:
            received = _received(connection, received, length)
        _send(connection, chance, reply)
        received = _received(connection, received, length)[length:]


def http1_reply(chance):
    reply = b"".join(_message(chance) for _ in range(chance.choice([1, 1, 1, 2, 2, 3, 5])))
    return _spoiled(chance, reply) if chance.random() < 0.2 else reply


def _message(chance):
    version = chance.choice(["HTTP/1.1"] * 12 + ["HTTP/1.0", "HTTP/1.2", "HTTP/0.9", "HTTP/2.0", "HTTP/1", "ICY"])
    status = chance.choice(STATUSES)
    phrase = chance.choice([" OK", "", " ", " \xe9\xff", " " + "x" * 200])
    headers, body = [], b""
    content = bytes(chance.randrange(256) for _ in range(chance.choice([0, 0, 1, 2, 10, 100])))
    framing = chance.random()
    if framing < 0.5:
        length = len(content) if chance.random() < 0.8 else chance.choice(
            [0, 1, len(content) + 1, "-1", "+2", "2, 2", "0x2", "18446744073709551616", " 2 ", "", "two"])
        headers += [f"Content-Length: {length}"] * chance.choice([1] * 9 + [2])
        body = content
    elif framing < 0.8:
        headers.append("Transfer-Encoding: " + chance.choice(
            ["chunked"] * 8 + ["gzip", "gzip, chunked", "chunked, gzip", "identity", "chunked, chunked"]))
        body = _chunks(chance, content)
        if chance.random() < 0.1:
            headers.append(f"Content-Length: {len(content)}")
    elif framing < 0.9:
        body = content
    for _ in range(chance.choice([0, 0, 1, 2, 4])):
        headers.append(chance.choice([
            "Connection: close", "Connection: keep-alive", "Connection: upgrade", "Upgrade: h2c", "Upgrade: websocket",
            "Connection: close, keep-alive", "Proxy-Connection: close", "Trailer: x", "Retry-After: 1", "Retry-After: -1",
            "Content-Encoding: gzip", "X:", "X: ", ": x", " folded", "X : y", "X: \0", "X: \xff", "Expect: 100-continue",
            "Content-Type: text/plain; charset=utf-8", "Keep-Alive: timeout=0, max=0", "X: " + "y" * 5_000,
            "Location: /2", "Date: now", "HTTP2-Settings: AAAA"]))
    chance.shuffle(headers)
    line_end = chance.choice(["\r\n"] * 15 + ["\n", "\r"])
    head = line_end.join([f"{version} {status}{phrase}", *headers, "", ""])
    return head.encode("latin1") + body


def _chunks(chance, content):
    parts = []
    while content:
        size = chance.randrange(1, len(content) + 1)
        extension = chance.choice(["", "", ";x=y", ";", ' ;x="y"'])
        parts.append(f"{size:x}{extension}\r\n".encode() + content[:size] + b"\r\n")
        content = content[size:]
    if chance.random() < 0.1:
        parts.append(chance.choice([b"\r\n", b"-1\r\n", b"g\r\n", b"ffffffffffffffff\r\n", b"1\r\nxx\r\n"]))
    if chance.random() < 0.9:
        parts.append(b"0\r\n")
        parts += chance.choice([[], [], [b"X-Trailer: 1\r\n"], [b"Content-Length: 5\r\n"], [b":x\r\n"], [b"Y:\r\n", b"Z: 1\r\n"]])
        parts.append(chance.choice([b"\r\n"] * 9 + [b""]))
    return b"".join(parts)


# HTTP/2

def _http2(connection):
    received = _received(connection, b"", len(PREFACE))[len(PREFACE):]
    decoder = hpack.Decoder()
    connection.sendall(frame(SETTINGS) + frame(WINDOW_UPDATE, payload=struct.pack(">I", 1 << 30)))
    paths = {}
    # It may have forbidden all streams, say: no connection is for ever.
    end = time.monotonic() + CONNECTION_SECONDS
    while time.monotonic() < end:
        received = _received(connection, received, 9)
        length, kind, flags, stream = int.from_bytes(received[:3]), received[3], received[4], int.from_bytes(received[5:9])
        received = _received(connection, received, 9 + length)
        payload, received = received[9:9 + length], received[9 + length:]
        if kind == SETTINGS and not flags & ACK:
            connection.sendall(frame(SETTINGS, ACK))
        elif kind == DATA and length:
            window = struct.pack(">I", length)
            connection.sendall(frame(WINDOW_UPDATE, 0, 0, window) + frame(WINDOW_UPDATE, 0, stream, window))
        elif kind == HEADERS:
            headers = dict(decoder.decode(payload[5:] if flags & 0x20 else payload))
            paths[stream] = path = headers[":path"]
            if path != FINE:
                chance = random.Random(int(path[1:]))
                # Some answer before they have read the body.
                if chance.random() < 0.2:
                    del paths[stream]
                    _send(connection, chance, http2_reply(chance, stream))
        if kind in (HEADERS, DATA) and flags & END_STREAM and stream in paths:
            path = paths.pop(stream)
            if path == FINE:
                connection.sendall(frame(HEADERS, END_HEADERS | END_STREAM, stream, literal(":status", "200")))
            else:
                chance = random.Random(int(path[1:]))
                chance.random()
                _send(connection, chance, http2_reply(chance, stream))


def http2_reply(chance, stream):
    if chance.random() < 0.5:
        # In the order that is usual, with odd parts.
        frames = [_head(chance, stream, chance.choice(STATUSES)) for _ in range(chance.choice([0, 1, 1, 2, 3]))]
        frames += [_content(chance, stream) for _ in range(chance.choice([0, 1, 2]))]
        frames += [_head(chance, stream, None)] * chance.choice([0, 0, 1, 2])
    else:
        frames = [_any_frame(chance, stream) for _ in range(chance.randrange(1, 8))]
    return b"".join(frames)


def _head(chance, stream, status):
    fields = [] if status is None else [literal(":status", status)]
    for _ in range(chance.choice([0, 0, 1, 3])):
        fields.append(literal(*chance.choice([
            ("content-length", "1"), ("content-length", "0"), ("content-length", "-1"), ("x", "y"), ("X", "y"), ("", "y"), ("x", ""),
            ("connection", "close"), ("transfer-encoding", "chunked"), (":status", "200"), (":path", "/"), ("te", "gzip"),
            ("x", "a\r\nb"), ("x", "\0"), (" x", "y"), ("retry-after", "1"), ("content-type", "text/plain")])))
    if chance.random() < 0.05:
        chance.shuffle(fields)
    if chance.random() < 0.05:
        fields.append(chance.choice([b"\x80", b"\xff\xff\xff\xff\xff\xff", b"\x3f\xe1\xff\x03", b"\x20", b"\x40\x01"]))
    flags = (END_HEADERS if chance.random() < 0.97 else 0) | (END_STREAM if chance.random() < 0.4 else 0)
    block = b"".join(fields)
    if chance.random() < 0.1:
        cut = chance.randrange(len(block) + 1)
        return frame(HEADERS, flags & END_STREAM, stream, block[:cut]) + frame(CONTINUATION, END_HEADERS, stream, block[cut:])
    return frame(HEADERS, flags, stream, block)


def _content(chance, stream):
    content = b"x" * chance.choice([0, 0, 1, 2, 100])
    flags = END_STREAM if chance.random() < 0.5 else 0
    if chance.random() < 0.1:
        padding = chance.choice([0, 1, 255])
        return frame(DATA, flags | 8, stream, bytes([padding]) + content + b"\0" * chance.choice([0, padding]))
    return frame(DATA, flags, stream, content)


def _any_frame(chance, stream):
    where = stream if chance.random() < 0.8 else chance.choice([0, 1, 2, stream + 2, max(stream - 2, 1), stream + 1, 2**31 - 1])
    number = struct.pack(">I", chance.choice([0, 1, stream, 100, 65_535, 2**31 - 1, 2**31, 2**32 - 1]))
    code = struct.pack(">I", chance.choice([0, 1, 2, 5, 7, 8, 11, 13, 99]))
    match chance.randrange(16):
        case 0 | 1 | 2 | 3 | 4: return _head(chance, where, chance.choice(STATUSES + ["200"] * 10))
        case 5 | 6 | 7: return _content(chance, where)
        case 8: return _head(chance, where, None)
        case 9: return frame(RST_STREAM, 0, where, code)
        case 10: return frame(GOAWAY, 0, chance.choice([0, 0, 0, where]), number + code)
        case 11:
            setting = struct.pack(">H", chance.choice([1, 2, 3, 3, 3, 4, 5, 6, 8, 99])) + number
            return frame(SETTINGS, chance.choice([0, 0, 0, ACK]), chance.choice([0, 0, 0, where]), setting * chance.choice([0, 1, 1, 2]))
        case 12: return frame(WINDOW_UPDATE, 0, chance.choice([0, where]), number)
        case 13:
            promised = struct.pack(">I", chance.choice([2, 4, where, 0]))
            return frame(PUSH_PROMISE, END_HEADERS, where, promised + literal(":path", "/"))
        case 14:
            return chance.choice([
                frame(PING, chance.choice([0, ACK]), 0, b"8" * chance.choice([8, 8, 7])), frame(PRIORITY, 0, where, number + b"\1"),
                frame(ALTSVC, 0, where, b"\0\1xh2"), frame(ORIGIN, 0, where, b"\0\1x"), frame(99, 255, where, number),
                frame(CONTINUATION, END_HEADERS, where, literal("x", "y"))])
        case _: return b""
