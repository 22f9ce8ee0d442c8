"""Everything an iPhone is ever asked for a finding: the closed catalogue, each question with the reason it is worth it.

Rules:
- Reads are constants of this module and nothing of a request goes into one. What is not here is not asked.
- A round trip is the cost. Whatever arrives with `lockdown GetValue` (all values) is never asked for again: the
  activation state, for instance, is not fetched from mobileactivationd, which is where lockdown has it from.
- A parser gets what the property list said, of any type, and never raises; of nothing usable it makes Unread.
- Crash reports are only listed and read. The mover, which would flush pending ones, changes the phone.

Where the keys come from: libimobiledevice's ideviceinfo, pymobiledevice3 and go-ios (lockdown domains, MCInstall,
diagnostics_relay); published output of real phones for the shapes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.findings import MISSING, Unread
from pyworker.ios import analytics, apps, crash_folder, management
from pyworker.ios.plist import UNREADABLE, certain_boolean, jsonable
from pyworker.probes import Read, Witness

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyworker.probes import Observations


def dictionary(raw: Any) -> Any:
    """A dictionary in JSON's terms. An empty one is how a domain or entry says that it has nothing."""
    if raw is None:
        return MISSING
    if not isinstance(raw, dict):
        return UNREADABLE
    return jsonable(raw) or MISSING


def single_value(raw: Any) -> Any:
    value = jsonable(raw)
    return MISSING if value is None else value


def registry_entry(raw: Any) -> Any:
    """An IORegistry entry's properties, with or without the wrapping of the reply (it differs between systems)."""
    for wrapping in ("Diagnostics", "IORegistry"):
        if isinstance(raw, dict) and isinstance(raw.get(wrapping), dict):
            raw = raw[wrapping]
    return dictionary(raw)


def gas_gauge(raw: Any) -> Any:
    for wrapping in ("Diagnostics", "GasGauge"):
        if isinstance(raw, dict) and isinstance(raw.get(wrapping), dict):
            raw = raw[wrapping]
    return dictionary(raw)


def lockdown(*argument: str, why: str) -> Read:
    return Read("lockdown", "GetValue", argument, why, dictionary if len(argument) < 2 else single_value)


def registry(kind: str, name: str, why: str) -> Read:
    return Read("diagnostics_relay", "IORegistry", (kind, name), why, registry_entry)


# --- identity, locks: read by inspect.basic -----------------------------------------------------------------------

ALL_VALUES = lockdown(why=(
    "identity, activation state, SIM, clock and, on most systems, the NVRAM lock flag in one trip; "
    "without a session the phone still answers with its public values"))

FIND_MY = lockdown("com.apple.fmip", "IsAssociated", why=(
    "whether Find My is on; only answers when the key is named, the domain as a whole is empty"))

SETUP_DONE = lockdown("com.apple.PurpleBuddy", "SetupDone", why=(
    "whether Setup Assistant has finished; before that a 'no' about Find My or management is worth nothing"))

SETUP_STATE = lockdown("com.apple.purplebuddy", "SetupState", why=(
    "how set-up went; stands in for SetupDone where that is missing, and tells a restore that is still running"))

CHAPERONE = lockdown("com.apple.mobile.chaperone", "DeviceIsChaperoned", why=(
    "supervision, as a second witness beside the cloud configuration, which may be absent"))

NVRAM_OPTIONS = registry("EntryName", "options", why=(
    "the activation lock flag in NVRAM, which survives an erase; the second road to it, and the only one where "
    "lockdown leaves it out"))

CLOUD_CONFIGURATION = Read("mcinstall", "GetCloudConfiguration", (), (
    "supervision, mandatory or unremovable enrolment, the organisation's name"), management.cloud_configuration)

PROFILES = Read("mcinstall", "GetProfileList", (), (
    "installed configuration profiles; one that carries com.apple.mdm is a management enrolment. "
    "Same connection as the cloud configuration"), management.profile_list)

DISK_USAGE = lockdown("com.apple.disk_usage", why=(
    "capacity for the identity; total, data and free space as lockdown counts them"))

# --- signals: read by inspect.deep --------------------------------------------------------------------------------

BATTERY = lockdown("com.apple.mobile.battery", why=(
    "level, charging and external power, also where the registry has no entry for the battery"))

POWER_SOURCE = registry("EntryClass", "IOPMPowerSource", why=(
    "capacities, cycles, temperature, voltage: answers by class where a name does not"))

SMART_BATTERY = registry("EntryName", "AppleSmartBattery", why=(
    "the same by the name used from iPhone 8 on, where the class answers with nothing"))

ARM_CHARGER = registry("EntryName", "AppleARMPMUCharger", why=(
    "the same by the name used up to iPhone 7"))

GAS_GAUGE = Read("diagnostics_relay", "GasGauge", (), (
    "cycle count and design capacity where no registry entry answers"), gas_gauge)

