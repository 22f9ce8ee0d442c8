"""AFC against the virtual phone, and against a peer that says whatever it likes."""

from __future__ import annotations

import asyncio
import struct
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyworker.findings import Unread
from pyworker.ios import afc, crash_files, reads
from pyworker.ios.afc import Afc, Question, names, pairs
from pyworker.ios.service_stream import AFC_HEADER, AFC_MAGIC, ServiceStream
from pyworker.ios.unanswered import Unanswered
from pyworker.probes import Read, parsed
from pyworker.virtual.iphone import VirtualIphone

if TYPE_CHECKING:
    from collections.abc import Callable

    from ios_bench import Bench

CRASH = "com.apple.crashreportcopymobile"
DATA, STATUS, OPENED = 2, 1, 14


def reply(number: int, body: bytes = b"", operation: int = DATA) -> bytes:
    whole = AFC_HEADER.size + len(body)
    return AFC_HEADER.pack(AFC_MAGIC, whole, AFC_HEADER.size, number, operation) + body


class Peer:
    """A stream whose other end answers each packet as `answer` says, and remembers how many it owed at most."""

    def __init__(self, answer: Callable[[int, int, bytes], bytes]) -> None:
        self._answer = answer
        self._waiting: list[bytes] = []
        self._bytes = b""
        self.most_in_flight = 0
        self.aborted = False

    async def send(self, data: bytes) -> None:
        while data:
            _, whole, _, number, operation = AFC_HEADER.unpack_from(data)
            self._waiting.append(self._answer(number, operation, data[AFC_HEADER.size:whole]))
            data = data[whole:]
        self.most_in_flight = max(self.most_in_flight, len(self._waiting))

    async def read(self, size: int) -> bytes:
        while len(self._bytes) < size:
            if not self._waiting:
                raise Unanswered("disconnected")
            # The last question first: answers come in any order.
            self._bytes += self._waiting.pop()
        piece, self._bytes = self._bytes[:size], self._bytes[size:]
        return piece

    def abort(self) -> None:
        self.aborted = True


def afc_with(peer: Peer) -> Afc:
    return Afc(ServiceStream(CRASH, peer))  # type: ignore[arg-type]


def test_answers_find_their_questions_in_any_order_and_few_are_in_flight() -> None:
    peer = Peer(lambda number, operation, body: reply(number, body))
    questions = [Question(3, f"/{index}".encode()) for index in range(300)]
    answers = asyncio.run(afc_with(peer).ask(questions))
    assert answers == [question.arguments for question in questions]
    assert peer.most_in_flight == afc.IN_FLIGHT


@pytest.mark.parametrize(("code", "reason"), [
    (8, "key_missing"), (10, "refused"), (15, "unsupported"), (99, "refused"),
])
def test_a_refusal_costs_only_its_question(code: int, reason: str) -> None:
    refused = reply(1, struct.pack("<Q", code), STATUS)
    peer = Peer(lambda number, operation, body: refused if number == 1 else reply(number, b"fine"))
    assert asyncio.run(afc_with(peer).ask([Question(3), Question(3)])) == [Unread(reason), b"fine"]


@pytest.mark.parametrize("packet", [
    b"NOTMAGIC" + reply(1)[8:], reply(2), reply(1, b"short", STATUS),
    AFC_HEADER.pack(AFC_MAGIC, 2**63, 40, 1, DATA), AFC_HEADER.pack(AFC_MAGIC, 39, 39, 1, DATA),
    AFC_HEADER.pack(AFC_MAGIC, AFC_HEADER.size + afc.MAX_PACKET + 1, 40, 1, DATA),
])
def test_a_packet_that_cannot_be_ends_the_connection(packet: bytes) -> None:
    peer = Peer(lambda number, operation, body: packet)
    with pytest.raises(Unanswered) as caught:
        asyncio.run(afc_with(peer).ask([Question(3)]))
    assert caught.value.reason == "unreadable"
    assert peer.aborted


@given(st.binary(min_size=40, max_size=200))
def test_noise_ends_in_a_reason(noise: bytes) -> None:
    peer = Peer(lambda number, operation, body: noise)
    with pytest.raises(Unanswered):
        asyncio.run(afc_with(peer).ask([Question(3)]))


