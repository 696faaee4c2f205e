// What tests fail with.

/// Fails the test unless `condition` holds.
func require(_ condition: Bool, _ seen: @autoclosure () -> String) throws {
    if !condition { throw Breach(.finding, seen()) }
}

/// Fails the test if operations were not completed under its circumstances, or completed twice.
func failOnLoss(_ instance: PluginInstance) throws {
    let lost = instance.host.journal.breaches.first { $0.kind == .neverCompleted || $0.kind == .completedTwice }
    if let lost { throw Breach(.finding, lost.seen) }
}
