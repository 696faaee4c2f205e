/// A random password that can be read aloud and typed: four groups of five from 32 characters of which no two look
/// alike, 100 bits.
enum GeneratedPassword {
    static func make() -> String {
        let characters = Array("abcdefghijkmnpqrstuvwxyz23456789")
        // 32 divides 256: every character is as likely as the others.
        let text = SecretKey.random(count: 20).map { characters[Int($0) % characters.count] }
        return stride(from: 0, to: text.count, by: 5).map { String(text[$0..<$0 + 5]) }.joined(separator: "-")
    }
}
