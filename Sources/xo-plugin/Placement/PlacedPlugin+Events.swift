import XOJSON

/// What the plugin publishes, as another plugin hears it.
extension PlacedPlugin {
    /// Takes down the events of each topic, in their order; `false` if there are none.
    ///
    /// To be asked when the plugin has stopped: whatever it has published by then has come.
    func listEvents() -> Bool {
        // After other actions there are other events.
        guard !transcript.isCutShort else { return false }
        let recorded = client.call("recorder.take")?["result"]
        let events = recorded?["events"]?.array ?? []
        var topics: [String: [JSON]] = [:]
        for event in events { topics[event[0]?.string ?? "", default: []].append(event[1] ?? .null) }
        note("listening to topics", JSON(topics.keys.sorted()))
        // Of what was more than can be recorded it is up to chance what is missing.
        if recorded?["lost"] == 0 {
            let sorted = topics.sorted { $0.key < $1.key }.map { ($0.key, JSON.array($0.value)) }
            note("listening to events", .object(JSONObject(uniqueKeysWithValues: sorted)))
        }
        return !events.isEmpty
    }
}
