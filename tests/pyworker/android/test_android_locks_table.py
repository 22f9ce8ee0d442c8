"""The verdicts on an Android phone as tables: what the phone says, and what may be said of it.

The expectations are written by hand from the rules (a missing key is never a no; disagreement is a conflict; damage is
never a no), not computed by anything that shares code with the judges.
"""

from __future__ import annotations

from typing import Any

import android_dumps as dumps
import pytest

from pyworker.android import reads
from pyworker.android.bootloader import BOOTLOADER
from pyworker.android.frp import FRP_ARMED, FRP_LOCKED
from pyworker.android.knox_guard import KNOX_GUARD
from pyworker.android.locks import ACTIVATION_LOCKED, EFI_LOCKED
from pyworker.android.management import MDM_ENROLLED, MDM_ORGANIZATION, MDM_SCOPE, WORK_PROFILE
from pyworker.android.output import Output
from pyworker.findings import Finding, Unread
from pyworker.probes import Probe

TIMEOUT = Unread("timeout")


def _find(probe: Probe, changes: dict[Any, Any] | None = None) -> Finding:
    return probe.judge(dumps.seen(changes).view())


def _said(finding: Finding) -> object:
    """The value, or the reason there is none."""
    return finding.value if finding.reason is None else finding.reason


# --- factory reset protection ---------------------------------------------------------------------------------------

PDB_NONE = "Can't find service: persistent_data_block\n"
PDB_ON, PDB_OFF = dumps.persistent_data_block(active=True), dumps.persistent_data_block(active=False)
PDB_NOT_ENFORCED = dumps.persistent_data_block(enforced=False, active=False)

FRP_TABLE = [
    # secure, global, provisioned, user set up, persistent_data_block -> verdict
    ("null\n", "0\n", "1\n", "1\n", PDB_OFF, False),
    ("null\n", "null\n", "1\n", "1\n", PDB_NONE, False),        # absent on a phone in use: not active or not supported
    ("0\n", "null\n", "1\n", "1\n", PDB_NONE, False),
    ("null\n", "null\n", "1\n", "1\n", "", False),             # before Android 15 the service prints nothing
    ("null\n", "null\n", "1\n", "1\n", PDB_NOT_ENFORCED, False),
    ("1\n", "null\n", "1\n", "1\n", PDB_NONE, True),
    ("null\n", "1\n", "0\n", "0\n", PDB_NONE, True),
    ("null\n", "1\n", "1\n", "1\n", PDB_ON, True),
    ("null\n", "null\n", "0\n", "0\n", PDB_ON, True),
    (TIMEOUT, TIMEOUT, "0\n", "0\n", PDB_ON, True),
    ("1\n", "0\n", "1\n", "1\n", PDB_NONE, "conflict"),
    ("null\n", "1\n", "1\n", "1\n", PDB_OFF, "conflict"),
    ("null\n", "0\n", "1\n", "1\n", PDB_ON, "conflict"),
    ("null\n", "0\n", "0\n", "1\n", PDB_OFF, "setup_incomplete"),
    ("null\n", "0\n", "1\n", "0\n", PDB_OFF, "setup_incomplete"),
    ("null\n", "0\n", "null\n", "1\n", PDB_OFF, "key_missing"),
    ("null\n", "0\n", "1\n", "null\n", PDB_OFF, "key_missing"),
    ("null\n", "0\n", TIMEOUT, "1\n", PDB_OFF, "timeout"),
    (TIMEOUT, "0\n", "1\n", "1\n", PDB_NONE, "timeout"),
    ("null\n", TIMEOUT, "1\n", "1\n", PDB_NOT_ENFORCED, "timeout"),
    (TIMEOUT, TIMEOUT, "1\n", "1\n", PDB_OFF, False),          # the service itself says no
    ("", "0\n", "1\n", "1\n", PDB_NONE, "unreadable"),         # an empty answer is not an absent setting
    ("nul", "0\n", "1\n", "1\n", PDB_NONE, "unreadable"),
    ("2\n", "0\n", "1\n", "1\n", PDB_NONE, "unreadable"),
    ("cmd: Can't find service: settings\n", "0\n", "1\n", "1\n", PDB_NONE, "unsupported"),
]


