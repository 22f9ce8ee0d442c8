"""`dumpsys device_policy`: owners under their headings only, admins by user, and when "none" may be concluded."""

from __future__ import annotations

import android_dumps as dumps
import pytest

from pyworker.android.device_policy import (
    DEVICE,
    PROFILE,
    Admin,
    DevicePolicy,
    Owner,
    OwnerList,
    parse_device_policy,
    parse_owner_list,
)
from pyworker.findings import Unread

ERAS = (4, 5, 9, 10, 11, 12, 14)


def _policy(text: str) -> DevicePolicy:
    parsed = parse_device_policy(text)
    assert isinstance(parsed, DevicePolicy)
    return parsed


@pytest.mark.parametrize("era", (2, *ERAS))
def test_a_phone_without_owners_shows_none_and_leaves_no_doubt(era):
    policy = _policy(dumps.policy(era=era))
    assert (policy.owners, policy.admins, policy.doubt) == ((), (), None)


@pytest.mark.parametrize("era", ERAS)
def test_a_device_owner_is_read_in_every_shape(era):
    policy = _policy(dumps.policy(dumps.device_owner(era=era), era=era, admins={0: [dumps.DPC]}, states={0: 3}))
    name = "Example Works" if era < 14 else ""
    owned = None if era < 10 else True
    assert policy.owners == (Owner(DEVICE, 0, "com.example.dpc", "com.example.dpc.AdminReceiver", name, owned),)
    assert policy.admins == (Admin(0, "com.example.dpc", "com.example.dpc.AdminReceiver", ""),)
    assert policy.doubt is None


@pytest.mark.parametrize("era", ERAS)
def test_a_profile_owner_is_read_with_its_user(era):
    policy = _policy(dumps.policy(dumps.profile_owner(10, era=era), era=era, admins={0: [], 10: [dumps.DPC]}))
    assert [(owner.kind, owner.user, owner.package) for owner in policy.owners] == [(PROFILE, 10, "com.example.dpc")]


def test_an_owner_from_before_an_update_may_have_no_class():
    policy = _policy(dumps.policy(["  Device Owner: ", "    admin=ComponentInfo{com.example.dpc/}", "    name=Works"], era=6))
    assert policy.owners == (Owner(DEVICE, 0, "com.example.dpc", "", "Works", None),) and policy.doubt is None


def test_admins_belong_to_the_user_they_stand_under():
    policy = _policy(dumps.policy(admins={0: [dumps.FIND_MY_DEVICE], 150: [dumps.KNOX_GUARD]}))
    assert [(admin.user, admin.package) for admin in policy.admins] == [
        (0, "com.google.android.gms"), (150, "com.samsung.android.kgclient")]


def test_an_organisation_names_itself_in_its_admin():
    policy = _policy(dumps.policy(dumps.device_owner(), admins={0: [dumps.DPC]}, organisation="Example Works Ltd"))
    assert policy.admins[0].organization == "Example Works Ltd"


def test_the_state_cache_and_the_encryption_line_are_read():
    policy = _policy(dumps.policy(owner_type=0, has_profile_owner=[10]))
    assert (policy.owner_type, policy.profile_owner_users, policy.encryption) == (0, (10,), "per-user")


def test_an_enterprise_admin_is_one_that_enforces_as_owners_do():
    enforcing = [dumps.DEVICE_LOCK_CONTROLLER, dumps.ADVANCED_PROTECTION, dumps.enterprise_admin()]
    assert _policy(dumps.policy(enforcing=enforcing)).enterprise == ("com.example.dpc",)


@pytest.mark.parametrize("era", ERAS)
def test_a_dump_cut_before_the_end_of_the_admins_shows_no_sure_none(era):
    text = dumps.policy(era=era, admins={0: [dumps.FIND_MY_DEVICE]})
    for length in range(len("Current Device Policy Manager state:\n"), text.index("\n  \n    mPasswordOwner")):
        parsed = parse_device_policy(text[:length])
        assert isinstance(parsed, Unread) or parsed.doubt == "truncated"


