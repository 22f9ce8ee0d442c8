"""What the tools read: the files named on the command line, or stdin, as pieces or as lines.

A name that cannot be read is complained about and the next one is read, as every tool does.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyworker.virtual.android.mksh.process import Process


def absolute(process: Process, name: str) -> str:
    return process.phone.files.absolute(name, process.directory)


def complain(process: Process, name: str, fault: OSError) -> int:
    process.err(f"{process.arguments[0]}: {name}: {fault.strerror}\n")
    return 1


def pieces(process: Process, names: list[str], failed: list[str]) -> Iterator[bytes]:
    """The contents of the named files; of stdin for "-" and where none is named. Unreadable names go to `failed`."""
    for name in names or ["-"]:
        if name == "-":
            while data := process.read():
                yield data
            continue
        try:
            yield process.phone.files.read(absolute(process, name), process.uid)
        except OSError as fault:
            complain(process, name, fault)
            failed.append(name)


def lines(process: Process, names: list[str], failed: list[str]) -> Iterator[bytes]:
    """The same as lines with their ends; one may begin in one file and end in the next."""
    rest = b""
    for piece in pieces(process, names, failed):
        rest += piece
        *whole, rest = rest.split(b"\n")
        for line in whole:
            yield line + b"\n"
    if rest:
        yield rest


def bare_lines(process: Process, names: list[str], failed: list[str]) -> Iterator[bytes]:
    """The same as lines without their ends."""
    for line in lines(process, names, failed):
        yield line.rstrip(b"\n")


def all_input(process: Process) -> bytes:
    """stdin to its end."""
    return b"".join(iter(process.read, b""))
