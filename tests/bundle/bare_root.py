"""Start a bundle in a root folder that holds nothing but libc and the bundle. Linux, as root.

usage: python bare_root.py BUNDLE. Also says how large the bundle is, and fails when it is over what was promised.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# What a Linux without anything still has: the loader and glibc's own libraries.
LIBC = ("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1", "libresolv.so.2")
# The kernel's own folders are there too: the loader asks /proc where the interpreter lies, the worker opens /dev/null.
# The mounts end with the process.
ENTER = 'mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev" && exec env -i "$(command -v chroot)" "$0" "$@"'
PROMISED_MB = 110
DEADLINE_S = 60


def main(bundle: Path) -> None:
    size = json.loads((bundle / "manifest.json").read_text())["bytes_without_pyc"] / 1e6
    if size > PROMISED_MB:
        sys.exit(f"the bundle has {size:.1f} MB without .pyc, promised are {PROMISED_MB}")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        add_libc(root)
        shutil.copytree(bundle, root / "opt" / "a shop" / "python")
        (root / "tmp").mkdir()
        for mount in ("proc", "dev"):
            (root / mount).mkdir()
        answers = converse(root)
    version = answers[1]["result"]["version"]
    report = answers[2]["result"]["data"]
    print(
        f"bare root: {version} answered, made {report['artifact']} of {report['size']} bytes; {size:.1f} MB without .pyc"
    )


def add_libc(root: Path) -> None:
    for name in LIBC:
        for library in Path("/lib").glob(f"*-linux-gnu/{name}"):
            target = root / str(library).lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(library, target)
    for loader in Path("/lib64").glob("ld-linux-*"):
        (root / "lib64").mkdir(exist_ok=True)
        shutil.copy2(loader.resolve(), root / "lib64" / loader.name)


def converse(root: Path) -> dict[int, dict]:
    [python] = [path.name for path in (root / "opt" / "a shop" / "python" / "bin").iterdir()]
    home = "/opt/a shop/python"
    worker = [f"{home}/bin/{python}", "-I", "-X", "utf8", "-B", f"{home}/app", "--adb-server", "none"]
    command = ["unshare", "--mount", "sh", "-c", ENTER, str(root), *worker]
    requests = [
        {"jsonrpc": "2.0", "id": 1, "method": "health"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "report.format",
            "params": {"report_id": "bare", "format": "pdf", "content": {"device": {"platform": "ios"}}},
        },
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        process.stdin.write(b"".join(json.dumps(request).encode() + b"\n" for request in requests))
        process.stdin.flush()
        answers = {}
        for _ in requests:
            answer = json.loads(process.stdout.readline() or "{}")
            answers[answer.get("id")] = answer
        _, errors = process.communicate(timeout=DEADLINE_S)
    if process.returncode != 0 or any("result" not in answers.get(request["id"], {}) for request in requests):
        sys.exit(f"the worker left with {process.returncode}: {answers}\n{errors.decode(errors='replace')}")
    return answers


if __name__ == "__main__":
    main(Path(sys.argv[1]))
