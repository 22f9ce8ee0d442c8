"""What the commands of a virtual phone answer, and what they change."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from pyworker.virtual.android import Output, VirtualAndroid, logcat
from pyworker.virtual.android.mksh import Shell, Signals
from pyworker.virtual.android.mksh.descriptors import Collected, Null


@pytest.fixture
def phone() -> VirtualAndroid:
    return VirtualAndroid.load("android-clean")


def run(phone: VirtualAndroid, script: str) -> tuple[str, str, int]:
    out, err = Collected(), Collected()
    status = Shell(phone, Null(), out, err, Signals(threading.Event())).run(script)
    return out.text().decode(), err.text().decode(), status


# -- reading

def test_one_property_is_what_the_whole_list_says(phone: VirtualAndroid) -> None:
    assert run(phone, "getprop ro.product.model") == ("Pixel 7\n", "", 0)
    assert run(phone, "getprop ro.no.such") == ("\n", "", 0)
    assert run(phone, "getprop ro.no.such fallback") == ("fallback\n", "", 0)
    history = run(phone, "getprop persist.sys.boot.reason.history")[0]
    assert history.count("\n") == 3, "a value may run over several lines"


def test_an_entry_a_test_replaces_is_what_is_answered(phone: VirtualAndroid) -> None:
    phone.outputs["settings get secure secure_frp_mode"] = Output(b"1\n")
    phone.outputs["dumpsys battery"] = Output(b"part", b"Failure\n", 7)
    assert run(phone, "settings get secure secure_frp_mode")[0] == "1\n"
    assert run(phone, "settings get  secure   'secure_frp_mode'")[0] == "1\n"
    assert run(phone, "dumpsys battery") == ("part", "Failure\n", 7)
    del phone.outputs["settings get secure secure_frp_mode"]
    assert run(phone, "settings get secure secure_frp_mode")[0] == "null\n"


def test_output_can_be_made_while_it_is_read(phone: VirtualAndroid) -> None:
    phone.outputs["dumpsys long"] = Output(lambda: (b"%d\n" % number for number in range(100_000)))
    assert run(phone, "dumpsys long | head -n 2") == ("0\n1\n", "", 0)


def test_settings_are_got_listed_and_told_apart_from_nothing(phone: VirtualAndroid) -> None:
    assert run(phone, "settings get global device_provisioned")[0] == "1\n"
    assert run(phone, "settings get secure no_such_name")[0] == "null\n"
    assert "device_provisioned=1\n" in run(phone, "settings list global")[0]
    assert run(phone, "settings get nowhere x")[2] == 255


def test_services_that_are_not_there_are_named(phone: VirtualAndroid) -> None:
    assert run(phone, "dumpsys unknown") == ("", "Can't find service: unknown\n", 0)
    assert run(phone, "dumpsys -t 5 battery")[0].startswith("Current Battery Service state:")
    assert "  battery\n" in run(phone, "dumpsys -l")[0]
    assert run(phone, "cmd nonsense x")[1:] == ("cmd: Can't find service: nonsense\n", 20)


def test_unknown_commands_say_so_as_the_phones_age_does(phone: VirtualAndroid) -> None:
    assert run(phone, "frobnicate")[1:] == ("/system/bin/sh: frobnicate: inaccessible or not found\n", 127)
    assert run(VirtualAndroid.load("android-9"), "frobnicate")[1:] == ("/system/bin/sh: frobnicate: not found\n", 127)
    assert run(phone, "timeout 1 frobnicate")[2] == 127
    assert run(phone, "/system/bin/getprop ro.product.model")[0] == "Pixel 7\n"


def test_what_the_shell_user_may_not_read_is_denied(phone: VirtualAndroid) -> None:
    cycles = "/sys/class/power_supply/battery/cycle_count"
    assert run(phone, f"cat {cycles}") == ("", f"cat: {cycles}: Permission denied\n", 1)
    assert run(phone, "ls /data/system")[1:] == ("ls: /data/system: Permission denied\n", 1)
    assert run(phone, f"[ -r {cycles} ]; echo $?")[0] == "1\n"
    assert run(phone, "cat /sys/class/power_supply/battery/capacity")[0] == "84\n"
    assert run(phone, "cat /no/such")[1] == "cat: /no/such: No such file or directory\n"
    phone.files.contents["/sys/new"] = b"7\n"
    assert run(phone, "cat /sys/n*")[0] == "7\n"


def test_root_is_only_where_it_is_described() -> None:
    rooted = VirtualAndroid.load("android-rooted")
    assert run(rooted, "which su")[0] == "/product/bin/su\n"
    assert run(rooted, "command -v su magisk")[0] == "/product/bin/su\n/product/bin/magisk\n"
    assert run(rooted, "su -c id") == ("", "Permission denied\n", 1)
    rooted.description["su_allowed"] = True
    assert run(rooted, "su -c id")[0].startswith("uid=0(root)")
    assert run(rooted, "su -c 'cat /data/adb/magisk.db'")[2] == 0
    clean = VirtualAndroid.load("android-clean")
    assert run(clean, "which su") == ("", "", 1)
    assert run(clean, "su -c id")[2] == 127


def test_the_device_number_is_refused_since_android_10(phone: VirtualAndroid) -> None:
    call = "service call iphonesubinfo 1 s16 com.android.shell"
    assert "ffffffff" in run(phone, call)[0]
    old = run(VirtualAndroid.load("android-9"), call)[0]
    assert old.startswith("Result: Parcel(\n  0x00000000: 00000000 0000000f 00300030 00390034 '........0.0.4.9.'\n")


# -- logcat

def test_logcat_gives_what_it_is_asked_for(phone: VirtualAndroid) -> None:
    everything = run(phone, "logcat -d")[0]
    assert everything.startswith("--------- beginning of ")
    assert run(phone, "logcat -d -t 2")[0].count("\n") <= 4
    assert "AndroidRuntime" in run(phone, "logcat -d -b crash")[0]
    assert "RILJ" not in everything
    assert "RILJ" in run(phone, "logcat -d -b radio")[0]
    assert "ring buffer" in run(phone, "logcat -g")[0]
    assert "D/PowerManagerService( 1612): " in run(phone, "logcat -d -v time")[0]


def test_generated_lines_are_the_same_for_the_same_seed_and_in_order() -> None:
    first = b"".join(logcat.lines(1 << 20, seed=5))
    assert first == b"".join(logcat.lines(1 << 20, seed=5))
    assert first != b"".join(logcat.lines(1 << 20, seed=6))
    lines = first.decode().splitlines()
    stamps = [line[:18] for line in lines]
    assert stamps == sorted(stamps)
    assert all(line[33:34] == " " or line[18:19] == " " for line in lines)
    assert (1 << 20) - 300 < len(first) <= 1 << 20


# -- changes

CHANGING = [
    "settings put global adb_enabled 0", "settings delete secure user_setup_complete", "settings reset secure trusted_defaults",
    "cmd settings put global x 1", "pm uninstall com.example.chat", "pm clear com.example.chat", "pm disable-user --user 0 com.example.chat",
    "cmd package uninstall com.example.chat", "cmd battery set level 5", "cmd battery unplug", "dumpsys battery set level 5", "dumpsys battery reset",
    "dumpsys batterystats --reset", "cmd persistent_data_block deactivate x", "logcat -c", "logcat -G 1M", "logcat -f /sdcard/log", "reboot &",
    "setprop persist.x 1", "am force-stop com.example.chat", "am start -n a/b", "svc wifi disable", "wm size 100x100", "wm density reset",
    "input keyevent 26", "dpm remove-active-admin a/b", "content insert --uri content://settings/secure", "echo x > /data/local/tmp/f",
    "echo x >> /sdcard/f", "tee /sdcard/f </dev/null", "touch /sdcard/f", "mkdir /sdcard/d", "cp /proc/version /sdcard/v", "dd if=/proc/version of=/sdcard/v",
    "rm -rf /data/local/tmp/old", "mv /data/local/tmp/old/a /sdcard/a", "chmod 600 /data/local/tmp/old/a", "screencap /sdcard/s.png", "bugreportz",
    "uiautomator dump /sdcard/u.xml", "service call power 1", "cat <<E\nx\nE", "locksettings clear --old 1", "bmgr run", "ime set x", "monkey 1", "media volume 1",
    "device_config put a b c", "cmd statusbar expand-notifications", "stop", "sm format x", "ln -s /a /sdcard/b", "cmd device_policy set-device-owner a/b",
]
READING = [
    "getprop", "settings list secure", "settings get global x", "dumpsys battery", "dumpsys -l", "pm list packages -f", "pm path com.example.chat",
    "cmd package list packages", "cmd device_policy list-owners", "logcat -d", "logcat -g", "logcat -L", "id", "whoami", "date", "uptime", "uname -a",
    "getenforce", "ls -l /proc", "cat /proc/meminfo", "head -c 10 /proc/version", "grep -c : /proc/meminfo", "wm size", "wm density", "df /data",
    "find /sys", "stat /proc/version", "which sh su", "service list", "service check battery", "service call iphonesubinfo 1", "echo x", "true | cat",
    "for i in 1 2; do echo $i; done 2>&1 >/dev/null", "command -v timeout", "timeout 1 true", "cat /no/such 2>/dev/null", "cat /data/system/x", "dumpsys",
    "echo x > /system/f", "rm /system/build.prop", "touch /no/such/folder/f", "x=1; y=$x", "read x </proc/version; echo $x", "am get-current-user",
]


@pytest.fixture
def phone_with_a_file(phone: VirtualAndroid) -> VirtualAndroid:
    phone.files.contents["/data/local/tmp/old/a"] = b"a"
    return phone


@pytest.mark.parametrize("script", CHANGING)
def test_a_command_that_alters_a_phone_alters_this_one(phone_with_a_file: VirtualAndroid, script: str) -> None:
    phone = phone_with_a_file
    before = phone.snapshot()
    signals = Signals(threading.Event()).within(0.5)
    out = Collected()
    try:
        Shell(phone, Null(), out, out, signals).run(script)
    except Exception as ended:  # `reboot` never returns
        assert type(ended).__name__ == "TimeUp"
    assert phone.snapshot() != before
    assert any(each.kind == "change" for each in phone.record)


@pytest.mark.parametrize("script", READING)
def test_a_command_that_reads_alters_nothing(phone_with_a_file: VirtualAndroid, script: str) -> None:
    before = phone_with_a_file.snapshot()
    run(phone_with_a_file, script)
    assert phone_with_a_file.snapshot() == before
    assert not any(each.kind == "change" for each in phone_with_a_file.record)


def test_changes_can_be_read_back(phone: VirtualAndroid) -> None:
    run(phone, "settings put global animator_duration_scale 0; setprop debug.x 'a b'; echo one > /sdcard/f; echo two >> /sdcard/f; rm /sdcard/nothing")
    assert run(phone, "settings get global animator_duration_scale; getprop debug.x; cat /sdcard/f")[0] == "0\na b\none\ntwo\n"
    assert run(phone, "pm uninstall com.example.chat; pm list packages com.example.chat")[0] == "Success\n"


def test_a_snapshot_is_a_copy(phone: VirtualAndroid) -> None:
    before = phone.snapshot()
    before["settings"]["global"]["adb_enabled"] = "changed"
    before["files"].clear()
    assert run(phone, "settings get global adb_enabled; cat /proc/uptime")[0].startswith("1\n2741")


def test_the_record_keeps_what_was_sent_as_it_was_sent(phone: VirtualAndroid) -> None:
    run(phone, "dumpsys 'bättery'".encode().decode("latin-1"))
    assert ("command", "dumpsys bättery") in phone.record


def test_a_phone_can_come_from_any_folder(tmp_path: Path) -> None:
    (tmp_path / "phone.json").write_text('{"serial": "MINE", "sdk": 30, "outputs": {"dumpsys x": "x.txt", "y": {"stdout": "why\\n", "status": 2}}, '
                                         '"files": {"/proc/one": "1\\n"}, "settings": {"secure": {"a": "b"}}}')
    (tmp_path / "x.txt").write_bytes(b"bytes \xff\r\n")
    (tmp_path / "files/sys").mkdir(parents=True)
    (tmp_path / "files/sys/two").write_text("2\n")
    phone = VirtualAndroid.from_folder(tmp_path)
    assert phone.outputs["dumpsys x"].stdout == b"bytes \xff\r\n"
    assert run(phone, "y; echo $?; cat /proc/one /sys/two; settings get secure a")[0] == "why\n2\n1\n2\nb\n"


# -- toybox

@pytest.fixture
def two_files(phone: VirtualAndroid) -> VirtualAndroid:
    run(phone, "cd /data/local/tmp; printf 'a\\nb\\na\\n' >one; printf 'b\\n' >two; printf 'a\\n' >three")
    return phone


@pytest.mark.parametrize(("script", "said"), [
    ("grep -c a one two three", "one:2\ntwo:0\nthree:1\n"),
    ("grep -c a one", "2\n"),
    ("grep -hc a one two", "2\n0\n"),
    ("grep -l a one two three", "one\nthree\n"),
    ("grep -m 1 a one three", "one:a\nthree:a\n"),
    ("grep -q a two three && echo found", "found\n"),
    ("tail -c 0 one", ""),
    ("tail -c 2 one", "a\n"),
    ("tail -c -2 one", "a\n"),
    ("tail -c +5 one", "a\n"),
    ("setsid getprop ro.product.model", "Pixel 7\n"),
    ("dd if=nowhere; echo $?", "1\n"),
    ("cat <<E\n$(echo once; echo x >>count)\nE\ncat count", "once\nx\n"),
])
def test_a_command_says_what_toybox_says(two_files: VirtualAndroid, script: str, said: str) -> None:
    assert run(two_files, f"cd /data/local/tmp; {script}")[0] == said
