"""`dumpsys account`: only the accounts of the users' own lists, and each list checks itself."""

from __future__ import annotations

import android_dumps as dumps
import pytest

from pyworker.android.accounts import Accounts, parse_accounts
from pyworker.findings import Unread


def _accounts(text: str) -> Accounts:
    parsed = parse_accounts(text)
    assert isinstance(parsed, Accounts)
    return parsed


def test_accounts_are_counted_by_user_and_summed():
    parsed = _accounts(dumps.accounts((0, "Owner", "4c13", ["com.google", "com.google"]), (10, "Work", "1030", ["com.google"])))
    assert [(user.user, user.flags, user.types) for user in parsed.users] == [
        (0, 0x4C13, ("com.google", "com.google")), (10, 0x1030, ("com.google",))]
    assert parsed.count("com.google") == 3 and parsed.whole


def test_an_authenticator_is_no_account():
    parsed = _accounts(dumps.accounts((0, "Owner", "13", [])))
    assert parsed.count("com.google") == 0 and parsed.whole


@pytest.mark.parametrize("name", ["a:b", "x}y", "Accounts: 9", "{0:Owner:13}", "ünïcode", ""])
def test_a_users_name_may_be_anything(name):
    parsed = _accounts(dumps.accounts((0, name, "c13", ["com.google"])))
    assert (parsed.users[0].user, parsed.users[0].flags, parsed.count("com.google")) == (0, 0xC13, 1)


def test_old_systems_have_one_user_and_no_heading():
    parsed = _accounts("Accounts: 1\n  Account {name=a@b.example, type=com.google}\n\nRegisteredServicesCache: 1 services\n"
                       "  ServiceInfo: AuthenticatorDescription {type=com.google}, ComponentInfo{x/y}, uid 1\n")
    assert parsed.users[0].user == 0 and parsed.count("com.google") == 1 and parsed.whole


def test_a_new_systems_dump_that_lost_its_head_is_not_an_old_systems():
    text = dumps.accounts((0, "Owner", "4c13", ["com.google"]), (10, "Work", "1030", []))
    assert not _accounts(text[text.index("Accounts: 0"):]).whole


@pytest.mark.parametrize("damage", [
    lambda text: text.replace("Accounts: 2", "Accounts: 3"),
    lambda text: text.replace("Accounts: 2", "Accounts: 0"),
    lambda text: text.replace("Account {name=somebody1@example.org, type=com.example.chat}", "Account {name=***}"),
    lambda text: text.replace("    Account {name=somebody0@example.org, type=com.google}\n", ""),
    lambda text: text.replace("somebody0@example.org, type=com.google}", "somebody0@example.org, type=com.gxogle}"),
    lambda text: text[:text.index("type=com.google}")],
    lambda text: text.replace("  Accounts: 2\n", ""),
], ids=["more announced", "fewer announced", "masked", "line lost", "type damaged", "cut", "count lost"])
def test_a_list_that_does_not_add_up_is_not_whole(damage):
    parsed = parse_accounts(damage(dumps.accounts()))
    assert isinstance(parsed, Unread) or not parsed.whole


def test_names_of_accounts_are_not_kept():
    assert "somebody" not in repr(_accounts(dumps.accounts()))


def test_a_session_that_names_an_account_is_no_second_account():
    text = dumps.accounts((0, "Owner", "13", ["com.google"])).replace(
        "Active Sessions: 0", "Active Sessions: 1\n    Session: expectLaunch false, Account {name=a, type=com.google}")
    assert _accounts(text).count("com.google") == 1
