"""What is in the tree of files, and names taken apart: ls, find, stat, basename, dirname, which."""

from __future__ import annotations

import errno

from pyworker.virtual.android.files import TEXTS, fault
from pyworker.virtual.android.mksh import patterns
from pyworker.virtual.android.mksh.process import Process
from pyworker.virtual.android.toybox.command_line import options
from pyworker.virtual.android.toybox.contents import absolute, complain

TERMINAL_WIDTH = 80


def ls(process: Process) -> int:
    chosen, names = options(process.arguments)
    status = 0
    for index, name in enumerate(names or ["."]):
        path = absolute(process, name)
        try:
            if _stands_for_itself(process, path, "d" in chosen):
                process.out(_rows(process, [name], process.directory, chosen))
                continue
            entries = process.phone.files.listed(path, process.uid)
        except OSError as unread:
            status = complain(process, name, unread)
            continue
        if len(names) > 1:
            process.out(("\n" if index else "") + f"{name}:\n")
        if "a" not in chosen:
            entries = [each for each in entries if not each.startswith(".")]
        process.out(("total 0\n" if "l" in chosen else "") + _rows(process, entries, path, chosen))
    return status


def _stands_for_itself(process: Process, path: str, is_wanted_itself: bool) -> bool:
    """A file, or with -d a folder too: its own name is the row. Raises OSError where that may not be seen."""
    files = process.phone.files
    if not files.exists(path) or (files.is_folder(path) and not is_wanted_itself):
        return False
    if files.is_denied(path.rpartition("/")[0] or "/", process.uid):
        raise fault(errno.EACCES, path)
    return True


def _rows(process: Process, entries: list[str], folder: str, chosen: dict[str, str]) -> str:
    if "l" in chosen:
        return "".join(_long_row(process, each, process.phone.files.absolute(each, folder)) for each in entries)
    if "1" in chosen or not process.stdout.is_terminal:
        return "".join(each + "\n" for each in entries)
    return _columns(entries)


def _long_row(process: Process, name: str, path: str) -> str:
    if process.phone.files.is_folder(path):
        return f"drwxr-xr-x 2 root root {4096:8d} 2009-01-01 00:00 {name}\n"
    return f"-rw-r--r-- 1 root root {len(process.phone.files.contents.get(path, b'')):8d} 2009-01-01 00:00 {name}\n"


def _columns(entries: list[str]) -> str:
    width = max((len(each) for each in entries), default=0) + 2
    across = max(1, TERMINAL_WIDTH // width)
    rows = -(-len(entries) // across)
    return "".join("".join(each.ljust(width) for each in entries[row::rows]).rstrip() + "\n" for row in range(rows))


def find(process: Process) -> int:
    rest = process.arguments[1:]
    first_test = next((at for at, each in enumerate(rest) if each.startswith("-")), len(rest))
    tests = {
        rest[at]: rest[at + 1] for at in range(first_test, len(rest) - 1) if rest[at] in ("-name", "-type", "-maxdepth")
    }
    status = 0
    for place in rest[:first_test] or ["."]:
        top = absolute(process, place)
        why_not = _why_not_seen(process, top)
        if why_not:
            process.err(f"find: {place}: {why_not}\n")
            status = 1
            continue
        for path in _tree(process, top):
            if _passes(process, tests, path, top):
                process.out((place if path == top else place.rstrip("/") + path[len(top.rstrip("/")) :]) + "\n")
    return status


def _why_not_seen(process: Process, path: str) -> str:
    """ "" where it can be seen."""
    files = process.phone.files
    if not files.exists(path):
        return TEXTS[errno.ENOENT]
    return TEXTS[errno.EACCES] if files.is_denied(path, process.uid) else ""


def _tree(process: Process, top: str) -> list[str]:
    """`top` and every path below it; the folders between are named nowhere else than in what lies in them."""
    prefix = top.rstrip("/") + "/"
    known = {top}
    for path in (*process.phone.files.contents, *process.phone.files.folders):
        while path.startswith(prefix):
            known.add(path)
            path = path.rpartition("/")[0]
    return sorted(known)


def _passes(process: Process, tests: dict[str, str], path: str, top: str) -> bool:
    files = process.phone.files
    if "-maxdepth" in tests and path[len(top.rstrip("/")) :].count("/") > int(tests["-maxdepth"]):
        return False
    if "-type" in tests and (tests["-type"] == "d") != files.is_folder(path):
        return False
    if "-name" in tests and not patterns.matches([(tests["-name"], False)], path.rpartition("/")[2]):
        return False
    return not files.is_denied(path, process.uid)


def stat(process: Process) -> int:
    chosen, names = options(process.arguments, "c")
    form = chosen.get("c", "%n %s")
    status = 0
    for name in names:
        path = absolute(process, name)
        files = process.phone.files
        if files.is_denied(path, process.uid) or not files.exists(path):
            reason = TEXTS[errno.EACCES if files.is_denied(path, process.uid) else errno.ENOENT]
            process.err(f"stat: '{name}': {reason}\n")
            status = 1
            continue
        size = len(files.contents.get(path, b""))
        process.out(form.replace("%s", str(size)).replace("%n", name).replace("%a", "644").replace("%U", "root") + "\n")
    return status


def basename(process: Process) -> int:
    path, suffix = (*process.arguments[1:3], "", "")[:2]
    name = path.rstrip("/").rpartition("/")[2]
    process.out((name if name == suffix else name.removesuffix(suffix)) + "\n")
    return 0


def dirname(process: Process) -> int:
    path = "".join(process.arguments[1:2])
    folder = path.rstrip("/").rpartition("/")[0]
    process.out((folder or ("/" if path.startswith("/") else ".")) + "\n")
    return 0


def which(process: Process) -> int:
    status = 0
    for name in options(process.arguments)[1]:
        path = process.phone.program_path(name)
        if path:
            process.out(path + "\n")
        else:
            status = 1
    return status
