"""A participant that takes gRPC calls, counts them, and never answers."""

import selectors
import socket
import threading

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADERS, RST_STREAM, SETTINGS, PING = 1, 3, 4, 6
ACK = 1


class Hole:
    """Accepts connections and speaks HTTP/2, so that calls arrive; that is all."""

    def __init__(self, port=0):
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self.calls = 0
        self.at_once = 0
        self._open = {}
        self._end, self._told = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.close()
        self._thread.join(10)

    def _serve(self):
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._told, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self._told:
                        return self._close()
                    if key.fileobj is self._listener:
                        connection, _ = self._listener.accept()
                        connection.sendall(_frame(SETTINGS))
                        self._open[connection] = _Connection()
                        selector.register(connection, selectors.EVENT_READ)
                    elif not self._read(key.fileobj):
                        selector.unregister(key.fileobj)
                        self._open.pop(key.fileobj)
                        key.fileobj.close()

    def _read(self, socket_):
        """False: the peer has gone."""
        try:
            received = socket_.recv(1 << 16)
        except OSError:
            return False
        connection = self._open[socket_]
        connection.buffer += received
        for kind, flags, stream, payload in connection.frames():
            if kind == HEADERS:
                self.calls += 1
                connection.streams.add(stream)
                under_way = sum(len(each.streams) for each in self._open.values())
                self.at_once = max(self.at_once, under_way)
            elif kind == RST_STREAM:
                connection.streams.discard(stream)
            elif kind in (SETTINGS, PING) and not flags & ACK:
                socket_.sendall(_frame(kind, ACK, payload if kind == PING else b""))
        return bool(received)

    def _close(self):
        self._listener.close()
        self._told.close()
        for socket_ in self._open:
            socket_.close()


class _Connection:
    def __init__(self):
        self.buffer = b""
        self.streams = set()
        self._spoke = False

    def frames(self):
        if not self._spoke:
            if len(self.buffer) < len(PREFACE):
                return
            self.buffer = self.buffer[len(PREFACE):]
            self._spoke = True
        while len(self.buffer) >= 9:
            length = int.from_bytes(self.buffer[:3], "big")
            if len(self.buffer) < 9 + length:
                return
            stream = int.from_bytes(self.buffer[5:9], "big") & 0x7FFFFFFF
            frame = self.buffer[3], self.buffer[4], stream, self.buffer[9:9 + length]
            self.buffer = self.buffer[9 + length:]
            yield frame


def _frame(kind, flags=0, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + bytes(4) + payload
