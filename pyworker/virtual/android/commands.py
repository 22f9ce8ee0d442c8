"""The Android commands of a phone, answered from its description: getprop, settings, dumpsys, pm, logcat, id …

A command whose exact text is in `phone.outputs` never gets here. What would alter a real phone alters this one (settings,
packages, properties, files, `altered`) and is recorded as a change. Texts and statuses follow AOSP's command line tools.
"""

from __future__ import annotations

import re
import time

from pyworker.virtual.android import logcat, parcel, toybox
from pyworker.virtual.android.mksh.shell import Process, Shell

ANDROID_6, ANDROID_7, ANDROID_10, ANDROID_12 = 23, 24, 29, 31
SERVICE_NOT_FOUND = 20  # cmd's status for an unknown service

# What `cmd SERVICE` and the tools named after a service may be asked without altering anything.
READING_VERBS = (
    "get",
    "list",
    "help",
    "-h",
    "--help",
    "status",
    "dump",
    "path",
    "query",
    "get-config",
    "get-state",
    "stack",
    "size",
    "density",
    "is-enabled",
    "print",
    "show",
    "list-owners",
    "get-current-user",
    "check",
    "tethering-status",
)


def parsed_properties(text: str) -> dict[str, str]:
    """`getprop` output as a mapping; values may run over several lines."""
    found: dict[str, str] = {}
    for match in re.finditer(r"^\[([^\]\n]*)\]: \[(.*?)\]$(?=\n\[|\n*\Z)", text, re.MULTILINE | re.DOTALL):
        found[match[1]] = match[2]
    return found


def properties_of(process: Process) -> dict[str, str]:
    output = process.phone.outputs.get("getprop")
    if output is None:
        return {}
    data = output.stdout if isinstance(output.stdout, bytes) else b"".join(output.stdout())
    return parsed_properties(data.replace(b"\r\n", b"\n").decode("latin-1"))


def getprop(process: Process) -> int:
    names = [each for each in process.arguments[1:] if not each.startswith("-")]
    properties = properties_of(process)
    if not names:
        process.out("".join(f"[{name}]: [{value}]\n" for name, value in sorted(properties.items())))
        return 0
    process.out(properties.get(names[0]) or (names[1] if len(names) > 1 else ""))
    process.out("\n")
    return 0


def setprop(process: Process) -> int:
    if len(process.arguments) != 3:
        process.err("setprop: Need 2 arguments\n")
        return 1
    name, value = process.arguments[1:]
    if name.startswith("ro."):
        process.err(f"Failed to set property '{name}' to '{value}'.\nSee dmesg for error reason.\n")
        return 1
    properties = {**properties_of(process), name: value}
    text = "".join(f"[{key}]: [{each}]\n" for key, each in sorted(properties.items()))
    process.phone.replace_output("getprop", text.encode("latin-1"))
    process.phone.note("change", f"setprop {name} {value}")
    return 0


def settings(process: Process) -> int:
    arguments = process.arguments[1:]
    if arguments[:1] == ["--user"]:
        arguments = arguments[2:]
    verb, table, *rest = [*arguments, "", ""]
    if verb not in ("get", "list", "put", "delete", "reset") or table not in ("secure", "global", "system"):
        process.err(f"Invalid namespace '{table}'\n" if verb in ("get", "list", "put", "delete") else "Bad arguments\n")
        return 255
    values = process.phone.settings[table]
    rest = [each for each in rest if each != ""]
    if verb == "list":
        process.out("".join(f"{name}={value}\n" for name, value in sorted(values.items())))
    elif not rest:
        process.err("Bad arguments\n")
        return 255
    elif verb == "get":
        process.out(values.get(rest[0], "null") + "\n")
    elif verb == "put":
        values[rest[0]] = rest[1] if len(rest) > 1 else ""
        process.phone.note("change", f"settings put {table} {' '.join(rest)}")
    elif verb == "delete":
        gone = values.pop(rest[0], None)
        process.out(f"Deleted {0 if gone is None else 1} rows\n")
        process.phone.note("change", f"settings delete {table} {rest[0]}")
    else:
        process.phone.alter(f"settings reset {table}", " ".join(rest))
    return 0


