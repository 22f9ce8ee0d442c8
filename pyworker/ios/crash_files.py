"""The folder of crash reports over AFC: its listing, and the beginnings of files in it.

Only what lies there already: the mover, which would bring the newest reports in, changes the phone and is not on the
gate's list. Reading marks nothing. All reads share one connection and one listing.

A phone with a paired watch keeps the watch's reports too, in a folder ProxiedDevice-… with the same names inside (daily
analytics with a battery among them). They are another device's, so that folder is not entered.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from pyworker.findings import Unread
from pyworker.ios.afc import File
from pyworker.ios.unanswered import Unanswered

if TYPE_CHECKING:
    from pyworker.ios.afc import Afc
    from pyworker.probes import Read

SERVICE = "com.apple.crashreportcopymobile"

# A phone keeps some hundreds of reports, in the folder itself and in a few below it (Retired, Panics, DiagnosticLogs).
MAX_ENTRIES = 5000
MAX_DEPTH = 4
# Enough for a report's header and the beginning of its body, which is where it says what happened.
HEAD_SIZE = 64 * 1024
MAX_HEADS = 64
# A day's analytics file is some hundred KiB; one of 25,000 lines has been published, with the battery late in it.
WHOLE_SIZE = 16 * 1024 * 1024
# How many files are looked through for the one that holds what is wanted. Phones keep about a week of days.
MAX_WHOLE = 4
# Apple's name for the folder of another device's reports (OSAnalytics: "ProxiedDevice-" and the device's identifier).
OTHER_DEVICE = "ProxiedDevice-"

_NANOSECONDS = 1_000_000_000


class Entry(NamedTuple):
    """path: from the folder, without a leading slash. size: bytes. modified: seconds since 1970."""

    path: str
    size: int
    modified: int


class CrashFolder:
    """What was already learned on this connection is not asked for again. Raises Unanswered.

    warnings: names in findings.WARNINGS are added to it, of what a reader of the answers must know.
    """

    __slots__ = ("_afc", "_entries", "_heads", "_warnings")

    def __init__(self, afc: Afc, warnings: set[str]) -> None:
        self._afc = afc
        self._warnings = warnings
        self._entries: list[Entry] | None = None
        self._heads: dict[str, File | Unread] = {}

    async def answer(self, read: Read) -> Any:
        if read.request == "listing":
            return [entry._asdict() for entry in await self.entries()]
        if read.request == "newest":
            return await self.newest(*read.argument)
        return await self.heads(read.argument[0])

    async def entries(self) -> list[Entry]:
        if self._entries is None:
            self._entries = await self._walk()
            self._warnings.add("pending_reports_not_flushed")
        return self._entries

    async def newest(self, pattern: str, holding: str = "") -> dict[str, Any]:
        """{"path", "modified", "data", "truncated"} of the newest file with such a name, in any case of its letters
        `holding` this text; the newest that could be read where none does."""
        found = (await self._newest_first(pattern))[:MAX_WHOLE]
        wanted = holding.lower().encode()
        newest: dict[str, Any] | None = None
        reason = "key_missing"
        for entry in found:
            content = (await self._afc.files({_absolute(entry.path): entry.size}, WHOLE_SIZE))[0]
            if isinstance(content, Unread):
                reason = content.reason
                continue
            file = {"path": entry.path, "modified": entry.modified, "data": content.data,
                    "truncated": content.truncated}
            if wanted in content.data.lower():
                return file
            newest = newest or file
        if newest is None:
            raise Unanswered(reason)
        return newest

    async def heads(self, pattern: str) -> list[dict[str, Any]]:
        """[{"path", "modified", "data"}] of the newest files with such names; one that cannot be read is left out."""
        found = (await self._newest_first(pattern))[:MAX_HEADS]
        unread = [entry for entry in found if entry.path not in self._heads]
        contents = await self._afc.files({_absolute(entry.path): entry.size for entry in unread}, HEAD_SIZE)
        self._heads.update(zip([entry.path for entry in unread], contents, strict=True))
        return [
            {"path": entry.path, "modified": entry.modified, "data": content.data}
            for entry in found if isinstance(content := self._heads[entry.path], File)
        ]

    async def _newest_first(self, pattern: str) -> list[Entry]:
        named = [entry for entry in await self.entries() if fnmatchcase(entry.path.rpartition("/")[2], pattern)]
        return sorted(named, key=lambda entry: (entry.modified, entry.path), reverse=True)

    async def _walk(self) -> list[Entry]:
        """Every file, one level of folders after the other, so that each level takes two round trips."""
        entries: list[Entry] = []
        folders = [""]
        seen = 0
        for _ in range(MAX_DEPTH):
            paths = await self._paths_in(folders)
            if seen + len(paths) > MAX_ENTRIES:
                self._warnings.add("truncated")
                paths = paths[:MAX_ENTRIES - seen]
            seen += len(paths)
            folders, files = await self._sorted_out(paths)
            entries += files
            if not folders:
                return entries
        self._warnings.add("truncated")
        return entries

    async def _paths_in(self, folders: list[str]) -> list[str]:
        """Raises Unanswered when the folder of the reports itself cannot be listed."""
        listed = await self._afc.folders([_absolute(folder) for folder in folders])
        if folders == [""] and isinstance(listed[0], Unread):
            raise Unanswered(listed[0].reason)
        return [
            f"{folder}/{name}" if folder else name
            for folder, names in zip(folders, listed, strict=True) if not isinstance(names, Unread)
            for name in names
        ]

    async def _sorted_out(self, paths: list[str]) -> tuple[list[str], list[Entry]]:
        """The folders to enter, and the files."""
        folders: list[str] = []
        files: list[Entry] = []
        for path, facts in zip(paths, await self._afc.facts([_absolute(path) for path in paths]), strict=True):
            if isinstance(facts, Unread):
                if facts.reason == "unreadable":
                    raise Unanswered(facts.reason)
                continue  # moved or removed between the two questions, as reports are
            kind = facts.get("st_ifmt")
            if kind == "S_IFDIR" and not path.startswith(OTHER_DEVICE):
                folders.append(path)
            elif kind == "S_IFREG":
                modified = _whole(facts.get("st_mtime")) // _NANOSECONDS
                files.append(Entry(path, _whole(facts.get("st_size")), modified))
        return folders, files


def _absolute(path: str) -> str:
    return f"/{path}"


def _whole(text: str | None) -> int:
    """A number of AFC's, which it sends as text; 0 for what is none."""
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= 20 else 0
