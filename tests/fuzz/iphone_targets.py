"""What an iPhone and usbmuxd send. Unanswered is the one exception that reading it may raise."""

from __future__ import annotations

import json
import plistlib
import struct
from typing import TYPE_CHECKING, Any

from pyworker.findings import Unread
from pyworker.ios import analytics, ips, messages, os_trace, pair_record, plist_service, reads
from pyworker.ios.afc import Afc
from pyworker.ios.lockdown import Lockdown
from pyworker.ios.plist import jsonable
from pyworker.ios.service_stream import AFC_HEADER, AFC_MAGIC, ServiceStream
from pyworker.ios.unanswered import Unanswered
from pyworker.ios.usbmux import Usbmux
from tests.fuzz.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


class Said:
    """A Stream whose phone has said `data` and left. Nothing waits, so that no event loop is needed."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self.alive = True

    async def send(self, data: bytes) -> None:
        self._check()

    async def read(self, size: int) -> bytes:
        self._check()
        if size > len(self._data) - self._at:
            self.abort()
            raise Unanswered("disconnected")
        self._at += size
        return self._data[self._at - size : self._at]

    async def read_some(self, limit: int) -> bytes:
        self._check()
        piece = self._data[self._at : self._at + limit]
        self._at += len(piece)
        return piece

    def abort(self) -> None:
        self.alive = False

    def _check(self) -> None:
        if not self.alive:
            raise Unanswered("disconnected")


def finished(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of what never waits; None for Unanswered."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    except Unanswered:
        return None
    raise AssertionError("it waits")


# --- property lists ---------------------------------------------------------------------------------------------------

_TREE = {"Request": "GetValue", "Value": {"a": [1, True, 2.5, b"\x00\xff", "\u00e9"], "b": {"c": 2**63}}, "Domain": ""}
_PLISTS = [
    plistlib.dumps(_TREE),
    plistlib.dumps(_TREE, fmt=plistlib.FMT_BINARY),
    plistlib.dumps({"a": plistlib.UID(7), "b": [[], {}, [b""]]}, fmt=plistlib.FMT_BINARY),
    b"<?xml version='1.0'?><plist><dict><key>k</key><date>2026-10-10T10:00:00Z</date></dict></plist>",
    b'<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "b">]><plist><dict><key>k</key><string>&a;</string></dict></plist>',
]


def property_list(data: bytes) -> object:
    try:
        return json.dumps(jsonable(messages.decode(data)))
    except Unanswered:
        return None


# --- usbmuxd ------------------------------------------------------------------------------------------------------------


def _mux_reply(message: dict[str, Any], tag: int) -> bytes:
    body = plistlib.dumps(message)
    return struct.pack("<IIII", 16 + len(body), 1, 8, tag) + body


_UDID = "00008120001122334455667A"
_PHONE = {"DeviceID": 3, "Properties": {"ConnectionType": "USB", "DeviceID": 3, "SerialNumber": _UDID}}
_RECORD = plistlib.dumps({
    "HostID": "A", "SystemBUID": "B", "HostCertificate": b"-----BEGIN CERTIFICATE-----", "HostPrivateKey": b"-----BEGIN",
})
_MUX = [
    _mux_reply({"DeviceList": [_PHONE, _PHONE]}, 1) + _mux_reply({"PairRecordData": _RECORD}, 2)
    + _mux_reply({"MessageType": "Result", "Number": 0}, 3),
    _mux_reply({"DeviceList": []}, 1) + _mux_reply({"MessageType": "Result", "Number": 2}, 2),
]


def usbmux_replies(data: bytes) -> object:
    async def converse() -> Any:
        usbmux = Usbmux(Said(data))  # type: ignore[arg-type]
        phones = [(phone.udid, phone.connection) for phone in await usbmux.attached()]
        record = pair_record.parse(await usbmux.pair_record(_UDID))
        await usbmux.connect(3, 62078)
        return phones, record.host_id

    return finished(converse())


# --- lockdownd and the services that speak property lists ---------------------------------------------------------------


def _framed(*replies: dict[str, Any]) -> bytes:
    bodies = [plistlib.dumps(reply) for reply in replies]
    return b"".join(struct.pack(">I", len(body)) + body for body in bodies)


_LOCKDOWN = [
    _framed(
        {"Request": "GetValue", "Value": {"ProductVersion": "26.1"}},
        {"Request": "GetValue", "Error": "MissingValue"},
        {"Request": "StartService", "Service": "com.apple.afc", "Port": 50001, "EnableServiceSSL": True},
    ),
    _framed({"Request": "GetValue", "Error": "PasswordProtected"}),
]


def lockdown_replies(data: bytes) -> object:
    async def converse() -> Any:
        lockdown = Lockdown(Said(data))  # type: ignore[arg-type]
        everything = jsonable(await lockdown.get_value())
        try:
            one = jsonable(await lockdown.get_value("com.apple.fmip", "IsAssociated"))
        except Unanswered as unanswered:
            one = unanswered.reason
        return json.dumps([everything, one]), (await lockdown.start_service("com.apple.afc")).number

    return finished(converse())


_SERVICE_REPLIES = [
    _framed({"Status": "Acknowledged", "CloudConfiguration": {"IsSupervised": True}})
    + _framed({"Status": "Success", "Diagnostics": {"IORegistry": {"CycleCount": 3}}})
    + _framed({"LookupResult": {"com.example.app": {"CFBundleIdentifier": "com.example.app"}}}),
    _framed({"Status": "Error"}),
]
_CLOUD = next(read for read in reads.ALL if read.request == "GetCloudConfiguration")
_REGISTRY = next(read for read in reads.ALL if read.request == "IORegistry")
_LOOKUP = next(read for read in reads.ALL if read.request == "Lookup")


def service_replies(data: bytes) -> object:
    """What services say, read by them and by the parsers of every read that asks one of them."""
    said = Said(data)

    async def converse() -> Any:
        answers = []
        for name, ask, read in (
            (plist_service.MCINSTALL, plist_service.mcinstall, _CLOUD),
            (plist_service.DIAGNOSTICS_RELAY, plist_service.diagnostics_relay, _REGISTRY),
            (plist_service.INSTALLATION_PROXY, plist_service.installation_proxy, _LOOKUP),
        ):
            answer = await ask(ServiceStream(name, said), read)  # type: ignore[arg-type]
            answers.append([each.parse(answer) for each in reads.ALL if each.parse is not None])
        return answers

    return finished(converse())


# --- AFC ----------------------------------------------------------------------------------------------------------------


def _afc(number: int, operation: int, body: bytes) -> bytes:
    return AFC_HEADER.pack(AFC_MAGIC, AFC_HEADER.size + len(body), AFC_HEADER.size, number, operation) + body


_INFO = b"st_size\x0012\0st_ifmt\0S_IFREG\0st_mtime\x001700000000000000000\0"
_AFC = [
    _afc(1, 2, b".\0..\0a.ips\0\xff\0")
    + _afc(2, 2, _INFO)
    + _afc(3, 0x0E, struct.pack("<Q", 9))
    + _afc(4, 2, b"hello ")
    + _afc(5, 2, b"world!"),
    _afc(1, 1, struct.pack("<Q", 8)) + _afc(2, 1, struct.pack("<Q", 15)) + _afc(3, 1, struct.pack("<Q", 10)),
]


def afc_packets(data: bytes) -> object:
    """A folder, the facts of a file, and its content."""

    async def converse() -> Any:
        afc = Afc(ServiceStream("com.apple.crashreportcopymobile", Said(data)))  # type: ignore[arg-type]
        found = await afc.folders(["/"]), await afc.facts(["/a.ips"]), await afc.files({"/a.ips": 12}, 100)
        assert all(isinstance(each[0], (Unread, list, dict, tuple)) for each in found)
        return found

    return finished(converse())


# --- os_trace -----------------------------------------------------------------------------------------------------------


def _record(message: bytes) -> bytes:
    texts = [b"/usr/lib/libx.dylib\0", message + b"\0", b"com.example\0", b"default\0"]
    sizes = [len(text) for text in texts]
    fixed = struct.pack("<9xIQ16x18xI4xIxB6xQQ16xHH2xIII4x", 57, 1, 1_760_000_000, 5, 0x10, 1, 2, *sizes[:2], 0, *sizes[2:])
    return fixed + b"/usr/libexec/locationd\0" + b"".join(texts)


def _entry(record: bytes) -> bytes:
    return b"\x02" + len(record).to_bytes(4, "little") + record


_REPLY = plistlib.dumps({"Status": "RequestSuccessful"})
_OS_TRACE = [
    b"\x01" + len(_REPLY).to_bytes(4, "big") + _REPLY + _entry(_record(b"hello")) + _entry(_record(b"w\xc3\xb6rld" * 9)),
]


def os_trace_frames(data: bytes) -> object:
    """The reply, then entries, in pieces as a cable delivers them."""
    trace = os_trace.OsTrace()
    try:
        start = 5 + os_trace.reply_length(data[:5]) if len(data) >= 5 else len(data)
        messages.decode(data[5:start])
        return json.dumps([
            os_trace.parse(record) for at in range(start, len(data), 61) for record in trace.feed(data[at : at + 61])
        ])
    except Unanswered:
        return None


# --- files --------------------------------------------------------------------------------------------------------------

_CRASH_REPORTS = [
    b'{"app_name":"Maps","bug_type":"309","timestamp":"2026-01-01 10:00:00.00 +0100","name":"Maps"}\n{"procName":"Maps","termination":{"code":2343432205}}\n',
    b'{"bug_type":"210","timestamp":"2026-01-01 10:00:00.00 +0000"}\n{"panicString":"panic(cpu 0): missing sensor(s): mic1, PRS0\\nx"}\n',
    b'{"app_name":"x","bug_type":"109"}\nIncident Identifier: 1\nException Type:  EXC_CRASH (SIGKILL)\nTermination Reason: 0x8badf00d\n',
    b'\xef\xbb\xbf{\n "bug_type" : "298",\n "timestamp" : "x"\n}\n{"largestProcess":"y"}',
]
# Everything a reader of a Report may ask it.
_ASKED = [name for name, member in vars(ips.Report).items() if isinstance(member, property)]


def crash_report(data: bytes) -> object:
    report = ips.parse(data)
    line = report.panic_line
    ips.panic_group(line)
    return [getattr(report, name) for name in _ASKED], ips.parse_name(data[:200].decode("utf-8", "replace"))


_ANALYTICS = [
    b'{"bug_type":"211","timestamp":"2026-01-01 00:00:00.00 +0000"}\n{"deviceId":"x"}\n'
    b'{"message":{"last_value_MaximumCapacityPercent":88,"last_value_CycleCount":412},"name":"BatteryConfigValueHistogramFinal_V1"}\n'
    b'{"message":{"maximumCapacityPercent":87},"name":"BHUI_x"}\n{"name":"a_MaxPercentageNANDUsed","value":3}\n',
]


def analytics_file(data: bytes) -> object:
    return analytics.daily_figures(
        {"path": "/Analytics-2026-01-01.ips.ca.synced", "modified": 1.0, "data": data, "truncated": False}
    )


_FEEDS: dict[str, tuple[list[bytes], Callable[[bytes], object]]] = {
    "plists": (_PLISTS, property_list),
    "usbmux_replies": (_MUX, usbmux_replies),
    "lockdown_replies": (_LOCKDOWN, lockdown_replies),
    "service_replies": (_SERVICE_REPLIES, service_replies),
    "afc_packets": (_AFC, afc_packets),
    "os_trace_frames": (_OS_TRACE, os_trace_frames),
    "crash_reports": (_CRASH_REPORTS, crash_report),
    "analytics": (_ANALYTICS, analytics_file),
}
TARGETS = {name: Target(seeds, feed) for name, (seeds, feed) in _FEEDS.items()}
