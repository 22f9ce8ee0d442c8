"""What a target of the fuzzing is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Target(NamedTuple):
    """seeds: well-formed inputs. feed: reads any bytes; only what its contract does not allow comes out as an exception.

    is_heavy: one input lays out a whole page, or goes through forty parsers, so it gets a two-hundredth of the inputs and no limit of its own.
    """

    seeds: Sequence[bytes]
    feed: Callable[[bytes], object]
    is_heavy: bool = False
