"""Linux: Landlock for files and ports, a seccomp filter for everything else. Both bind native code as well.

Neither needs a privilege. Landlock (as far as the kernel has it) binds the calling thread and all that descend from
it; the filter is put on every thread of the process. Numbers are of x86_64 and arm64; on any other machine the filter
is not installed, and `policy.get` says so. Sources: the kernel's user-space API headers.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct

USBMUXD = "/var/run/usbmuxd"
SOCKETPAIR_BINDS = False  # the kernel has a call of its own for it

# Libraries and 32 threads take less than one GiB of addresses; four keep a runaway from taking the whole machine.
ADDRESS_SPACE = 4 * 1024**3
# A bench of 64 phones has some 500 connections open at once.
DESCRIPTORS = 2048

_libc = ctypes.CDLL(None, use_errno=True)
# libusb opens its channel for hot-plug events when it is first used, which the filter would not let it do later.
_usb: object = None


def before() -> None:
    """What must have happened before nothing can be loaded or opened any more."""
    global _usb
    try:
        import usb1

        _usb = usb1.USBContext().open()
    except (ImportError, OSError, AttributeError):
        _usb = None  # no libusb here: phones are reached through the adb server only
    except Exception as problem:  # noqa: BLE001  usb1's own errors have no base among the built-in ones
        from pyworker import log

        log.write("info", "no_usb", kind=type(problem).__name__)


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold pair records and keys
    for which, wanted in ((resource.RLIMIT_AS, ADDRESS_SPACE), (resource.RLIMIT_NOFILE, DESCRIPTORS)):
        _, hard = resource.getrlimit(which)
        if hard == resource.RLIM_INFINITY or hard > wanted:
            resource.setrlimit(which, (wanted, wanted))


def confine(writable: tuple[str, ...]) -> dict[str, object]:
    """{"landlock_abi": the level in force or None, "seccomp": whether the filter is}"""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    return {"landlock_abi": _landlock(writable), "seccomp": _seccomp()}


# --- Landlock

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every machine
_RULESET_VERSION = 1
_PATH_BENEATH = 1

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


def _landlock(writable: tuple[str, ...]) -> int | None:
    version = int(_libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _RULESET_VERSION))
    if version < 1:
        return None
    files = _EXECUTE | _CHANGES
    files |= _REFER if version >= 2 else 0
    files |= _TRUNCATE if version >= 3 else 0
    files |= _IOCTL_DEV if version >= 5 else 0
    ports = _BIND_TCP if version >= 4 else 0
    scopes = _SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS if version >= 6 else 0
    attributes = struct.pack("=QQQ", files, ports, scopes)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = int(_libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(size), 0))
    if ruleset < 0:
        return None
    try:
        make = files & ~(_EXECUTE | _IOCTL_DEV | _MAKE_CHAR | _MAKE_BLOCK | _MAKE_SOCK | _MAKE_FIFO)
        for folder in writable:
            _allow_beneath(ruleset, folder, make)
        for device in _DEVICES:
            if os.path.exists(device):
                whole = _WRITE_FILE | (files & (_IOCTL_DEV | _TRUNCATE))
                _allow_beneath(ruleset, device, whole)
        if _libc.syscall(_RESTRICT_SELF, ruleset, 0) != 0:
            return None
    finally:
        os.close(ruleset)
    return version


def _allow_beneath(ruleset: int, path: str, rights: int) -> None:
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, fd)
        if _libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0) != 0:
            raise OSError(ctypes.get_errno(), "landlock rule", path)
    finally:
        os.close(fd)


# --- seccomp

_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER, _FILTER_TSYNC = 1, 1
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97

# name: (x86_64, arm64); None where the machine has no such call.
_CALLS: dict[str, tuple[int | None, int | None]] = {
    "seccomp": (317, 277), "socket": (41, 198), "clone": (56, 220), "clone3": (435, 435), "kill": (62, 129),
    "bind": (49, 200), "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242),
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
    "io_uring_setup": (425, 425), "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "mknod": (133, None), "mknodat": (259, 33), "mount": (165, 40), "umount2": (166, 39),
    "unshare": (272, 97), "setns": (308, 268), "pivot_root": (155, 41), "chroot": (161, 51),
    "init_module": (175, 105), "finit_module": (313, 273), "kexec_load": (246, 104), "keyctl": (250, 219),
    "add_key": (248, 217), "request_key": (249, 218), "swapon": (167, 224), "reboot": (169, 142),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "sethostname": (170, 161),
}
_NEVER = (
    "bind", "listen", "accept", "accept4", "fork", "vfork", "execve", "execveat", "ptrace", "process_vm_readv",
    "process_vm_writev", "pidfd_getfd", "io_uring_setup", "bpf", "perf_event_open", "userfaultfd", "mknod", "mknodat",
    "mount", "umount2", "unshare", "setns", "pivot_root", "chroot", "init_module", "finit_module", "kexec_load",
    "keyctl", "add_key", "request_key", "swapon", "reboot", "settimeofday", "clock_settime", "sethostname",
)
# An audit number of the machine, and which column of the table is its.
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_X32 = 0x40000000  # a second set of calls that x86_64 kernels may have
_CLONE_THREAD = 0x00010000
_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10
_SOCK_STREAM, _SOCK_TYPE = 1, 0xF

# Offsets in what the filter is shown: the call's number, the machine, the low halves of the arguments.
_NR, _ARCH, _ARG0, _ARG1 = 0, 4, 16, 24
_LOAD, _JEQ, _JGE, _JSET, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06


def _seccomp() -> bool:
    machine = os.uname().machine
    if machine not in _MACHINES:
        return False
    arch, column = _MACHINES[machine]
    program = filter_program(arch, {name: numbers[column] for name, numbers in _CALLS.items()})
    code = b"".join(struct.pack("=HBBI", *each) for each in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("@HP", len(program), ctypes.addressof(buffer))
    return bool(_libc.syscall(_CALLS["seccomp"][column], _SET_MODE_FILTER, _FILTER_TSYNC, header) == 0)


def filter_program(arch: int, numbers: dict[str, int | None]) -> list[tuple[int, int, int, int]]:
    """The filter as (code, jump if true, jump if false, value). Jumps count from the next line.

    A socket must be a stream of the families for usbmuxd and adb; a clone must be a thread; a signal must be 0.
    """
    refuse = [(_RETURN, 0, 0, _ERRNO | _EPERM)]
    program = [
        (_LOAD, 0, 0, _ARCH),
        (_JEQ, 1, 0, arch), *refuse,
        (_LOAD, 0, 0, _NR),
    ]
    if arch == _MACHINES["x86_64"][0]:
        program += [(_JGE, 0, 1, _X32), *refuse]
    for name in _NEVER:
        if (number := numbers[name]) is not None:
            program += [(_JEQ, 0, 1, number), *refuse]
    # The C library tries clone3, whose flags a filter cannot see, and falls back to clone when there is none.
    program += [(_JEQ, 0, 1, _number(numbers, "clone3")), (_RETURN, 0, 0, _ERRNO | _ENOSYS)]
    program += [
        (_JEQ, 0, 4, _number(numbers, "clone")),
        (_LOAD, 0, 0, _ARG0),
        (_JSET, 0, 1, _CLONE_THREAD), (_RETURN, 0, 0, _ALLOW), *refuse,
    ]
    program += [
        (_JEQ, 0, 4, _number(numbers, "kill")),
        (_LOAD, 0, 0, _ARG1),
        (_JEQ, 0, 1, 0), (_RETURN, 0, 0, _ALLOW), *refuse,
    ]
    program += [
        (_JEQ, 0, 9, _number(numbers, "socket")),
        (_LOAD, 0, 0, _ARG0),
        (_JEQ, 3, 0, _AF_UNIX), (_JEQ, 2, 0, _AF_INET), (_JEQ, 1, 0, _AF_INET6),
        (_RETURN, 0, 0, _ERRNO | _EAFNOSUPPORT),
        (_LOAD, 0, 0, _ARG1),
        (_AND, 0, 0, _SOCK_TYPE),
        (_JEQ, 1, 0, _SOCK_STREAM), *refuse,
        (_RETURN, 0, 0, _ALLOW),
    ]
    return program


def _number(numbers: dict[str, int | None], name: str) -> int:
    number = numbers[name]
    assert number is not None, name
    return number


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