@given(st.binary(max_size=100))
def test_lists_of_names_and_pairs_are_read_or_unreadable(body: bytes) -> None:
    for listed in (names(body), pairs(body)):
        assert isinstance(listed, (list, dict)) or listed == Unread("unreadable")


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0/"), min_size=1), max_size=8))
def test_names_come_back_as_they_were(listed: list[str]) -> None:
    body = b"".join(name.encode() + b"\0" for name in (".", "..", *listed))
    assert names(body) == [name for name in listed if name not in (".", "..")]


def test_a_name_with_a_slash_is_not_followed() -> None:
    assert names(b".\0..\0../../etc\0ok\0") == ["ok"]


@given(st.binary(max_size=5000), st.integers(1, 700), st.integers(1, 4000))
def test_a_file_is_read_to_its_limit_however_little_comes_at_a_time(content: bytes, piece: int, limit: int) -> None:
    offset = 0

    def answer(number: int, operation: int, body: bytes) -> bytes:
        nonlocal offset
        if operation == 0x0D:
            return reply(number, struct.pack("<Q", 7), OPENED)
        if operation == 0x14:
            return reply(number, struct.pack("<Q", 0), STATUS)
        wanted = min(piece, struct.unpack("<QQ", body)[1])
        offset += wanted
        return reply(number, content[offset - wanted:offset])

    file = asyncio.run(afc_with(Peer(answer)).files({"/x": len(content)}, limit))[0]
    assert file == afc.File(content[:limit], len(content) > limit)


def test_a_file_that_shrank_is_no_endless_reading() -> None:
    def answer(number: int, operation: int, body: bytes) -> bytes:
        if operation == 0x0D:
            return reply(number, struct.pack("<Q", 7), OPENED)
        return reply(number, struct.pack("<Q", 14 if operation == 0x0F else 0), STATUS)

    assert asyncio.run(afc_with(Peer(answer)).files({"/x": 100}, 1000)) == [afc.File(b"", False)]


# --- the crash folder of a virtual phone ------------------------------------------------------------------------------

def text(content: str, day: int) -> dict[str, Any]:
    return {"text": content, "mtime": f"2024-05-{day:02}T00:00:00+00:00"}


FOLDER: dict[str, Any] = {
    "Shop-2024-05-01-000000.ips": text("one", 1),
    "Shop-2024-05-03-000000.ips": text("three", 3),
    "panic-full-2024-05-02-000000.000.ips": text("panic", 2),
    "Retired": {"files": {
        "Shop-2024-05-04-000000.ips": text("four", 4),
        "Deeper": {"files": {"Odd name ü.ips": text("odd", 5)}},
    }},
    "latest": {"link": "/var/mobile/secret", "size": 1},
    "big.log": {"size": 17 * 1024 * 1024, "mtime": "2024-05-06T00:00:00+00:00"},
    "Empty.ips": {"text": "", "mtime": "2024-05-07T00:00:00+00:00"},
}


@pytest.fixture
def crashed(phone: VirtualIphone) -> VirtualIphone:
    phone.description["crash_folder"] = FOLDER
    return phone


def heads(pattern: str) -> Read:
    return Read("afc.crashreports", "heads", (pattern,))


def newest(pattern: str) -> Read:
    return Read("afc.crashreports", "newest", (pattern,))


def test_the_listing_holds_files_of_the_folder_and_those_below_and_no_links(
    bench: Bench, crashed: VirtualIphone,
) -> None:
    listed = bench.observe(crashed, (reads.CRASH_LISTING,)).answers[reads.CRASH_LISTING]
    assert {entry["path"] for entry in listed} == {
        "Shop-2024-05-01-000000.ips", "Shop-2024-05-03-000000.ips", "panic-full-2024-05-02-000000.000.ips",
        "Retired/Shop-2024-05-04-000000.ips", "Retired/Deeper/Odd name ü.ips", "big.log", "Empty.ips",
    }
    first = next(entry for entry in listed if entry["path"] == "Shop-2024-05-01-000000.ips")
    assert first == {"path": "Shop-2024-05-01-000000.ips", "size": 3, "modified": 1714521600}


