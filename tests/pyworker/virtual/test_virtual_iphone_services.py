"""What the services of a virtual iPhone tell, and that none of them does anything."""

from __future__ import annotations

import contextlib
import plistlib
import struct
from typing import TYPE_CHECKING, Any

import pytest
from clients.raw_iphone import Afc, Channel, Ended, PropertyLists, with_session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pyworker.virtual.iphone import VirtualIphone, VirtualUsbmuxd

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

DIAGNOSTICS = "com.apple.mobile.diagnostics_relay"
MCINSTALL = "com.apple.mobile.MCInstall"
CRASHES = "com.apple.crashreportcopymobile"
OS_TRACE = "com.apple.os_trace_relay"


@contextlib.contextmanager
def service(phone: VirtualIphone, name: str) -> Iterator[socket.socket]:
    with VirtualUsbmuxd([phone]) as usbmuxd, with_session(usbmuxd.address, phone.udid) as lockdown, \
            lockdown.start_service(name) as sock:
        yield sock


@pytest.fixture
def clean() -> VirtualIphone:
    return VirtualIphone.load("iphone-clean")


def asked(phone: VirtualIphone, name: str) -> list[str]:
    return [request.request for request in phone.record if request.service == name]


# -- diagnostics_relay ---------------------------------------------------------------------------------------------


def test_an_entry_is_found_by_its_name_and_by_its_class(clean: VirtualIphone) -> None:
    with service(clean, DIAGNOSTICS) as sock:
        relay = PropertyLists(sock)
        by_name = relay.ask({"Request": "IORegistry", "EntryName": "AppleSmartBattery"})
        by_class = relay.ask({"Request": "IORegistry", "EntryClass": "IOPMPowerSource"})
        empty_name = relay.ask({"Request": "IORegistry", "EntryName": "", "EntryClass": "IOPMPowerSource"})
        options = relay.ask({"Request": "IORegistry", "EntryName": "options"})
    assert by_name["Diagnostics"]["IORegistry"]["CycleCount"] == 412
    assert by_name == by_class == empty_name
    assert options["Diagnostics"]["IORegistry"]["fm-activation-locked"] == b"NO"


@pytest.mark.parametrize(("name", "answer"), [
    ("iphone-ios16", {"Status": "Success", "Diagnostics": {"IORegistry": {}}}),
    ("iphone-ios17", {"Status": "Success"}),
])
def test_an_entry_that_is_not_there_is_success_with_nothing(name: str, answer: dict[str, Any]) -> None:
    with service(VirtualIphone.load(name), DIAGNOSTICS) as sock:
        relay = PropertyLists(sock)
        assert relay.ask({"Request": "IORegistry", "EntryName": "AppleARMPMUCharger"}) == answer
        assert relay.ask({"Request": "IORegistry", "CurrentPlane": "IOService"}) == answer


@pytest.mark.parametrize(("name", "deprecated"), [("iphone-ios16", False), ("iphone-ios17", True)])
def test_mobile_gestalt_ended_with_17_4(name: str, deprecated: bool) -> None:
    with service(VirtualIphone.load(name), DIAGNOSTICS) as sock:
        answer = PropertyLists(sock).ask(
            {"Request": "MobileGestalt", "MobileGestaltKeys": ["PasswordConfigured", "Nonsense"]})
    gestalt = answer["Diagnostics"]["MobileGestalt"]
    if deprecated:
        assert gestalt == {"Status": "MobileGestaltDeprecated"}
    else:
        assert gestalt == {"Status": "Success", "PasswordConfigured": False}


def test_the_gas_gauge_says_100_where_a_capacity_once_stood(clean: VirtualIphone) -> None:
    with service(clean, DIAGNOSTICS) as sock:
        everything = PropertyLists(sock).ask({"Request": "All"})["Diagnostics"]
    assert everything["GasGauge"]["FullChargeCapacity"] == 100
    assert everything["NAND"]["Status"] != "Success"


