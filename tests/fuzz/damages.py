"""Damage for bytes that are no text: lengths and numbers at their limits, parts that repeat, one message inside another.

Together with the damage to texts in tests/android_mutations.py. Seeded: the same Random does the same damage.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[:0] = [str(Path(__file__).parents[1])]

from android_mutations import DAMAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

# Longer inputs find no more and cost the time of many short ones.
LONGEST = 20_000
RUN = 10_000
RUN_ONE_IN = 50
_RUNS = (b" ", b"\t", b"\n", b"0", b"a", b"=", b":", b",", b"{", b"[", b"(", b"-", b'"')
_WIDTHS = (1, 2, 4, 8)
_LIMITS = (0, 1, 2, 5, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x100000, 0x100001, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63, 2**64 - 1)


def _limit_number(data: bytes, random: Random) -> bytes:
    """A number of 1 to 8 bytes becomes one at a limit, in either byte order."""
    width = random.choice(_WIDTHS)
    at = random.randrange(max(1, len(data) - width + 1))
    value = random.choice(_LIMITS) & ((1 << 8 * width) - 1)
    return data[:at] + value.to_bytes(width, random.choice(("little", "big"))) + data[at + width:]


def _nudge_number(data: bytes, random: Random) -> bytes:
    """One byte a little more or less: a length that is off by one."""
    if not data:
        return data
    at = random.randrange(len(data))
    return data[:at] + bytes(((data[at] + random.choice((-2, -1, 1, 2))) & 0xFF,)) + data[at + 1:]


def _repeat_part(data: bytes, random: Random) -> bytes:
    """A part of it a thousand times: what costs more than its length shows."""
    start = random.randrange(len(data) + 1)
    part = data[start:start + random.choice((1, 2, 8, 64))]
    return data[:start] + part * random.choice((2, 50, 1000)) + data[start:]


def _scramble(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.randbytes(random.choice((1, 4, 16))) + data[at:]


def _long_run(data: bytes, random: Random) -> bytes:
    """So many of one character as make a pattern slow that tries again from each of them."""
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice(_RUNS) * RUN + data[at:]


BINARY: tuple[Callable[[bytes, Random], bytes], ...] = (_limit_number, _nudge_number, _repeat_part, _scramble, _limit_number)
_ALL = (*DAMAGES, *BINARY)


def damage(seeds: Sequence[bytes], random: Random) -> bytes:
    """A damaged copy of one of the seeds, now and then with a part of another in it."""
    data = random.choice(seeds)
    if random.randrange(8) == 0:
        other, at = random.choice(seeds), random.randrange(len(data) + 1)
        data = data[:at] + other[random.randrange(len(other) + 1):] + data[at:]
    if random.randrange(RUN_ONE_IN) == 0:
        data = _long_run(data, random)
    for _ in range(random.choice((1, 1, 2, 3, 6))):
        data = random.choice(_ALL)(data, random)
    return data[:LONGEST]
