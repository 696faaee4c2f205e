import Testing
import XOJSON

@testable import XOHost

struct MetricRegistryTests {
    @Test func textOfAllKinds() throws {
        let registry = MetricRegistry()
        let calls = try registry.define(
            .counter, name: "xo_calls", help: "Calls \"done\".\nBy \\ plugin.",
            labels: ["plugin": "a\"b\\c\nd", "kind": "x"],
            owner: "a")
        calls.add()
        calls.add(2.5)
        calls.add(-1)
        calls.add(.nan)
        calls.add(.infinity)
        let sessions = try registry.define(.gauge, name: "xo_sessions", help: "Sessions.", owner: "a")
        sessions.set(7)
        sessions.add(-9)
        let latency = try registry.define(
            .histogram, name: "xo_answer_seconds", help: "Time.", labels: ["plugin": "a"],
            buckets: [0.005, 1, 2.5],
            owner: "a")
        for value in [0.001, 0.005, 0.006, 2, 100, -3, .nan, .infinity] { latency.observe(value) }
        try registry.gauge("xo_inventory_objects", "Objects.") { 12 }

        let text = String(decoding: registry.openMetricsText(), as: UTF8.self)
        #expect(
            text == """
                # TYPE xo_answer_seconds histogram
                # UNIT xo_answer_seconds seconds
                # HELP xo_answer_seconds Time.
                xo_answer_seconds_bucket{plugin="a",le="0.005"} 2
                xo_answer_seconds_bucket{plugin="a",le="1.0"} 3
                xo_answer_seconds_bucket{plugin="a",le="2.5"} 4
                xo_answer_seconds_bucket{plugin="a",le="+Inf"} 5
                xo_answer_seconds_count{plugin="a"} 5
                xo_answer_seconds_sum{plugin="a"} 102.012
                # TYPE xo_calls counter
                # HELP xo_calls Calls \\"done\\".\\nBy \\\\ plugin.
                xo_calls_total{kind="x",plugin="a\\"b\\\\c\\nd"} 3.5
                # TYPE xo_inventory_objects gauge
                # HELP xo_inventory_objects Objects.
                xo_inventory_objects 12
                # TYPE xo_sessions gauge
                # HELP xo_sessions Sessions.
                xo_sessions -2
                # EOF

                """)
        let exposition = try OpenMetricsExposition(text)
        #expect(exposition.samples["xo_calls_total"]?.first?.labels["plugin"] == "a\"b\\c\nd")
        #expect(exposition.help["xo_calls"] == "Calls \"done\".\nBy \\ plugin.")
    }

    @Test func emptyRegistry() throws {
        #expect(String(decoding: MetricRegistry().openMetricsText(), as: UTF8.self) == "# EOF\n")
    }

    @Test func sameDefinitionGivesSameSeries() throws {
        let registry = MetricRegistry()
        func define(_ labels: [String: String], owner: String = "a") throws -> MetricSeries {
            try registry.define(.counter, name: "n", help: "h", labels: labels, owner: owner)
        }
        #expect(try define(["x": "1", "y": "2"]) === define(["y": "2", "x": "1"]))
        #expect(try define(["x": "1"]) !== define(["x": "2"]))
        #expect(try define(["x": "3"], owner: "b") !== define(["x": "1"]))
        #expect(throws: MetricError.self) { try define(["x": "1"], owner: "b") }
    }

    @Test(arguments: [
        (MetricKind.gauge, "help", [Double](), "another kind: 'counter', not 'gauge'"),
        (.counter, "other", [], "another help text: 'help', not 'other'"),
    ])
    func conflicts(kind: MetricKind, help: String, buckets: [Double], message: String) throws {
        let registry = MetricRegistry()
        _ = try registry.define(.counter, name: "n", help: "help", owner: "a")
        let error = #expect(throws: MetricError.self) {
            try registry.define(kind, name: "n", help: help, buckets: buckets, owner: "a")
        }
        #expect(error?.description == "metric 'n' is there already with \(message)")
    }

    @Test func conflictOfBuckets() throws {
        let registry = MetricRegistry()
        _ = try registry.define(.histogram, name: "n", help: "h", buckets: [1, 2], owner: "a")
        #expect(
            throws: MetricError("metric 'n' is there already with another list of buckets: '[1.0, 2.0]', not '[1.0]'")
        ) {
            try registry.define(.histogram, name: "n", help: "h", labels: ["x": "y"], buckets: [1], owner: "a")
        }
    }

    @Test(arguments: [
        (MetricKind.histogram, "a", MetricKind.gauge, "a_count"), (.gauge, "a_sum", .histogram, "a"),
        (.info, "a", .gauge, "a_info"), (.gauge, "a_info", .info, "a"),
    ])
    func samplesOfTwoFamiliesMustNotMix(first: MetricKind, name: String, second: MetricKind, other: String) throws {
        func buckets(_ kind: MetricKind) -> [Double] { kind == .histogram ? [1] : [] }
        let registry = MetricRegistry()
        _ = try registry.define(first, name: name, help: "h", buckets: buckets(first), owner: "a")
        let error = #expect(throws: MetricError.self) {
            try registry.define(second, name: other, help: "h", buckets: buckets(second), owner: "b")
        }
        #expect(error?.description.contains("taken by metric '\(name)'") == true)
    }

    /// A histogram's definition, good but for what is given.
    struct Definition: Sendable {
        var name = "a"
        var help = "h"
        var labels: [String: String] = [:]
        var buckets: [Double] = [1]
    }

    @Test(
        arguments: [
            Definition(name: ""), Definition(name: "1a"), Definition(name: "a-b"), Definition(name: "ä"),
            Definition(name: "a b"), Definition(name: "a\n"), Definition(name: "a_total"), Definition(name: "a_bucket"),
            Definition(name: String(repeating: "a", count: 201)), Definition(help: ""),
            Definition(help: String(repeating: "h", count: 1025)), Definition(labels: ["le": "1"]),
            Definition(labels: ["__x": "1"]), Definition(labels: ["x:y": "1"]), Definition(labels: ["0": "1"]),
            Definition(labels: ["": "x"]), Definition(labels: ["x": String(repeating: "v", count: 1025)]),
            Definition(labels: Dictionary(uniqueKeysWithValues: (0...16).map { ("l\($0)", "") })),
            Definition(buckets: []), Definition(buckets: [2, 1]), Definition(buckets: [1, 1]),
            Definition(buckets: [.infinity]), Definition(buckets: [.nan]), Definition(buckets: [-1, 1]),
            Definition(buckets: (1...65).map(Double.init)),
        ])
    func refused(_ definition: Definition) {
        let registry = MetricRegistry()
        #expect(throws: MetricError.self) {
            try registry.define(
                .histogram, name: definition.name, help: definition.help, labels: definition.labels,
                buckets: definition.buckets, owner: "a")
        }
        #expect(String(decoding: registry.openMetricsText(), as: UTF8.self) == "# EOF\n")
    }

    @Test func ownersAreBoundedAndRemoved() throws {
        let registry = MetricRegistry(maximumSeriesPerOwner: 3)
        func define(_ value: Int, owner: String) throws -> MetricSeries {
            try registry.define(.gauge, name: "g", help: "h", labels: ["n": "\(value)"], owner: owner)
        }
        for value in 0..<3 { _ = try define(value, owner: "a") }
        #expect(throws: MetricError.self) { try define(3, owner: "a") }
        _ = try define(0, owner: "a")
        _ = try define(9, owner: "b")
        let orphan = try define(1, owner: "a")
        registry.remove(owner: "a")
        orphan.set(5)
        let exposition = try OpenMetricsExposition(String(decoding: registry.openMetricsText(), as: UTF8.self))
        #expect(exposition.samples["g"]?.map(\.labels) == [["n": "9"]])
        registry.remove(owner: "b")
        // The name is free again, for another kind too.
        _ = try registry.define(.counter, name: "g", help: "other", owner: "a")
    }

    @Test func updatesOfManyThreadsAllCount() async throws {
        let registry = MetricRegistry()
        let counter = try registry.define(.counter, name: "c", help: "h", owner: "a")
        let histogram = try registry.define(.histogram, name: "t", help: "h", buckets: [1, 2], owner: "a")
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for _ in 0..<10_000 {
                        counter.add(0.5)
                        histogram.observe(Double(task % 4))
                    }
                }
            }
        }
        let exposition = try OpenMetricsExposition(String(decoding: registry.openMetricsText(), as: UTF8.self))
        #expect(exposition.samples["c_total"]?.first?.value == 40_000)
        #expect(exposition.samples["t_bucket"]?.map(\.value) == [40_000, 60_000, 80_000])
        #expect(exposition.samples["t_sum"]?.first?.value == 120_000)
    }

    @Test func processMetrics() throws {
        let registry = MetricRegistry()
        try ProcessMetrics.register(in: registry, version: "1.2.3")
        let exposition = try OpenMetricsExposition(String(decoding: registry.openMetricsText(), as: UTF8.self))
        #expect(exposition.samples["xo_host_build_info"]?.first?.labels == ["version": "1.2.3"])
        #expect(exposition.types["xo_host_build"] == "info")
        func value(_ name: String) -> Double { exposition.samples[name]?.first?.value ?? -1 }
        #expect(value("process_resident_memory_bytes") > 1_000_000)
        #expect(value("process_cpu_seconds_total") > 0)
        #expect(value("process_open_fds") >= 3)
        // Between 2020 and 2100: seconds, not milliseconds, and not since the machine was booted.
        #expect((1_577_836_800...4_102_444_800).contains(value("process_start_time_seconds")))
        #expect(exposition.units["process_resident_memory_bytes"] == "bytes")
    }
}

