"""A host with a simulated pool beside it, in a process of its own, so that only the host is measured."""
import contextlib
import time

from .programs import Daemon, Program
from .start import XAPI


@contextlib.contextmanager
def host_with_pool(products, folder, machines, plugins=()):
    """The daemon, and what adding the pool has shown."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [products.simulator, "--vms", machines, "--hosts", 3, "--operation-time", 0]
    with Program(command, folder / "simulator.log", r"Simulated pool at (http://[^,]+),") as simulator:
        with Daemon(products, folder / "host", [XAPI, *plugins]) as daemon:
            daemon.token()  # What comes with a first sign-in is not the inventory's.
            time.sleep(1)
            before, used, started = daemon.memory()["Rss"], daemon.cpu(), time.monotonic()
            daemon.call("server.add", {"host": simulator.answer, "username": "root", "password": "password"})
            objects, complete = daemon.wait_for_objects()
            used = daemon.cpu() - used
            time.sleep(1)
            yield daemon, {
                "objects": objects, "seconds": complete - started, "processorSeconds": used,
                "memory": daemon.memory()["Rss"] - before, "peak": daemon.peak() - before,
                "recordBytes": daemon.metric("xo_objects_bytes"), "pool": simulator.answer,
            }
