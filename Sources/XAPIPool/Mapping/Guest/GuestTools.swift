import XOJSON

/// What is known of the tools inside a running guest; there is nothing to know of others.
struct GuestTools {
    private let guest: Record?
    private let versions: RawJSON?

    init?(_ source: Source) {
        guard source.isRunning, source.metrics != nil else { return nil }
        guest = source.guestMetrics
        versions = guest?["PV_drivers_version"]
    }

    private func version(_ part: String) -> String? { versions?.member(part)?.string }
    private var hasVersion: Bool { version("major") != nil && version("minor") != nil }

    var areKnown: Bool { guest != nil && hasVersion }

    var xenTools: JSON {
        guard areKnown, let major = version("major"), let minor = version("minor") else { return false }
        func number(_ text: String) -> JSON { Double(text.trimmed).map { JSON($0) } ?? .null }
        return ["major": number(major), "minor": number(minor), "version": number("\(major).\(minor)")]
    }

    var managementAgentDetected: JSON? {
        guard let guest else { return nil }
        return .bool(hasVersion || guest["other"]?.member("feature-static-ip-setting")?.string == "1")
    }

    var driversDetected: JSON? {
        guard let guest else { return nil }
        return guest["PV_drivers_detected"]?.json ?? .bool(hasVersion)
    }

    var driversVersion: JSON? {
        guard areKnown else { return nil }
        func part(_ name: String) -> String { version(name) ?? "undefined" }
        return "\(part("major")).\(part("minor")).\(part("micro"))-\(part("build"))"
    }

    var driversUpToDate: JSON? {
        guard driversDetected == true else { return nil }
        return guest?["PV_drivers_up_to_date"]?.json
    }
}
