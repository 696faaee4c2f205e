import Crypto
import FoundationEssentials

/// Proof Key for Code Exchange (RFC 7636), method S256: who exchanges the code is who has asked for it.
struct ProofKey: Sendable {
    /// 43 characters, of 32 random bytes.
    let verifier: String

    init() {
        verifier = Self.encode(SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) })
    }

    /// What goes with the browser, from which the verifier cannot be found.
    var challenge: String { Self.encode(Data(SHA256.hash(data: Data(verifier.utf8)))) }

    /// Base64 for URLs, without padding.
    private static func encode(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
