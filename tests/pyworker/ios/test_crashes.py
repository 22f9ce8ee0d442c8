"""The crash summary: counts from names, kinds and panics from heads."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from pyworker.findings import Unread
from pyworker.ios import crashes, reads
from pyworker.probes import Observations, parsed

PANIC_LINE = "panic(cpu 2 caller 0x1): missing sensor(s): mic1 TG0B"


def listed(*names, modified=1791180012):
    return [{"path": name, "size": 1000, "modified": modified} for name in names]


def head(path, bug_type, **header):
    body = {"panicString": PANIC_LINE + "\nmore"} if bug_type == "210" else {}
    data = json.dumps({"bug_type": bug_type, "timestamp": "2026-09-06 18:48:38.00 +0200",
        **header}) + "\n" + json.dumps(body)
    return {"path": path, "modified": 0, "data": data.encode()}


def judged(listing, panics=(), reports=(), synced=()):
    return crashes.crash_summary(Observations(parsed({
        reads.CRASH_LISTING: listing, reads.PANIC_HEADS: panics, reads.REPORT_HEADS: reports,
        reads.SYNCED_REPORT_HEADS: synced})))


FOLDER = listed(
    "Notes-2026-09-08-191717.ips", "Notes-2026-09-08-201717.ips.synced", "Mail-2026-09-09-101717.ips",
    "panic-full-2026-09-06-184838.0002.ips", "Retired/JetsamEvent-2026-09-05-101010.ips",
    "Mail.diskwrites_resource-2026-09-09-083737.ips", "Analytics-2026-10-05-080012.ips.ca.synced",
    "stacks-2026-09-01-000000.ips",
    "com.apple.something.plist")


def test_reports_are_counted_by_kind_process_and_day():
    said = judged(FOLDER).value
    assert said["total"] == 6
    assert said["other"] == 2
    assert said["by_kind"] == {"crash": 3, "jetsam": 1, "panic": 1, "resource": 1}
    assert said["by_process"] == {"Mail": 2, "Notes": 2}
    assert said["by_day"] == {"2026-09-05": 1, "2026-09-06": 1, "2026-09-08": 2, "2026-09-09": 2}
    assert (said["first_day"], said["last_day"]) == ("2026-09-05", "2026-09-09")


def test_panics_stand_apart_with_their_first_line():
    said = judged(FOLDER, panics=[head("panic-full-2026-09-06-184838.0002.ips", "210")]).value
    assert said["panic_count"] == 1
    assert said["panics"] == [{
        "time": "2026-09-06 18:48:38.00 +0200", "line": PANIC_LINE, "group": "missing_sensors",
        "sensors": ["mic1", "TG0B"]}]


def test_a_panic_whose_head_was_not_read_is_still_counted_and_listed():
    said = judged(FOLDER).value
    assert said["panic_count"] == 1
    assert said["panics"] == [{"time": "2026-09-06", "line": "", "group": None, "sensors": []}]


def test_what_the_header_says_is_surer_than_the_name():
    names = listed("WiFiAnalyzer-2026-09-08-191717.ips", "xyz-2026-09-08-201717.ips")
    said = judged(names, reports=[
        head("WiFiAnalyzer-2026-09-08-191717.ips", "309", app_name="WiFi Analyzer"),
        head("xyz-2026-09-08-201717.ips", "211")]).value
    assert (said["total"], said["other"], said["by_process"]) == (1, 1, {"WiFi Analyzer": 1})


def test_the_phones_daily_files_are_no_crashes_with_and_without_their_headers():
    daily = ("proactive_event_tracker-com_apple_Trial-2026-09-08-191717.ips", "OTAUpdate-2026-09-08-00-50-57.ips",
             "Unheard-2026-09-08-191717.ips", "Notes-2026-09-09-101010.ips")
    heads = [head(daily[0], "303"), head(daily[2], "777"), head(daily[3], "309", app_name="Notes")]
    said = judged(listed(*daily), reports=heads).value
    assert (said["total"], said["other"], said["by_process"]) == (1, 3, {"Notes": 1})


def test_an_empty_folder_is_an_answer():
    finding = judged([])
    assert (finding.value["total"], finding.value["panics"], finding.value["by_day"]) == (0, [], {})
    assert finding.unknown == {"first_day": "key_missing", "last_day": "key_missing"}


def test_the_newest_reports_may_be_missing_and_the_note_says_so():
    for listing in (FOLDER, Unread("timeout")):
        assert judged(listing).notes == ("pending_reports_not_flushed",)


def test_a_folder_that_could_not_be_listed_is_null_with_its_reason():
    assert judged(Unread("timeout")).reason == "timeout"
    assert judged({"a": 1}).reason == "unreadable"


def test_the_day_of_a_report_without_one_in_its_name_is_its_date_of_change():
    moments = (1791180012, 1791180012 * 10 ** 9, datetime(2026, 10, 5, 6, 0, 12, tzinfo=UTC), "2026-10-05T06:00:12Z")
    for moment in moments:
        assert list(judged(listed("LatestCrash-Maps.ips", modified=moment)).value["by_day"]) == ["2026-10-05"]


def test_evidence_counts_and_does_not_repeat_the_listing():
    said = judged(FOLDER, panics=[], reports=[], synced=Unread("refused")).as_json()
    assert {"source": "afc.crashreports listing", "key": "reports", "value": 8} in said["evidence"]
    assert len(json.dumps(said["evidence"])) < 1000


ANYTHING = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=8), st.binary(max_size=20), st.floats()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["path", "size", "modified", "data"]), inner, max_size=4), max_leaves=12)


@settings(max_examples=300, deadline=None)
@given(ANYTHING, ANYTHING, ANYTHING)
def test_a_folder_of_any_shape_raises_nothing(listing, panics, reports):
    json.dumps(judged(listing, panics, reports).as_json(), allow_nan=False)
