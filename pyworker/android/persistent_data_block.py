"""`dumpsys persistent_data_block`: what the service that enforces factory reset protection says of it (Android 15).

    mDataBlockFile: /dev/block/by-name/frp      what every service prints since Android 12, about itself;
    ...                                         "mIsWritable" is the last of it, and up to Android 14 the last of all
    mIsWritable: true
    FRP state
    =========
    Enforcement enabled: true                   from Android 15 on
    FRP state: false
    ...

Android 11 and older print nothing. The service checks permissions line by line, so for the shell the dump stops
half-way, often before the first line that is of use; what stands before that is good. Only this dump is read, never the
service's `status` command, which may print a secret; the dump leaves secrets out, and so do we.
Facts: AOSP PersistentDataBlockService (Android 12 to 16).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

# Upper and lower case are not looked at.
_ENFORCED, _ACTIVE = "enforcement enabled", "frp state"
_OEM_UNLOCK, _CREDENTIAL = "oem unlock state", "has frp credential handle"
_LINE = re.compile(
    rf"({_ENFORCED}|{_ACTIVE}|{_OEM_UNLOCK}|bootloader lock state|verified boot state|{_CREDENTIAL}): (\S+)$", re.I)
_SWITCH = {"true": True, "false": False}
_OF_ITSELF = re.compile(
    r"(mDataBlockFile|mIsFileBacked|mIsRunningDSU|mInitDoneSignal|mAllowedUid|mBlockDeviceSize|mIsWritable): ", re.I)
_LAST_OF_ITSELF = re.compile(r"mIsWritable: (true|false)$", re.I)


class PersistentDataBlock(NamedTuple):
    """Each None where it was not printed. enforced: this system enforces protection through this service.
    active: the phone is locked by it now. oem_unlock: the developer's switch. credential: a lock credential is stored.
    """

    enforced: bool | None
    active: bool | None
    oem_unlock: bool | None
    credential: bool | None


def parse_persistent_data_block(data: bytes | str, cut: bool = False) -> PersistentDataBlock | Unread:
    """`dumpsys persistent_data_block` -> PersistentDataBlock; Unread when it has none of its lines."""
    dump = read_dump(data, cut, "persistent_data_block")
    lines = [line.strip() for line in dump.lines if line.strip()]
    said: dict[str, str] = {}
    for line in lines:
        found = _LINE.match(line)
        if found:
            key, value = found.group(1).lower(), found.group(2).lower()
            if said.setdefault(key, value) != value:
                said[key] = ""  # said twice, differently: nobody knows
    if not said.keys() & {_ENFORCED, _ACTIVE}:
        return Unread("unsupported") if dump.damaged is None and _is_of_old_service(lines) else dump.refusal()
    return PersistentDataBlock(*(_SWITCH.get(said.get(key, "")) for key in (_ENFORCED, _ACTIVE, _OEM_UNLOCK, _CREDENTIAL)))


def _is_of_old_service(lines: list[str]) -> bool:
    """Whether a dump is whole and by a service that keeps no state: it tells of itself to the end, and of nothing else."""
    own = [line for line in lines if _OF_ITSELF.match(line)]
    return bool(own) and own == lines[-len(own):] and bool(_LAST_OF_ITSELF.match(own[-1]))