def test_heads_are_the_newest_first_and_only_of_such_names(bench: Bench, crashed: VirtualIphone) -> None:
    wanted = heads("Shop-*.ips")
    found = bench.observe(crashed, (wanted,)).answers[wanted]
    assert [(head["path"], head["data"]) for head in found] == [
        ("Retired/Shop-2024-05-04-000000.ips", b"four"), ("Shop-2024-05-03-000000.ips", b"three"),
        ("Shop-2024-05-01-000000.ips", b"one"),
    ]


def test_a_file_is_read_once_for_two_questions(bench: Bench, crashed: VirtualIphone) -> None:
    first, second = heads("*.ips"), heads("panic-*")
    answers = bench.observe(crashed, (first, second)).answers
    opened = [request.detail["path"] for request in crashed.record if request.request == "FileRefOpen"]
    assert len(opened) == len(set(opened)) == 6
    assert [head["data"] for head in answers[second]] == [b"panic"]
    assert b"" in [head["data"] for head in answers[first]]


def test_the_newest_is_whole_up_to_the_limit(bench: Bench, crashed: VirtualIphone) -> None:
    shop, big, none = newest("Shop-*"), newest("*.log"), newest("Analytics-*")
    answers = bench.observe(crashed, (shop, big, none)).answers
    assert answers[shop] == {
        "path": "Retired/Shop-2024-05-04-000000.ips", "modified": 1714780800, "data": b"four", "truncated": False}
    assert len(answers[big]["data"]) == crash_files.WHOLE_SIZE
    assert answers[big]["truncated"] is True
    assert answers[none] == Unread("key_missing")


def test_the_newest_that_holds_what_is_wanted_is_given_else_the_newest(bench: Bench, phone: VirtualIphone) -> None:
    phone.description["crash_folder"] = {
        f"Day-{day}.ips": {"text": words, "mtime": f"2024-05-{day}T00:00:00+00:00"}
        for day, words in (("01", "BATTERY"), ("02", "the Battery"), ("03", "nothing"), ("04", "nothing at all"))}
    holding = Read("afc.crashreports", "newest", ("Day-*", "battery"))
    nothing = Read("afc.crashreports", "newest", ("Day-*", "storage"))
    answers = bench.observe(phone, (holding, nothing)).answers
    assert answers[holding]["data"] == b"the Battery"
    assert answers[nothing]["data"] == b"nothing at all"


def test_no_more_than_a_few_files_are_looked_through(bench: Bench, phone: VirtualIphone) -> None:
    phone.description["crash_folder"] = {
        f"Day-{day:02}.ips": {"text": "nothing", "mtime": f"2024-05-{day:02}T00:00:00+00:00"} for day in range(1, 25)}
    bench.observe(phone, (Read("afc.crashreports", "newest", ("Day-*", "battery")),))
    assert sum(request.request == "FileRefOpen" for request in phone.record) == crash_files.MAX_WHOLE


DAILY = '{"bug_type":"211","timestamp":"%s"}\n{"name":"%s","message":{"last_value_MaximumCapacityPercent":%d}}'
FINAL = "BatteryConfigValueHistogramFinal_V2"


def test_the_days_own_file_has_the_health_and_those_of_sessions_and_of_90_days_are_left_aside(
    bench: Bench, phone: VirtualIphone,
) -> None:
    def file(day: int, words: str) -> dict[str, str]:
        return {"text": words, "mtime": f"2024-05-{day:02}T08:00:00+00:00"}

    phone.description["crash_folder"] = {
        "Analytics-2024-05-02-020003.000.ips.ca.synced": file(2, DAILY % ("2024-05-02 02:00:03.00 +0000", FINAL, 91)),
        "Analytics-2024-05-01-020003.ips.ca.synced": file(1, DAILY % ("2024-05-01 02:00:03.00 +0000", FINAL, 92)),
        **{f"Analytics-2024-05-{day:02}-101010.session.ips.ca.synced": file(day, '{"bug_type":"211"}')
           for day in range(3, 10)},
        "Analytics-90Day-2024-05-09-020003.ips.ca.synced": file(9, '{"bug_type":"211"}'),
    }
    figures = parsed(bench.observe(phone, (reads.ANALYTICS,)).answers)[reads.ANALYTICS]
    assert (figures["health_percent"], figures["date"]) == (91, "2024-05-02T02:00:03+00:00")


