"""One virtual iPhone, or several, and what a handler would do with them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from ios_bench import Bench, Benches

from pyworker.virtual.iphone import VirtualIphone

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def bench_of() -> Iterator[Benches]:
    with ExitStack() as stack:
        yield Benches(stack)


@pytest.fixture
def phone() -> VirtualIphone:
    return VirtualIphone.load("iphone-clean")


@pytest.fixture
def bench(bench_of: Benches, phone: VirtualIphone) -> Bench:
    """One clean, trusted iPhone: `phone`."""
    return bench_of(phone)
