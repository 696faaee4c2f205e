import TestSupport
import Testing

/// A reader of OpenMetrics text that accepts nothing but what the format allows.
enum OpenMetrics {
    /// All samples, by name and labels as they are written.
    static func samples(in text: String) throws -> [String: Double] {
        var samples: [String: Double] = [:]
        var family = ""
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        try #require(lines.suffix(2) == ["# EOF", ""])
        for line in lines.dropLast(2) {
            let words = line.split(separator: " ", maxSplits: 3)
            if words[0] == "#" {
                try #require(["TYPE", "HELP", "UNIT"].contains(words[1]), "\(line)")
                if words[1] == "TYPE" { family = String(words[2]) }
                try #require(words[2] == family, "\(line)")
                continue
            }
            // Labels may hold blanks; the value does not.
            let end = try #require(line.lastIndex(of: " "), "\(line)")
            let name = String(line[..<end])
            try #require(name.hasPrefix(family), "\(line)")
            let value = try #require(Double(line[line.index(after: end)...]), "\(line)")
            try #require(samples.updateValue(value, forKey: name) == nil, "\(name) is there twice")
        }
        return samples
    }

    /// Waits until a sample has this value.
    static func wait(for name: String, _ value: Double, of host: TestHost) async throws {
        _ = try await poll(
            { try samples(in: try await host.fetch("/metrics").body)[name] }, until: { $0 == value })
    }
}
