"""The programs and plugins that are measured."""
import os
import subprocess
from pathlib import Path

from .programs import BenchFailure

ROOT = Path(__file__).resolve().parents[2]
PRODUCTS = [
    "xo-host", "WebTransport", "XAPI", "DemoPool", "AuthLDAP", "AuthSAML", "xapi-sim",  # what is measured
    "xo-bench", "bench-echo", "BenchPing",  # what measures, and yardsticks
]


class Products:
    """Where everything is."""

    benchmarks = ROOT / "Benchmarks"
    node_modules = Path("/usr/share/nodejs")  # Debian's, of which any Node can load ws

    def __init__(self, folder: Path | None = None):
        self.folder = (folder or ROOT / ".build" / "release").absolute()
        self.plugins = None
        self.binds = self.ask = None
        self.host = self.folder / "xo-host"
        self.simulator = self.folder / "xapi-sim"
        self.bench = self.folder / "xo-bench"
        self.ldap = self.folder / "libAuthLDAP.so"
        self.echo = self.folder / "bench-echo"

    def compile_plugins(self, folder: Path):
        """The plugins in C: nothing but the header and a C compiler."""
        self.plugins = folder / "plugins"
        self.plugins.mkdir()
        sources = self.benchmarks / "plugins"
        for name, source, options in [
            ("ping.so", "ping.c", []),
            ("ping-serial.so", "ping.c", ["-DONE_AT_A_TIME"]),
            ("ping-isolated.so", "ping.c", ["-DISOLATED"]),
            ("publish.so", "publish.c", []),
            ("publish-isolated.so", "publish.c", ["-DISOLATED"]),
            ("loop.so", "loop.c", ["-pthread"]),
        ]:
            run([
                os.environ.get("CC", "cc"), "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", *options,
                "-I", ROOT / "Sources" / "CXOPlugin" / "include", "-shared", "-fPIC", "-fvisibility=hidden",
                "-o", self.plugins / name, sources / source,
            ])
        self.binds, self.ask = (
            self._compile_program(folder, name, libraries) for name, libraries in [("binds", ["-lldap"]), ("ask", [])])

    def _compile_program(self, folder: Path, name: str, libraries):
        run([
            os.environ.get("CC", "cc"), "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-pthread",
            "-I", ROOT / "Sources" / "CXOPlugin" / "include", "-o", folder / name,
            self.benchmarks / "providers" / f"{name}.c", *libraries,
        ])
        return folder / name


def build():
    """One by one, because `swift build` takes one product at a time."""
    for product in PRODUCTS:
        run(["swift", "build", "--package-path", ROOT, "-c", "release", "--product", product])


def run(command):
    """Shows what the command said only if it fails."""
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise BenchFailure(f"{' '.join(map(str, command))}\n{done.stdout[-4000:]}")
