"""Requests and what their answers carry."""

import time

import grpc
from google.protobuf import duration_pb2
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from caravan.v1 import coordinator_pb2, transaction_pb2


def seconds(value):
    duration = duration_pb2.Duration()
    duration.FromNanoseconds(int(value * 1_000_000_000))
    return duration


def call(address, method, payload=b"", **more):
    return transaction_pb2.Call(
        grpc=transaction_pb2.GrpcTarget(address=address, method=f"/shop.Stock/{method}"),
        payload=payload, **more)


def web_call(url, action, payload=b"", method="", **more):
    return transaction_pb2.Call(
        http=transaction_pb2.HttpTarget(url=f"{url}/{action}", method=method), payload=payload, **more)


def web_saga(branch, url, level=0, retry=None, payload=b"", **more):
    return transaction_pb2.Branch(
        id=branch, level=level, mode=transaction_pb2.BRANCH_MODE_SAGA,
        phase_one=web_call(url, "action", payload), undo=web_call(url, "compensation", payload),
        retry=retry, **more)


def web_tcc(branch, url, level=0, retry=None, payload=b"", **more):
    return transaction_pb2.Branch(
        id=branch, level=level, mode=transaction_pb2.BRANCH_MODE_TCC,
        phase_one=web_call(url, "try", payload), confirm=web_call(url, "confirm", payload),
        undo=web_call(url, "cancel", payload), retry=retry, **more)


def quick(**more):
    """A policy for tests that meet failures."""
    fields = dict(attempts_max=2, first_delay=seconds(0.02), delay_max=seconds(0.1),
                  attempt_timeout=seconds(5))
    fields.update(more)
    return transaction_pb2.RetryPolicy(**fields)


def saga(branch, address, level=0, retry=None, payload=b"", **more):
    return transaction_pb2.Branch(
        id=branch, level=level, mode=transaction_pb2.BRANCH_MODE_SAGA,
        phase_one=call(address, "Action", payload), undo=call(address, "Compensation", payload),
        retry=retry, **more)


def tcc(branch, address, level=0, retry=None, payload=b"", **more):
    return transaction_pb2.Branch(
        id=branch, level=level, mode=transaction_pb2.BRANCH_MODE_TCC,
        phase_one=call(address, "Try", payload), confirm=call(address, "Confirm", payload),
        undo=call(address, "Cancel", payload), retry=retry, **more)


def must_succeed(branch, address, level, retry=None):
    return transaction_pb2.Branch(
        id=branch, level=level, mode=transaction_pb2.BRANCH_MODE_SAGA,
        phase_one=call(address, "Action"), must_succeed=True, retry=retry)


class Failure:
    """The status of a call that failed, taken apart as callers do."""

    def __init__(self, error):
        self.error = error
        self.code = error.code()
        self.message = error.details()
        # Raises where code or message of the details differ from the status's.
        self.status = rpc_status.from_call(error)
        self.info = self._detail(error_details_pb2.ErrorInfo)
        self.bad_request = self._detail(error_details_pb2.BadRequest)
        self.retry_info = self._detail(error_details_pb2.RetryInfo)
        self.summary = self._detail(coordinator_pb2.RollbackSummary)

    def _detail(self, kind):
        for detail in self.status.details if self.status else ():
            found = kind()
            if detail.Unpack(found):
                return found
        return None

    @property
    def fields(self):
        return [violation.field for violation in self.bad_request.field_violations]


def failure(method, request, **more):
    """Calls a method that must fail."""
    try:
        answer = method(request, timeout=more.pop("timeout", 30), **more)
    except grpc.RpcError as error:
        return Failure(error)
    raise AssertionError(f"no error, but {answer}")


def eventually(condition, seconds=30):
    """Waits until a condition holds; its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.02)
