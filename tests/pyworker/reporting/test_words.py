"""The catalogues, and how each language writes numbers, sizes and times."""

import json
import re
from pathlib import Path

import pytest

from pyworker import findings
from pyworker.reporting.words import FOLDER, LOCALES, Words, resolve
from pyworker.validation import schema

ENGLISH = json.loads(Path(FOLDER, "en.json").read_text("utf-8"))
OTHERS = [locale for locale in LOCALES if locale != "en"]


def catalogue(locale):
    return json.loads(Path(FOLDER, f"{locale}.json").read_text("utf-8"))


def test_there_is_a_catalogue_for_each_language_and_no_other():
    assert {path.stem for path in Path(FOLDER).glob("*.json")} == set(LOCALES)


@pytest.mark.parametrize("locale", OTHERS)
@pytest.mark.parametrize("group", [name for name, words in ENGLISH.items() if isinstance(words, dict)])
def test_every_language_has_every_word(locale, group):
    # English takes reasons, warnings and notes from the answers, but for those it says better here.
    expected = set(getattr(findings, group.upper(), ENGLISH[group])) if group in ("reasons", "warnings", "notes") else set(ENGLISH[group])
    assert set(catalogue(locale)[group]) == expected


@pytest.mark.parametrize("locale", OTHERS)
def test_every_phrase_keeps_its_places(locale):
    for key, phrase in ENGLISH["phrases"].items():
        assert set(re.findall(r"\{\w*\}", catalogue(locale)["phrases"][key])) == set(re.findall(r"\{\w*\}", phrase)), key


@pytest.mark.parametrize(("asked", "got"), [
    ("en", "en"), ("en-GB", "en"), ("de_AT", "de"), ("ES-mx", "es"), ("fr-CA", "fr"), ("zh-CN", "zh-Hans"),
    ("zh-Hans-SG", "zh-Hans"), ("zh", "zh-Hans"), ("sw", "en"), ("xx-YY", "en")])
def test_a_locale_finds_its_language(asked, got):
    assert resolve(asked) == got


@pytest.mark.parametrize(("locale", "number", "decimals", "text"), [
    ("en", 1234, 0, "1234"), ("en", 12345, 0, "12,345"), ("en", -1234567.891, 2, "-1,234,567.89"), ("en", 0.0, 1, "0"),
    ("en", -0.04, 1, "0"), ("de", 12345.5, 1, "12.345,5"), ("es", 12345, 0, "12\u00a0345"), ("fr", 0.5, 1, "0,5"),
    ("zh-Hans", 12345, 0, "12,345"), ("en", 10**30, 0, "1" + ",000" * 10)])
def test_numbers(locale, number, decimals, text):
    assert Words(locale).number(number, decimals) == text


@pytest.mark.parametrize(("name", "value", "text"), [
    ("level_percent", 88, "88%"), ("health_official", 88.25, "88.2%"), ("design_capacity_mah", 3227, "3227 mAh"),
    ("voltage_mv", 4121, "4.12 V"), ("temperature_c", 27.19, "27.2 °C"), ("total_bytes", 127989493760, "128 GB"),
    ("free_bytes", 61203456000, "61.2 GB"), ("small_bytes", 999, "999 B"), ("charge_counter_uah", 3921000, "3921 mAh"),
    ("uptime_s", 274112, "3.2 days"), ("uptime_s", 9000, "2.5 h"), ("security_patch_age_days", 1, "1 day"),
    ("security_patch_age_days", 964, "964 days"), ("utc_offset_s", 3600, "+01:00"), ("utc_offset_s", -12600, "-03:30"),
    ("write_speed_kb_s", 48213, "48.2 MB/s"), ("life_used_percent_a", 20, "20%"), ("cycle_count", 412, "412"),
    ("brand_new_hz", 120, "120 Hz")])
def test_a_member_says_its_unit_by_its_name(name, value, text):
    # A blank that does not break stands between a number and its unit.
    assert Words("en").measure(name, value) == text.replace(" ", "\u00a0")


@pytest.mark.parametrize(("locale", "text"), [
    ("en", "5 Nov 2026, 09:07 -05:00"), ("de", "5. Nov. 2026, 09:07 -05:00"), ("fr", "5 nov. 2026, 09:07 -05:00"),
    ("es", "5 nov. 2026, 09:07 -05:00"), ("zh-Hans", "2026年11月5日 09:07 -05:00")])
def test_times_keep_their_offset(locale, text):
    assert Words(locale).moment("2026-11-05T09:07:33.5-05:00") == text


def test_times_move_to_an_offset_that_is_asked_for():
    assert Words("en", "+09:30").moment("2026-11-05T23:50:00-05:00") == "6 Nov 2026, 14:20 +09:30"
    assert Words("en", "Z").moment("2026-11-05T23:50:00-05:00") == "6 Nov 2026, 04:50 UTC"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "2026-02-30"])
def test_what_is_no_time_is_printed_as_it_is(text):
    assert Words("en").moment(text) == text


@pytest.mark.parametrize(("text", "printed"), [
    ("2026-11-05", "5 Nov 2026"), ("2024-06-02 21:30:00.00 +0200", "2 Jun 2024, 21:30 +02:00"),
    ("06-03T08:11:02.551", "06-03 08:11")])
def test_times_as_phones_write_them(text, printed):
    assert Words("en").moment(text) == printed


def members_and_words(platform):
    """Every member of the values of a platform's findings, and every (member, word of a closed list)."""
    members, listed = set(), set()

    def look(node, name):
        if isinstance(node, list):
            for each in node:
                look(each, name)
        elif isinstance(node, dict):
            listed.update((name, word) for word in node.get("enum", ()) if isinstance(word, str))
            for member, of_member in node.get("properties", {}).items():
                members.add(member)
                look(of_member, member)
            for keyword, below in node.items():
                if keyword not in ("properties", "propertyNames"):
                    look(below, name)

    for finding, shape in schema(platform)["$defs"].items():
        members.add(finding)
        look(shape, finding)
    return members - {"device", "unknown"}, listed


@pytest.mark.parametrize("platform", ["ios", "android"])
def test_every_member_and_every_listed_word_of_a_finding_has_a_name_a_customer_can_read(platform):
    members, listed = members_and_words(platform)
    assert {member for member in members if member not in ENGLISH["labels"]} == set()
    words = ENGLISH["values"]
    assert {(member, word) for member, word in listed if f"{member}:{word}" not in words and word not in words} == set()


def test_every_sign_of_root_has_words():
    from pyworker.android.root import SIGNS_OF_PROPERTIES

    for sign in [name for name, _, _ in SIGNS_OF_PROPERTIES] + ["root_service", "altered_partition", "boot_state_disagrees"]:
        assert f"properties:{sign}" in ENGLISH["values"]


def test_the_same_word_may_mean_two_things():
    words = Words("en")
    assert "not verified" in words.value("orange", "verified_boot")
    assert words.value("orange", "carriers") == "orange"


def test_an_unknown_name_prints_readably():
    words = Words("de")
    assert words.label("brand_new_thing_mah") == "Brand new thing"
    assert words.label("temperature_c") == "Temperatur"
    assert words.reason("something_new") == "something new"