@pytest.mark.parametrize("verb", ["Restart", "Shutdown", "Sleep"])
def test_the_phone_is_never_restarted(clean: VirtualIphone, verb: str) -> None:
    with service(clean, DIAGNOSTICS) as sock:
        relay = PropertyLists(sock)
        assert relay.ask({"Request": verb})["Status"] == "Failure"
        assert relay.ask({"Request": "GasGauge"})["Status"] == "Success", "it is still there"
    assert verb in asked(clean, DIAGNOSTICS)


def test_goodbye_ends_the_connection_after_its_reply(clean: VirtualIphone) -> None:
    with service(clean, DIAGNOSTICS) as sock:
        relay = PropertyLists(sock)
        assert relay.ask({"Request": "Goodbye"}) == {"Status": "Success"}
        with pytest.raises((Ended, OSError)):
            relay.read(1)


# -- management and activation -------------------------------------------------------------------------------------


def test_a_managed_phone_shows_who_manages_it() -> None:
    with service(VirtualIphone.load("iphone-company"), MCINSTALL) as sock:
        mc = PropertyLists(sock)
        cloud = mc.ask({"RequestType": "GetCloudConfiguration"})
        profiles = mc.ask({"RequestType": "GetProfileList"})
    assert cloud["Status"] == profiles["Status"] == "Acknowledged"
    assert cloud["CloudConfiguration"]["IsSupervised"] is True
    first = profiles["ProfileMetadata"][profiles["OrderedIdentifiers"][0]]
    assert "com.apple.mdm" in [payload["PayloadType"] for payload in first["PayloadContent"]]


def test_a_phone_nobody_assigned_has_no_cloud_configuration() -> None:
    with service(VirtualIphone.load("iphone-hello"), MCINSTALL) as sock:
        assert PropertyLists(sock).ask({"RequestType": "GetCloudConfiguration"}) == {"Status": "Acknowledged"}


@pytest.mark.parametrize("verb", [
    "Flush", "Escalate", "SetCloudConfiguration", "EraseDevice", "InstallProfile", "RemoveProfile", "StoreProfile"])
def test_nothing_is_installed_or_erased(clean: VirtualIphone, verb: str) -> None:
    before = repr(clean.description)
    with service(clean, MCINSTALL) as sock:
        answer = PropertyLists(sock).ask({"RequestType": verb, "CloudConfiguration": {"IsSupervised": True}})
    assert answer["Status"] == "Error"
    assert answer["ErrorChain"][0]["ErrorCode"]
    assert asked(clean, MCINSTALL) == [verb]
    assert repr(clean.description) == before


def test_activation_is_told_and_never_done(clean: VirtualIphone) -> None:
    with service(clean, "com.apple.mobileactivationd") as sock:
        daemon = PropertyLists(sock)
        assert daemon.ask({"Command": "GetActivationStateRequest"}) == {"Value": "Activated"}
        assert "Error" in daemon.ask({"Command": "DeactivateRequest"})
        clean.description["activation_state"] = "Unactivated"
        assert daemon.ask({"Command": "GetActivationStateRequest"}) == {"Value": "Unactivated"}


# -- apps and images -----------------------------------------------------------------------------------------------


def test_apps_are_looked_up_by_kind_and_by_attribute(clean: VirtualIphone) -> None:
    with service(clean, "com.apple.mobile.installation_proxy") as sock:
        proxy = PropertyLists(sock)
        options = {"ApplicationType": "User", "ReturnAttributes": ["StaticDiskUsage"]}
        found = proxy.ask({"Command": "Lookup", "ClientOptions": options})["LookupResult"]
        assert set(found) == {"com.example.notes", "com.example.bank"}
        assert set(found["com.example.bank"]) == {"CFBundleIdentifier", "StaticDiskUsage"}
        one = proxy.ask({"Command": "Lookup", "ClientOptions": {"BundleIDs": ["com.apple.mobilesafari"]}})
        assert list(one["LookupResult"]) == ["com.apple.mobilesafari"]
        assert "Error" in proxy.ask({"Command": "Uninstall", "ApplicationIdentifier": "com.example.notes"})
    assert len(clean.description["apps"]) == 3


