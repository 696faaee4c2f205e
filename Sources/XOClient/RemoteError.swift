import XOJSON

/// A method failed on the server; the members are those of the JSON-RPC 2.0 error object.
public struct RemoteError: Error, Sendable, Hashable, CustomStringConvertible {
    public let code: Int64
    public let message: String
    /// `nil` if the server sent none.
    public let data: JSON?

    public init(code: Int64, message: String, data: JSON? = nil) {
        self.code = code
        self.message = message
        self.data = data
    }

    init(_ json: JSON) {
        self.init(
            code: json["code"]?.integer ?? -32000, message: json["message"]?.string ?? "unknown error",
            data: json["data"])
    }

    public var description: String { "\(message) (code \(code))" }
}
