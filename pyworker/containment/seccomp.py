"""Seccomp filters: calls this process never makes are refused, for every thread and for native code too.

Refused: to start a process or a program, to listen, to use any socket but a stream of the kinds for usbmuxd and adb,
to signal or look into other processes, to change what a file is (its mode, owner, times, attributes: Landlock does not
cover those), to leave objects behind in the kernel, and what only administrators do. A filter sees numbers, never what
a pointer leads to, so paths are Landlock's business, and addresses that of pyworker.dial: once its thread is there, a
second filter forbids all others to connect.

The numbers are of x86_64 and arm64, from the kernel's asm/unistd_64.h and asm-generic/unistd.h; on any other machine
there is no filter, and `policy.get` says so.
"""

from __future__ import annotations

import ctypes
import os
import struct

_libc = ctypes.CDLL(None, use_errno=True)

_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER, _FILTER_TSYNC = 1, 1
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97

# name: (x86_64, arm64); None where the machine has no such call.
Numbers = tuple[int | None, int | None]
NEVER: dict[str, Numbers] = {
    # processes and programs
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    # being reached
    "bind": (49, 200), "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242),
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424), "kcmp": (312, 272), "process_mrelease": (448, 448),
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    # what a file is
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16), "removexattrat": (466, 466),
    "file_setattr": (469, 469), "mknod": (133, None), "mknodat": (259, 33), "open_by_handle_at": (304, 265),
    # objects that outlive the process
    "msgget": (68, 186), "semget": (64, 190), "shmget": (29, 194), "mq_open": (240, 180), "mq_unlink": (241, 181),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    # ways around a filter, or into the kernel
    "io_uring_setup": (425, 425), "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "fanotify_init": (300, 262), "personality": (135, 92), "modify_ldt": (154, None),
    # administration
    "mount": (165, 40), "umount2": (166, 39), "unshare": (272, 97), "setns": (308, 268), "pivot_root": (155, 41),
    "chroot": (161, 51), "open_tree": (428, 428), "open_tree_attr": (467, 467), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142), "acct": (163, 89),
    "quotactl": (179, 60), "quotactl_fd": (443, 443), "syslog": (103, 116), "vhangup": (153, 58), "iopl": (172, None),
    "ioperm": (173, None), "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "clock_adjtime": (305, 266), "sethostname": (170, 161), "setdomainname": (171, 162),
}
# Refused or allowed by their arguments.
JUDGED: dict[str, tuple[int, int]] = {
    "clone": (56, 220), "clone3": (435, 435), "kill": (62, 129), "tgkill": (234, 131), "socket": (41, 198),
    "ioctl": (16, 29), "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269),
}
CONNECT = (42, 203)
_SECCOMP = (317, 277)

# The machine's audit number, and which column of the tables is its.
MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_X32 = 0x40000000  # a second set of calls that x86_64 kernels may have
_CLONE_THREAD = 0x00010000
_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10
_SOCK_STREAM, _SOCK_TYPE = 1, 0xF
_IPPROTO_TCP = 6  # not those whose socket options connect too
_MSG_FASTOPEN = 0x20000000  # connects on the way
# Type into the terminal that stdin may be (TIOCSTI, TIOCLINUX); change a file's flags (FS_IOC_SETFLAGS, FSSETXATTR).
IOCTLS = (0x5412, 0x541C, 0x40086602, 0x401C5820)

# Offsets in what the filter is shown: the call's number, the machine, the low halves of the first four arguments.
_NR, _ARCH, _ARG0, _ARG1, _ARG2, _ARG3 = 0, 4, 16, 24, 32, 40
_LOAD, _JEQ, _JGE, _JSET, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06

Line = tuple[int, int, int, int]
_REFUSE: Line = (_RETURN, 0, 0, _ERRNO | _EPERM)
_ALLOW_IT: Line = (_RETURN, 0, 0, _ALLOW)