struct LatencyHistogramTests {
    @Test func percentiles() throws {
        let histogram = LatencyHistogram()
        #expect(histogram.snapshot().percentile(0.5) == nil)
        for microseconds in 1...1000 { histogram.record(.microseconds(microseconds)) }
        let snapshot = histogram.snapshot()
        #expect(snapshot.count == 1000)
        #expect(abs(snapshot.sum - 0.5005) < 1e-9)
        #expect(snapshot.maximum == 0.001)
        for fraction in [0.1, 0.5, 0.9, 0.99] {
            let estimate = try #require(snapshot.percentile(fraction))
            #expect(abs(estimate - fraction / 1000) < fraction / 1000 / 8, "\(fraction): \(estimate)")
        }
        #expect(snapshot.percentile(1) == 0.001)
        #expect(snapshot.percentile(7) == 0.001)
    }

    @Test(arguments: [0, 1, 1023, 1024, 1_000_000, 68_719_476_735, 68_719_476_736, UInt64.max / 4])
    func everyDurationHasAPlace(nanoseconds: UInt64) throws {
        let histogram = LatencyHistogram()
        histogram.record(nanoseconds: nanoseconds)
        let median = try #require(histogram.snapshot().percentile(1))
        #expect(abs(median - Double(nanoseconds) / 1e9) <= Double(nanoseconds) / 1e9 / 8)
    }

