"""Lazy imports on several threads at once, made slow so that they meet."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Each module of these packages takes a moment; two threads then start at the same time, in a fresh interpreter.
PROGRAM = """
import sys, threading, time
sys.path.insert(0, {root!r})
import pyworker.devices, pyworker.log, pyworker.validation, pyworker.warm

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {packages!r}:
            time.sleep(0.03)

sys.meta_path.insert(0, Slow())
failed = []

def run(work):
    try:
        work()
    except BaseException as problem:
        failed.append(repr(problem))

def one():
    {one}

def other():
    {other}

threads = [threading.Thread(target=run, args=(work,)) for work in (one, other)]
for thread in threads:
    thread.start()
    time.sleep({ahead})
for thread in threads:
    thread.join()
print(failed)
"""
WARM_UP = "from pyworker.warm import warm; from pyworker import log; log.bug = lambda what, problem: failed.append(repr(problem)); warm()"
CHECK = "from pyworker import validation; validation.named('devices.list', {})"
IOS = "from pyworker import devices; devices.ios()"
ANDROID = "from pyworker import devices; devices.android()"
PACKAGES = ("jsonschema", "referencing", "attr", "attrs", "cryptography", "asyncio", "ssl", "adb_shell", "plistlib", "xml")


@pytest.mark.parametrize("ahead", [0.0, 0.01, 0.05, 0.15])
@pytest.mark.parametrize(("one", "other"), [(WARM_UP, CHECK), (CHECK, CHECK), (IOS, ANDROID), (WARM_UP, IOS)])
def test_two_threads_that_need_the_same_libraries_both_get_them(one, other, ahead):
    program = PROGRAM.format(root=str(ROOT), packages=PACKAGES, one=one, other=other, ahead=ahead)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
