import XOJSON

/// A call that the server refused or that failed there: one of XenServer's error codes and its parameters.
public struct XAPIError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Such as `VM_BAD_POWER_STATE`.
    public let code: String
    public let parameters: [String]
    /// The call that failed.
    public let method: String
    /// Its parameters, without the session.
    public let arguments: [JSON]

    public init(code: String, parameters: [String], method: String, arguments: [JSON]) {
        self.code = code
        self.parameters = parameters
        self.method = method
        self.arguments = arguments
    }

    public var description: String { "\(code)(\(parameters.joined(separator: ", ")))" }
}