@pytest.mark.parametrize(("secure", "everywhere", "provisioned", "set_up", "block", "verdict"), FRP_TABLE)
def test_frp_locked(secure, everywhere, provisioned, set_up, block, verdict):
    finding = _find(FRP_LOCKED, {
        reads.FRP_MODE_SECURE: secure, reads.FRP_MODE_GLOBAL: everywhere, reads.DEVICE_PROVISIONED: provisioned,
        reads.USER_SETUP_COMPLETE: set_up, reads.PERSISTENT_DATA_BLOCK: block})
    assert _said(finding) == verdict


NO_ACCOUNT = dumps.accounts((0, "Owner", "4c13", []))
ARMED_TABLE = [
    # accounts, sys.oem_unlock_allowed, sdk -> verdict
    (dumps.accounts(), "0", "34", True),
    (dumps.accounts(), None, "34", True),
    (dumps.accounts(), "1", "35", True),                       # from Android 15 on the switch does not disarm it
    (dumps.accounts(), "1", "34", "conflict"),
    (NO_ACCOUNT, "0", "34", False),
    (dumps.accounts(), "0", "21", "unsupported"),              # Android 5.0 does not have it
    (dumps.accounts((0, "Owner", "13", ["com.example.chat"])), "0", "34", False),
    (dumps.accounts((0, "Owner", "13", []), (10, "Work", "1030", ["com.google"])), "0", "34", "conflict"),
    (dumps.accounts().replace("Accounts: 2", "Accounts: 1"), "0", "34", True),  # what is there is there
    (NO_ACCOUNT.replace("Accounts: 0", "Accounts: 1"), "0", "34", "truncated"),
    (NO_ACCOUNT[:5], "0", "34", "truncated"),
    (TIMEOUT, "0", "34", "timeout"),
    ("", "0", "34", "key_missing"),
]


@pytest.mark.parametrize(("accounts", "allowed", "sdk", "verdict"), ARMED_TABLE)
def test_frp_armed(accounts, allowed, sdk, verdict):
    finding = _find(FRP_ARMED, {
        reads.ACCOUNT: accounts,
        reads.GETPROP: dumps.getprop({"sys.oem_unlock_allowed": allowed, "ro.build.version.sdk": sdk})})
    assert _said(finding) == verdict


@pytest.mark.parametrize(("secure", "everywhere", "block", "verdict"), [
    ("1\n", "null\n", PDB_NONE, True),
    ("null\n", "1\n", PDB_NONE, True),
    ("0\n", "1\n", PDB_NONE, "conflict"),
    ("null\n", "null\n", PDB_ON, True),
])
def test_a_phone_that_is_locked_now_is_locked_after_a_reset_too(secure, everywhere, block, verdict):
    changes = {reads.FRP_MODE_SECURE: secure, reads.FRP_MODE_GLOBAL: everywhere, reads.PERSISTENT_DATA_BLOCK: block,
               reads.ACCOUNT: NO_ACCOUNT}
    assert _said(_find(FRP_LOCKED, changes)) == verdict
    assert _said(_find(FRP_ARMED, changes)) == verdict


def test_no_account_on_a_phone_that_is_not_set_up_says_nothing():
    assert _said(_find(FRP_ARMED, {reads.ACCOUNT: NO_ACCOUNT, reads.DEVICE_PROVISIONED: "0\n"})) == "setup_incomplete"


# --- management ---------------------------------------------------------------------------------------------------

OLD, NEW = "Unknown command: list-owners\n", "no owners\n"
LISTED_DEVICE = "1 owner:\nUser  0: admin=com.example.dpc/.AdminReceiver,DeviceOwner,Affiliated\n"
LISTED_PROFILE = "1 owner:\nUser 10: admin=com.example.dpc/.AdminReceiver,ManagedProfileOwner(parentUserId=0)\n"
COMPANY = dumps.policy(dumps.device_owner(), admins={0: [dumps.DPC]}, states={0: 3}, owner_type=0)
OWN_PHONE = dumps.policy(dumps.profile_owner(10), admins={0: [], 10: [dumps.DPC]}, states={0: 5, 10: 3},
                         has_profile_owner=[10])
COPE = dumps.policy(dumps.profile_owner(10, organisation_owned=True), admins={0: [], 10: [dumps.DPC]},
                    states={0: 5, 10: 3}, has_profile_owner=[10])
