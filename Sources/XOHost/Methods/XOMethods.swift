import XOJSON
import XOProtocol

extension HostMethods {
    /// `xo.*`: the inventory.
    static func xo(_ services: Services) throws -> [MethodDefinition] {
        [
            try method(
                "xo.getAllObjects", "All objects, or those that fit a filter.", .signedIn,
                [
                    "filter": [
                        "type": ["object", "string"], "optional": true, "minLength": 0, "additionalProperties": true,
                    ],
                    "limit": ["type": "number", "optional": true],
                    "ndjson": ["type": "boolean", "optional": true],
                ]
            ) { try getAllObjects($0, services) }
        ]
    }

    private static func getAllObjects(_ call: NativeCall, _ services: Services) throws -> NativeAnswer {
        let filter: ObjectFilter?
        do throws(FilterError) {
            filter = try call.parameters["filter"].flatMap { $0 == "" ? nil : $0 }.map(ObjectFilter.init)
        } catch {
            throw MethodError.invalidParameters("invalid filter: \(error)")
        }
        let query = ObjectQuery(
            filter: filter, limit: call.parameters["limit"]?.double.map { max(0, Int(clamping: Int64($0.clamped))) })
        if call.parameters["ndjson"] == true { return try download(query, call, services) }
        // A change that comes after the listing was made must not reach the client before the listing does: the client
        // would overwrite the new state with the old. So notifications wait, and the client gets what it missed.
        let list: @Sendable () -> Void = {
            prepare(call, services)
            services.backgroundPool.makeLane().run {
                do {
                    // Rights may have changed since the call was sent; what follows from that is told after the listing.
                    let access =
                        if let session = call.session { session.principal?.access ?? .nothing } else {
                            try services.presentAccess(of: call.principal)
                        }
                    call.reply.succeed(ObjectListing.map(try query.run(on: services.broadcaster, for: access)))
                } catch {
                    call.reply.fail(.failed("\(error)"))
                }
                // The answer is in the session's lane now; this comes after it.
                guard let session = call.session else { return }
                session.lane.run { services.broadcaster.release(session) }
            }
        }
        if let session = call.session {
            services.broadcaster.hold(session, then: list)
        } else {
            services.broadcaster.afterwards(list)
        }
        return .later
    }

    private static func prepare(_ call: NativeCall, _ services: Services) {
        if let principal = call.principal { services.broadcaster.prepare(for: principal.access) }
    }

    /// The listing as a file, made when it is fetched.
    private static func download(
        _ query: ObjectQuery, _ call: NativeCall, _ services: Services
    ) throws -> NativeAnswer {
        let address: String
        do throws(OneTimeDownloadError) {
            address = try services.downloads.add(session: call.session?.handle ?? 0) {
                do {
                    // Rights that were taken away since the address was given do not count any more.
                    let access = try services.presentAccess(of: call.principal)
                    return OutgoingResponse(
                        headers: [("content-type", "application/json")],
                        body: ObjectListing.lines(try query.run(on: services.broadcaster, for: access)))
                } catch {
                    return .text("\(error)\n", status: 500)
                }
            }
        } catch {
            throw MethodError.failed("\(error)")
        }
        // What the caller knows to exist is in it: the address is given when that has been told.
        services.broadcaster.afterwards {
            prepare(call, services)
            call.reply.succeed((["$getFrom": .string(address)] as JSON).serialized())
        }
        return .later
    }
}

extension Double {
    /// Within what an integer can hold.
    fileprivate var clamped: Double { isNaN ? 0 : Swift.min(Swift.max(self, 0), 1e15) }
}
