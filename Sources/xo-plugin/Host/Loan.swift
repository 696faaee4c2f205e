import CXOPlugin
import Glibc

/// Memory that is lent to the plugin for one call.
final class Loan {
    /// Where lent memory lies, and what becomes of it.
    enum Kind: Sendable {
        /// Stays as it is: a plugin that keeps a pointer gets away with it.
        case lasting
        /// In pages of its own, right before one that cannot be read; and cannot be read itself once the call is over.
        /// Reading beyond the end, or later, ends the process with SIGSEGV.
        case guarded
    }

    private let kind: Kind
    private var mappings: [UnsafeMutableRawBufferPointer] = []
    private static let page = sysconf(Int32(_SC_PAGESIZE))

    private init(_ kind: Kind) { self.kind = kind }

    /// Lends whatever `body` takes from its argument, until it returns.
    static func lend<Result>(_ kind: Kind, _ body: (Loan) -> Result) -> Result {
        let loan = Loan(kind)
        defer { loan.end() }
        return body(loan)
    }

    /// Memory for something that stays valid for the life of an instance, such as a table: never taken back.
    static func permanent(_ kind: Kind, byteCount: Int) -> UnsafeMutableRawPointer {
        Loan(kind).memory(byteCount)
    }

    /// A view of a copy.
    func bytes(_ content: [UInt8]) -> xo_bytes {
        guard !content.isEmpty else { return xo_bytes(ptr: nil, len: 0) }
        let start = memory(content.count)
        content.withUnsafeBytes {
            start.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(start), byteCount: $0.count)
        }
        return xo_bytes(ptr: UnsafePointer(start.assumingMemoryBound(to: UInt8.self)), len: UInt64(content.count))
    }

    /// A view of a text.
    func text(_ content: String) -> xo_str {
        let view = bytes(Array(content.utf8))
        return xo_str(ptr: view.ptr.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) }, len: view.len)
    }

    /// A struct of the protocol.
    ///
    /// - Parameter trailing: bytes of nonsense behind it, which `struct_size` is to include.
    func value<T>(_ value: T, trailing: Int = 0) -> UnsafePointer<T> {
        UnsafePointer(Loan.place(value, trailing: trailing, in: memory(MemoryLayout<T>.size + trailing)))
    }

    /// Structs one behind the other; NULL if there are none.
    func array<T>(_ values: [T]) -> UnsafePointer<T>? {
        guard !values.isEmpty else { return nil }
        let start = memory(MemoryLayout<T>.stride * values.count).bindMemory(to: T.self, capacity: values.count)
        for (index, value) in values.enumerated() { (start + index).initialize(to: value) }
        return UnsafePointer(start)
    }

    /// Puts a struct into memory, with nonsense behind it.
    static func place<T>(_ value: T, trailing: Int, in memory: UnsafeMutableRawPointer) -> UnsafeMutablePointer<T> {
        let typed = memory.bindMemory(to: T.self, capacity: 1)
        typed.initialize(to: value)
        memset(memory + MemoryLayout<T>.size, Int32(nonsense), trailing)
        return typed
    }

    /// No pointer, no small number, no flag that anybody knows.
    private static let nonsense: UInt8 = 0xA5

    private func memory(_ size: Int) -> UnsafeMutableRawPointer {
        switch kind {
        case .lasting:
            return .allocate(byteCount: max(size, 1), alignment: 16)
        case .guarded:
            let room = (size + Self.page - 1) / Self.page * Self.page
            let protection = PROT_READ | PROT_WRITE
            let flags = MAP_PRIVATE | MAP_ANONYMOUS
            guard let start = mmap(nil, room + Self.page, protection, flags, -1, 0), start != MAP_FAILED else {
                preconditionFailure("no memory of \(room) bytes can be had")
            }
            mprotect(start + room, Self.page, PROT_NONE)
            mappings.append(UnsafeMutableRawBufferPointer(start: start, count: room))
            // Sizes of structs are multiples of their alignment, so what ends at a page is aligned.
            return start + (room - size)
        }
    }

    private func end() {
        // Never unmapped: another mapping at the same place would hide that somebody still looks there.
        for mapping in mappings { mprotect(mapping.baseAddress, mapping.count, PROT_NONE) }
    }
}
