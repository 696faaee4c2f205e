/// Guesses what someone meant to write.
enum Spelling {
    /// The candidate nearest to `word`, if it is near enough to be worth a question.
    static func suggestion(for word: String, among candidates: some Sequence<String>) -> String? {
        // A name of a hundred characters is no misspelling, and the distance takes quadratic time.
        guard word.count <= 64 else { return nil }
        let nearest = candidates.map { (distance: distance(word.lowercased(), $0.lowercased()), name: $0) }
            .min { $0.distance < $1.distance }
        guard let nearest, nearest.distance <= max(1, word.count / 3) else { return nil }
        return nearest.name
    }

    /// The number of insertions, deletions and replacements between two words (Levenshtein).
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replacement = diagonal + (right[column] == character ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replacement, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
