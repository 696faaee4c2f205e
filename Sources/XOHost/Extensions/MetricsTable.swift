import CXOPlugin
import XOJSON
import XOProtocol

/// xo.metrics/1: plugins keep metrics.
enum MetricsTable {
    private static let maximumBuckets = 64

    static func make(_ context: UnsafeMutableRawPointer) -> xo_metrics_host {
        xo_metrics_host(
            struct_size: UInt32(MemoryLayout<xo_metrics_host>.size), reserved: 0, ctx: context,
            define: { context, definition, out in
                guard let instance = PluginInstance.from(context) else { return .invalidArgument }
                guard instance.mayDefineMetrics else { return .wrongState }
                do {
                    out.pointee = xo_metric(id: try MetricsTable.define(definition, for: instance))
                    return .ok
                } catch {
                    instance.log.warning("a metric was refused", metadata: ["reason": "\(error)"])
                    return .invalidArgument
                }
            },
            add: { context, metric, amount in
                PluginInstance.from(context)?.services.pluginMetrics[metric.id]?.add(amount)
            },
            set: { context, metric, value in
                PluginInstance.from(context)?.services.pluginMetrics[metric.id]?.set(value)
            },
            observe: { context, metric, value in
                PluginInstance.from(context)?.services.pluginMetrics[metric.id]?.observe(value)
            })
    }

    private static func define(
        _ definition: UnsafePointer<xo_metric_definition>, for instance: PluginInstance
    ) throws -> UInt64 {
        guard Int(definition.pointee.struct_size) >= MemoryLayout<xo_metric_definition>.size,
            let name = definition.pointee.name.string, let help = definition.pointee.help.string,
            let labelText = definition.pointee.labels.string,
            definition.pointee.bucket_count <= maximumBuckets
        else { throw LifecycleError("the definition is malformed") }
        let kind: MetricKind
        switch Int(definition.pointee.kind) {
        case XO_METRIC_COUNTER: kind = .counter
        case XO_METRIC_GAUGE: kind = .gauge
        case XO_METRIC_HISTOGRAM: kind = .histogram
        default: throw LifecycleError("\(name) is of the unknown kind \(definition.pointee.kind)")
        }
        var labels = ["plugin": instance.id]
        if !labelText.isEmpty {
            for (key, value) in try JSON(parsing: labelText).object ?? [:] {
                guard key != "plugin", let value = value.string else {
                    throw LifecycleError("the label \(key) of \(name) is not a text, or is the host's own")
                }
                labels[key] = value
            }
        }
        let buckets = UnsafeBufferPointer(
            start: definition.pointee.buckets, count: Int(definition.pointee.bucket_count))
        let series = try instance.services.metrics.define(
            kind, name: name, help: help, labels: labels, buckets: Array(buckets), owner: instance.id)
        return instance.services.pluginMetrics.handle(for: series)
    }
}
