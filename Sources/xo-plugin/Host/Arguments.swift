import CXOPlugin
import XOJSON
import XOProtocol

/// Something that breaks the contract, as the end of "It passes FUNCTION …".
struct BadArgument: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

// What the plugin passes in, checked.

extension xo_str {
    /// - Parameter name: of the argument, for people.
    func checked(_ name: String) throws -> String {
        guard let bytes = UnsafeRawBufferPointer(view: ptr, len) else { throw BadArgument.lyingView(name, ptr, len) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw BadArgument("a `\(name)` that is not UTF-8")
        }
        return text
    }
}

extension xo_bytes {
    /// A copy of the bytes.
    func checked(_ name: String) throws -> [UInt8] {
        guard let bytes = UnsafeRawBufferPointer(view: ptr, len) else { throw BadArgument.lyingView(name, ptr, len) }
        return [UInt8](bytes)
    }

    /// The bytes as JSON.
    func checkedJSON(_ name: String) throws -> JSON {
        do {
            return try JSON(parsing: checked(name))
        } catch let error as JSONError {
            throw BadArgument("a `\(name)` that is not JSON: \(error)")
        }
    }
}

extension BadArgument {
    /// A view at NULL, or of an impossible length.
    static func lyingView(_ name: String, _ pointer: UnsafeRawPointer?, _ length: UInt64) -> BadArgument {
        BadArgument("a `\(name)` of \(length) bytes\(pointer == nil ? " at NULL" : "")")
    }

    /// Checks that a struct that comes in has all members of minor 0.
    static func checkSize<T>(_ size: UInt32, of type: T.Type, _ name: String) throws {
        guard Int(size) >= MemoryLayout<T>.size else {
            throw BadArgument("a `\(name)` with the struct_size \(size), expected at least \(MemoryLayout<T>.size)")
        }
    }

    /// Reads an array of frozen structs.
    static func array<T>(
        _ first: UnsafePointer<T>?, _ count: UInt32, stride: Int, _ name: String
    ) throws -> [T] {
        guard count > 0 else { return [] }
        guard let first else { throw BadArgument("\(count) `\(name)` at NULL") }
        guard stride >= MemoryLayout<T>.size else {
            throw BadArgument("`\(name)` with a stride of \(stride), expected at least \(MemoryLayout<T>.size)")
        }
        return (0..<Int(count)).map {
            UnsafeRawPointer(first).loadUnaligned(fromByteOffset: $0 * stride, as: T.self)
        }
    }
}
