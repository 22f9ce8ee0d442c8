"""Is the phone managed: by whom, and all of it or only a work profile.

True: a device owner, or a profile owner (the organisation's, or a work profile on somebody's own phone: `mdm_scope`
tells which). False: the dump's owners were seen whole, there is none after the false friends were taken out, and
nothing else on the phone contradicts. Before Android 10 organisations also managed phones through a mere admin, so
there an admin that owns nothing leaves it open, unless another source says that nobody manages the phone. The false
friends, each seen in dumps of unmanaged phones:

    Secure Folder            Samsung's profile owner com.samsung.knox.securefolder of user 150 and up
    Find My Device           Google's MdmDeviceAdminReceiver is an admin
    Knox Guard client        com.samsung.android.kgclient is an active admin on Samsungs as shipped
    device lock controller   com.google.android.devicelockcontroller enforces policies as a role
    advanced protection      system:android.security.advancedprotection is a user's own choice
    Device Owner Type: -1    means none
    device_owner_type = 0    a setting that exists without any owner; it is not asked for
    parental control         Family Link is a profile owner of a child's phone; a parent manages it, no organisation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.android import frp, reads, root
from pyworker.android.device_policy import DEVICE, PROFILE
from pyworker.findings import Finding, Unread
from pyworker.probes import BASIC, Probe, Witness

if TYPE_CHECKING:
    from pyworker.android.accounts import Accounts
    from pyworker.android.device_policy import Admin, DevicePolicy, Owner, OwnerList
    from pyworker.probes import Observations

SECURE_FOLDER = "com.samsung.knox.securefolder"
FIRST_SECURE_FOLDER_USER = 150
SUPERVISION = "com.google.android.gms.supervision"
PLAY_SERVICES = "com.google.android.gms"
FIND_MY_DEVICE = "MdmDeviceAdminReceiver"
KNOX_GUARD_CLIENT = "com.samsung.android.kgclient"
MANAGED_PROFILE_FLAG = 0x20
# Vendors give these user numbers to twins of apps and to hidden folders, with the flag of a managed profile.
FIRST_USER_OF_VENDORS_PROFILES = 95
NOT_MANAGED = 0
PARENT_OF_A_PROFILE = (4, 5)  # the provisioning states of a user who owns nothing but has a profile that is owned


def is_company(owner: Owner) -> bool:
    """Whether an owner is one of an organisation, and no false friend."""
    return false_friend(owner) is None


def false_friend(owner: Owner) -> str | None:
    """The note about an owner that is none of an organisation, or None."""
    if owner.kind != PROFILE or owner.organization_owned:
        return None
    if owner.package == SECURE_FOLDER and owner.user >= FIRST_SECURE_FOLDER_USER:
        return "secure_folder_is_no_company"
    if owner.package == SUPERVISION or (owner.package == PLAY_SERVICES and ".kids." in owner.component):
        return "parental_control_is_no_company"
    return None


def _company(policy: DevicePolicy | OwnerList) -> list[Owner]:
    return [owner for owner in policy.owners if is_company(owner)]


def _as_json(owners: list[Owner]) -> list[dict[str, Any]]:
    return [{"kind": owner.kind, "user": owner.user, "package": owner.package,
             "organization_owned": owner.organization_owned} for owner in owners]


def _owners(policy: DevicePolicy) -> object:
    """The owners of organisations. None listed is an answer only when the dump's part of owners is whole."""
    owners = _company(policy)
    return _as_json(owners) if owners or policy.doubt is None else Unread(policy.doubt)


def _listed(listed: OwnerList) -> object:
    owners = _company(listed)
    return _as_json(owners) if owners or listed.whole else Unread("truncated")


def _friends(policy: DevicePolicy) -> object:
    return sorted({note for owner in policy.owners if (note := false_friend(owner))})


def _contradictions(policy: DevicePolicy) -> object:
    """What in the dump speaks of an owner that its list of owners does not have."""
    owned = {owner.user for owner in policy.owners}
    packages = {owner.package for owner in policy.owners} | {KNOX_GUARD_CLIENT}
    device_owned = any(owner.kind == DEVICE for owner in policy.owners)
    found = [f"provisioningState {state} of user {user}" for user, state in policy.provisioning.items()
             if state != NOT_MANAGED and user not in owned and not (owned and state in PARENT_OF_A_PROFILE)]
    found += [f"Has PO of user {user}" for user in policy.profile_owner_users if user not in owned]
    found += [f"enterprise policies of {package}" for package in policy.enterprise if package not in packages]
    # Android 5 lists no owners; an admin of a user who is not the main one is the owner of a profile, most of the time.
    found += [f"admin {admin.package} of user {admin.user}" for admin in _foreign_admins(policy)
              if admin.user != frp.MAIN_USER and _may_be_managed(policy, admin.user)]
    if policy.owner_type is not None and policy.owner_type >= 0 and not device_owned:
        found.append(f"Device Owner Type {policy.owner_type}")
    return found


