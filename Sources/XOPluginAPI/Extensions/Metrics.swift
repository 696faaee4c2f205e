import CXOPlugin
import XOJSON
import XOProtocol

/// Metrics of an instance, served by the host as OpenMetrics text. Define them before `start` returns; updating is
/// lock-free.
public final class Metrics: Sendable {
    private let tables: HostTables

    init(tables: HostTables) { self.tables = tables }

    /// A number that only grows. The name ends in its unit and without `_total`.
    public func counter(_ name: String, _ help: String, labels: JSONObject = [:]) throws -> Counter {
        Counter(series: try define(name, help, labels, kind: XO_METRIC_COUNTER))
    }

    /// A number that goes up and down.
    public func gauge(_ name: String, _ help: String, labels: JSONObject = [:]) throws -> Gauge {
        Gauge(series: try define(name, help, labels, kind: XO_METRIC_GAUGE))
    }

    /// How often values fell below each of the ascending bounds `buckets`.
    public func histogram(
        _ name: String, _ help: String, labels: JSONObject = [:], buckets: [Double]
    ) throws -> Histogram {
        Histogram(series: try define(name, help, labels, kind: XO_METRIC_HISTOGRAM, buckets))
    }

    private func define(
        _ name: String, _ help: String, _ labels: JSONObject, kind: Int, _ buckets: [Double] = []
    ) throws -> MetricSeries {
        var metric = xo_metric()
        let labels = labels.isEmpty ? "" : JSON.object(labels).description
        let context = tables.metrics?.slot(\.ctx)
        let status = name.withView { name in
            help.withView { help in
                labels.withView { labels in
                    buckets.withUnsafeBufferPointer { buckets in
                        var definition = xo_metric_definition(
                            struct_size: UInt32(MemoryLayout<xo_metric_definition>.size), kind: UInt32(kind),
                            name: name, help: help, labels: labels, buckets: buckets.baseAddress,
                            bucket_count: UInt32(buckets.count), reserved: 0)
                        return tables.metrics?.slot(\.define)?(context, &definition, &metric)
                    }
                }
            }
        }
        try (status ?? .unsupported).check("the metric \(name)")
        return MetricSeries(tables: tables, metric: metric)
    }
}

struct MetricSeries: Sendable {
    let tables: HostTables
    let metric: xo_metric
    var context: UnsafeMutableRawPointer? { tables.metrics?.slot(\.ctx) }
}

public struct Counter: Sendable {
    let series: MetricSeries
    public func add(_ amount: Double = 1) { series.tables.metrics?.slot(\.add)?(series.context, series.metric, amount) }
}

public struct Gauge: Sendable {
    let series: MetricSeries
    public func set(_ value: Double) { series.tables.metrics?.slot(\.set)?(series.context, series.metric, value) }
    public func add(_ amount: Double) { series.tables.metrics?.slot(\.add)?(series.context, series.metric, amount) }
}

public struct Histogram: Sendable {
    let series: MetricSeries
    public func observe(_ value: Double) {
        series.tables.metrics?.slot(\.observe)?(series.context, series.metric, value)
    }
}
