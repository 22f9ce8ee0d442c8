"""`df` in the shapes of toolbox, busybox and toybox; `dumpsys diskstats`."""

from __future__ import annotations

import android_dumps as dumps
import pytest

from pyworker.android.df import DiskFree, Mount, parse_df
from pyworker.android.diskstats import DiskStats, Space, parse_diskstats
from pyworker.findings import Unread

TOOLBOX = """Filesystem               Size     Used     Free   Blksize
/dev                   924.4M    48.0K   924.4M   4096
-k: No such file or directory
/mnt/secure: Permission denied
/data                   25.2G    11.5G    13.7G   4096
/cache                 503.5M     8.0M   495.5M   4096
"""
TOYBOX_ALL = """Filesystem      1K-blocks    Used Available Use% Mounted on
tmpfs             3789628    1234   3788394   1% /dev
/dev/block/dm-6   1048576 1048576         0 100% /apex/com.android.art@350
/dev/block/dm-30 113456000 45382400 67942528 41% /data
/dev/block/dm-30 113456000 45382400 67942528 41% /data/user/0
/dev/fuse        113456000 45382400 67942528 41% /storage/emulated
"""
BUSYBOX = """Filesystem           1K-blocks      Used Available Use% Mounted on
/dev/block/platform/msm_sdcc.1/by-name/userdata
                      12549232   6543210   6006022  52% /data
"""


def _volume(text: str) -> Mount | None:
    parsed = parse_df(text)
    assert isinstance(parsed, DiskFree)
    return parsed.data_volume()


def test_toybox_counts_blocks():
    assert _volume(dumps.DF) == Mount("/dev/block/mapper/userdata", "/data", 113456000 * 1024, 45382400 * 1024, 67942528 * 1024, True)


def test_blocks_of_512_bytes_are_half_as_large():
    volume = _volume("Filesystem 512-blocks Used Available Use% Mounted on\n/dev/x 4000 1000 3000 25% /data\n")
    assert volume is not None and volume.total_bytes == 4000 * 512


def test_toolbox_names_the_mount_first_and_rounds():
    volume = _volume(TOOLBOX)
    assert volume is not None and (volume.mount, volume.exact) == ("/data", False)
    assert volume.total_bytes == round(25.2 * 1024 ** 3) and volume.free_bytes == round(13.7 * 1024 ** 3)


def test_busybox_breaks_a_row_after_a_long_device():
    volume = _volume(BUSYBOX)
    assert volume is not None and (volume.mount, volume.total_bytes) == ("/data", 12549232 * 1024)


def test_human_units_are_read_and_known_as_rounded():
    volume = _volume("Filesystem      Size  Used Avail Use% Mounted on\n/dev/block/dm-5  11G  5.5G  5.2G  52% /data\n")
    assert volume is not None and not volume.exact and volume.total_bytes == 11 * 1024 ** 3


def test_three_views_of_the_data_volume_are_one():
    volume = _volume(TOYBOX_ALL)
    assert volume is not None and volume.mount == "/data"


@pytest.mark.parametrize(("device", "mount"), [
    ("/dev/block/dm-30", "/data/user/0"), ("/data/media", "/storage/emulated"), ("/dev/fuse", "/storage/emulated")])
def test_a_view_stands_for_the_volume_where_the_volume_is_not_shown(device, mount):
    volume = _volume(f"Filesystem 1K-blocks Used Available Use% Mounted on\n{device} 1000 400 500 45% {mount}\n")
    assert volume is not None and volume.total_bytes == 1000 * 1024


def test_other_volumes_are_not_the_data_volume():
    assert _volume("Filesystem 1K-blocks Used Available Use% Mounted on\n/dev/block/sda1 1000 400 500 45% /database\n") is None


def test_a_header_alone_says_that_the_path_is_missing():
    assert parse_df("Filesystem 1K-blocks Used Available Use% Mounted on\n") == Unread("key_missing")
    assert parse_df("df: /data: No such file or directory\n") == Unread("unsupported")
    assert parse_df("/dev/block/dm-30 113456000 45382400 67942528 41% /data\n") == Unread("unreadable")


def test_diskstats_counts_free_space_in_kib_and_categories_in_bytes():
    stats = parse_diskstats(dumps.DISKSTATS)
    assert isinstance(stats, DiskStats)
    assert (stats.write_latency_ms, stats.write_speed_kb_s, stats.file_based_encryption) == (2, 91234, True)
    assert stats.spaces["Data"] == Space(67942528 * 1024, 113456000 * 1024)
    assert stats.spaces["System"] == Space(0, 901232 * 1024)
    assert stats.category_bytes["App Data"] == 8_000_000_000 and "Package Names" not in stats.category_bytes


def test_encryption_is_only_announced_when_true():
    stats = parse_diskstats(dumps.DISKSTATS.replace("File-based Encryption: true\n", ""))
    assert isinstance(stats, DiskStats) and stats.file_based_encryption is None


@pytest.mark.parametrize("line", ["Recent Disk Write Speed data unavailable", "Recent Disk Write Speed (kB/s) = 0"])
def test_a_speed_that_was_not_measured_is_none(line):
    stats = parse_diskstats(dumps.DISKSTATS.replace("Recent Disk Write Speed (kB/s) = 91234", line))
    assert isinstance(stats, DiskStats) and stats.write_speed_kb_s is None


def test_arrays_cut_in_the_middle_do_no_harm():
    stats = parse_diskstats(dumps.DISKSTATS[:-12])
    assert isinstance(stats, DiskStats) and stats.write_latency_ms == 2


def test_a_failed_latency_test_leaves_the_rest():
    stats = parse_diskstats(dumps.DISKSTATS.replace("Latency: 2ms [512B Data Write]", "Test-Error: java.io.IOException: full"))
    assert isinstance(stats, DiskStats) and stats.write_latency_ms is None and stats.spaces
