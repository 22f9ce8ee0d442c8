"""Damaged dumps: never an exception, and never a no where the whole dump says yes or where the deciding part is broken.

PYWORKER_MUTATIONS=100000 makes it the long run; the seeds are the positions in SAMPLES.
"""

from __future__ import annotations

from typing import Any

import android_dumps as dumps
import pytest
from android_mutations import CUTS, damaged

from pyworker.android import reads, registry
from pyworker.android.bootloader import BOOTLOADER
from pyworker.android.frp import FRP_ARMED, FRP_LOCKED
from pyworker.android.management import MDM_ENROLLED, WORK_PROFILE
from pyworker.android.output import Output
from pyworker.findings import Unread
from pyworker.probes import Observations, Probe, Read, parsed

OLD = {reads.OWNER_LIST: "Unknown command: list-owners\n"}
UNLOCKED = {"ro.boot.flash.locked": "0", "ro.boot.vbmeta.device_state": "unlocked", "ro.boot.verifiedbootstate": "orange"}

SAMPLES: list[tuple[Read, str]] = [(read, text) for read, text in dumps.CLEAN.items()] + [
    (reads.BATTERY, dumps.SAMSUNG_BATTERY), (reads.IMEI, dumps.imei_parcel("490154203237518")),
    (reads.DEVICE_POLICY, dumps.policy(dumps.device_owner(), admins={0: [dumps.DPC]}, states={0: 3}, owner_type=0)),
    (reads.OWNER_LIST, "1 owner:\nUser  0: admin=com.example.dpc/.AdminReceiver,DeviceOwner,Affiliated\n"),
    (reads.DATA_VOLUME, "Filesystem Size Used Free Blksize\n/data 25.2G 11.5G 13.7G 4096\n"),
]


def _surroundings(changes: dict[Read, Any]) -> dict[Read, Any]:
    """A clean phone's answers with these changes, parsed once for all the damage."""
    return parsed({read: answer if isinstance(answer, Unread) else Output(answer.encode())
                   for read, answer in {**dumps.CLEAN, **changes}.items()})


@pytest.mark.parametrize("seed", range(len(SAMPLES)), ids=lambda seed: f"{seed}-{SAMPLES[seed][0].request[:40]}")
def test_no_damage_makes_a_parser_or_a_judge_raise(seed):
    read, text = SAMPLES[seed]
    probes = [probe for probe in registry.PROBES if any(witness.read is read for witness in probe.witnesses)]
    whole = _surroundings({})
    assert read.parse is not None
    for _, broken in damaged(text.encode(), seed):
        answer = read.parse(Output(broken))
        seen = Observations({**whole, read: answer})
        for probe in probes:
            probe.judge(seen.view()).as_json()


def _company(era: int) -> str:
    return dumps.policy(dumps.device_owner(era=era), era=era, admins={0: [dumps.FIND_MY_DEVICE, dumps.DPC]}, states={0: 3},
                        owner_type=0, enforcing=[dumps.enterprise_admin()])


def _work(era: int) -> str:
    return dumps.policy(dumps.profile_owner(10, era=era), era=era, admins={0: [dumps.FIND_MY_DEVICE], 10: [dumps.DPC]},
                        states={0: 5, 10: 3}, has_profile_owner=[10], enforcing=[dumps.enterprise_admin(user=10)])


NOT_SET_UP = {reads.DEVICE_PROVISIONED: "0\n", reads.USER_SETUP_COMPLETE: "0\n"}
ONLY_THE_BLOCK = {reads.FRP_MODE_SECURE: "null\n", reads.FRP_MODE_GLOBAL: "null\n", **NOT_SET_UP}
YES: dict[str, tuple[Probe, object, Read, str, dict[Read, Any]]] = {
    **{f"device owner, Android {era}": (MDM_ENROLLED, True, reads.DEVICE_POLICY, _company(era), OLD) for era in (5, 9, 10, 12, 14)},
    **{f"work profile, Android {era}": (WORK_PROFILE, True, reads.DEVICE_POLICY, _work(era), OLD) for era in (5, 9, 10, 12, 14)},
    "owner list": (MDM_ENROLLED, True, reads.OWNER_LIST, "1 owner:\nUser  0: admin=com.example.dpc/.AdminReceiver,DeviceOwner\n",
                   {reads.DEVICE_POLICY: "Permission Denial: no\n"}),
    "Google account": (FRP_ARMED, True, reads.ACCOUNT, dumps.accounts(), {}),
    "Google account of the first of two users": (FRP_ARMED, True, reads.ACCOUNT, dumps.accounts(
        (0, "Owner", "4c13", ["com.example.chat", "com.google"]), (10, "Work", "1030", [])), {}),
    "persistent data block": (FRP_LOCKED, True, reads.PERSISTENT_DATA_BLOCK, dumps.persistent_data_block(active=True), ONLY_THE_BLOCK),
    "unlocked bootloader": (BOOTLOADER, "unlocked", reads.GETPROP, dumps.getprop(UNLOCKED), {}),
}


