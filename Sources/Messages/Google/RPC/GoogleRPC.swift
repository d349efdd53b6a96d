/// The messages of the package `google.rpc`, as far as `Protos/` has them.
package enum GoogleRPC {}
