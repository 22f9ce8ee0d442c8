"""The page has a sentence for every name that the worker and the parent may send it."""

import json
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
WORDS = (REPOSITORY / "src-tauri" / "ui" / "words.js").read_text(encoding="utf-8")
SHARED = json.loads((REPOSITORY / "schemas" / "shared.json").read_text(encoding="utf-8"))["$defs"]


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
