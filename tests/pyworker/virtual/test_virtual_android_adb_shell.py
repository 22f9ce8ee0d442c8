"""adb_shell, the library, as a client of the virtual phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from adb_shell.adb_device import AdbDeviceTcp
from adb_shell.auth.keygen import keygen
from adb_shell.auth.sign_cryptography import CryptographySigner
from adb_shell.auth.sign_pythonrsa import PythonRSASigner
from adb_shell.exceptions import DeviceAuthError, InvalidChecksumError, InvalidCommandError, TcpTimeoutException

from pyworker.virtual.android import VirtualAdbd, VirtualAndroid
from pyworker.virtual.android.auth import is_signed_by, public_key_text


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("key") / "adbkey")
    keygen(path)
    return path


@pytest.fixture(params=["android-clean", "android-9", "android-5"])
def phone(request: pytest.FixtureRequest, key_file: str) -> VirtualAndroid:
    phone = VirtualAndroid.load(request.param)
    phone.accepted_keys.append(Path(key_file + ".pub").read_text())
    return phone


@pytest.fixture
def device(phone: VirtualAndroid, key_file: str) -> Iterator[AdbDeviceTcp]:
    with VirtualAdbd(phone) as daemon:
        device = AdbDeviceTcp(*daemon.address, default_transport_timeout_s=5)
        device.connect(rsa_keys=[CryptographySigner(key_file)], auth_timeout_s=5)
        yield device
        device.close()


def test_it_reads_and_its_bytes_are_the_phones(device: AdbDeviceTcp, phone: VirtualAndroid) -> None:
    getprop = phone.outputs["getprop"].stdout
    assert device.exec_out("getprop", decode=False) == getprop
    assert isinstance(getprop, bytes)
    ends = b"\r\n" if phone.sdk < 24 else b"\n"
    assert device.shell("getprop", decode=False) == getprop.replace(b"\n", ends)


def test_one_connection_carries_many_commands(device: AdbDeviceTcp) -> None:
    assert [device.shell(f"echo {number}").strip() for number in range(30)] == [str(number) for number in range(30)]


def test_files_are_listed_and_read(device: AdbDeviceTcp, phone: VirtualAndroid, tmp_path: Path) -> None:
    assert bytes(device.list("/proc")[-1].filename) == b"version"
    assert device.stat("/proc/nothing") == (0, 0, 0)
    device.pull("/proc/meminfo", str(tmp_path / "meminfo"))
    assert (tmp_path / "meminfo").read_bytes() == phone.files.contents["/proc/meminfo"]


def test_a_push_is_a_change(device: AdbDeviceTcp, phone: VirtualAndroid, tmp_path: Path) -> None:
    before = phone.snapshot()
    (tmp_path / "x").write_bytes(b"pushed" * 30_000)
    device.push(str(tmp_path / "x"), "/sdcard/x")
    assert phone.files.contents["/sdcard/x"] == b"pushed" * 30_000
    assert phone.snapshot() != before
    assert ("change", "write /sdcard/x") in phone.record


@pytest.mark.parametrize("signer", [CryptographySigner, PythonRSASigner.FromRSAKeyPath])
def test_both_signers_are_let_in(phone: VirtualAndroid, key_file: str, signer: object) -> None:
    assert callable(signer)
    with VirtualAdbd(phone) as daemon:
        device = AdbDeviceTcp(*daemon.address)
        assert device.connect(rsa_keys=[signer(key_file)], auth_timeout_s=2)
        device.close()


def test_without_a_key_nothing_is_offered(phone: VirtualAndroid) -> None:
    with VirtualAdbd(phone) as daemon, pytest.raises(DeviceAuthError):
        AdbDeviceTcp(*daemon.address).connect()
    assert not [each for each in phone.record if each.kind == "auth"]


def test_an_unknown_key_raises_the_question_on_the_phone(phone: VirtualAndroid, tmp_path: Path) -> None:
    keygen(str(tmp_path / "other"))
    with VirtualAdbd(phone) as daemon, pytest.raises(TcpTimeoutException):
        AdbDeviceTcp(*daemon.address).connect(rsa_keys=[CryptographySigner(str(tmp_path / "other"))], auth_timeout_s=0.5)
    kinds = [each.text.split(" ")[0] for each in phone.record if each.kind == "auth"]
    assert kinds == ["signature", "public"]


def test_faults_reach_the_library_as_it_names_them(phone: VirtualAndroid, key_file: str) -> None:
    phone.faults.add("exec:", "wrong_checksum", times=1)
    phone.faults.add("exec:", "refused_open", times=1)
    phone.faults.add("exec:", "stall", after=4, times=1)
    phone.faults.add("exec:", "garbage", times=1)
    expected = [InvalidChecksumError, TcpTimeoutException, TcpTimeoutException, InvalidCommandError]
    with VirtualAdbd(phone) as daemon:
        for kind in expected:
            device = AdbDeviceTcp(*daemon.address)
            device.connect(rsa_keys=[CryptographySigner(key_file)], auth_timeout_s=5)
            with pytest.raises(kind):
                device.exec_out("getprop", transport_timeout_s=0.5, read_timeout_s=0.5)
            device.close()


def test_wireless_debugging_is_answered_with_tls(phone: VirtualAndroid, key_file: str) -> None:
    phone.faults.add("connect", "tls")
    with VirtualAdbd(phone) as daemon, pytest.raises(InvalidCommandError):
        AdbDeviceTcp(*daemon.address).connect(rsa_keys=[CryptographySigner(key_file)])


def test_the_public_key_text_is_the_one_adb_writes(key_file: str) -> None:
    written = Path(key_file + ".pub").read_text().split()[0]
    made = public_key_text(Path(key_file).read_bytes(), "me@here")
    assert made == f"{written} me@here"
    token = bytes(range(20))
    good = CryptographySigner(key_file).Sign(token)
    assert is_signed_by(made, token, good)
    assert not is_signed_by(made, bytes(20), good)
    assert not is_signed_by(made, token, good[:-1] + bytes((good[-1] ^ 1,)))
    assert not is_signed_by("no key at all", token, good)
    assert not is_signed_by("", token, good)
