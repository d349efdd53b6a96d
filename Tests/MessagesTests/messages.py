"""Writes random messages of every type in a descriptor set, for the tests of Messages.

Started as `messages.py SET KIND SEED COUNT`; SET is a file with a serialized FileDescriptorSet. Writes
records of byte strings to standard output, each string a big-endian u32 length and its bytes. By KIND:
  full    type, message, the same message: every field set, once for each member of its oneofs
  random  type, message, the same message: COUNT of each type
  plain   as random, without what libprotobuf-c treats in its own way: NUL in strings, -0.0, and maps
          with an empty value
  merged  type, two messages one after the other, what Python made of them: COUNT of each type
  enums   enum, its numbers as big-endian i32, nothing
The messages that describe protos are left out: none of them is ever sent.
Messages are serialized deterministically: ascending fields, map entries ordered by key.
"""

import random
import struct
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor as Field

INTEGERS = {
    Field.TYPE_INT32: (-(1 << 31), (1 << 31) - 1),
    Field.TYPE_INT64: (-(1 << 63), (1 << 63) - 1),
    Field.TYPE_UINT32: (0, (1 << 32) - 1),
    Field.TYPE_UINT64: (0, (1 << 64) - 1),
}


class Maker:
    def __init__(self, rng, plain):
        self.rng = rng
        self.plain = plain

    def text(self, least=0):
        length = self.rng.choice([0, 1, 5, 20, 127, 128, 300, 20_000 if self.rng.random() < 0.02 else 3])
        alphabet = "abc XYZ/\u00e9\u0301\u4e2d\U0001f68c\u007f\u0080" + ("" if self.plain else "\0")
        return "".join(self.rng.choices(alphabet, k=max(length, least)))

    def integer(self, low, high):
        edges = [low, high, 0, 1, 127, 128, 16_383, 16_384, high >> 1]
        if low < 0:
            edges.append(-1)
        return self.rng.choice(edges) if self.rng.random() < 0.5 else self.rng.randint(low, high)

    def scalar(self, field, nonzero):
        if field.type in INTEGERS:
            return self.integer(*INTEGERS[field.type]) or int(nonzero)
        if field.type == Field.TYPE_STRING:
            return self.text(int(nonzero))
        if field.type == Field.TYPE_BYTES:
            return self.rng.randbytes(max(self.rng.choice([0, 1, 16, 127, 128, 1_000]), int(nonzero)))
        if field.type == Field.TYPE_BOOL:
            return nonzero or self.rng.random() < 0.5
        if field.type == Field.TYPE_DOUBLE:
            zeros = [] if self.plain else [-0.0]
            value = self.rng.choice([0.0, 1.5, -1e300, 5e-324, float("inf"), *zeros])
            return 2.25 if nonzero and value == 0 else value
        if field.type == Field.TYPE_ENUM:
            known = [value.number for value in field.enum_type.values if value.number or not nonzero]
            return self.rng.choice([*known, 77, -3])
        raise ValueError(f"{field.full_name}: no values are made for its type")

    def fill(self, message, full=False, members=None):
        """Sets fields at random; when full all of them, of each oneof the member that `members` names."""
        for field in message.DESCRIPTOR.fields:
            oneof = field.containing_oneof
            if oneof is not None and full:
                if (members or {}).get(oneof.name, oneof.fields[0].name) != field.name:
                    continue
            elif not full and self.rng.random() < 0.4:
                continue
            repeated = field.is_repeated if hasattr(field, "is_repeated") else field.label == field.LABEL_REPEATED
            if field.message_type is not None and field.message_type.GetOptions().map_entry:
                entry = field.message_type
                if entry.fields_by_name["key"].type != Field.TYPE_STRING:
                    continue
                for _ in range(self.rng.choice([1, 2, 5])):
                    # No key begins another: of two such, Python writes the longer one first.
                    key = self.scalar(entry.fields_by_name["key"], False) + "~"
                    if entry.fields_by_name["value"].message_type is not None:
                        self.fill(getattr(message, field.name)[key], full)
                        continue
                    value = self.scalar(entry.fields_by_name["value"], full or self.plain)
                    getattr(message, field.name)[key] = value
            elif repeated and field.message_type is not None:
                for _ in range(self.rng.choice([1, 2, 4])):
                    self.fill(getattr(message, field.name).add(), full)
            elif repeated:
                count = self.rng.choice([1, 2, 30])
                getattr(message, field.name).extend(self.scalar(field, full) for _ in range(count))
            elif field.message_type is not None:
                child = getattr(message, field.name)
                child.SetInParent()
                self.fill(child, full)
            else:
                setattr(message, field.name, self.scalar(field, full))
        return message


def serialized(message):
    return message.SerializeToString(deterministic=True)


def all_messages(file):
    waiting = list(file.message_types_by_name.values())
    while waiting:
        descriptor = waiting.pop(0)
        if not descriptor.GetOptions().map_entry:
            yield descriptor
        waiting.extend(descriptor.nested_types)


def write(*parts):
    for part in parts:
        sys.stdout.buffer.write(struct.pack(">I", len(part)) + part)


def write_messages(descriptor, kind, maker, count):
    new = message_factory.GetMessageClass(descriptor)
    name = descriptor.full_name.encode()
    if kind == "full":
        for oneof in descriptor.oneofs or [None]:
            for member in oneof.fields if oneof else [None]:
                members = {oneof.name: member.name} if oneof else {}
                bytes = serialized(maker.fill(new(), True, members))
                write(name, bytes, bytes)
        return
    for _ in range(count):
        bytes = serialized(maker.fill(new()))
        if kind == "merged":
            bytes += serialized(maker.fill(new()))
            write(name, bytes, serialized(new.FromString(bytes)))
        else:
            write(name, bytes, bytes)


def main():
    path, kind, seed, count = sys.argv[1:]
    with open(path, "rb") as file:
        files = descriptor_pb2.FileDescriptorSet.FromString(file.read()).file
    pool = descriptor_pool.DescriptorPool()
    for file in files:
        pool.Add(file)
    maker = Maker(random.Random(int(seed)), kind == "plain")
    for file in (pool.FindFileByName(file.name) for file in files):
        if file.name == "google/protobuf/descriptor.proto":
            continue
        enums = list(file.enum_types_by_name.values())
        for descriptor in all_messages(file):
            enums.extend(descriptor.enum_types)
            if kind != "enums":
                write_messages(descriptor, kind, maker, int(count))
        for enum in enums if kind == "enums" else []:
            write(enum.full_name.encode(), b"".join(struct.pack(">i", v.number) for v in enum.values), b"")


if __name__ == "__main__":
    main()
