// Made by Tests/MessagesTests/generate-oracle; not edited by hand.
#pragma once
#include <protobuf-c/protobuf-c.h>

/// The descriptor of a message by its full name; NULL: not one of the files under Protos/.
const ProtobufCMessageDescriptor *oracle_descriptor(const char *name);
