"""Start a finished bundle the way a customer's machine will: from another place, with nothing around it.

The bundle is copied into a folder with a space in its name and run with an empty environment, so that no other Python,
no user's package and no variable of this machine can help. Checked: the worker answers each method that needs no
phone and writes a PDF, native libraries load from the bundle and nowhere else, and the bundle is unchanged afterwards.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import manifest
from runtime import interpreter

# A laptop with a virus scanner at its first start.
DEADLINE_S = 120

APP = "app"

# What the worker imports late, when a phone is there. Importing them shows that the closure is whole.
_LATE = (
    "pymobiledevice3.lockdown",
    "pymobiledevice3.usbmux",
    "pymobiledevice3.services.afc",
    "pymobiledevice3.services.diagnostics",
    "pymobiledevice3.services.mobile_config",
    "pymobiledevice3.services.mobile_activation",
    "pymobiledevice3.services.installation_proxy",
    "pymobiledevice3.services.crash_reports",
    "pymobiledevice3.services.os_trace",
    "pymobiledevice3.services.syslog",
    "adb_shell.adb_device",
    "adb_shell.auth.sign_cryptography",
    "adb_shell.auth.sign_pythonrsa",
    "usb1",
    "cryptography.x509",
    "jinja2",
    "jsonschema",
    "xhtml2pdf.pisa",
    "reportlab.graphics.barcode.qr",
    "ssl",
    "sqlite3",
    "zlib",
    "lzma",
    "bz2",
)
_IMPORTS = f"""
import importlib, json, os, sys
sys.path.insert(0, sys.argv[1])
for name in {_LATE!r}:
    importlib.import_module(name)
import usb1
usb1.loadLibrary()
home = os.path.realpath(sys.argv[2]) + os.sep
strangers = [m.__name__ for m in list(sys.modules.values())
             if getattr(m, "__file__", None) and not os.path.realpath(m.__file__).startswith(home)]
print(json.dumps(strangers + [entry for entry in sys.path if not os.path.realpath(entry).startswith(home)]))
"""


class Unfit(Exception):
    """The bundle does not work; the message says where."""


def check(bundle: Path, *, windows: bool) -> str:
    """Returns the worker's version. Raises Unfit."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "moved here" / "python"
        shutil.copytree(bundle, home)
        python = interpreter(home, windows=windows)
        version = converse(python, home, Path(scratch))
        late_imports(python, home)
        if (home / manifest.MANIFEST).exists():
            changed = manifest.differences(home)
            if changed:
                raise Unfit(f"running it changed {', '.join(changed[:5])}")
    return version


def converse(python: Path, home: Path, scratch: Path) -> str:
    """One conversation over the pipes. Each line on stdout must be an answer."""
    artifacts = scratch / "artifacts"
    artifacts.mkdir()
    requests: list[tuple[str, dict[str, Any] | None]] = [
        ("health", None),
        ("policy.get", None),
        ("rpc.discover", None),
        ("devices.list", {"timeout_ms": 5000}),
        ("report.format", {"report_id": "selfcheck", "format": "pdf", "content": {"device": {"platform": "ios"}}}),
        ("report.format", {"report_id": "selfcheck", "format": "html", "content": {"device": {"platform": "ios"}}}),
    ]
    lines = [
        json.dumps({"jsonrpc": "2.0", "id": number, "method": method, **({"params": params} if params else {})})
        for number, (method, params) in enumerate(requests)
    ]
    command = [
        str(python),
        "-I",
        "-X",
        "utf8",
        "-B",
        str(home / APP),
        "--artifact-dir",
        str(artifacts),
        "--usbmuxd",
        "127.0.0.1:9",
        "--adb-server",
        "none",
    ]
    with subprocess.Popen(
        command,
        cwd=scratch,
        env=bare_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as worker:
        assert worker.stdin and worker.stdout
        answers: dict[int, dict[str, Any]] = {}
        try:
            # Kept open until all is answered: the end of input gives what is under way two seconds, a cold PDF more.
            for line in lines:
                worker.stdin.write(line.encode() + b"\n")
            worker.stdin.flush()
            while len(answers) < len(requests):
                said = worker.stdout.readline()
                if not said:
                    break
                answer = json.loads(said)
                answers[answer["id"]] = answer
            _, errors = worker.communicate(timeout=DEADLINE_S)
        finally:
            worker.kill()
    for number, (method, _) in enumerate(requests):
        if "result" not in answers.get(number, {}):
            raise Unfit(f"{method}: {answers.get(number, 'no answer')}\n{errors.decode(errors='replace')[-4000:]}")
    if worker.returncode != 0:
        raise Unfit(f"the worker left with {worker.returncode}")
    if not (artifacts / "selfcheck" / "report.pdf").read_bytes().startswith(b"%PDF"):
        raise Unfit("the report is no PDF")
    return str(answers[0]["result"]["version"])


def late_imports(python: Path, home: Path) -> None:
    done = subprocess.run(
        [str(python), "-I", "-X", "utf8", "-B", "-c", _IMPORTS, str(home / APP), str(home)],
        cwd=home,
        env=bare_environment(),
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    if done.returncode != 0:
        raise Unfit(f"a package cannot be imported:\n{done.stderr[-4000:]}")
    strangers = json.loads(done.stdout.splitlines()[-1])
    if strangers:
        raise Unfit(f"loaded from outside the bundle: {', '.join(strangers)}")


def bare_environment() -> dict[str, str]:
    """Nothing. Windows cannot start a process without knowing where it is."""
    if sys.platform == "win32":
        import os

        return {"SYSTEMROOT": os.environ["SYSTEMROOT"]}
    return {}