BEHIND_THE_OWNERS = dumps.policy().index("Enabled Device Admins")

MDM_TABLE = [
    # dump, list-owners, getprop changes -> enrolled, scope, work profile
    ("nobody", dumps.policy(), NEW, {}, False, "not_applicable", False),
    ("nobody, Android 9", dumps.policy(era=9), OLD, {}, False, "not_applicable", False),
    ("nobody, Android 5", dumps.policy(era=5), OLD, {}, False, "not_applicable", False),
    ("nobody, Android 2", dumps.policy(era=2), OLD, {}, False, "not_applicable", False),
    ("nobody, list blank", dumps.policy(), "\n", {}, False, "not_applicable", False),
    ("device owner", COMPANY, LISTED_DEVICE, {}, True, "device", False),
    ("device owner, property still false", COMPANY, LISTED_DEVICE, {"ro.organization_owned": "false"}, True, "device", False),
    ("device owner, Android 5", dumps.policy(dumps.device_owner(era=5), era=5, admins={0: [dumps.DPC]}), OLD, {}, True, "device", False),
    ("work profile", OWN_PHONE, LISTED_PROFILE, {}, True, "profile", True),
    ("organisation's profile", COPE, LISTED_PROFILE, {}, True, "device", True),
    ("organisation's profile, Android 10", dumps.policy(
        dumps.profile_owner(10, era=10, organisation_owned=True), era=10, admins={0: [], 10: [dumps.DPC]}), OLD, {}, True, "device", True),
    ("dump refused, list knows", "Permission Denial: can't dump\n", LISTED_DEVICE, {}, True, "device", False),
    ("dump cut, list knows", dumps.policy()[:60], LISTED_DEVICE, {}, True, "device", False),
    ("owner in a cut dump", COMPANY[:COMPANY.index("Enabled Device")], TIMEOUT, {}, True, "device", "truncated"),
    ("dump refused", "Permission Denial: can't dump\n", NEW, {}, "permission_denied", "permission_denied", "permission_denied"),
    ("dump late", TIMEOUT, NEW, {}, "timeout", "timeout", "timeout"),
    ("dump empty", "", NEW, {}, "key_missing", "key_missing", "key_missing"),
    ("dump cut at the owners", dumps.policy()[:BEHIND_THE_OWNERS], NEW, {}, "truncated", "truncated", "truncated"),
    ("heading lost", COMPANY.replace("  Device Owner: \n", ""), TIMEOUT, {}, "unreadable", "unreadable", "unreadable"),
    ("block lost, state left", dumps.policy(admins={0: [dumps.DPC]}, states={0: 3}), TIMEOUT, {}, "conflict", "conflict", "conflict"),
    ("block lost, type left", dumps.policy(owner_type=0), TIMEOUT, {}, "conflict", "conflict", "conflict"),
    ("block lost, Has PO left", dumps.policy(has_profile_owner=[10]), TIMEOUT, {}, "conflict", "conflict", "conflict"),
    ("block lost, enterprise left", dumps.policy(enforcing=[dumps.enterprise_admin()]), TIMEOUT, {}, "conflict", "conflict", "conflict"),
    ("list against dump", dumps.policy(), LISTED_DEVICE, {}, "conflict", "conflict", "conflict"),
    ("list breaks off behind its count", dumps.policy(), "1 owner:\n", {}, "conflict", "conflict", "conflict"),
    ("list breaks off in an owner", dumps.policy(), LISTED_DEVICE[:30], {}, "conflict", "conflict", "conflict"),
    ("list in another language", dumps.policy(), "\u0661 owner:\nUser  \u0660: admin=com.example.dpc/.Receiver,DeviceOwner\n", {},
     "conflict", "conflict", "conflict"),
    ("dump against list", COMPANY, NEW, {}, "conflict", "conflict", "conflict"),
    ("property against dump", dumps.policy(), NEW, {"ro.organization_owned": "true"}, "conflict", "conflict", "conflict"),
    ("property against dump, Android 7", dumps.policy(era=9), OLD, {"ro.device_owner": "true"}, "conflict", "conflict", "conflict"),
    ("Knox against dump", dumps.policy(), NEW, {"persist.sys.knox.device_owner": "true"}, "conflict", "conflict", "conflict"),
]


