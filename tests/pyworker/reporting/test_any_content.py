"""Whatever the schema lets through can be printed: results are as free as the worker's answers are."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_asking import ask

from pyworker.reporting.masking import AUDIENCES
from pyworker.reporting.words import LOCALES
from pyworker.validation import first_problem

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8)
NAMES = st.sampled_from([
    "activation_locked", "mdm_enrolled", "battery_state", "storage_health", "jailbreak_signs", "root_signs", "bootloader",
    "knox_guard", "profiles", "crash_summary", "brand_new", "Not a name"])
MEMBERS = st.sampled_from([
    "health_official", "cycle_count", "total_bytes", "free_bytes", "signs_seen", "barred", "imei", "by_process", "new_mah"])
FINDING = st.fixed_dictionaries(
    {"value": JSON | st.dictionaries(MEMBERS, JSON, max_size=5)},
    optional={"reason": st.text(max_size=8), "unknown": st.dictionaries(MEMBERS, st.text(max_size=8), max_size=3),
              "evidence": st.lists(st.dictionaries(st.sampled_from(["source", "key", "value", "reason"]), JSON, max_size=4)
                                   .filter(lambda item: all(isinstance(item.get(name, ""), str)
                                                            for name in ("source", "key", "reason"))), max_size=3),
              "notes": st.lists(st.text(max_size=8), max_size=2), "spoofable": st.booleans()})
INSPECTION = st.fixed_dictionaries({"data": st.fixed_dictionaries({}, optional={
    "device": st.dictionaries(st.sampled_from(["imei", "model", "name", "capacity_bytes", "color", "os_version", "x"]), JSON,
                              max_size=4),
    "activation_locked": st.none() | st.booleans(), "findings": st.dictionaries(NAMES, FINDING, max_size=4),
    "notes": st.lists(st.text(max_size=8), max_size=2), "state": st.text(max_size=8)})})
TRIAGE = st.fixed_dictionaries({}, optional={
    "kind": st.text(max_size=8) | st.just("panic"), "count": st.integers(), "first": st.none() | st.text(max_size=8),
    "process": st.none() | st.text(max_size=8), "words": st.text(max_size=8), "sensors": st.lists(JSON, max_size=2),
    "evidence": JSON})
LOGS = st.fixed_dictionaries({"data": st.fixed_dictionaries({}, optional={
    "log_count": st.integers(), "triage": st.lists(TRIAGE, max_size=3), "counts": st.dictionaries(st.text(max_size=5), JSON),
    "entries": st.lists(st.text(max_size=8) | st.dictionaries(st.sampled_from(["time", "message", "raw"]), JSON), max_size=3)})})
CONTENT = st.fixed_dictionaries(
    {"device": st.dictionaries(st.sampled_from(["device_id", "platform", "brand", "model", "capacity_bytes", "y"]), JSON, max_size=4)},
    optional={"results": st.fixed_dictionaries({}, optional={
        "inspect.basic": INSPECTION, "inspect.deep": INSPECTION, "logs.collect": LOGS}), "more": JSON})


@given(CONTENT, st.sampled_from(AUDIENCES), st.sampled_from(LOCALES))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_whatever_the_schema_lets_through_can_be_printed(content, audience, locale):
    if first_problem("report.content", content):
        return
    made = ask(content=content, options={"audience": audience, "locale": locale})
    assert made["ok"]
    assert ask(format="json", content=content, options={"audience": audience})["data"]["content_sha256"] == (
        made["data"]["content_sha256"])
