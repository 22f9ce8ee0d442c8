"""The catalogue of reads: closed, explained, used, and parsed without a fault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pyworker.findings import MISSING, Unread
from pyworker.ios import reads, registry
from pyworker.probes import BASIC, DEEP, Read, plan

SERVICES = {"lockdown", "mcinstall", "diagnostics_relay", "afc", "afc.crashreports", "installation_proxy", "service"}


def constants() -> Iterator[Read]:
    return (value for value in vars(reads).values() if isinstance(value, Read))


def test_the_catalogue_holds_every_read_of_the_module_once():
    assert set(reads.ALL) == set(constants())
    assert len({read.source for read in reads.ALL}) == len(reads.ALL)


def test_every_read_says_why_it_is_worth_its_trip():
    assert all(len(read.why) > 20 and read.parse is not None for read in reads.ALL)


def test_every_read_is_asked_by_a_probe_or_the_identity_and_no_other_is():
    assert set(plan(registry.PROBES)) | set(registry.IDENTITY) == set(reads.ALL)


def test_only_known_services_are_asked():
    assert {read.service for read in reads.ALL} == SERVICES


def test_the_basic_inspection_opens_two_services_and_asks_six_values():
    basic = {*plan(probe for probe in registry.PROBES if probe.depth == BASIC), *registry.IDENTITY}
    assert {read.service for read in basic} == {"lockdown", "mcinstall", "diagnostics_relay"}
    assert sum(read.service == "lockdown" for read in basic) == 6
    assert sum(read.service == "diagnostics_relay" for read in basic) == 1


def test_names_of_probes_are_unique_and_each_has_a_depth():
    names = [probe.name for probe in registry.PROBES]
    assert len(names) == len(set(names))
    assert {probe.depth for probe in registry.PROBES} == {BASIC, DEEP}


def test_values_of_several_probes_are_read_once():
    asked = plan(registry.PROBES)
    assert len(asked) == len(set(asked))
    assert reads.ALL_VALUES in asked


@pytest.mark.parametrize("read", reads.ALL, ids=lambda read: read.source)
def test_an_empty_answer_is_never_a_value_that_could_say_no(read):
    for empty in (None, {}, [], "", b""):
        answer = read.parse(empty)
        assert isinstance(answer, Unread) or not answer


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.binary(max_size=8),
    st.datetimes())
DEEPLY = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.one_of(SCALARS), inner, max_size=4),
    max_leaves=20)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(reads.ALL), DEEPLY)
def test_no_parser_raises(read, raw):
    read.parse(raw)


def test_an_answer_nested_beyond_reason_does_not_exhaust_the_stack():
    nested: Any = {}
    for _ in range(100_000):
        nested = {"Diagnostics": nested}
    for read in reads.ALL:
        read.parse(nested)


def test_bytes_become_text_and_dates_become_dates():
    from datetime import datetime

    parsed = reads.ALL_VALUES.parse({"a": b"YES\0\0", "b": b"\xff\x00", "c": datetime(2026, 10, 5, 6, 0),
        "d": float("nan")})
    assert parsed == {"a": "YES", "b": "ff00", "c": "2026-10-05T06:00:00Z", "d": None}
    assert reads.NVRAM_OPTIONS.parse({}) == MISSING
