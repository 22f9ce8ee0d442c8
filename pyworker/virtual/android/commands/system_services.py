"""dumpsys, service, cmd: the services of the system server, as far as the description has their dumps."""

from __future__ import annotations

from pyworker.virtual.android import parcel
from pyworker.virtual.android.commands.controls import controls
from pyworker.virtual.android.commands.packages import pm
from pyworker.virtual.android.commands.settings import settings
from pyworker.virtual.android.mksh.process import Process

ANDROID_10, ANDROID_12 = 29, 31
NO_COMMAND = 10  # service's status
SERVICE_NOT_FOUND = 20  # cmd's status

# dumpsys hands the rest of its words to the service, and these services take orders that way.
TAKE_ORDERS = ("batterystats", "battery", "deviceidle", "procstats", "usagestats")
ORDERS = frozenset((
    "set", "unplug", "reset", "--reset", "--reset-all", "--enable", "--disable", "--write", "--clear", "force-idle",
    "disable", "enable", "whitelist", "suspend_input",
))
CMD_SERVICES = frozenset((
    "package", "settings", "battery", "activity", "wifi", "statusbar", "notification", "overlay", "device_policy",
    "persistent_data_block", "lock_settings", "power", "thermalservice", "uimode", "phone", "user", "appops",
    "jobscheduler", "deviceidle", "role", "shortcut", "testharness", "bluetooth_manager", "connectivity",
))
# Transactions of iphonesubinfo are numbers; the first one has been "the device number of the first modem" all along.
DEVICE_NUMBER = "1"


def _dumped_services(process: Process) -> list[str]:
    return sorted({each.split(" ")[1] for each in process.phone.outputs if each.startswith("dumpsys ")})


def _listed(names: list[str]) -> str:
    return "Currently running services:\n" + "".join(f"  {name}\n" for name in names)


def dumpsys(process: Process) -> int:
    """Options are taken off and the rest looked up again, so `dumpsys -t 5 battery` answers as `dumpsys battery` does."""
    rest = process.arguments[1:]
    is_listing = False
    while rest and rest[0].startswith("-"):
        is_listing = is_listing or rest[0] == "-l"
        rest = rest[2 if rest[0] in ("-t", "-T", "--priority") else 1 :]
    names = _dumped_services(process)
    if is_listing or not rest:
        process.out(_listed(names))
        return 0
    if rest[0] in TAKE_ORDERS and not ORDERS.isdisjoint(rest[1:]):
        process.phone.alter("dumpsys " + rest[0], " ".join(rest[1:]))
        return 0
    shorter = ["dumpsys", *rest]
    if shorter != process.arguments and " ".join(shorter) in process.phone.outputs:
        return process.start(shorter, process.signals)
    if rest[0] not in names:
        process.err(f"Can't find service: {rest[0]}\n")
    return 0  # a service that is there has nothing to say to these arguments


def service(process: Process) -> int:
    verb, *rest = process.arguments[1:] or [""]
    if verb == "list":
        names = _dumped_services(process)
        process.out(f"Found {len(names)} services:\n" + "".join(f"{at}\t{name}: []\n" for at, name in enumerate(names)))
    elif verb == "check":
        name = rest[0] if rest else ""
        is_there = bool(rest) and any(each.startswith(f"dumpsys {name}") for each in process.phone.outputs)
        process.out(f"Service {name}: {'found' if is_there else 'not found'}\n")
    elif verb == "call":
        process.out(parcel.printed(_call(process, rest)))
    else:
        process.err("service: No command specified\n")
        return NO_COMMAND
    return 0


def _call(process: Process, rest: list[str]) -> bytes:
    """The reply: the getter of the device number answers as it does on a phone; every other call is a change."""
    if rest[:2] != ["iphonesubinfo", DEVICE_NUMBER]:
        process.phone.alter("service call", " ".join(rest))
        return parcel.exception_reply(0, "")[:4]
    imei = str(process.phone.description.get("imei", ""))
    if process.phone.sdk >= ANDROID_10 or not imei:
        refusal = "getDeviceId: The user 2000 does not meet the requirements to access device identifiers."
        return parcel.exception_reply(parcel.SECURITY_EXCEPTION, refusal)
    return parcel.text_reply(imei)


def cmd(process: Process) -> int:
    if len(process.arguments) < 2 or process.arguments[1] == "-l":
        process.out(_listed(sorted(CMD_SERVICES)))
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