def dumpsys(process: Process) -> int:
    """Options are taken off and the rest looked up again, so `dumpsys -t 5 battery` answers as `dumpsys battery` does."""
    rest = process.arguments[1:]
    listing = False
    while rest and rest[0].startswith("-"):
        if rest[0] == "-l":
            listing = True
        rest = rest[2 if rest[0] in ("-t", "-T", "--priority") else 1 :]
    names = sorted({each.split(" ")[1] for each in process.phone.outputs if each.startswith("dumpsys ")})
    if listing or not rest:
        process.out("Currently running services:\n" + "".join(f"  {name}\n" for name in names))
        return 0
    if rest[0] in ("batterystats", "battery", "deviceidle", "procstats", "usagestats") and _alters_a_dump(rest):
        process.phone.alter("dumpsys " + rest[0], " ".join(rest[1:]))
        return 0
    shorter = ["dumpsys", *rest]
    if shorter != process.arguments and " ".join(shorter) in process.phone.outputs:
        return process.start(shorter, process.signals)
    if rest[0] in names:
        return 0  # the service is there and has nothing to say to these arguments
    process.err(f"Can't find service: {rest[0]}\n")
    return 0


def _alters_a_dump(rest: list[str]) -> bool:
    return any(
        each
        in (
            "set",
            "unplug",
            "reset",
            "--reset",
            "--reset-all",
            "--enable",
            "--disable",
            "--write",
            "--clear",
            "force-idle",
            "disable",
            "enable",
            "whitelist",
            "suspend_input",
        )
        for each in rest[1:]
    )


def service(process: Process) -> int:
    rest = process.arguments[1:]
    if rest[:1] == ["list"]:
        names = sorted({each.split(" ")[1] for each in process.phone.outputs if each.startswith("dumpsys ")})
        process.out(f"Found {len(names)} services:\n" + "".join(f"{at}\t{name}: []\n" for at, name in enumerate(names)))
        return 0
    if rest[:1] == ["check"]:
        found = any(each.startswith(f"dumpsys {rest[1]}") for each in process.phone.outputs) if len(rest) > 1 else False
        process.out(f"Service {rest[1] if len(rest) > 1 else ''}: {'found' if found else 'not found'}\n")
        return 0
    if rest[:1] == ["call"]:
        return _call_service(process, rest[1:])
    process.err("service: No command specified\n")
    return 10


# Transactions of iphonesubinfo are numbers; the first one has been "the device number of the first modem" all along.
DEVICE_NUMBER = "1"


def _call_service(process: Process, rest: list[str]) -> int:
    """`service call`: the getter of the device number answers as it does on a phone; every other call is a change."""
    if rest[:2] != ["iphonesubinfo", DEVICE_NUMBER]:
        process.phone.alter("service call", " ".join(rest))
        process.out(parcel.printed(parcel.exception_reply(0, "")[:4]))
        return 0
    imei = str(process.phone.description.get("imei", ""))
    if process.phone.sdk >= ANDROID_10 or not imei:
        refusal = "getDeviceId: The user 2000 does not meet the requirements to access device identifiers."
        process.out(parcel.printed(parcel.exception_reply(parcel.SECURITY_EXCEPTION, refusal)))
    else:
        process.out(parcel.printed(parcel.text_reply(imei)))
    return 0


