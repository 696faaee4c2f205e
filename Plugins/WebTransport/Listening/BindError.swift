import Glibc
import NIO

/// Says why an address cannot be listened at, and what helps.
enum BindError {
    static func describe(_ error: any Error, _ endpoint: ListenAddress.Endpoint) -> ConfigurationError {
        let cause: String
        let remedy: String
        if let error = error as? IOError {
            cause = String(cString: strerror(error.errnoCode))
            switch error.errnoCode {
            case EADDRINUSE:
                remedy = "another program uses this port; stop it, or choose another \"port\" in \"listen\""
            case EACCES, EPERM:
                remedy =
                    "ports below 1024 need the capability CAP_NET_BIND_SERVICE; grant it, or choose another \"port\" "
                    + "in \"listen\""
            case EADDRNOTAVAIL:
                remedy = "this machine has no such address; correct \"address\" in \"listen\""
            default:
                remedy = "correct \"address\" and \"port\" in \"listen\""
            }
        } else {
            cause = "\(error)"
            remedy = "\"address\" in \"listen\" must be an IP address of this machine, or a name that stands for one"
        }
        return ConfigurationError(description: "cannot listen at \(endpoint): \(cause); \(remedy)")
    }
}
