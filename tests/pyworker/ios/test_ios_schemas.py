"""The schemas of the iPhone's findings: complete, tagged for masking, and true of what the judges say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pyworker.findings import REASONS, Unread
from pyworker.ios import identity, reads, registry
from pyworker.platforms import Device
from pyworker.probes import Observations, judge_all, parsed
from pyworker.validation import schema, validator
from pyworker.virtual.iphone import VirtualIphone

if TYPE_CHECKING:
    from ios_bench import Benches

KINDS = {"none", "imei", "serial", "identifier", "subscriber", "account", "device_name", "network", "software", "log",
    "location"}
PHONES = ("iphone-clean", "iphone-company", "iphone-find-my", "iphone-hello", "iphone-ios12", "iphone-ios15",
          "iphone-ios16", "iphone-ios17", "iphone-ios18", "iphone-ios26", "iphone-owner-locked")


@cache
def of_finding(name: str) -> Any:
    return validator("ios").evolve(schema={"$ref": f"urn:pyworker:ios#/$defs/{name}"})


def wrong(answers: dict[Any, Any]) -> list[str]:
    """What the schemas say against what the judges and the identity make of these answers."""
    seen = Observations(parsed(answers))
    problems = [
        f"{name}: {error.message}" for name, finding in judge_all(registry.PROBES, seen).items()
        for error in of_finding(name).iter_errors(json.loads(json.dumps(finding.value)))]
    device = identity.identify(Device("00008110-0001", "ios", "usb", "ready"), seen)
    return problems + [f"device: {error.message}" for error in validator("device").iter_errors(device)]


def test_every_finding_has_its_schema_and_no_other_is_there():
    assert set(schema("ios")["$defs"]) == {probe.name for probe in registry.PROBES}


@pytest.mark.parametrize("name", ["ios", "device"])
def test_the_schemas_are_schemas_and_refer_by_urn_only(name):
    Draft202012Validator.check_schema(schema(name))
    assert schema(name)["$id"] == f"urn:pyworker:{name}"
    assert all(reference.startswith(("#", "urn:pyworker:")) for reference in members(schema(name), "$ref"))


def members(node: Any, wanted: str) -> Iterator[Any]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == wanted:
                yield value
            yield from members(value, wanted)
    elif isinstance(node, list):
        for item in node:
            yield from members(item, wanted)


def texts_without_tag(node: Any, path: str = "", inherited: bool = False) -> Iterator[str]:
    """Where a string may stand in a value with nothing said of its privacy."""
    if not isinstance(node, dict):
        return
    tagged = inherited or "x-privacy" in node
    types = node.get("type", ())
    if "string" in ([types] if isinstance(types, str) else types) and not tagged:
        yield path
    for name, member in node.get("properties", {}).items():
        yield from texts_without_tag(member, f"{path}.{name}", tagged)
    for inner in ("items", "additionalProperties"):
        yield from texts_without_tag(node.get(inner), f"{path}[]", tagged)


def test_every_text_is_tagged_for_masking_with_a_known_kind():
    for name, definition in {**schema("ios")["$defs"], "device": schema("device")["$defs"]["ios"]}.items():
        assert list(texts_without_tag(definition, name)) == []
        assert set(members(definition, "x-privacy")) <= KINDS


def test_what_identifies_is_tagged_as_such():
    properties = schema("device")["$defs"]["ios"]["properties"]
    for member in ("serial", "imei", "imei2", "meid", "iccid", "udid", "ecid", "device_id", "wifi_mac", "name"):
        assert properties[member]["x-privacy"] != "none"


UNITS = {"_mah": "mAh", "_mv": "mV", "_ma": "mA", "_c": "Celsius", "_bytes": "Bytes", "_percent": "Percent",
         "_s": "Seconds"}


def test_every_measure_says_its_unit():
    for definition in [*schema("ios")["$defs"].values(), schema("device")["$defs"]["ios"]]:
        for name, member in definition.get("properties", {}).items():
            unit = next((unit for ending, unit in UNITS.items() if name.endswith(ending)), "")
            if "number" in member.get("type", ()):
                assert unit in member["description"], name


@pytest.mark.parametrize("name", PHONES)
def test_what_is_found_on_virtual_phones_is_as_the_schemas_say(bench_of: Benches, name: str):
    from ios_bench import ALL_READS

    phone = VirtualIphone.load(name)
    assert wrong(dict(bench_of(phone).observe(phone, ALL_READS).answers)) == []


@pytest.mark.parametrize("reason", ["not_paired", "locked", "timeout", "disconnected"])
def test_a_phone_that_says_nothing_is_as_the_schemas_say(reason):
    assert wrong({read: Unread(reason) for read in reads.ALL}) == []


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.binary(max_size=8), st.datetimes(),
    st.sampled_from([10 ** 400, 2 ** 64, 100, 3000, "YES", b"NO", "Activated"]))
KEYS = sorted({key for probe in registry.PROBES for witness in probe.witnesses for key in witness.key.split(".")})
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.one_of(st.sampled_from(KEYS), st.text(max_size=3)), inner, max_size=6), max_leaves=20)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(
    st.sampled_from(reads.ALL), st.one_of(st.sampled_from(sorted(REASONS)).map(Unread), ANYTHING), min_size=1))
def test_whatever_a_phone_says_is_as_the_schemas_say(answers):
    assert wrong(answers) == []
