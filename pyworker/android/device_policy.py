"""`dumpsys device_policy` and `cmd device_policy list-owners`: who owns or administers the phone.

The dump lists owners first (no block means no owner, there is no line saying "none"; Android 5 lists no owners, but
they are admins, too), then, user by user, the enabled admins, then what is not by user. Whether "no owner" may be
concluded is decided here: `doubt` says why not. The words admin, owner and ComponentInfo occur all over the rest of the
dump, so an owner is only what stands under its heading.
Facts: AOSP DevicePolicyManagerService and Owners (Android 2.3 to 16), published dumps.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

if TYPE_CHECKING:
    from pyworker.android.dump_text import Dump

DEVICE = "device"
PROFILE = "profile"

_HEADER = re.compile(r".*\bCurrent Device Policy Manager state:$")
_DEVICE_OWNER = re.compile(r"Device Owner:\s*(.*)$")
_PROFILE_OWNER = re.compile(r"Profile Owner \(User (0|[1-9][0-9]{0,8})\):\s*(.*)$")
_OWNER_FIELD = re.compile(
    r"(admin|name|package|isOrganizationOwnedDevice|canAccessDeviceIds|remoteBugreportUri|remoteBugreportHash)=(.*)$")
_OWNER_USER = re.compile(r"User ID: ([0-9]{1,9})$")
_ADMINS = re.compile(r"Enabled Device Admins(?: \(User ([0-9]{1,9})(?:, provisioningState: (-?[0-9]{1,9}))?\))?:")
_ADMIN = re.compile(r"([A-Za-z][\w.]*)/([\w.$]+):$")
# What follows a user's admins: the user's passwords, the next user, or the first of the parts that are not by user.
_USER_ENDS = re.compile(
    r"(mPasswordOwner|mActivePassword\w*|mPasswordTokenHandle)="
    r"|(Constants|Stats|Local Policies|Global Policies|Device policy cache|Device state cache):|Encryption Status: ")
_ORGANISATION = re.compile(r"(?:organizationName|mOrganizationName)=(.*)$")
# Owners that came with an update from Android 5 have a package and no class.
_COMPONENT = re.compile(r"(?:ComponentInfo\{)?([A-Za-z][\w.]*)/([\w.$]*)\}?$")
_PACKAGE = re.compile(r"[A-Za-z]\w*(\.\w+)+$")
_OWNER_TYPE = re.compile(r"Device Owner Type: (-?[0-9]{1,9})$")
_HAS_PROFILE_OWNER = re.compile(r"User ([0-9]{1,9}): (true|false)$")
_ENTERPRISE = re.compile(r"EnforcingAdmin \{ mPackageName= ([\w.]+),.*mAuthorities= \[[^\]]*\benterprise\b")
_ENCRYPTION = re.compile(r"Encryption Status: (.+)$")
# In the part where only owners stand, a line with one of these words that belongs to no owner is the rest of one.
_OWNER_REMAINS = re.compile(r"owner|admin=|ComponentInfo|package=|isOrganization|canAccessDevice|User ID", re.I)
# The services of owners that run now (Android 8) are listed there, too, with names of apps that may have these words.
_OWNER_WORDS_THAT_ARE_NONE = re.compile(
    r"System Update Policy|Pending |mSafetyChecker|(?:Owner|Admin) Services:$|Package: [\w.]+$|[\w.]+/[\w.$]+ +u[0-9]+ \[")


class Owner(NamedTuple):
    """kind: DEVICE or PROFILE. package, component, name: "" where not told. organization_owned: None where not told."""

    kind: str
    user: int
    package: str
    component: str
    name: str
    organization_owned: bool | None


class Admin(NamedTuple):
    """An enabled device admin of a user. organization: the name the admin gave its organisation, or ""."""

    user: int
    package: str
    component: str
    organization: str


class DevicePolicy(NamedTuple):
    """doubt: None when the dump shows every owner there is, so that none listed means none; else the reason it does
    not.

    provisioning: a user's provisioning state where told (0 not managed, 3 and 5 finished). enterprise: packages that
    enforce policies as owners do (Android 14). owner_type: "Device Owner Type" (-1 none), profile_owner_users: users
    that "Has PO" names; both from the state cache at the end (Android 14), None where it was not seen.
    """

    owners: tuple[Owner, ...]
    admins: tuple[Admin, ...]
    provisioning: dict[int, int]
    enterprise: tuple[str, ...]
    owner_type: int | None
    profile_owner_users: tuple[int, ...]
    encryption: str
    doubt: str | None


class _OwnerBlock:
    """The lines under one owner's heading."""

    __slots__ = ("kind", "user", "fields")

    def __init__(self, kind: str, user: int, rest: str) -> None:
        self.kind = kind
        self.user = user
        self.fields: dict[str, str] = {}
        component = _COMPONENT.match(rest)
        if component:
            self.fields["admin"] = rest
        elif _PACKAGE.match(rest):
            self.fields["package"] = rest

    @classmethod
    def begun_by(cls, line: str) -> _OwnerBlock | None:
        """The block of an owner whose heading this line is, if it is one."""
        if (profile := _PROFILE_OWNER.match(line)) is not None:
            return cls(PROFILE, int(profile.group(1)), profile.group(2).strip())
        device = _DEVICE_OWNER.match(line)
        return None if device is None else cls(DEVICE, 0, device.group(1).strip())

    def take(self, line: str) -> bool:
        field = _OWNER_FIELD.match(line)
        if field:
            self.fields.setdefault(field.group(1), field.group(2).strip())
            return True
        user = _OWNER_USER.match(line)
        if user and self.kind == DEVICE:
            self.user = int(user.group(1))
            return True
        return False

    @property
    def contradicts_itself(self) -> bool:
        """The package stands in the block twice, and both are one; where they differ, something was damaged."""
        component = _COMPONENT.match(self.fields.get("admin", ""))
        return "admin" in self.fields and "package" in self.fields and (
            component is None or component.group(1) != self.fields["package"])

    def owner(self) -> Owner | None:
        """None when the heading stands alone: then it is not known what it announced."""
        component = _COMPONENT.match(self.fields.get("admin", ""))
        package = self.fields.get("package", "")
        if not _PACKAGE.match(package):
            package = component.group(1) if component else ""
        if not package:
            return None
        owned = [self.fields[key] == "true" for key in ("isOrganizationOwnedDevice", "canAccessDeviceIds")
                 if self.fields.get(key) in ("true", "false")]
        name = self.fields.get("name", "")
        return Owner(self.kind, self.user, package, component.group(2) if component else "",
                     "" if name == "null" else name, any(owned) if owned else None)