@pytest.mark.parametrize(("dump", "listed", "properties", "enrolled", "scope", "profile"),
                         [row[1:] for row in MDM_TABLE], ids=[row[0] for row in MDM_TABLE])
def test_mdm(dump, listed, properties, enrolled, scope, profile):
    changes = {reads.DEVICE_POLICY: dump, reads.OWNER_LIST: listed, reads.GETPROP: dumps.getprop(properties)}
    assert _said(_find(MDM_ENROLLED, changes)) == enrolled
    assert _said(_find(MDM_SCOPE, changes)) == scope
    assert _said(_find(WORK_PROFILE, changes)) == profile


@pytest.mark.parametrize(("admins", "properties", "enrolled"), [
    ({0: []}, {}, False),
    ({0: [dumps.FIND_MY_DEVICE]}, {}, False),
    ({0: [dumps.DPC]}, {}, "not_exposed"),                            # a device owner, or a mail program
    ({0: [dumps.DPC]}, {"ro.device_owner": "true"}, "conflict"),
    ({0: [dumps.DPC]}, {"ro.device_owner": "false"}, False),
    ({0: [], 10: [dumps.DPC]}, {}, "conflict"),
    ({0: [], 10: [dumps.DPC]}, {"ro.device_owner": "false"}, "conflict"),  # owns the profile, not the phone
    ({0: [], 10: [dumps.FIND_MY_DEVICE]}, {"ro.device_owner": "false"}, False),
])
def test_android_5_lists_no_owners_so_an_admin_may_be_one(admins, properties, enrolled):
    changes = {reads.DEVICE_POLICY: dumps.policy(era=5, admins=admins), reads.OWNER_LIST: OLD,
               reads.GETPROP: dumps.getprop(properties), reads.ACCOUNT: TIMEOUT}
    assert _said(_find(MDM_ENROLLED, changes)) == enrolled


def test_an_admin_of_another_user_whom_the_dump_calls_unmanaged_is_no_trace_of_an_owner():
    dump = dumps.policy(admins={0: [], 10: ["com.example.mail/.Admin"]}, states={0: 0, 10: 0})
    assert _said(_find(MDM_ENROLLED, {reads.DEVICE_POLICY: dump, reads.OWNER_LIST: OLD})) is False


OWNERSHIP_PROPERTIES = ("ro.organization_owned", "ro.device_owner", "persist.sys.knox.device_owner")


@pytest.mark.parametrize("key", OWNERSHIP_PROPERTIES)
@pytest.mark.parametrize("word", ["1", "0", "yes", "com.example.dpc", "TRUE!", "truefalse"])
def test_a_property_of_an_owner_in_a_word_not_known_is_never_a_no(key, word):
    changes = {reads.GETPROP: dumps.getprop({key: word})}
    for probe in (MDM_ENROLLED, MDM_SCOPE, WORK_PROFILE):
        assert _said(_find(probe, changes)) == "unreadable"
    assert _said(_find(MDM_ENROLLED, {**changes, reads.DEVICE_POLICY: COMPANY, reads.OWNER_LIST: LISTED_DEVICE})) is True


@pytest.mark.parametrize("key", OWNERSHIP_PROPERTIES)
@pytest.mark.parametrize("word", ["false", "FALSE", "", None])
def test_a_property_that_knows_of_no_owner_leaves_the_no(key, word):
    assert _said(_find(MDM_ENROLLED, {reads.GETPROP: dumps.getprop({key: word})})) is False


def test_a_work_profile_without_its_owner_is_a_conflict():
    flagged = dumps.accounts((0, "Owner", "4c13", []), (10, "Work", "1030", []))
    assert _said(_find(MDM_ENROLLED, {reads.ACCOUNT: flagged})) == "conflict"


def test_nobodys_phone_before_set_up_may_still_be_claimed():
    assert _said(_find(MDM_ENROLLED, {reads.DEVICE_PROVISIONED: "0\n"})) == "dep_assignment_not_visible"


