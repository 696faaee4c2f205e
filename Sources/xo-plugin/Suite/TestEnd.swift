/// A test that has nothing to do with this plugin, such as one of methods if there are none.
struct NotApplicable: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// A test that would say something about this plugin, but something is missing here that is not the plugin's.
struct NotRun: Error {
    /// What is missing, and what to do.
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
