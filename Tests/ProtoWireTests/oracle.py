"""Decodes and encodes messages with Python protobuf, for the tests of ProtoWire.

Started as `oracle.py PROTO...`; speaks on file descriptor 0, both ways, in little-endian numbers:
  request: u32 bytes that follow, then per case: u8 type, u32 length, message
  answer:  u32 bytes that follow, then per case: u8 1 and u32 length, message, or u8 0 and u32 0
           where the message was refused
The answer is the message without unknown fields, serialized deterministically. Type 0 is
test.Everything, 1 test.Leaf, 2 test.Order; 3 is test.Everything with its unknown fields.
"""

import os
import struct
import sys
import tempfile

from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory
from grpc_tools import protoc


def message_types(protos):
    """The classes of the types, made from the protos at hand: no generated file to go stale."""
    with tempfile.TemporaryDirectory() as directory:
        compiled = os.path.join(directory, "set")
        includes = sorted({os.path.dirname(proto) for proto in protos})
        arguments = [f"-I{include}" for include in includes]
        if protoc.main(["protoc", *arguments, f"--descriptor_set_out={compiled}", *protos]) != 0:
            sys.exit("oracle.py: protoc failed")
        with open(compiled, "rb") as file:
            descriptors = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    pool = descriptor_pool.DescriptorPool()
    for file in descriptors.file:
        pool.Add(file)
    names = ["test.Everything", "test.Leaf", "test.Order", "test.Everything"]
    return [message_factory.GetMessageClass(pool.FindMessageTypeByName(name)) for name in names]


def read_exactly(count):
    parts = []
    while count > 0:
        part = os.read(0, min(count, 1 << 20))
        if not part:
            sys.exit(0)
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


WITH_UNKNOWN = 3


def answer(message_type, wire, keep_unknown):
    try:
        decoded = message_type.FromString(wire)
        if not keep_unknown:
            decoded.DiscardUnknownFields()
        encoded = decoded.SerializeToString(deterministic=True)
    except message.DecodeError:
        return struct.pack("<BI", 0, 0)
    return struct.pack("<BI", 1, len(encoded)) + encoded


def main():
    types = message_types(sys.argv[1:])
    while True:
        (size,) = struct.unpack("<I", read_exactly(4))
        request = read_exactly(size)
        answers = []
        at = 0
        while at < size:
            kind, length = struct.unpack_from("<BI", request, at)
            at += 5
            answers.append(answer(types[kind], request[at : at + length], kind == WITH_UNKNOWN))
            at += length
        reply = b"".join(answers)
        reply = struct.pack("<I", len(reply)) + reply
        while reply:
            reply = reply[os.write(0, reply) :]


main()
