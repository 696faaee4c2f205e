/// A resource: which server, and the path with query there.
public struct HTTPLocation: Sendable, Hashable {
    public var address: ServerAddress
    /// The request target: begins with a slash, all encoded.
    public var target: String

    public init(address: ServerAddress, target: String) {
        self.address = address
        self.target = target
    }
}

/// One HTTP request.
public struct HTTPRequest: Sendable {
    /// The method in upper case, such as `GET`.
    public var method: String
    public var location: HTTPLocation
    /// Beyond those that follow from the location and the body.
    public var headers: [(name: String, value: String)]
    public var body: HTTPBody

    public init(
        _ method: String, _ location: HTTPLocation, headers: [(name: String, value: String)] = [],
        body: HTTPBody = .none
    ) {
        self.method = method
        self.location = location
        self.headers = headers
        self.body = body
    }
}

/// What is sent with a request.
public enum HTTPBody: Sendable {
    case none
    case bytes([UInt8])
    /// The content of a file or pipe from its current position. The descriptor stays the caller's.
    case file(FileSource)
}
