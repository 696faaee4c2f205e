"""What it costs to tell 1, 100 and 1,000 sessions of a change."""
from .pool import host_with_pool
from .report import Row

SESSIONS = [(1, 200), (100, 100), (1_000, 40)]


def measure(products, folder):
    rows, alone = [], None
    with host_with_pool(products, folder, 50) as (daemon, _):
        token = daemon.token()
        for sessions, changes in SESSIONS:
            result = daemon.bench("changes", f"--token={token}", "--sessions", sessions, "--changes", changes)
            alone = alone or result
            rows += session_rows(sessions, result, alone)
    return rows


def session_rows(sessions, result, alone):
    count = f"{sessions:,} session" + ("s" if sessions > 1 else "")
    latency = result["latency"]
    yield Row(
        f"{count}: processor time a delivery", result["serverNanosecondsPerDelivery"] / 1000, "µs",
        f"{result['bytesPerDelivery']:,} bytes, p50 {latency['p50'] / 1000:.1f} ms, p99 {latency['p99'] / 1000:.1f} ms",
        details=result)
    if sessions > 1:
        # What the change itself costs is the same for however many; the rest is for those who are told.
        more = result["serverNanosecondsPerChange"] - alone["serverNanosecondsPerChange"]
        deliveries = result["deliveries"] / result["changes"] - alone["deliveries"] / alone["changes"]
        yield Row(f"{count}: each further delivery", more / deliveries / 1000, "µs")