def test_browsing_many_apps_takes_several_replies(clean: VirtualIphone) -> None:
    clean.description["apps"] = [{"CFBundleIdentifier": f"com.example.app{n}"} for n in range(45)]
    with service(clean, "com.apple.mobile.installation_proxy") as sock:
        proxy = PropertyLists(sock)
        proxy.send({"Command": "Browse", "ClientOptions": {}})
        found: list[str] = []
        while (reply := proxy.receive())["Status"] != "Complete":
            found += [app["CFBundleIdentifier"] for app in reply["CurrentList"]]
    assert found == [f"com.example.app{n}" for n in range(45)]


@pytest.mark.parametrize(("name", "answer"), [("iphone-ios16", True), ("iphone-ios17", False), ("iphone-ios12", None)])
def test_developer_mode_is_known_from_ios_16_on(name: str, answer: bool | None) -> None:
    with service(VirtualIphone.load(name), "com.apple.mobile.mobile_image_mounter") as sock:
        mounter = PropertyLists(sock)
        assert mounter.ask({"Command": "QueryDeveloperModeStatus"}).get("DeveloperModeStatus") is answer
        assert "Error" in mounter.ask({"Command": "MountImage", "ImagePath": "x"})


# -- files ---------------------------------------------------------------------------------------------------------

READ_DIR, FILE_INFO, DEVICE_INFO, OPEN, READ, SEEK, TELL, CLOSE = 0x03, 0x0A, 0x0B, 0x0D, 0x0F, 0x11, 0x12, 0x14
STATUS, DATA = 0x01, 0x02


def texts(body: bytes) -> list[str]:
    assert body == b"" or body.endswith(b"\0")
    return [text.decode() for text in body.split(b"\0")[:-1]]


def pairs(body: bytes) -> dict[str, str]:
    listed = texts(body)
    return dict(zip(listed[::2], listed[1::2], strict=True))


def code(answer: tuple[int, bytes]) -> int:
    assert answer[0] == STATUS, answer
    return int(struct.unpack("<Q", answer[1])[0])


def opened(afc: Afc, path: str, mode: int = 1) -> bytes:
    kind, body = afc.ask(OPEN, struct.pack("<Q", mode) + path.encode() + b"\0")
    assert kind == 0x0E, (kind, body)
    return body


def test_the_crash_folder_is_listed_and_told_about(clean: VirtualIphone) -> None:
    with service(clean, CRASHES) as sock:
        afc = Afc(sock)
        names = texts(afc.ask(READ_DIR, b"/\0")[1])
        assert names[:2] == [".", ".."]
        assert names[2:] == list(clean.description["crash_folder"])
        report = pairs(afc.ask(FILE_INFO, b"/Notizen-2024-11-02-101500.ips\0")[1])
        folder = pairs(afc.ask(FILE_INFO, b"Retired\0")[1])
        inside = texts(afc.ask(READ_DIR, b"/Retired/\0")[1])
        up = texts(afc.ask(READ_DIR, b"/Retired/../../Retired/.\0")[1])
    assert report["st_ifmt"] == "S_IFREG"
    assert report["st_mtime"] == "1730538901000000000"
    assert int(report["st_size"]) == len(clean.description["crash_folder"]["Notizen-2024-11-02-101500.ips"]["text"])
    assert folder["st_ifmt"] == "S_IFDIR"
    assert inside == up == [".", "..", "Bank-2024-09-30-120000.ips"]


def test_what_is_not_there_is_not_found(clean: VirtualIphone) -> None:
    with service(clean, CRASHES) as sock:
        afc = Afc(sock)
        assert code(afc.ask(FILE_INFO, b"/none\0")) == 8
        assert code(afc.ask(READ_DIR, b"/none/deeper\0")) == 8
        assert code(afc.ask(OPEN, struct.pack("<Q", 1) + b"/none\0")) == 8
        assert code(afc.ask(OPEN, struct.pack("<Q", 1) + b"/Retired\0")) == 9
        assert code(afc.ask(READ, struct.pack("<QQ", 77, 10))) == 7
        assert code(afc.ask(FILE_INFO, b"/\xff\xfe\0")) == 7
        assert code(afc.ask(0x7777)) == 6


WRITING = (0x05, 0x06, 0x07, 0x08, 0x09, 0x0C, 0x10, 0x15, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1E, 0x20, 0x22)


