"""A plugin in a process of its own: what a call costs, what the process takes, how soon one that is killed is back."""
import os
import signal
import statistics
import time
from pathlib import Path

from .dispatch import LOOP
from .programs import BenchFailure, Daemon
from .report import Row

ISOLATED = {"id": "ping-isolated", "library": "ping-isolated.so", "isolation": "process"}
METHOD = "bench-isolated.ping"
KILLS = 10
PUBLISHERS = [
    {"id": "publish", "library": "publish.so"},
    {"id": "publish-isolated", "library": "publish-isolated.so", "isolation": "process"},
]
OBJECTS = 10_000
ROUNDS = 20
TEN = [{"id": f"ping-{number}", "library": "ping-isolated.so", "isolation": "process"} for number in range(10)]


def measure(products, folder):
    with Daemon(products, folder, [ISOLATED, LOOP]) as daemon:
        token = daemon.token()
        many = daemon.call("bench.dispatch", {"token": token, "calls": 200_000, "window": 64, "method": METHOD})
        single = daemon.call("bench.dispatch", {"token": token, "calls": 20_000, "window": 1, "method": METHOD})
        private = private_bytes(runner(daemon))
        times = sorted(recovery(daemon) for _ in range(KILLS))
    return call_rows(single, many, private, times) + [publishing(products, folder), many_runners(products, folder)]


def call_rows(single, many, private, times):
    bare = single["pingPongNanoseconds"]
    rate = 1e9 / many["wallNanoseconds"]
    ratio = single["wallNanoseconds"] / bare
    median = statistics.median(times)
    return [
        Row("isolated call, one at a time", single["wallNanoseconds"] / 1000, "µs",
            f"socket pair, there and back {bare / 1000:.1f} µs", ratio, "≤ 2.5", ratio <= 2.5, single),
        Row("isolated calls, 64 under way", rate, "/s", target="≥ 50,000", met=rate >= 50_000, details=many),
        Row("private memory of a runner", private / 1e6, "MB", target="≤ 8", met=private <= 8e6),
        Row("killed until it serves again", median, "ms", f"{KILLS} kills, {times[0]:.0f} to {times[-1]:.0f} ms",
            target="≤ 500", met=median <= 500),
    ]


def publishing(products, folder):
    """How fast objects come in from a process, beside the same source inside of the daemon."""
    with Daemon(products, folder / "publish", PUBLISHERS) as daemon:
        def seconds(method):
            started = time.monotonic()
            daemon.call(method, {"rounds": ROUNDS})
            return time.monotonic() - started

        # Alternately, so that both see the same machine.
        pairs = [(seconds("bench-publish.run"), seconds("bench-publish-isolated.run")) for _ in range(5)]
    inside, isolated = (OBJECTS * ROUNDS / statistics.median(times) for times in zip(*pairs))
    ratio = isolated / inside
    return Row("objects published from a process", isolated, "/s", f"inside {inside:,.0f}/s, of 2 KB each", ratio,
               "≥ 0.6", ratio >= 0.6)


def many_runners(products, folder):
    """What ten plugins take when each has a process; the largest counts."""
    # The methods of one keep the others' out; each of them runs all the same.
    with Daemon(products, folder / "ten", TEN) as daemon:
        memory = [private_bytes(runner(daemon, plugin["id"])) for plugin in TEN]
    return Row("private memory of ten runners, each at most", max(memory) / 1e6, "MB", f"together {sum(memory) / 1e6:.1f} MB",
               target="≤ 8", met=max(memory) <= 8e6)


def runner(daemon, plugin="ping-isolated") -> int:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cmdline").read_bytes().endswith(f"--plugin-runner\0{plugin}\0".encode()) and (
                    f"PPid:\t{daemon.id}\n" in (process / "status").read_text()):
                return int(process.name)
        except OSError:
            continue  # it has ended meanwhile
    raise BenchFailure(f"the plugin {plugin} has no process")


def private_bytes(process: int) -> int:
    """What it has for itself alone: pages of files can be shared or read again."""
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) * 1024
    raise BenchFailure("the kernel does not tell the memory of a process")


def recovery(daemon) -> float:
    """Milliseconds from the kill until a call is answered. The plugin is loaded by hand, so that a crash is never one of
    many, for which the host would wait longer."""
    old = runner(daemon)
    os.kill(old, signal.SIGKILL)
    started = time.monotonic()
    while time.monotonic() - started < 10:
        try:
            if runner(daemon) != old and daemon.call(METHOD, {}) == "pong":
                taken = (time.monotonic() - started) * 1000
                daemon.call("plugin.unload", {"id": "ping-isolated"})
                daemon.call("plugin.load", {"id": "ping-isolated"})
                return taken
        except BenchFailure:
            continue  # not yet
    raise BenchFailure("the isolated plugin did not come back within 10 s")
