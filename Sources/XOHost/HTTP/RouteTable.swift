import Synchronization

/// Who answers which request.
///
/// A route is a method and a path; a path ending in `/` stands for everything below it, itself included. The longest
/// path that matches decides, and an exact one before all others: who owns a path answers for all of its methods, also
/// by not having one. Where there is no route for HEAD, the one for GET is taken.
///
/// Threads: everything may be called from all.
final class RouteTable<Target: Sendable>: Sendable {
    struct RouteID: Sendable, Hashable {
        let number: UInt64
    }

    enum Match: Sendable {
        case found(Target)
        /// The path is known, but not with this method: status 405, with these in the field `allow`.
        case methodNotAllowed(allowed: [String])
        case notFound
        /// Nobody should be asked: status 400. See ``RequestPath``.
        case invalidPath
    }

    private struct Route {
        let id: RouteID
        let owner: String
        let target: Target
    }

    private struct State {
        var nextNumber: UInt64 = 1
        /// By path in its one spelling, then by method.
        var routes: [String: [String: Route]] = [:]
        var places: [RouteID: (path: String, method: String)] = [:]
    }

    private let state = Mutex(State())

    init() {}

    /// - Parameters:
    ///   - path: percent-encoded, beginning with `/`.
    ///   - owner: who is told to those who want the same route, and for ``remove(owner:)``.
    func add(method: String, path: String, owner: String, target: Target) throws(RouteError) -> RouteID {
        guard HTTPField.isToken(method), method == method.uppercased() else { throw .invalidMethod(method) }
        guard let key = RequestPath(path)?.description else { throw .invalidPath(path) }
        return try state.withLock { (state) throws(RouteError) in
            if let other = state.routes[key]?[method] {
                throw .taken(method: method, path: path, owner: other.owner)
            }
            let id = RouteID(number: state.nextNumber)
            state.nextNumber += 1
            state.routes[key, default: [:]][method] = Route(id: id, owner: owner, target: target)
            state.places[id] = (key, method)
            return id
        }
    }

    /// Does nothing if the route is gone already, or is somebody else's.
    func remove(_ id: RouteID, owner: String) {
        state.withLock { state in
            guard let (path, method) = state.places[id], state.routes[path]?[method]?.owner == owner else { return }
            state.places[id] = nil
            state.routes[path]?[method] = nil
            if state.routes[path]?.isEmpty == true { state.routes[path] = nil }
        }
    }

    /// Removes all routes of `owner`.
    func remove(owner: String) {
        let ids = state.withLock { state in
            state.routes.values.flatMap { $0.values.filter { $0.owner == owner }.map(\.id) }
        }
        for id in ids { remove(id, owner: owner) }
    }

    /// - Parameter path: percent-encoded as it came.
    func match(method: String, path: String) -> Match {
        guard let path = RequestPath(path) else { return .invalidPath }
        return state.withLock { state in
            guard let methods = RouteTable.routes(for: path.description, in: state.routes) else { return .notFound }
            if let route = methods[method] ?? (method == "HEAD" ? methods["GET"] : nil) { return .found(route.target) }
            let implied = methods["GET"] == nil ? [] : ["HEAD"]
            return .methodNotAllowed(allowed: Set(methods.keys).union(implied).sorted())
        }
    }

    /// The path itself, then each `/` from its end.
    private static func routes(for path: String, in routes: [String: [String: Route]]) -> [String: Route]? {
        if let exact = routes[path] { return exact }
        var rest = path.utf8[...]
        while let slash = rest.lastIndex(of: UInt8(ascii: "/")) {
            if let below = routes[String(path[...slash])] { return below }
            rest = rest[..<slash]
        }
        return nil
    }
}

/// Why a route cannot be added.
enum RouteError: Error, Sendable, Hashable, CustomStringConvertible {
    case invalidMethod(String)
    case invalidPath(String)
    case taken(method: String, path: String, owner: String)

    var description: String {
        switch self {
        case .invalidMethod(let method):
            "'\(method)' is no HTTP method, expected upper-case letters such as GET"
        case .invalidPath(let path):
            """
            '\(path)' is no path for a route, expected one that begins with / and has no '.', '..', backslash, control \
            character or malformed escape
            """
        case .taken(let method, let path, let owner):
            "the route \(method) \(path) is taken by '\(owner)'"
        }
    }
}
