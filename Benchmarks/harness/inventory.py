"""Pools of 1,000 and 10,000 VMs: how long until they are known, what they take, and what one change costs."""
import statistics

from .pool import host_with_pool
from .report import Row

SIZES = [1_000, 10_000]


def measure(products, folder):
    rows, change_costs = [], {}
    for machines in SIZES:
        with host_with_pool(products, folder / str(machines), machines) as (daemon, found):
            token = daemon.token()
            lists = [daemon.bench("list", f"--token={token}", "--type", "VM") for _ in range(3)]
            change_costs[machines] = daemon.bench("changes", f"--token={token}", "--changes", 100)
        rows += size_rows(machines, found, lists)
    rows += change_rows(change_costs)
    return rows


def size_rows(machines, found, lists):
    large = machines == SIZES[-1]
    title = f"{machines:,} VMs: "
    objects = found["objects"]
    yield Row(title + "all objects known after", found["seconds"], "s", f"{objects:,} objects", details=found)
    each = found["memory"] / objects
    yield Row(
        title + "memory an object", each / 1000, "KB", f"record {found['recordBytes'] / objects / 1000:.2f} KB",
        found["memory"] / found["recordBytes"], "≤ 6" if large else "", each <= 6000 if large else None)
    milliseconds = statistics.median(result["milliseconds"] for result in lists)
    yield Row(
        title + "listed by a fresh client", milliseconds, "ms",
        f"{lists[0]['objects']:,} VMs, {lists[0]['bytes'] / 1e6:.1f} MB", target="≤ 1000" if large else "",
        met=milliseconds <= 1000 if large else None, details=lists[0])


def change_rows(costs):
    small, large = (costs[size]["serverNanosecondsPerChange"] for size in SIZES)
    for size in SIZES:
        yield Row(
            f"{size:,} VMs: processor time of a change", costs[size]["serverNanosecondsPerChange"] / 1000, "µs",
            f"reaches the client after {costs[size]['latency']['p50'] / 1000:.1f} ms", details=costs[size])
    yield Row(
        "cost of a change, 10,000 beside 1,000 VMs", large / small, "times", ratio=large / small, target="≤ 1.25",
        met=large / small <= 1.25)
