/// An error that a call answers: a code, and parameters whose number and order belong to the code.
public struct XAPIFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public let code: String
    public let parameters: [String]

    public init(_ code: String, _ parameters: String...) {
        self.init(code: code, parameters: parameters)
    }

    public init(code: String, parameters: [String]) {
        self.code = code
        self.parameters = parameters
    }

    public var description: String { "\(code)(\(parameters.joined(separator: ", ")))" }

    static func handleInvalid(_ className: String, _ reference: String) -> XAPIFailure {
        XAPIFailure("HANDLE_INVALID", className, reference)
    }

    static func sessionInvalid(_ session: String) -> XAPIFailure { XAPIFailure("SESSION_INVALID", session) }

    static func internalError(_ text: String) -> XAPIFailure { XAPIFailure("INTERNAL_ERROR", text) }
}
