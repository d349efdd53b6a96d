"""What Python protobuf makes of messages in JSON, for the tests of ProtoJSON.

Started as `json_forms.py SET write SEED COUNT` it writes records as messages.py does: type, message, the same as JSON; COUNT of
each type. Started as `json_forms.py SET compare FILE` it reads records of four strings from FILE: type, message, JSON, message; and
writes a record (type, what is wrong, nothing) for each whose JSON or second message is not the first one. Started as
`json_forms.py SET judge FILE` it reads pairs (type, JSON) and writes for each: type, the message, "taken" or why it was refused.
"""

import random
import struct
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.descriptor import FieldDescriptor as Field

from messages import INTEGERS, Maker, all_messages, serialized, write

MORE_INTEGERS = {
    Field.TYPE_SINT32: INTEGERS[Field.TYPE_INT32], Field.TYPE_SFIXED32: INTEGERS[Field.TYPE_INT32],
    Field.TYPE_FIXED32: INTEGERS[Field.TYPE_UINT32], Field.TYPE_SINT64: INTEGERS[Field.TYPE_INT64],
    Field.TYPE_SFIXED64: INTEGERS[Field.TYPE_INT64], Field.TYPE_FIXED64: INTEGERS[Field.TYPE_UINT64],
}
FLOATS = [0.0, -0.0, 1.5, 0.1, -1e30, 1e-38, 16777217.0, float("inf"), float("-inf"), float("nan")]
DOUBLES = [*FLOATS, 1e300, -1e300, 5e-324, 1.7976931348623157e308, 123456789012345680.0]


class JSONMaker(Maker):
    """As Maker, but with values that have a form in JSON, and all types of fields."""

    def __init__(self, rng):
        super().__init__(rng, False)
        self.depth = 0

    def scalar(self, field, nonzero):
        if field.type in MORE_INTEGERS:
            return self.integer(*MORE_INTEGERS[field.type]) or int(nonzero)
        if field.type == Field.TYPE_FLOAT:
            return self.rng.choice(FLOATS)
        if field.type == Field.TYPE_DOUBLE:
            return self.rng.choice(DOUBLES) if self.rng.random() < 0.7 else self.rng.gauss(0, 1e6)
        return super().scalar(field, nonzero)

    def fill(self, message, full=False, members=None):
        name = message.DESCRIPTOR.full_name
        if name == "google.protobuf.Duration":
            sign = self.rng.choice([-1, 1])
            message.seconds = sign * self.rng.choice([0, 1, 59, 315_576_000_000 - 1])
            message.nanos = sign * self.nanos()
        elif name == "google.protobuf.Timestamp":
            message.seconds = self.rng.choice(
                [0, -1, -62_135_596_800, 253_402_300_799, 951_782_400, 1_709_164_800,
                 self.rng.randint(-62_135_596_800, 253_402_300_799)])
            message.nanos = self.nanos()
        elif name == "google.protobuf.Any":
            if self.rng.random() < 0.8:
                message.type_url = "type.googleapis.com/google.rpc.ErrorInfo"
                info = message_factory.GetMessageClass(
                    message.DESCRIPTOR.file.pool.FindMessageTypeByName("google.rpc.ErrorInfo"))()
                message.value = serialized(super().fill(info))
        elif self.depth < 4:
            self.depth += 1
            self.fill_map_keys(message)
            super().fill(message, full, members)
            self.depth -= 1
        return message

    def fill_map_keys(self, message):
        """Maps whose keys are no strings: messages.py fills the others."""
        for field in message.DESCRIPTOR.fields:
            entry = field.message_type
            if entry is None or not entry.GetOptions().map_entry:
                continue
            if entry.fields_by_name["key"].type == Field.TYPE_STRING or self.rng.random() < 0.4:
                continue
            for _ in range(self.rng.choice([1, 2, 5])):
                key = self.scalar(entry.fields_by_name["key"], False)
                getattr(message, field.name)[key] = self.scalar(entry.fields_by_name["value"], False)

    def nanos(self):
        return self.rng.choice([0, 500_000_000, 1_000, 999_999_999, 120_000_000, 7])


def load(path):
    with open(path, "rb") as file:
        files = descriptor_pb2.FileDescriptorSet.FromString(file.read()).file
    pool = descriptor_pool.DescriptorPool()
    for file in files:
        pool.Add(file)
    return pool, [pool.FindFileByName(file.name) for file in files]


def strings(path, count):
    with open(path, "rb") as file:
        rest = file.read()
    record = []
    while rest:
        length, = struct.unpack(">I", rest[:4])
        record.append(rest[4:4 + length])
        rest = rest[4 + length:]
        if len(record) == count:
            yield record
            record = []


def write_forms(pool, files, seed, count):
    maker = JSONMaker(random.Random(seed))
    for file in files:
        if file.name == "google/protobuf/descriptor.proto":
            continue
        for descriptor in all_messages(file):
            new = message_factory.GetMessageClass(descriptor)
            for _ in range(count):
                message = maker.fill(new())
                json = json_format.MessageToJson(
                    message, indent=None, ensure_ascii=maker.rng.random() < 0.5,
                    preserving_proto_field_name=maker.rng.random() < 0.5, descriptor_pool=pool)
                write(descriptor.full_name.encode(), serialized(message), json.encode())


def form(message, pool):
    return json_format.MessageToJson(message, sort_keys=True, descriptor_pool=pool)


def compare(pool, path):
    for name, first, json, second in strings(path, 4):
        new = message_factory.GetMessageClass(pool.FindMessageTypeByName(name.decode()))
        expected = serialized(new.FromString(first))
        try:
            parsed = json_format.Parse(json, new(), descriptor_pool=pool)
        except json_format.ParseError as error:
            write(name, f"{error}: {json!r}".encode(), b"")
            continue
        # Where an Any holds a map, Python packs it in another order each time.
        if serialized(parsed) != expected and form(parsed, pool) != form(new.FromString(first), pool):
            write(name, b"another message from " + json, b"")
        if serialized(new.FromString(second)) != expected:
            write(name, b"other bytes from the JSON of " + json, b"")


def judge(pool, path):
    for name, json in strings(path, 2):
        new = message_factory.GetMessageClass(pool.FindMessageTypeByName(name.decode()))
        try:
            parsed = json_format.Parse(json, new(), descriptor_pool=pool)
            write(name, serialized(parsed), b"taken")
        except Exception as error:  # json_format lets errors of other kinds out, too
            write(name, b"", f"{type(error).__name__}: {error}".encode())


def main():
    pool, files = load(sys.argv[1])
    if sys.argv[2] == "write":
        write_forms(pool, files, int(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[2] == "compare":
        compare(pool, sys.argv[3])
    else:
        judge(pool, sys.argv[3])


main()
