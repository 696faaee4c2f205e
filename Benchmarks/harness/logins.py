"""Sign-ins with a directory, beside binds of the bare library; calls of others while the directory stalls."""
import concurrent.futures
import json
import statistics
import subprocess

from .directory import PASSWORD, PEOPLE, Directory
from .programs import BenchFailure, Daemon
from .report import Row

PING = {"id": "ping", "library": "ping.so"}
POOL = 4  # connections of the plugin, by default
SECONDS = 3
ROUNDS = 3
STALLED = 100
QUIET_CALLS = ["--connections", 4, "--in-flight", 1, "--seconds", 3, "--method", "bench.ping"]


def measure(products, folder):
    folder.mkdir()
    with Directory(folder / "slapd") as directory:
        rows = plugin_rows(products, directory)
        with Daemon(products, folder / "host", [directory.plugin, PING]) as daemon:
            sign_in(daemon, 2)  # So that everybody is known here.
            return rows + [whole_row(daemon), stall_row(directory, daemon)]


def plugin_rows(products, directory):
    """The plugin alone, asked by a host that does nothing else."""
    schema = json.loads(said(products.ask, products.ldap, "schema"))
    configuration = json.dumps(filled(directory.plugin["configuration"], schema))

    def asked():
        return float(said(
            products.ask, products.ldap, configuration, 4 * POOL, SECONDS, "person-", PEOPLE, PASSWORD))

    def bound(way):
        return float(said(products.binds, directory.uri, POOL, SECONDS, PEOPLE, way))

    floors = {
        "found": "bare library: search, connect, bind", "fresh": "bare library: connect, bind",
        "kept": f"bare library: bind, {POOL} connections kept",
    }
    rounds = [(asked(), *map(bound, floors)) for _ in range(ROUNDS)]
    rate, *others = (statistics.median(column) for column in zip(*rounds))
    return [
        Row("passwords checked by AuthLDAP", rate, "/s", f"{title} {other:,.0f} /s", rate / other, *target(way, rate / other))
        for (way, title), other in zip(floors.items(), others)
    ]


def target(way, ratio):
    # A bind over a kept connection is less than a sign-in may do: a person's bind has a connection of its own.
    return ("", None) if way == "kept" else ("≥ 0.70", ratio >= 0.7)


def filled(value, schema):
    """With the schema's defaults, as the host gives it to a plugin."""
    if not isinstance(value, dict):
        return value
    properties = schema.get("properties", {})
    value = {name: part["default"] for name, part in properties.items() if "default" in part} | value
    return {name: filled(part, properties.get(name, {})) for name, part in value.items()}


def said(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise BenchFailure(f"{words[0]}: {done.stderr.strip()}")
    return done.stdout


def sign_in(daemon, seconds, *options):
    return daemon.bench(
        "logins", "--users", "person-", "--people", PEOPLE, "--password", PASSWORD, "--seconds", seconds, *options)


def whole_row(daemon):
    result = sign_in(daemon, SECONDS)
    return Row(
        "whole sign-ins with a directory, hashes at their cheapest", result["loginsPerSecond"], "/s",
        f"{result['serverNanosecondsPerLogin'] / 1e6:.1f} ms of the host's processor each", details=result)


def stall_row(directory, daemon):
    """Between two rows of the same measurement without sign-ins, because noise is what it is compared with."""
    token = daemon.token()

    def calls():
        return daemon.bench("calls", f"--token={token}", *QUIET_CALLS)["latency"]["p99"]

    before = calls()
    directory.stall()
    try:
        with concurrent.futures.ThreadPoolExecutor(1) as others:
            stalled = others.submit(sign_in, daemon, 5, "--connections", STALLED, "--counts-failures")
            during = calls()
            done = stalled.result()
    finally:
        directory.resume()
    if done["logins"]:
        raise BenchFailure("the directory was to stall, and let people in")
    after = calls()
    most = max(before, after)
    return Row(
        f"p99 of a call while {STALLED} sign-ins stall", during, "µs", f"without them {before:,.0f} and {after:,.0f} µs",
        during / most, "≤ 1.25", during / most <= 1.25)
