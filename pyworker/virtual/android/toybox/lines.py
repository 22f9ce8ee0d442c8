"""What is done to lines as they pass: wc, sort, uniq, cut, tr."""

from __future__ import annotations

import re

from pyworker.virtual.android.mksh.process import Process
from pyworker.virtual.android.toybox.command_line import options
from pyworker.virtual.android.toybox.contents import bare_lines, lines

NO_END = 1 << 30  # the upper bound of "3-"
CLASSES = {"[:upper:]": "A-Z", "[:lower:]": "a-z", "[:digit:]": "0-9", "[:space:]": " \t\n\r\v\f"}
ESCAPES = {"\\n": "\n", "\\r": "\r", "\\t": "\t", "\\0": "\0"}


def wc(process: Process) -> int:
    chosen, names = options(process.arguments)
    status = 0
    for name in names or ["-"]:
        failed: list[str] = []
        counts = {"l": 0, "w": 0, "c": 0}
        for line in lines(process, [name], failed):
            counts["l"] += line.endswith(b"\n")
            counts["w"] += len(line.split())
            counts["c"] += len(line)
        if failed:
            status = 1
            continue
        wanted = " ".join(str(count) for letter, count in counts.items() if letter in chosen or not chosen)
        process.out(wanted + (f" {name}" if name != "-" else "") + "\n")
    return status


def sort(process: Process) -> int:
    chosen, names = options(process.arguments, "kt")
    failed: list[str] = []
    found = sorted(
        bare_lines(process, names, failed), key=_leading_number if "n" in chosen else None, reverse="r" in chosen
    )
    if "u" in chosen:
        found = list(dict.fromkeys(found))
    process.out_bytes(b"".join(line + b"\n" for line in found))
    return 1 if failed else 0


def _leading_number(line: bytes) -> tuple[int, bytes]:
    found = re.match(rb"\s*(-?\d+)", line)
    return (int(found[1]) if found else 0, line)


def uniq(process: Process) -> int:
    chosen, names = options(process.arguments)
    failed: list[str] = []
    previous: bytes | None = None
    count = 0

    def put() -> None:
        if previous is not None:
            process.out_bytes((f"{count:7d} ".encode() if "c" in chosen else b"") + previous + b"\n")

    for line in bare_lines(process, names[:1], failed):
        if line == previous:
            count += 1
            continue
        put()
        previous, count = line, 1
    put()
    return 1 if failed else 0


def cut(process: Process) -> int:
    chosen, names = options(process.arguments, "dfcb")
    wanted = (chosen.get("f") or chosen.get("c") or chosen.get("b") or "").split(",")
    ranges = [_range(each) for each in wanted]
    if None in ranges:
        process.err(f"cut: bad list '{wanted[ranges.index(None)]}'\n")
        return 1
    told = [each for each in ranges if each is not None]
    delimiter = (chosen.get("d") or "\t").encode("latin-1")
    failed: list[str] = []
    for line in bare_lines(process, names, failed):
        if "f" not in chosen:
            process.out_bytes(b"".join(line[low - 1 : high] for low, high in told) + b"\n")
        elif delimiter in line:
            process.out_bytes(_fields(line, delimiter, told) + b"\n")
        elif "s" not in chosen:
            process.out_bytes(line + b"\n")
    return 1 if failed else 0


def _range(text: str) -> tuple[int, int] | None:
    """First and last of "3", "3-", "-5", "3-5", counted from 1; None for anything else."""
    found = re.fullmatch(r"(\d*)(-?)(\d*)", text)
    if not found or not (found[1] or found[3]):
        return None
    first = int(found[1] or 1)
    if found[3]:
        return first, int(found[3])
    return first, NO_END if found[2] else first


def _fields(line: bytes, delimiter: bytes, ranges: list[tuple[int, int]]) -> bytes:
    fields = enumerate(line.split(delimiter), 1)
    return delimiter.join(field for at, field in fields if any(low <= at <= high for low, high in ranges))


def tr(process: Process) -> int:
    chosen, operands = options(process.arguments)
    first, second = (_set(each) for each in (*operands[:2], "", "")[:2])
    if "d" in chosen:
        while data := process.read():
            process.out_bytes(data.translate(None, first))
        return 0
    if not second:
        process.err("tr: needs two sets\n")
        return 1
    table = bytes.maketrans(first, (second + second[-1:] * len(first))[: len(first)])
    while data := process.read():
        process.out_bytes(data.translate(table))
    return 0


def _set(text: str) -> bytes:
    """The characters that one of tr's operands stands for."""
    for written, meant in (*ESCAPES.items(), *CLASSES.items()):
        text = text.replace(written, meant)
    return re.sub(
        r"(.)-(.)", lambda found: "".join(map(chr, range(ord(found[1]), ord(found[2]) + 1))), text, flags=re.DOTALL
    ).encode("latin-1")
