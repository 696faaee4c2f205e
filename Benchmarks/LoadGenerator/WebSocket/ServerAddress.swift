import ArgumentParser
import Glibc

/// `ws://127.0.0.1:8080/api/`: benchmarks run on one machine, so a numeric address is enough.
struct ServerAddress: ExpressibleByArgument {
    let host: String
    let port: UInt16
    let path: String

    init?(argument: String) {
        guard argument.hasPrefix("ws://") else { return nil }
        let rest = argument.dropFirst(5)
        let authority = rest.prefix { $0 != "/" }
        let parts = authority.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else { return nil }
        host = String(parts[0])
        self.port = port
        path = authority.endIndex == rest.endIndex ? "/" : String(rest[authority.endIndex...])
    }
}
