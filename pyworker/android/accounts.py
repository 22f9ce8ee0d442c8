"""`dumpsys account`: which kinds of accounts each user of the phone has signed in with.

Only "Account {" lines directly under a user's "Accounts: N" count. The history lists removed accounts, the services
cache lists authenticators (com.google is among them on every phone with Google's services, with no account at all)
and the visibility table repeats names. Names of accounts are never kept. Facts: AOSP AccountManagerService, published
dumps.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

_USER = re.compile(r"User UserInfo\{([0-9]{1,9}):(?:.*:([0-9a-fA-F]{1,8})\}[^}]*|.*)$")  # the name may hold anything
_COUNT = re.compile(r"Accounts: ([0-9]{1,6})$")
_ACCOUNT = re.compile(r"Account \{name=.*, type=([\w.:/@-]+)\}$")
_AUTHENTICATOR = re.compile(r"ServiceInfo: AuthenticatorDescription \{type=([^}]*)\}")
_BEFORE = re.compile(r"[$#] |^-+$|DUMP OF SERVICE")  # a prompt, a ruler: what may stand before a dump

# Parts that only systems print which also print a heading for each user.
_WITH_HEADINGS = re.compile(r"AccountId, Action_Type|Accounts History|Account visibility:")


class UserAccounts(NamedTuple):
    """flags: of the user (0x20 is a managed profile), None where not told. types: one entry an account.

    whole: as many accounts as announced, each readable, each of a type an authenticator is registered for.
    """

    user: int
    flags: int | None
    types: tuple[str, ...]
    whole: bool


class Accounts(NamedTuple):
    """users: each once. whole: each user's accounts are, and nothing says that the dump was cut before the last
    user."""

    users: tuple[UserAccounts, ...]
    whole: bool

    def count(self, kind: str) -> int:
        """How many accounts of this type ("com.google") there are for certain, over all users."""
        return sum(user.types.count(kind) for user in self.users)


class _Reading:
    __slots__ = ("user", "flags", "announced", "types", "listing", "odd", "authenticators")

    def __init__(self, user: int, flags: int | None) -> None:
        self.user = user
        self.flags = flags
        self.announced: int | None = None
        self.types: list[str] = []
        self.listing = False
        self.odd = False
        self.authenticators: set[str] = set()

    def done(self) -> UserAccounts:
        whole = (self.announced == len(self.types) and not self.odd
                 and all(kind in self.authenticators for kind in self.types))
        return UserAccounts(self.user, self.flags, tuple(self.types), whole)


def parse_accounts(data: bytes | str, cut: bool = False) -> Accounts | Unread:
    """`dumpsys account` -> Accounts; Unread when there is not one user's list in it."""
    dump = read_dump(data, cut, "account")
    readings: list[_Reading] = []
    stray = begun = headless = False  # begun: there was something else before the first list
    for raw in dump.lines:
        line = raw.strip()
        user = _USER.match(line)
        if user:
            readings.append(_Reading(int(user.group(1)), int(user.group(2), 16) if user.group(2) else None))
            readings[-1].odd = not line.endswith(":")  # something of the next line stands in this one
            continue
        count = _COUNT.match(line)
        if count and not readings and raw.startswith("Accounts"):
            readings.append(_Reading(0, None))  # Android before 4.2 has one user and no heading for it
            headless, stray = True, stray or begun
        stray = stray or bool(headless and _WITH_HEADINGS.match(line))
        if not readings:
            stray = stray or bool(count or line.startswith("Account {"))
            begun = begun or bool(line and not _BEFORE.search(line))
            continue
        reading = readings[-1]
        account = _ACCOUNT.match(line)
        if count and reading.announced is None:
            reading.announced, reading.listing = int(count.group(1)), True
        elif count or line.startswith(("Accounts:", "User UserInfo")):
            reading.odd = True  # a second count, or what is left of a line that mattered
        elif reading.listing and account:
            reading.types.append(account.group(1))
        elif reading.listing and line:
            reading.listing = False
            # A line that names an account in another form was masked by a publisher, or damaged.
            reading.odd = reading.odd or len(reading.types) != reading.announced or "type=" in line[:200]
        elif account:
            reading.odd = True  # an account outside the list, so the list has lost its head
        found = _AUTHENTICATOR.match(line)
        if found:
            reading.authenticators.add(found.group(1))
    if not any(reading.announced is not None for reading in readings):
        return dump.refusal() if not readings else Unread(dump.damaged or "truncated")
    users = tuple(reading.done() for reading in readings)
    once = len({user.user for user in users}) == len(users)
    return Accounts(users, dump.damaged is None and not stray and once and all(user.whole for user in users))