def test_reports_of_a_paired_watch_are_not_the_phones(bench: Bench, phone: VirtualIphone) -> None:
    watch = {
        "Analytics-2024-05-09-020017.ips.ca.synced": {
            "text": DAILY % ("2024-05-09 02:00:17.00 +0000", FINAL, 64), "mtime": "2024-05-09T02:00:17+00:00"},
        "panic-full-2024-05-08-000000.000.ips": {"text": '{"bug_type":"210"}', "mtime": "2024-05-08T00:00:00+00:00"}}
    phone.description["crash_folder"] = {
        "Shop-2024-05-01-000000.ips": {"text": '{"bug_type":"309"}', "mtime": "2024-05-01T00:00:00+00:00"},
        "ProxiedDevice-0a1b2c3d": {"files": {"Retired": {"files": watch}, **watch}}}
    answers = bench.observe(phone, (reads.CRASH_LISTING, reads.PANIC_HEADS, reads.ANALYTICS)).answers
    assert [entry["path"] for entry in answers[reads.CRASH_LISTING]] == ["Shop-2024-05-01-000000.ips"]
    assert answers[reads.PANIC_HEADS] == []
    assert answers[reads.ANALYTICS] == Unread("key_missing")


def test_a_folder_without_end_is_cut_and_said_to_be(bench: Bench, phone: VirtualIphone) -> None:
    phone.description["crash_folder"] = {
        f"Shop-{number}.ips": {"size": 1} for number in range(crash_files.MAX_ENTRIES + 10)}
    observed = bench.observe(phone, (reads.CRASH_LISTING,))
    assert len(observed.answers[reads.CRASH_LISTING]) == crash_files.MAX_ENTRIES
    assert "truncated" in observed.warnings


def test_a_folder_in_a_folder_in_a_folder_ends_somewhere(bench: Bench, phone: VirtualIphone) -> None:
    folder: dict[str, Any] = {"files": {"deep.ips": {"size": 1}}}
    for _ in range(20):
        folder = {"files": {"folder": folder}}
    phone.description["crash_folder"] = folder["files"]
    observed = bench.observe(phone, (reads.CRASH_LISTING,))
    assert observed.answers[reads.CRASH_LISTING] == []
    assert "truncated" in observed.warnings


def test_sixty_four_heads_are_enough(bench: Bench, phone: VirtualIphone) -> None:
    phone.description["crash_folder"] = {
        f"Shop-{number:03}.ips": {"text": str(number), "mtime": f"2024-05-01T00:{number % 60:02}:00+00:00"}
        for number in range(100)}
    wanted = heads("*.ips")
    assert len(bench.observe(phone, (wanted,)).answers[wanted]) == crash_files.MAX_HEADS


def test_reading_the_folder_says_what_may_be_missing(bench: Bench, crashed: VirtualIphone) -> None:
    assert "pending_reports_not_flushed" in bench.observe(crashed, (reads.CRASH_LISTING,)).warnings
    assert "pending_reports_not_flushed" not in bench.observe(crashed).warnings


def test_hostile_names_cost_nothing_but_themselves(bench: Bench, phone: VirtualIphone) -> None:
    phone.description["crash_folder"] = {
        "../../../etc/passwd": {"text": "x"}, "a:b.ips": text("colon", 1), "line\nbreak.ips": text("break", 1)}
    listed = bench.observe(phone, (reads.CRASH_LISTING,)).answers[reads.CRASH_LISTING]
    assert {entry["path"] for entry in listed} == {"a:b.ips", "line\nbreak.ips"}


def test_patterns_are_matched_against_names_and_not_folders(bench: Bench, crashed: VirtualIphone) -> None:
    wanted = heads("Retired*")
    assert bench.observe(crashed, (wanted,)).answers[wanted] == []
    assert fnmatchcase("Retired/x", "Retired*")


def test_the_file_system_is_measured(bench: Bench, phone: VirtualIphone) -> None:
    phone.description["device_info"] = {"Model": "iPhone14,5", "FSTotalBytes": "128", "FSFreeBytes": "61"}
    answer = bench.observe(phone, (reads.FILE_SYSTEM,)).answers[reads.FILE_SYSTEM]
    assert answer == {"Model": "iPhone14,5", "FSTotalBytes": "128", "FSFreeBytes": "61"}
