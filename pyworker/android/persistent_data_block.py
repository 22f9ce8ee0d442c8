"""`dumpsys persistent_data_block` (Android 15): what the service that enforces factory reset protection says of it.

Older systems print nothing. The service checks permissions line by line, so for the shell the dump stops half-way; what
stands before that is good. Only this dump is read, never the service's `status` command, which may print a secret; the
dump leaves secrets out, and so do we. Facts: AOSP PersistentDataBlockService.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.android.dump_text import read_dump
from pyworker.findings import Unread

_LINE = re.compile(
    r"(Enforcement enabled|FRP state|OEM unlock state|Bootloader lock state|Verified boot state"
    r"|Has FRP credential handle): (\S+)$")
_SWITCH = {"true": True, "false": False}


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
    said: dict[str, str] = {}
    for line in dump.lines:
        found = _LINE.match(line.strip())
        if found and said.setdefault(found.group(1), found.group(2)) != found.group(2):
            said[found.group(1)] = ""  # said twice, differently: nobody knows
    if not said.keys() & {"Enforcement enabled", "FRP state"}:
        return dump.refusal()
    return PersistentDataBlock(*(
        _SWITCH.get(said.get(key, "")) for key in
        ("Enforcement enabled", "FRP state", "OEM unlock state", "Has FRP credential handle")))
