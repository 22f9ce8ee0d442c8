"""Write the lock of each target: one line a package, with the wheel's name and its sha256.

usage: python lock.py [TARGET]...   (all of them without an argument; needs pip and its package index)

A lock is a requirements file that pip understands; the comment behind each line names the wheel, so that a filled cache
is recognised without pip. Run it after a version in targets.py was changed, then look at the difference.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from targets import TARGETS, packages

LOCKS = Path(__file__).parent / "locks"


def main(names: list[str]) -> None:
    for name in names or TARGETS:
        with tempfile.TemporaryDirectory() as folder:
            download(name, Path(folder), [f"{package}=={version}" for package, version in packages(name).items()])
            lines = [lock_line(wheel) for wheel in sorted(Path(folder).iterdir(), key=lambda path: path.name.lower())]
        if len(lines) != len(packages(name)):
            sys.exit(f"{name}: {len(packages(name))} packages but {len(lines)} wheels")
        (LOCKS / f"{name}.txt").write_text("".join(lines))
        print(f"{name}: {len(lines)} wheels", flush=True)


def download(target: str, folder: Path, requirements: list[str]) -> None:
    """Fetch wheels for another system than this one. requirements: pip's words, or "-r" and a file."""
    version = TARGETS[target].python
    tag = "cp" + version.replace(".", "")
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--dest",
        str(folder),
        "--implementation",
        "cp",
        "--python-version",
        version,
        "--abi",
        tag,
        "--abi",
        "abi3",
        "--abi",
        "none",
    ]
    for wheel in TARGETS[target].wheels:
        command += ["--platform", wheel]
    subprocess.run([*command, *requirements], check=True)


def lock_line(wheel: Path) -> str:
    name, version = wheel.name.split("-")[:2]
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f"{name.replace('_', '-').lower()}=={version} --hash=sha256:{digest}  # {wheel.name}\n"


if __name__ == "__main__":
    main(sys.argv[1:])
