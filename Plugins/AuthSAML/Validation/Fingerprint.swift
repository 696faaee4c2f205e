import Crypto

/// SHA-256, for naming things.
package enum Fingerprint {
    /// 64 hexadecimal digits.
    package static func of(_ bytes: some Sequence<UInt8>) -> String {
        SHA256.hash(data: Array(bytes)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
