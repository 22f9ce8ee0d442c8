"""Files, whole or in part, as they are: cat, head, tail."""

from __future__ import annotations

import re
from itertools import islice

from pyworker.virtual.android.mksh.process import Process
from pyworker.virtual.android.toybox.command_line import options, size
from pyworker.virtual.android.toybox.contents import lines, pieces

LINES = "10"


def cat(process: Process) -> int:
    failed: list[str] = []
    for piece in pieces(process, options(process.arguments)[1], failed):
        process.out_bytes(piece)
    return 1 if failed else 0


def head(process: Process) -> int:
    chosen, names = options(_with_bare_numbers(process.arguments), "nc")
    failed: list[str] = []
    for index, name in enumerate(names or ["-"]):
        if len(names) > 1 and "q" not in chosen:
            process.out(("\n" if index else "") + f"==> {name} <==\n")
        if "c" in chosen:
            _first_bytes(process, name, size(chosen["c"]), failed)
        else:
            _first_lines(process, name, int(chosen.get("n") or LINES), failed)
    return 1 if failed else 0


def _with_bare_numbers(arguments: list[str]) -> list[str]:
    """`-5` is the old way to say `-n 5`, unless it is what a `-n` or `-c` before it takes."""
    before = ["", *arguments]
    return [
        f"-n{each[1:]}" if re.fullmatch(r"-\d+", each) and option not in ("-n", "-c") else each
        for option, each in zip(before, arguments, strict=False)
    ]


def _first_lines(process: Process, name: str, count: int, failed: list[str]) -> None:
    for line in islice(lines(process, [name], failed), max(0, count)):
        process.out_bytes(line)


def _first_bytes(process: Process, name: str, count: int, failed: list[str]) -> None:
    if name == "-":
        while count > 0 and (data := process.read(count)):
            process.out_bytes(data)
            count -= len(data)
        return
    for piece in pieces(process, [name], failed):
        process.out_bytes(piece[:count])


def tail(process: Process) -> int:
    chosen, names = options(_with_bare_numbers(process.arguments), "nc")
    failed: list[str] = []
    data = b"".join(pieces(process, names, failed))
    process.out_bytes(_last_bytes(data, chosen["c"]) if "c" in chosen else _last_lines(data, chosen.get("n") or LINES))
    return 1 if failed else 0


def _last_bytes(data: bytes, number: str) -> bytes:
    if number.startswith("+"):
        return data[int(number) - 1 :]
    count = size(number.removeprefix("-"))
    return data[-count:] if count else b""


def _last_lines(data: bytes, number: str) -> bytes:
    every = data.splitlines(keepends=True)
    if number.startswith("+"):
        return b"".join(every[int(number) - 1 :])
    count = abs(int(number))
    return b"".join(every[-count:] if count else [])