def test_every_opcode_that_writes_is_refused_and_on_record(clean: VirtualIphone) -> None:
    before = repr(clean.description)
    with service(clean, CRASHES) as sock:
        afc = Afc(sock)
        for opcode in WRITING:
            assert code(afc.ask(opcode, b"/Notizen-2024-11-02-101500.ips\0/x\0")) == 10
    assert len(asked(clean, CRASHES)) == len(WRITING)
    assert "RemovePath" in asked(clean, CRASHES)
    assert repr(clean.description) == before


@pytest.mark.parametrize("mode", [0, 2, 3, 4, 5, 6, 99])
def test_opening_for_anything_but_reading_is_refused_and_on_record(clean: VirtualIphone, mode: int) -> None:
    with service(clean, CRASHES) as sock:
        answer = Afc(sock).ask(OPEN, struct.pack("<Q", mode) + b"/Notizen-2024-11-02-101500.ips\0")
    assert code(answer) == 10
    (request,) = [r for r in clean.record if r.request == "FileRefOpen"]
    assert request.detail == {"mode": mode, "path": "/Notizen-2024-11-02-101500.ips"}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 5000), min_size=1, max_size=5))
def test_a_file_read_in_pieces_of_any_size_is_the_file(sizes: list[int]) -> None:
    phone = VirtualIphone.load("iphone-clean")
    name = "Notizen-2024-11-02-101500.ips"
    with service(phone, CRASHES) as sock:
        afc = Afc(sock)
        handle = opened(afc, f"/{name}")
        data, turn = b"", 0
        while True:
            kind, piece = afc.ask(READ, handle + struct.pack("<Q", sizes[turn % len(sizes)]))
            assert kind == DATA
            assert len(piece) <= sizes[turn % len(sizes)]
            if not piece:
                break
            data, turn = data + piece, turn + 1
        assert code(afc.ask(CLOSE, handle)) == 0
        assert code(afc.ask(CLOSE, handle)) == 7
    assert data.decode() == phone.description["crash_folder"][name]["text"]


def test_seeking_and_telling(clean: VirtualIphone) -> None:
    clean.description["crash_folder"]["x"] = {"data": b"0123456789"}
    with service(clean, CRASHES) as sock:
        afc = Afc(sock)
        handle = opened(afc, "/x")
        for whence, offset, place in ((0, 4, 4), (1, 2, 6), (2, -1, 9), (2, 5, 15)):
            assert code(afc.ask(SEEK, handle + struct.pack("<Qq", whence, offset))) == 0
            assert afc.ask(TELL, handle) == (0x13, struct.pack("<Q", place))
        assert afc.ask(READ, handle + struct.pack("<Q", 5)) == (DATA, b"")
        assert code(afc.ask(SEEK, handle + struct.pack("<Qq", 0, -1))) == 7


def test_requests_sent_together_are_answered_in_order_with_their_numbers(clean: VirtualIphone) -> None:
    with service(clean, CRASHES) as sock:
        afc = Afc(sock)
        sent = [afc.send(FILE_INFO, f"/{name}\0".encode()) for name in clean.description["crash_folder"]]
        assert [afc.receive()[0] for _ in sent] == sent


def test_a_hostile_name_is_listed_as_it_is_and_can_be_read() -> None:
    phone = VirtualIphone.load("iphone-ios17")
    with service(phone, CRASHES) as sock:
        afc = Afc(sock)
        names = texts(afc.ask(READ_DIR, b"/\0")[1])[2:]
        assert "../../../escape.ips" in names
        for name in names:
            information = pairs(afc.ask(FILE_INFO, f"/{name}\0".encode())[1])
            assert int(information["st_size"]) >= 0
        handle = opened(afc, "/../../../escape.ips")
        assert afc.ask(READ, handle + struct.pack("<Q", 12))[1] == b'{"app_name":'
        huge = opened(afc, "/huge.ips")
        assert afc.ask(READ, huge + struct.pack("<Q", 1 << 40))[1] == bytes(4 * 1024 * 1024)


