import XOPluginAPI

extension ConfigurationError {
    /// Says why an address cannot be listened at, and what helps.
    init(_ error: ListenError, _ endpoint: ListenAddress.Endpoint) {
        let remedy =
            switch error.reason {
            case .portTaken: "another program uses this port; stop it, or choose another \"port\" in \"listen\""
            case .notPermitted:
                "ports below 1024 need the capability CAP_NET_BIND_SERVICE; grant it, or choose another \"port\" in "
                    + "\"listen\""
            case .noSuchAddress: "this machine has no such address; correct \"address\" in \"listen\""
            case .unknownName:
                "\"address\" in \"listen\" must be an IP address of this machine, or a name that stands for one"
            case .other: "correct \"address\" and \"port\" in \"listen\""
            }
        self.init(description: "cannot listen at \(endpoint): \(error); \(remedy)")
    }
}
