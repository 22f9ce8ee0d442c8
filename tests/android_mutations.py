"""Damage to dumps, seeded: what cables, buffers and publishers do to a text. The same seed does the same damage."""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Each parser gets so many; PYWORKER_MUTATIONS asks for more.
MUTATIONS = int(os.environ.get("PYWORKER_MUTATIONS", "2000"))

SPLINTERS = (b"\0", b"\xff\xfe", b"\n", b"\r", b"]", b"[", b": ", b"=", b"}", b"{", b"-1", b"null", b"NaN", b"\xf0\x9f\x94\x8b", b"9" * 40,
             b"-----\n", b"Permission Denial: no\n", b"User 0:", b"(", b"%s", b"\x1b[0m")


def _cut(data: bytes, random: Random) -> bytes:
    return data[:random.randrange(len(data) + 1)]


def _behead(data: bytes, random: Random) -> bytes:
    return data[random.randrange(len(data) + 1):]


def _flip(data: bytes, random: Random) -> bytes:
    broken = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8))):
        if broken:
            broken[random.randrange(len(broken))] ^= 1 << random.randrange(8)
    return bytes(broken)


def _insert(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice(SPLINTERS) + data[at:]


def _lose_bytes(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + data[at + random.choice((1, 2, 16, 64, 512)):]


def _lose_line(data: bytes, random: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    if lines:
        del lines[random.randrange(len(lines))]
    return b"".join(lines)


def _repeat_line(data: bytes, random: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    if lines:
        lines.insert(random.randrange(len(lines)), random.choice(lines))
    return b"".join(lines)


def _lose_line_ends(data: bytes, random: Random) -> bytes:
    return data.replace(b"\n", random.choice((b"", b" ", b"\r", b"\n\n")), random.choice((1, 3, -1)))


def _indent(data: bytes, random: Random) -> bytes:
    return data.replace(b"  ", random.choice((b"", b" ", b"\t", b"    ")))


def _double(data: bytes, random: Random) -> bytes:
    return data + data[random.randrange(len(data) + 1):]


DAMAGES: tuple[Callable[[bytes, Random], bytes], ...] = (
    _cut, _behead, _flip, _insert, _lose_bytes, _lose_line, _repeat_line, _lose_line_ends, _indent, _double)


CUTS = (_cut,)


def damaged(
    data: bytes, seed: int, kinds: tuple[Callable[[bytes, Random], bytes], ...] = DAMAGES,
) -> Iterator[tuple[int, bytes]]:
    """(number, damaged copy) for MUTATIONS numbers; a number and a seed give the same copy again."""
    for number in range(MUTATIONS):
        random = Random(seed * 1_000_003 + number)
        broken = data
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            broken = random.choice(kinds)(broken, random)
        yield number, broken
