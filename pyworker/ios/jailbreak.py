"""Signs of a jailbreak: apps that only such phones have, the service afc2, and libraries that crash reports blame.

Signs, never a verdict of "clean": a jailbreak that hides leaves none of them. A phone that shows one may have forged
every other value, so the finding says `spoofable`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pyworker.findings import Finding, Unread
from pyworker.ios import reads
from pyworker.ios.plist import UNREADABLE
from pyworker.probes import DEEP, Probe, Witness

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyworker.probes import Observations

# Package managers, file managers and loaders that need a jailbreak or a hole of the same kind.
BUNDLES: dict[str, str] = {
    "com.saurik.Cydia": "Cydia",
    "org.coolstar.SileoStore": "Sileo",
    "org.coolstar.SileoNightly": "Sileo",
    "xyz.willy.Zebra": "Zebra",
    "me.apptapp.installer": "Installer",
    "com.tigisoftware.Filza": "Filza",
    "com.opa334.Dopamine": "Dopamine",
    "com.opa334.Dopamine-roothide": "Dopamine",
    "com.opa334.TrollStore": "TrollStore",
    "com.samiiau.loader": "palera1n",
    "in.palera.loader": "palera1n",
    "com.electrateam.unc0ver": "unc0ver",
    "science.xnu.undecimus": "unc0ver",
    "org.coolstar.odyssey": "Odyssey",
    "org.coolstar.taurine": "Taurine",
    "org.coolstar.electra": "Electra",
    "com.electrateam.chimera": "Chimera",
    "kjc.loader": "checkra1n",
    "com.linusyang.MobileTerminal": "MobileTerminal",
    "ws.hbang.Terminal": "NewTerm",
}
_BY_LOWER_CASE = {bundle.lower(): app for bundle, app in BUNDLES.items()}

# Libraries that inject code into others' processes, by the names that blame arrays carry.
_INJECTORS = re.compile(r"substrate|substitute|libhooker|ellekit|TweakInject", re.IGNORECASE)
# More than a reader needs.
MOST_LIBRARIES = 20


def _apps(identifiers: Any) -> Any:
    """Names of the known ones; what else is installed is nobody's business here."""
    if not isinstance(identifiers, frozenset):
        return UNREADABLE
    return sorted({_BY_LOWER_CASE[name.lower()] for name in identifiers if name.lower() in _BY_LOWER_CASE})


def _blamed(heads: Any) -> Any:
    """The libraries that reports blame, by file name, injectors first."""
    if not isinstance(heads, list):
        return UNREADABLE
    paths = {path for head in heads for path in head.blame or ()}
    ranked = sorted(paths, key=lambda path: (_INJECTORS.search(path) is None, path))
    return [path.rpartition("/")[2] or path for path in ranked][:MOST_LIBRARIES]


def _tool(heads: Any) -> Any:
    return any(head.blame is not None for head in heads) if isinstance(heads, list) else UNREADABLE


def _of_reports(look: Callable[[Any], Any], key: str) -> tuple[Witness, Witness]:
    return Witness(reads.REPORT_HEADS, key, look), Witness(reads.SYNCED_REPORT_HEADS, key, look)


APPS = Witness(reads.APPS, "known apps", _apps)
AFC2 = reads.whole(reads.AFC2, lambda answer: answer if isinstance(answer, bool) else UNREADABLE)
BLAMED = _of_reports(_blamed, "blamed libraries")
TOOL = _of_reports(_tool, "written by a jailbreak's crash reporter")


def jailbreak_signs(seen: Observations) -> Finding:
    apps, afc2 = seen.answer(APPS), seen.answer(AFC2)
    blamed = _both(*(seen.answer(witness) for witness in BLAMED))
    tool = _both(*(seen.answer(witness) for witness in TOOL))
    signs = (apps, afc2, blamed, tool)
    found = any(bool(sign) for sign in signs if not isinstance(sign, Unread))
    silent = next((sign for sign in signs if isinstance(sign, Unread)), None)
    return seen.gathers({
        "signs_seen": True if found else silent if silent is not None else False,
        "apps": apps,
        "afc2_answers": afc2,
        "blamed_libraries": blamed,
        "crash_reporter_of_a_jailbreak": tool,
    }, notes=("no_signs_is_no_proof",), spoofable=found)


def _both(first: Any, second: Any) -> Any:
    """Two halves of one question. What one half found counts, whatever the other said; "nothing" needs both."""
    if isinstance(first, list) and isinstance(second, list):
        return list(dict.fromkeys([*first, *second]))[:MOST_LIBRARIES]
    if isinstance(first, bool) and isinstance(second, bool):
        return first or second
    heard, silent = (second, first) if isinstance(first, Unread) else (first, second)
    return silent if isinstance(heard, Unread) or not heard else heard


PROBES = (Probe("jailbreak_signs", DEEP, (APPS, AFC2, *BLAMED, *TOOL), jailbreak_signs),)
