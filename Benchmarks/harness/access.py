"""What access lists cost: the check of a call, telling those who see a change, telling those whose rights have changed."""
import sqlite3
import time

from .dispatch import LOOP
from .pool import host_with_pool
from .programs import BenchFailure, Daemon
from .report import Row

MACHINES = 2_000
ENTRIES = 1_000
SESSIONS = 1_000
PASSWORD = "bench"
PING = {"id": "ping", "library": "ping.so"}


def measure(products, folder):
    with host_with_pool(products, folder, MACHINES, [PING, LOOP]) as (daemon, found):
        state = folder / "host" / "data" / "host.sqlite"
        admin = daemon.token()
        staff = daemon.call("user.create", {"email": "staff", "password": PASSWORD})
        machines = list(daemon.call("xo.getAllObjects", {"filter": {"type": "VM"}}).values())
        add_entries(state, [(staff, machine["id"]) for machine in machines[:ENTRIES]])
        token = as_user(daemon, "staff", "token.create")
        if len(as_user(daemon, "staff", "acl.getCurrentPermissions")) != ENTRIES:
            raise BenchFailure("the host does not know the entries that were added to its database")

        rows = check_rows(daemon, admin, token, machines[0]["$VBDs"][0])
        alone = daemon.bench("changes", f"--token={admin}", "--changes", 100)
        administrators = daemon.bench("changes", f"--token={admin}", "--sessions", SESSIONS, "--changes", 40)
        all_told = daemon.bench("changes", f"--token={token}", "--sessions", SESSIONS, "--changes", 40)
        rows.append(change_row(
            f"change told to {SESSIONS:,} sessions by {ENTRIES:,} entries", all_told, administrators,
            f"as many administrators, {found['objects']:,} objects", 1.25))
        granted = daemon.bench(
            "grants", f"--token={token}", "--sessions", SESSIONS, "--subject", staff, "--object", machines[-1]["id"],
            "--user", Daemon.USER, "--password", Daemon.PASSWORD)
        worst = granted["latency"]["longest"] / 1000
        rows.append(Row(
            f"entry added or removed until {SESSIONS:,} sessions know, at most", worst, "ms",
            f"p50 {granted['latency']['p50'] / 1000:.1f} ms", target="≤ 200", met=worst <= 200, details=granted))

        add_users(state, [machine["id"] for machine in machines[:SESSIONS]])
        one_told = daemon.bench(
            "changes", "--users", "user-", "--password", PASSWORD, "--sessions", SESSIONS, "--told", 1,
            "--changes", 100)
        rows.append(change_row(
            f"change seen by 1 of {SESSIONS:,} users, each with a list of his own", one_told, alone,
            "one administrator alone", 1.25))
    return rows


def check_rows(daemon, admin, restricted, drive):
    """The longest way: from a drive, over its disk and machine, to an entry on the machine; and what is above."""
    def call(token, window):
        # In turns would be better, but a session is made for each; the median of three must do.
        runs = sorted((daemon.call("bench.dispatch", {
            "token": token, "calls": 200_000, "window": window, "method": "bench.look", "object": drive,
        }) for _ in range(3)), key=lambda run: run["cpuNanoseconds"])
        return runs[1]["cpuNanoseconds"]

    free, checked = call(admin, 64), call(restricted, 64)
    more = checked - free
    return [Row(
        f"check of a call with {ENTRIES:,} entries", more, "ns", f"call as administrator {free:,.0f} ns", checked / free,
        "≤ 1000", more <= 1000)]


def change_row(title, result, beside, yardstick, target):
    used, other = (each["serverNanosecondsPerChange"] for each in (result, beside))
    return Row(
        title, used / 1000, "µs", f"{yardstick}: {other / 1000:,.0f} µs", used / other, f"≤ {target}",
        used / other <= target, result)


def as_user(daemon, user, method):
    return daemon.bench("call", "--user", user, "--password", PASSWORD, method)


def change_state(state, *statements):
    """As another process would, because thousands of calls take long; the host sees it within a second."""
    with sqlite3.connect(state, timeout=20) as database:
        for statement, rows in statements:
            database.executemany(statement, rows)
    database.close()
    time.sleep(2)


def add_entries(state, entries):
    change_state(state, (
        "INSERT INTO access (id, subject, object, role) VALUES (?, ?, ?, 'admin')",
        [(f"{subject}:{machine}", subject, machine) for subject, machine in entries]))


def add_users(state, machines):
    """One for each machine, all with the password of the user staff."""
    users = [(f"id-{number}", f"user-{number}", f"user-{number}") for number in range(len(machines))]
    change_state(
        state,
        ("INSERT INTO user SELECT ?, ?, ?, passwordHash, 'none', '{}', 0 FROM user WHERE nameKey = 'staff'", users),
        ("INSERT INTO access (id, subject, object, role) VALUES (?, ?, ?, 'admin')",
         [(f"{user[0]}:{machine}", user[0], machine) for user, machine in zip(users, machines)]))
