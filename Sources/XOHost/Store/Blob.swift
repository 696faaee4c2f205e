import FoundationEssentials
import GRDB

extension [UInt8] {
    /// The bytes in the form in which the database library takes them.
    var data: Data { Data(self) }
}

extension Row {
    func bytes(_ column: String) -> [UInt8] { [UInt8](self[column] as Data) }
}

extension Database {
    /// The bytes that a query of one row and one column yields; `nil` for NULL and for no row.
    func bytes(_ sql: String) throws -> [UInt8]? {
        try Data.fetchOne(self, sql: sql).map { [UInt8]($0) }
    }
}
