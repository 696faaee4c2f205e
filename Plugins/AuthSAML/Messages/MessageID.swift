/// Names of messages.
enum MessageID {
    /// 128 random bits, as an `xs:ID`.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        let bits = [generator.next(), generator.next()] as [UInt64]
        return "_"
            + bits.map { word in
                let digits = String(word, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }.joined()
    }
}