def give_up_privileges() -> None:
    """From here on no program that is started gains any: what both kernel layers ask for first. Raises OSError."""
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def install() -> bool:
    """Put the filter on every thread of the process. Whether it is there now."""
    machine = os.uname().machine
    return machine in MACHINES and _put_up(machine, filter_program(machine, os.getpid()), _FILTER_TSYNC)


def forbid_connecting() -> bool:
    """Put a second filter on this thread and all that it starts from now on. Whether it is there."""
    machine = os.uname().machine
    return machine in MACHINES and _put_up(machine, no_connect_program(machine), 0)


def _put_up(machine: str, program: list[Line], flags: int) -> bool:
    code = b"".join(struct.pack("=HBBI", *each) for each in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("@HP", len(program), ctypes.addressof(buffer))
    number = _SECCOMP[MACHINES[machine][1]]
    return bool(_libc.syscall(number, _SET_MODE_FILTER, flags, header) == 0)


def filter_program(machine: str, pid: int) -> list[Line]:
    """The filter as (code, jump if true, jump if false, value). Jumps count from the next line.

    A socket must be a stream of the families for usbmuxd and adb; a clone must be a thread; a signal must be 0, or go
    to a thread of this process, `pid`.
    """
    arch, column = MACHINES[machine]
    number = {name: numbers[column] for name, numbers in JUDGED.items()}
    refuse, allow = _REFUSE, _ALLOW_IT
    program: list[Line] = [(_LOAD, 0, 0, _ARCH), (_JEQ, 1, 0, arch), refuse, (_LOAD, 0, 0, _NR)]
    if machine == "x86_64":
        program += [(_JGE, 0, 1, _X32), refuse]
    for numbers in NEVER.values():
        if (each := numbers[column]) is not None:
            program += [(_JEQ, 0, 1, each), refuse]
    # The C library tries clone3, whose flags a filter cannot see, and falls back to clone when there is none.
    program += [(_JEQ, 0, 1, number["clone3"]), (_RETURN, 0, 0, _ERRNO | _ENOSYS)]
    for name, judge in (
        ("clone", [(_LOAD, 0, 0, _ARG0), (_JSET, 0, 1, _CLONE_THREAD), allow, refuse]),
        ("kill", [(_LOAD, 0, 0, _ARG1), (_JEQ, 0, 1, 0), allow, refuse]),
        ("tgkill", [(_LOAD, 0, 0, _ARG0), (_JEQ, 0, 1, pid), allow, refuse]),
        ("ioctl", [(_LOAD, 0, 0, _ARG1), *(line for each in IOCTLS for line in ((_JEQ, 0, 1, each), refuse)), allow]),
        ("socket", [
            (_LOAD, 0, 0, _ARG0),
            (_JEQ, 3, 0, _AF_UNIX), (_JEQ, 2, 0, _AF_INET), (_JEQ, 1, 0, _AF_INET6),
            (_RETURN, 0, 0, _ERRNO | _EAFNOSUPPORT),
            (_LOAD, 0, 0, _ARG1), (_AND, 0, 0, _SOCK_TYPE), (_JEQ, 1, 0, _SOCK_STREAM), refuse,
            (_LOAD, 0, 0, _ARG2), (_JEQ, 1, 0, 0), (_JEQ, 0, 1, _IPPROTO_TCP), allow, refuse,
        ]),
        ("sendto", [(_LOAD, 0, 0, _ARG3), (_JSET, 0, 1, _MSG_FASTOPEN), refuse, allow]),
        ("sendmsg", [(_LOAD, 0, 0, _ARG2), (_JSET, 0, 1, _MSG_FASTOPEN), refuse, allow]),
        ("sendmmsg", [(_LOAD, 0, 0, _ARG3), (_JSET, 0, 1, _MSG_FASTOPEN), refuse, allow]),
    ):
        program += [(_JEQ, 0, len(judge), number[name]), *judge]
    return [*program, allow]


def no_connect_program(machine: str) -> list[Line]:
    """Beside the first filter, which has looked at the machine already."""
    return [(_LOAD, 0, 0, _NR), (_JEQ, 0, 1, CONNECT[MACHINES[machine][1]]), _REFUSE, _ALLOW_IT]
