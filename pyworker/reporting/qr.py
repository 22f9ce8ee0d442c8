"""The code on the page, as a picture for HTML: PNG written by hand, so that its bytes depend on nothing installed."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode

# White margin around the code, in modules: readers need four (ISO/IEC 18004).
QUIET_ZONE = 4
PIXELS_A_MODULE = 4


def png_data_uri(text: str) -> str:
    return "data:image/png;base64," + b64encode(_png(_modules(text))).decode("ascii")


def _modules(text: str) -> list[list[bool]]:
    from pyworker.reporting.engine import reportlab_qr

    return reportlab_qr(text)


def _png(modules: list[list[bool]]) -> bytes:
    """One bit a pixel, stored without compression: another zlib would compress to other bytes."""
    side = (len(modules) + 2 * QUIET_ZONE) * PIXELS_A_MODULE
    margin = [False] * QUIET_ZONE
    blank = [[False] * (len(modules) + 2 * QUIET_ZONE)] * QUIET_ZONE
    lines = []
    for row in [*blank, *([*margin, *row, *margin] for row in modules), *blank]:
        bits = "".join(("0" if dark else "1") * PIXELS_A_MODULE for dark in row).ljust(-(-side // 8) * 8, "1")
        lines.append((b"\x00" + int(bits, 2).to_bytes(len(bits) // 8, "big")) * PIXELS_A_MODULE)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", _stored(b"".join(lines))) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _stored(data: bytes) -> bytes:
    """A zlib stream of stored blocks (RFC 1950, RFC 1951 section 3.2.4)."""
    blocks = [data[at:at + 0xFFFF] for at in range(0, len(data), 0xFFFF)]
    parts = [b"\x78\x01"]
    for index, block in enumerate(blocks):
        parts.append(struct.pack("<BHH", index == len(blocks) - 1, len(block), len(block) ^ 0xFFFF) + block)
    return b"".join(parts) + struct.pack(">I", zlib.adler32(data))
