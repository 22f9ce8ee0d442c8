"""`python -m tests.bench [SECTION ...] [--save]`: print the figures; with --save keep them as the baseline and draw the chart."""

from __future__ import annotations

import importlib
import os
import platform
import subprocess
import sys
from pathlib import Path

from tests.bench.figures import Figure, load, save, table

ROOT = Path(__file__).parents[2]
SECTIONS = ("wire", "iphone", "android", "logs", "reports", "bench_size")


def main(arguments: list[str]) -> int:
    names = [each for each in arguments if each != "--save"] or list(SECTIONS)
    if unknown := set(names) - set(SECTIONS):
        print(f"no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}", file=sys.stderr)
        return 2
    machine = f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()} {platform.release().partition('-')[0]}, " \
              f"Python {platform.python_version()}"
    print(machine)
    # As an installed worker is: compiled. Where the environment forbids caching, a checkout would be compiled each time.
    subprocess.run([sys.executable, "-m", "compileall", "-q", "protocol", "pyworker", "schemas"], check=True, cwd=ROOT)
    stored = load()
    found: list[Figure] = []
    for name in names:
        section = list(importlib.import_module(f"tests.bench.{name}").figures())
        print(table(section, stored), flush=True)
        found += section
    if "--save" in arguments:
        save(found, machine)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
