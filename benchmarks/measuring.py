"""What a piece of work costs: seconds, processor seconds and memory, in a process of its own.

Other programs share the processor, so the works that are compared run in turns, each in a fresh
process, several times, and the least disturbed run of each counts.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

#: All engines get as many; pandas uses one.
THREADS = 2


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, seconds of processor time of all threads, highest memory in MB."""

    wall: float
    cpu: float
    peak: float

    def least(self, other: "Cost") -> "Cost":
        """The smaller of both, figure by figure."""
        ends = zip(asdict(self).values(), asdict(other).values(), strict=True)
        return Cost(*(min(pair) for pair in ends))


def cost_of(work: Callable[[], object]) -> Cost:
    """Do the work once in this process; memory counts what was loaded before it too."""
    before, began = _processor(), time.perf_counter()
    work()
    wall = time.perf_counter() - began
    return Cost(wall, _processor() - before, _highest_memory())


def _highest_memory() -> float:
    """Of this process alone: what ``getrusage`` tells begins with the parent's memory."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def in_turns(
    works: Mapping[str, Sequence[str]], repeats: int, *, once: Sequence[str] = ()
) -> dict[str, Cost]:
    """The least cost of each work, taken in turns.

    Args:
        works: Arguments of ``python -m benchmarks.work`` by the work's name.
        repeats: Rounds.
        once: Names of works so slow that one run must do.
    """
    least: dict[str, Cost] = {}
    for turn in range(repeats):
        for name, arguments in works.items():
            if turn and name in once:
                continue
            cost = in_process(arguments)
            least[name] = cost.least(least[name]) if name in least else cost
    return least


def in_process(arguments: Sequence[str]) -> Cost:
    """Cost of one work in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.work", *arguments]
    threads = os.environ | {"POLARS_MAX_THREADS": str(THREADS)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=threads)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))
