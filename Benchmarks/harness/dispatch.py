"""What the host itself takes for a call, without a network: a transport plugin hands it messages in a loop."""
from .calls import PLUGINS
from .programs import Daemon
from .report import Row

LOOP = {"id": "loop", "library": "loop.so"}


def measure(products, folder):
    with Daemon(products, folder, [*PLUGINS, LOOP]) as daemon:
        token = daemon.token()
        many = daemon.call("bench.dispatch", {"token": token, "calls": 1_000_000, "window": 64, "method": "bench.ping"})
        single = daemon.call("bench.dispatch", {"token": token, "calls": 100_000, "window": 1, "method": "bench.ping"})
    bare = many["bareNanoseconds"]
    beside = f"function pointer {bare:.2f} ns"
    return [
        Row("dispatch, 64 under way", many["wallNanoseconds"], "ns", beside, many["wallNanoseconds"] / bare, "≤ 1000",
            many["wallNanoseconds"] <= 1000, many),
        Row("the same in processor time", many["cpuNanoseconds"], "ns", beside, many["cpuNanoseconds"] / bare),
        Row("dispatch, one at a time", single["wallNanoseconds"], "ns", beside, single["wallNanoseconds"] / bare,
            details=single),
    ]
