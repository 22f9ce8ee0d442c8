"""pm: the packages that are installed."""

from __future__ import annotations

from typing import Any

from pyworker.virtual.android.mksh.process import Process

SAY_NOTHING = ("help", "-h", "get-install-location", "get-max-users", "dump")
ALTERING = frozenset((
    "uninstall", "clear", "disable", "disable-user", "enable", "hide", "suspend", "grant", "revoke", "install",
    "trim-caches",
))
UNKNOWN_COMMAND = 255


def pm(process: Process) -> int:
    """pm, and `cmd package`."""
    verb, *rest = process.arguments[2 if process.arguments[0] == "cmd" else 1 :] or ["help"]
    if verb == "list":
        return _list(process, rest)
    if verb == "path":
        entry = process.phone.packages.get(rest[-1]) if rest else None
        if entry is None:
            return 1
        process.out(f"package:{_path(rest[-1], entry)}\n")
        return 0
    if verb in ALTERING:
        return _alter(process, verb, rest)
    if verb in SAY_NOTHING:
        return 0
    process.err(f"Unknown command: {verb}\n")
    return UNKNOWN_COMMAND


def _path(name: str, entry: dict[str, Any]) -> str:
    return str(entry.get("path", f"/data/app/{name}/base.apk"))


def _list(process: Process, rest: list[str]) -> int:
    if rest[:1] == ["users"]:
        process.out("Users:\n\tUserInfo{0:Owner:4c13} running\n")
    if rest[:1] != ["packages"]:
        return 0
    words = [each for each in rest[1:] if not each.startswith("-")]
    for name, entry in sorted(process.phone.packages.items()):
        if _is_wanted(entry, rest) and all(each in name for each in words):
            path = f"{_path(name, entry)}=" if "-f" in rest else ""
            process.out(f"package:{path}{name}\n")
    return 0


def _is_wanted(entry: dict[str, Any], options: list[str]) -> bool:
    """-s: the system's, -3: the others; -d: disabled, -e: enabled."""
    system, disabled = bool(entry.get("system")), bool(entry.get("disabled"))
    excluded = {"-s": not system, "-3": system, "-d": not disabled, "-e": disabled}
    return not any(option in options for option, excludes in excluded.items() if excludes)


def _alter(process: Process, verb: str, rest: list[str]) -> int:
    packages = process.phone.packages
    name = next((each for each in rest if not each.startswith("-") and not each.isdigit()), "")
    if verb == "uninstall":
        packages.pop(name, None)
    elif name in packages:
        packages[name] = {**packages[name], verb: " ".join(rest)}
    process.phone.note("change", f"pm {verb} {' '.join(rest)}")
    process.out("Success\n" if verb in ("uninstall", "clear", "install") else f"Package {name} new state: {verb}\n")
    return 0