def _foreign_admins(policy: DevicePolicy) -> list[Admin]:
    """Active admins that are neither owners nor known from phones as shipped."""
    owners = {owner.package for owner in policy.owners} | {KNOX_GUARD_CLIENT}
    return [admin for admin in policy.admins
            if admin.package not in owners and not admin.component.endswith(FIND_MY_DEVICE)]


def _may_be_managed(policy: DevicePolicy, user: int) -> bool:
    """Whether the dump does not call the user unmanaged in so many words, as it does since Android 10."""
    return policy.provisioning.get(user) != NOT_MANAGED and (policy.owner_type is None or policy.owner_type >= 0)


def _admins(policy: DevicePolicy) -> list[str]:
    return sorted({admin.package for admin in _foreign_admins(policy)})


def _unconfirmed(policy: DevicePolicy) -> object:
    return sorted({admin.package for admin in _foreign_admins(policy) if _may_be_managed(policy, admin.user)})


def _misplaced(policy: DevicePolicy) -> object:
    """Profile owners of the main user that are no admins of it: an owner is both, so they belong to another user."""
    places = {(admin.package, admin.user) for admin in policy.admins}
    return sorted({owner.package for owner in _company(policy) if owner.kind == PROFILE
                   and owner.user == frp.MAIN_USER and (owner.package, frp.MAIN_USER) not in places})


def _organization(policy: DevicePolicy) -> object:
    """The best name there is: the organisation's own, the name the owner was given, the package of the owner."""
    owners = sorted(_company(policy), key=lambda owner: owner.kind != DEVICE)
    for owner in owners:
        named = next((admin.organization for admin in policy.admins
                      if admin.package == owner.package and admin.organization), "")
        return named or owner.name or owner.package
    return Unread(policy.doubt or "key_missing")


def _managed_profiles(accounts: Accounts) -> object:
    profiles = [user.user for user in accounts.users if (user.flags or 0) & MANAGED_PROFILE_FLAG
                and 0 < user.user < FIRST_USER_OF_VENDORS_PROFILES]
    return profiles if profiles or accounts.users else Unread("key_missing")


OWNERS = Witness(reads.DEVICE_POLICY, "owners", _owners)
LISTED = Witness(reads.OWNER_LIST, "owners", _listed)
FRIENDS = Witness(reads.DEVICE_POLICY, "owners that are no organisation", _friends)
CONTRADICTIONS = Witness(reads.DEVICE_POLICY, "traces of an owner", _contradictions)
ADMINS = Witness(reads.DEVICE_POLICY, "admins that own nothing", _admins)
UNCONFIRMED_ADMINS = Witness(reads.DEVICE_POLICY, "admins of users not said to be unmanaged", _unconfirmed)
WHOLE = Witness(reads.DEVICE_POLICY, "owners are told whole",
                lambda policy: True if policy.doubt is None else Unread(policy.doubt))
LIST_IS_WHOLE = Witness(reads.OWNER_LIST, "owners are told whole",
                        lambda listed: True if listed.whole else Unread("truncated"))
LIST_BROKE_OFF = Witness(reads.OWNER_LIST, "a list of owners begins and breaks off", lambda listed: not listed.whole)
MISPLACED = Witness(reads.DEVICE_POLICY, "profile owners that are no admins of their user", _misplaced)
ORGANIZATION = Witness(reads.DEVICE_POLICY, "organization", _organization)
MANAGED_PROFILES = Witness(reads.ACCOUNT, "users with the flag of a managed profile", _managed_profiles)
_SAYS: dict[str, object] = {"true": True, "false": False}
PROPERTIES = tuple(reads.property_witness(key, _SAYS) for key in ("ro.organization_owned", "ro.device_owner"))
KNOX_OWNER = reads.property_witness("persist.sys.knox.device_owner", _SAYS)  # its "false" says nothing

