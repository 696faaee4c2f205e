import Glibc

/// Sends and receives on a local socket, descriptors included (SCM_RIGHTS; unix(7), cmsg(3)).
///
/// The macros of cmsg(3) are not visible from Swift. What they compute is simple for the one message used here: a header
/// of 16 bytes, and the numbers behind it, filled up to a multiple of eight.
enum PassedDescriptors {
    private static let headerSize = MemoryLayout<cmsghdr>.size
    /// So many come with one message at most.
    private static let maximum = 4
    private static let space = headerSize + (maximum * MemoryLayout<Int32>.size + 7) & ~7

    /// Sends bytes, and a descriptor with the first of them. Returns what `sendmsg` does.
    static func send(_ socket: Int32, _ bytes: UnsafeRawBufferPointer, _ descriptor: Int32, flags: Int32) -> Int {
        let length = headerSize + MemoryLayout<Int32>.size
        return withUnsafeTemporaryAllocation(byteCount: space, alignment: 8) { control in
            control.initializeMemory(as: UInt8.self, repeating: 0)
            var header = cmsghdr()
            header.cmsg_len = length
            header.cmsg_level = SOL_SOCKET
            header.cmsg_type = Int32(SCM_RIGHTS)
            control.storeBytes(of: header, as: cmsghdr.self)
            control.storeBytes(of: descriptor, toByteOffset: headerSize, as: Int32.self)
            var vector = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
            return withUnsafeMutablePointer(to: &vector) { vector in
                var message = msghdr()
                message.msg_iov = vector
                message.msg_iovlen = 1
                message.msg_control = control.baseAddress
                message.msg_controllen = headerSize + (MemoryLayout<Int32>.size + 7) & ~7
                return sendmsg(socket, &message, flags)
            }
        }
    }

    /// Receives bytes, and the descriptors that come with them. Returns what `recvmsg` does.
    ///
    /// - Parameter descriptors: gets those that came; `nil`: none belong here.
    /// - Throws: if there were more than belong here. The kernel has closed those.
    static func receive(
        _ socket: Int32, into buffer: UnsafeMutableRawBufferPointer, _ descriptors: inout [DescriptorInTransit]?
    ) throws(MalformedFrame) -> Int {
        var arrived: [DescriptorInTransit] = []
        var isTruncated = false
        let takes = descriptors != nil
        let count = withUnsafeTemporaryAllocation(byteCount: space, alignment: 8) { control in
            var vector = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
            return withUnsafeMutablePointer(to: &vector) { vector in
                var message = msghdr()
                message.msg_iov = vector
                message.msg_iovlen = 1
                message.msg_control = takes ? control.baseAddress : nil
                message.msg_controllen = takes ? space : 0
                let count = recvmsg(socket, &message, Int32(MSG_CMSG_CLOEXEC))
                guard count >= 0 else { return count }
                isTruncated = message.msg_flags & Int32(MSG_CTRUNC) != 0
                guard takes, message.msg_controllen >= headerSize else { return count }
                let header = control.load(as: cmsghdr.self)
                guard header.cmsg_level == SOL_SOCKET, header.cmsg_type == Int32(SCM_RIGHTS) else { return count }
                for offset in stride(
                    from: headerSize, to: min(Int(header.cmsg_len), space), by: MemoryLayout<Int32>.size)
                {
                    let number = control.load(fromByteOffset: offset, as: Int32.self)
                    arrived.append(DescriptorInTransit(OwnedDescriptor(number)))
                }
                return count
            }
        }
        descriptors?.append(contentsOf: arrived)
        if isTruncated { throw MalformedFrame() }
        return count
    }
}
