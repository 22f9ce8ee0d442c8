"""What is fuzzed: name -> (seeds, a function that takes bytes). A target lets through only the exceptions of its contract."""

from __future__ import annotations

import json
import plistlib
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Target(NamedTuple):
    seeds: Sequence[bytes]
    feed: Callable[[bytes], object]


def targets() -> dict[str, Target]:
    return {
        "lines": Target(LINES, line),
        "plists": Target(PLISTS, property_list),
        "adb_packets": Target(ADB_PACKETS, adb_packets),
        "shell_packets": Target(
            [b"\x01\x04\0\0\0out\n\x02\x04\0\0\0err\n\x03\x01\0\0\0\x05", b"\x01\0\0\0\0"], shell_packets
        ),
        "frames": Target(
            [b"@0123456789abcdef01234567:0:B\nout\n@0123456789abcdef01234567:0:E:0\n@0123456789abcdef01234567:END\n"],
            frames,
        ),
        "adb_lists": Target(
            [
                b"SERIAL1                device usb:1-2 product:p model:Pixel_7 device:d transport_id:1\n"
                b"127.0.0.1:5555         unauthorized transport_id:2\n????  no permissions (x); see [http://x]\n"
            ],
            adb_list,
        ),
        "afc_answers": Target(
            [b"st_size\x0012\0st_ifmt\0S_IFREG\0st_mtime\x001700000000000000000\0", b".\0..\0a.ips\0\xff\0"],
            afc_answers,
        ),
        "os_trace": Target([OS_TRACE], os_trace),
        "crash_reports": Target(CRASH_REPORTS, crash_report),
        "analytics": Target([ANALYTICS], analytics),
        "android_dumps": Target(android_seeds(), android_parsers),
        "report_content": Target([json.dumps(CONTENT).encode()], report_content),
    }


LINES = [
    b'{"jsonrpc":"2.0","id":1,"method":"health"}',
    b'[{"jsonrpc":"2.0","id":"a","method":"x","params":[1,2.5,null,"\\ud83d\\ude00"]},5]',
    b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}',
    b'{"jsonrpc":"2.0","id":-12345678901234567890,"method":"\xc3\xa9"}',
]


def line(data: bytes) -> object:
    """Lines, messages and the ledger: nothing may be raised, and whatever goes out is whole lines of JSON."""
    from protocol.connection import Connection, Outgoing, Owed
    from protocol.json_text import dumps
    from protocol.lines import Lines
    from protocol.messages import decode

    lines, connection = Lines(limit=4096), Connection()
    out = b""
    for each in (*lines.feed(data), *lines.end()):
        message = decode(each)
        for event in connection.receive(message) if message is not None else ():
            if isinstance(event, Owed):
                out += connection.answer(event, dumps({"method": event.method, "params": event.params}))
            elif isinstance(event, Outgoing):
                out += event.data
    for answer in out.splitlines():
        json.loads(answer)
    return out


_TREE = {"Request": "GetValue", "Value": {"a": [1, True, 2.5, b"\x00\xff", "\u00e9"], "b": {"c": 2**63}}, "Domain": ""}
PLISTS = [
    plistlib.dumps(_TREE),
    plistlib.dumps(_TREE, fmt=plistlib.FMT_BINARY),
    b"<?xml version='1.0'?><plist><dict><key>k</key><date>x</date></dict></plist>",
]


def property_list(data: bytes) -> object:
    from pyworker.ios.messages import decode
    from pyworker.ios.plist import jsonable
    from pyworker.ios.unanswered import Unanswered

    try:
        return json.dumps(jsonable(decode(data)))
    except Unanswered:
        return None


def _packet(command: bytes, one: int, two: int, payload: bytes) -> bytes:
    word = int.from_bytes(command, "little")
    return struct.pack("<6I", word, one, two, len(payload), sum(payload) & 0xFFFFFFFF, word ^ 0xFFFFFFFF) + payload


ADB_PACKETS = [
    _packet(b"CNXN", 0x01000000, 4096, b"device::ro.product.name=x;\0")
    + _packet(b"OKAY", 5, 1, b"")
    + _packet(b"WRTE", 5, 1, b"hello")
    + _packet(b"CLSE", 5, 1, b""),
    _packet(b"AUTH", 1, 0, bytes(range(20))),
]


def adb_packets(data: bytes) -> object:
    from pyworker.android.device_stream import DeviceConnection
    from pyworker.android.no_answer import NoAnswer

    class Carrier:
        """Hands the bytes out as a transport does, and ends."""

        at = 0

        def bulk_read(self, count: int, _: float | None = None) -> bytes:
            if count > len(data) - self.at:
                raise NoAnswer("disconnected")
            self.at += count
            return data[self.at - count : self.at]

    connection = object.__new__(DeviceConnection)
    connection.transport = Carrier()  # type: ignore[assignment]
    try:
        while True:
            connection.receive()
    except NoAnswer as end:
        return end.reason


