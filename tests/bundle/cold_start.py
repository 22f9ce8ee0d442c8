"""Spawn to the first `health` answer: the bundle beside the checkout, medians of runs taken in turns.

usage: python cold_start.py BUNDLE    run with the interpreter of the checkout's environment
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 15
HEALTH = b'{"jsonrpc":"2.0","id":1,"method":"health"}\n'
REPOSITORY = Path(__file__).resolve().parents[2]


def seconds_to_health(command: list[str], folder: Path) -> float:
    started = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder) as worker:
        assert worker.stdin and worker.stdout
        worker.stdin.write(HEALTH)
        worker.stdin.flush()
        answer = worker.stdout.readline()
        taken = time.perf_counter() - started
        worker.stdin.close()
        worker.wait()
    assert b'"status":"ok"' in answer, answer
    return taken


def main(bundle: Path) -> None:
    [interpreter] = (bundle / "bin").iterdir()
    bundled = [str(interpreter), "-I", "-X", "utf8", "-B", str(bundle / "app")]
    checkout = [sys.executable, "-X", "utf8", "-m", "pyworker"]
    times = [(seconds_to_health(checkout, REPOSITORY), seconds_to_health(bundled, bundle)) for _ in range(RUNS)]
    of_checkout, of_bundle = (statistics.median(column) for column in zip(*times, strict=True))
    print(
        f"cold start: checkout {of_checkout * 1000:.1f} ms, bundle {of_bundle * 1000:.1f} ms, "
        f"ratio {of_bundle / of_checkout:.2f} (promised: at most 1.3)"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