FALSE_FRIENDS = {
    "Secure Folder": {reads.DEVICE_POLICY: dumps.policy(
        dumps.profile_owner(150, dumps.SECURE_FOLDER), admins={0: [], 150: [dumps.SECURE_FOLDER]}, states={150: 3},
        has_profile_owner=[150]), reads.OWNER_LIST:
        "1 owner:\nUser 150: admin=com.samsung.knox.securefolder/.KnoxDeviceAdminReceiver,ManagedProfileOwner(parentUserId=0)\n",
        reads.ACCOUNT: dumps.accounts((0, "Owner", "4c13", ["com.google"]), (150, "Secure Folder", "10061030", []))},
    "Find My Device": {reads.DEVICE_POLICY: dumps.policy(admins={0: [dumps.FIND_MY_DEVICE]})},
    "Find My Device on Android 7": {reads.DEVICE_POLICY: dumps.policy(era=5, admins={0: [dumps.FIND_MY_DEVICE]}),
                                    reads.OWNER_LIST: OLD},
    "Knox Guard client": {reads.DEVICE_POLICY: dumps.policy(admins={0: [dumps.KNOX_GUARD]})},
    "device lock controller": {reads.DEVICE_POLICY: dumps.policy(enforcing=[dumps.DEVICE_LOCK_CONTROLLER])},
    "advanced protection": {reads.DEVICE_POLICY: dumps.policy(enforcing=[dumps.ADVANCED_PROTECTION])},
    "Device Owner Type -1": {reads.DEVICE_POLICY: dumps.policy(owner_type=-1)},
    "Family Link": {reads.DEVICE_POLICY: dumps.policy(
        dumps.profile_owner(0, "com.google.android.gms.supervision/.ProfileOwnerReceiver"),
        admins={0: ["com.google.android.gms.supervision/.ProfileOwnerReceiver"]}, states={0: 3}), reads.OWNER_LIST: OLD},
    "Family Link with its service at work": {reads.DEVICE_POLICY: dumps.policy(
        dumps.profile_owner(0, "com.google.android.gms.supervision/.ProfileOwnerReceiver"),
        dumps.owner_services(0, "com.google.android.gms.supervision/.ProfileOwnerService"),
        admins={0: ["com.google.android.gms.supervision/.ProfileOwnerReceiver"]}), reads.OWNER_LIST: OLD},
    "dual messenger": {reads.ACCOUNT: dumps.accounts((0, "Owner", "13", []), (95, "Dual Messenger", "1030", []))},
    "an app that is admin": {reads.DEVICE_POLICY: dumps.policy(admins={0: ["com.example.mail/.Admin"]})},
    "an app that is admin on Android 7, and a property that says so": {
        reads.DEVICE_POLICY: dumps.policy(era=5, admins={0: ["com.example.mail/.Admin"]}), reads.OWNER_LIST: OLD,
        reads.GETPROP: dumps.getprop({"ro.device_owner": "false"})},
}


@pytest.mark.parametrize("friend", FALSE_FRIENDS)
def test_a_false_friend_is_no_organisation(friend):
    assert _said(_find(MDM_ENROLLED, FALSE_FRIENDS[friend])) is False
    assert _said(_find(WORK_PROFILE, FALSE_FRIENDS[friend])) is False


def test_the_setting_device_owner_type_is_never_asked_for():
    assert not any("device_owner_type" in read.request for read in reads.ALL)


@pytest.mark.parametrize("user", [0, 10, 149])
def test_secure_folders_name_for_another_user_is_no_friend(user):
    dump = dumps.policy(dumps.profile_owner(user, dumps.SECURE_FOLDER), admins={0: [], user: []}, states={user: 3})
    assert _said(_find(MDM_ENROLLED, {reads.DEVICE_POLICY: dump, reads.OWNER_LIST: OLD})) is True


def test_a_secure_folder_that_an_organisation_owns_is_no_friend():
    owned = dumps.profile_owner(150, dumps.SECURE_FOLDER, organisation_owned=True)
    dump = dumps.policy(owned, admins={0: [], 150: [dumps.SECURE_FOLDER]}, states={150: 3})
    assert _said(_find(MDM_ENROLLED, {reads.DEVICE_POLICY: dump, reads.OWNER_LIST: OLD})) is True


