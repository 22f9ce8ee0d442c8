"""The storage: how full the data volume is, counted once, how fast it writes, and how worn the chip is where readable.

Wear comes in the chip's own steps: 1 is up to 10 % of the rated life, 10 up to 100 %, 11 more than that; the reserve
has the words normal, warning, urgent. Facts: JEDEC eMMC and UFS health descriptors as Linux shows them, AOSP health
HAL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.android import reads
from pyworker.android.several_sources import most_telling
from pyworker.findings import MISSING, Finding, Unread
from pyworker.probes import DEEP, Probe, Witness

if TYPE_CHECKING:
    from pyworker.android.df import DiskFree
    from pyworker.android.diskstats import DiskStats
    from pyworker.android.file_values import FileValues
    from pyworker.android.health_hal import HealthHal
    from pyworker.probes import Observations

LIFE_STEPS = range(1, 12)
PERCENT_A_STEP = 10
RESERVES = {1: "normal", 2: "warning", 3: "urgent"}
LARGEST_BYTES = 64 * 1024 ** 4  # no phone's storage; beyond it the number is none
SLOWEST_WRITE_MS = 60_000


def _volume(free: DiskFree) -> object:
    volume = free.data_volume()
    if volume is None:
        return MISSING
    return {"mount": volume.mount, "total_bytes": volume.total_bytes, "used_bytes": volume.used_bytes,
            "free_bytes": volume.free_bytes, "exact": volume.exact}


def _data_space(stats: DiskStats) -> object:
    space = stats.spaces.get("Data")
    return MISSING if space is None else {"total_bytes": space.total_bytes, "free_bytes": space.free_bytes}


def _categories(stats: DiskStats) -> object:
    return {name.lower().replace(" ", "_"): size for name, size in stats.category_bytes.items()} or MISSING


def _life_number(text: str, position: int) -> int | Unread:
    """One number of a file: "0x01", "1", or "0x01 0x02" where eMMC gives both in one."""
    words = text.split()
    word = words[position].lower() if len(words) > position else ""
    digits = word.removeprefix("0x")
    if not digits or len(digits) > 8 or any(sign not in "0123456789abcdef" for sign in digits):
        return Unread("unreadable")
    return int(digits, 16)


def _life_of_files(name: str, emmc_position: int) -> Any:
    def pick(files: FileValues) -> object:
        text = files.ending(f"life_time_estimation_{name}")
        if not isinstance(text, Unread):
            return _life_number(text, 0)
        both = files.ending("life_time")
        return text if isinstance(both, Unread) else _life_number(both, emmc_position)

    return pick


def _reserve_of_files(files: FileValues) -> object:
    text = files.ending("eol_info", "pre_eol_info")
    return text if isinstance(text, Unread) else _life_number(text, 0)


def _hal(pick: Any) -> Any:
    def value(hal: HealthHal) -> object:
        number = pick(hal)
        return MISSING if number is None else number

    return value


VOLUME = Witness(reads.DATA_VOLUME, "data volume", _volume)
DATA_SPACE = Witness(reads.DISKSTATS, "Data-Free", _data_space)
LATENCY = Witness(reads.DISKSTATS, "Latency",
                  lambda stats: MISSING if stats.write_latency_ms is None else stats.write_latency_ms)
SPEED = Witness(reads.DISKSTATS, "Recent Disk Write Speed",
                lambda stats: MISSING if stats.write_speed_kb_s is None else stats.write_speed_kb_s)
CATEGORIES = Witness(reads.DISKSTATS, "sizes by category", _categories)
FILE_LIFE_A = Witness(reads.STORAGE_LIFE_FILES, "life_time_estimation_a", _life_of_files("a", 0))
FILE_LIFE_B = Witness(reads.STORAGE_LIFE_FILES, "life_time_estimation_b", _life_of_files("b", 1))
FILE_RESERVE = Witness(reads.STORAGE_LIFE_FILES, "eol_info", _reserve_of_files)
HAL_LIFE_A = Witness(reads.HEALTH_HAL, "lifetimeA", _hal(lambda hal: hal.storage_life_a))
HAL_LIFE_B = Witness(reads.HEALTH_HAL, "lifetimeB", _hal(lambda hal: hal.storage_life_b))
HAL_RESERVE = Witness(reads.HEALTH_HAL, "eol", _hal(lambda hal: hal.storage_eol))


def _sizes(seen: Observations) -> dict[str, Any]:
    """The data volume from df where it counts blocks, else from diskstats, else df's rounded figures. Never a sum."""
    volume, space = seen.answer(VOLUME), seen.answer(DATA_SPACE)
    names = ("data_total_bytes", "data_used_bytes", "data_free_bytes", "data_source")
    if not isinstance(volume, Unread) and (volume["exact"] or isinstance(space, Unread)):
        given = (volume["total_bytes"], volume["used_bytes"], volume["free_bytes"], "df")
    elif not isinstance(space, Unread):
        given = (space["total_bytes"], space["total_bytes"] - space["free_bytes"], space["free_bytes"], "diskstats")
    else:
        return dict.fromkeys(names, volume)
    total, used, free = given[:3]
    if not 0 < total <= LARGEST_BYTES or not 0 <= free <= total or not 0 <= used <= total:
        return dict.fromkeys(names, Unread("implausible"))
    return dict(zip(names, given, strict=True))


def _worn(seen: Observations, first: Witness, second: Witness) -> Any:
    code = _chosen(seen, first, second)
    return code if isinstance(code, Unread) else code * PERCENT_A_STEP if code in LIFE_STEPS else Unread("implausible")


def _chosen(seen: Observations, first: Witness, second: Witness) -> Any:
    """The first source that says something; 0 is "not defined". Else the more telling reason of the two."""
    answers = [seen.answer(first), seen.answer(second)]
    for answer in answers:
        if not isinstance(answer, Unread) and answer != 0:
            return answer
    return Unread(most_telling([answer.reason for answer in answers if isinstance(answer, Unread)]))


def storage_health(seen: Observations) -> Finding:
    reserve = _chosen(seen, FILE_RESERVE, HAL_RESERVE)
    latency = seen.answer(LATENCY)
    sizes = _sizes(seen)
    members: dict[str, Any] = sizes | {
        "used_by_category_bytes": CATEGORIES,
        "write_latency_ms": latency if isinstance(latency, Unread) or latency <= SLOWEST_WRITE_MS
        else Unread("implausible"),
        "write_speed_kb_s": SPEED,
        "life_used_percent_a": _worn(seen, FILE_LIFE_A, HAL_LIFE_A),
        "life_used_percent_b": _worn(seen, FILE_LIFE_B, HAL_LIFE_B),
        "reserve": reserve if isinstance(reserve, Unread) else RESERVES.get(reserve, Unread("implausible")),
    }
    return seen.gathers(members, ("reserved_space",) if sizes["data_source"] == "df" else ())


STORAGE_HEALTH = Probe("storage_health", DEEP, (
    VOLUME, DATA_SPACE, LATENCY, SPEED, CATEGORIES, FILE_LIFE_A, FILE_LIFE_B, FILE_RESERVE, HAL_LIFE_A, HAL_LIFE_B,
    HAL_RESERVE), storage_health)
