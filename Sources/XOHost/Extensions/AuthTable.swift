import CXOPlugin
import XOJSON
import XOProtocol

/// xo.auth/1: plugins vouch for people.
enum AuthTable {
    static func make(_ context: UnsafeMutableRawPointer) -> xo_auth_host {
        xo_auth_host(
            struct_size: UInt32(MemoryLayout<xo_auth_host>.size), reserved: 0, ctx: context,
            offer: { context, text in
                AuthTable.accept(context, text) { life, json in
                    let instance = life.owner
                    do throws(ProviderOffer.Problem) {
                        instance.services.providers.set(try ProviderOffer(json), of: life)
                        return .ok
                    } catch {
                        instance.log.error("is no provider of identities", metadata: ["reason": "\(error)"])
                        return .invalidArgument
                    }
                }
            },
            revoke: { context, text in
                AuthTable.accept(context, text) { life, json in
                    let session = json["session"]?.string
                    guard let subject = json["subject"]?.string, subject.isStorable, session?.isStorable != false else {
                        return .invalidArgument
                    }
                    life.owner.services.revoke(subject: subject, session: session, of: life.owner.id)
                    return .ok
                }
            })
    }

    private static func accept(
        _ context: UnsafeMutableRawPointer?, _ text: xo_bytes, _ body: (Incarnation, JSON) -> xo_status
    ) -> xo_status {
        guard let life = Incarnation.from(context), life.tables?.auth != nil,
            let bytes = UnsafeRawBufferPointer(view: text.ptr, text.len),
            let json = try? JSON(parsing: bytes), json.object != nil
        else { return .invalidArgument }
        guard life.isServing else { return .wrongState }
        return body(life, json)
    }
}
