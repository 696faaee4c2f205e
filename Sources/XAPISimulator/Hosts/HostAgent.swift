import NIOCore

/// The toolstack's process on one host, with the machine under it. What all of them share, the database and the calls,
/// is ``Toolstack``.
final class HostAgent {
    enum State: String {
        /// The machine is off, or has crashed.
        case off
        /// The toolstack does not serve anyone yet.
        case starting
        case running
        /// It has lost its coordinator and waits for an administrator.
        case emergency
    }

    let address: String
    /// Where clients reach it. Hosts that share an address have the same one, behind which is the coordinator.
    let door: HTTPServer
    /// Of its record.
    var reference = Reference.null
    var state = State.running
    /// The address of the host that it takes for the coordinator.
    var coordinator = ""
    /// Sessions that hold at this host only, and without a coordinator.
    var localSessions: Set<String> = []
    /// Ends the start.
    var starting: Scheduled<Void>?
    /// Lets the others find out that it is gone.
    var lossDetection: Scheduled<Void>?

    init(address: String, door: HTTPServer) {
        self.address = address
        self.door = door
    }

    func cancelTimers() {
        starting?.cancel()
        starting = nil
        lossDetection?.cancel()
        lossDetection = nil
    }
}
