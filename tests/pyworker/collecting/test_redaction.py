"""What identifies is taken out and counted, what does not is left alone, and nothing makes it slow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyworker.collecting.redaction import NONE, STANDARD, STRICT, Redactor


def clean(text: str, mode: str = STANDARD, **known: list[str]) -> str:
    return Redactor(mode, known).clean(text.encode()).decode()


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("imei=490154203237518 ok", "imei=<imei> ok"),
        ("device 490154203237518", "device <imei>"),
        ("IMEI: 49-015420-323751-8,", "IMEI: <imei>,"),
        ("meid: A0000012345678 x", "meid: <imei> x"),
        ("imsi=262019876543210", "imsi=<imsi>"),
        ("iccid 89490200001234567890", "iccid <iccid>"),
        ("sim 8949020000123456789F", "sim <iccid>"),
        ("ICCID=8949020000123456789F", "ICCID=<iccid>"),
        ("call +49 171 2345678 now", "call <phone> now"),
        ("call +1 (555) 010-9999", "call <phone>"),
        ("tel:01712345678", "tel:<phone>"),
        ("msisdn=491712345678", "msisdn=<phone>"),
        ("mail a.b+c@mail.example.org, ok", "mail <email>, ok"),
        ("MAC A4:83:E7:11:22:33.", "MAC <mac>."),
        ("mac a4-83-e7-11-22-33", "mac <mac>"),
        ('SSID: "Home Net", BSSID: a4:83:e7:11:22:33', 'SSID: "<network>", BSSID: <mac>'),
        ("ssid=CoffeeShop freq=2412", "ssid=<network> freq=2412"),
        ("WIFI_SSID: 'x y'", "WIFI_SSID: '<network>'"),
        ("Location[gps 52.520008,13.404954 hAcc=3]", "Location[gps <location> hAcc=3]"),
        ("lat/lng: (-33.856784, 151.215297)", "lat/lng: (<location>)"),
        ("latitude=52.52 longitude: -0.1", "latitude=<location> longitude: <location>"),
        ("geo:52.5,13.4", "geo:<location>"),
        ('"crashReporterKey" : "5eed00000000000000000000000000000000000b"', '"crashReporterKey" : "<device>"'),
        ("CrashReporter Key:   5eed00000000000000000000000000000000000b", "CrashReporter Key:   <device>"),
    ],
)
def test_what_identifies_is_replaced_by_its_kind(text, redacted):
    assert clean(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "11-25 09:12:01.123  1234  1250 I Tag: m",
        "2026-11-25 09:12:01.123456 +0100  1234  1250 I Tag: m",
        "1764061921.123456  1234  1250 I Tag: m",
        "1764061921123 ms",
        "1764061921123456789 ns",
        "0.300000011920929",
        "14 digits 12345678901234",
        "AdapterService@1a2b3c",
        "user@host",
        "a@b.c",
        "+0200",
        "+12s345ms",
        "x +1 y",
        "SSID: <unknown ssid>",
        "ssid=null",
        "02:00:00:00:00:00",
        "00:00:00:00:00:00",
        "SHA1: AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD",
        "imeiManager facade",
        "version 10.0.22621.1",
        "12.5,13.5",
        "pi 3.14159",
        "content://sms/inbox",
    ],
)
def test_what_only_looks_like_it_stays(text):
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("ip 192.168.1.17:80", "ip <ip>:80"),
        ("from fe80::1a2b:3cff:fe4d:5e6f%wlan0", "from <ip>%wlan0"),
        ("2001:db8:0:0:0:0:2:1", "<ip>"),
        ("2001:db80::1", "<ip>"),
        ("see https://example.com/a?b=1 now", "see <web> now"),
        ("id 123E4567-e89b-12d3-a456-426614174000.", "id <uuid>."),
        ("n 1234567890", "n <number>"),
        ("key deadbeefdeadbeef0", "key <hex>"),
        ("p 0x7fffdeadbeef1234", "p <hex>"),
        ("1764061921.123  1234  1250 I Tag: m", "1764061921.123  1234  1250 I Tag: m"),
        (
            "2026-11-25 09:12:01.123456 +0100  1234  1250 I Tag: m",
            "2026-11-25 09:12:01.123456 +0100  1234  1250 I Tag: m",
        ),
        ("version 1.2.3.4.5", "version 1.2.3.4.5"),
    ],
)
def test_strict_takes_more(text, redacted):
    assert clean(text, STRICT) == redacted


def test_none_takes_nothing():
    text = "imei=490154203237518 a@b.example"
    redactor = Redactor(NONE, {"serial": ["R58M12ABCDE"]})
    assert redactor.clean(text.encode()) == text.encode()
    assert redactor.counts == {}


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("serial", "R58M12ABCDE", "ro.serialno=R58M12ABCDE"),
        ("serial", "R58M12ABCDE", "xr58m12abcdex"),
        ("mac", "a4:83:e7:11:22:33", "wlan A483E7112233"),
        ("udid", "00008110-000A10C20E41001E", "00008110000A10C20E41001E"),
        ("name", "Anna's iPhone", "host Anna's iPhone up"),
        ("name", "iPhone von Mira", "Nov iPhone-von-Mira powerd"),
    ],
)
def test_what_is_known_of_this_phone_is_found_in_every_spelling(kind, value, text):
    redactor = Redactor(STANDARD, {kind: [value]})
    assert f"<{kind}>" in redactor.clean(text.encode()).decode()
    assert redactor.counts == {kind: 1}


@pytest.mark.parametrize(
    ("kind", "value"), [("name", "iPhone"), ("name", "ab"), ("serial", "unknown"), ("serial", "12345"), ("serial", "")]
)
def test_what_is_no_identifier_blacks_nothing_out(kind, value):
    assert clean("iPhone ab unknown 12345", **{kind: [value]}) == "iPhone ab unknown 12345"


def test_each_replacement_is_counted_once():
    redactor = Redactor(STANDARD, {"imei": ["490154203237518"]})
    redactor.clean(b"imei=490154203237518 490154203237518 a@b.example\n")
    redactor.clean(b"c@d.example")
    assert redactor.counts == {"imei": 2, "email": 2}


PIECES = st.sampled_from(
    [
        "490154203237518",
        "a@b.example.org",
        "a4:83:e7:11:22:33",
        "+491712345678",
        "52.520008,13.404954",
        "ssid=",
        "imei=",
        '"',
        "\n",
        " ",
        "0",
        "a",
        ":",
        "@",
        ".",
        "-",
        "+",
        "89490200001234567890",
        "latitude=",
        "R58M12ABCDE",
        "é",
        "192.168.1.17",
        "::",
        "://",
    ]
)


@given(st.lists(PIECES, max_size=30).map("".join), st.sampled_from([STANDARD, STRICT]))
def test_cleaning_twice_changes_nothing_more_and_lines_stay_lines(text, mode):
    redactor = Redactor(mode, {"serial": ["R58M12ABCDE"]})
    once = redactor.clean(text.encode())
    assert once.count(b"\n") == text.count("\n")
    assert b"R58M12ABCDE" not in once
    assert Redactor(mode, {}).clean(once).count(b"\n") == text.count("\n")


HOSTILE = (
    "1",
    "1a",
    "a",
    "@",
    "a@",
    "a@b.",
    "a@a.aa@",
    "+1",
    "+1 ",
    "aa:",
    "aa:bb:cc:dd:ee:f",
    "ssid",
    'ssid="',
    "ssid=",
    "imei",
    "imei=1",
    "latitude=",
    ".0000",
    "1.0000,",
    "89",
    "http://",
    "://",
    "dead",
    "1.2.3.",
    "abcd:",
    "tel:",
    "crashreporter",
    "\\",
    '"',
    "0-",
    "- ",
    "R58M12ABCD",
)


@pytest.mark.parametrize("mode", [STANDARD, STRICT])
@pytest.mark.parametrize("piece", HOSTILE)
def test_a_megabyte_made_to_be_slow_goes_through(piece, mode):
    """Whatever took the square of its length would take hours here; the benchmark holds the ratio."""
    text = (piece * (1_000_000 // len(piece)) + "\n").encode()
    assert Redactor(mode, {"serial": ["R58M12ABCDE"]}).clean(text).endswith(b"\n")
