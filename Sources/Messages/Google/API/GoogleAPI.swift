/// The messages of the package `google.api`, as far as `Protos/` has them.
package enum GoogleAPI {}