def test_a_company_beside_a_secure_folder_is_a_company():
    dump = dumps.policy(dumps.device_owner(), dumps.profile_owner(150, dumps.SECURE_FOLDER),
                        admins={0: [dumps.DPC], 150: []}, states={0: 3, 150: 3}, owner_type=0)
    finding = _find(MDM_ENROLLED, {reads.DEVICE_POLICY: dump, reads.OWNER_LIST: OLD})
    assert finding.value is True and "secure_folder_is_no_company" in finding.notes


def test_an_old_phones_admin_leaves_it_open_who_manages_it():
    changes = {reads.DEVICE_POLICY: dumps.policy(era=5, admins={0: ["com.example.mdm/.Admin"]}), reads.OWNER_LIST: OLD}
    finding = _find(MDM_ENROLLED, changes)
    assert _said(finding) == "not_exposed" and finding.notes == ("admins_are_no_owner",)


ORGANISATIONS = [
    (dumps.policy(dumps.device_owner(), admins={0: [dumps.DPC]}, states={0: 3}, organisation="Works Ltd", owner_type=0), "Works Ltd"),
    (dumps.policy(dumps.device_owner(era=12), era=12, admins={0: [dumps.DPC]}, states={0: 3}), "Example Works"),
    (COMPANY, "com.example.dpc"),
    (dumps.policy(), "not_applicable"),
    (TIMEOUT, "timeout"),
]


@pytest.mark.parametrize(("dump", "name"), ORGANISATIONS)
def test_the_organisation_is_named_as_well_as_can_be(dump, name):
    assert _said(_find(MDM_ORGANIZATION, {reads.DEVICE_POLICY: dump, reads.OWNER_LIST: OLD})) == name


# --- bootloader ---------------------------------------------------------------------------------------------------

def _boot(**said: str | None) -> str:
    names = {"flash": "ro.boot.flash.locked", "vbmeta": "ro.boot.vbmeta.device_state", "colour": "ro.boot.verifiedbootstate",
             "vendor_vbmeta": "vendor.boot.vbmeta.device_state", "vendor_colour": "vendor.boot.verifiedbootstate",
             "realme": "ro.boot.realme.lockstate", "miui": "ro.secureboot.lockstate", "verity": "ro.boot.veritymode",
             "switch": "sys.oem_unlock_allowed", "fuse": "ro.boot.secureboot_enable", "tags": "ro.build.tags"}
    nothing = dict.fromkeys(names.values()) | {"ro.build.tags": "release-keys"}
    return dumps.getprop(nothing | {names[name]: value for name, value in said.items()})


BOOT_TABLE = [
    (_boot(flash="1", vbmeta="locked", colour="green"), "locked"),
    (_boot(flash="0", vbmeta="unlocked", colour="orange"), "unlocked"),
    (_boot(colour="green"), "locked"),
    (_boot(colour="yellow"), "locked"),
    (_boot(colour="orange"), "unlocked"),
    (_boot(colour="red"), "key_missing"),
    (_boot(flash="1"), "locked"),
    (_boot(realme="1", colour="green"), "locked"),
    (_boot(miui="unlocked"), "unlocked"),
    (_boot(flash="1", vbmeta="locked", colour="green", vendor_vbmeta="unlocked", vendor_colour="orange"), "conflict"),  # hidden unlock
    (_boot(vbmeta="unlocked", colour="green"), "conflict"),
    (_boot(flash="0", colour="green"), "conflict"),
    (_boot(flash="1", realme="0"), "conflict"),
    (_boot(), "key_missing"),
    (_boot(verity="enforcing"), "key_missing"),
    (_boot(switch="1"), "key_missing"),
    (_boot(switch="0"), "key_missing"),
    (_boot(fuse="1"), "key_missing"),
    (_boot(tags="test-keys"), "key_missing"),
    (_boot(vbmeta="locked", colour="green", switch="1"), "locked"),
    (_boot(vbmeta="unlocked", colour="orange", switch="0", verity="enforcing"), "unlocked"),
    (_boot(flash="1", colour="purple"), "unreadable"),
    (_boot(flash="1", vbmeta="locked") + "[zz.half]: [cut o", "truncated"),
    (_boot(flash="0", vbmeta="unlocked") + "[zz.half]: [cut o", "unlocked"),
    (TIMEOUT, "timeout"),
    ("", "key_missing"),
]


