"""The closed catalogue: every command the worker can ever give a phone's shell to inspect it.

Each is a fixed text and changes nothing on the phone. Nothing that a request contains can become part of one: judges
and sessions use these constants, and the gate lets no other text through. Rules for a new one: it writes no file and
no setting, works or fails quietly on Android 5 (toolbox: no head, no timeout, df without options), and costs one
process where it can; nothing closes a pipe early, as some services cannot bear that. Dumps that decide over a lock
come whole; only dumps of megabytes are reduced on the phone, by lines whose absence is never taken for a no.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.android import root_files
from pyworker.android.accounts import parse_accounts
from pyworker.android.batterystats import parse_batterystats
from pyworker.android.device_policy import parse_device_policy, parse_owner_list
from pyworker.android.df import parse_df
from pyworker.android.diskstats import parse_diskstats
from pyworker.android.dropbox import parse_dropbox
from pyworker.android.dump_text import answer_of
from pyworker.android.dumpsys_battery import parse_battery
from pyworker.android.file_values import parse_file_values
from pyworker.android.getprop import Properties, parse_getprop
from pyworker.android.health_hal import parse_health_hal
from pyworker.android.media_camera import parse_cameras
from pyworker.android.parcel import parse_parcel_string
from pyworker.android.persistent_data_block import parse_persistent_data_block
from pyworker.android.root_files import parse_root_files, parse_root_managers
from pyworker.android.screen_size import parse_refresh_rates, parse_wm_density, parse_wm_size
from pyworker.android.sensorservice import parse_sensors
from pyworker.android.settings_tables import parse_setting
from pyworker.android.small_answers import (
    parse_date,
    parse_getenforce,
    parse_meminfo,
    parse_tombstones,
    parse_uptime,
)
from pyworker.android.thermalservice import parse_thermalservice
from pyworker.android.trust import parse_keyguard, parse_trust
from pyworker.findings import MISSING, Unread
from pyworker.probes import Read, Witness

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_POWER = "/sys/class/power_supply/"
_UFS = "/sys/devices/platform/"


def _shell(command: str, why: str, parse: Callable[[bytes, bool], Any], must_succeed: bool = False) -> Read:
    return Read("shell", command, (), why, answer_of(parse, must_succeed))


# Identity, and most of what is known about boot and vendor locks.
GETPROP = _shell("getprop", "all system properties: identity, versions, boot state, vendor locks", parse_getprop,
                 must_succeed=True)
CLOCK = _shell("date +%s", "the phone's clock, to tell the age of its security patch", parse_date)
IMEI = _shell("service call iphonesubinfo 1 s16 com.android.shell",
              "the device number of the first modem; a getter, refused since Android 10", parse_parcel_string)

# The locks.
FRP_MODE_SECURE = _shell("settings get secure secure_frp_mode", "factory reset protection now, up to Android 13",
                         parse_setting)
FRP_MODE_GLOBAL = _shell("settings get global secure_frp_mode", "factory reset protection now, from Android 14",
                         parse_setting)
DEVICE_PROVISIONED = _shell("settings get global device_provisioned", "whether the phone is set up", parse_setting)
USER_SETUP_COMPLETE = _shell("settings get secure user_setup_complete", "whether its user is set up", parse_setting)
PERSISTENT_DATA_BLOCK = _shell("dumpsys persistent_data_block", "factory reset protection now, from Android 15",
                               parse_persistent_data_block)
DEVICE_POLICY = _shell("dumpsys device_policy", "device owner, profile owners, admins", parse_device_policy)
OWNER_LIST = _shell("cmd device_policy list-owners", "the owners once more, from Android 12", parse_owner_list)
ACCOUNT = _shell("dumpsys account", "kinds of accounts signed in with; names are dropped", parse_accounts)
ROOT_FILES = _shell(f"command -v {' '.join(root_files.PROGRAMS)}; ls -d {' '.join(root_files.PATHS)}",
                    "files only rooted phones have", parse_root_files)

# The rest of a deep inspection.
BATTERY = _shell("dumpsys battery", "charge, state, temperature, vendors' wear figures", parse_battery)
BATTERY_FILES = _shell(
    "grep . " + " ".join(_POWER + name for name in (
        "battery/cycle_count", "battery/charge_full", "battery/charge_full_design", "bms/cycle_count",
        "bms/charge_full", "bms/charge_full_design", "battery/battery_cycle", "battery/fg_asoc")),
    "the fuel gauge's cycle count and capacities, where the shell may read them", parse_file_values)
BATTERYSTATS = _shell("dumpsys batterystats --charged|grep 'battery capacity'",
                      "the learned battery capacities", parse_batterystats)
DATA_VOLUME = _shell("df -k /data", "size and free space of the data volume", parse_df)
DISKSTATS = _shell("dumpsys diskstats", "write latency and what fills the storage", parse_diskstats)
STORAGE_LIFE_FILES = _shell(
    f"grep . {_UFS}*/health_descriptor/[el]* {_UFS}*/*/health_descriptor/[el]*"
    " /sys/class/mmc_host/mmc0/mmc0:*/life_time /sys/class/mmc_host/mmc0/mmc0:*/pre_eol_info",
    "the wear of UFS or eMMC storage, where the shell may read it", parse_file_values)
THERMALSERVICE = _shell("dumpsys thermalservice", "temperatures and throttling now", parse_thermalservice)
SELINUX = _shell("getenforce", "whether SELinux is enforcing", parse_getenforce)
ROOT_MANAGERS = _shell("pm list packages", "apps that manage root access; every other name is dropped",
                       parse_root_managers)
TRUST = _shell("dumpsys trust", "whether the screen is locked now", parse_trust)
KEYGUARD = _shell("dumpsys window policy", "whether there is a secure screen lock", parse_keyguard)
MEMINFO = _shell("cat /proc/meminfo", "main memory", parse_meminfo)
WM_SIZE = _shell("wm size", "the panel's pixels", parse_wm_size)
WM_DENSITY = _shell("wm density", "the panel's density", parse_wm_density)
DISPLAY = _shell("dumpsys display|grep DisplayDeviceInfo", "the panel's refresh rates", parse_refresh_rates)
CAMERAS = _shell("dumpsys media.camera|grep -E 'Number of camera devices|Facing:'", "how many cameras answer",
                 parse_cameras)
SENSORS = _shell("dumpsys sensorservice|grep -E '[|] *(ver: |version=)|^Total '", "which sensors answer", parse_sensors)
DROPBOX = _shell("dumpsys dropbox|grep -E '^Drop box|^[0-9]+-[0-9]+-[0-9]+ '", "how many crash reports of which kind",
                 parse_dropbox)
TOMBSTONES = _shell("ls -a /data/tombstones", "how many native crashes left a record", parse_tombstones)
UPTIME = _shell("cat /proc/uptime", "how long the phone has been on", parse_uptime)
DEVELOPER_OPTIONS = _shell("settings get global development_settings_enabled", "whether developer options are on",
                           parse_setting)
ADB_ENABLED = _shell("settings get global adb_enabled", "whether USB debugging is on", parse_setting)
ADB_WIFI_ENABLED = _shell("settings get global adb_wifi_enabled", "whether wireless debugging is on", parse_setting)
STAY_AWAKE = _shell("settings get global stay_on_while_plugged_in", "whether the screen stays on while charging",
                    parse_setting)
# Last: some phones' health HAL never answers.
HEALTH_HAL = _shell("dumpsys android.hardware.health.IHealth/default",
                    "the health HAL's cycle count, capacities and storage wear, from Android 13", parse_health_hal)

ALL = (
    GETPROP, CLOCK, IMEI, FRP_MODE_SECURE, FRP_MODE_GLOBAL, DEVICE_PROVISIONED, USER_SETUP_COMPLETE,
    PERSISTENT_DATA_BLOCK, DEVICE_POLICY, OWNER_LIST, ACCOUNT, ROOT_FILES, BATTERY, BATTERY_FILES, BATTERYSTATS,
    DATA_VOLUME, DISKSTATS, STORAGE_LIFE_FILES, THERMALSERVICE, SELINUX, ROOT_MANAGERS, TRUST, KEYGUARD, MEMINFO,
    WM_SIZE, WM_DENSITY, DISPLAY, CAMERAS, SENSORS, DROPBOX, TOMBSTONES, UPTIME, DEVELOPER_OPTIONS, ADB_ENABLED,
    ADB_WIFI_ENABLED, STAY_AWAKE, HEALTH_HAL,
)


def property_witness(key: str, words: dict[str, object] | None = None) -> Witness:
    """The witness of one system property: its text, or what `words` says it means; an empty property says nothing.

    A value that is not among `words` is unreadable: a new word must not pass for one of the known ones.
    """

    def pick(properties: Properties) -> object:
        text = properties.get(key)
        if text is None:
            return MISSING if properties.whole else Unread("truncated")
        return text if words is None else words.get(text.lower(), Unread("unreadable"))

    return Witness(GETPROP, key, pick)


def first_property(key: str, *names: str) -> Witness:
    """The witness of the first of these properties that says something; `key` names it in the evidence."""

    def pick(properties: Properties) -> object:
        text = next((text for name in names if (text := properties.get(name)) is not None), None)
        return text if text is not None else MISSING if properties.whole else Unread("truncated")

    return Witness(GETPROP, key, pick)
