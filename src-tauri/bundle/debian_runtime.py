"""Make a relocatable CPython out of Debian's packages: the Linux runtime where python-build-standalone is out of reach.

usage: python debian_runtime.py --out FILE.tar.gz [--debs DIR]

Fetches the packages with apt (which checks their signatures) into DIR, or takes them from there; needs dpkg-deb and
patchelf. The archive has the shape of python-build-standalone's `install_only`: one folder `python` with `bin` and
`lib`. Same packages, same bytes: names are sorted, times are zero.

Limits, all of Debian 12: glibc 2.36 or newer on the machine it runs on, Python 3.11. What is left out, and why:
readline and _dbm (GPL-3 and Berkeley DB's copyleft, and the worker needs neither), the test suite, Tk, IDLE, ensurepip.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

VERSION = "3.11"
# The interpreter, and each library that it or a wheel of the closure needs beyond libc (libgcc_s: wheels made in Rust).
PACKAGES = (
    f"python{VERSION}-minimal",
    f"libpython{VERSION}-minimal",
    f"libpython{VERSION}-stdlib",
    "libssl3",
    "libexpat1",
    "zlib1g",
    "libffi8",
    "libbz2-1.0",
    "liblzma5",
    "libsqlite3-0",
    "libuuid1",
    "libgcc-s1",
    "libcrypt1",
)
_DROPPED_MODULES = ("readline", "_dbm", "_curses", "_curses_panel", "_crypt", "nis")
_DROPPED_FOLDERS = (
    "test",
    "idlelib",
    "tkinter",
    "turtledemo",
    "ensurepip",
    "lib2to3",
    "pydoc_data",
    f"config-{VERSION}-x86_64-linux-gnu",
)
_KEPT_LIBRARIES = (
    "libssl",
    "libcrypto",
    "libexpat",
    "libz",
    "libffi",
    "libbz2",
    "liblzma",
    "libsqlite3",
    "libuuid",
    "libgcc_s",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--debs", type=Path, help="folder of the .deb files; filled when empty")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        debs = arguments.debs or Path(scratch) / "debs"
        debs.mkdir(parents=True, exist_ok=True)
        if not list(debs.glob("*.deb")):
            subprocess.run(["apt-get", "download", "-qq", *PACKAGES], cwd=debs, check=True)
        unpacked = Path(scratch) / "unpacked"
        for deb in sorted(debs.glob("*.deb")):
            subprocess.run(["dpkg-deb", "--extract", str(deb), str(unpacked)], check=True)
        home = Path(scratch) / "python"
        lay_out(unpacked, home)
        (home / "debian-packages.txt").write_text("".join(describe(deb) for deb in sorted(debs.glob("*.deb"))))
        pack(home, arguments.out)
    print(f"{arguments.out} sha256 {hashlib.sha256(arguments.out.read_bytes()).hexdigest()}")


def describe(deb: Path) -> str:
    """One line for the bill of materials: name, version, source package."""
    fields = subprocess.run(
        ["dpkg-deb", "--show", "--showformat=${Package} ${Version} ${source:Package}\n", str(deb)],
        check=True,
        capture_output=True,
        text=True,
    )
    return fields.stdout


def lay_out(unpacked: Path, home: Path) -> None:
    """From Debian's tree to one that runs from anywhere: libraries are looked for beside whoever needs them."""
    library = home / "lib" / f"python{VERSION}"
    shutil.copytree(
        unpacked / "usr" / "lib" / f"python{VERSION}",
        library,
        symlinks=False,
        ignore_dangling_symlinks=True,
        ignore=shutil.ignore_patterns("sitecustomize.py", "__pycache__", *_DROPPED_FOLDERS),
    )
    extensions = library / "lib-dynload"
    for module in _DROPPED_MODULES:
        for path in extensions.glob(f"{module}.cpython-*.so"):
            path.unlink()
    (home / "bin").mkdir()
    interpreter = home / "bin" / f"python{VERSION}"
    shutil.copy2(unpacked / "usr" / "bin" / f"python{VERSION}", interpreter)
    for path in [*unpacked.glob("lib/*/*.so*"), *unpacked.glob("usr/lib/*/*.so*")]:
        # Under the name that others ask for (libssl.so.3): real files, because a resource folder keeps no links.
        if path.name.startswith(_KEPT_LIBRARIES):
            asked_for = soname(path)
            target = home / "lib" / asked_for
            if not target.exists():
                shutil.copy2(path.resolve(), target)
                set_search_path(target, "$ORIGIN")
    for path in extensions.glob("*.so"):
        set_search_path(path, "$ORIGIN/../..")
    set_search_path(interpreter, "$ORIGIN/../lib")
    licences(unpacked, home / "licences")


def soname(path: Path) -> str:
    return subprocess.run(
        ["patchelf", "--print-soname", str(path)], check=True, capture_output=True, text=True
    ).stdout.strip()


def set_search_path(binary: Path, where: str) -> None:
    """RPATH, not RUNPATH: that of the interpreter then also holds for wheels it loads, which need libgcc_s."""
    subprocess.run(["patchelf", "--force-rpath", "--set-rpath", where, str(binary)], check=True)


def licences(unpacked: Path, into: Path) -> None:
    into.mkdir()
    for path in sorted((unpacked / "usr" / "share" / "doc").glob("*/copyright")):
        if path.is_file():
            shutil.copy2(path, into / f"{path.parent.name}.txt")


def pack(home: Path, archive: Path) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        for path in sorted(home.rglob("*")):
            if path.is_file():
                tar.add(path, f"python/{path.relative_to(home)}", recursive=False, filter=anonymous)


def anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.mtime = entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    main()
