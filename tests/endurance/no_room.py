"""What becomes of an answer when a write fails: the disk is full, descriptors run out, the folder may not be written.

`python -m tests.endurance.no_room`. The system itself makes the failure: a limit on the size of files (EFBIG, where
SIGXFSZ is ignored, as Python does; a full disk fails at the same calls), a limit on descriptors (EMFILE), a folder that
belongs to nobody (EACCES, or a file in the folder's place, which root meets as well). Each time the answer is a typed
error, nothing unfinished stays, and when there is room again the same request works.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.endurance.bench_process import Phones, phones
from tests.endurance.conversation import Conversation

CONTENT = {"device": {"device_id": "d", "platform": "ios"}, "notes": "word " * 300}
# How many bytes a file may have: none, in the first write, and in a later one.
SIZES = (0, 1, 100, 4096, 20_000)
ROOM = resource.RLIM_INFINITY
# What may come of it when anything at all can want a descriptor and not get one.
TYPED = {"ok", "busy", "artifact_failed", "device_not_found", "device_disconnected", "timeout"}


def requests(device_id: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("report.format", {"report_id": "r", "format": "html", "content": CONTENT}),
        ("report.format", {"report_id": "r", "format": "pdf", "content": CONTENT}),
        ("logs.collect", {"device_id": device_id}),
    ]


class Desk:
    """A worker with an artifact folder, whose limits can be changed while it lives."""

    def __init__(self, bench: Phones, folder: str) -> None:
        self.artifacts = Path(folder, "artifacts")
        self.artifacts.mkdir()
        temporary = Path(folder, "temporary")
        temporary.mkdir()
        self.talk = Conversation([*bench.options, "--artifact-dir", str(self.artifacts)], str(temporary))
        self.asked = requests(next(iter(bench.devices.values())))
        self._number = 0

    def limit(self, which: int, soft: int) -> None:
        pid = self.talk.process.pid
        _, hard = resource.prlimit(pid, which)
        resource.prlimit(pid, which, (soft if hard == ROOM or soft != ROOM else hard, hard))

    def kind(self, request: tuple[str, dict[str, Any]]) -> str:
        """"ok", or the kind of the error."""
        self._number += 1
        self.talk.send(f"r{self._number}", *request)
        answer = self.talk.answer(f"r{self._number}", 60.0)
        return "no answer" if answer is None else answer["error"]["data"]["kind"] if "error" in answer else "ok"

    def unfinished(self) -> list[str]:
        return [path.name for path in self.artifacts.rglob("*") if path.name.endswith(".part")]


def run(bench: Phones) -> list[str]:
    """What was not as it should be."""
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(bench, folder)
        for request in desk.asked:
            problems += expect(desk, request, {"ok"}, "with room")
        for request in desk.asked:
            for size in SIZES:
                desk.limit(resource.RLIMIT_FSIZE, size)
                # A packed log or a page may be smaller than the larger limits.
                kinds = {"artifact_failed"} if size < 1000 else {"artifact_failed", "ok"}
                problems += expect(desk, request, kinds, f"{size} bytes a file")
            desk.limit(resource.RLIMIT_FSIZE, ROOM)
            problems += expect(desk, request, {"ok"}, "with room again")
        open_now = desk.talk.usage().descriptors
        usual = resource.prlimit(desk.talk.process.pid, resource.RLIMIT_NOFILE)[0]
        for spare in (0, 1, 2, 3):
            desk.limit(resource.RLIMIT_NOFILE, open_now + spare)
            for request in desk.asked:
                problems += expect(desk, request, TYPED, f"{spare} descriptors left")
        desk.limit(resource.RLIMIT_NOFILE, usual)
        for request in desk.asked:
            problems += expect(desk, request, {"ok"}, "with descriptors again")
        problems += no_folder(desk)
        exit_code, left_over = desk.talk.end()
        if exit_code or left_over:
            problems.append(f"exit code {exit_code}, left over {left_over}")
    return problems


def no_folder(desk: Desk) -> list[str]:
    """A file where the folder should be: nobody, not even root, can write into it."""
    aside = desk.artifacts.with_name("aside")
    os.rename(desk.artifacts, aside)
    desk.artifacts.touch()
    problems = [problem for request in desk.asked for problem in expect(desk, request, {"artifact_failed"}, "no folder")]
    desk.artifacts.unlink()
    os.rename(aside, desk.artifacts)
    return problems


def expect(desk: Desk, request: tuple[str, dict[str, Any]], kinds: set[str], when: str) -> list[str]:
    kind = desk.kind(request)
    what = f"{request[0]} {request[1].get('format', '')} {when}"
    problems = [] if kind in kinds else [f"{what}: {kind}"]
    return [*problems, *(f"{what}: {name} stays" for name in desk.unfinished())]


def main() -> int:
    with phones("android-clean") as bench:
        problems = run(bench)
    print(f"{len(problems)} problems", *problems, sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
