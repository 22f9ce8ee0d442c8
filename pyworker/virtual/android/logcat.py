"""logcat: the options scripts use, and realistic lines in any amount, fast.

The lines of a phone come from its files (`log_main.txt`, … named in the description under "logcat") or, for large
logs, from `lines`: seeded, threadtime shape, monotonic times. Formats other than threadtime are made from it.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator

from pyworker.virtual.android.mksh.process import Process
from pyworker.virtual.android.toybox.command_line import options

BUFFERS = ("main", "system", "crash", "events", "radio", "kernel")
DEFAULT_BUFFERS = ("main", "system", "crash")
MINUTE = "MM-DD hh:mm"  # stands in a template for the minute its lines get
LINES_A_MINUTE = 2400
TEMPLATES = 8

TAGS = (
    ("D", "ActivityManager", "Delay finish: com.example.reader/.SyncReceiver"),
    ("I", "WifiHAL", "event received NL80211_CMD_VENDOR, vendor_id = 0x1374, subcmd = 0x{:x}"),
    (
        "W",
        "PackageConfigPersister",
        "App-specific configuration not found for packageName: com.example.camera userId: 0 ({})",
    ),
    ("I", "chatty", "uid=1000(system) Binder:1234_{} identical 3 lines"),
    ("E", "BatteryExternalStatsWorker", "no controller energy info supplied for telephony {}"),
    ("V", "SDM", "ResourceImpl::SetMaxBandwidthMode: new bandwidth mode={}"),
    ("D", "CCodecBufferChannel", "[c2.android.aac.decoder#{}] elapsed: n=4 [in=0 pipeline=0 out=4]"),
    ("I", "sensors-hal", "handle_sns_client_event:{}, sensor status event"),
    (
        "D",
        "BluetoothAdapterService",
        "getAdapterService() - returning com.android.bluetooth.btservice.AdapterService@{:x}",
    ),
    ("W", "System.err", "\tat java.lang.Thread.run(Thread.java:{})"),
)


def lines(size: int, seed: int = 1, start_s: float = 1_700_000_000.0) -> Iterator[bytes]:
    """About `size` bytes of threadtime lines in pieces of about 256 KiB; the same seed gives the same bytes.

    A few pieces are made once and get their minute when they are sent: that is what makes it fast.
    """
    chance = random.Random(seed)
    bodies: list[str] = []
    for _ in range(2048):
        level, tag, message = chance.choice(TAGS)
        pid = chance.randrange(400, 30000)
        bodies.append(
            f" {pid:5d} {pid + chance.randrange(40):5d} {level} {tag}: {message.format(chance.randrange(100000))}\n"
        )
    templates: list[bytes] = []
    for _ in range(TEMPLATES):
        first = chance.randrange(len(bodies))
        text = "".join(
            f"{MINUTE}:{index // 40:02d}.{index % 40 * 25:03d}{bodies[(first + index) % len(bodies)]}"
            for index in range(LINES_A_MINUTE)
        )
        templates.append(text.encode())
    now = start_s
    left = size
    while left > 0:
        minute = time.strftime("%m-%d %H:%M", time.gmtime(now)).encode()
        data = chance.choice(templates).replace(MINUTE.encode(), minute)
        if len(data) > left:
            data = data[: data.rfind(b"\n", 0, left) + 1] or data[: data.find(b"\n") + 1]
            yield data
            return
        yield data
        left -= len(data)
        now += 60


def logcat(process: Process) -> int:
    chosen, _ = options(process.arguments, "bvtTsfrnGP")
    if "c" in chosen or "G" in chosen or "P" in chosen or "f" in chosen:
        process.phone.alter("logcat", " ".join(process.arguments[1:]))
        return 0
    buffers = _buffers(process.arguments)
    if "g" in chosen:
        for name in buffers:
            process.out(
                f"{name}: ring buffer is 1 MiB (512 KiB consumed, 510 KiB readable), max entry is 5120 B, max payload is 4068 B\n"
            )
        return 0
    if "L" in chosen:
        process.err("logcat: Unable to open log device '/sys/fs/pstore/pmsg-ramoops-0'\n")
        return 1
    data = _held(process, buffers)
    limit = chosen.get("t") or chosen.get("T") or ""
    if len(buffers) > 1 or limit.isdigit():
        data = _merged(data, "D" in chosen, int(limit) if limit.isdigit() else 0)
    process.out_bytes(_formatted(data, process.arguments))
    if "d" not in chosen and "t" not in chosen:
        process.signals.wait_for_end()  # it follows the log
    return 0


def _held(process: Process, buffers: list[str]) -> bytes:
    """What the phone's description gives these buffers, one behind the other."""
    held: dict[str, str] = process.phone.description.get("logcat", {})
    return b"".join(f"--------- beginning of {name}\n{held[name]}".encode() for name in buffers if held.get(name))


