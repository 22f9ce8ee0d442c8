"""`python -m tests.endurance.killed [N]`: SIGKILL at N random moments while reports and logs are written.

After each: every artifact that has its name is whole (its hash is that of a report made in peace, its archive reads to
the end), what is unfinished has a name of its own that says so, and nothing lies outside the artifact folder.
"""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.endurance.bench_process import ROOT, Phones, phones

# Long enough for a first report to be laid out and a log to be written; the moment is drawn from this.
LIFE_S = 1.2
CONTENT = {"device": {"device_id": "d", "platform": "ios"}, "notes": "word " * 300}


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else 1000
    with phones("android-clean") as bench:
        problems = run(bench, count)
    print(f"{count} sudden deaths: {len(problems)} problems", *problems[:10], sep="\n")
    return 1 if problems else 0


def run(bench: Phones, count: int, seed: int = 1) -> list[str]:
    """What was not as it should be."""
    choose = random.Random(seed)
    wanted = in_peace()
    problems: list[str] = []
    for number in range(count):
        with tempfile.TemporaryDirectory() as folder:
            artifacts = Path(folder, "artifacts")
            artifacts.mkdir()
            die(bench, artifacts, choose.uniform(0.05, LIFE_S))
            problems += [f"{number}: {problem}" for problem in judge(Path(folder), artifacts, wanted)]
    return problems


def requests(device_id: str) -> bytes:
    asked = [
        ("report.format", {"report_id": f"r{n}", "format": format, "content": CONTENT})
        for n, format in enumerate(("html", "pdf", "html", "pdf"))
    ]
    asked += [("logs.collect", {"device_id": device_id})] * 2
    return b"".join(
        json.dumps({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).encode() + b"\n"
        for id, (method, params) in enumerate(asked)
    )


def in_peace() -> dict[str, bytes]:
    """Each report as it is when nobody interferes."""
    with tempfile.TemporaryDirectory() as folder:
        worker = subprocess.Popen(
            [sys.executable, "-m", "pyworker", "--adb-server", "none", "--artifact-dir", folder],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        worker.stdin.write(b"".join(requests("").splitlines(keepends=True)[:4]))
        worker.stdin.flush()
        for _ in range(4):
            worker.stdout.readline()
        worker.stdin.close()
        worker.wait(10)
        return {str(path.relative_to(folder)): path.read_bytes() for path in Path(folder).rglob("report.*")}


def die(bench: Phones, artifacts: Path, after_s: float) -> None:
    worker = subprocess.Popen(
        [sys.executable, "-m", "pyworker", *bench.options, "--artifact-dir", str(artifacts)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    worker.stdin.write(requests(next(iter(bench.devices.values()))))
    worker.stdin.flush()
    time.sleep(after_s)
    worker.kill()
    worker.wait()
    worker.stdin.close()


def judge(folder: Path, artifacts: Path, wanted: dict[str, bytes]) -> list[str]:
    problems = [f"{path} lies outside" for path in folder.iterdir() if path != artifacts]
    for path in artifacts.rglob("*"):
        name = str(path.relative_to(artifacts))
        if not path.is_file() or any(part.endswith(".part") for part in path.relative_to(artifacts).parts):
            continue
        if path.name.startswith("report.") and path.read_bytes() != wanted.get(name):
            problems.append(f"{name} is not whole")
        if path.suffix == ".gz":
            try:
                for line in gzip.decompress(path.read_bytes()).splitlines():
                    json.loads(line)
            except (OSError, EOFError, ValueError):
                problems.append(f"{name} does not read to its end")
    return problems


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
