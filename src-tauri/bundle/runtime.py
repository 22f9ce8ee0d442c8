"""The interpreter: out of its archive, into the bundle, without what no worker needs.

Known shapes: python-build-standalone's `install_only` (a tar archive with one folder `python`), the same made by
debian_runtime.py, and the Windows embeddable package of python.org (a zip archive without a folder).
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tarfile
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Parts of a standard library that are only for people at a keyboard, or for building software.
_TRIMMED = ("test", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3", "pydoc_data")


class WrongArchive(Exception):
    """The archive is not the one that was asked for, or not of a known shape."""


def unpack(archive: Path, sha256: str, home: Path, *, windows: bool) -> None:
    """Raises WrongArchive. `home` must not exist."""
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != sha256.lower():
        raise WrongArchive(f"{archive.name} has sha256 {found}, not {sha256}")
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as source:
            source.extractall(home)
    else:
        with tarfile.open(archive) as source:
            source.extractall(home.with_name("unpacked"), filter="data")
        (home.with_name("unpacked") / "python").rename(home)
        home.with_name("unpacked").rmdir()
    interpreter(home, windows=windows)
    trim(home, windows=windows)
    harden_links(home)


def interpreter(home: Path, *, windows: bool) -> Path:
    """The real executable, not a link. Raises WrongArchive when there is none."""
    if windows:
        found = [home / "python.exe"]
    else:
        found = [path for path in (home / "bin").glob("python3.*") if not path.is_symlink() and path.name[8:].isdigit()]
    if len(found) != 1 or not found[0].is_file():
        raise WrongArchive(f"no interpreter in {home.name}")
    return found[0]


def version(home: Path, *, windows: bool) -> str:
    """The full version. Of an interpreter that cannot be run here, as its version resource has it."""
    if not windows:
        done = subprocess.run(
            [str(interpreter(home, windows=False)), "-I", "-c", "import platform; print(platform.python_version())"],
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()
    library = next(path for path in home.glob("python3*.dll") if path.name != "python3.dll").read_bytes()
    said = re.search("ProductVersion\0".encode("utf-16-le") + rb"\0*((?:[0-9.]\0)+)", library)
    if not said:
        raise WrongArchive("the interpreter does not tell its version")
    return said.group(1).decode("utf-16-le")


def trim(home: Path, *, windows: bool) -> None:
    if windows:
        # The ._pth file stays: it keeps the interpreter from looking anywhere else.
        # The launch line's folder comes first.
        (home / "pythonw.exe").unlink(missing_ok=True)
        return
    real = interpreter(home, windows=False)
    for path in (home / "bin").iterdir():
        if path != real:
            path.unlink()
    library = home / "lib" / real.name
    for name in _TRIMMED:
        shutil.rmtree(library / name, ignore_errors=True)
    for path in (
        *library.glob("config-*"),
        library / "site-packages",
        home / "include",
        home / "share",
        home / "lib" / "pkgconfig",
    ):
        shutil.rmtree(path, ignore_errors=True)
    for path in (*home.glob("lib/tcl*"), *home.glob("lib/tk*"), *home.glob("lib/itcl*"), *home.glob("lib/thread*")):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def harden_links(home: Path) -> None:
    """A resource folder turns links into copies: make them so now, once, and drop those that lead nowhere."""
    for path in sorted(home.rglob("*")):
        if path.is_symlink():
            real = path.resolve()
            path.unlink()
            if real.is_file():
                shutil.copy2(real, path)
