package import ProtoWire

extension GoogleAPI {
  /// The HTTP route of a method.
  package struct HttpRule: NamedMessage {
    package static let fullName = "google.api.HttpRule"

    /// The HTTP method, with the path.
    package enum Pattern: Equatable, Sendable {
      /// GET.
      case get(String)
      /// PUT.
      case put(String)
      /// POST.
      case post(String)
      /// DELETE.
      case delete(String)
      /// PATCH.
      case patch(String)
    }

    /// The method and the path.
    package var pattern: Pattern?
    /// `*`: the body is the request, but for the fields in the path; empty: there is no body.
    package var body: String = ""

    package init() {}

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
      while let field = try reader.nextField() {
        switch field.number {
        case 2: pattern = .get(try reader.string(field))
        case 3: pattern = .put(try reader.string(field))
        case 4: pattern = .post(try reader.string(field))
        case 5: pattern = .delete(try reader.string(field))
        case 6: pattern = .patch(try reader.string(field))
        case 7: body = try reader.string(field)
        default: try reader.skip(field)
        }
      }
    }

    package func encode(into writer: inout WireWriter) {
      switch pattern {
      case .get(let path): writer.string(2, path, always: true)
      case .put(let path): writer.string(3, path, always: true)
      case .post(let path): writer.string(4, path, always: true)
      case .delete(let path): writer.string(5, path, always: true)
      case .patch(let path): writer.string(6, path, always: true)
      case nil: break
      }
      writer.string(7, body)
    }
  }
}
