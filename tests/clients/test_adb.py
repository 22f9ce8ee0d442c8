"""Debian's real adb as a referee of the virtual Android phone: connect, list, shell, exec-out, and a key that is not accepted.

Its server holds virtual phones over TCP, and its client asks the virtual server.
"""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from pyworker.virtual.android import VirtualAdbd, VirtualAdbServer, VirtualAndroid

pytestmark = pytest.mark.skipif(
    shutil.which("adb") is None and "CI" not in os.environ, reason="adb is not installed (Debian: adb)"
)
PATIENCE_S = 30


class Adb:
    """adb with a server, a home folder and a key of its own."""

    def __init__(self, home):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.environment = {**os.environ, "HOME": str(home), "ANDROID_ADB_SERVER_PORT": str(port), "ADB_MDNS": "0",
                            "ADB_LOCAL_TRANSPORT_MAX_PORT": "5553"}
        self("start-server")
        self.public_key = Path(home, ".android/adbkey.pub").read_text()

    def __call__(self, *arguments):
        return subprocess.run(["adb", *arguments], env=self.environment, capture_output=True, timeout=PATIENCE_S,
                              check=False, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def adb(tmp_path_factory):
    adb = Adb(tmp_path_factory.mktemp("home"))
    yield adb
    adb("kill-server")


@pytest.fixture
def phone(adb):
    """A phone that has accepted this computer's key."""
    phone = VirtualAndroid.load("android-clean")
    phone.accepted_keys.append(adb.public_key)
    with VirtualAdbd(phone) as daemon:
        phone.address = "{}:{}".format(*daemon.address)
        assert b"connected" in adb("connect", phone.address).stdout
        yield phone
        adb("disconnect", phone.address)


def test_adb_lists_a_phone_that_accepts_its_key(adb, phone):
    listed = adb("devices", "-l").stdout.decode()
    [line] = [line for line in listed.splitlines() if line.startswith(phone.address)]
    assert line.split()[1] == "device"
    assert "model:" in line
    assert adb("-s", phone.address, "get-state").stdout.strip() == b"device"


def test_adb_shell_brings_output_errors_and_status_apart(adb, phone):
    done = adb("-s", phone.address, "shell", "echo out; echo err >&2; exit 5")
    assert (done.stdout, done.stderr, done.returncode) == (b"out\n", b"err\n", 5)


def test_adb_shell_reads_properties(adb, phone):
    assert adb("-s", phone.address, "shell", "getprop", "ro.product.model").stdout.strip() == b"Pixel 7"


def test_adb_exec_out_brings_bytes_as_they_are(adb, phone):
    done = adb("-s", phone.address, "exec-out", "printf 'a\\r\\n\\0b'")
    assert done.stdout == b"a\r\n\0b"


def test_adb_says_what_is_not_there(adb, phone):
    done = adb("-s", phone.address, "shell", "no_such_command")
    assert done.returncode == 127
    assert b"not found" in done.stdout + done.stderr


def test_an_old_phone_without_shell_v2(adb):
    phone = VirtualAndroid.load("android-5")
    phone.accepted_keys.append(adb.public_key)
    with VirtualAdbd(phone) as daemon:
        address = "{}:{}".format(*daemon.address)
        adb("connect", address)
        assert adb("-s", address, "shell", "echo x").stdout.strip() == b"x"
        assert adb("-s", address, "exec-out", "echo x").stdout == b"x\n"
        adb("disconnect", address)


def test_a_phone_that_has_not_accepted_the_key_is_unauthorized(adb):
    with VirtualAdbd(VirtualAndroid.load("android-clean")) as daemon:
        address = "{}:{}".format(*daemon.address)
        adb("connect", address)
        [line] = [line for line in adb("devices").stdout.decode().splitlines() if line.startswith(address)]
        assert line.split()[1] in ("unauthorized", "offline", "authorizing")
        assert adb("-s", address, "shell", "echo x").returncode != 0
        adb("disconnect", address)


def test_adb_shell_without_v2_brings_output_and_no_status(adb, phone):
    done = adb("-s", phone.address, "shell", "-x", "echo out; echo err >&2; exit 5")
    assert (done.stdout, done.returncode) == (b"out\nerr\n", 0)


def test_adb_reads_and_writes_files(adb, phone, tmp_path):
    pulled = adb("-s", phone.address, "pull", "/proc/meminfo", str(tmp_path / "meminfo"))
    assert pulled.returncode == 0, pulled
    assert (tmp_path / "meminfo").read_bytes() == phone.files.contents["/proc/meminfo"]
    (tmp_path / "sent").write_bytes(bytes(range(256)) * 1000)
    assert adb("-s", phone.address, "push", str(tmp_path / "sent"), "/sdcard/sent").returncode == 0
    assert phone.files.contents["/sdcard/sent"] == bytes(range(256)) * 1000
    denied = adb("-s", phone.address, "pull", "/data/system/x", str(tmp_path / "x"))
    assert b"Permission denied" in denied.stdout + denied.stderr


def test_adb_logcat_brings_the_phones_log(adb, phone):
    log = adb("-s", phone.address, "logcat", "-d", "-b", "crash").stdout
    assert log.startswith(b"--------- beginning of crash\n")
    assert b"FATAL EXCEPTION: main" in log


def test_a_phone_that_goes_is_gone_for_adb(adb, phone):
    assert b"disconnected" in adb("disconnect", phone.address).stdout
    assert phone.address.encode() not in adb("devices").stdout
    assert b"not found" in adb("-s", phone.address, "shell", "echo x").stderr
    adb("connect", phone.address)


def test_an_owner_who_allows_it_lets_adb_in(adb):
    with VirtualAdbd(VirtualAndroid.load("android-clean")) as daemon:
        address = "{}:{}".format(*daemon.address)
        adb("connect", address)
        patience = time.monotonic() + 10.0  # adb may say that it failed to connect before it has offered its key
        while not (offers := {each.text for each in daemon.phone.record if each.text.startswith("public key ")}):
            assert time.monotonic() < patience
            time.sleep(0.05)
        [offered] = offers
        daemon.phone.press_allow(offered.removeprefix("public key "))
        adb("-s", address, "wait-for-device")
        assert adb("-s", address, "shell", "echo in").stdout == b"in\n"
        adb("disconnect", address)


def test_adb_as_a_client_of_the_virtual_server(tmp_path):
    clean, old = VirtualAndroid.load("android-clean"), VirtualAndroid.load("android-5")
    with VirtualAdbServer([clean, old]) as server:
        environment = {**os.environ, "HOME": str(tmp_path), "ANDROID_ADB_SERVER_PORT": str(server.address[1])}

        def ask(*arguments):
            return subprocess.run(["adb", *arguments], env=environment, capture_output=True, timeout=PATIENCE_S,
                                  check=False, input=b"typed\n")

        listed = ask("devices", "-l").stdout.decode().splitlines()
        assert listed[1].split() == [clean.serial, "device", "usb:1-1", "product:panther", "model:Pixel_7", "device:panther",
                                     "transport_id:1"]
        assert listed[2].split()[:2] == [old.serial, "device"]
        done = ask("-s", clean.serial, "shell", "cat; echo err >&2; exit 5")
        assert (done.stdout, done.stderr, done.returncode) == (b"typed\n", b"err\n", 5)
        assert ask("-s", old.serial, "shell", "echo x").stdout == b"x\r\n"
        assert ask("-s", old.serial, "exec-out", "echo x").stdout == b"x\n"
        assert ask("-s", clean.serial, "get-state").stdout == b"device\n"
        assert ask("-s", clean.serial, "wait-for-device").returncode == 0
        assert ask("shell", "id").stderr == b"error: more than one device/emulator\n"
        clean.state = "unauthorized"
        assert b"error: device unauthorized." in ask("-s", clean.serial, "shell", "id").stderr
        ask("kill-server")
        assert ask("devices").returncode == 0, "the virtual server is not killed by a client"
