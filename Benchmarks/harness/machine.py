"""What it was measured on."""
import datetime
import os
import platform
import re
import resource
import subprocess
from pathlib import Path


def describe():
    return {
        "date": datetime.date.today().isoformat(),
        "cores": len(os.sched_getaffinity(0)),
        "processor": first(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="ascii")),
        "memoryGiB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{first(r'PRETTY_NAME=.(.*).', Path('/etc/os-release').read_text(encoding='utf-8'))}, "
                  f"Linux {platform.release()}",
        "swift": first(r"Swift version (\S+)", output(["swift", "--version"])),
        "node": output(["node", "--version"]).strip() or "none",
    }


class OtherWork:
    """How much of the machine was used by others than this program and what it has started."""

    def __init__(self):
        self.started = self._times()

    def percent(self) -> int:
        total, busy, own = (now - before for now, before in zip(self._times(), self.started))
        return max(0, round(100 * (busy - own) / max(total, 1e-9)))

    @staticmethod
    def _times():
        """Seconds of all processors: in total, busy, and for this program and its ended children."""
        fields = [int(word) for word in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
        total, idle = sum(fields), fields[3] + fields[4]
        usages = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        own = sum(usage.ru_utime + usage.ru_stime for usage in usages)
        second = os.sysconf("SC_CLK_TCK")
        return total / second, (total - idle) / second, own


def first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found.group(1).strip() if found else "unknown"


def output(command) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return ""