def _buffers(arguments: list[str]) -> list[str]:
    named: list[str] = []
    for at, each in enumerate(arguments):
        if each == "-b" and at + 1 < len(arguments):
            named.extend(arguments[at + 1].split(","))
        elif each.startswith("-b") and len(each) > 2:
            named.extend(each[2:].split(","))
    if "all" in named:
        return list(BUFFERS)
    return [
        name
        for name in BUFFERS
        if name in (named or DEFAULT_BUFFERS) or ("default" in named and name in DEFAULT_BUFFERS)
    ]


def _merged(data: bytes, dividers: bool, newest: int) -> bytes:
    """Lines of several buffers in the order of their times, or the newest of them; a mark where a buffer begins, and
    with -D at every switch."""
    keyed: list[tuple[bytes, int, bytes, bytes]] = []
    name = b""
    for index, line in enumerate(data.splitlines(keepends=True)):
        if line.startswith(b"---------"):
            name = line.split()[-1]
            continue
        stamp = line[:18] if re.match(rb"\d\d-\d\d ", line) else keyed[-1][0] if keyed else b""
        keyed.append((stamp, index, name, line))
    merged: list[bytes] = []
    begun: set[bytes] = set()
    last = b""
    for _, _, name, line in sorted(keyed)[-newest:]:
        if name not in begun:
            merged.append(b"--------- beginning of " + name + b"\n")
        elif dividers and name != last:
            merged.append(b"--------- switch to " + name + b"\n")
        begun.add(name)
        last = name
        merged.append(line)
    return b"".join(merged)


LINE = re.compile(rb"^(\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) +(\d+) +(\d+) ([VDIWEFS]) (.*?) *: ?(.*)$", re.MULTILINE)

Formatter = Callable[[re.Match[bytes]], bytes]
FORMATS: dict[str, bytes | Formatter] = {
    "brief": rb"\4/\5(\2): \6",
    "time": lambda line: b"%s %s/%s(%5d): %s" % (line[1], line[4], line[5], int(line[2]), line[6]),
    "tag": rb"\4/\5: \6",
    "raw": rb"\6",
}
MODIFIERS = frozenset(("usec", "epoch", "year", "UTC", "zone", "uid"))


def _formatted(data: bytes, arguments: list[str]) -> bytes:
    """Threadtime lines in the format that is asked for by -v, which may be given several times."""
    asked = {arguments[at + 1] for at in range(len(arguments) - 1) if arguments[at] == "-v"}
    modes = {mode for each in asked for mode in each.replace(",", " ").split()}
    for name, form in FORMATS.items():
        if name in modes:
            return LINE.sub(form, data)
    if modes & MODIFIERS:
        return LINE.sub(lambda line: _modified(line, modes), data)
    return data


def _modified(line: re.Match[bytes], modes: set[str]) -> bytes:
    """A threadtime line with more in its stamp, or with a uid behind it."""
    uid = b" 1000" if "uid" in modes else b""
    stamp = _stamp(line[1].decode(), modes).encode()
    return b"%s%s %5d %5d %s %s: %s" % (stamp, uid, int(line[2]), int(line[3]), line[4], line[5].ljust(8), line[6])


def _stamp(stamp: str, modes: set[str]) -> str:
    """ "MM-DD hh:mm:ss.mmm" as the modes want it; the year is this one, which the lines do not tell."""
    year = time.gmtime().tm_year
    seconds, fraction = stamp[:14], stamp[14:] + ("000" if "usec" in modes else "")
    if "epoch" in modes:
        whole = time.mktime(time.strptime(f"{year}-{seconds}", "%Y-%m-%d %H:%M:%S"))
        return f"{' ' * 6}{int(whole)}{fraction}"
    zone = " +0000" if "UTC" in modes or "zone" in modes else ""
    return (f"{year}-" if "year" in modes else "") + seconds + fraction + zone
