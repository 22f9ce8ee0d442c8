"""Which programs a phone has, by name and Android version."""

from __future__ import annotations

from functools import cache

from pyworker.virtual.android import toybox
from pyworker.virtual.android.commands import controls, packages, properties, system_services, users
from pyworker.virtual.android.commands.settings import settings
from pyworker.virtual.android.logcat import logcat

ANDROID_6, ANDROID_7 = 23, 24
CONTROLS = (
    "am", "svc", "wm", "input", "ime", "dpm", "content", "monkey", "bmgr", "locksettings", "device_config",
    "appops", "media", "sm", "vdc", "telecom", "hid", "tc", "start", "stop",
)
ANDROID: dict[str, toybox.Program] = {
    "getprop": properties.getprop,
    "setprop": properties.setprop,
    "settings": settings,
    "dumpsys": system_services.dumpsys,
    "service": system_services.service,
    "pm": packages.pm,
    "logcat": logcat,
    "id": users.identity,
    "uptime": users.uptime,
    "su": users.su,
    "reboot": controls.reboot,
    "getenforce": controls.getenforce,
    "setenforce": controls.setenforce,
    "bugreport": controls.leave_a_file,
    "bugreportz": controls.leave_a_file,
    "screencap": controls.leave_a_file,
    "screenrecord": controls.leave_a_file,
    "uiautomator": controls.leave_a_file,
    **dict.fromkeys(CONTROLS, controls.controls),
}
NEWER: dict[str, toybox.Program] = {"whoami": users.identity, "cmd": system_services.cmd}
ONLY_WHERE_DESCRIBED = ("su",)


@cache
def programs(sdk: int) -> dict[str, toybox.Program]:
    """The programs a phone of this SDK has; `su` is there only where the description gives it a path."""
    return {
        **(toybox.TOOLS if sdk >= ANDROID_6 else toybox.TOOLBOX),
        **ANDROID,
        **(NEWER if sdk >= ANDROID_7 else {}),
    }
