"""id, whoami, su, uptime: who runs the command, and for how long the phone has been up."""

from __future__ import annotations

import time

from pyworker.virtual.android.mksh.process import Process
from pyworker.virtual.android.mksh.shell import Shell
from pyworker.virtual.android.toybox.contents import all_input

ROOT = "uid=0(root) gid=0(root) groups=0(root) context=u:r:su:s0\n"
SHELL = (
    "uid=2000(shell) gid=2000(shell) groups=2000(shell),1004(input),1007(log),1011(adb),1015(sdcard_rw),1028(sdcard_r),"
    "3001(net_bt_admin),3002(net_bt),3003(inet),3006(net_bw_stats),3009(readproc),3011(uhid) context=u:r:shell:s0\n"
)


def identity(process: Process) -> int:
    """id and whoami."""
    is_root = process.uid == 0
    if process.arguments[0] == "whoami" or "-un" in process.arguments:
        process.out("root\n" if is_root else "shell\n")
    elif "-u" in process.arguments:
        process.out(f"{process.uid}\n")
    else:
        process.out(ROOT if is_root else SHELL)
    return 0


def su(process: Process) -> int:
    """Only where the description gives a path for it (a rooted phone)."""
    arguments = process.arguments[1:]
    if arguments[:1] == ["0"]:
        arguments = ["-c", " ".join(arguments[1:])] if len(arguments) > 1 else []
    if not process.phone.description.get("su_allowed", True):
        process.err("Permission denied\n")
        return 1
    child = Shell(process.phone, process.stdin, process.stdout, process.stderr, process.signals)
    child.uid = 0
    if "-c" in arguments:
        return child.run(" ".join(arguments[arguments.index("-c") + 1 :]))
    return child.run(all_input(process).decode("latin-1"))


def uptime(process: Process) -> int:
    now = time.strftime(" %H:%M:%S", time.gmtime())
    process.out(now + " up 3 days,  4:05,  0 users,  load average: 1.02, 0.98, 0.91\n")
    return 0