DEVICE_TREE = registry("EntryName", "device-tree", why=(
    "the regulatory model number (A…), which is printed on the phone and on its papers"))

DEVELOPER_MODE = lockdown("com.apple.security.mac.amfi", "DeveloperModeStatus", why=(
    "developer mode (iOS 16 and later), in one trip; the image mounter would cost a connection"))

BACKUP_ENCRYPTION = lockdown("com.apple.mobile.backup", "WillEncrypt", why=(
    "whether backups are encrypted with a password that a shop cannot reset"))

FILE_SYSTEM = Read("afc", "GetDeviceInfo", (), (
    "total and free space as the file system counts them, beside lockdown's figures"), dictionary)

APPS = Read("installation_proxy", "Lookup", ("CFBundleIdentifier",), (
    "bundle identifiers only: the apps of jailbreaks are among them"), apps.bundle_identifiers)

AFC2 = Read("service", "answers", ("com.apple.afc2",), (
    "a service that only a jailbroken phone offers; it is started, never spoken to"), single_value)

CRASH_LISTING = Read("afc.crashreports", "listing", (), (
    "names, sizes and dates of all reports: counts by process, kind and day without reading one"), crash_folder.listing)

PANIC_HEADS = Read("afc.crashreports", "heads", ("panic-*",), (
    "the first line of each panic, which names what failed"), crash_folder.heads)

REPORT_HEADS = Read("afc.crashreports", "heads", ("*.ips",), (
    "header lines of reports: their kind, and libraries that jailbreak tools blame"), crash_folder.heads)

SYNCED_REPORT_HEADS = Read("afc.crashreports", "heads", ("*.ips.synced",), (
    "the same for reports that were already sent to Apple, which the phone renames"), crash_folder.heads)

# The day's own file: Analytics-2026-10-05-090003.ips.ca.synced, also ….000.ips…. Neither those of single sessions
# (….session.ips…), of which a phone writes several a day, nor Analytics-90Day-… or Analytics-Journal-… have a battery.
# Not each day's file has one either, so the second argument says what the one that is looked for holds.
ANALYTICS = Read("afc.crashreports", "newest", ("Analytics-20*[0-9].ips*", "MaximumCapacityPercent"), (
    "the battery health that Settings shows; exists only where the owner shares analytics"), analytics.daily_figures)

ALL: tuple[Read, ...] = (
    ALL_VALUES, FIND_MY, SETUP_DONE, SETUP_STATE, CHAPERONE, NVRAM_OPTIONS, CLOUD_CONFIGURATION, PROFILES, DISK_USAGE,
    BATTERY, POWER_SOURCE, SMART_BATTERY, ARM_CHARGER, GAS_GAUGE, DEVICE_TREE, DEVELOPER_MODE, BACKUP_ENCRYPTION,
    FILE_SYSTEM, APPS, AFC2, CRASH_LISTING, PANIC_HEADS, REPORT_HEADS, SYNCED_REPORT_HEADS, ANALYTICS,
)


def whole(read: Read, kind: Callable[[Any], Any]) -> Witness:
    """The answer itself, for reads of a single value."""
    return Witness(read, read.argument[-1], kind)


def member_as(read: Read, key: str, kind: Callable[[Any], Any]) -> Witness:
    """A member of the answer, turned by `kind` (plist.text, plist.boolean …) into a value or Unread."""
    steps = key.split(".")

    def pick(answer: Any) -> Any:
        for step in steps:
            if not isinstance(answer, dict) or answer.get(step) is None:
                return MISSING
            answer = answer[step]
        return kind(answer)

    return Witness(read, key, pick)


# --- what a phone without a session does not tell -----------------------------------------------------------------

# Each paired phone has these among its values and no unpaired one has (published output of both). The activation state
# is none of them: some systems tell it to anybody.
_ONLY_IN_A_SESSION = ("PasswordProtected", "SerialNumber")

_PRIVATE = Witness(ALL_VALUES, "private values", lambda answer: (
    any(key in answer for key in _ONLY_IN_A_SESSION) if isinstance(answer, dict) else MISSING))

# A question that is only answered in a session. Probes that use `told` hear it beside their own witnesses.
SESSION = whole(FIND_MY, certain_boolean)


def private(seen: Observations) -> bool | None:
    """Whether the values are those of a session; None when there are no values. No evidence of its own."""
    answer: bool | None = seen.view()[_PRIVATE]
    return answer


def told(seen: Observations, witness: Witness) -> Any:
    """As `seen.answer`, but a value that is missing because only public values were given has the session's reason.

    A phone that does not trust this computer, or was not unlocked since it started, answers GetValue with some 25
    public values. That ActivationState is not among them is no property of the phone, so "key_missing" would mislead.
    """
    answer = seen.answer(witness)
    if answer != MISSING or witness.read is not ALL_VALUES or private(seen) is not False:
        return answer
    session = seen.answer(SESSION)
    return session if isinstance(session, Unread) else answer
