"""easycar's client, re-enacted: what it sends, in which order, and what it takes for a failure."""

import atexit
import json
import pathlib
import shutil
import sys
import tempfile
import urllib.error
import urllib.request

import grpc
from google.protobuf import empty_pb2, json_format
from grpc_tools import protoc


def _generate():
    """Stubs from the proto file of easycar's shape that stands beside these tests."""
    source = pathlib.Path(__file__).resolve().parents[1] / "easycar"
    include = pathlib.Path(protoc.__file__).parent / "_proto"
    target = tempfile.mkdtemp(prefix="easycar-stubs.")
    atexit.register(shutil.rmtree, target, ignore_errors=True)
    status = protoc.main(["protoc", f"-I{source}", f"-I{include}", f"--python_out={target}",
                          f"--grpc_python_out={target}", "easycar.proto"])
    assert status == 0, f"protoc failed on {source}"
    sys.path.insert(0, target)


_generate()

import easycar_pb2 as pb  # noqa: E402
import easycar_pb2_grpc  # noqa: E402

# Seconds, where a group says nothing.
DEFAULT_TIMEOUT = 3


class GRPC:
    """Calls over gRPC."""

    def __init__(self, channel):
        self._stub = easycar_pb2_grpc.EasyCarStub(channel)

    def call(self, method, request, timeout=60):
        return getattr(self._stub, method)(request, timeout=timeout)


class RESTError(Exception):
    """An answer over REST that is none of success, with what a gRPC error has."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body

    def code(self):
        return next(code for code in grpc.StatusCode if code.value[0] == self.body["code"])

    def details(self):
        return self.body["message"]


class REST:
    """Calls over REST: POST with a JSON body."""

    ROUTES = {"Begin": "begin", "Register": "register", "Start": "start", "Commit": "commit",
              "Rollback": "rollback", "GetState": "state"}
    REPLIES = {"Begin": pb.BeginResp, "GetState": pb.GetStateResp}

    def __init__(self, address):
        self._address = address

    @classmethod
    def of(cls, coordinator):
        """Of a coordinator that has said where it listens for HTTP."""
        entries = [json.loads(line) for line in coordinator.log if line.startswith("{")]
        address, = (entry["address"] for entry in entries
                    if entry.get("message") == "listening for HTTP")
        return cls(address)

    def call(self, method, request, timeout=60):
        post = urllib.request.Request(
            f"http://{self._address}/easycar/{self.ROUTES[method]}", method="POST",
            data=json_format.MessageToJson(request).encode(),
            headers={"content-type": "application/json"})
        try:
            with urllib.request.urlopen(post, timeout=timeout) as answer:
                body = answer.read()
        except urllib.error.HTTPError as error:
            raise RESTError(error.code, json.loads(error.read())) from None
        return json_format.Parse(body, self.REPLIES.get(method, empty_pb2.Empty)())


class Failed(Exception):
    """Start did not succeed, and the client has rolled back."""


class Group:
    """The calls of one branch."""

    def __init__(self, tran_type, calls, data="", header="", timeout=DEFAULT_TIMEOUT):
        self._tran_type = tran_type
        self._calls = calls
        self._data = data
        self._header = header
        self._timeout = timeout

    @classmethod
    def tcc(cls, try_uri, confirm_uri, cancel_uri, **more):
        return cls(pb.TCC, [(pb.TRY, try_uri), (pb.CONFIRM, confirm_uri),
                            (pb.CANCEL, cancel_uri)], **more)

    @classmethod
    def saga(cls, normal_uri, compensation_uri, **more):
        return cls(pb.SAGE, [(pb.NORMAL, normal_uri), (pb.COMPENSATION, compensation_uri)],
                   **more)

    def entries(self, level):
        return [pb.RegisterReq.Branch(
            uri=uri, reqData=self._data, reqHeader=self._header, tranType=self._tran_type,
            protocol="http" if uri.startswith(("http://", "https://")) else "grpc",
            action=action, level=level, timeout=self._timeout) for action, uri in self._calls]


class Client:
    """One transaction: groups on levels, then all of it in one go."""

    def __init__(self, transport):
        self.transport = transport
        self.g_id = None
        self._levels = []

    def next_groups(self, *groups):
        """Groups that run at the same time, after those that were added before."""
        self._levels.append(groups)
        return self

    def entries(self):
        return [entry for level, groups in enumerate(self._levels, start=1)
                for group in groups for entry in group.entries(level)]

    def begin(self):
        self.g_id = self.transport.call("Begin", empty_pb2.Empty()).gId
        return self

    def register(self):
        self.transport.call(
            "Register", pb.RegisterReq(gId=self.g_id, branches=self.entries()))
        return self

    def start(self):
        self.transport.call("Start", pb.StartReq(gId=self.g_id))

    def commit(self):
        self.transport.call("Commit", pb.CommitReq(gId=self.g_id))

    def rollback(self):
        self.transport.call("Rollback", pb.RollBckReq(gId=self.g_id))

    def state(self):
        return self.transport.call("GetState", pb.GetStateReq(gId=self.g_id))

    def run(self):
        """What an application calls: phase two by itself after Start, either way."""
        self.begin().register()
        try:
            self.start()
        except (grpc.RpcError, RESTError) as error:
            self.rollback()
            raise Failed(self.g_id) from error
        self.commit()
        return self.g_id