    @Test func negativeDurationsAreIgnored() {
        let histogram = LatencyHistogram()
        histogram.record(.seconds(-1))
        #expect(histogram.snapshot().count == 0)
        histogram.record(.seconds(1_000_000_000_000))
        #expect(histogram.snapshot().maximum == 3600)
    }

    @Test func asMetric() throws {
        let histogram = LatencyHistogram()
        for duration in [Duration.nanoseconds(1), .microseconds(2), .milliseconds(5), .seconds(100)] {
            histogram.record(duration)
        }
        let registry = MetricRegistry()
        try registry.compute(
            .histogram, "xo_plugin_call_seconds", "Time.", labels: ["plugin": "p"],
            buckets: LatencyHistogram.metricBuckets,
            owner: "p"
        ) { histogram.reading() }
        let exposition = try OpenMetricsExposition(String(decoding: registry.openMetricsText(), as: UTF8.self))
        let buckets = try #require(exposition.samples["xo_plugin_call_seconds_bucket"])
        #expect(buckets.count == LatencyHistogram.metricBuckets.count + 1)
        func below(_ seconds: Double) -> Double? {
            buckets.first { Double($0.labels["le"] ?? "") ?? .infinity >= seconds }?.value
        }
        #expect(below(1e-6) == 1)
        #expect(below(4e-6) == 2)
        #expect(below(0.016) == 3)
        #expect(buckets.last?.value == 4)
    }
}

// MARK: - Reading the text format

/// A strict reader of OpenMetrics 1.0 text: grammar, order, and the rules for samples of each type.
private struct OpenMetricsExposition {
    struct Problem: Error { let line: String, reason: String }
    struct Sample { let labels: [String: String], value: Double }

