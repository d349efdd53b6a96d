"""Requests over HTTP and JSON, by nothing but the standard library."""

import http.client
import json
import urllib.parse


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode()

    @property
    def json(self):
        assert self.headers["Content-Type"] == "application/json", self.text
        return json.loads(self.text)

    def detail(self, name):
        """The detail of a type, by the last part of its name."""
        for detail in self.json["details"]:
            if detail["@type"].endswith("." + name):
                return detail
        return None


class Caller:
    """A caller with one connection that stays."""

    def __init__(self, base):
        self.address = urllib.parse.urlsplit(base)
        self.connection = http.client.HTTPConnection(
            self.address.hostname, self.address.port, timeout=60)

    def close(self):
        self.connection.close()

    def send(self, method, path, body=None, headers=()):
        headers = dict(headers)
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if body:
            headers.setdefault("Content-Type", "application/json")
        self.connection.request(method, path, body, headers)
        return self.connection.getresponse()

    def get(self, path, **headers):
        return Answer(self.send("GET", path, headers=headers))

    def post(self, path, body=None, **headers):
        return Answer(self.send("POST", path, body, headers))

    def events(self, path):
        """The events of a stream as (name, data), until it ends."""
        response = self.send("GET", path)
        assert response.status == 200, response.read()
        assert response.headers["Content-Type"] == "text/event-stream"
        name = None
        for line in response:
            line = line.decode().rstrip("\n")
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


def path(id, verb=""):
    return "/v1/transactions/" + urllib.parse.quote(id, safe="") + (":" + verb if verb else "")
