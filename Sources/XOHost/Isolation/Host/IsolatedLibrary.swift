import CXOPlugin
import Logging
import XOJSON
import XOProtocol

/// Libraries that are loaded by a process of their own.
enum IsolatedLibrary {
    /// Starts the process of an instance and has it load the library. Blocks.
    static func launch(
        _ found: Libraries.Found, of instance: PluginInstance, timeout: Duration
    ) throws -> PluginLibrary {
        let services = instance.services
        services.libraries.keep(found)
        let output = OutputTail()
        let plugin = RemotePlugin(
            id: instance.id, library: found.path, hangTimeout: services.configuration.host.hangTimeout,
            clock: services.clock
        ) { [weak instance] reason in
            instance?.lostProcess(reason, output)
        }
        let task = RunnerTask(
            library: found.copy, path: found.path, instanceID: instance.id,
            dataDirectory: services.dataDirectory(of: instance.id),
            hostName: "xo-host", hostVersion: HostVersion.current, logLevel: LogBridge.code(instance.log.logLevel),
            isGrantedService: instance.configuration.grants.contains(PluginInstance.serviceGrant),
            maximumSessions: UInt32(clamping: services.configuration.host.limits.sessions),
            callsPerSession: UInt32(clamping: services.configuration.host.limits.callsPerSession))
        let info = try plugin.launch(
            task, timeout: timeout, memoryLimit: instance.configuration.memoryLimit
        ) { [log = services.log, id = instance.id] line in
            output.add(line)
            log.write(LogRecord(level: .info, source: id, message: line, fields: ["stream": "output"]))
        }
        // The tables only send, so there is nothing that could overlap; the lanes are the runner's.
        return PluginLibrary(path: found.path, hash: found.hash, info: info, isConcurrent: true, process: plugin) {
            host, out, err in
            plugin.create(for: host, timeout: timeout, &out, err)
        }
    }
}