    var types: [String: String] = [:]
    var units: [String: String] = [:]
    var help: [String: String] = [:]
    var samples: [String: [Sample]] = [:]

    private static let suffixes = [
        "counter": ["_total", "_created"], "gauge": [""], "info": ["_info"],
        "histogram": ["_bucket", "_count", "_sum", "_created"],
    ]

    init(_ text: String) throws {
        guard text.hasSuffix("# EOF\n") else { throw Problem(line: "", reason: "no # EOF at the end") }
        var family = ""
        var seen: Set<String> = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(2).map(String.init) {
            let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
            if words[0] == "#" {
                guard words.count == 4, words[2].wholeMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/) != nil else {
                    throw Problem(line: line, reason: "malformed metadata")
                }
                if words[2] != family {
                    family = words[2]
                    guard types[family] == nil else { throw Problem(line: line, reason: "family interleaved") }
                }
                guard !samples.keys.contains(where: { $0.hasPrefix(family) && seen.contains(family + $0) }) else {
                    throw Problem(line: line, reason: "metadata after samples")
                }
                switch words[1] {
                case "TYPE" where types[family] == nil && Self.suffixes[words[3]] != nil: types[family] = words[3]
                case "UNIT" where units[family] == nil && family.hasSuffix("_" + words[3]): units[family] = words[3]
                case "HELP" where help[family] == nil: help[family] = try Self.unescape(words[3], line)
                default: throw Problem(line: line, reason: "unexpected metadata")
                }
                continue
            }
            guard
                let match = line.wholeMatch(
                    of: /([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([-+]?(?:[0-9.]+(?:e[-+]?[0-9]+)?|Inf)|NaN)/)
            else { throw Problem(line: line, reason: "malformed sample") }
            let name = String(match.1)
            guard let type = types[family], Self.suffixes[type]?.contains(where: { family + $0 == name }) == true else {
                throw Problem(line: line, reason: "sample does not belong to the family \(family)")
            }
            let labels = try Self.labels(match.2.map(String.init) ?? "", line)
            guard seen.insert("\(name)\(labels.sorted { $0.key < $1.key })").inserted else {
                throw Problem(line: line, reason: "repeated sample")
            }
            let value = try Double(String(match.3)) ?? { throw Problem(line: line, reason: "malformed number") }()
            guard type == "gauge" || value >= 0 else { throw Problem(line: line, reason: "negative or NaN") }
            samples[name, default: []].append(Sample(labels: labels, value: value))
        }
        try checkHistograms()
    }

    private func checkHistograms() throws {
        for (family, type) in types where type == "histogram" {
            let buckets = Dictionary(grouping: samples[family + "_bucket"] ?? []) { sample in
                sample.labels.filter { $0.key != "le" }
            }
            for (labels, buckets) in buckets {
                let bounds = buckets.compactMap { Double($0.labels["le"] ?? "") }
                let counts = buckets.map(\.value)
                let count = samples[family + "_count"]?.first { $0.labels == labels }?.value
                guard bounds == bounds.sorted(), counts == counts.sorted(), bounds.last == .infinity,
                    counts.last == count,
                    buckets.last?.labels["le"] == "+Inf"
                else { throw Problem(line: family, reason: "histogram not cumulative") }
            }
        }
    }

    private static func labels(_ text: String, _ line: String) throws -> [String: String] {
        var labels: [String: String] = [:]
        var rest = text[...]
        while !rest.isEmpty {
            guard let match = rest.prefixMatch(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(,|$)/) else {
                throw Problem(line: line, reason: "malformed labels")
            }
            guard labels.updateValue(try unescape(String(match.2), line), forKey: String(match.1)) == nil else {
                throw Problem(line: line, reason: "repeated label")
            }
            rest = rest[match.range.upperBound...]
        }
        return labels
    }

    private static func unescape(_ text: String, _ line: String) throws -> String {
        var result = ""
        var rest = text[...]
        while let next = rest.popFirst() {
            guard next == "\\" else {
                guard next != "\"" else { throw Problem(line: line, reason: "quote without escape") }
                result.append(next)
                continue
            }
            switch rest.popFirst() {
            case "n": result += "\n"
            case "\\": result += "\\"
            case "\"": result += "\""
            default: throw Problem(line: line, reason: "unknown escape")
            }
        }
        return result
    }
}
