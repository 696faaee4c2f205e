/* xo/metrics.h - xo.metrics/1: counters, gauges, histograms. Host table only. Since 1.0.
 *
 * Served as OpenMetrics text. The host adds its own series for each plugin: calls, errors, latency.
 */
#ifndef XO_METRICS_H
#define XO_METRICS_H

#include "core.h"

#define XO_METRICS_1 "xo.metrics/1"

/* A closed set. */
enum {
    XO_METRIC_COUNTER = 0,
    XO_METRIC_GAUGE = 1,
    XO_METRIC_HISTOGRAM = 2
};

/* Borrowed. */
typedef struct xo_metric_definition {
    uint32_t struct_size;
    uint32_t kind;
    xo_str name;   /* [a-z_][a-z0-9_]*, with the unit as its end (..._seconds), without "_total" */
    xo_str help;   /* one sentence */
    xo_str labels; /* JSON object of texts, or empty; the host adds plugin="ID" */
    const double *XO_NULLABLE buckets; /* histograms: ascending upper bounds, without +Inf */
    uint32_t bucket_count;             /* at most 64 */
    uint32_t reserved;
} xo_metric_definition;

typedef struct xo_metrics_host {
    uint32_t struct_size;
    uint32_t reserved;
    void *XO_NULLABLE ctx;

    /* Local. [any], from READY until start completes; XO_WRONG_STATE later. The same name and labels give the same
     * metric. What is wrong with a definition is in the log. */
    XO_SLOT(xo_status, define)(void *XO_NULLABLE ctx, const xo_metric_definition *XO_NONNULL definition,
        xo_metric *XO_NONNULL out);

    /* One-way, lock-free. [any]. Counters: amounts below 0 are ignored. */
    XO_SLOT(void, add)(void *XO_NULLABLE ctx, xo_metric metric, double amount);
    /* One-way, lock-free. [any]. Gauges. */
    XO_SLOT(void, set)(void *XO_NULLABLE ctx, xo_metric metric, double value);
    /* One-way, lock-free. [any]. Histograms. */
    XO_SLOT(void, observe)(void *XO_NULLABLE ctx, xo_metric metric, double value);
} xo_metrics_host;

#endif
