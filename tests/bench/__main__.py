"""`python -m tests.bench [SECTION ...] [--save] [--tiny]`: print the figures.

--save keeps them as the baseline and, when every section ran, draws the chart. --tiny only tries that each section runs:
what it prints are no figures.
"""

from __future__ import annotations

import importlib
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.figures import Figure, load, save, table

ROOT = Path(__file__).parents[2]
SECTIONS = ("wire", "memory", "iphone", "android", "bench_size", "logs", "iphone_logs", "reports")
OPTIONS = ("--save", "--tiny")


def main(arguments: list[str]) -> int:
    names = [each for each in arguments if each not in OPTIONS] or list(SECTIONS)
    if unknown := set(names) - set(SECTIONS):
        print(f"no section or option {', '.join(sorted(unknown))}; sections: {', '.join(SECTIONS)}", file=sys.stderr)
        return 2
    machine = f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()} {platform.release().partition('-')[0]}, " \
              f"Python {platform.python_version()}"
    print(machine)
    # As an installed worker is: compiled. Where the environment forbids caching, a checkout would be compiled each time.
    subprocess.run([sys.executable, "-m", "compileall", "-q", "protocol", "pyworker", "schemas"], check=True, cwd=ROOT)
    stored = load()
    figures: list[Figure] = []
    for name in names:
        began = time.monotonic()
        found = list(importlib.import_module(f"tests.bench.{name}").figures("--tiny" in arguments))
        print(f"\n{table(found, stored)}\n  ({name}: {time.monotonic() - began:.0f} s)", flush=True)
        figures += [each for each in found if isinstance(each, Figure)]
    if "--save" in arguments and "--tiny" not in arguments:
        save(figures, machine, set(names) == set(SECTIONS))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
