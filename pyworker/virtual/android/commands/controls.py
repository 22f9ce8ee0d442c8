"""Tools that would alter a phone, beside those that alter settings, packages or properties."""

from __future__ import annotations

from pyworker.virtual.android.mksh.process import Process

# What `cmd SERVICE` and the tools named after a service may be asked without altering anything.
READING_VERBS = frozenset((
    "get", "list", "help", "-h", "--help", "status", "dump", "path", "query", "get-config", "get-state", "stack",
    "size", "density", "is-enabled", "print", "show", "list-owners", "get-current-user", "check",
    "tethering-status",
))
GONE_S = 3600.0  # longer than any host waits for a phone that restarts


def controls(process: Process) -> int:
    """Tools that mostly alter something (am, svc, wm, input, dpm …): reading verbs say nothing, the rest is a change."""
    name = process.arguments[0]
    verbs = [each for each in process.arguments[1:] if not each.startswith("-")]
    first = verbs[1] if name == "cmd" and len(verbs) > 1 else verbs[0] if verbs else "help"
    asks = len(verbs) == 1 if name == "wm" else first in READING_VERBS or first.startswith(("get", "list", "is-"))
    if asks and name not in ("start", "stop"):
        return 0
    process.phone.alter(name, " ".join(process.arguments[1:]))
    return 0


def reboot(process: Process) -> int:
    process.phone.alter("reboot", " ".join(process.arguments[1:]))
    process.phone.state = "offline"
    process.signals.wait(GONE_S)  # the shell is killed with the system; nothing comes back
    return 0


def getenforce(process: Process) -> int:
    process.out(str(process.phone.description.get("selinux", "Enforcing")) + "\n")
    return 0


def setenforce(process: Process) -> int:
    if process.uid != 0:
        process.err("setenforce: Couldn't set enforcing status to '0': Permission denied\n")
        return 1
    process.phone.alter("setenforce", " ".join(process.arguments[1:]))
    return 0


def leave_a_file(process: Process) -> int:
    """bugreport, screencap, screenrecord, uiautomator."""
    tool = process.arguments[0]
    path = next((each for each in process.arguments[1:] if each.startswith("/")), f"/data/local/tmp/{tool}.out")
    try:
        process.phone.files.open_for_writing(path, True, process.uid)
    except OSError as fault:
        process.err(f"{tool}: {path}: {fault.strerror}\n")
        return 1
    process.phone.note("change", f"write {path}")
    return 0
