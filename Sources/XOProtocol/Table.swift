package import CXOPlugin

/// A struct of the protocol that begins with its size.
package protocol SizedTable {
    var struct_size: UInt32 { get }
}

extension xo_library: SizedTable {}
extension xo_descriptor: SizedTable {}
extension xo_host: SizedTable {}
extension xo_calls_host: SizedTable {}
extension xo_objects_host: SizedTable {}
extension xo_events_host: SizedTable {}
extension xo_http_host: SizedTable {}
extension xo_transport_host: SizedTable {}
extension xo_store_host: SizedTable {}
extension xo_metrics_host: SizedTable {}
extension xo_auth_host: SizedTable {}

extension xo_instance: SizedTable {}
extension xo_methods: SizedTable {}
extension xo_calls: SizedTable {}
extension xo_events: SizedTable {}
extension xo_http: SizedTable {}
extension xo_transport: SizedTable {}
extension xo_store: SizedTable {}
extension xo_auth: SizedTable {}

/// A table of the other side, which may be shorter than the type says if that side is older. Members are read one by
/// one, and only inside the announced size.
package struct Table<T: SizedTable> {
    private let pointer: UnsafePointer<T>

    package init(_ raw: UnsafeRawPointer) {
        pointer = raw.assumingMemoryBound(to: T.self)
    }

    /// The member, or `nil` if the other side does not have it. Not for hot paths, which keep what they have found.
    package func slot<Member>(_ path: KeyPath<T, Member?>) -> Member? {
        guard let offset = MemoryLayout<T>.offset(of: path),
            offset + MemoryLayout<Member?>.size <= Int(pointer.pointee.struct_size)
        else { return nil }
        // Reads this one field; `pointer.pointee` as a whole would read past a shorter table.
        return UnsafeRawPointer(pointer).load(fromByteOffset: offset, as: Member?.self)
    }
}

// Where such a struct is kept, its size is what it says of itself, never what Swift says of its type: the runtime has one
// description of an imported C type for the whole process, that of whichever library came first, and that may have been
// built with another minor version of the header. So none is copied by code that is generic over it.

/// A table that is made once, never changes and is never freed, so that any thread may hold a pointer to it.
package struct ConstantTable: @unchecked Sendable {
    package let pointer: UnsafeRawPointer

    package init<T: SizedTable>(_ table: UnsafePointer<T>) { pointer = UnsafeRawPointer(Immortal.table(table)) }
}

extension Immortal {
    /// Keeps a copy of a struct that begins with its size.
    package static func table<T: SizedTable>(_ table: UnsafePointer<T>) -> UnsafePointer<T> {
        let source = UnsafeRawPointer(table)
        let size = Int(source.load(as: UInt32.self))
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        memory.copyMemory(from: source, byteCount: size)
        return UnsafeRawPointer(memory).assumingMemoryBound(to: T.self)
    }
}
