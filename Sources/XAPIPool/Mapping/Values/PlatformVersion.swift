/// The version of a host's platform, `3.4.0`.
struct PlatformVersion: Comparable {
    let major, minor, patch: Int

    init(_ major: Int, _ minor: Int, _ patch: Int) {
        (self.major, self.minor, self.patch) = (major, minor, patch)
    }

    /// Takes three numbers with dots between them; versions of any other form are not comparable, and `nil`.
    init?(_ text: String?) {
        let parts = text?.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) } ?? []
        guard parts.count == 3, let major = parts[0], let minor = parts[1], let patch = parts[2],
            min(major, minor, patch) >= 0
        else { return nil }
        self.init(major, minor, patch)
    }

    static func < (left: PlatformVersion, right: PlatformVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}

extension Record {
    /// Of a host.
    var platformVersion: String? { self["software_version"]?.member("platform_version")?.string }
}
