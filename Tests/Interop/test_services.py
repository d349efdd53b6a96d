"""Health and reflection, through other people's stubs."""

import threading
import uuid

import grpc
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase)
from google.protobuf.descriptor_pool import DescriptorPool

from support.coordinator import Coordinator
from support.database import Database
from support.requests import eventually, failure

SERVICES = [
    "caravan.v1.Coordinator",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "proto.EasyCar",
]


def _ask(channel, version, **request):
    """One question to reflection; the messages of both versions are the same on the wire."""
    method = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString)
    questions = iter([reflection_pb2.ServerReflectionRequest(**request)])
    answers = list(method(questions, timeout=30))
    assert len(answers) == 1
    return answers[0]


def test_reflection_lists_all_services(channel):
    for version in ("v1", "v1alpha"):
        answer = _ask(channel, version, list_services="")
        assert sorted(
            service.name for service in answer.list_services_response.service) == SERVICES


def test_reflection_describes_all_services(channel):
    for version in ("v1", "v1alpha"):
        for service in SERVICES:
            answer = _ask(channel, version, file_containing_symbol=service)
            files = [descriptor_pb2.FileDescriptorProto.FromString(raw)
                     for raw in answer.file_descriptor_response.file_descriptor_proto]
            found = {f"{file.package}.{described.name}"
                     for file in files for described in file.service}
            assert service in found


def test_a_client_without_files_finds_every_method(channel):
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    coordinator = pool.FindServiceByName("caravan.v1.Coordinator")
    assert [method.name for method in coordinator.methods] == [
        "Begin", "Register", "Start", "Commit", "Rollback", "Execute", "Get", "List", "Watch"]
    execute = coordinator.methods_by_name["Execute"].input_type
    assert {field.name for field in execute.fields} >= {"id", "branches", "wait", "timeout"}
    assert pool.FindMessageTypeByName("google.rpc.ErrorInfo").fields_by_name["reason"]


def test_what_reflection_does_not_know_is_not_found(channel):
    answer = _ask(channel, "v1", file_containing_symbol="no.such.Thing")
    assert answer.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


def test_health_of_the_server_and_of_the_service(channel):
    stub = health_pb2_grpc.HealthStub(channel)
    for service in ("", "caravan.v1.Coordinator", "proto.EasyCar"):
        answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=30)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    failed = failure(stub.Check, health_pb2.HealthCheckRequest(service="no.Service"))
    assert failed.code == grpc.StatusCode.NOT_FOUND


def test_health_says_when_the_coordinator_leaves(database):
    told = []
    first = threading.Event()

    def watch(address):
        with grpc.insecure_channel(address) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            try:
                for answer in stub.Watch(health_pb2.HealthCheckRequest(), timeout=60):
                    told.append(answer.status)
                    first.set()
            except grpc.RpcError as error:
                told.append(error.code())
    with Coordinator.start(database) as leaving:
        watching = threading.Thread(target=watch, args=(leaving.address,))
        watching.start()
        assert first.wait(30)
    watching.join(60)
    assert told[0] == health_pb2.HealthCheckResponse.SERVING
    assert told[1] == health_pb2.HealthCheckResponse.NOT_SERVING
    assert told[-1] == grpc.StatusCode.UNAVAILABLE


def test_the_log_says_why_a_node_cannot_join(database):
    """A role that may write rows, but draw no numbers from the sequence of incarnations."""
    role = "limited_" + uuid.uuid4().hex
    with Coordinator.start(database):
        pass
    own = Database(database)
    own.run(f"CREATE ROLE {role}")
    own.run(f"GRANT USAGE ON SCHEMA caravan TO {role}")
    own.run(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA caravan TO {role}")
    try:
        with Coordinator.start(database, role=role) as running:
            line = eventually(lambda: next(
                (line for line in running.log if "fails at joining" in line), None))
            assert "permission denied for sequence" in line
    finally:
        own.run(f"DROP OWNED BY {role}")
        own.run(f"DROP ROLE {role}")
