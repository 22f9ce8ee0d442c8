"""What alters files: tee, rm, mkdir, touch, cp, mv, dd, chmod and its like. Each change is told to the phone's record."""

from __future__ import annotations

import errno

from pyworker.virtual.android.mksh.descriptors import Held
from pyworker.virtual.android.mksh.process import Process
from pyworker.virtual.android.toybox.command_line import options, size
from pyworker.virtual.android.toybox.contents import absolute, complain

BLOCK = "512"  # dd's, when none is asked for
PIECE = 65536


def tee(process: Process) -> int:
    chosen, names = options(process.arguments)
    paths = [absolute(process, name) for name in names]
    status = 0
    for name, path in zip(names, paths, strict=True):
        try:
            _open(process, path, truncate="a" not in chosen)
        except OSError as fault:
            status = complain(process, name, fault)
    while data := process.read():
        process.out_bytes(data)
        for path in paths:
            process.phone.files.append(path, data)
    return status


def _open(process: Process, path: str, truncate: bool) -> None:
    process.phone.files.open_for_writing(path, truncate, process.uid)
    process.phone.note("change", f"write {path}")


def rm(process: Process) -> int:
    chosen, names = options(process.arguments)
    status = 0
    for name in names:
        path = absolute(process, name)
        try:
            process.phone.files.remove(path, "r" in chosen or "R" in chosen, process.uid)
            process.phone.note("change", f"rm {path}")
        except OSError as fault:
            if "f" not in chosen or fault.errno != errno.ENOENT:
                status = complain(process, name, fault)
    return status


def mkdir(process: Process) -> int:
    chosen, names = options(process.arguments, "m")
    status = 0
    for name in names:
        path = absolute(process, name)
        try:
            process.phone.files.make_folder(path, "p" in chosen, process.uid)
            process.phone.note("change", f"mkdir {path}")
        except OSError as fault:
            process.err(f"mkdir: '{name}': {fault.strerror}\n")
            status = 1
    return status


def touch(process: Process) -> int:
    status = 0
    for name in options(process.arguments, "drt")[1]:
        path = absolute(process, name)
        try:
            process.phone.files.open_for_writing(path, False, process.uid)
            process.phone.note("change", f"touch {path}")
        except OSError as fault:
            process.err(f"touch: '{name}': {fault.strerror}\n")
            status = 1
    return status


def cp(process: Process) -> int:
    """cp and mv."""
    tool = process.arguments[0]
    names = options(process.arguments)[1]
    if len(names) < 2:
        process.err(f"{tool}: Need 2 arguments\n")
        return 1
    target = absolute(process, names[-1])
    status = 0
    for name in names[:-1]:
        source = absolute(process, name)
        place = f"{target}/{source.rpartition('/')[2]}" if process.phone.files.is_folder(target) else target
        try:
            data = process.phone.files.read(source, process.uid)
            process.phone.files.open_for_writing(place, True, process.uid)
            process.phone.files.append(place, data)
            if tool == "mv":
                process.phone.files.remove(source, False, process.uid)
            process.phone.note("change", f"write {place}")
        except OSError as fault:
            process.err(f"{tool}: bad '{name}': {fault.strerror}\n")
            status = 1
    return status


def dd(process: Process) -> int:
    values = dict(each.partition("=")[::2] for each in process.arguments[1:])
    source = process.stdin
    if "if" in values:
        try:
            source = Held(process.phone.files.read(absolute(process, values["if"]), process.uid))
        except OSError as fault:
            process.err(f"dd: {values['if']}: {fault.strerror}\n")
            return 1
    path = absolute(process, values["of"]) if "of" in values else None
    if path is not None:
        try:
            _open(process, path, truncate=True)
        except OSError as fault:
            process.err(f"dd: {values['of']}: {fault.strerror}\n")
            return 1
    left = size(values["count"]) * size(values.get("bs", BLOCK)) if "count" in values else -1  # below 0: to the end
    while left and (data := source.read(min(left, PIECE) if left > 0 else PIECE, process.signals)):
        left -= len(data) if left > 0 else 0
        if path is not None:
            process.phone.files.append(path, data)
        else:
            process.out_bytes(data)
    return 0


def chmod(process: Process) -> int:
    """chmod, chown, ln, mknod …: not followed in detail, but recorded as the changes they are."""
    process.phone.alter(process.arguments[0], " ".join(process.arguments[1:]))
    return 0
