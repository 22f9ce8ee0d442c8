"""Judgements on paper: null is never good, and a value nobody knows is printed without one."""

import itertools

import pytest

from pyworker import findings
from pyworker.reporting.results import VERDICTS, Reading, result
from pyworker.reporting.verdicts import judge
from pyworker.reporting.words import LOCALES, Words

NAMES = (*VERDICTS, "find_my_enabled", "supervised", "bootloader", "knox_guard", "root_signs", "jailbreak_signs", "brand_new")


def reading(name, value, reason=None, unknown=None, spoofable=False):
    return Reading(name, value, reason, False, unknown or {}, (), (), spoofable, "")


@pytest.mark.parametrize(("name", "reason", "locale"), list(itertools.product(NAMES, findings.REASONS, LOCALES)))
def test_null_is_never_good_and_always_says_why(name, reason, locale):
    judgement = judge(reading(name, None, reason), Words(locale))
    assert judgement.state in ("unknown", "plain")
    assert judgement.why


@pytest.mark.parametrize(("name", "value", "state", "word"), [
    ("activation_locked", True, "attention", "On"), ("activation_locked", False, "good", "Off"),
    ("mdm_enrolled", True, "attention", "Managed"), ("frp_locked", False, "good", "Not locked"),
    ("bootloader", "unlocked", "attention", "Unlocked"), ("bootloader", "locked", "good", "Locked"),
    ("jailbreak_signs", {"signs_seen": True}, "attention", "Signs found"),
    ("root_signs", {"signs_seen": False}, "plain", "None found"),
    ("brand_new", True, "plain", "Yes"), ("brand_new", 5, "plain", "")])
def test_values(name, value, state, word):
    assert judge(reading(name, value), Words("en"))[:2] == (state, word)


def test_nobody_asked():
    assert judge(None, Words("en"))[:2] == ("absent", "Not tested")


def test_a_group_whose_verdict_is_null_is_not_determined():
    judgement = judge(reading("root_signs", {"signs_seen": None}, unknown={"signs_seen": "timeout"}), Words("en"))
    assert judgement == ("unknown", "Not determined", "the phone did not answer in time")


def test_what_may_be_forged_is_never_good():
    assert judge(reading("frp_locked", False, spoofable=True), Words("en")).state == "unknown"


def answer(**data):
    return {"results": {"inspect.basic": {"ok": True, "data": data, "warnings": []}}}


def test_a_verdict_and_a_finding_that_differ_are_a_conflict():
    seen = result(answer(activation_locked=False, findings={"activation_locked": {"value": True, "evidence": []}}), "inspect.basic")
    assert (seen.readings["activation_locked"].value, seen.readings["activation_locked"].reason) == (None, "conflict")


def test_a_verdict_that_is_no_boolean_is_no_verdict():
    assert result(answer(mdm_enrolled="no"), "inspect.basic").readings["mdm_enrolled"].value is None


def test_a_result_that_is_not_there_was_not_asked_for():
    assert result({}, "inspect.basic") is None
    assert "frp_locked" not in result(answer(), "inspect.basic").readings


def test_a_no_without_its_finding_rests_on_nothing_and_a_yes_still_warns():
    readings = result(answer(activation_locked=False, mdm_enrolled=True), "inspect.basic").readings
    assert (readings["activation_locked"].value, readings["activation_locked"].reason) == (None, "key_missing")
    assert readings["mdm_enrolled"].value is True