def pm(process: Process) -> int:
    arguments = process.arguments[1:]
    if process.arguments[0] == "cmd":
        arguments = process.arguments[2:]
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    packages = process.phone.packages
    if verb == "list":
        return _list_packages(process, rest)
    if verb == "path":
        entry = packages.get(rest[-1]) if rest else None
        if entry is None:
            return 1
        process.out(f"package:{entry.get('path', f'/data/app/{rest[-1]}/base.apk')}\n")
        return 0
    if verb in ("help", "-h", "get-install-location", "get-max-users", "dump"):
        return 0
    if verb in (
        "uninstall",
        "clear",
        "disable",
        "disable-user",
        "enable",
        "hide",
        "suspend",
        "grant",
        "revoke",
        "install",
        "trim-caches",
    ):
        name = next((each for each in rest if not each.startswith("-") and not each.isdigit()), "")
        if verb == "uninstall" and name in packages:
            del packages[name]
        elif name in packages:
            packages[name] = {**packages[name], verb: " ".join(rest)}
        process.phone.note("change", f"pm {verb} {' '.join(rest)}")
        process.out("Success\n" if verb in ("uninstall", "clear", "install") else f"Package {name} new state: {verb}\n")
        return 0
    process.err(f"Unknown command: {verb}\n")
    return 255


def _list_packages(process: Process, rest: list[str]) -> int:
    if rest[:1] == ["users"]:
        process.out("Users:\n\tUserInfo{0:Owner:4c13} running\n")
        return 0
    if rest[:1] != ["packages"]:
        return 0
    words = [each for each in rest[1:] if not each.startswith("-")]
    for name, entry in sorted(process.phone.packages.items()):
        if ("-s" in rest and not entry.get("system")) or ("-3" in rest and entry.get("system")):
            continue
        if (
            ("-d" in rest and not entry.get("disabled"))
            or ("-e" in rest and entry.get("disabled"))
            or any(each not in name for each in words)
        ):
            continue
        path = f"{entry.get('path', f'/data/app/{name}/base.apk')}=" if "-f" in rest else ""
        process.out(f"package:{path}{name}\n")
    return 0


def cmd(process: Process) -> int:
    if len(process.arguments) < 2 or process.arguments[1] == "-l":
        process.out("Currently running services:\n" + "".join(f"  {name}\n" for name in sorted(CMD_SERVICES)))
        return 0
    name = process.arguments[1]
    if name == "package":
        return pm(process)
    if name == "settings":
        process.arguments = process.arguments[1:]
        return settings(process)
    if name == "device_policy" and process.phone.sdk < ANDROID_12:
        process.err("No shell command implementation.\n")
        return 0
    if name not in CMD_SERVICES:
        process.err(f"cmd: Can't find service: {name}\n")
        return SERVICE_NOT_FOUND
    return controls(process)


CMD_SERVICES = frozenset(
    (
        "package",
        "settings",
        "battery",
        "activity",
        "wifi",
        "statusbar",
        "notification",
        "overlay",
        "device_policy",
        "persistent_data_block",
        "lock_settings",
        "power",
        "thermalservice",
        "uimode",
        "phone",
        "user",
        "appops",
        "jobscheduler",
        "deviceidle",
        "role",
        "shortcut",
        "testharness",
        "bluetooth_manager",
        "connectivity",
    )
)


def controls(process: Process) -> int:
    """Tools that mostly alter something (am, svc, wm, input, dpm …): reading verbs say nothing, the rest is a change."""
    name = process.arguments[0]
    verbs = [each for each in process.arguments[1:] if not each.startswith("-")]
    first = verbs[1] if name == "cmd" and len(verbs) > 1 else verbs[0] if verbs else "help"
    asks = len(verbs) == 1 if name == "wm" else first in READING_VERBS or first.startswith(("get", "list", "is-"))
    if asks and name not in ("start", "stop"):
        return 0
    process.phone.alter(process.arguments[0], " ".join(process.arguments[1:]))
    return 0


def reboot(process: Process) -> int:
    process.phone.alter("reboot", " ".join(process.arguments[1:]))
    process.phone.state = "offline"
    process.signals.wait(3600)  # the shell is killed with the system; nothing comes back
    return 0


def getenforce(process: Process) -> int:
    process.out(str(process.phone.description.get("selinux", "Enforcing")) + "\n")
    return 0


def setenforce(process: Process) -> int:
    if process.uid != 0:
        process.err("setenforce: Couldn't set enforcing status to '0': Permission denied\n")
        return 1
    process.phone.alter("setenforce", " ".join(process.arguments[1:]))
    return 0


