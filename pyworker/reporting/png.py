"""PNG and zlib streams whose bytes depend on nothing installed: stored, not compressed.

Deflate allows many encodings of the same data, and zlib, zlib-ng and their versions choose differently. A report must
have the same bytes on every machine, so it does without.
"""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

BILEVEL = (1, 0)  # bit depth and colour type, as the header has them
RGB = (8, 2)


def png_data_uri(width: int, height: int, kind: tuple[int, int], lines: Iterable[bytes]) -> str:
    """lines: the pixels of each row, packed as `kind` says."""
    header = struct.pack(">IIBBBBB", width, height, *kind, 0, 0, 0)
    pixels = stored(b"".join(b"\x00" + line for line in lines))
    made = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")
    return "data:image/png;base64," + b64encode(made).decode("ascii")


def stored(data: bytes) -> bytes:
    """A zlib stream of stored blocks (RFC 1950, RFC 1951 section 3.2.4)."""
    blocks = [data[at:at + 0xFFFF] for at in range(0, len(data), 0xFFFF)] or [b""]
    parts = [b"\x78\x01"]
    for index, block in enumerate(blocks):
        parts.append(struct.pack("<BHH", index == len(blocks) - 1, len(block), len(block) ^ 0xFFFF) + block)
    return b"".join(parts) + struct.pack(">I", zlib.adler32(data))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
