"""For every test: no virtual iPhone was asked anything that the gate does not list."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# What tests of several folders share lies beside this file.
sys.path.append(str(Path(__file__).parent))

from gate_referee import Watch, unlisted

if TYPE_CHECKING:
    from collections.abc import Iterator

_HERE = Path(__file__).parent
# Here other people's clients speak to the virtual phones.
_FOREIGN_CLIENTS = (_HERE / "clients", _HERE / "pyworker" / "virtual")


@pytest.fixture(scope="session")
def watch() -> Watch:
    watch = Watch()
    watch.begin()
    return watch


@pytest.fixture(autouse=True)
def iphones_are_asked_only_what_the_gate_lists(watch: Watch, request: pytest.FixtureRequest) -> Iterator[None]:
    watch.since_last_time()
    yield
    asked = watch.since_last_time()
    if not any(folder in request.path.parents for folder in _FOREIGN_CLIENTS):
        assert unlisted(asked) == []
