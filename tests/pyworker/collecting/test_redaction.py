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
        # Mail: in a web address, and with letters of any language.
        ("to=anna%40example.org&x=1", "to=<email>&x=1"),
        ("mail anna@m\u00fcller.example ok", "mail <email> ok"),
        ("mail \u00e4nna@xn--mller-kva.example", "mail <email>"),
        ("to jos\u00e9.garc\u00eda@correo.example.", "to <email>."),
        # Phone numbers as people write them.
        ("call +49 171 2345678.", "call <phone>."),
        ("call +49-171-2345678", "call <phone>"),
        ("call +1.555.010.9999", "call <phone>"),
        ("+44 (0)20 7946 0958", "<phone>"),
        ("0049 171 2345678", "<phone>"),
        ("Anruf 0171 2345678 kam", "Anruf <phone> kam"),
        ("Anruf 0171/2345678", "Anruf <phone>"),
        ("Anruf 0171-2345678", "Anruf <phone>"),
        ("030 5550 100 bitte", "<phone> bitte"),
        ("020 7946 0958", "<phone>"),
        ("07700 900123", "<phone>"),
        ("06 12 34 56 78", "<phone>"),
        ("(030) 555 0100", "<phone>"),
        ("(555) 010-9999", "<phone>"),
        ("555-010-9999", "<phone>"),
        ("555.010.9999", "<phone>"),
        ("dial 01712345678", "dial <phone>"),
        ("phone: 5550100123", "phone: <phone>"),
        ("phoneNumber=01712345678", "phoneNumber=<phone>"),
        ("caller from 0171 2345678", "caller from <phone>"),
        # Hardware addresses without separators, where a label says so.
        ("mac=a483e7112233", "mac=<mac>"),
        ('"WiFiAddress" = "a483e7112255"', '"WiFiAddress" = "<mac>"'),
        ("bssid a483.e711.2266", "bssid <mac>"),
        # What lets somebody in.
        ("Authorization: Bearer abc.def-ghi_123", "Authorization: <secret>"),
        ("authorization: Basic dXNlcjpwYXNz", "authorization: <secret>"),
        ("'Authorization': 'Token 0123abcd'", "'Authorization': '<secret>'"),
        ("sent Bearer 0af7651916cd43dd", "sent Bearer <secret>"),
        ("Cookie: sid=abc123; theme=dark", "Cookie: <secret>"),
        ("Set-Cookie: JSESSIONID=9A8B7C6D5E4F; Path=/; HttpOnly", "Set-Cookie: <secret>"),
        ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP end", "got <secret> end"),
        ("access_token=ya29.a0AfH6SMB123 next", "access_token=<secret> next"),
        ('"refresh_token":"1//0gabcdef12345"', '"refresh_token":"<secret>"'),
        ("?token=0f9e8d7c6b5a4f3e2d1c0b9a", "?token=<secret>"),
        ("deviceToken = <01234567 89abcdef 01234567 89abcdef>", "deviceToken = <<secret>>"),
        ("password=hunter2 ok", "password=<secret> ok"),
        ('"password": "correct horse"', '"password": "<secret>"'),
        ("x-api-key: 0123456789abcdefXYZ", "x-api-key: <secret>"),
        ("client_secret=AbC123def456", "client_secret=<secret>"),
        # Accounts.
        ("Account {name=Max Mustermann, type=com.whatsapp}", "Account {name=<account>, type=com.whatsapp}"),
        ('accountName="Max M", x', 'accountName="<account>", x'),
        ("userName: maxmuster", "userName: <account>"),
        ("Apple ID: max.muster", "Apple ID: <account>"),
        ("dsid=1234567890", "dsid=<account>"),
        ("altDSID: 000123-08-3f2504e0-4f89-11d3-9a0c-0305e82c3301", "altDSID: <account>"),
        # Numbers of chips and cards.
        ("ECID: 0x000A10C20E41001E", "ECID: <ecid>"),
        ("EID: 89049032005008882600033489874566", "EID: <eid>"),
        ("eid=8904 9032 0050 0888 2600 0334 8987 4566", "eid=<eid>"),
        ("n 89049032005008882600033489874566", "n <eid>"),
        ("8949 0200 0012 3456 7890", "<iccid>"),
        ("49-015420-323751-8", "<imei>"),
        ('{\\"meid\\":\\"A0000012345678\\"}', '{\\"meid\\":\\"<imei>\\"}'),
        ("<key>MobileEquipmentIdentifier</key><string>A0000012345678</string> imei 490154203237518",
         "<key>MobileEquipmentIdentifier</key><string>A0000012345678</string> imei <imei>"),
        ("<key>IMEI</key>\t<string>4901542032375</string>", "<key>IMEI</key>\t<string><imei></string>"),
        # As a reader sees it.
        ("imei 490154\u200b203237518", "imei <imei>"),
        ("imei \uff14\uff19\uff10\uff11\uff15\uff14\uff12\uff10\uff13\uff12\uff13\uff17\uff15\uff11\uff18 ok", "imei <imei> ok"),
        ("call +49\u00a0171\u202f2345678", "call <phone>"),
        # Addresses of version 6.
        ("from fe80::1a2b:3cff:fe4d:5e6f%wlan0", "from <ip>%wlan0"),
        ("2001:db8:85a3::8a2e:370:7334", "<ip>"),
        ("2001:db8:0:0:0:0:2:1", "<ip>"),
        ("::ffff:192.168.1.17 x", "<ip> x"),
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
        # What crash reports and listings are read for.
        "0   libsystem_kernel.dylib  0x00000001e5a1b2c4 __pthread_kill + 8",
        "0x1045c0000 - 0x1045c7fff Notizen arm64 <8f3e4d5c6b7a39281706f5e4d3c2b1a0> /var/containers/x",
        "UUID 3F2504E0-4F89-11D3-9A0C-0305E82C3301",
        "session: 3F2504E0-4F89-11D3-9A0C-0305E82C3301",
        "panic(cpu 1 caller 0xfffffff01b2c3d4e): addr 7fff12345678",
        "2026-11-25T13:56:46.822544Z 2026-11-25 09:12:01.123456+0100 2024-06-02 21:30:00.00 +0200",
        "took 1234567890 ns, 12.345678 s",
        "version 17.6.1 (21G93) 1.2.3.4567",
        "mode 0660 1000 1000 and 0755 2000 2000",
        "00000010: 0123 4567 89ab cdef",
        "00000010  0123 4567 8901 2345",
        "01 02 03 04 05 06 07 08",
        "08048000-08049000 r-xp",
        "range 100-200-3000 size 200 150 1024",
        "tombstone 05-11-25-09-12-01",
        "0171 23 E/0171-2345",
        "std::vector cc::Add dead::beef -[NSObject foo:bar:]",
        "12:34:56:789 2001:1:2 3:4",
        "call 12345678 took 5 ms, syscall 0x1234",
        "phone: 2024-05-06 12:00:00 iPhone: 17.6.1.21",
        "cookie: 0x7fff1234",
        "token=android.os.BinderProxy@1a2b3c4",
        "token: Token{1a2b3c4 ActivityRecord{5d6e7f u0 com.example/.Main t12}}",
        "sessionId=1234567890 bearerBitmask=1234 bearer capability changed",
        "password=true passwordProtected = 1 password=(null) password: ********",
        "authorization=notDetermined authorization: denied",
        "username=root account=null account = <ACAccount: 0x283a> accountType=com.google Accounts: 3",
        "lastLogin=2024-05-06T12:00:00Z loginwindow[312]: 0",
        "libfoo@1.2.3 HMAC-SHA256 mac os 14.2",
        "10.0.22621.1 192.168.1.17",
    ],
)
def test_what_only_looks_like_it_stays(text):
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("ip 192.168.1.17:80", "ip <ip>:80"),
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
        ("name", "Anna\u2019s iPhone", "Anna's iPhone"),
        ("name", "Anna's iPhone", "Anna\u2019s iPhone"),
        ("name", "Anna's iPhone", "Annas-iPhone powerd"),
        ("name", "Anna's iPhone", "?n=Anna%27s%20iPhone"),
        ("serial", "R58M12ABCDE", "R58M\u200b12ABCDE"),
        ("serial", "R58M12ABCDE", "r58m12\u00adabc\u2060de"),
        ("udid", "00008110-000A10C20E41001E", "00008110\u2011000A10C20E41001E"),
        ("ecid", "2833175415947294", "chip 0x000a10c20e41001e"),
        ("ecid", "0xA10C20E41001E", "chip 2833175415947294"),
        ("mac", "a4:83:e7:11:22:33", "%3A a4%3a83%3Ae7%3A11%3A22%3A33"),
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