@pytest.mark.parametrize("era", ERAS)
def test_a_cut_further_down_hides_no_owner(era):
    text = dumps.policy(dumps.profile_owner(150, dumps.SECURE_FOLDER, era), era=era, admins={0: [], 150: []})
    owners = _policy(text).owners
    for length in range(text.index("mPasswordOwner") + len("mPasswordOwner=-1\n"), len(text)):
        parsed = _policy(text[:length])
        assert parsed.owners == owners


def test_a_users_part_may_end_without_password_lines():
    text = dumps.policy(admins={0: [dumps.KNOX_GUARD], 150: []})
    short = "".join(line for line in text.splitlines(keepends=True) if "mPasswordOwner" not in line)
    assert _policy(short) == _policy(text)


@pytest.mark.parametrize("lost", ["  Device Owner: \n", "admin=", "    admin=ComponentInfo", "Current Device Policy Manager state:\n"])
def test_what_is_left_of_an_owner_is_never_none(lost):
    text = dumps.policy(dumps.device_owner(era=9), era=9)
    policy = _policy(text.replace(lost, "", 1))
    assert policy.owners or policy.doubt is not None


@pytest.mark.parametrize("rest", ["", "    none", "    ??=ComponentInfo{"])
def test_a_heading_alone_is_neither_an_owner_nor_none(rest):
    policy = _policy(dumps.policy(["  Device Owner: ", *([rest] if rest else [])], era=12))
    assert policy.owners == () and policy.doubt == "unreadable"


@pytest.mark.parametrize("heading", ["Owner Services:", "Admin Services:"])
def test_the_services_of_owners_are_no_remains_of_another_owner(heading):
    owner, admins = dumps.device_owner(), {0: [dumps.DPC]}
    services = dumps.owner_services(0, "com.example.owner/.DeviceOwnerService", heading)
    assert _policy(dumps.policy(owner, services, admins=admins)) == _policy(dumps.policy(owner, admins=admins))


@pytest.mark.parametrize("rest", ["    package=com.example.dpc", "  ce Owner: ", "    User ID: 0", "  Owner Services: x"])
def test_the_rest_of_an_owner_below_the_services_leaves_doubt(rest):
    services = dumps.owner_services(0, "com.example.owner/.DeviceOwnerService")
    assert _policy(dumps.policy([*services, rest])).doubt == "unreadable"


def test_a_service_that_broke_off_leaves_doubt():
    text = dumps.policy(era=12)
    broken = text.replace("  Constants:", "*** SERVICE 'device_policy' DUMP TIMEOUT (10000ms) EXPIRED ***\n  Constants:", 1)
    assert _policy(broken).doubt == "timeout"


def test_the_words_of_the_tail_are_no_owners():
    tail = "  required_apps_managed_device: 1 app\n    0: com.example.owner\n  Subscription changed listener : null\n"
    assert _policy(dumps.policy() + tail) == _policy(dumps.policy())


@pytest.mark.parametrize(("text", "expected"), [
    ("no owners\n", OwnerList((), True)),
    ("1 owner:\nUser  0: admin=com.example.dpc/.AdminReceiver,DeviceOwner,Affiliated\n",
     OwnerList((Owner(DEVICE, 0, "com.example.dpc", ".AdminReceiver", "", None),), True)),
    ("1 owner:\nUser 10: admin=com.example.dpc/.AdminReceiver,ManagedProfileOwner(parentUserId=0)\n",
     OwnerList((Owner(PROFILE, 10, "com.example.dpc", ".AdminReceiver", "", None),), True)),
    ("2 owners:\nUser  0: admin=com.example.dpc/.A,DeviceOwner\n",
     OwnerList((Owner(DEVICE, 0, "com.example.dpc", ".A", "", None),), False)),
    ("", Unread("key_missing")), ("\n", Unread("key_missing")),
    ("Unknown command: list-owners\nUsage: \n  help\n", Unread("unsupported")),
    ("cmd: Can't find service: device_policy\n", Unread("unsupported")),
])
def test_the_list_of_owners_counts_itself(text, expected):
    assert parse_owner_list(text) == expected
