"""Calls of a plugin's method through WebTransport, beside a bare echo and a bare Node server."""
import statistics
import sys

from .programs import Daemon, Program, bench
from .report import Row

PLUGINS = [
    {"id": "ping", "library": "ping.so"},
    {"id": "ping-serial", "library": "ping-serial.so"},
    {"id": "ping-swift", "library": "libBenchPing.so"},
]
ROUNDS = 3
LOAD = ["--connections", 16, "--in-flight", 64, "--seconds", 2]
ONE_AT_A_TIME = ["--connections", 1, "--in-flight", 1, "--seconds", 1]


def measure(products, folder):
    folder.mkdir()
    with Program([products.echo], folder / "echo.log", r"(\d+)\n") as echo:
        node = start_node(products, folder)
        try:
            with Daemon(products, folder / "host", PLUGINS) as daemon:
                return compare(products, echo, node, daemon)
        finally:
            if node:
                node.stop()


def start_node(products, folder):
    """None if there is no Node, or no ws."""
    script = products.benchmarks / "node" / "server.js"
    if not (products.node_modules / "ws").exists():
        print("bench: no node-ws here; the row beside Node is left out", file=sys.stderr)
        return None
    try:
        return Program(["node", script], folder / "node.log", r"(\d+)\n", {"NODE_PATH": str(products.node_modules)})
    except FileNotFoundError:
        print("bench: no Node here; the row beside it is left out", file=sys.stderr)
        return None


def compare(products, echo, node, daemon):
    token = daemon.token()

    def foreign(program):
        return lambda options: bench(
            products, "calls", f"ws://127.0.0.1:{program.answer}/", "--process", program.id, *options)

    def ours(method):
        return lambda options: daemon.bench("calls", f"--token={token}", "--method", method, *options)

    candidates = {"echo": foreign(echo)}
    if node:
        candidates["node"] = foreign(node)
    candidates |= {
        "C": ours("bench.ping"), "C, one at a time": ours("bench-serial.ping"), "Swift": ours("bench-swift.ping"),
    }
    # In turns, so that what disturbs one disturbs all.
    runs = {name: [] for name in candidates}
    for _ in range(ROUNDS):
        for name, run in candidates.items():
            runs[name].append(run(LOAD))
    typical = {name: median(results) for name, results in runs.items()}
    alone = {name: run(ONE_AT_A_TIME) for name, run in candidates.items()}
    return list(rows(typical, alone))


def median(results):
    """The run with the median rate, and the rates of all."""
    rates = [result["callsPerSecond"] for result in results]
    return {**results[rates.index(statistics.median_low(rates))], "rounds": rates}


def rows(typical, alone):
    echo = typical["echo"]
    for name, title in [
        ("C", "calls, plugin in C"), ("C, one at a time", "calls, plugin in C, one at a time"),
        ("Swift", "calls, plugin in Swift"),
    ]:
        result = typical[name]
        ratio = result["callsPerSecond"] / echo["callsPerSecond"]
        counts = name != "C, one at a time"
        yield Row(
            title, result["callsPerSecond"], "/s", f"bare NIO echo {echo['callsPerSecond']:,.0f} /s", ratio,
            "≥ 0.60" if counts else "", ratio >= 0.6 if counts else None, result)
        if "node" in typical and counts:
            node = typical["node"]["callsPerSecond"]
            yield Row(
                title, result["callsPerSecond"], "/s", f"bare Node ws {node:,.0f} /s",
                result["callsPerSecond"] / node, "≥ 4", result["callsPerSecond"] / node >= 4)
    for name in ("C", "Swift"):
        ratio = typical[name]["serverNanosecondsPerCall"] / echo["serverNanosecondsPerCall"]
        yield Row(
            f"processor time a call, {name}", typical[name]["serverNanosecondsPerCall"] / 1000, "µs",
            f"echo {echo['serverNanosecondsPerCall'] / 1000:.2f} µs", ratio)
    for share in ("p50", "p99"):
        yield Row(
            f"latency {share} under this load, C", typical["C"]["latency"][share], "µs",
            f"echo {echo['latency'][share]:,.0f} µs", typical["C"]["latency"][share] / echo["latency"][share])
    for share in ("p50", "p99"):
        for name in ("C", "Swift"):
            yield Row(
                f"latency {share}, one call at a time, {name}", alone[name]["latency"][share], "µs",
                f"echo {alone['echo']['latency'][share]:,.0f} µs" + (
                    f", Node {alone['node']['latency'][share]:,.0f} µs" if "node" in alone else ""),
                alone[name]["latency"][share] / alone["echo"]["latency"][share], details=alone[name])
    busiest = max(result["generatorProcessors"] for result in typical.values())
    yield Row("load generator, at most", busiest, "cores", target="< 0.9", met=busiest < 0.9)
