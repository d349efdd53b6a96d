/// Types whose values are four little-endian bytes.
public protocol ProtoFixed4: ProtoPackable {
  /// The value that the bits mean.
  static func value(of bits: UInt32) -> Value
  /// The bits that stand for a value.
  static func bits(of value: Value) -> UInt32
}

extension ProtoFixed4 {
  @inlinable @inline(__always)
  public static var wireType: WireType { .fixed32 }
  @inlinable @inline(__always)
  public static var fixedSize: Int { 4 }
  @inlinable @inline(__always)
  public static var absent: Value { value(of: 0) }
  @inlinable @inline(__always)
  public static func read(from reader: inout WireReader) throws(WireError) -> Value {
    value(of: try reader.fixed4())
  }
  @inlinable @inline(__always)
  public static func write(_ value: Value, to writer: inout WireWriter) {
    writer.fixed4(bits(of: value))
  }
}

/// Types whose values are eight little-endian bytes.
public protocol ProtoFixed8: ProtoPackable {
  /// The value that the bits mean.
  static func value(of bits: UInt64) -> Value
  /// The bits that stand for a value.
  static func bits(of value: Value) -> UInt64
}

extension ProtoFixed8 {
  @inlinable @inline(__always)
  public static var wireType: WireType { .fixed64 }
  @inlinable @inline(__always)
  public static var fixedSize: Int { 8 }
  @inlinable @inline(__always)
  public static var absent: Value { value(of: 0) }
  @inlinable @inline(__always)
  public static func read(from reader: inout WireReader) throws(WireError) -> Value {
    value(of: try reader.fixed8())
  }
  @inlinable @inline(__always)
  public static func write(_ value: Value, to writer: inout WireWriter) {
    writer.fixed8(bits(of: value))
  }
}

/// `fixed32`.
public enum ProtoFixed32: ProtoFixed4, ProtoKey {
  public typealias Value = UInt32
  @inlinable @inline(__always)
  public static func value(of bits: UInt32) -> UInt32 { bits }
  @inlinable @inline(__always)
  public static func bits(of value: UInt32) -> UInt32 { value }
}

/// `sfixed32`.
public enum ProtoSFixed32: ProtoFixed4, ProtoKey {
  public typealias Value = Int32
  @inlinable @inline(__always)
  public static func value(of bits: UInt32) -> Int32 { Int32(bitPattern: bits) }
  @inlinable @inline(__always)
  public static func bits(of value: Int32) -> UInt32 { UInt32(bitPattern: value) }
}

/// `float`: the bits travel untouched, NaN payloads and -0 included.
public enum ProtoFloat: ProtoFixed4 {
  public typealias Value = Float
  @inlinable @inline(__always)
  public static func value(of bits: UInt32) -> Float { Float(bitPattern: bits) }
  @inlinable @inline(__always)
  public static func bits(of value: Float) -> UInt32 { value.bitPattern }
}

/// `fixed64`.
public enum ProtoFixed64: ProtoFixed8, ProtoKey {
  public typealias Value = UInt64
  @inlinable @inline(__always)
  public static func value(of bits: UInt64) -> UInt64 { bits }
  @inlinable @inline(__always)
  public static func bits(of value: UInt64) -> UInt64 { value }
}

/// `sfixed64`.
public enum ProtoSFixed64: ProtoFixed8, ProtoKey {
  public typealias Value = Int64
  @inlinable @inline(__always)
  public static func value(of bits: UInt64) -> Int64 { Int64(bitPattern: bits) }
  @inlinable @inline(__always)
  public static func bits(of value: Int64) -> UInt64 { UInt64(bitPattern: value) }
}

/// `double`: the bits travel untouched, NaN payloads and -0 included.
public enum ProtoDouble: ProtoFixed8 {
  public typealias Value = Double
  @inlinable @inline(__always)
  public static func value(of bits: UInt64) -> Double { Double(bitPattern: bits) }
  @inlinable @inline(__always)
  public static func bits(of value: Double) -> UInt64 { value.bitPattern }
}

extension Float: ProtoMapped { public typealias Proto = ProtoFloat }
extension Double: ProtoMapped { public typealias Proto = ProtoDouble }
