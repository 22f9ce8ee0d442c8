"""`dumpsys persistent_data_block`: what it says of factory reset protection, and who says nothing of it."""

from __future__ import annotations

import android_dumps as dumps
import pytest

from pyworker.android import reads
from pyworker.android.frp import FRP_LOCKED
from pyworker.android.persistent_data_block import PersistentDataBlock, parse_persistent_data_block
from pyworker.findings import Unread

OF_ITSELF = """mDataBlockFile: /dev/block/platform/soc/by-name/frp
mIsFileBacked: false
mInitDoneSignal: java.util.concurrent.CountDownLatch@1a2b3c4[Count = 0]
mAllowedUid: 10177
mBlockDeviceSize: 524288
mIsWritable: true
"""
DENIED = "Security exception: uid 2000 is not allowed to access PDB\n"
WHOLE = """FRP state
=========
Enforcement enabled: true
FRP state: false
FRP magic not found
OEM unlock state: true
Bootloader lock state: 1
Verified boot state: green
Has FRP credential handle: false
FRP challenge block size: 0
"""


def test_the_service_of_android_15_says_whether_the_protection_is_on():
    assert parse_persistent_data_block(OF_ITSELF + WHOLE) == PersistentDataBlock(True, False, True, False)


@pytest.mark.parametrize("spelled", [str.upper, str.lower, str.title])
def test_upper_and_lower_case_do_not_matter(spelled):
    assert parse_persistent_data_block(spelled(WHOLE)) == parse_persistent_data_block(WHOLE)


def test_a_line_said_twice_in_two_ways_says_nothing():
    twice = WHOLE + "FRP STATE: true\n"
    assert parse_persistent_data_block(twice) == PersistentDataBlock(True, None, True, False)


@pytest.mark.parametrize("text", [
    OF_ITSELF, OF_ITSELF.replace("mIsFileBacked", "mIsRunningDSU"), "DUMP OF SERVICE persistent_data_block:\n" + OF_ITSELF])
def test_the_service_of_android_12_to_14_tells_of_itself_only_and_keeps_no_state(text):
    assert parse_persistent_data_block(text) == Unread("unsupported")


@pytest.mark.parametrize(("text", "reason"), [
    (OF_ITSELF + DENIED, "permission_denied"),
    (OF_ITSELF + "FRP state\n=========\n", "unreadable"),
    (OF_ITSELF.replace("mIsWritable: true\n", ""), "unreadable"),
    (OF_ITSELF + "FRP secret present but omitted.\n", "unreadable"),
    ("", "key_missing"),
])
def test_a_service_that_was_kept_from_speaking_is_no_service_without_state(text, reason):
    assert parse_persistent_data_block(text) == Unread(reason)


@pytest.mark.parametrize("length", range(len("mDataBlockFile: /dev"), len(OF_ITSELF)))
def test_a_dump_that_was_cut_is_no_service_without_state(length):
    assert parse_persistent_data_block(OF_ITSELF[:length], cut=True) == Unread("truncated")
    assert parse_persistent_data_block(OF_ITSELF[:length]) != Unread("unsupported")


@pytest.mark.parametrize(("block", "verdict"), [(OF_ITSELF, False), (OF_ITSELF + DENIED, "permission_denied")])
def test_a_phone_in_use_without_the_settings_is_not_locked_when_its_service_keeps_no_state(block, verdict):
    finding = FRP_LOCKED.judge(dumps.seen({
        reads.FRP_MODE_SECURE: "null\n", reads.FRP_MODE_GLOBAL: "null\n", reads.PERSISTENT_DATA_BLOCK: block}).view())
    assert (finding.value if finding.reason is None else finding.reason) == verdict
