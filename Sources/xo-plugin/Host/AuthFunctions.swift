import CXOPlugin
import XOProtocol

/// The functions of a plugin that vouches for people.
///
/// Pointers to functions: may be called from every thread of the host.
struct AuthFunctions: Sendable {
    typealias Question = @Sendable @convention(c) (PluginTables.Data?, xo_op, xo_bytes) -> xo_status

    private(set) var authenticate:
        (@Sendable @convention(c) (PluginTables.Data?, xo_op, UnsafePointer<xo_credentials>) -> xo_status)?
    private(set) var questions: [AuthQuestion: Question] = [:]

    /// None.
    init() {}

    init(_ table: Table<xo_auth>) {
        authenticate = table.slot(\.authenticate)
        questions[.begin] = table.slot(\.begin)
        questions[.finish] = table.slot(\.finish)
        questions[.lookup] = table.slot(\.lookup)
        questions[.end] = table.slot(\.end)
        questions[.page] = table.slot(\.page)
    }
}

/// What a provider of identities is asked in JSON.
enum AuthQuestion: String, CaseIterable, Sendable {
    case begin, finish, lookup, end, page
}
