"""The phones of the window test, until the end of its input: two iPhones and two Android phones, an iPhone whose logs
tell of a panic, one that has more crash reports than are kept, and one that does not trust this computer.
"""

import sys

from pyworker.virtual.bench import Bench

PHONES = ("iphone-clean", "iphone-owner-locked", "android-clean", "android-company", "iphone-ios15", "iphone-ios17")
DISTRUSTFUL = "iphone-company"

bench = Bench((*PHONES, DISTRUSTFUL))
bench.iphones[DISTRUSTFUL].state = "untrusted"
with bench:
    print(bench.directions(), flush=True)
    while sys.stdin.readline():
        pass
