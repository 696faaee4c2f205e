"""From exec to the first answer, and what an idle host takes."""
import os
import re
import socket
import statistics
import subprocess
import time

from .programs import BenchFailure, Daemon
from .report import Row

XAPI = {"id": "xapi", "library": "libXAPI.so"}
DEMO = {
    "id": "demo", "library": "libDemoPool.so", "grants": ["calls.as-service"],
    "configuration": {"hosts": 3, "virtualMachines": 50},
}
RUNS = 10


def measure(products, folder):
    folder.mkdir()
    with_demo, plain = folder / "demo", folder / "plain"
    memory = [
        idle(products, with_demo, [XAPI, DEMO], "idle, web, xapi and demo pool (50 VMs)"),
        idle(products, plain, [XAPI], "idle, web and xapi"),
    ]
    # With the state that the first of these has left: the usual start, not the very first one.
    answers = sorted(first_answer(products, with_demo, [XAPI, DEMO]) for _ in range(RUNS))
    complete = sorted(all_running(products, with_demo, [XAPI, DEMO]) for _ in range(RUNS))
    median = statistics.median(answers)
    return [
        Row("first answer after exec", median, "ms", span(answers), target="≤ 150", met=median <= 150,
            details={"milliseconds": answers}),
        Row("all plugins running after exec", statistics.median(complete), "ms", span(complete),
            details={"milliseconds": complete}),
        *memory,
    ]


def span(times) -> str:
    return f"{len(times)} runs, {times[0]:.0f} to {times[-1]:.0f} ms"


def all_running(products, folder, plugins) -> float:
    started = time.monotonic()
    with Daemon(products, folder, plugins):
        return (time.monotonic() - started) * 1000


def first_answer(products, folder, plugins) -> float:
    port = free_port()
    configuration = Daemon.configure(products, folder, plugins, port)
    host = [products.host, "--config", configuration]
    command = [products.bench, "first-answer", f"ws://127.0.0.1:{port}/api/", "--", *host]
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=60,
        env={**os.environ, **Daemon.environment()})
    found = re.search(r'"milliseconds":([0-9.]+)', done.stdout)
    if done.returncode != 0 or not found:
        raise BenchFailure(f"no first answer: {done.stderr[-2000:]}")
    return float(found.group(1))


def idle(products, folder, plugins, name):
    """Memory after a start with existing state, when nothing has happened for a while."""
    Daemon(products, folder, plugins).stop()
    with Daemon(products, folder, plugins) as daemon:
        objects = daemon.wait_for_objects()[0] if DEMO in plugins else 0
        time.sleep(2)
        memory = daemon.memory()
    megabytes = memory["Rss"] / 1e6
    return Row(
        name, megabytes, "MB",
        f"{memory['Anonymous'] / 1e6:.1f} MB of it data, the rest code; {objects} objects", target="≤ 60",
        met=megabytes <= 60, details=memory)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