def test_what_overlaps_leaves_nothing_standing():
    assert clean("imei=490154203237518@example.org") == "imei=<email>"
    assert clean("account=anna@example.org,x") == "account=<account>,x"


def test_a_replacement_ends_at_whole_characters():
    for text in ("\u00e9" * 70 + "@example.org", "\u00e9\u200bR58M12ABCDE\u00e9", "password=\u00fcberlang\u200b1"):
        assert "\ufffd" not in clean(text, serial=["R58M12ABCDE"])


# What logs are read for. A redacted log must still have it.
PLAIN = st.one_of(
    st.integers(0, 2**63 - 1).map(lambda n: f"0x{n:016x}"),
    st.integers(0, 2**40).map(lambda n: f"+{n % 4096} (in libsystem_c.dylib) 0x{n:x}"),
    st.uuids().map(str),
    st.uuids().map(lambda u: f"<{u.hex}>"),
    st.datetimes().map(lambda at: at.isoformat(sep=" ")),
    st.datetimes().map(lambda at: at.strftime("%m-%d %H:%M:%S.123  1234  5678 I")),
    st.integers(0, 2**31).map(lambda n: f"pid {n % 99999} took {n} ms"),
    st.floats(0, 1e6, allow_nan=False).map(lambda x: f"{x:.3f} s"),
    st.lists(st.integers(0, 999), min_size=2, max_size=4).map(lambda parts: "v" + ".".join(map(str, parts))),
    st.sampled_from(["E AndroidRuntime: FATAL EXCEPTION: main", "com.apple.backboardd", "EXC_BAD_ACCESS (SIGSEGV)",
                     "at com.example.reader.Main.onCreate(Main.java:42)", "#00 pc 000000000004f2b8  /system/lib64/libc.so"]),
)


