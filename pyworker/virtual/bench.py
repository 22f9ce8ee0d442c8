"""A bench of virtual phones behind one virtual usbmuxd and one virtual adb server."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from pyworker.virtual.android import VirtualAdbd, VirtualAdbServer, VirtualAndroid
from pyworker.virtual.iphone import VirtualIphone, VirtualUsbmuxd

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager

PHONES = Path(__file__).parent / "phones"


def phone_names() -> list[str]:
    """The phones that ship: a JSON file each for iPhones, a folder each for Android phones."""
    return sorted(
        [path.stem for path in PHONES.glob("iphone-*.json")]
        + [path.parent.name for path in PHONES.glob("android-*/phone.json")]
    )


class Bench:
    """Entered, its phones answer; left, nothing of it remains. iphones, androids: by name."""

    def __init__(self, names: Iterable[str], latency_s: float = 0.0) -> None:
        names = list(names)
        self.iphones = {name: VirtualIphone.load(name) for name in names if name.startswith("iphone-")}
        self.androids = {name: VirtualAndroid.load(name) for name in names if name.startswith("android-")}
        self.usbmuxd = VirtualUsbmuxd(list(self.iphones.values()), latency_s)
        self.adb_server = VirtualAdbServer(list(self.androids.values()), latency_s)
        self.adbds = [VirtualAdbd(phone, latency_s) for phone in self.androids.values()]
        self._entered = ExitStack()

    def __enter__(self) -> Bench:
        parts: list[AbstractContextManager[object]] = [self.usbmuxd, self.adb_server, *self.adbds]
        for part in parts:
            self._entered.enter_context(part)
        return self

    def __exit__(self, *_: object) -> None:
        self._entered.close()

    @property
    def options(self) -> list[str]:
        """What a worker's command line needs to see this bench and nothing else."""
        return ["--usbmuxd", self.usbmuxd.libusbmuxd_address, "--adb-server", "{}:{}".format(*self.adb_server.address)]

    def directions(self) -> str:
        lines = ["virtual phones:"]
        lines += [f"  {phone.udid:<42}{name}" for name, phone in self.iphones.items()]
        lines += [f"  {phone.serial:<42}{name}" for name, phone in self.androids.items()]
        lines += [
            "",
            "the worker:",
            f"  python -m pyworker {' '.join(self.options)}",
            "libimobiledevice:",
            f"  USBMUXD_SOCKET_ADDRESS={self.usbmuxd.libusbmuxd_address} ideviceinfo -s",
        ]
        if self.adbds:
            lines += ["adb, once for each phone:"]
            lines += ["  adb connect {}:{}".format(*each.address) for each in self.adbds]
        return "\n".join([*lines, "", "Ctrl-C ends."])
