"""Where a collection goes: a folder of files that is there whole or not at all, or the answer itself.

The folder is written under a hidden name beside its place, every file forced to the disk, and takes its name in one
step. Whatever goes wrong, and when the collection is abandoned, it is removed; what a killed process left behind is
recognised by its name, which has that process's number in it, and removed by the next collection.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import threading
import zlib
from queue import Queue
from typing import TYPE_CHECKING, Any

from protocol.stdio import system
from pyworker.artifact_folder import failed, settle
from pyworker.collecting.names import Names, safe_name

if TYPE_CHECKING:
    from collections.abc import Callable


ENTRIES, TEXT, REPORTS = "entries.jsonl.gz", "log.txt", "reports"
GZIP, PLAIN = "application/gzip", "text/plain; charset=utf-8"

# The fastest: a log shrinks to a tenth in any case, and the phone is faster than the higher levels.
_LEVEL = 1
_GZIP_HEADER = 31  # zlib's window bits for the largest window and a gzip header without a time
_LEFTOVER = ".part"
# Pieces that wait for the disk; each is less than a megabyte.
_MOST_WAITING = 4
# How many collections of one phone may begin in one second before something else is wrong.
_MOST_NAMES = 100

_naming = threading.Lock()
_numbers = itertools.count(1)


class FolderSink:
    """<root>/logs-<device id>-<stamp>/. Raises artifact_failed; whoever gets that, or gives up, calls `abandon`."""

    __slots__ = ("folder", "_count", "_entries", "_names", "_path", "_reports", "_root", "_text", "_writer")

    def __init__(self, root: str, device_id: str, stamp: str) -> None:
        self.folder = f"logs-{safe_name(device_id)}-{stamp}"
        self._root = root
        self._path = os.path.join(root, f".{self.folder}.{next(_numbers)}.{os.getpid()}{_LEFTOVER}")
        self._count = 0
        self._reports: list[_File] = []
        self._names = Names()
        self._entries: _File | None = None
        self._text: _File | None = None
        self._writer: _Writer | None = None
        self._guarded(self._begin)

    def _begin(self) -> None:
        remove_leftovers(self._root)
        os.mkdir(self._path, 0o700)
        self._entries = _File(self._path, ENTRIES)
        self._text = _File(self._path, TEXT)
        self._writer = _Writer(self._entries, self._text)

    def write(self, lines: bytes, text: bytes, entries: int) -> None:
        """Entries as lines of JSON, and the same as text."""
        assert self._writer is not None
        writer = self._writer
        self._guarded(lambda: writer.put(lines, text))
        self._count += entries

    def report(self, name: str, data: bytes) -> str:
        """A whole crash report as a file of its own. Returns the artifact's name."""
        safe = self._names.take(name)

        def write() -> None:
            folder = os.path.join(self._path, REPORTS)
            if not self._reports:
                os.mkdir(folder, 0o700)
            file = _File(folder, safe)
            self._reports.append(file)
            file.write(data)
            file.finish()

        self._guarded(write)
        return f"{REPORTS}/{safe}"

    def finish(self) -> dict[str, Any]:
        """Give the folder its name. {"folder", "artifacts"} of the result."""
        self._guarded(self._finish)
        assert self._entries is not None and self._text is not None
        artifacts = [
            {**self._entries.described(ENTRIES, GZIP), "entries": self._count},
            self._text.described(TEXT, PLAIN),
        ]
        artifacts += [file.described(f"{REPORTS}/{file.name}", PLAIN) for file in self._reports]
        return {"folder": self.folder, "artifacts": artifacts}

    def _finish(self) -> None:
        assert self._writer is not None
        self._writer.finish()
        if self._reports:
            settle(os.path.join(self._path, REPORTS))
        settle(self._path)
        wanted = self.folder
        with _naming:
            for number in range(2, _MOST_NAMES):
                if not os.path.lexists(os.path.join(self._root, self.folder)):
                    break
                self.folder = f"{wanted}-{number}"
            final = os.path.join(self._root, self.folder)
            os.rename(self._path, final)
        self._path = final
        settle(self._root)

    def abandon(self) -> None:
        """Leave nothing behind, also when it has its name already. May be called at any time, and again. Raises nothing."""
        if self._writer is not None:
            self._writer.stop()
        for file in (self._entries, self._text, *self._reports):
            if file is not None:
                file.close()
        try:
            remove_folder(self._path)
        except OSError:
            return  # what cannot be removed now has the name of a leftover, and the next collection tries again

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except OSError as error:
            self.abandon()
            raise failed(error) from error