@pytest.mark.parametrize(("listing", "verdict"), BOOT_TABLE)
def test_bootloader(listing, verdict):
    assert _said(_find(BOOTLOADER, {reads.GETPROP: listing})) == verdict


@pytest.mark.parametrize("status", [1, 137, 255])
def test_a_listing_that_was_ended_before_its_time_proves_no_lock(status):
    listing = Output(_boot(flash="1", vbmeta="locked", colour="green").encode(), status)
    assert _said(_find(BOOTLOADER, {reads.GETPROP: listing})) == "truncated"


def test_a_hidden_unlock_is_a_sign_of_root_and_marks_the_evidence():
    hidden = _boot(flash="1", vbmeta="locked", colour="green", vendor_vbmeta="unlocked")
    finding = _find(BOOTLOADER, {reads.GETPROP: hidden})
    assert finding.spoofable and "bootloader_evidence_spoofable" in finding.notes


ROOTED = {
    "su": {reads.ROOT_FILES: "/system/xbin/su\n" + dumps.ROOT_FILES},
    "test keys": {reads.GETPROP: dumps.getprop({"ro.build.tags": "test-keys"})},
    "debuggable": {reads.GETPROP: dumps.getprop({"ro.debuggable": "1"})},
    "magisk": {reads.GETPROP: dumps.getprop({"init.svc.magisk_service": "running"})},
    "altered partition": {reads.GETPROP: dumps.getprop({"ro.boot.verifiedbooterror": "vbmeta"})},
}


@pytest.mark.parametrize("sign", ROOTED)
@pytest.mark.parametrize("probe", [BOOTLOADER, FRP_LOCKED, FRP_ARMED, MDM_ENROLLED, WORK_PROFILE], ids=lambda probe: probe.name)
def test_signs_of_root_mark_the_evidence_as_spoofable(sign, probe):
    assert _find(probe, ROOTED[sign]).spoofable
    assert not _find(probe).spoofable


# --- the rest -----------------------------------------------------------------------------------------------------

KNOX_TABLE = [
    ({}, "not_applicable"),
    ({"ro.product.manufacturer": "samsung"}, "key_missing"),
    ({"ro.product.manufacturer": None}, "key_missing"),
    ({"knox.kg.state": "Completed", "ro.boot.kg": "0x2"}, {"state": "Completed", "boot_flag": "0x2", "boot_bit": None, "barred": None}),
    ({"knox.kg.state": "Checking", "ro.boot.kg": "0x1", "ro.boot.kg.bit": "00"},
     {"state": "Checking", "boot_flag": "0x1", "boot_bit": "00", "barred": None}),
    ({"knox.kg.state": "Locked"}, {"state": "Locked", "boot_flag": None, "boot_bit": None, "barred": None}),
    ({"ro.boot.kg": "0x3"}, {"state": None, "boot_flag": "0x3", "boot_bit": None, "barred": None}),
    ({"knox.kg.state": "Locked", "ro.boot.kg": "0x3"}, {"state": "Locked", "boot_flag": "0x3", "boot_bit": None, "barred": True}),
    ({"knox.kg.state": "Active", "ro.boot.kg": "0x3"}, {"state": "Active", "boot_flag": "0x3", "boot_bit": None, "barred": None}),
]


@pytest.mark.parametrize(("properties", "said"), KNOX_TABLE)
def test_knox_guard_is_shown_in_its_own_words(properties, said):
    assert _said(_find(KNOX_GUARD, {reads.GETPROP: dumps.getprop(properties)})) == said


@pytest.mark.parametrize("probe", [ACTIVATION_LOCKED, EFI_LOCKED], ids=lambda probe: probe.name)
def test_what_no_android_phone_has_is_not_applicable_and_never_false(probe):
    assert _said(_find(probe)) == "not_applicable"


@pytest.mark.parametrize("reason", ["unauthorized", "timeout", "disconnected", "unsupported", "truncated"])
@pytest.mark.parametrize("probe", [FRP_LOCKED, FRP_ARMED, MDM_ENROLLED, WORK_PROFILE, BOOTLOADER], ids=lambda probe: probe.name)
def test_a_phone_that_answers_nothing_is_never_a_no(probe, reason):
    assert _said(_find(probe, dict.fromkeys(reads.ALL, Unread(reason)))) == reason
