"""`dumpsys device_policy` and `cmd device_policy list-owners`: who owns or administers the phone.

The dump lists owners first (no block means no owner, there is no line saying "none"), then, user by user, the enabled
admins, then what is not by user. Whether "no owner" may be concluded is decided here: `doubt` says
why not. The words admin, owner and ComponentInfo occur all over the rest of the dump, so an owner is only what stands
under its heading. Facts: AOSP DevicePolicyManagerService and Owners (Android 2.3 to 16), published dumps.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

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
_COMPONENT = re.compile(r"(?:ComponentInfo\{)?([A-Za-z][\w.]*)/([\w.$]+)\}?$")
_PACKAGE = re.compile(r"[A-Za-z]\w*(\.\w+)+$")
_OWNER_TYPE = re.compile(r"Device Owner Type: (-?[0-9]{1,9})$")
_HAS_PROFILE_OWNER = re.compile(r"User ([0-9]{1,9}): (true|false)$")
_ENTERPRISE = re.compile(r"EnforcingAdmin \{ mPackageName= ([\w.]+),.*mAuthorities= \[[^\]]*\benterprise\b")
_ENCRYPTION = re.compile(r"Encryption Status: (.+)$")
# In the part where only owners stand, a line with one of these words that belongs to no owner is the rest of one.
_OWNER_REMAINS = re.compile(r"owner|admin=|ComponentInfo|package=|isOrganization|canAccessDevice|User ID", re.I)
_OWNER_WORDS_THAT_ARE_NONE = re.compile(r"(System Update Policy|Pending |mSafetyChecker)")


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


def parse_device_policy(data: bytes | str, cut: bool = False) -> DevicePolicy | Unread:
    """`dumpsys device_policy` -> DevicePolicy; Unread when it is no such dump."""
    dump = read_dump(data, cut, "device_policy")
    lines = [line.strip() for line in dump.lines]
    starts = [at + 1 for at, line in enumerate(lines) if _HEADER.match(line)]
    blocks: list[_OwnerBlock] = []
    admins: list[Admin] = []
    provisioning: dict[int, int] = {}
    enterprise: dict[str, None] = {}
    profile_owner_users: list[int] = []
    owner_type: int | None = None
    encryption = ""
    remains = False
    block: _OwnerBlock | None = None
    in_owners, user, in_admins, at_rest, users_seen, in_has_owner = True, 0, False, False, 0, False
    for line in lines[starts[0] if starts else 0:]:
        admins_of = _ADMINS.match(line)
        if admins_of:
            in_owners, block, in_admins, at_rest, in_has_owner = False, None, True, False, False
            users_seen += 1
            user = int(admins_of.group(1) or 0)
            if admins_of.group(2):
                provisioning[user] = int(admins_of.group(2))
            continue
        if block is not None and block.take(line):
            continue
        profile, device = _PROFILE_OWNER.match(line), _DEVICE_OWNER.match(line)
        if in_owners and (profile or device):
            block = (_OwnerBlock(PROFILE, int(profile.group(1)), profile.group(2).strip()) if profile
                     else _OwnerBlock(DEVICE, 0, device.group(1).strip() if device else ""))
            blocks.append(block)
            continue
        if line:
            block = None
        if in_owners:
            remains = remains or bool(_OWNER_REMAINS.search(line) and not _OWNER_WORDS_THAT_ARE_NONE.match(line))
            continue
        if profile or device:
            # The rest of the dump has no such headings: this is a damaged dump, or two in one.
            remains = True
        if in_admins and _USER_ENDS.match(line):
            in_admins, at_rest = False, True
        elif not line:
            at_rest = True  # a blank line ends the admins; a list that has not come to one was cut
        found = _ADMIN.match(line)
        if in_admins and found:
            at_rest = False
            admins.append(Admin(user, found.group(1), found.group(2), ""))
        elif in_admins and admins and (organisation := _ORGANISATION.match(line)):
            name = organisation.group(1).strip()
            admins[-1] = admins[-1]._replace(organization="" if name == "null" else name)
        elif (by := _ENTERPRISE.match(line.removeprefix("Admin : "))) is not None:
            enterprise[by.group(1)] = None
        elif (kind := _OWNER_TYPE.match(line)) is not None:
            owner_type = int(kind.group(1))
        elif line.startswith("Has PO:"):
            in_has_owner = True
        elif in_has_owner and (has := _HAS_PROFILE_OWNER.match(line)) is not None:
            if has.group(2) == "true":
                profile_owner_users.append(int(has.group(1)))
        elif (status := _ENCRYPTION.match(line)) is not None:
            encryption, in_has_owner = status.group(1), False
    owners = [block.owner() for block in blocks]
    if not starts and not users_seen and not blocks:
        return dump.refusal()
    doubt = dump.damaged if dump.damaged and (not at_rest or not users_seen or dump.damaged != "truncated") else None
    if not starts or not users_seen or not at_rest:
        doubt = doubt or "truncated"
    if remains or None in owners or any(block.contradicts_itself for block in blocks):
        doubt = doubt or "unreadable"
    return DevicePolicy(tuple(o for o in owners if o), tuple(admins), provisioning, tuple(enterprise), owner_type,
                        tuple(profile_owner_users), encryption, doubt)


_COUNT = re.compile(r"([0-9]{1,6}) owners?:$")
_LISTED = re.compile(r"User\s+([0-9]{1,9}): admin=([\w.]+)/([\w.$]+)((?:,.*)?)$")


class OwnerList(NamedTuple):
    """owners as in DevicePolicy (names and organisations are not told). whole: as many as the list announced."""

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
