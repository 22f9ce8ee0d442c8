"""A private folder for libraries that insist on a home and on temporary files. Gone at the end; swept at the start.

HOME and TMPDIR point into it, so that nothing in the user's home is read as configuration, run as code or written.
"""

from __future__ import annotations

import os
import sys

PREFIX = "pyworker-"
# Where temporary folders are made, by the rules of tempfile, which costs an import.
_BASES = (*(os.environ.get(name, "") for name in ("TMPDIR", "TEMP", "TMP")), "/tmp", "/var/tmp")


def make() -> str | None:
    """Make the folder, only its owner may enter; None where no temporary folder can be written (then none is used)."""
    base = next((each for each in _BASES if each and os.access(each, os.W_OK | os.X_OK)), None)
    if base is None:
        return None
    _sweep(base)
    folder = os.path.join(base, f"{PREFIX}{os.getpid()}-{os.urandom(6).hex()}")
    os.mkdir(folder, 0o700)
    for name in ("HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        os.environ[name] = folder
    if "tempfile" in sys.modules:  # it remembers the first answer
        sys.modules["tempfile"].__dict__["tempdir"] = folder
    return folder


def _sweep(base: str) -> None:
    """Remove what workers left that were killed before they could."""
    for entry in list(os.scandir(base)):
        parts = entry.name.removeprefix(PREFIX).split("-")
        if not entry.name.startswith(PREFIX) or len(parts) != 2 or not parts[0].isdigit():
            continue
        try:
            stale = entry.is_dir(follow_symlinks=False) and _is_mine(entry) and not _alive(int(parts[0]))
        except FileNotFoundError:
            continue  # another worker that starts just now was quicker
        if stale:
            remove(entry.path)


def _is_mine(entry: os.DirEntry[str]) -> bool:
    return not hasattr(os, "getuid") or entry.stat(follow_symlinks=False).st_uid == os.getuid()


def _alive(pid: int) -> bool:
    from protocol.stdio import system

    return system.process_alive(pid)


def remove(folder: str) -> None:
    """The folder and all in it. What cannot be removed stays; the next start sweeps again."""
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in files:
            _try(os.remove, os.path.join(parent, name))
        for name in folders:
            path = os.path.join(parent, name)
            _try(os.remove if os.path.islink(path) else os.rmdir, path)
    _try(os.rmdir, folder)


def _try(act: object, path: str) -> None:
    try:
        act(path)  # type: ignore[operator]
    except FileNotFoundError:
        return  # gone already is what was wanted
    except OSError as problem:
        from pyworker import log

        log.write("warning", "not_removed", errno=problem.errno)