class _Writer:
    """Packs, hashes and writes on a thread of its own. None of that needs the interpreter, so meanwhile the next chunk
    is taken apart. What goes wrong there is raised by the next call here.
    """

    __slots__ = ("_entries", "_packer", "_problem", "_stopped", "_text", "_thread", "_waiting")

    def __init__(self, entries: _File, text: _File) -> None:
        self._entries = entries
        self._text = text
        self._packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_HEADER)
        self._waiting: Queue[tuple[bytes, bytes] | None] = Queue(_MOST_WAITING)
        self._problem: OSError | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="log writer", daemon=True)
        self._thread.start()

    def put(self, lines: bytes, text: bytes) -> None:
        """Waits while the disk is behind. Raises OSError."""
        if self._problem is not None:
            raise self._problem
        self._waiting.put((lines, text))

    def finish(self) -> None:
        """Everything is on the disk. Raises OSError."""
        self._end()
        if self._problem is not None:
            raise self._problem
        self._entries.write(self._packer.flush())
        self._entries.finish()
        self._text.finish()

    def stop(self) -> None:
        """Write nothing more."""
        self._stopped = True
        self._end()

    def _end(self) -> None:
        if self._thread.is_alive():
            self._waiting.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (piece := self._waiting.get()) is not None:
            if self._problem is not None or self._stopped:
                continue  # whoever waits for room must not wait for ever
            lines, text = piece
            try:
                self._entries.write(self._packer.compress(lines))
                self._text.write(text)
            except OSError as problem:
                self._problem = problem


class AnswerSink:
    """Keeps the lines for the answer."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def write(self, lines: bytes, text: bytes, entries: int) -> None:
        self.lines.append(lines)

    def report(self, name: str, data: bytes) -> str:
        """There is no place for it: no name."""
        return ""

    def abandon(self) -> None:
        self.lines.clear()


class _File:
    """A new file: written, hashed, forced to the disk. Raises OSError."""

    __slots__ = ("name", "_handle", "_hash", "_size")

    def __init__(self, folder: str, name: str) -> None:
        self.name = name
        # 0o600 is what a log of somebody's phone deserves.
        self._handle = os.open(
            os.path.join(folder, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        self._hash = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes) -> None:
        self._hash.update(data)
        self._size += len(data)
        view = memoryview(data)
        while view:
            view = view[os.write(self._handle, view):]

    def finish(self) -> None:
        os.fsync(self._handle)
        self.close()

    def close(self) -> None:
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    def described(self, name: str, media_type: str) -> dict[str, Any]:
        return {"name": name, "media_type": media_type, "size": self._size, "sha256": self._hash.hexdigest()}


def remove_leftovers(root: str) -> None:
    """Folders that collections of processes left which are no more. Raises OSError."""
    with os.scandir(root) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(".logs-") and entry.name.endswith(_LEFTOVER)]
    for name in names:
        owner = name[:-len(_LEFTOVER)].rpartition(".")[2]
        if owner.isdigit() and int(owner) != os.getpid() and not system.process_alive(int(owner)):
            remove_folder(os.path.join(root, name))


def remove_folder(path: str) -> None:
    """A folder this module made: files, and one folder of files. A link in its place is nobody's here. Raises OSError."""
    if os.path.islink(path):
        return
    for place in (os.path.join(path, REPORTS), path):
        if os.path.isdir(place) and not os.path.islink(place):
            for name in os.listdir(place):
                os.unlink(os.path.join(place, name))
            os.rmdir(place)
