"""A read that hangs, never ends or kills its stream costs itself and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic, sleep

import pytest

from pyworker.android import batch, reads, session
from pyworker.android.output import NO_STATUS, Output
from pyworker.findings import Unread
from pyworker.platforms import Device, Observed
from pyworker.virtual.android.phone import Output as Says

HANGS = Says(b"begun\n", delay_s=3600)
READS = (reads.GETPROP, reads.BATTERY, reads.UPTIME, reads.DISKSTATS, reads.TRUST)
WAYS = ("server v2", "server exec", "direct")


def inspect(bench, way: str, outputs: dict[str, Says], seconds: float = 12.0, asked=READS, **description) -> Observed:
    if way == "server exec":
        description = {"features": [], **description}
    phone = bench.phone(outputs=outputs, **description)
    if way == "direct":
        device = Device(bench.daemon(phone), "android", "adb-tcp", "ready")
    else:
        bench.server(phone)
        device = Device(phone.serial, "android", "adb-server", "ready")
    return session.observe(bench.call(seconds), device, asked)


def answered(observed: Observed) -> set[str]:
    return {read.request for read, answer in observed.answers.items() if isinstance(answer, Output)}


ALL = {read.request for read in READS}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("has_timeout", [True, False])
def test_a_service_that_hangs_costs_only_its_own_read(bench, way: str, has_timeout: bool) -> None:
    programs = {} if has_timeout else {"timeout": None}
    observed = inspect(bench, way, {"dumpsys battery": HANGS}, programs=programs)
    assert observed.answers[reads.BATTERY] == Unread("timeout")
    assert answered(observed) == ALL - {"dumpsys battery"}
    assert observed.warnings == ["partial_data", "timeout"]
    assert len(bench.services()) == (1 if has_timeout else 2)


@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_hangs_costs_only_its_own_read(bench, way: str) -> None:
    observed = inspect(bench, way, {"getprop": HANGS})
    assert observed.answers[reads.GETPROP] == Unread("timeout")
    assert answered(observed) == ALL - {"getprop"}
    assert len(bench.services()) == 2


def test_two_reads_that_hang_cost_two_limits(bench) -> None:
    began = monotonic()
    observed = inspect(bench, "server v2", {"getprop": HANGS, "cat /proc/uptime": HANGS}, seconds=16)
    assert answered(observed) == ALL - {"getprop", "cat /proc/uptime"}
    assert monotonic() - began < 15


def test_a_pipe_whose_head_hung_is_no_answer_although_its_tail_was_content(bench) -> None:
    observed = inspect(bench, "server v2", {"dumpsys display": HANGS}, asked=(reads.DISPLAY, reads.UPTIME))
    assert observed.answers[reads.DISPLAY] == Unread("timeout")
    assert answered(observed) == {"cat /proc/uptime"}


@pytest.mark.parametrize("way", WAYS)
def test_with_too_little_time_what_was_read_is_the_answer(bench, way: str) -> None:
    began = monotonic()
    observed = inspect(bench, way, {"cat /proc/uptime": HANGS}, seconds=1.5)
    assert monotonic() - began < 1.5
    assert answered(observed) == {"getprop", "dumpsys battery"}
    assert {answer for answer in observed.answers.values() if isinstance(answer, Unread)} == {Unread("timeout")}


@pytest.mark.parametrize("way", WAYS)
def test_a_read_that_trickles_for_ever_is_cut(bench, way: str) -> None:
    def trickle() -> Iterator[bytes]:
        for _ in range(400):
            sleep(0.05)
            yield b"."

    observed = inspect(bench, way, {"getprop": Says(trickle)}, seconds=10)
    assert observed.answers[reads.GETPROP] == Unread("timeout")
    assert answered(observed) == ALL - {"getprop"}


@pytest.mark.parametrize("way", WAYS)
def test_a_large_read_is_kept_to_its_limit_and_says_so(bench, way: str) -> None:
    size = batch.READ_LIMIT + 100_000
    observed = inspect(bench, way, {"getprop": Says(lambda: (b"x" * 50_000 for _ in range(size // 50_000)))})
    answer = observed.answers[reads.GETPROP]
    assert (len(answer.data), answer.status, answer.truncated) == (batch.READ_LIMIT, 0, True)
    assert answered(observed) == ALL
    assert observed.warnings == ["partial_data", "truncated"]
    assert len(bench.services()) == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_read_without_end_is_cut_and_the_others_follow(bench, way: str) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 65536

    observed = inspect(bench, way, {"getprop": Says(endless)})
    answer = observed.answers[reads.GETPROP]
    assert answer == Output(b"x" * batch.READ_LIMIT, NO_STATUS, True)
    assert answered(observed) == ALL


def test_all_reads_together_are_kept_to_a_limit(bench, monkeypatch) -> None:
    monkeypatch.setattr(session, "INSPECTION_LIMIT", 100_000)
    large = Says(b"x" * 60_000)
    observed = inspect(bench, "server v2", {read.request: large for read in READS})
    assert sum(len(answer.data) for answer in observed.answers.values()) == 100_000
    assert [answer.truncated for answer in observed.answers.values()] == [False, True, True, True, True]


@pytest.mark.parametrize("way", ["server v2", "server exec"])
def test_a_phone_that_went_in_the_middle_keeps_what_it_said(bench, way: str) -> None:
    phone = bench.phone(outputs={"getprop": Says(b"x" * 5000)}, features=["shell_v2"] if way == "server v2" else [])
    server = bench.server(phone)

    def vanish() -> Iterator[bytes]:
        yield b"some"
        sleep(0.3)  # for what was said before to arrive
        server.detach(phone)
        while True:
            sleep(0.1)
            yield b"."  # ends when the phone's shell notices that nobody listens

    phone.outputs["dumpsys battery"] = Says(vanish)
    device = Device(phone.serial, "android", "adb-server", "ready")
    observed = session.observe(bench.call(12), device, READS)
    assert answered(observed) == {"getprop"}
    reasons = {answer.reason for answer in observed.answers.values() if isinstance(answer, Unread)}
    assert reasons <= {"disconnected", "truncated", "timeout"}
    assert observed.answers[reads.TRUST] == Unread("disconnected")
    assert "device_disconnected" in observed.warnings


def test_progress_counts_every_read_once(bench) -> None:
    seen: list[tuple[str, int, int | None]] = []
    phone = bench.phone(outputs={"dumpsys battery": HANGS}, programs={"timeout": None})
    bench.server(phone)
    call = bench.call(8)
    call.report = lambda stage, done, total: seen.append((stage, done, total))
    session.observe(call, Device(phone.serial, "android", "adb-server", "ready"), READS)
    assert seen == [("reading", done, len(READS)) for done in range(1, len(READS) + 1)]
