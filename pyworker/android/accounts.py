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


class _UserBlock:
    """The lines under one user's heading; of a system before Android 4.2 all of them, for it has one user."""

    __slots__ = ("user", "flags", "announced", "types", "listing", "odd", "authenticators")

    def __init__(self, user: int, flags: int | None, odd: bool = False) -> None:
        self.user = user
        self.flags = flags
        self.announced: int | None = None
        self.types: list[str] = []
        self.listing = False
        self.odd = odd
        self.authenticators: set[str] = set()

    @classmethod
    def begun_by(cls, line: str) -> _UserBlock | None:
        """The block of a user whose heading this line is, if it is one."""
        heading = _USER.match(line)
        if heading is None:
            return None
        flags = int(heading.group(2), 16) if heading.group(2) else None
        return cls(int(heading.group(1)), flags, odd=not line.endswith(":"))  # else a part of the next line is in it

    def take(self, line: str) -> None:
        count, account, authenticator = _COUNT.match(line), _ACCOUNT.match(line), _AUTHENTICATOR.match(line)
        if authenticator:
            self.authenticators.add(authenticator.group(1))
        if count and self.announced is None:
            self.announced, self.listing = int(count.group(1)), True
        elif count or line.startswith(("Accounts:", "User UserInfo")):
            self.odd = True  # a second count, or what is left of a line that mattered
        elif account and self.listing:
            self.types.append(account.group(1))
        elif account:
            self.odd = True  # an account outside the list, so the list has lost its head
        elif line and self.listing:
            self.listing = False
            # A line that names an account in another form was masked by a publisher, or damaged.
            self.odd = self.odd or len(self.types) != self.announced or "type=" in line[:200]

    def accounts(self) -> UserAccounts:
        whole = (self.announced == len(self.types) and not self.odd
                 and all(kind in self.authenticators for kind in self.types))
        return UserAccounts(self.user, self.flags, tuple(self.types), whole)


def parse_accounts(data: bytes | str, cut: bool = False) -> Accounts | Unread:
    """`dumpsys account` -> Accounts; Unread when there is not one user's list in it."""
    dump = read_dump(data, cut, "account")
    first = next((at for at, line in enumerate(dump.lines) if _USER.match(line.strip()) or _is_old_list(line)), None)
    if first is None:
        return dump.refusal()
    lines = [line.strip() for line in dump.lines]
    head, lines = lines[:first], lines[first:]
    is_old = not _USER.match(lines[0])
    blocks = [_UserBlock(0, None)] if is_old else []
    for line in lines:
        begun = _UserBlock.begun_by(line)
        if begun is not None:
            blocks.append(begun)
        else:
            blocks[-1].take(line)
    if all(block.announced is None for block in blocks):
        return Unread(dump.damaged or "truncated")
    users = tuple(block.accounts() for block in blocks)
    once = len({user.user for user in users}) == len(users)
    whole = dump.damaged is None and not _has_lost_its_head(head, lines, is_old)
    return Accounts(users, whole and once and all(user.whole for user in users))


def _is_old_list(line: str) -> bool:
    """Android before 4.2 has one user, no heading for it, and its list is not indented."""
    return line.startswith("Accounts") and _COUNT.match(line.rstrip()) is not None


def _has_lost_its_head(head: list[str], lines: list[str], is_old: bool) -> bool:
    """Whether there was a user before the first one that can be seen. lines: from that one on."""
    if any(_COUNT.match(line) or line.startswith("Account {") for line in head):
        return True
    return is_old and (any(line and not _BEFORE.search(line) for line in head)
                       or any(_WITH_HEADINGS.match(line) for line in lines))
