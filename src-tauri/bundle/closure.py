"""The packages: locked wheels out of a cache, into one folder beside the worker, without what is never loaded."""

from __future__ import annotations

import email.parser
import hashlib
import re
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

from lock import LOCKS, download
from targets import LIBUSB, LICENCES

_LINE = re.compile(r"(\S+)==(\S+) --hash=sha256:([0-9a-f]{64})  # (\S+)\n?")

# Never loaded by the worker. DarkGarden is a GPL font that reportlab only shows in a demo; libavif is 7 MB for pictures
# that a report refuses; the rest are tests and demos.
_UNUSED = (
    "reportlab/fonts/DarkGarden*",
    "PIL/_avif*",
    "pillow.libs/libavif*",
    "*/tests",
    "*/test",
    "*/__pycache__",
)
# Of pywin32 only what pymobiledevice3 imports; the rest is COM, a debugger and a help file.
_KEPT_OF_PYWIN32 = (
    "win32/win32security.pyd",
    "win32/_win32sysloader.pyd",
    "win32/lib/pywintypes.py",
    "win32/lib/win32con.py",
    "win32/lib/ntsecuritycon.py",
    "win32/lib/winerror.py",
)
_PYWIN32_LIBRARIES = "pywin32_system32/pywintypes3*.dll"


class Package(NamedTuple):
    """licence: the SPDX expression, or what the package says of itself. files: its licence files, in the bundle."""

    name: str
    version: str
    sha256: str
    licence: str
    files: tuple[str, ...]


class Unlocked(Exception):
    """A wheel is missing, or is not the locked one."""


class Locked(NamedTuple):
    name: str
    version: str
    sha256: str
    wheel: str


def read_lock(target: str) -> list[Locked]:
    lines = (LOCKS / f"{target}.txt").read_text().splitlines()
    matches = [_LINE.fullmatch(line) for line in lines]
    if not all(matches):
        raise Unlocked(f"the lock of {target} is not what lock.py writes")
    return [Locked(*match.groups()) for match in matches if match]


def fill(target: str, cache: Path) -> list[Locked]:
    """Make sure that the cache holds the target's wheels. Asks nobody when it does. Raises Unlocked."""
    cache.mkdir(parents=True, exist_ok=True)
    wanted = read_lock(target)
    missing = [entry for entry in wanted if not (cache / entry.wheel).is_file()]
    if missing:
        with tempfile.TemporaryDirectory() as folder:
            requirements = Path(folder) / "missing.txt"
            requirements.write_text("".join(f"{e.name}=={e.version} --hash=sha256:{e.sha256}\n" for e in missing))
            download(target, cache, ["--require-hashes", "-r", str(requirements)])
    for entry in wanted:
        path = cache / entry.wheel
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != entry.sha256:
            raise Unlocked(f"{entry.wheel} is missing, or is not the locked one")
    return wanted


def install(target: str, cache: Path, folder: Path) -> list[Package]:
    """Unpack the locked wheels into `folder`. Raises Unlocked."""
    packages = []
    for entry in fill(target, cache):
        with tempfile.TemporaryDirectory() as scratch:
            with zipfile.ZipFile(cache / entry.wheel) as wheel:
                wheel.extractall(scratch)
            merge_data(Path(scratch))
            packages.append(describe(entry, Path(scratch)))
            if entry.name == LIBUSB[0]:
                take_libusb(Path(scratch), folder)
            elif entry.name == "pywin32":
                take_pywin32(Path(scratch), folder)
            else:
                shutil.copytree(scratch, folder, dirs_exist_ok=True)
    for pattern in _UNUSED:
        for path in sorted(folder.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return packages


def merge_data(wheel: Path) -> None:
    """A wheel may keep modules in NAME.data/purelib or platlib. Its scripts and headers have no place in a bundle."""
    for data in wheel.glob("*.data"):
        for part in ("purelib", "platlib"):
            if (data / part).is_dir():
                shutil.copytree(data / part, wheel, dirs_exist_ok=True)
        shutil.rmtree(data)


def describe(entry: Locked, wheel: Path) -> Package:
    info = next(wheel.glob("*.dist-info"))
    said = email.parser.HeaderParser().parsestr((info / "METADATA").read_text(encoding="utf-8"))
    classifiers = [
        line.rpartition(" :: ")[2] for line in said.get_all("Classifier", []) if line.startswith("License ::")
    ]
    # Some packages put the whole text into the field; its first line is the name.
    field = (said.get("License") or "").strip().split("\n")[0].replace("UNKNOWN", "")
    licence = LICENCES.get(entry.name) or said.get("License-Expression") or field or ", ".join(classifiers) or "unknown"
    files = sorted(
        str(path.relative_to(wheel).as_posix())
        for path in info.rglob("*")
        if path.is_file() and re.match(r"(?i)(licen[cs]e|copying|notice|authors)", path.name)
    )
    return Package(entry.name, entry.version, entry.sha256, licence, tuple(files))


def take_libusb(wheel: Path, folder: Path) -> None:
    """libusb1 looks into its own folder first, under the name of the system it is on."""
    for name in ("libusb-1.0.so", "libusb-1.0.dylib", "libusb-1.0.dll"):
        for library in wheel.glob(f"libusb_package/{name}"):
            # The dynamic loader's name on Linux ends in .0; the package of the wheel leaves it off.
            shutil.copy2(library, folder / "usb1" / ("libusb-1.0.so.0" if name.endswith(".so") else name))
    copy_licences(wheel, folder)


def take_pywin32(wheel: Path, folder: Path) -> None:
    # Flat, beside the worker: the launch line puts one folder on the path, and no .pth file is read.
    for name in _KEPT_OF_PYWIN32:
        shutil.copy2(wheel / name, folder / Path(name).name)
    # Beside python.exe, where Windows looks first.
    for library in wheel.glob(_PYWIN32_LIBRARIES):
        shutil.copy2(library, folder.parent / library.name)
    copy_licences(wheel, folder)


def copy_licences(wheel: Path, folder: Path) -> None:
    for info in wheel.glob("*.dist-info"):
        shutil.copytree(info, folder / info.name, dirs_exist_ok=True)