def shell_packets(data: bytes) -> object:
    from pyworker.android.no_answer import NoAnswer
    from pyworker.android.shell_protocol import ShellPackets

    packets = ShellPackets()
    try:
        return [packets.feed(memoryview(data[at : at + 7])) for at in range(0, len(data), 7)]
    except NoAnswer:
        return None


def frames(data: bytes) -> object:
    from pyworker.android.frames import Frames

    reader = Frames("@0123456789abcdef01234567")
    return [reader.feed(data[at : at + 5]) for at in range(0, len(data), 5)]


def adb_list(data: bytes) -> object:
    from pyworker.android.adb_server import failure_of, parse_list

    text = data.decode("utf-8", "replace")
    return parse_list(text), failure_of(text)


def afc_answers(data: bytes) -> object:
    from pyworker.ios.afc import names, pairs

    return names(data), pairs(data)


OS_TRACE = bytes(range(256))


def os_trace(data: bytes) -> object:
    from pyworker.ios.os_trace import parse

    return json.dumps(parse(data)[0])


CRASH_REPORTS = [
    b'{"app_name":"Maps","bug_type":"309","timestamp":"2026-01-01 10:00:00.00 +0100","name":"Maps"}\n{"procName":"Maps","termination":{"code":2343432205}}\n',
    b'{"bug_type":"210","timestamp":"2026-01-01 10:00:00.00 +0000"}\n{"panicString":"panic(cpu 0): missing sensor(s): mic1, PRS0\\nx"}\n',
    b'{"app_name":"x","bug_type":"109"}\nIncident Identifier: 1\nException Type:  EXC_CRASH (SIGKILL)\nTermination Reason: 0x8badf00d\n',
]


def crash_report(data: bytes) -> object:
    from pyworker.ios.ips import parse, parse_name

    return parse(data), parse_name(data[:80].decode("utf-8", "replace"))


ANALYTICS = (
    b'{"bug_type":"211","timestamp":"2026-01-01 00:00:00.00 +0000"}\n{"deviceId":"x"}\n'
    b'{"message":{"last_value_MaximumCapacityPercent":88,"last_value_CycleCount":412},"name":"BatteryConfigValueHistogramFinal_V1"}\n'
)


def analytics(data: bytes) -> object:
    from pyworker.ios.analytics import daily_figures

    return daily_figures(
        {"path": "/Analytics-2026-01-01.ips.ca.synced", "modified": 1.0, "data": data, "truncated": False}
    )


def android_seeds() -> list[bytes]:
    import android_dumps as dumps

    texts = [
        dumps.getprop(),
        dumps.policy(),
        dumps.accounts((0, "Owner", "c13", ("com.google",))),
        dumps.persistent_data_block(),
        dumps.BATTERY,
        dumps.SAMSUNG_BATTERY,
        dumps.THERMAL,
        dumps.DF,
        dumps.DISKSTATS,
        dumps.HEALTH_HAL,
        dumps.TRUST,
        dumps.SENSORS,
    ]
    return [text.encode() for text in texts]


def android_parsers(data: bytes) -> object:
    """Every parser of the catalogue reads every dump: most are not its own."""
    from pyworker.android.output import Output
    from pyworker.android.reads import ALL

    return [read.parse(Output(data, 0, False)) for read in ALL if read.parse is not None]


CONTENT = {
    "device": {"device_id": "d", "platform": "ios", "serial": "XVRT17CLN1"},
    "notes": "n",
    "results": {
        "inspect.basic": {
            "ok": True,
            "warnings": [],
            "data": {
                "activation_locked": None,
                "findings": {"activation_locked": {"value": None, "reason": "not_paired", "evidence": []}},
            },
        }
    },
}


def report_content(data: bytes) -> object:
    from time import monotonic

    from protocol.errors import RpcError
    from protocol.json_text import DuplicateKey, NotJson, loads
    from pyworker.call import Call
    from pyworker.report import format_report
    from pyworker.settings import Settings
    from pyworker.validation import first_problem

    try:
        params = {"report_id": "r", "format": "html", "content": loads(data)}
    except (NotJson, DuplicateKey):
        return None
    if first_problem("report.format.params", params):
        return None
    try:
        return format_report(Call(params, Settings(), monotonic() + 60))["ok"]
    except RpcError as refused:
        return refused.kind
