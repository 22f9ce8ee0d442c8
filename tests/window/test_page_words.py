"""The page has a sentence for every name that the worker and the parent may send it."""

import json
import re
from pathlib import Path

import pytest

from pyworker.android import log_reads
from pyworker.collecting import ios_text
from pyworker.ios import os_trace

REPOSITORY = Path(__file__).resolve().parents[2]
WORDS = (REPOSITORY / "src-tauri" / "ui" / "words.js").read_text(encoding="utf-8")
SHARED = json.loads((REPOSITORY / "schemas" / "shared.json").read_text(encoding="utf-8"))["$defs"]


LOGS = json.loads((REPOSITORY / "schemas" / "logs.collect.result.json").read_text(encoding="utf-8"))
LOGS_PARAMS = json.loads((REPOSITORY / "schemas" / "logs.collect.params.json").read_text(encoding="utf-8"))["properties"]
LOGS_DATA = LOGS["properties"]["data"]["properties"]


def keys(table: str) -> set[str]:
    body = re.search(rf"export const {table} = \{{(.*?)\n\}};", WORDS, re.DOTALL)
    assert body, f"the page has no table {table}"
    return set(re.findall(r'"([a-z_-]+)":', body.group(1)))


@pytest.mark.parametrize(
    ("table", "definition"),
    [
        ("REASONS", "reason"),
        ("WARNINGS", "warning"),
        ("STATES", "state"),
        ("CONNECTIONS", "connection"),
        ("PLATFORMS", "platform"),
    ],
)
def test_the_page_knows_every_name_of_the_schema_and_no_other(table: str, definition: str) -> None:
    assert keys(table) == set(SHARED[definition]["enum"])


def test_the_page_knows_every_reason_of_the_health_gate() -> None:
    gate = (REPOSITORY / "src-tauri" / "src" / "health_gate.rs").read_text(encoding="utf-8")
    body = re.search(r"pub enum Reason \{(.*?)\n\}", gate, re.DOTALL)
    assert body
    names = re.findall(r"^    ([A-Z]\w+),$", body.group(1), re.MULTILINE)
    assert keys("FAILURES") == {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower() for name in names}


def test_the_page_asks_for_the_four_verdicts_of_a_basic_inspection() -> None:
    result = json.loads((REPOSITORY / "schemas" / "inspect.basic.result.json").read_text(encoding="utf-8"))
    assert keys("VERDICTS") == set(result["properties"]["data"]["properties"]["findings"]["required"])


def test_the_page_offers_every_scope_and_says_what_each_is() -> None:
    assert keys("SCOPES") == set(LOGS_PARAMS["scope"]["enum"])


def test_the_page_listens_no_longer_than_the_worker_does() -> None:
    [table] = re.findall(r"export const LISTEN_MS = \[(.*)\];", WORDS)
    offered = [int(number) for number in re.findall(r"\[(\d+),", table)]
    allowed = LOGS_PARAMS["duration_ms"]
    assert offered[0] == allowed["default"]
    assert all(allowed["minimum"] <= each <= allowed["maximum"] for each in offered)


def test_the_page_knows_every_kind_of_finding_in_a_log() -> None:
    assert keys("TRIAGE") == set(LOGS["$defs"]["triage"]["properties"]["kind"]["enum"])


def test_the_page_knows_every_cause_of_a_cut_log_and_every_level() -> None:
    assert keys("KEPT_BECAUSE") == set(LOGS_DATA["truncated_because"]["enum"])
    assert keys("LEVELS") == {*LOGS["$defs"]["entry"]["properties"]["level"]["enum"], "unknown"}


def test_the_page_knows_how_reading_a_place_may_end() -> None:
    [own, reasons] = LOGS_DATA["sources"]["additionalProperties"]["properties"]["end"]["anyOf"]
    assert keys("SOURCE_ENDS") == set(own["enum"])
    assert reasons["$ref"].endswith("/reason")  # those are in REASONS


def test_the_page_has_a_name_for_every_place_a_log_comes_from() -> None:
    places = {*log_reads.BUFFERS, "logcat", "dropbox", "tombstones", os_trace.SOURCE, ios_text.SOURCE, "crash_reports"}
    assert keys("LOG_SOURCES") == places


def test_the_page_has_words_for_every_stage_the_worker_tells_of() -> None:
    told = {
        stage
        for path in (REPOSITORY / "pyworker").rglob("*.py")
        for stage in re.findall(r"\bprogress\(\"(\w+)\"", path.read_text(encoding="utf-8"))
    }
    assert keys("STAGES") == told
