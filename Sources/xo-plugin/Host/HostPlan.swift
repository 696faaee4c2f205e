/// In what way the host of a test differs from others. All of these are within the contract.
struct HostPlan: Sendable {
    /// How the host's tables lie in memory.
    var tables = Loan.Kind.lasting
    /// How what is lent for a call lies in memory.
    var loans = Loan.Kind.lasting
    /// Bytes of nonsense behind every struct of the host, included in its `struct_size`: a later minor version.
    var trailing = 0
    var lane = Lane.Threads.one
    /// Whether tables of extensions are handed out.
    var givesExtensions = true
    /// Whether the functions of extensions refuse what they are asked for, with XO_RESOURCE_EXHAUSTED.
    var refuses = false
    /// Whether payloads are kept until the test has them released.
    var holdsPayloads = false
    /// For those that bring sessions and requests in.
    var transport = TransportPlan()
}
