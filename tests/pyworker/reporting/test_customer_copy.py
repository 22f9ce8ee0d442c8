"""What a customer reads: words, each thing once, and nothing that only helps who asked the phone."""

import re

import pytest
from report_asking import ask, bytes_of, names, reference

INSPECTED = [name for name in names() if reference(name)["content"].get("results", {}).get("inspect.basic")]
ENTITIES = {"&#39;": "'", "&amp;": "&", "&quot;": '"'}
PROGRAM_WORDS = re.compile(r"\b[a-z]+(?:_[a-z0-9]+)+\b|\b(?:sysfs|hal|lockdown|mcinstall|dumpsys|getprop|df|uevent)\b")


def words_of(content, audience="customer", locale="en"):
    page = bytes_of(ask(report_id="R1", content=content, options={"audience": audience, "locale": locale})).decode()
    text = re.sub(r"<style>.*?</style>|<[^>]+>", "\n", page, flags=re.DOTALL)
    for entity, letter in ENTITIES.items():
        text = text.replace(entity, letter)
    return text


def logs(*triage):
    return {"device": {"device_id": "d", "platform": "ios"}, "results": {
        "logs.collect": {"ok": True, "data": {"log_count": 9, "triage": list(triage)}, "warnings": []}}}


@pytest.mark.parametrize("name", INSPECTED)
@pytest.mark.parametrize("locale", ["en", "de"])
def test_no_word_of_a_program_reaches_a_customer(name, locale):
    content = reference(name)["content"]
    content.pop("notes", None)
    assert PROGRAM_WORDS.findall(words_of(content, locale=locale)) == []


def test_a_kind_of_crash_stands_there_once():
    content = logs(
        {"kind": "app_crash", "count": 2, "process": "Bank", "words": "w", "first": "2024-05-01T10:00:00Z"},
        {"kind": "app_crash", "count": 3, "process": "Mail", "words": "w", "last": "2024-06-01T10:00:00Z"},
        {"kind": "last_reboot_reason", "count": 1})
    text = words_of(content)
    assert text.count("App crash") == 1
    assert "1 May 2024, 10:00 UTC \u2013 1 Jun 2024, 10:00 UTC" in text
    assert "Reason of the last restart" not in text
    assert "What it means" not in text
    assert words_of(content, "technician").count("App crash") == 2


def test_a_new_member_of_a_group_is_no_customers_before_somebody_thought_of_it():
    battery = {"value": {"cycle_count": 412, "brand_new_percent": 77}, "evidence": []}
    content = {"device": {"device_id": "d", "platform": "ios"}, "results": {
        "inspect.deep": {"ok": True, "data": {"findings": {"battery_state": battery}}, "warnings": []}}}
    assert "Brand new" not in words_of(content)
    assert "Brand new" in words_of(content, "technician")


def test_a_silent_health_says_why_once():
    battery = {"value": {"health_official": None, "health_nominal": None, "cycle_count": 5},
               "unknown": {"health_official": "key_missing", "health_nominal": "key_missing"}, "evidence": []}
    content = {"device": {"device_id": "d", "platform": "ios"}, "results": {
        "inspect.deep": {"ok": True, "data": {"findings": {"battery_state": battery}}, "warnings": []}}}
    assert words_of(content).count("Health: Not determined") == 1


def test_witnesses_that_were_silent_for_one_reason_share_it():
    evidence = [{"source": "shell getprop", "key": key, "value": None, "reason": "key_missing"} for key in ("ro.a", "ro.b")]
    content = {"device": {"device_id": "d", "platform": "android"}, "results": {"inspect.basic": {"ok": True, "warnings": [], "data": {
        "frp_locked": None, "findings": {"frp_locked": {"value": None, "reason": "key_missing", "evidence": evidence}}}}}}
    assert "the phone answered, but not with this value: ro.a, ro.b" in words_of(content, "insurer")


def test_a_value_that_may_be_forged_says_so_at_a_glance():
    finding = {"value": False, "evidence": [], "spoofable": True}
    content = {"device": {"device_id": "d", "platform": "android"}, "results": {
        "inspect.basic": {"ok": True, "warnings": [], "data": {"frp_locked": False, "findings": {"frp_locked": finding}}}}}
    assert "may be forged" in words_of(content).partition("Locks and ownership")[0]
