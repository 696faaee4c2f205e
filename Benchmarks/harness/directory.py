"""An OpenLDAP server with people who sign in."""
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from .programs import BenchFailure

PEOPLE = 200
PASSWORD = "bench-secret"
READER = "cn=reader,dc=example,dc=test"
SETTINGS = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix dc=example,dc=test
directory {folder}/db
maxsize 134217728
dbnosync
index objectClass,uid eq
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact={reader} read by anonymous auth by * none
"""
TOP = """dn: dc=example,dc=test
objectClass: domain

dn: {reader}
objectClass: applicationProcess
objectClass: simpleSecurityObject
userPassword: {password}

dn: ou=people,dc=example,dc=test
objectClass: organizationalUnit
"""
PERSON = """
dn: uid=person-{number},ou=people,dc=example,dc=test
objectClass: inetOrgPerson
cn: Person {number}
sn: Person
mail: person-{number}@example.test
userPassword: {password}
"""


class Directory:
    """slapd on a free port, without TLS: the wire and the hash are not what is measured. To be used in a `with`."""

    def __init__(self, folder: Path):
        (folder / "db").mkdir(parents=True)
        settings, content = folder / "slapd.conf", folder / "content.ldif"
        settings.write_text(SETTINGS.format(folder=folder, reader=READER), encoding="ascii")
        content.write_text(
            TOP.format(reader=READER, password=PASSWORD)
            + "".join(PERSON.format(number=number, password=PASSWORD) for number in range(PEOPLE)), encoding="ascii")
        self._run("/usr/sbin/slapadd", "-q", "-f", settings, "-l", content)
        self.port = free_port()
        self.uri = f"ldap://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            ["/usr/sbin/slapd", "-d", "0", "-f", str(settings), "-h", self.uri + "/"], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while not self._is_open():
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.process.kill()
                raise BenchFailure("slapd does not start")
            time.sleep(0.02)

    @staticmethod
    def _run(*words):
        done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchFailure(f"{words[0]}: {done.stderr.strip()[-1000:]}")

    def _is_open(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stall(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    @property
    def plugin(self):
        """An entry of plugins.json."""
        return {
            "id": "ldap", "library": "libAuthLDAP.so",
            "configuration": {
                "uri": self.uri, "base": "ou=people,dc=example,dc=test", "userIdAttribute": "entryUUID",
                "bind": {"dn": READER, "password": PASSWORD},
            },
        }


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
