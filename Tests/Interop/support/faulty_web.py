"""Participants that speak HTTP/1.1 wrongly, on plain sockets; `faulty.Faulty` serves them."""

import itertools
import time

from support.faulty import SETTINGS, frame, reset

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


def read_request(connection):
    """Reads one whole request: its head and its body."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += _more(connection)
    return head, body


def _more(connection):
    more = connection.recv(65_536)
    if not more:
        raise OSError("closed")
    return more


def _wait_for_end(connection):
    while connection.recv(65_536):
        pass


def _answers(*parts, then=_wait_for_end):
    """A participant that answers each request with these bytes."""
    def speak(connection):
        read_request(connection)
        for part in parts:
            connection.sendall(part)
        then(connection)
    return speak


def _serves(*parts, then=None):
    """A participant that answers every request of a connection with these bytes, or only the first."""
    def speak(connection):
        while True:
            read_request(connection)
            for part in parts:
                connection.sendall(part)
            if then:
                return then(connection)
    return speak


def _named(name, speak):
    speak.__name__ = name
    return speak


def _close(connection):
    connection.close()


def closes_at_once(connection):
    connection.close()


def garbage_at_once(connection):
    connection.sendall(bytes(range(256)) * 64)
    _wait_for_end(connection)


def an_answer_before_it_is_asked(connection):
    connection.sendall(b"HTTP/1.1 503 Too Early\r\nContent-Length: 0\r\n\r\n")
    _wait_for_end(connection)


def http2_settings_at_once(connection):
    connection.sendall(frame(SETTINGS))
    _wait_for_end(connection)


def never_reads(connection):
    while True:
        time.sleep(0.05)
        connection.getpeername()


def trickles_its_headers(connection):
    read_request(connection)
    for byte in itertools.chain(HEAD, itertools.cycle(b"x-long: 1\r\n")):
        connection.sendall(bytes([byte]))
        time.sleep(0.02)


def trickles_its_body(connection):
    read_request(connection)
    connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.02)


def headers_without_end(connection):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100_000):
        connection.sendall(b"x-%d: %s\r\n" % (number, b"v" * 100))


def one_header_without_end(connection):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
    for _ in range(100_000):
        connection.sendall(b"v" * 1_000)


def continues_without_end(connection):
    read_request(connection)
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.002)


# After these nobody knows what the participant did: the whole request has reached it.
UNKNOWN = [_named(name, speak) for name, speak in {
    "closes_before_its_reply": _answers(then=_close),
    "resets_before_its_reply": _answers(then=reset),
    "never_answers": _answers(),
    "closes_in_its_headers": _answers(HEAD, then=_close),
    "resets_in_its_headers": _answers(HEAD, then=reset),
    "closes_in_its_body": _answers(HEAD + b"Content-Length: 100\r\n\r\nhalf", then=_close),
    "resets_in_its_body": _answers(HEAD + b"Content-Length: 100\r\n\r\nhalf", then=reset),
    "stops_in_its_body": _answers(HEAD + b"Content-Length: 100\r\n\r\nhalf"),
    "closes_in_a_chunk": _answers(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\nhalf", then=_close),
    "closes_between_chunks": _answers(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", then=_close),
    "chunks_that_are_none": _answers(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\nhalf\r\n0\r\n\r\n"),
    "a_chunk_beyond_all_numbers": _answers(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhalf\r\n0\r\n\r\n"),
    "garbage": _answers(bytes(range(256)) * 64),
    "ssh": _answers(b"SSH-2.0-OpenSSH_9.2p1\r\n"),
    "a_status_that_is_none": _answers(b"HTTP/1.1 fine OK\r\nContent-Length: 0\r\n\r\n"),
    "a_version_that_is_none": _answers(b"HTTP/7.3 200 OK\r\nContent-Length: 0\r\n\r\n"),
    "a_length_that_is_none": _answers(HEAD + b"Content-Length: -5\r\n\r\nhello"),
    "two_lengths": _answers(HEAD + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello"),
    "a_header_without_a_name": _answers(HEAD + b": x\r\nContent-Length: 0\r\n\r\n"),
    "continues_and_closes": _answers(b"HTTP/1.1 100 Continue\r\n\r\n", then=_close),
    "continues_and_says_nothing": _answers(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "switches_protocols": _answers(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"),
}.items()] + [trickles_its_headers, trickles_its_body, headers_without_end, one_header_without_end,
              continues_without_end]

# No status is below 100: these are no answers, and not the promise of one either.
NO_STATUS = [_named(name, speak) for name, speak in {
    f"status_{status}_{what}": _answers(b"HTTP/1.1 %s Odd\r\n%s" % (status.encode(), rest))
    for status in ("099", "020", "000")
    for what, rest in {
        "with_a_body": b"Content-Length: 2\r\n\r\nok",
        "without_a_body": b"Content-Length: 0\r\n\r\n",
        "in_chunks": b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        "and_an_answer": (b"Content-Length: 2\r\n\r\nok"
                          b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone"),
    }.items()
}.items()]

# These may notice that nothing was sent yet.
EITHER = [closes_at_once, garbage_at_once, an_answer_before_it_is_asked, http2_settings_at_once,
          never_reads]

# Strange, and right all the same.
DONE = [_named(name, speak) for name, speak in {
    "continues_first": _serves(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
        HEAD + b"Content-Length: 4\r\n\r\ndone"),
    "ends_its_body_by_closing": _serves(HEAD + b"\r\ndone", then=_close),
    "is_of_1996": _serves(b"HTTP/1.0 200 OK\r\n\r\ndone", then=_close),
    "answers_in_chunks": _serves(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1;x=y\r\nd\r\n", b"3\r\none\r\n",
        b"0\r\nx-trailer: 1\r\n\r\n"),
    "answers_twice": _serves((HEAD + b"Content-Length: 4\r\n\r\ndone") * 2),
    "answers_and_closes": _serves(HEAD + b"Content-Length: 4\r\n\r\ndone", then=_close),
    "answers_and_babbles": _serves(HEAD + b"Content-Length: 4\r\n\r\ndone" + b"\x00\xff" * 100),
    "has_no_phrase": _serves(b"HTTP/1.1 200\r\nContent-Length: 4\r\n\r\ndone"),
    "writes_byte_by_byte": _serves(*(
        bytes([byte]) for byte in HEAD + b"Content-Length: 4\r\n\r\ndone")),
}.items()]
