/// Versions of the host.
public enum HostVersion {
    /// Of this program.
    public static let current = "0.1.0"
    /// Of the xo-server whose network interface this one offers.
    static let compatibility = "5.207.2"
}
