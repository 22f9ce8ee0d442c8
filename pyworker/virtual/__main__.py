"""`python -m pyworker.virtual [PHONE ...]`: a bench of virtual phones, until Ctrl-C or the end of its input.

Without names: all of them. Prints how to point the worker, libimobiledevice's tools and adb at the bench.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

from pyworker.virtual.bench import Bench, phone_names

USAGE = "usage: python -m pyworker.virtual [--latency-ms N] [PHONE ...]"


def main(arguments: list[str]) -> int:
    latency_s = 0.0
    names = []
    left = list(arguments)
    while left:
        word = left.pop(0)
        if word in ("-h", "--help"):
            print(USAGE, "", "phones:", *(f"  {name}" for name in phone_names()), sep="\n")
            return 0
        if word == "--latency-ms":
            if not left or not left[0].isdigit():
                print(USAGE, file=sys.stderr)
                return 2
            latency_s = int(left.pop(0)) / 1000
        elif word in phone_names():
            names.append(word)
        else:
            print(f"no virtual phone {word!r}; {Path(__file__).parent.name} --help lists them", file=sys.stderr)
            return 2
    with ExitStack() as stack:
        bench = stack.enter_context(Bench(names or phone_names(), latency_s))
        print(bench.directions(), flush=True)
        try:
            while sys.stdin.readline():
                pass
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
