/// What a worker thread has at hand: its own connection of the service.
struct Desk {
    /// Readable when all waiting must end.
    let interrupt: Int32
    var connection: Kept?

    struct Kept {
        let handle: DirectoryHandle
        var usedAt: Deadline
    }

    /// Takes the connection to this server, if it is fit for use; any other is closed.
    mutating func take(_ server: ServerAddress, idle: Duration, maximumAge: Duration) -> DirectoryHandle? {
        defer { connection = nil }
        guard let kept = connection, kept.handle.server == server, kept.usedAt.age < idle,
            kept.handle.openedAt.age < maximumAge, !kept.handle.isStale
        else { return nil }
        return kept.handle
    }

    mutating func keep(_ handle: DirectoryHandle) {
        connection = handle.isBroken ? nil : Kept(handle: handle, usedAt: .now)
    }
}