def identity(process: Process) -> int:
    """id and whoami."""
    if process.arguments[0] == "whoami" or "-un" in process.arguments:
        process.out("root\n" if process.uid == 0 else "shell\n")
    elif "-u" in process.arguments:
        process.out(f"{process.uid}\n")
    elif process.uid == 0:
        process.out("uid=0(root) gid=0(root) groups=0(root) context=u:r:su:s0\n")
    else:
        process.out(
            "uid=2000(shell) gid=2000(shell) groups=2000(shell),1004(input),1007(log),1011(adb),1015(sdcard_rw),1028(sdcard_r),"
            "3001(net_bt_admin),3002(net_bt),3003(inet),3006(net_bw_stats),3009(readproc),3011(uhid) context=u:r:shell:s0\n"
        )
    return 0


def su(process: Process) -> int:
    """Only where the description gives a path for it (a rooted phone)."""
    arguments = process.arguments[1:]
    if arguments[:1] == ["0"]:
        arguments = ["-c", " ".join(arguments[1:])] if len(arguments) > 1 else []
    if not process.phone.description.get("su_allowed", True):
        process.err("Permission denied\n")
        return 1
    child = Shell(process.phone, process.stdin, process.stdout, process.stderr, process.signals)
    child.uid = 0
    if "-c" in arguments:
        return child.run(" ".join(arguments[arguments.index("-c") + 1 :]))
    data = b""
    while piece := process.read():
        data += piece
    return child.run(data.decode("latin-1"))


def uptime(process: Process) -> int:
    process.out(
        time.strftime(" %H:%M:%S", time.gmtime()) + " up 3 days,  4:05,  0 users,  load average: 1.02, 0.98, 0.91\n"
    )
    return 0


def files_of_its_own(process: Process) -> int:
    """bugreport, screencap, screenrecord, uiautomator: they leave a file on the phone."""
    path = next(
        (each for each in process.arguments[1:] if each.startswith("/")), f"/data/local/tmp/{process.arguments[0]}.out"
    )
    try:
        process.phone.files.open_for_writing(path, True, process.uid)
    except OSError as fault:
        process.err(f"{process.arguments[0]}: {path}: {fault.strerror}\n")
        return 1
    process.phone.note("change", f"write {path}")
    return 0


ANDROID: dict[str, toybox.Program] = {
    "getprop": getprop,
    "setprop": setprop,
    "settings": settings,
    "dumpsys": dumpsys,
    "service": service,
    "pm": pm,
    "logcat": logcat.logcat,
    "reboot": reboot,
    "getenforce": getenforce,
    "setenforce": setenforce,
    "id": identity,
    "uptime": uptime,
    "su": su,
    "bugreport": files_of_its_own,
    "bugreportz": files_of_its_own,
    "screencap": files_of_its_own,
    "screenrecord": files_of_its_own,
    "uiautomator": files_of_its_own,
}
ANDROID.update(
    dict.fromkeys(
        (
            "am",
            "svc",
            "wm",
            "input",
            "ime",
            "dpm",
            "content",
            "monkey",
            "bmgr",
            "locksettings",
            "device_config",
            "appops",
            "media",
            "sm",
            "vdc",
            "telecom",
            "hid",
            "tc",
            "start",
            "stop",
            "setsid",
        ),
        controls,
    )
)
NEWER: dict[str, toybox.Program] = {"whoami": identity, "cmd": cmd}
ONLY_WHERE_DESCRIBED = ("su",)


def programs(sdk: int) -> dict[str, toybox.Program]:
    """The programs a phone of this SDK has; `su` is there only where the description gives it a path."""
    found = _PROGRAMS.get(sdk)
    if found is None:
        found = {
            **(toybox.TOOLS if sdk >= ANDROID_6 else toybox.TOOLBOX),
            **ANDROID,
            **(NEWER if sdk >= ANDROID_7 else {}),
        }
        _PROGRAMS[sdk] = found
    return found


_PROGRAMS: dict[int, dict[str, toybox.Program]] = {}
