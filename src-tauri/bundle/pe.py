"""Windows binaries, looked at without Windows: is each for the right machine, and is each library it asks for there?

Reads the Portable Executable format (Microsoft's published specification): the header's machine and the names in the
import directory, the delayed ones not, since those are allowed to be missing.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

MACHINE_AMD64 = 0x8664
_PE32_PLUS = 0x20B
_SUFFIXES = (".exe", ".dll", ".pyd")

# Part of every Windows since 10, by their documentation; api-ms-win-* are names for parts of these.
_OF_WINDOWS = frozenset(
    (
        "advapi32.dll",
        "bcrypt.dll",
        "bcryptprimitives.dll",
        "cabinet.dll",
        "cfgmgr32.dll",
        "comctl32.dll",
        "comdlg32.dll",
        "crypt32.dll",
        "gdi32.dll",
        "iphlpapi.dll",
        "kernel32.dll",
        "msvcrt.dll",
        "ncrypt.dll",
        "netapi32.dll",
        "ntdll.dll",
        "ntdsapi.dll",
        "ole32.dll",
        "oleaut32.dll",
        "pdh.dll",
        "powrprof.dll",
        "propsys.dll",
        "psapi.dll",
        "rpcrt4.dll",
        "secur32.dll",
        "setupapi.dll",
        "shell32.dll",
        "shlwapi.dll",
        "ucrtbase.dll",
        "user32.dll",
        "userenv.dll",
        "version.dll",
        "winmm.dll",
        "winspool.drv",
        "ws2_32.dll",
        "wtsapi32.dll",
    )
)


class Unresolved(Exception):
    """A binary is for another machine, or asks for a library that neither the bundle nor Windows has."""


class Binary(NamedTuple):
    machine: int
    imports: tuple[str, ...]


def check(home: Path) -> int:
    """Returns how many binaries there are. Raises Unresolved."""
    binaries = {path: read(path.read_bytes()) for path in sorted(home.rglob("*")) if path.suffix.lower() in _SUFFIXES}
    beside_python = {path.name.lower() for path in home.iterdir()}
    for path, binary in binaries.items():
        if binary.machine != MACHINE_AMD64:
            raise Unresolved(f"{path.relative_to(home)} is for machine {binary.machine:#x}")
        # Where the loader looks for an extension module's libraries: beside it, beside python.exe, in Windows. Wheels
        # may also add NAME.libs to the search themselves.
        near = {other.name.lower() for other in path.parent.iterdir()}
        near |= {
            other.name.lower() for folder in path.parents for other in folder.glob("*.libs/*") if home in other.parents
        }
        for wanted in binary.imports:
            name = wanted.lower()
            if not (name in near | beside_python | _OF_WINDOWS or name.startswith(("api-ms-win-", "ext-ms-win-"))):
                raise Unresolved(f"{path.relative_to(home)} asks for {wanted}")
    return len(binaries)


def read(data: bytes) -> Binary:
    """Raises Unresolved when it is no 64-bit Portable Executable."""
    try:
        header = struct.unpack_from("<I", data, 0x3C)[0]
        if data[:2] != b"MZ" or data[header : header + 4] != b"PE\0\0":
            raise Unresolved("not a Portable Executable")
        machine, sections = struct.unpack_from("<HH", data, header + 4)
        optional_size = struct.unpack_from("<H", data, header + 20)[0]
        optional = header + 24
        if struct.unpack_from("<H", data, optional)[0] != _PE32_PLUS:
            return Binary(machine, ())
        table = struct.unpack_from("<I", data, optional + 112 + 8)[0]
        layout = [
            struct.unpack_from("<IIII", data, optional + optional_size + 40 * index + 8) for index in range(sections)
        ]
        return Binary(machine, tuple(imports(data, table, layout)))
    except (struct.error, ValueError) as problem:
        raise Unresolved(f"a damaged Portable Executable ({problem})") from None


def imports(data: bytes, table: int, layout: list[tuple[int, int, int, int]]) -> list[str]:
    """layout: virtual size, virtual address, raw size, raw address of each section."""

    def place(address: int) -> int:
        for virtual_size, start, size, raw in layout:
            if start <= address < start + max(virtual_size, size):
                return address - start + raw
        raise ValueError("an address outside the file")

    names = []
    at = place(table) if table else len(data)
    while at < len(data):
        name = struct.unpack_from("<IIIII", data, at)[3]
        if not name:
            break
        start = place(name)
        names.append(data[start : data.index(b"\0", start)].decode("ascii"))
        at += 20
    return names