def test_the_file_systems_figures_come_as_text(clean: VirtualIphone) -> None:
    with service(clean, "com.apple.afc") as sock:
        figures = pairs(Afc(sock).ask(DEVICE_INFO)[1])
    assert figures["Model"] == "iPhone14,5"
    assert int(figures["FSFreeBytes"]) < int(figures["FSTotalBytes"])


def test_starting_the_crash_mover_is_on_record(clean: VirtualIphone) -> None:
    with service(clean, "com.apple.crashreportmover") as sock:
        assert Channel(sock).read(5) == b"ping\0"
    assert asked(clean, "com.apple.crashreportmover") == ["connect"]


# -- logs ----------------------------------------------------------------------------------------------------------


def reply(channel: Channel) -> dict[str, Any]:
    mark, length = struct.unpack(">BI", channel.read(5))
    assert mark == 1
    answer = plistlib.loads(channel.read(length))
    assert isinstance(answer, dict)
    return answer


def test_the_process_list(clean: VirtualIphone) -> None:
    with service(clean, OS_TRACE) as sock:
        trace = PropertyLists(sock)
        trace.send({"Request": "PidList"})
        assert reply(trace)["Payload"]["68"] == {"ProcessName": "SpringBoard"}


def entries(trace: PropertyLists, count: int) -> list[bytes]:
    records = []
    for _ in range(count):
        mark, length = struct.unpack("<BI", trace.read(5))
        assert mark == 2
        records.append(trace.read(length))
    return records


@pytest.mark.parametrize(("flags", "count"), [(0x0C, 6), (0x2C, 7)])
def test_debug_messages_only_come_with_the_debug_bit(clean: VirtualIphone, flags: int, count: int) -> None:
    with service(clean, OS_TRACE) as sock:
        trace = PropertyLists(sock)
        trace.send({"Request": "StartActivity", "Pid": -1, "MessageFilter": 65535, "StreamFlags": flags})
        assert reply(trace) == {"Status": "RequestSuccessful"}
        records = entries(trace, count)
    assert any(b"asked for debug" in record for record in records) == bool(flags & 0x20)
    assert [r.detail["StreamFlags"] for r in clean.record if r.request == "StartActivity"] == [flags]


def test_the_stream_can_be_narrowed_to_one_process(clean: VirtualIphone) -> None:
    with service(clean, OS_TRACE) as sock:
        trace = PropertyLists(sock)
        trace.send({"Request": "StartActivity", "Pid": 52, "MessageFilter": 65535, "StreamFlags": 12})
        reply(trace)
        (record,) = entries(trace, 1)
    assert struct.unpack_from("<I", record, 9) == (52,)
    assert b"client not authorized" in record


def test_an_endless_log_waits_for_a_slow_reader(clean: VirtualIphone) -> None:
    clean.description["log"] = {
        "entries": [{"pid": 1, "process": "p", "message": "x" * 1000}], "repeat": True}
    with service(clean, OS_TRACE) as sock:
        trace = PropertyLists(sock)
        trace.send({"Request": "StartActivity", "Pid": -1, "MessageFilter": 65535, "StreamFlags": 12})
        reply(trace)
        assert len(entries(trace, 3000)) == 3000


def test_the_log_archive_is_a_tar_that_ends_with_the_connection(clean: VirtualIphone) -> None:
    with service(clean, OS_TRACE) as sock:
        trace = PropertyLists(sock)
        trace.send({"Request": "CreateArchive"})
        assert reply(trace)["Status"] == "RequestSuccessful"
        whole = b""
        while True:
            try:
                mark, length = struct.unpack("<BI", trace.read(5))
            except (Ended, OSError):
                break
            assert mark == 3
            whole += trace.read(length)
    assert len(whole) % 512 == 0
    assert b"logdata.LiveData.tracev3" in whole


def test_syslog_begins_with_nul_and_ends_each_entry_with_line_feed_and_nul(clean: VirtualIphone) -> None:
    lines = clean.description["syslog"]["entries"]
    expected = b"\0" + b"".join(line.encode() + b"\n\0" for line in lines)
    with service(clean, "com.apple.syslog_relay") as sock:
        assert Channel(sock).read(len(expected)) == expected
    assert asked(clean, "com.apple.syslog_relay") == ["connect"]
