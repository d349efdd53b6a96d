/// Google's well-known messages, as far as `Protos/` uses them, and what reflection reads of
/// `descriptor.proto`.
package enum GoogleProtobuf {}