class _Owners(NamedTuple):
    """owners: those that can be told. announced: how many headings there were. legible: nothing stands among them, or
    stands wrong in them, that may be the rest of another owner."""

    owners: tuple[Owner, ...]
    announced: int
    legible: bool


class _Users(NamedTuple):
    """seen: how many users have a part. ended: the last one's list of admins came to its end."""

    admins: tuple[Admin, ...]
    provisioning: dict[int, int]
    seen: int
    ended: bool


class _State(NamedTuple):
    """See DevicePolicy."""

    enterprise: tuple[str, ...]
    owner_type: int | None
    profile_owner_users: tuple[int, ...]
    encryption: str


def parse_device_policy(data: bytes | str, cut: bool = False) -> DevicePolicy | Unread:
    """`dumpsys device_policy` -> DevicePolicy; Unread when it is no such dump."""
    dump = read_dump(data, cut, "device_policy")
    lines = [line.strip() for line in dump.lines]
    header = next((at for at, line in enumerate(lines) if _HEADER.match(line)), None)
    lines = lines[0 if header is None else header + 1:]
    first_user = next((at for at, line in enumerate(lines) if _ADMINS.match(line)), len(lines))
    owners = _read_owners(lines[:first_user])
    users, state = _read_users(lines[first_user:]), _read_state(lines[first_user:])
    if header is None and not users.seen and not owners.announced:
        return dump.refusal()
    # The rest of the dump has no owners' headings: with one it is a damaged dump, or two in one.
    legible = owners.legible and not any(_OwnerBlock.begun_by(line) for line in lines[first_user:])
    doubt = _doubt(dump, header is not None and users.seen > 0 and users.ended, legible)
    return DevicePolicy(owners.owners, users.admins, users.provisioning, *state, doubt)


def _doubt(dump: Dump, whole: bool, legible: bool) -> str | None:
    """whole: header, owners and admins are there to the end. A cut further down hides no owner; a service that broke
    off may have been about to tell of one."""
    if dump.damaged and not (whole and dump.damaged == "truncated"):
        return dump.damaged
    return "truncated" if not whole else None if legible else "unreadable"