_WITNESSES = (OWNERS, LISTED, LIST_BROKE_OFF, FRIENDS, CONTRADICTIONS, ADMINS, UNCONFIRMED_ADMINS, MANAGED_PROFILES, *PROPERTIES,
              KNOX_OWNER, frp.PROVISIONED, *root.WITNESSES)


def _company_owners(seen: Observations) -> list[dict[str, Any]] | Unread:
    """The owners of organisations; an empty list is a sure no; Unread says why neither."""
    dumped, listed = seen[OWNERS], seen[LISTED]
    if dumped:
        return Unread("conflict") if listed == [] else list(dumped)
    if listed:
        return Unread("conflict") if dumped == [] else list(listed)
    if dumped is None:
        return Unread(seen.reason(OWNERS) or "unreadable")
    traces = [bool(seen[CONTRADICTIONS]), seen[LIST_BROKE_OFF] is True, *[seen[witness] is True for witness in (*PROPERTIES, KNOX_OWNER)]]
    if any(traces) or seen[MANAGED_PROFILES]:
        return Unread("conflict")
    if any([seen.reason(witness) == "unreadable" for witness in (*PROPERTIES, KNOX_OWNER)]):
        return Unread("unreadable")  # a new word for an owner may be a yes
    if seen[frp.PROVISIONED] == 0:
        return Unread("dep_assignment_not_visible")
    if seen[UNCONFIRMED_ADMINS] and listed is None and not any(seen[witness] is False for witness in PROPERTIES):
        return Unread("not_exposed")
    return []


def mdm_enrolled(seen: Observations) -> Finding:
    owners = _company_owners(seen)
    notes, admins = list(seen[FRIENDS] or []), seen[ADMINS]
    spoofable = root.rooted(seen)
    if isinstance(owners, Unread):
        if owners == Unread("not_exposed"):
            notes.append("admins_are_no_owner")
        return seen.cannot_tell(owners.reason, notes)
    if owners and _scope(owners) == PROFILE:
        notes.append("work_profile_only")
    if not owners and admins:
        notes.append("admins_are_no_owner")
    return seen.finds(bool(owners), notes, spoofable)


def _scope(owners: list[dict[str, Any]]) -> str:
    """DEVICE when the organisation owns the phone, whether as device owner or through its work profile."""
    return DEVICE if any(o["kind"] == DEVICE or o["organization_owned"] for o in owners) else PROFILE


def mdm_scope(seen: Observations) -> Finding:
    """"device": the whole phone is the organisation's. "profile": only a work profile is. Else not applicable."""
    owners = _company_owners(seen)
    if isinstance(owners, Unread):
        return seen.cannot_tell(owners.reason)
    if not owners:
        return seen.cannot_tell("not_applicable")
    return seen.finds(_scope(owners), spoofable=root.rooted(seen))


def work_profile(seen: Observations) -> Finding:
    """Whether some user of the phone other than the main one is a work profile."""
    owners = _company_owners(seen)
    if isinstance(owners, Unread):
        return seen.cannot_tell(owners.reason)
    if any(o["kind"] == PROFILE and o["user"] != frp.MAIN_USER for o in owners):
        return seen.finds(True, spoofable=root.rooted(seen))
    # Of owners that were seen, it is known that they are; which users they own is known of a dump without doubt only.
    whole = seen.heard(WHOLE)
    if owners and not (whole or seen[LIST_IS_WHOLE]):
        return seen.cannot_tell(seen.reason(WHOLE))
    return seen.cannot_tell("conflict") if seen[MISPLACED] else seen.finds(False, spoofable=root.rooted(seen))


def mdm_organization(seen: Observations) -> Finding:
    """The organisation's name where it gave one, else its owner's, else the package of its management app."""
    owners = _company_owners(seen)
    if isinstance(owners, Unread):
        return seen.cannot_tell(owners.reason)
    if not owners:
        return seen.cannot_tell("not_applicable")
    return seen.finds(seen[ORGANIZATION] or owners[0]["package"], spoofable=root.rooted(seen))


MDM_ENROLLED = Probe("mdm_enrolled", BASIC, _WITNESSES, mdm_enrolled)
MDM_SCOPE = Probe("mdm_scope", BASIC, _WITNESSES, mdm_scope)
WORK_PROFILE = Probe("work_profile", BASIC, (*_WITNESSES, MISPLACED, WHOLE, LIST_IS_WHOLE), work_profile)
MDM_ORGANIZATION = Probe("mdm_organization", BASIC, (*_WITNESSES, ORGANIZATION), mdm_organization)
