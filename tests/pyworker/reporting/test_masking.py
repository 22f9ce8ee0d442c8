"""Who gets to see what. The kinds come from the schemas' tags; without a tag nothing of length passes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyworker.reporting.masking import AUDIENCES, HIDDEN, MOST_LITERALS, mask
from pyworker.validation import schema

DEVICE = {
    "device_id": "00008110-000A10C20E41001E", "platform": "ios", "model": "iPhone14,5", "serial": "XVRT17CLN1",
    "imei": "001017000000110", "iccid": "8988303000000000010", "name": "Mira's iPhone", "wifi_mac": "02:00:5e:01:10:01",
}


def seen(content, audience, **how):
    return mask({"device": {}, **content}, schema, audience, **how)


def finding(value, *evidence):
    return {"value": value, "evidence": [{"source": "s", "key": key, "value": said} for key, said in evidence]}


def inspected(**findings):
    return {"results": {"inspect.basic": {"ok": True, "data": {"findings": findings}, "warnings": []}}}


def found(masked, name):
    return masked.content["results"]["inspect.basic"]["data"]["findings"][name]


@pytest.mark.parametrize(("audience", "expected"), [
    ("customer", {"device_id": f"000{HIDDEN}1E", "serial": f"XVR{HIDDEN}N1", "imei": f"00101700{HIDDEN}110",
                  "iccid": f"{HIDDEN}0010"}),
    ("technician", {"device_id": DEVICE["device_id"], "serial": "XVRT17CLN1", "imei": DEVICE["imei"],
                    "iccid": DEVICE["iccid"], "name": "Mira's iPhone", "wifi_mac": DEVICE["wifi_mac"]}),
    ("insurer", {"device_id": f"000{HIDDEN}1E", "serial": "XVRT17CLN1", "imei": DEVICE["imei"]}),
    ("support", {}),
])
def test_each_audience_gets_its_own_view_of_the_identifiers(audience, expected):
    assert seen({"device": DEVICE}, audience).content["device"] == {
        "platform": "ios", "model": "iPhone14,5", **expected}


def test_with_a_key_support_gets_tokens_that_tell_equal_from_different():
    one = seen({"device": DEVICE}, "support", key=b"k" * 16).content["device"]
    same = seen({"device": dict(DEVICE)}, "support", key=b"k" * 16).content["device"]
    other_job = seen({"device": DEVICE}, "support", key=b"j" * 16).content["device"]
    assert one == same
    assert one["imei"] != other_job["imei"]
    assert one["imei"].startswith("imei:")
    assert DEVICE["imei"] not in str(one)


def test_the_owners_name_for_the_phone_is_shown_to_a_customer_on_request():
    assert "name" not in seen({"device": DEVICE}, "customer").content["device"]
    assert seen({"device": DEVICE}, "customer", show_device_name=True).content["device"]["name"] == "Mira's iPhone"


@pytest.mark.parametrize("audience", AUDIENCES)
def test_what_has_no_tag_is_left_out_and_counted(audience):
    masked = seen({"surprise": "text", "device": {"platform": "ios", "surprise": {"deeper": ["text"]}}}, audience)
    assert "text" not in json.dumps(masked.content)
    assert masked.left_out == 2


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("value", [True, False, None, 0, 41, -7, 98.5])
def test_a_verdict_its_absence_and_a_measurement_reach_everybody(audience, value):
    assert found(seen(inspected(brand_new=finding(value)), audience), "brand_new")["value"] is value


def test_a_long_number_without_a_tag_is_a_number_of_somebody():
    assert "value" not in found(seen(inspected(brand_new=finding(2833175415947294)), "technician"), "brand_new")


def test_the_findings_own_schemas_say_what_they_are():
    masked = seen(inspected(
        activation_state=finding("Activated"), activation_lock_account=finding("v@example.com"),
        bootloader=finding("locked"), profiles=finding([{"identifier": "a"}, {"identifier": "b"}])), "customer")
    assert found(masked, "activation_state")["value"] == "Activated"
    assert found(masked, "activation_lock_account")["value"] == HIDDEN
    assert found(masked, "bootloader")["value"] == "locked"
    assert found(masked, "profiles")["value"] == 2


def test_evidence_shows_what_its_key_is_tagged_for():
    masked = seen(inspected(activation_locked=finding(
        True, ("fm-activation-locked", "YES"), ("SomeAccountName", "anna"), ("IsAssociated", True))), "insurer")
    said = [item.get("value", "kept back") for item in found(masked, "activation_locked")["evidence"]]
    assert said == ["YES", "kept back", True]


def test_a_masked_number_is_masked_wherever_else_it_stands():
    masked = seen({"device": DEVICE, "notes": ["Serial XVRT17CLN1, IMEI 001017000000110."]}, "customer")
    assert masked.content["notes"] == [f"Serial XVR{HIDDEN}N1, IMEI 00101700{HIDDEN}110."]


@pytest.mark.parametrize("written", [
    "xvrt17cln1", "XVRT\u200b17CLN1", "00008110000A10C20E41001E", "0x000A10C20E41001E", "00-101700-000011-0",
    "00 101700 000011 0", "02-00-5e-01-10-01", "02005E011001", "2833175415947294", "\u00fc 89883030000000\u00ad00010 \u00fc"])
def test_a_masked_number_is_masked_in_every_spelling(written):
    masked = seen({"device": {**DEVICE, "ecid": "2833175415947294"}, "notes": [f"seen: {written}."]}, "customer")
    [note] = masked.content["notes"]
    assert HIDDEN in note
    assert note.startswith("seen: ")
    assert note.endswith(".")
    assert written.strip("\u00fc ") not in note


def test_a_number_that_one_member_shows_is_not_blacked_out_because_of_another():
    masked = seen({"device": {"platform": "android", "device_id": "R58X00TEST", "serial": "R58X00TEST"}}, "insurer")
    assert masked.content["device"]["serial"] == "R58X00TEST"


def test_a_word_that_happens_to_be_a_serial_number_blacks_nothing_out():
    masked = seen({"device": {"serial": "unknown"}, "attested": {"parts": [{"name": "Battery", "status": "unknown"}]}},
                  "customer")
    assert masked.content["attested"]["parts"][0]["status"] == "unknown"


def test_names_of_members_that_are_no_names_are_left_out():
    masked = seen({"device": {"platform": "ios", "anna@example.com": True, "x" * 65: True}}, "technician")
    assert masked.content["device"] == {"platform": "ios"}


def test_the_pattern_of_replacements_stays_small():
    parts = [{"name": "p", "factory_serial": f"SERIAL{number:06}"} for number in range(3 * MOST_LITERALS)]
    assert seen({"attested": {"parts": parts}}, "customer").masked["serial"] == 3 * MOST_LITERALS


def test_depth_is_bounded():
    deep = value = {}
    for _ in range(500):
        value["extra"] = value = {}
    assert seen({"device": deep}, "technician").left_out == 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=12)


@given(VALUES, st.sampled_from(AUDIENCES))
def test_no_value_in_a_finding_makes_it_fail_and_long_text_never_passes_untagged(value, audience):
    secret = "a secret of some length"
    masked = seen({"device": {"platform": "ios", "untagged_thing": [value, secret]}, **inspected(new=finding(value))}, audience)
    assert secret not in json.dumps(masked.content)
