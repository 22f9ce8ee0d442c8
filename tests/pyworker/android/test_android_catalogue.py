"""The catalogue is closed and harmless; judges hear what they declare; findings have the shape the schema gives."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import android_dumps as dumps
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

import schemas
from pyworker.android import reads, registry, script
from pyworker.android.identity import identify
from pyworker.findings import Unread
from pyworker.platforms import Device
from pyworker.probes import BASIC, DEEP, Read, judge_all, plan

READS = [value for value in vars(reads).values() if isinstance(value, Read)]
# Words that change something on a phone, wherever they stand as words of a command.
CHANGING = re.compile(
    r"\b(put|set|reset|delete|rm|mv|cp|touch|mkdir|chmod|chown|dd|tee|kill|pkill|reboot|start|stop|setprop|setenforce|install|"
    r"uninstall|enable|disable|clear|grant|revoke|activate|deactivate|auto_deactivate|set_secret|write|wipe|mount|umount|"
    r"unplug|suspend_input|checkin|bugreport|broadcast|force-stop|input|svc|su -c)\b|[<>`]|\$\(|<<")

SCHEMA = json.loads((Path(schemas.__file__).parent / "android.json").read_text())
SHARED = json.loads((Path(schemas.__file__).parent / "shared.json").read_text())
REGISTRY = Registry().with_resources([(each["$id"], Resource.from_contents(each)) for each in (SCHEMA, SHARED)])

PHONES: dict[str, dict[Read, Any]] = {
    "clean": {},
    "company": {reads.DEVICE_POLICY: dumps.policy(dumps.device_owner(), admins={0: [dumps.DPC]}, states={0: 3}, owner_type=0),
                reads.OWNER_LIST: "1 owner:\nUser  0: admin=com.example.dpc/.AdminReceiver,DeviceOwner\n"},
    "samsung": {reads.BATTERY: dumps.SAMSUNG_BATTERY, reads.GETPROP: dumps.getprop(
        {"ro.product.manufacturer": "samsung", "knox.kg.state": "Checking", "ro.boot.kg": "0x1", "ro.boot.warranty_bit": "0"})},
    "rooted": {reads.ROOT_FILES: "/system/bin/su\n", reads.GETPROP: dumps.getprop({"ro.build.tags": "test-keys"})},
    "silent": dict.fromkeys(reads.ALL, Unread("timeout")),
    "unauthorized": dict.fromkeys(reads.ALL, Unread("unauthorized")),
    "garbage": dict.fromkeys(reads.ALL, "\x00\xff garbage ]: [ } { = : |\n" * 40),
    "empty": dict.fromkeys(reads.ALL, ""),
}


def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"urn:pyworker:android#/$defs/{name}"}, registry=REGISTRY)


def test_all_holds_every_read_once():
    assert set(reads.ALL) == set(READS) and len(reads.ALL) == len(set(reads.ALL))
    assert len({read.request for read in reads.ALL}) == len(reads.ALL)


def test_every_read_is_used_by_a_probe_or_by_the_identity():
    assert set(plan(registry.PROBES)) | set(registry.IDENTITY) == set(reads.ALL)


@pytest.mark.parametrize("read", reads.ALL, ids=lambda read: read.request[:60])
def test_a_command_changes_nothing(read):
    assert not CHANGING.search(read.request), read.request
    assert read.why and read.service == "shell" and read.parse is not None and read.argument == ()


def test_service_calls_are_one_getter():
    assert [read.request for read in reads.ALL if "service call" in read.request] == ["service call iphonesubinfo 1 s16 com.android.shell"]


def test_the_catalogue_has_no_holes_for_a_requests_text():
    assert not any(re.search(r"%(?!s$)|[{}]", read.request) for read in reads.ALL)


def test_everything_fits_into_one_script():
    assert len(script.split([read.request for read in reads.ALL])) == 1


def test_probes_have_names_of_their_own_and_a_depth():
    names = [probe.name for probe in registry.PROBES]
    assert len(set(names)) == len(names) and {probe.depth for probe in registry.PROBES} == {BASIC, DEEP}
    assert {"activation_locked", "mdm_enrolled", "frp_locked", "efi_locked"} <= {p.name for p in registry.PROBES if p.depth == BASIC}


@pytest.mark.parametrize("phone", PHONES)
@pytest.mark.parametrize("probe", registry.PROBES, ids=lambda probe: probe.name)
def test_a_judge_hears_only_what_its_probe_declares(probe, phone):
    view = dumps.seen(PHONES[phone]).view()
    probe.judge(view)
    assert {(e.source, e.key) for e in view.evidence()} <= {(w.read.source, w.key) for w in probe.witnesses}


@pytest.mark.parametrize("phone", PHONES)
def test_every_finding_has_the_shape_of_the_schema(phone):
    findings = judge_all(registry.PROBES, dumps.seen(PHONES[phone]))
    for name, finding in findings.items():
        said = json.loads(json.dumps(finding.as_json()))
        errors = [f"{name}: {error.message}" for error in _validator(name).iter_errors(said["value"])]
        assert not errors
        if isinstance(finding.value, dict):
            assert {member for member, value in finding.value.items() if value is None} <= set(finding.unknown)


@pytest.mark.parametrize("phone", PHONES)
def test_the_device_has_the_shape_of_the_schema(phone):
    device = identify(Device("S1", "android", "adb-server", "ready"), dumps.seen(PHONES[phone]))
    assert not [error.message for error in _validator("device").iter_errors(device)]


def test_the_schema_describes_every_finding_and_no_other():
    assert set(SCHEMA["$defs"]) == {probe.name for probe in registry.PROBES} | {"device"}


def test_every_number_of_the_schema_names_its_unit_or_what_it_counts():
    def numbers(schema: dict[str, Any]) -> list[dict[str, Any]]:
        found = [schema] if {"integer", "number"} & set(schema.get("type", ())) and isinstance(schema.get("type"), list) else []
        for part in (*schema.get("properties", {}).values(), *([schema["items"]] if isinstance(schema.get("items"), dict) else [])):
            found += numbers(part)
        return found

    for definition in SCHEMA["$defs"].values():
        assert all(number.get("description", "").endswith(".") for number in numbers(definition))


def test_evidence_names_no_account_and_no_serial():
    findings = judge_all(registry.PROBES, dumps.seen())
    text = json.dumps([finding.as_json() for finding in findings.values()])
    assert "somebody" not in text and "A1B2C3D4E5" not in text


@pytest.mark.parametrize("phone", ["silent", "garbage", "empty", "unauthorized"])
def test_no_answer_worth_the_name_gives_no_verdict(phone):
    findings = judge_all(registry.PROBES, dumps.seen(PHONES[phone]))
    assert {name: finding.value for name, finding in findings.items() if finding.value is not None} == {}