@pytest.mark.parametrize("case", YES)
def test_no_damage_turns_a_yes_into_a_no(case):
    """One source of several that are all damaged together may change its mind; then there is a conflict."""
    probe, undamaged, read, text, changes = YES[case]
    whole = dumps.seen({**changes, read: text})
    assert probe.judge(whole.view()).value == undamaged
    surroundings = _surroundings(changes)
    assert read.parse is not None
    wrong = []
    for number, broken in damaged(text.encode(), list(YES).index(case)):
        verdict = probe.judge(Observations({**surroundings, read: read.parse(Output(broken))})).value
        if verdict is False or (probe is BOOTLOADER and verdict == "locked"):
            wrong.append((number, broken))
    assert not wrong, f"{len(wrong)} of them; the first:\n{wrong[0][0]}\n{wrong[0][1].decode(errors='replace')[:1500]}"


def test_no_cut_turns_a_hidden_unlock_into_a_locked_bootloader():
    many = {f"init.svc.service{number:03}": "running" for number in range(260)}
    listing = dumps.getprop(many | {"vendor.boot.vbmeta.device_state": "unlocked", "vendor.boot.verifiedbootstate": "orange"})
    assert BOOTLOADER.judge(dumps.seen({reads.GETPROP: listing})).reason == "conflict"
    surroundings, parse = _surroundings({}), reads.GETPROP.parse
    assert parse is not None
    for _, broken in damaged(listing.encode(), 5, CUTS):
        seen = Observations({**surroundings, reads.GETPROP: parse(Output(broken))})
        assert BOOTLOADER.judge(seen).value != "locked", broken


@pytest.mark.parametrize("setting", [reads.FRP_MODE_SECURE, reads.FRP_MODE_GLOBAL, reads.DEVICE_PROVISIONED, reads.USER_SETUP_COMPLETE],
                         ids=lambda read: read.request)
def test_no_damage_to_a_setting_says_that_the_phone_is_not_locked(setting):
    """Only an answer that is whole and well formed by accident may."""
    said = {reads.FRP_MODE_SECURE: "1\n", reads.FRP_MODE_GLOBAL: "1\n", reads.DEVICE_PROVISIONED: "0\n", reads.USER_SETUP_COMPLETE: "0\n"}
    well_formed = {reads.FRP_MODE_SECURE: (b"0", b"null"), reads.FRP_MODE_GLOBAL: (b"0", b"null"), reads.DEVICE_PROVISIONED: (b"1",),
                   reads.USER_SETUP_COMPLETE: (b"1",)}
    surroundings = _surroundings({})
    surroundings[reads.PERSISTENT_DATA_BLOCK] = Unread("unsupported")
    assert setting.parse is not None
    for _, broken in damaged(said[setting].encode(), 7):
        if broken.replace(b"\0", b"").strip() not in well_formed[setting]:
            seen = Observations({**surroundings, setting: setting.parse(Output(broken))})
            assert FRP_LOCKED.judge(seen).value is not False, broken


DECIDING = "Current Device Policy Manager state:"


@pytest.mark.parametrize("era", [5, 9, 12, 14])
def test_a_clean_dump_broken_in_its_deciding_part_is_no_no(era):
    text = dumps.policy(era=era)
    begin, end = text.index(DECIDING), text.index("\n  \n    mPasswordOwner")
    for at in range(begin, end):
        broken = text[:at] + text[at + 1:] if text[at] not in " \n" else text
        finding = MDM_ENROLLED.judge(dumps.seen({**OLD, reads.DEVICE_POLICY: text[:at]}))
        assert finding.value is None, text[:at]
        assert MDM_ENROLLED.judge(dumps.seen({**OLD, reads.DEVICE_POLICY: broken})).value is not True
