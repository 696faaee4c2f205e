"""Pools of 1,000, 10,000 and 50,000 VMs: how long until they are known, what they take, and what one change costs."""
import statistics

from .pool import host_with_pool
from .programs import bench
from .report import Row

SIZES = [1_000, 10_000, 50_000]
FULL = 10_000  # for which the targets of memory and of lists are made


def measure(products, folder):
    rows, change_costs = [], {}
    for machines in SIZES:
        with host_with_pool(products, folder / str(machines), machines) as (daemon, found):
            token = daemon.token()
            lists = [daemon.bench("list", f"--token={token}", "--type", "VM") for _ in range(3)]
            change_costs[machines] = daemon.bench("changes", f"--token={token}", "--changes", 100)
            classes = daemon.call("server.getAll")[0]["records"]
            floor = [
                bench(products, "receive", found["pool"], "--classes", ",".join(classes)) for _ in range(3)
            ]
        rows += size_rows(machines, found, lists)
        rows += floor_rows(machines, found, floor, sum(classes.values()))
    rows += change_rows(change_costs)
    return rows


def size_rows(machines, found, lists):
    large = machines == FULL
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


def floor_rows(machines, found, floor, records):
    title = f"{machines:,} VMs: "
    bare, used = (statistics.median(each[key] for each in floor) for key in ("seconds", "processorSeconds"))
    ratio = found["seconds"] / bare
    yield Row(
        title + "time of the first inventory", found["seconds"], "s",
        f"bare loop that receives and reads {floor[0]['bytes'] / 1e6:.0f} MB {bare:.2f} s", ratio, "≤ 2.5", ratio <= 2.5)
    yield Row(
        title + "processor time of it", found["processorSeconds"], "s", f"bare loop {used:.2f} s",
        found["processorSeconds"] / max(used, 0.01))
    yield Row(
        title + "memory a record of XenServer's, settled", found["memory"] / records / 1000, "KB",
        f"at its peak {found['peak'] / records / 1000:.2f} KB", details={"records": records})


def change_rows(costs):
    small, large = costs[SIZES[0]]["serverNanosecondsPerChange"], costs[SIZES[-1]]["serverNanosecondsPerChange"]
    for size in SIZES:
        yield Row(
            f"{size:,} VMs: processor time of a change", costs[size]["serverNanosecondsPerChange"] / 1000, "µs",
            f"reaches the client after {costs[size]['latency']['p50'] / 1000:.1f} ms", details=costs[size])
    yield Row(
        f"cost of a change, {SIZES[-1]:,} beside {SIZES[0]:,} VMs", large / small, "times", ratio=large / small, target="≤ 1.25",
        met=large / small <= 1.25)
