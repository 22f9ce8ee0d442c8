"""Landlock: what may be written, made, removed and executed, by where it lies; and no listening TCP port.

Binds the calling thread and all that descend from it; from version 8 of its interface on, every thread of the process.
Reading is not restricted: libraries are loaded when they are first needed. Each version of the interface knows more
rights; those the kernel knows are taken. Source: the kernel's linux/landlock.h and its userspace-api manual.
"""

from __future__ import annotations

import ctypes
import os
import struct

_libc = ctypes.CDLL(None, use_errno=True)

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every machine
_RULESET_VERSION = 1
_PATH_BENEATH = 1
_EVERY_THREAD = 1 << 3

_EXECUTE = 1 << 0
_WRITE_FILE = 1 << 1
_REMOVE_DIR, _REMOVE_FILE = 1 << 4, 1 << 5
_MAKE_CHAR, _MAKE_DIR, _MAKE_REG, _MAKE_SOCK, _MAKE_FIFO, _MAKE_BLOCK, _MAKE_SYM = (1 << bit for bit in range(6, 13))
_REFER = 1 << 13  # from version 2 of the interface
_TRUNCATE = 1 << 14  # 3
_IOCTL_DEV = 1 << 15  # 5
_CHANGES = (_WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_CHAR | _MAKE_DIR | _MAKE_REG | _MAKE_SOCK | _MAKE_FIFO
            | _MAKE_BLOCK | _MAKE_SYM)
_BIND_TCP = 1 << 0  # 4
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1 << 0, 1 << 1  # 6

# Devices that may be written: nothing at all, and phones on USB.
_DEVICES = ("/dev/null", "/dev/bus/usb")

# The rules in force, kept for the threads that were there before.
_ruleset = -1


def restrict(writable: tuple[str, ...], scratch: str | None) -> int | None:
    """The version of the interface in force, or None where the kernel has none. Raises OSError for a folder that is gone.

    scratch: one of the writable folders, which may be removed itself. That is a right in the folder around it; it
    reaches no further than to folders that are empty.
    """
    global _ruleset
    version = int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _RULESET_VERSION))
    if version < 1:
        return None
    files = _files_known_to(version)
    ruleset = _forbid(files, version)
    if ruleset < 0:
        return None
    try:
        _allow(ruleset, files, writable, scratch)
        in_force = _restrict_self(ruleset, version)
    except OSError:
        os.close(ruleset)
        raise
    if not in_force:
        os.close(ruleset)
        return None
    _ruleset = ruleset
    return version


def restrict_thread() -> None:
    """Put the rules that `restrict` made on the calling thread too. Raises OSError."""
    if _ruleset >= 0 and _libc.syscall(_RESTRICT_SELF, _ruleset, 0) != 0:
        raise OSError(ctypes.get_errno(), "landlock")


def _files_known_to(version: int) -> int:
    """What is forbidden with files, as far as this version of the interface can."""
    files = _EXECUTE | _CHANGES
    files |= _REFER if version >= 2 else 0
    files |= _TRUNCATE if version >= 3 else 0
    files |= _IOCTL_DEV if version >= 5 else 0
    return files


def _forbid(files: int, version: int) -> int:
    """A set of rules that forbids these, listening on ports and reaching other processes; below 0 where it fails."""
    ports = _BIND_TCP if version >= 4 else 0
    scopes = _SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS if version >= 6 else 0
    attributes = struct.pack("=QQQ", files, ports, scopes)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    return int(_libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0))


def _allow(ruleset: int, files: int, writable: tuple[str, ...], scratch: str | None) -> None:
    """The exceptions. Raises OSError for a folder that is gone."""
    make = files & ~(_EXECUTE | _IOCTL_DEV | _MAKE_CHAR | _MAKE_BLOCK | _MAKE_SOCK | _MAKE_FIFO)
    for folder in writable:
        _allow_beneath(ruleset, folder, make)
    if scratch is not None:
        _allow_beneath(ruleset, os.path.dirname(scratch), _REMOVE_DIR)
    for device in _DEVICES:
        if os.path.exists(device):
            _allow_beneath(ruleset, device, _WRITE_FILE | (files & (_IOCTL_DEV | _TRUNCATE)))


def _restrict_self(ruleset: int, version: int) -> bool:
    if version >= 8 and _libc.syscall(_RESTRICT_SELF, ruleset, _EVERY_THREAD) == 0:
        return True
    return bool(_libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)


def _allow_beneath(ruleset: int, path: str, rights: int) -> None:
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, fd)
        if _libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0) != 0:
            raise OSError(ctypes.get_errno(), "landlock rule", path)
    finally:
        os.close(fd)
