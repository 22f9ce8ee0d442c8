"""What `service call` prints: the reply parcel as a hex dump (AOSP libbinder Parcel::print), built from its meaning.

A reply begins with an exception code, 0 for none; text is a length in UTF-16 units, the units, a zero, padding to 4.
"""

from __future__ import annotations

import struct

SECURITY_EXCEPTION = -1
BYTES_A_LINE = 16


def text_reply(text: str) -> bytes:
    """No exception, then one string."""
    return struct.pack("<i", 0) + _string(text)


def exception_reply(code: int, message: str) -> bytes:
    """An exception of AIDL: its code, its message, an empty stack trace."""
    return struct.pack("<i", code) + _string(message) + struct.pack("<i", 0)


def printed(data: bytes) -> str:
    """The words `service call` shows for a reply."""
    if len(data) <= BYTES_A_LINE:
        return f"Result: Parcel({_words(data)} '{_letters(data)}')\n"
    lines = []
    for at in range(0, len(data), BYTES_A_LINE):
        line = data[at : at + BYTES_A_LINE]
        lines.append(f"  0x{at:08x}: {_words(line):<36}'{_letters(line)}'")
    return "Result: Parcel(\n" + "\n".join(lines) + ")\n"


def _string(text: str) -> bytes:
    units = text.encode("utf-16-le") + b"\0\0"
    return struct.pack("<i", len(units) // 2 - 1) + units + bytes(-len(units) % 4)


def _words(data: bytes) -> str:
    return "".join(f"{int.from_bytes(data[at : at + 4], 'little'):08x} " for at in range(0, len(data), 4))


def _letters(data: bytes) -> str:
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in data)
