import XOJSON

/// The methods that the host itself offers, by namespace. Their names, parameters and results are those of the network
/// contract; what goes beyond it is named apart.
enum HostMethods {
    static func all(_ host: Daemon) throws -> [MethodDefinition] {
        try session(host.services) + system(host.services) + xo(host.services) + tokens(host.services)
            + users(host.services) + secondFactors(host.services) + auth(host.services) + audit(host.services)
            + plugins(host)
    }

    /// A method of the host. `parameters` is written in the dialect of the network contract.
    static func method(
        _ name: String, _ summary: String, _ permission: MethodPermission, _ parameters: JSON? = nil,
        _ handler: @escaping NativeHandler
    ) throws -> MethodDefinition {
        try MethodDefinition(
            name: name, summary: summary, permission: permission, parameters: parameters,
            provider: .host(AuditedMethods.contains(name) ? AuditedMethods.noting(name, handler) : handler))
    }
}