def _read_owners(lines: list[str]) -> _Owners:
    """The part that has the owners, and what is about the whole phone."""
    blocks: list[_OwnerBlock] = []
    current: _OwnerBlock | None = None
    remains = False
    for line in lines:
        if current is not None and current.take(line):
            continue
        begun = _OwnerBlock.begun_by(line)
        if line:
            current = begun  # a blank line ends no owner
        if begun is not None:
            blocks.append(begun)
        elif _OWNER_REMAINS.search(line) and not _OWNER_WORDS_THAT_ARE_NONE.match(line):
            remains = True
    owners = [block.owner() for block in blocks]
    legible = not (remains or None in owners or any(block.contradicts_itself for block in blocks))
    return _Owners(tuple(owner for owner in owners if owner), len(blocks), legible)


def _read_users(lines: list[str]) -> _Users:
    """From the first user's part on: who administers which user."""
    admins: list[Admin] = []
    provisioning: dict[int, int] = {}
    user = seen = 0
    listing = ended = False
    for line in lines:
        if (heading := _ADMINS.match(line)) is not None:
            user, listing, ended = int(heading.group(1) or 0), True, False
            seen += 1
            if heading.group(2):
                provisioning[user] = int(heading.group(2))
        elif listing and (admin := _ADMIN.match(line)) is not None:
            admins.append(Admin(user, admin.group(1), admin.group(2), ""))
            ended = False
        elif listing and _USER_ENDS.match(line):
            listing, ended = False, True
        elif not line:
            ended = True  # a list that has not come to a blank line was cut
        elif listing and admins and (organisation := _ORGANISATION.match(line)) is not None:
            name = organisation.group(1).strip()
            admins[-1] = admins[-1]._replace(organization="" if name == "null" else name)
    return _Users(tuple(admins), provisioning, seen, ended)


def _read_state(lines: list[str]) -> _State:
    """From the first user's part on: what else speaks of owners, and the encryption."""
    enterprise: dict[str, None] = {}
    owner_type: int | None = None
    profile_owner_users: list[int] = []
    encryption = ""
    in_profile_owners = False
    for line in lines:
        if (by := _ENTERPRISE.match(line.removeprefix("Admin : "))) is not None:
            enterprise[by.group(1)] = None
        elif (kind := _OWNER_TYPE.match(line)) is not None:
            owner_type = int(kind.group(1))
        elif (status := _ENCRYPTION.match(line)) is not None:
            encryption, in_profile_owners = status.group(1), False
        elif line.startswith("Has PO:"):
            in_profile_owners = True
        elif _ADMINS.match(line):
            in_profile_owners = False
        elif in_profile_owners and (has := _HAS_PROFILE_OWNER.match(line)) is not None and has.group(2) == "true":
            profile_owner_users.append(int(has.group(1)))
    return _State(tuple(enterprise), owner_type, tuple(profile_owner_users), encryption)


# Numbers as the phone's language writes them: the shell command formats them, and int() reads the digits of all.
_COUNT = re.compile(r"(\d{1,6}) owners?:$")
_LISTED = re.compile(r"User\s+(\d{1,9}): admin=([\w.]+)/([\w.$]+)((?:,.*)?)$")


class OwnerList(NamedTuple):
    """owners as in DevicePolicy (names and organisations are not told). whole: as many as the list announced; what is
    not whole has spoken of owners and did not come to the end of them."""

    owners: tuple[Owner, ...]
    whole: bool


def parse_owner_list(data: bytes | str, cut: bool = False) -> OwnerList | Unread:
    """`cmd device_policy list-owners` (Android 12) -> OwnerList; an empty answer or a help text is no list."""
    dump = read_dump(data, cut)
    lines = [line.strip() for line in (*dump.lines, dump.unfinished)]
    if "no owners" in lines and not cut:
        return OwnerList((), True)
    announced = next((int(found.group(1)) for line in lines if (found := _COUNT.match(line))), None)
    owners = []
    for line in lines:
        found = _LISTED.match(line)
        if found:
            words = found.group(4)
            kind = DEVICE if "DeviceOwner" in words else PROFILE
            owners.append(Owner(kind, int(found.group(1)), found.group(2), found.group(3), "", None))
    if announced is None and not owners:
        return dump.refusal()
    return OwnerList(tuple(owners), announced == len(owners) and not cut)
