"""Starting, watching and stopping what is measured."""
import json
import os
import re
import select
import subprocess
import time
import urllib.request
from pathlib import Path


class BenchFailure(Exception):
    """Something could not be measured; the text says why."""


class Program:
    """A server that says where it listens in a line of its output. To be used in a `with` statement."""

    def __init__(self, command, log: Path, ready: str, environment=None):
        self.log = log
        with open(log, "ab") as errors:
            self.process = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                env={**os.environ, **(environment or {})})
        self.id = self.process.pid
        try:
            self.answer = self._read_until(ready)
        except BaseException:
            self.stop()
            raise

    def _read_until(self, pattern: str, seconds=60) -> str:
        output, text = self.process.stdout.fileno(), ""
        deadline = time.monotonic() + seconds
        while not (found := re.search(pattern, text)):
            if not select.select([output], [], [], max(0, deadline - time.monotonic()))[0]:
                raise BenchFailure(f"{self.process.args[0]} was not ready within {seconds} s; {self._last_words()}")
            read = os.read(output, 65536)
            if not read:
                raise BenchFailure(f"{self.process.args[0]} ended at once; {self._last_words()}")
            text += read.decode()
        return found.group(1)

    def _last_words(self) -> str:
        return f"its last words: {self.log.read_text(errors='replace')[-2000:]}"

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Daemon(Program):
    """xo-host with some plugins, on a free port. `folder` keeps its state from one run to the next."""

    USER, PASSWORD = "bench@localhost", "bench"

    def __init__(self, products, folder: Path, plugins, settings=None):
        self.products = products
        self.configuration = Daemon.configure(products, folder, plugins, settings=settings)
        super().__init__(
            [products.host, "--config", self.configuration], folder / "log",
            r"is running at http://127\.0\.0\.1:(\d+)", Daemon.environment())
        self.port = int(self.answer)
        self.address = f"ws://127.0.0.1:{self.port}/api/"

    @staticmethod
    def environment():
        return {"XO_ADMIN_USER": Daemon.USER, "XO_ADMIN_PASSWORD": Daemon.PASSWORD}

    @staticmethod
    def configure(products, folder: Path, plugins, port=0, settings=None) -> Path:
        """Writes plugins.json; `settings` are more of the member `host`. Password hashes are cheap, because signing in is not what is measured."""
        folder.mkdir(exist_ok=True)
        web = {
            "id": "web", "library": "libWebTransport.so",
            "configuration": {"listen": [{"address": "127.0.0.1", "port": port}], "maximumConnections": 20_000},
        }
        configuration = {
            "host": {
                "dataDirectory": str(folder / "data"),
                "pluginDirectories": [str(products.folder), str(products.plugins)],
                "passwordHash": {"memoryKiB": 8192, "iterations": 1, "parallelism": 1},
                "passwords": {"minimumLength": 1},
                **(settings or {}),
            },
            "plugins": [web, *plugins],
        }
        path = folder / "plugins.json"
        path.write_text(json.dumps(configuration), encoding="utf-8")
        return path

    def bench(self, command, *options):
        """Runs xo-bench against this daemon."""
        return bench(self.products, command, self.address, "--process", self.id, *options)

    def call(self, method, parameters=None):
        """One call as the administrator."""
        return self.bench(
            "call", "--user", Daemon.USER, "--password", Daemon.PASSWORD, method, json.dumps(parameters or {}))

    def token(self) -> str:
        return self.call("token.create")

    def metric(self, name: str) -> float:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
        if not found:
            raise BenchFailure(f"/metrics does not show {name}")
        return float(found.group(1))

    def wait_for_objects(self, quiet=1.0, seconds=120):
        """Waits until the inventory has stopped growing; returns its size and when it was reached."""
        deadline = time.monotonic() + seconds
        count, since = 0, time.monotonic()
        while count == 0 or time.monotonic() - since < quiet:
            if time.monotonic() > deadline:
                raise BenchFailure(f"the inventory was not complete within {seconds} s; {self._last_words()}")
            now = int(self.metric("xo_objects"))
            if now != count:
                count, since = now, time.monotonic()
            time.sleep(0.02)
        return count, since

    def cpu(self) -> float:
        """Seconds of processors that it has used."""
        fields = Path(f"/proc/{self.id}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak(self) -> int:
        """Bytes: the most that was ever resident."""
        text = Path(f"/proc/{self.id}/status").read_text(encoding="ascii")
        return int(re.search(r"^VmHWM:\s+(\d+) kB", text, re.MULTILINE).group(1)) * 1024

    def memory(self):
        """Bytes, by the kernel's words: Rss, Pss (shared pages in proportion), Anonymous (no file behind it) ..."""
        text = Path(f"/proc/{self.id}/smaps_rollup").read_text(encoding="ascii")
        return {kind: int(size) * 1024 for kind, size in re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)}


def bench(products, command, *options):
    """Runs xo-bench; returns what it reports."""
    words = [str(word) for word in (products.bench, command, *options)]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=180)
    if done.returncode != 0:
        raise BenchFailure(f"xo-bench {command}: {done.stderr.strip()}")
    return json.loads(done.stdout)
