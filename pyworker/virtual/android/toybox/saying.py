"""What only prints: seq, yes, printf, date, uname, base64 and the digests."""

from __future__ import annotations

import base64 as base64_coding
import hashlib
import re
import time

from pyworker.virtual.android.mksh.printf import formatted
from pyworker.virtual.android.mksh.process import Process
from pyworker.virtual.android.toybox.command_line import options
from pyworker.virtual.android.toybox.contents import pieces

BLOCK = 4096  # what yes writes at once
BASE64_WIDTH = "76"
KERNEL = "5.10.149-android13-4"  # of phones whose description names none


def seq(process: Process) -> int:
    try:
        numbers = [int(each) for each in process.arguments[1:]]
    except ValueError:
        process.err("seq: not a number\n")
        return 1
    if len(numbers) < 3:
        numbers = [1, *numbers][-2:]
        numbers.insert(1, 1)
    first, step, last = numbers
    process.out("".join(f"{each}\n" for each in range(first, last + (1 if step > 0 else -1), step)))
    return 0


def yes(process: Process) -> int:
    line = (" ".join(process.arguments[1:]) or "y").encode("latin-1") + b"\n"
    block = line * max(1, BLOCK // len(line))
    while True:
        process.out_bytes(block)
        process.signals.check()


def printf(process: Process) -> int:
    text, *_ = formatted(process.arguments[1] if len(process.arguments) > 1 else "", process.arguments[2:])
    process.out(text)
    return 0


def date(process: Process) -> int:
    form = next((each[1:] for each in process.arguments[1:] if each.startswith("+")), "%a %b %e %H:%M:%S GMT %Y")
    if any(each.startswith("-s") or re.fullmatch(r"\d{8,}(\.\d+)?", each) for each in process.arguments[1:]):
        process.err("date: cannot set date: Operation not permitted\n")
        return 1
    process.out(time.strftime(form.replace("%s", str(int(time.time()))), time.gmtime()) + "\n")
    return 0


def uname(process: Process) -> int:
    chosen, _ = options(process.arguments)
    kernel = str(process.phone.description.get("kernel", KERNEL))
    fields = {"s": "Linux", "n": "localhost", "r": kernel, "v": "#1 SMP PREEMPT", "m": "aarch64"}
    wanted = [text for letter, text in fields.items() if letter in chosen or "a" in chosen] or ["Linux"]
    process.out(" ".join(wanted) + (" Toybox" if "a" in chosen else "") + "\n")
    return 0


def base64(process: Process) -> int:
    chosen, names = options(process.arguments, "w")
    failed: list[str] = []
    data = b"".join(pieces(process, names, failed))
    if "d" in chosen:
        process.out_bytes(base64_coding.b64decode(data))
    else:
        text = base64_coding.b64encode(data).decode()
        width = int(chosen.get("w") or BASE64_WIDTH) or len(text) or 1
        process.out("".join(text[at : at + width] + "\n" for at in range(0, len(text), width)))
    return 1 if failed else 0


def digest(process: Process) -> int:
    """md5sum, sha1sum, sha256sum."""
    status = 0
    for name in options(process.arguments)[1] or ["-"]:
        hashing = hashlib.new(process.arguments[0].removesuffix("sum"), usedforsecurity=False)
        failed: list[str] = []
        for piece in pieces(process, [name], failed):
            hashing.update(piece)
        if failed:
            status = 1
        else:
            process.out(f"{hashing.hexdigest()}  {name}\n")
    return status
