"""Signs that somebody has root on the phone: then every value it gives may be forged.

Two witnesses are cheap enough for each inspection, the properties and a handful of files; the rest is asked for in a
deep one. Signs prove root; their absence proves nothing, as hiding is what root tools are good at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.android import bootloader_sources, reads
from pyworker.findings import Finding, Unread
from pyworker.probes import DEEP, Probe, Witness

if TYPE_CHECKING:
    from pyworker.android.getprop import Properties
    from pyworker.android.root_files import RootFiles
    from pyworker.probes import Observations

SIGNS_OF_PROPERTIES = (
    ("test_keys", "ro.build.tags", ("test-keys", "dev-keys")),
    ("debuggable_build", "ro.debuggable", ("1",)),
    ("debug_build_type", "ro.build.type", ("userdebug", "eng")),
    ("adb_without_security", "ro.secure", ("0",)),
    ("adb_runs_as_root", "service.adb.root", ("1",)),
    ("root_access_switch", "persist.sys.root_access", ("1", "2", "3")),
)
SERVICES_OF_ROOT = ("init.svc.magisk", "init.svc.su_daemon", "init.svc.supolicy", "init.svc.kernelsu")
PROPERTIES_OF_ROOT = ("ro.magisk", "persist.magisk", "ro.kernelsu")


def signs_of_properties(properties: Properties) -> list[str]:
    """The names of the signs among the properties, in a fixed order."""
    signs = [sign for sign, key, telling in SIGNS_OF_PROPERTIES
             if any(word in telling for word in (properties.get(key) or "").split(","))]
    if any(key.startswith((*SERVICES_OF_ROOT, *PROPERTIES_OF_ROOT)) for key in properties.values):
        signs.append("root_service")
    if properties.get("ro.boot.verifiedbooterror") or properties.get("ro.boot.verifyerrorpart"):
        signs.append("altered_partition")
    if bootloader_sources.disagree(properties):
        signs.append("boot_state_disagrees")
    return signs


def _property_signs(properties: Properties) -> object:
    signs = signs_of_properties(properties)
    return signs if signs or properties.whole else Unread("truncated")


def _file_signs(files: RootFiles) -> object:
    return list(files.found) if files.found or files.asked_all else Unread("truncated")


PROPERTIES = Witness(reads.GETPROP, "signs of root", _property_signs)
FILES = Witness(reads.ROOT_FILES, "files of root", _file_signs)
MANAGERS = Witness(reads.ROOT_MANAGERS, "managers of root", list)
SELINUX = Witness(reads.SELINUX, "mode", lambda mode: mode)
WITNESSES = (PROPERTIES, FILES)  # what a probe must list when its judge calls `rooted`


def rooted(seen: Observations) -> bool:
    """Whether one of the cheap witnesses shows a sign, so that what else the phone says may be forged."""
    return any([bool(seen[witness]) for witness in WITNESSES])


def root_signs(seen: Observations) -> Finding:
    """signs_seen is true with one sign, and false only when everything was looked at."""
    answers = {"properties": PROPERTIES, "files": FILES, "managers": MANAGERS}
    relaxed = seen[SELINUX] in ("permissive", "disabled")
    found = relaxed or any([bool(seen[witness]) for witness in answers.values()])
    silent = [seen.answer(witness) for witness in (*answers.values(), SELINUX) if not seen.heard(witness)]
    return seen.gathers(
        {"signs_seen": True if found else silent[0] if silent else False, **answers, "selinux": SELINUX},
        notes=() if found else ("no_root_signs_is_no_proof",), spoofable=found)


ROOT_SIGNS = Probe("root_signs", DEEP, (PROPERTIES, FILES, MANAGERS, SELINUX), root_signs)

