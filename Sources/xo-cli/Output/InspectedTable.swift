/// Sets the many short elements of a list in aligned columns, in the shape that Node gives them.
struct InspectedTable {
    private static let separatorWidth = 2
    private static let maximumColumns = 12
    /// How many times as high as wide a character is taken to be, in the search for a square.
    private static let heightOfCharacter = 2.5

    let entries: [InspectedText]
    /// A last line that is no element: how many were left out.
    let trailer: InspectedText?
    let alignsRight: Bool
    /// Columns left of the indentation.
    let space: Int

    /// The lines of the table; `nil` if the elements are too long or too different for one.
    var rows: [InspectedText]? {
        let columns = columnCount
        guard columns > 1 else { return nil }
        let widths = (0..<columns).map { column in
            stride(from: column, to: entries.count, by: columns).reduce(0) { max($0, entries[$1].width) }
        }
        let separator = InspectedText(plain: ", ")
        var rows = stride(from: 0, to: entries.count, by: columns).map { start in
            let end = min(start + columns, entries.count)
            var row = InspectedText(plain: "")
            for index in start..<end {
                let entry = entries[index]
                let isLast = index == end - 1
                let padding = widths[index - start] - entry.width
                let cell = isLast ? entry : entry + separator
                row.append(isLast && !alignsRight ? cell : cell.padded(padding, onLeft: alignsRight))
            }
            return row
        }
        if let trailer { rows.append(trailer) }
        return rows
    }

    /// As many columns as make the table about square; 1 if a table would not look good.
    private var columnCount: Int {
        let widest = entries.reduce(0) { max($0, $1.width) }
        let total = entries.reduce(0) { $0 + $1.width + InspectedTable.separatorWidth }
        let cell = widest + InspectedTable.separatorWidth
        // At least three cells must stand side by side, and no element may dwarf the others.
        guard cell * 3 < space, Double(total) / Double(cell) > 5 || widest <= 6 else { return 1 }
        let lineCount = entries.count + (trailer == nil ? 0 : 1)
        let bias = (Double(cell) - Double(total) / Double(lineCount)).squareRoot()
        let biasedCell = max(Double(cell) - 3 - bias, 1)
        let square = (InspectedTable.heightOfCharacter * biasedCell * Double(entries.count)).squareRoot() / biasedCell
        return min(Int((square + 0.5).rounded(.down)), space / cell, InspectedTable.maximumColumns)
    }
}
