"""Methods that misbehave on purpose, and a worker process that has them beside its own.

`python tests/protocol/workbench.py [pyworker options]` is a real worker: the same first statement, the same life, plus
the methods below. `installed()` puts them into the table of the running process for the doors that need none.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]
    import attacks  # noqa: F401  with what it loads, as an attacker would find it

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyworker.call import Call

_COMMON = {
    "timeout_ms": {"$ref": "urn:pyworker:shared#/$defs/timeout_ms"},
    "progress_token": {"$ref": "urn:pyworker:shared#/$defs/progress_token"},
    "policy": {"$ref": "urn:pyworker:shared#/$defs/policy"},
}


def echo(call: Call) -> Any:
    return call.params.get("value")


def subtract(call: Call) -> Any:
    return call.params["minuend"] - call.params["subtrahend"]


def hang(call: Call) -> Any:
    """Deaf to everything, as the worst library is."""
    import time

    time.sleep(600)


def wait(call: Call) -> Any:
    """Blocks, but can be woken, as a well-behaved session does."""
    import threading

    woken = threading.Event()
    call.on_stop(woken.set)
    woken.wait(call.remaining())
    return "waited"


def crash(call: Call) -> Any:
    raise KeyError("a value that nobody may read outside")


def leave(call: Call) -> Any:
    raise SystemExit(7)


def unsayable(call: Call) -> Any:
    return {"a": object()}


def deep(call: Call) -> Any:
    value: Any = 0
    for _ in range(100_000):
        value = [value]
    return value


def big(call: Call) -> Any:
    return "x" * call.params["size"]


def noisy(call: Call) -> Any:
    """Everything that libraries do to stdout and stderr."""
    import ctypes
    import logging
    import os
    import subprocess
    import threading
    import warnings

    print("printed", flush=True)
    sys.stdout.write("written without an end")
    sys.stdout.flush()
    if sys.__stdout__ is not None:
        sys.__stdout__.write("through the original\n")
        sys.__stdout__.flush()
    os.write(1, b"by descriptor\n")
    if os.name == "posix":
        libc = ctypes.CDLL(None)
        libc.printf(b"by the C library\n")
        libc.fflush(None)
        subprocess.run(["/bin/sh", "-c", "echo from a child; echo from its stderr >&2; cat"], check=True)
    logging.basicConfig(force=True)
    logging.warning("logged")
    warnings.warn("warned", stacklevel=1)
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    import faulthandler

    faulthandler.dump_traceback(file=2)
    return "quiet"


def flood(call: Call) -> Any:
    """Much more on stderr than any pipe holds."""
    for _ in range(call.params["size"] // 1000):
        sys.stderr.write("y" * 999 + "\n")
    return "flooded"


def progress(call: Call) -> Any:
    import time

    for step in range(call.params["size"]):
        call.progress("counting", step, call.params["size"])
        time.sleep(0.01)
    return "counted"


def read_input(call: Call) -> Any:
    """What a library finds that reads standard input."""
    import os

    return [sys.stdin.read() if sys.stdin else "", os.read(0, 100).decode()]


def threads(call: Call) -> Any:
    import threading

    return sorted(thread.name for thread in threading.enumerate())


def attack(call: Call) -> Any:
    """Everything in tests/attacks.py, from inside a handler."""
    from attacks import attempts, outcomes, wanted

    folder = call.params["folder"]
    return {"attempts": outcomes(attempts(folder)), "wanted": outcomes(wanted(folder))}


def memory(call: Call) -> Any:
    """Resident kilobytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    return None


_PARAMS: dict[str, dict[str, Any]] = {
    "test.attack": {"folder": {"type": "string"}},
    "test.echo": {"value": {}},
    "test.subtract": {"minuend": {"type": "number"}, "subtrahend": {"type": "number"}},
    "test.hang": {"device_id": {"type": "string"}},
    "test.wait": {"device_id": {"type": "string"}},
    "test.big": {"size": {"type": "integer"}},
    "test.flood": {"size": {"type": "integer"}},
    "test.progress": {"size": {"type": "integer"}},
}
_REQUIRED = {
    "test.subtract": ["minuend", "subtrahend"],
    "test.big": ["size"],
    "test.flood": ["size"],
    "test.progress": ["size"],
}
_FUNCTIONS = (
    echo,
    subtract,
    hang,
    wait,
    crash,
    leave,
    unsayable,
    deep,
    big,
    noisy,
    flood,
    progress,
    read_input,
    threads,
    memory,
    attack,
)
NAMES = tuple(f"test.{function.__name__}" for function in _FUNCTIONS)


@contextmanager
def installed() -> Iterator[None]:
    """The methods and their schemas stand beside the worker's own for as long as this is entered."""
    from pyworker import validation
    from pyworker.methods import METHODS, Method

    own = validation.schema

    def schema(name: str) -> dict[str, Any]:
        method = name.rpartition(".")[0]
        if method not in NAMES:
            return own(name)
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"urn:test:{name}",
            "type": "object",
            "properties": {**_PARAMS.get(method, {}), **_COMMON},
            "required": _REQUIRED.get(method, []),
            "additionalProperties": False,
        }

    validation.schema = schema
    for function in _FUNCTIONS:
        name = f"test.{function.__name__}"
        method = Method(
            name,
            "misbehaves",
            "list",
            "",
            seconds=60.0,
            lane="device_id" if "device_id" in _PARAMS.get(name, {}) else "",
        )
        method._function = function
        METHODS[name] = method
    try:
        yield
    finally:
        validation.schema = own
        for name in NAMES:
            del METHODS[name]


if __name__ == "__main__":
    from protocol import stdio

    taken = stdio.take()

    from pyworker import guard
    from pyworker.main import main

    if "--uncontained" in sys.argv:  # for what libraries do that a contained worker would refuse
        sys.argv.remove("--uncontained")
        guard.seal = lambda settings: None
    with installed():
        main(taken)