@given(st.lists(PLAIN, min_size=1, max_size=6).map(" | ".join))
def test_a_log_without_identifiers_stays_as_it_is(text):
    assert clean(text) == text


def _spaced(digits, gaps):
    return "".join(f"{digit}{gap}" for digit, gap in zip(digits, gaps, strict=False)) + digits[len(gaps):]


INVISIBLE = st.sampled_from(["", "", "", "\u200b", "\u2060", "\u00ad", "\ufeff", "\u200d"])
ECID = 2833175415947294
SECRETS = st.one_of(
    st.lists(INVISIBLE, max_size=10).map(lambda gaps: (_spaced("R58M12ABCDE", gaps), "R58M12ABCDE")),
    st.lists(INVISIBLE, max_size=14).map(lambda gaps: ("imei " + _spaced("490154203237518", gaps), "490154203237518")),
    st.sampled_from([f"{ECID:x}", f"{ECID:X}", f"0x{ECID:016x}", str(ECID)]).map(lambda text: (text, text)),
    st.from_regex(r"[a-z]{1,8}[.+_]?[a-z0-9]{1,8}(@|%40)[a-z\u00e4\u00f6]{1,9}\.example", fullmatch=True).map(
        lambda text: (text, text)),
    st.from_regex(r"\+[1-9][0-9]{1,2}[ .-][0-9]{3}[ .-][0-9]{4,6}", fullmatch=True).map(lambda text: (text, text)),
    st.from_regex(r"eyJ[A-Za-z0-9_-]{10,40}\.eyJ[A-Za-z0-9_-]{10,40}\.[A-Za-z0-9_-]{10,40}", fullmatch=True).map(
        lambda text: (text, text)),
    st.from_regex(r"[A-Za-z0-9]{10}[0-9][A-Za-z]{6,20}", fullmatch=True).map(lambda text: (f"Authorization: Bearer {text}", text)),
    st.from_regex(r"8904[0-9]{28}", fullmatch=True).map(lambda text: (text, text)),
)


@given(st.lists(PLAIN, max_size=3).map(" ".join), SECRETS, st.sampled_from([" ", "\n", ", ", '" ', "] ", "; "]))
def test_an_identifier_is_gone_whatever_stands_around_it(around, secret, after):
    written, value = secret
    redactor = Redactor(STANDARD, {"serial": ["R58M12ABCDE"], "ecid": [str(ECID)]})
    cleaned = redactor.clean_text(f"{around} {written}{after}{around}\n")
    visible = "".join(letter for letter in cleaned if letter not in "\u200b\u2060\u00ad\ufeff\u200d")
    assert value.lower() not in visible.lower()
    assert sum(redactor.counts.values()) >= 1


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
    "0",
    "01 ",
    "0171 2345678 ",
    "(00",
    "555-010-",
    "eyJ",
    "eyJa.eyJ",
    "token=",
    "token=a1",
    "session=",
    "session=a.",
    "authorization: ",
    "authorization:a",
    "bearer ",
    "cookie:a=",
    "cookie: ",
    "account {name=",
    'account="',
    "password=",
    'password="a',
    "eid 1 ",
    "dsid=",
    "mac",
    "phone=1",
    "call 0",
    "%40",
    "a%40b.",
    "\u00e9@",
    "\u200b",
    "0\u200b",
    "::",
    "abcd::",
    "00-000000-000000-",
    "</key> <string>imei",
)


@pytest.mark.parametrize("mode", [STANDARD, STRICT])
@pytest.mark.parametrize("piece", HOSTILE)
def test_a_megabyte_made_to_be_slow_goes_through(piece, mode):
    """Whatever took the square of its length would take hours here; the benchmark holds the ratio."""
    text = (piece * (1_000_000 // len(piece)) + "\n").encode()
    assert Redactor(mode, {"serial": ["R58M12ABCDE"]}).clean(text).endswith(b"\n")
