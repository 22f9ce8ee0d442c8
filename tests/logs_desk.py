"""A real worker and one virtual phone, and what tests of collected logs look at."""

from __future__ import annotations

import gzip
import hashlib
import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doors import Process, request

from pyworker.android import gate
from pyworker.virtual.bench import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyworker.virtual.android import VirtualAndroid
    from pyworker.virtual.iphone import VirtualIphone

MODULE = ("-m", "pyworker")


class Desk:
    """worker: with an artifact folder when `folder` is one. phone: the only one there is."""

    def __init__(self, bench: Bench, worker: Process, folder: Path | None, device_id: str) -> None:
        self.bench = bench
        self.worker = worker
        self.folder = folder
        self.device_id = device_id

    def collect(self, **params: Any) -> dict[str, Any]:
        """The result, after what must hold for every result was looked at."""
        result = self.worker.ask("logs.collect", device_id=self.device_id, **params)
        data = result["data"]
        entries = self.entries(data)
        assert data["log_count"] == len(entries)
        for counted in data["counts"].values():
            assert sum(counted.values()) == data["log_count"]
        assert data["unparsed"] == sum("raw" in entry for entry in entries)
        assert data["truncated"] == ("truncated_because" in data) == ("truncated" in result["warnings"])
        assert ("entries_unparsed" in result["warnings"]) == bool(data["unparsed"])
        return result

    def refused(self, **params: Any) -> dict[str, Any]:
        error: dict[str, Any] = self.worker.refused("logs.collect", device_id=self.device_id, **params)
        return error

    def start(self, id: str, **params: Any) -> None:
        self.worker.send(request("logs.collect", {"device_id": self.device_id, **params}, id))

    def entries(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        if "entries" in data:
            entries: list[dict[str, Any]] = data["entries"]
            return entries
        for artifact in data["artifacts"]:
            content = self.content(data, artifact["name"])
            assert artifact["size"] == len(content)
            assert artifact["sha256"] == hashlib.sha256(content).hexdigest()
        lines = gzip.decompress(self.content(data, "entries.jsonl.gz")).splitlines()
        assert data["artifacts"][0]["entries"] == len(lines)
        return [json.loads(line) for line in lines]

    def content(self, data: dict[str, Any], name: str) -> bytes:
        assert self.folder is not None
        return (self.folder / data["folder"] / name).read_bytes()

    def text(self, data: dict[str, Any]) -> str:
        return self.content(data, "log.txt").decode()

    def files(self) -> list[str]:
        """Everything below the artifact folder."""
        assert self.folder is not None
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*"))

    @property
    def android(self) -> VirtualAndroid:
        return next(iter(self.bench.androids.values()))

    @property
    def iphone(self) -> VirtualIphone:
        return next(iter(self.bench.iphones.values()))

    def commands(self) -> list[str]:
        """What the Android phone's shell ran of logcat and dropbox."""
        return [
            entry.text
            for entry in self.android.record
            if entry.kind == "command" and entry.text.startswith(("logcat", "dumpsys dropbox"))
        ]


@contextmanager
def desk(name: str, folder: Path | None, *options: str, **popen: Any) -> Iterator[Desk]:
    """Afterwards: nothing outside the gate's list reached an Android phone, and nothing on it changed. (Of iPhones
    conftest.py sees to that.)
    """
    with Bench([name]) as bench:
        before = [phone.snapshot() for phone in bench.androids.values()]
        device_id = next(
            iter([*(p.serial for p in bench.androids.values()), *(p.udid for p in bench.iphones.values())])
        )
        given = [*bench.options, *(("--artifact-dir", str(folder)) if folder is not None else ()), *options]
        with Process(*given, program=MODULE, **popen) as worker:
            yield Desk(bench, worker, folder, device_id)
        for phone, was in zip(bench.androids.values(), before, strict=True):
            assert not [each for each in phone.record if each.kind in ("change", "died")]
            assert not [each for each in phone.record if each.kind == "service" and not gate.allows(each.text)]
            assert phone.snapshot() == was
