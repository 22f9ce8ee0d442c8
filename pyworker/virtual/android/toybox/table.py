"""Which tools there are, by name, and toybox itself, which starts one of them."""

from __future__ import annotations

from collections.abc import Callable

from pyworker.virtual.android.mksh.process import Process
from pyworker.virtual.android.toybox import altering, lines, listing, portions, processes, saying
from pyworker.virtual.android.toybox.grep import grep

Program = Callable[[Process], int]


def toybox(process: Process) -> int:
    if len(process.arguments) < 2:
        process.out(" ".join(sorted(TOOLS)) + "\n")
        return 0
    if process.arguments[1] not in TOOLS:
        process.err(f"toybox: Unknown command {process.arguments[1]}\n")
        return processes.NOT_FOUND
    return process.start(process.arguments[1:], process.signals)


# What Android 5's toolbox already had, and what came with toybox (Android 6).
TOOLBOX: dict[str, Program] = {
    "cat": portions.cat,
    "grep": grep,
    "ls": listing.ls,
    "rm": altering.rm,
    "mkdir": altering.mkdir,
    "touch": altering.touch,
    "cp": altering.cp,
    "mv": altering.cp,
    "dd": altering.dd,
    "chmod": altering.chmod,
    "chown": altering.chmod,
    "ln": altering.chmod,
    "sh": processes.sh,
    "nice": processes.nice,
    "nohup": processes.nice,
    "sleep": processes.sleep,
    "true": processes.true,
    "false": processes.false,
    "date": saying.date,
    "uname": saying.uname,
}
TOOLS: dict[str, Program] = {
    **TOOLBOX,
    "head": portions.head,
    "tail": portions.tail,
    "egrep": grep,
    "fgrep": grep,
    "wc": lines.wc,
    "sort": lines.sort,
    "uniq": lines.uniq,
    "cut": lines.cut,
    "tr": lines.tr,
    "find": listing.find,
    "stat": listing.stat,
    "basename": listing.basename,
    "dirname": listing.dirname,
    "which": listing.which,
    "tee": altering.tee,
    "mknod": altering.chmod,
    "truncate": altering.chmod,
    "timeout": processes.timeout,
    "env": processes.env,
    "printenv": processes.env,
    "setsid": processes.nice,
    "time": processes.nice,
    "xargs": processes.xargs,
    "sync": processes.true,
    "toybox": toybox,
    "seq": saying.seq,
    "yes": saying.yes,
    "printf": saying.printf,
    "base64": saying.base64,
    "md5sum": saying.digest,
    "sha1sum": saying.digest,
    "sha256sum": saying.digest,
}
