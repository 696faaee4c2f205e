import CXOPlugin
import XOJSON
import XOProtocol

/// Metrics: checked, and forgotten.
extension CheckedHost {
    private static let maximumBuckets: UInt32 = 64

    func makeMetrics() -> xo_metrics_host {
        xo_metrics_host(
            struct_size: size(of: xo_metrics_host.self), reserved: 0, ctx: Contexts.make(for: self, .metrics),
            define: { context, definition, out in
                CheckedHost.serve(context, .metrics, "xo_metrics_host.define", .beforeRunning) {
                    try CheckedHost.check(definition.pointee)
                    out.pointee.id = $0.handles.make(.metric)
                    return .ok
                }
            },
            add: { context, metric, _ in
                CheckedHost.serve(context, .metrics, "xo_metrics_host.add", .always) {
                    try $0.checkMetric(metric)
                }
            },
            set: { context, metric, _ in
                CheckedHost.serve(context, .metrics, "xo_metrics_host.set", .always) {
                    try $0.checkMetric(metric)
                }
            },
            observe: { context, metric, _ in
                CheckedHost.serve(context, .metrics, "xo_metrics_host.observe", .always) {
                    try $0.checkMetric(metric)
                }
            })
    }

    /// 0 is none: a plugin that was refused a metric need not ask at each update whether it has one.
    private func checkMetric(_ metric: xo_metric) throws {
        if metric.id != 0 { _ = try check(metric.id, .metric) }
    }

    private static func check(_ definition: xo_metric_definition) throws {
        try BadArgument.checkSize(definition.struct_size, of: xo_metric_definition.self, "definition")
        let name = try definition.name.checked("name")
        _ = try definition.help.checked("help")
        let labels = try definition.labels.checked("labels")
        guard definition.kind <= UInt32(XO_METRIC_HISTOGRAM) else {
            throw BadArgument("the metric '\(name)' of kind \(definition.kind), expected 0 to \(XO_METRIC_HISTOGRAM)")
        }
        let isName =
            name.utf8.first.map { $0 == 0x5F || (0x61...0x7A).contains($0) } == true
            && name.utf8.allSatisfy { $0 == 0x5F || (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
        guard isName, !name.hasSuffix("_total") else {
            throw BadArgument("the metric '\(name)', expected [a-z_][a-z0-9_]* without _total at its end")
        }
        guard labels.isEmpty || (try? JSON(parsing: labels))?.object?.values.allSatisfy({ $0.string != nil }) == true
        else { throw BadArgument("the metric '\(name)' with `labels` that are no JSON object of texts") }
        guard definition.bucket_count <= maximumBuckets else {
            throw BadArgument("the metric '\(name)' with \(definition.bucket_count) buckets, more than 64")
        }
        let bounds = try BadArgument.array(
            definition.buckets, definition.bucket_count, stride: MemoryLayout<Double>.stride, "buckets")
        guard zip(bounds, bounds.dropFirst()).allSatisfy(<) else {
            throw BadArgument("the metric '\(name)' with `buckets` that do not ascend")
        }
    }
}
