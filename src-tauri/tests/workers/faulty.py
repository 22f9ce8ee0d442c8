"""A worker that misbehaves as it is told, for the tests of the parent's side. Standard library only.

usage: faulty.py FAULT. Answers `health` and a few methods of its own, each with the fault that its name says.
"""

import json
import os
import signal
import sys
import threading
import time

FAULT = sys.argv[1]
HEALTH = {"status": "ok", "version": "py-worker-1.0.0", "uptime_ms": 1}
FOREVER = 3600


def say(message: dict) -> None:
    os.write(1, json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")


def die(code: int) -> None:
    os.write(2, b"Traceback (most recent call last):\n  the last words\n")
    os._exit(code)


def answer(request: dict) -> None:
    ident, method = request.get("id"), request["method"]
    if method == "health":
        say({"id": ident, "result": {**HEALTH, "version": "other-9"} if FAULT == "stranger" else HEALTH})
        if FAULT == "deaf":
            time.sleep(FOREVER)
    elif method == "hang":
        pass
    elif method == "die":
        die(9)
    elif method == "echo":
        say({"id": ident, "result": request.get("params")})
    elif method == "twice":
        say({"id": ident, "result": 1})
        say({"id": ident, "result": 2})
    elif method == "half":
        os.write(1, b'{"jsonrpc":"2.0","id":%d,"resu' % ident)
        os._exit(0)
    elif method == "steps":
        for done in range(3):
            say(
                {
                    "method": "$/progress",
                    "params": {
                        "token": request["params"]["progress_token"],
                        "stage": "reading",
                        "done": done,
                        "total": 3,
                    },
                }
            )
        say({"id": ident, "result": "done"})
    elif method == "flood":
        chunk = b"x" * (1 << 20)
        while True:
            os.write(1, chunk)
    elif method == "cancelled":
        say({"id": ident, "result": CANCELLED})
    elif method == "$/cancelRequest":
        CANCELLED.append(request["params"]["id"])


CANCELLED: list[int] = []


def main() -> None:
    if FAULT == "dies_at_once":
        die(7)
    if FAULT == "never_answers":
        time.sleep(FOREVER)
    if FAULT == "only_garbage":
        while True:
            os.write(1, b"\xff not json\n{}\n[1]\n")
            time.sleep(0.01)
    if FAULT == "some_garbage":
        os.write(1, b"Warning: a library says hello\n\n\xff\n")
    if FAULT == "stderr_flood":
        threading.Thread(target=lambda: [os.write(2, b"noise\n" * 1000) for _ in range(2000)]).start()
    if FAULT == "closes_stdout":
        os.close(1)
        time.sleep(FOREVER)
    if FAULT == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for line in sys.stdin:
        answer(json.loads(line))
    if FAULT == "stubborn":
        time.sleep(FOREVER)


main()
