"""The file tree of a virtual phone as the shell user sees it: contents, folders, and what is denied.

Everything is in memory. A path is denied when it or a folder above it is listed in `denied`, except below the folders
the shell user may write to. Errors are OSError with the number and text a program on the phone would print.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable

from pyworker.virtual.android.mksh import patterns

WRITABLE = ("/data/local/tmp", "/sdcard", "/storage/emulated/0", "/mnt/sdcard")
FOLDERS = (
    "/", "/data", "/data/local", "/data/local/tmp", "/dev", "/proc", "/sys", "/sdcard", "/system",
    "/system/bin", "/vendor", "/storage", "/storage/emulated", "/storage/emulated/0", "/cache", "/mnt",
)
TEXTS = {
    errno.ENOENT: "No such file or directory",
    errno.EACCES: "Permission denied",
    errno.EISDIR: "Is a directory",
    errno.ENOTDIR: "Not a directory",
    errno.EROFS: "Read-only file system",
    errno.EEXIST: "File exists",
    errno.ENOTEMPTY: "Directory not empty",
}
ROOT = 0


def fault(number: int, path: str) -> OSError:
    return OSError(number, TEXTS[number], path)


class FileTree:
    """`contents` maps absolute paths to bytes; tests may change it."""

    __slots__ = ("contents", "folders", "denied")

    def __init__(self, contents: dict[str, bytes], denied: Iterable[str] = ()) -> None:
        self.contents = dict(contents)
        self.denied = set(denied)
        self.folders = set(FOLDERS)

    def absolute(self, name: str, directory: str) -> str:
        parts: list[str] = []
        for part in (name if name.startswith("/") else f"{directory}/{name}").split("/"):
            if part == "..":
                parts[-1:] = []
            elif part not in ("", "."):
                parts.append(part)
        return "/" + "/".join(parts)

    def is_denied(self, path: str, uid: int) -> bool:
        if uid == ROOT or self._is_writable_place(path):
            return False
        return any(path == each or path.startswith(each.rstrip("/") + "/") for each in self.denied)

    def is_folder(self, path: str) -> bool:
        prefix = path.rstrip("/") + "/"
        return path in self.folders or any(each.startswith(prefix) for each in self.contents)

    def read(self, path: str, uid: int) -> bytes:
        if self.is_denied(path, uid):
            raise fault(errno.EACCES, path)
        if path == "/dev/null":
            return b""
        if path in self.contents:
            return self.contents[path]
        raise fault(errno.EISDIR if self.is_folder(path) else errno.ENOENT, path)

    def listed(self, path: str, uid: int) -> list[str]:
        """Names in a folder, sorted."""
        if self.is_denied(path, uid):
            raise fault(errno.EACCES, path)
        if not self.is_folder(path):
            raise fault(errno.ENOTDIR if path in self.contents else errno.ENOENT, path)
        prefix = path.rstrip("/") + "/"
        everything = [*self.contents, *self.folders, *(self.denied if path != "/" else ())]
        names = {
            each[len(prefix) :].split("/")[0]
            for each in everything
            if each.startswith(prefix) and len(each) > len(prefix)
        }
        return sorted(names)

    def exists(self, path: str) -> bool:
        return path in self.contents or path in self.denied or path == "/dev/null" or self.is_folder(path)

    def test(self, operator: str, path: str, uid: int) -> bool:
        """The file tests of `[`."""
        if path not in self.denied and self.is_denied(path, uid):
            return False
        if not self.exists(path) or operator in ("-L", "-h", "-p", "-S", "-b"):
            return False
        if operator == "-e":
            return True
        if operator == "-c":
            return path.startswith("/dev/")
        if operator == "-d":
            return self.is_folder(path)
        if operator == "-f":
            return path in self.contents
        if operator == "-s":
            return bool(self.contents.get(path))
        if operator == "-r":
            return not self.is_denied(path, uid)
        if operator == "-w":
            return uid == ROOT or self._is_writable_place(path) or path == "/dev/null"
        return self.is_folder(path) and not self.is_denied(path, uid)

    def why_no_directory(self, path: str) -> str:
        if path in self.contents:
            return TEXTS[errno.ENOTDIR]
        return TEXTS[errno.EACCES if self.exists(path) else errno.ENOENT]

    def glob(self, pieces: list[tuple[str, bool]], directory: str) -> list[str]:
        """Paths a pattern stands for, in the form it was written in; none when nothing fits."""
        absolute = "".join(text for text, _ in pieces).startswith("/")
        regex = re.compile(patterns.as_regex(pieces, "[^/]*"))
        base = directory.rstrip("/") + "/"
        known = {path for path in self.contents} | {path for path in self.folders}
        for path in list(known):
            parent = path.rpartition("/")[0]
            while parent:
                known.add(parent)
                parent = parent.rpartition("/")[0]
        found = []
        for path in known:
            name = path if absolute else path[len(base) :] if path.startswith(base) else ""
            if not name or (
                name.rpartition("/")[2].startswith(".") and not regex.pattern.rpartition("/")[2].startswith("\\.")
            ):
                continue
            if regex.fullmatch(name) and not self.is_denied(path.rpartition("/")[0] or "/", 2000):
                found.append(name)
        return sorted(found)

    # -- changes

    def _is_writable_place(self, path: str) -> bool:
        return any(path == each or path.startswith(each + "/") for each in WRITABLE)

    def _may_write(self, path: str, uid: int) -> None:
        if uid != ROOT and not self._is_writable_place(path):
            if path.startswith(("/data", "/dev", "/proc", "/sys")) or path in self.contents:
                raise fault(errno.EACCES, path)
            raise fault(errno.EROFS, path)

    def open_for_writing(self, path: str, truncate: bool, uid: int) -> None:
        if self.is_folder(path):
            raise fault(errno.EISDIR, path)
        parent = path.rpartition("/")[0] or "/"
        if not self.is_folder(parent):
            raise fault(errno.ENOTDIR if parent in self.contents else errno.ENOENT, path)
        self._may_write(path, uid)
        if truncate or path not in self.contents:
            self.contents[path] = b""

    def append(self, path: str, data: bytes) -> None:
        self.contents[path] = self.contents.get(path, b"") + data

    def remove(self, path: str, whole_folder: bool, uid: int) -> None:
        self._may_write(path, uid)
        if path in self.contents:
            del self.contents[path]
            return
        if not self.is_folder(path):
            raise fault(errno.ENOENT, path)
        if not whole_folder:
            raise fault(errno.EISDIR, path)
        prefix = path + "/"
        self.contents = {each: data for each, data in self.contents.items() if not each.startswith(prefix)}
        self.folders = {each for each in self.folders if each != path and not each.startswith(prefix)}

    def make_folder(self, path: str, parents: bool, uid: int) -> None:
        if self.exists(path):
            if parents and self.is_folder(path):
                return
            raise fault(errno.EEXIST, path)
        self._may_write(path, uid)
        parent = path.rpartition("/")[0] or "/"
        if not self.is_folder(parent):
            if not parents:
                raise fault(errno.ENOENT, path)
            self.make_folder(parent, True, uid)
        self.folders.add(path)
