"""The shop's logo: the one picture a report takes from its content, and so the one parser an attacker can reach.

Only a data: URI of a PNG or JPEG; its header is read by hand before anything decodes it, then Pillow decodes it with
no other format enabled, and what goes into the document is a fresh PNG made from the pixels: no metadata, no second
file hidden behind the picture.
"""

from __future__ import annotations

import binascii
import io
import re
from base64 import b64decode
from typing import NamedTuple

from protocol.errors import invalid_params
from pyworker.reporting.png import RGB, png_data_uri

MAX_BYTES = 512 * 1024
MAX_PIXELS = 4_000_000
# Printed at most 50 mm by 15 mm: 200 dots an inch are enough, and nothing compresses them.
PRINTED = (394, 118)

_DATA_URI = re.compile(r"data:image/(png|jpeg|jpg);base64,([A-Za-z0-9+/=\s]*)\Z")


class Logo(NamedTuple):
    """uri: a data: URI of a PNG. width, height: its pixels."""

    uri: str
    width: int
    height: int


def read_logo(uri: str, member: str) -> Logo:
    """Check and re-encode. Raises invalid_params naming `member`."""
    if len(uri) > MAX_BYTES * 4 // 3 + 64:
        raise invalid_params(f"{member}: a logo may have at most {MAX_BYTES // 1024} KiB")
    match = _DATA_URI.match(uri)
    if match is None:
        raise invalid_params(f"{member}: a logo is a data: URI of a PNG or JPEG picture, in base64")
    try:
        data = b64decode("".join(match[2].split()), validate=True)
    except binascii.Error:
        raise invalid_params(f"{member}: not valid base64") from None
    kind = "PNG" if data.startswith(b"\x89PNG\r\n\x1a\n") else "JPEG" if data.startswith(b"\xff\xd8\xff") else None
    if kind is None or len(data) > MAX_BYTES:
        raise invalid_params(f"{member}: not a PNG or JPEG picture of at most {MAX_BYTES // 1024} KiB")
    return _reencode(data, kind, member)


def _reencode(data: bytes, kind: str, member: str) -> Logo:
    from PIL import Image

    try:
        # A picture names its size before its pixels: refuse a bomb before it is decoded.
        picture: Image.Image = Image.open(io.BytesIO(data), formats=[kind])
        if picture.width * picture.height > MAX_PIXELS:
            raise invalid_params(f"{member}: a logo may have at most {MAX_PIXELS // 1_000_000} million pixels")
        picture = picture.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, EOFError, IndexError, KeyError):
        raise invalid_params(f"{member}: the picture cannot be decoded") from None
    # Paper is white; without transparency the engine needs no second picture for it.
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture)
    flat = paper.convert("RGB")
    flat.thumbnail(PRINTED)
    stride = flat.width * len("RGB")
    pixels = flat.tobytes()
    uri = png_data_uri(flat.width, flat.height, RGB, [pixels[at:at + stride] for at in range(0, len(pixels), stride)])
    return Logo(uri, flat.width, flat.height)
