"""The general tools of a phone (toybox since Android 6), as far as scripts sent over adb use them.

Each is `(process) -> status`. Texts and statuses follow toybox; files are the virtual phone's own tree. What alters a
file tells the phone's record.
"""

from __future__ import annotations

import base64 as base64_coding
import hashlib
import re
import time
from collections.abc import Callable, Iterator

from pyworker.virtual.android.mksh import patterns
from pyworker.virtual.android.mksh.builtins import formatted
from pyworker.virtual.android.mksh.descriptors import Held
from pyworker.virtual.android.mksh.shell import Process, Shell
from pyworker.virtual.android.mksh.signals import TimeUp

TIMED_OUT = 124
NOT_FOUND = 127
TERMINAL_WIDTH = 80


def options(arguments: list[str], with_value: str = "") -> tuple[dict[str, str], list[str]]:
    """Short options and operands. Letters in `with_value` take the rest of the word or the next one."""
    found: dict[str, str] = {}
    operands: list[str] = []
    at = 1
    while at < len(arguments):
        each = arguments[at]
        at += 1
        if each == "--":
            operands.extend(arguments[at:])
            break
        if not each.startswith("-") or each == "-":
            operands.append(each)
            continue
        letters = each[1:]
        if letters.startswith("-"):
            found[letters[1:].split("=")[0]] = letters.partition("=")[2]
            continue
        for index, letter in enumerate(letters):
            if letter not in with_value:
                found[letter] = ""
                continue
            value = letters[index + 1 :]
            if not value and at < len(arguments):
                value = arguments[at]
                at += 1
            found[letter] = value
            break
    return found, operands


def _path(process: Process, name: str) -> str:
    return process.phone.files.absolute(name, process.directory)


def _complain(process: Process, name: str, fault: OSError) -> int:
    process.err(f"{process.arguments[0]}: {name}: {fault.strerror}\n")
    return 1


def _pieces(process: Process, names: list[str], failed: list[str]) -> Iterator[bytes]:
    """The contents of the named files, or of stdin; names that cannot be read are complained about and listed."""
    for name in names or ["-"]:
        if name == "-":
            while data := process.read():
                yield data
            continue
        try:
            yield process.phone.files.read(_path(process, name), process.uid)
        except OSError as fault:
            _complain(process, name, fault)
            failed.append(name)


def _lines(process: Process, names: list[str], failed: list[str]) -> Iterator[bytes]:
    """Lines with their ends, across pieces."""
    rest = b""
    for piece in _pieces(process, names, failed):
        rest += piece
        *whole, rest = rest.split(b"\n")
        for line in whole:
            yield line + b"\n"
    if rest:
        yield rest


def cat(process: Process) -> int:
    failed: list[str] = []
    for piece in _pieces(process, options(process.arguments)[1], failed):
        process.out_bytes(piece)
    return 1 if failed else 0


def head(process: Process) -> int:
    arguments = [f"-n{each[1:]}" if re.fullmatch(r"-\d+", each) else each for each in process.arguments]
    chosen, names = options(arguments, "nc")
    failed: list[str] = []
    for index, name in enumerate(names or ["-"]):
        if len(names) > 1 and "q" not in chosen:
            process.out(("\n" if index else "") + f"==> {name} <==\n")
        if "c" in chosen:
            _head_bytes(process, name, _count(chosen["c"]), failed)
            continue
        left = int(chosen.get("n", "10") or 10)
        if left <= 0:
            continue
        for line in _lines(process, [name], failed):
            process.out_bytes(line)
            left -= 1
            if not left:
                break
    return 1 if failed else 0


def _head_bytes(process: Process, name: str, count: int, failed: list[str]) -> None:
    if name == "-":
        while count > 0 and (data := process.read(count)):
            process.out_bytes(data)
            count -= len(data)
        return
    for piece in _pieces(process, [name], failed):
        process.out_bytes(piece[:count])


def _count(text: str) -> int:
    found = re.fullmatch(r"(-?\d+)([kKmMgG]?)", text)
    return int(found[1]) * {"": 1, "k": 1024, "m": 1 << 20, "g": 1 << 30}[found[2].lower()] if found else 0


def tail(process: Process) -> int:
    arguments = [f"-n{each[1:]}" if re.fullmatch(r"-\d+", each) else each for each in process.arguments]
    chosen, names = options(arguments, "nc")
    failed: list[str] = []
    data = b"".join(_pieces(process, names, failed))
    if "c" in chosen:
        process.out_bytes(
            data[-_count(chosen["c"]) :] if not chosen["c"].startswith("+") else data[int(chosen["c"]) - 1 :]
        )
        return 1 if failed else 0
    number = chosen.get("n", "10")
    lines = data.splitlines(keepends=True)
    kept = (
        lines[int(number) - 1 :]
        if number.startswith("+")
        else lines[-abs(int(number or 10)) :]
        if int(number or 10)
        else []
    )
    process.out_bytes(b"".join(kept))
    return 1 if failed else 0


def ls(process: Process) -> int:
    chosen, names = options(process.arguments)
    status = 0
    for index, name in enumerate(names or ["."]):
        path = _path(process, name)
        try:
            if process.phone.files.exists(path) and ("d" in chosen or not process.phone.files.is_folder(path)):
                entries, folder = [name], ""
                if process.phone.files.is_denied(path.rpartition("/")[0] or "/", process.uid):
                    raise PermissionError(13, "Permission denied")
            else:
                entries, folder = process.phone.files.listed(path, process.uid), path
        except OSError as fault:
            status = _complain(process, name, fault)
            continue
        if folder and len(names) > 1:
            process.out(("\n" if index else "") + f"{name}:\n")
        if "a" not in chosen:
            entries = [each for each in entries if not each.startswith(".") or not folder]
        if "l" in chosen:
            if folder:
                process.out("total 0\n")
            for each in entries:
                process.out(_long_line(process, each, process.phone.files.absolute(each, folder or process.directory)))
        elif "1" in chosen or not process.stdout.is_terminal:
            process.out("".join(each + "\n" for each in entries))
        elif entries:
            process.out(_columns(entries))
    return status


def _long_line(process: Process, name: str, path: str) -> str:
    if process.phone.files.is_folder(path):
        return f"drwxr-xr-x 2 root root {4096:8d} 2009-01-01 00:00 {name}\n"
    return f"-rw-r--r-- 1 root root {len(process.phone.files.contents.get(path, b'')):8d} 2009-01-01 00:00 {name}\n"


def _columns(entries: list[str]) -> str:
    width = max(len(each) for each in entries) + 2
    across = max(1, TERMINAL_WIDTH // width)
    rows = -(-len(entries) // across)
    return "".join("".join(each.ljust(width) for each in entries[row::rows]).rstrip() + "\n" for row in range(rows))


def grep(process: Process) -> int:
    chosen, operands = options(process.arguments, "emABC")
    name = process.arguments[0]
    if "e" in chosen:
        operands = [chosen["e"], *operands]
    if not operands:
        process.err(f"{name}: no REGEX\n")
        return 2
    text = operands[0]
    if "F" in chosen or name == "fgrep":
        text = "|".join(re.escape(each) for each in text.split("\n"))
    elif "E" not in chosen and name != "egrep":
        text = _basic_regex(text)
    if "x" in chosen:
        text = f"^(?:{text})$"
    if "w" in chosen:
        text = rf"\b(?:{text})\b"
    try:
        regex = re.compile(text.encode("latin-1"), re.IGNORECASE if "i" in chosen else 0)
    except re.error:
        process.err(f"{name}: bad REGEX '{operands[0]}'\n")
        return 2
    failed: list[str] = []
    matched = 0
    limit = int(chosen["m"]) if chosen.get("m", "").isdigit() else -1
    for each in operands[1:] or ["-"]:
        for number, line in enumerate(_lines(process, [each], failed), 1):
            if matched == limit:
                break
            bare = line.rstrip(b"\n")
            found = regex.search(bare)
            if bool(found) == ("v" in chosen):
                continue
            matched += 1
            if "q" in chosen:
                return 0
            if "c" in chosen or "l" in chosen:
                continue
            prefix = (f"{each}:" if len(operands) > 2 and "h" not in chosen else "") + (
                f"{number}:" if "n" in chosen else ""
            )
            if "o" in chosen and found:
                process.out("".join(prefix + one.group().decode("latin-1") + "\n" for one in regex.finditer(bare)))
            else:
                process.out_bytes(prefix.encode("latin-1") + bare + b"\n")
        if "l" in chosen and matched:
            process.out(each + "\n")
    if "c" in chosen:
        process.out(f"{matched}\n")
    return 2 if failed and "s" not in chosen else 0 if matched else 1


def _basic_regex(text: str) -> str:
    """POSIX basic to Python: `\\|`, `\\(`, `\\{`, `\\+`, `\\?` are operators, without the backslash they are themselves."""
    return re.sub(r"\\?[|(){}+?]", lambda found: found[0][1:] if found[0][0] == "\\" else "\\" + found[0], text)


def wc(process: Process) -> int:
    chosen, names = options(process.arguments)
    failed: list[str] = []
    status = 0
    for name in names or ["-"]:
        lines = count = size = 0
        for piece in _lines(process, [name], failed):
            lines += piece.endswith(b"\n")
            count += len(piece.split())
            size += len(piece)
        if failed:
            status = 1
            failed.clear()
            continue
        wanted = [
            value for letter, value in (("l", lines), ("w", count), ("c", size)) if letter in chosen or not chosen
        ]
        process.out(" ".join(str(each) for each in wanted) + (f" {name}" if name != "-" else "") + "\n")
    return status


def sort(process: Process) -> int:
    chosen, names = options(process.arguments, "kt")
    failed: list[str] = []
    lines = [line.rstrip(b"\n") for line in _lines(process, names, failed)]

    def number(line: bytes) -> tuple[int, bytes]:
        found = re.match(rb"\s*(-?\d+)", line)
        return (int(found[1]) if found else 0, line)

    lines.sort(key=number if "n" in chosen else None, reverse="r" in chosen)
    if "u" in chosen:
        lines = list(dict.fromkeys(lines))
    process.out_bytes(b"".join(line + b"\n" for line in lines))
    return 1 if failed else 0


def uniq(process: Process) -> int:
    chosen, names = options(process.arguments)
    failed: list[str] = []
    previous: bytes | None = None
    count = 0

    def put() -> None:
        if previous is not None:
            process.out_bytes((f"{count:7d} ".encode() if "c" in chosen else b"") + previous + b"\n")

    for line in _lines(process, names[:1], failed):
        bare = line.rstrip(b"\n")
        if bare == previous:
            count += 1
            continue
        put()
        previous, count = bare, 1
    put()
    return 1 if failed else 0


def cut(process: Process) -> int:
    chosen, names = options(process.arguments, "dfcb")
    failed: list[str] = []
    ranges: list[tuple[int, int]] = []
    for each in (chosen.get("f") or chosen.get("c") or chosen.get("b") or "").split(","):
        found = re.fullmatch(r"(\d*)(-?)(\d*)", each)
        if not found or not (found[1] or found[3]):
            process.err(f"cut: bad list '{each}'\n")
            return 1
        start = int(found[1] or 1)
        ranges.append((start, int(found[3]) if found[3] else (1 << 30 if found[2] else start)))
    delimiter = (chosen.get("d") or "\t").encode("latin-1")
    for line in _lines(process, names, failed):
        bare = line.rstrip(b"\n")
        if "f" in chosen:
            fields = bare.split(delimiter)
            if len(fields) == 1:
                if "s" not in chosen:
                    process.out_bytes(bare + b"\n")
                continue
            kept = [field for index, field in enumerate(fields, 1) if any(low <= index <= high for low, high in ranges)]
            process.out_bytes(delimiter.join(kept) + b"\n")
        else:
            process.out_bytes(b"".join(bare[low - 1 : high] for low, high in ranges) + b"\n")
    return 1 if failed else 0


def tr(process: Process) -> int:
    chosen, operands = options(process.arguments)

    def expanded(text: str) -> bytes:
        text = text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t").replace("\\0", "\0")
        text = (
            text.replace("[:upper:]", "A-Z")
            .replace("[:lower:]", "a-z")
            .replace("[:digit:]", "0-9")
            .replace("[:space:]", " \t\n\r\v\f")
        )
        return re.sub(
            r"(.)-(.)", lambda found: "".join(map(chr, range(ord(found[1]), ord(found[2]) + 1))), text, flags=re.DOTALL
        ).encode("latin-1")

    first = expanded(operands[0]) if operands else b""
    if "d" in chosen:
        while data := process.read():
            process.out_bytes(data.translate(None, first))
        return 0
    second = expanded(operands[1]) if len(operands) > 1 else b""
    if not second:
        process.err("tr: needs two sets\n")
        return 1
    table = bytes.maketrans(first, (second + second[-1:] * len(first))[: len(first)])
    while data := process.read():
        process.out_bytes(data.translate(table))
    return 0


def tee(process: Process) -> int:
    chosen, names = options(process.arguments)
    paths = [_path(process, name) for name in names]
    status = 0
    for name, path in zip(names, paths, strict=True):
        try:
            process.phone.files.open_for_writing(path, "a" not in chosen, process.uid)
            process.phone.note("change", f"write {path}")
        except OSError as fault:
            status = _complain(process, name, fault)
    while data := process.read():
        process.out_bytes(data)
        for path in paths:
            process.phone.files.append(path, data)
    return status


def seq(process: Process) -> int:
    try:
        numbers = [int(each) for each in process.arguments[1:]]
    except ValueError:
        process.err("seq: not a number\n")
        return 1
    first, step, last = (
        (1, 1, numbers[0]) if len(numbers) == 1 else (numbers[0], 1, numbers[1]) if len(numbers) == 2 else (*numbers,)
    )
    process.out("".join(f"{each}\n" for each in range(first, last + (1 if step > 0 else -1), step)))
    return 0


def yes(process: Process) -> int:
    line = (" ".join(process.arguments[1:]) or "y").encode("latin-1") + b"\n"
    block = line * max(1, 4096 // len(line))
    while True:
        process.out_bytes(block)
        process.signals.check()


def sleep(process: Process) -> int:
    total = 0.0
    for each in process.arguments[1:]:
        seconds = duration(each)
        if seconds is None:
            process.err(f"sleep: bad duration '{each}'\n")
            return 1
        total += seconds
    process.signals.wait(total)
    return 0


def duration(text: str) -> float | None:
    """Seconds of "5", "0.5", "2m"; None for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)([smhd]?)", text)
    return float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]] if found else None


# -- running others


def sh(process: Process) -> int:
    """Another shell: `sh -c script [name [arguments…]]`, `sh file`, or a script on stdin."""
    arguments = process.arguments[1:]
    while arguments and re.fullmatch(r"-[eux]+", arguments[0]):
        arguments = arguments[1:]
    child = Shell(process.phone, process.stdin, process.stdout, process.stderr, process.signals)
    child.directory, child.uid = process.directory, process.uid
    child.variables.update(process.environment)
    child.exported |= set(process.environment)
    if arguments[:1] == ["-c"]:
        if len(arguments) < 2:
            process.err("/system/bin/sh: -c requires an argument\n")
            return 1
        child.name = (
            arguments[2]
            if len(arguments) > 2
            else process.arguments[0]
            if process.arguments[0].startswith("/")
            else "sh"
        )
        child.arguments = arguments[3:]
        return child.run(arguments[1])
    if arguments and arguments[0] != "-s":
        try:
            text = process.phone.files.read(_path(process, arguments[0]), process.uid)
        except OSError as fault:
            process.err(f"/system/bin/sh: {arguments[0]}: {fault.strerror}\n")
            return 127
        child.arguments = arguments[1:]
        return child.run(text.decode("latin-1"))
    pieces = []
    while data := process.read():
        pieces.append(data)
    return child.run(b"".join(pieces).decode("latin-1"))


def timeout(process: Process) -> int:
    chosen, _ = options([process.arguments[0], *_leading_options(process.arguments[1:])], "ks")
    rest = process.arguments[1 + len(_leading_options(process.arguments[1:])) :]
    seconds = duration(rest[0]) if rest else None
    if seconds is None or len(rest) < 2:
        process.err("timeout: Need 2 arguments\n" if len(rest) < 2 else f"timeout: bad duration '{rest[0]}'\n")
        return 125
    limited = process.signals.within(seconds)
    try:
        return process.start(rest[1:], limited)
    except TimeUp as up:
        if up.signals is not limited:
            raise
        return 137 if chosen.get("s") in ("9", "KILL") else TIMED_OUT


def _leading_options(arguments: list[str]) -> list[str]:
    taken: list[str] = []
    while len(taken) < len(arguments) and arguments[len(taken)].startswith("-"):
        taken.append(arguments[len(taken)])
        if taken[-1] in ("-k", "-s") and len(taken) < len(arguments):
            taken.append(arguments[len(taken)])
    return taken


def env(process: Process) -> int:
    rest = process.arguments[1:]
    while rest and rest[0] in ("-i", "-0", "-u"):
        process.environment = {} if rest[0] == "-i" else process.environment
        rest = rest[2 if rest[0] == "-u" else 1 :]
    while rest and re.match(r"[A-Za-z_]\w*=", rest[0]):
        name, _, value = rest[0].partition("=")
        process.environment[name] = value
        rest = rest[1:]
    if rest:
        return process.start(rest, process.signals)
    process.out("".join(f"{name}={value}\n" for name, value in process.environment.items()))
    return 0


def nice(process: Process) -> int:
    """nohup, nice, setsid, time: the command itself is what matters here."""
    rest = process.arguments[1:]
    while rest and (rest[0].startswith("-") or rest[0].lstrip("-").isdigit()):
        rest = rest[1:]
    return process.start(rest, process.signals) if rest else 0


def xargs(process: Process) -> int:
    chosen, command = (
        options(process.arguments[:1] + _leading_options(process.arguments[1:]), "n")[0],
        process.arguments[1:],
    )
    command = command[len(_leading_options(command)) :] or ["echo"]
    data = b""
    while piece := process.read():
        data += piece
    words = data.decode("latin-1").split("\0" if "0" in chosen else None)
    each = int(chosen["n"]) if chosen.get("n", "").isdigit() else max(1, len(words))
    status = 0
    for at in range(0, max(1, len(words)), each):
        arguments = [*command, *words[at : at + each]]
        if arguments[0] == "echo":
            process.out(" ".join(arguments[1:]) + "\n")
        elif process.start(arguments, process.signals):
            status = 123
    return status


def toybox(process: Process) -> int:
    if len(process.arguments) < 2:
        process.out(" ".join(sorted(TOOLS)) + "\n")
        return 0
    if process.arguments[1] not in TOOLS:
        process.err(f"toybox: Unknown command {process.arguments[1]}\n")
        return NOT_FOUND
    return process.start(process.arguments[1:], process.signals)


def which(process: Process) -> int:
    status = 0
    for name in options(process.arguments)[1]:
        path = process.phone.program_path(name)
        if path:
            process.out(path + "\n")
        else:
            status = 1
    return status


# -- what alters files


def rm(process: Process) -> int:
    chosen, names = options(process.arguments)
    status = 0
    for name in names:
        path = _path(process, name)
        try:
            process.phone.files.remove(path, "r" in chosen or "R" in chosen, process.uid)
            process.phone.note("change", f"rm {path}")
        except OSError as fault:
            if "f" not in chosen or fault.errno != 2:
                status = _complain(process, name, fault)
    return status


def mkdir(process: Process) -> int:
    chosen, names = options(process.arguments, "m")
    status = 0
    for name in names:
        try:
            process.phone.files.make_folder(_path(process, name), "p" in chosen, process.uid)
            process.phone.note("change", f"mkdir {_path(process, name)}")
        except OSError as fault:
            process.err(f"mkdir: '{name}': {fault.strerror}\n")
            status = 1
    return status


def touch(process: Process) -> int:
    status = 0
    for name in options(process.arguments, "drt")[1]:
        try:
            process.phone.files.open_for_writing(_path(process, name), False, process.uid)
            process.phone.note("change", f"touch {_path(process, name)}")
        except OSError as fault:
            process.err(f"touch: '{name}': {fault.strerror}\n")
            status = 1
    return status


def cp(process: Process) -> int:
    """cp and mv."""
    names = options(process.arguments)[1]
    if len(names) < 2:
        process.err(f"{process.arguments[0]}: Need 2 arguments\n")
        return 1
    target = _path(process, names[-1])
    status = 0
    for name in names[:-1]:
        source = _path(process, name)
        place = f"{target}/{source.rpartition('/')[2]}" if process.phone.files.is_folder(target) else target
        try:
            data = process.phone.files.read(source, process.uid)
            process.phone.files.open_for_writing(place, True, process.uid)
            process.phone.files.append(place, data)
            if process.arguments[0] == "mv":
                process.phone.files.remove(source, False, process.uid)
            process.phone.note("change", f"write {place}")
        except OSError as fault:
            process.err(f"{process.arguments[0]}: bad '{name}': {fault.strerror}\n")
            status = 1
    return status


def dd(process: Process) -> int:
    values = dict(each.partition("=")[::2] for each in process.arguments[1:])
    block = _count(values.get("bs", "512"))
    source = (
        Held(process.phone.files.read(_path(process, values["if"]), process.uid)) if "if" in values else process.stdin
    )
    left = _count(values["count"]) * block if "count" in values else -1
    if "of" in values:
        path = _path(process, values["of"])
        try:
            process.phone.files.open_for_writing(path, True, process.uid)
            process.phone.note("change", f"write {path}")
        except OSError as fault:
            process.err(f"dd: {values['of']}: {fault.strerror}\n")
            return 1
    while left and (data := source.read(min(left, 65536) if left > 0 else 65536, process.signals)):
        left -= len(data) if left > 0 else 0
        if "of" in values:
            process.phone.files.append(path, data)
        else:
            process.out_bytes(data)
    return 0


def chmod(process: Process) -> int:
    """chmod, chown, ln, mknod …: not followed in detail, but recorded as the changes they are."""
    process.phone.alter(process.arguments[0], " ".join(process.arguments[1:]))
    return 0


# -- looking


def stat(process: Process) -> int:
    chosen, names = options(process.arguments, "c")
    status = 0
    for name in names:
        path = _path(process, name)
        if process.phone.files.is_denied(path, process.uid) or not process.phone.files.exists(path):
            reason = (
                "Permission denied" if process.phone.files.is_denied(path, process.uid) else "No such file or directory"
            )
            process.err(f"stat: '{name}': {reason}\n")
            status = 1
            continue
        size = len(process.phone.files.contents.get(path, b""))
        form = chosen.get("c", "%n %s")
        process.out(form.replace("%s", str(size)).replace("%n", name).replace("%a", "644").replace("%U", "root") + "\n")
    return status


def find(process: Process) -> int:
    rest = process.arguments[1:]
    places = []
    while rest and not rest[0].startswith("-"):
        places.append(rest.pop(0))
    values = {rest[at]: rest[at + 1] for at in range(len(rest) - 1) if rest[at] in ("-name", "-type", "-maxdepth")}
    files = process.phone.files
    status = 0
    for place in places or ["."]:
        top = _path(process, place)
        if files.is_denied(top, process.uid) or not files.exists(top):
            process.err(f"find: {place}: {'Permission denied' if files.exists(top) else 'No such file or directory'}\n")
            status = 1
            continue
        prefix = top.rstrip("/") + "/"
        known = {top} | {each for each in (*files.contents, *files.folders) if each.startswith(prefix)}
        for each in list(known):
            parent = each.rpartition("/")[0]
            while parent.startswith(prefix):
                known.add(parent)
                parent = parent.rpartition("/")[0]
        for each in sorted(known):
            shown = place.rstrip("/") + each[len(top.rstrip("/")) :] if each != top else place
            if "-maxdepth" in values and each[len(top.rstrip("/")) :].count("/") > int(values["-maxdepth"]):
                continue
            if "-type" in values and (values["-type"] == "d") != files.is_folder(each):
                continue
            if "-name" in values and not patterns.matches([(values["-name"], False)], each.rpartition("/")[2]):
                continue
            if not files.is_denied(each, process.uid):
                process.out(shown + "\n")
    return status


def basename(process: Process) -> int:
    name = process.arguments[1].rstrip("/").rpartition("/")[2] if len(process.arguments) > 1 else ""
    if len(process.arguments) > 2 and name.endswith(process.arguments[2]) and name != process.arguments[2]:
        name = name[: -len(process.arguments[2])]
    process.out(name + "\n")
    return 0


def dirname(process: Process) -> int:
    folder = process.arguments[1].rstrip("/").rpartition("/")[0] if len(process.arguments) > 1 else ""
    process.out((folder or ("/" if process.arguments[1:2] and process.arguments[1].startswith("/") else ".")) + "\n")
    return 0


def printf(process: Process) -> int:
    text, *_ = formatted(process.arguments[1] if len(process.arguments) > 1 else "", process.arguments[2:])
    process.out(text)
    return 0


def date(process: Process) -> int:
    form = next((each[1:] for each in process.arguments[1:] if each.startswith("+")), "%a %b %e %H:%M:%S GMT %Y")
    if any(each.startswith("-s") or re.fullmatch(r"\d{8,}(\.\d+)?", each) for each in process.arguments[1:]):
        process.err("date: cannot set date: Operation not permitted\n")
        return 1
    process.out(time.strftime(form.replace("%s", str(int(time.time()))), time.gmtime()) + "\n")
    return 0


def uname(process: Process) -> int:
    chosen, _ = options(process.arguments)
    kernel = str(process.phone.description.get("kernel", "5.10.149-android13-4"))
    fields = [("s", "Linux"), ("n", "localhost"), ("r", kernel), ("v", "#1 SMP PREEMPT"), ("m", "aarch64")]
    wanted = [text for letter, text in fields if letter in chosen or "a" in chosen] or ["Linux"]
    process.out(" ".join(wanted) + (" Toybox" if "a" in chosen else "") + "\n")
    return 0


def base64(process: Process) -> int:
    chosen, names = options(process.arguments, "w")
    failed: list[str] = []
    data = b"".join(_pieces(process, names, failed))
    if "d" in chosen:
        process.out_bytes(base64_coding.b64decode(data))
    else:
        text = base64_coding.b64encode(data).decode()
        width = int(chosen.get("w", "76") or 76) or len(text) or 1
        process.out("".join(text[at : at + width] + "\n" for at in range(0, len(text), width)))
    return 1 if failed else 0


def digest(process: Process) -> int:
    """md5sum, sha1sum, sha256sum."""
    names = options(process.arguments)[1]
    failed: list[str] = []
    for name in names or ["-"]:
        hashing = hashlib.new(process.arguments[0].removesuffix("sum"), usedforsecurity=False)
        before = len(failed)
        for piece in _pieces(process, [name], failed):
            hashing.update(piece)
        if len(failed) == before:
            process.out(f"{hashing.hexdigest()}  {name}\n")
    return 1 if failed else 0


def nothing(process: Process) -> int:
    return 0


def fails(process: Process) -> int:
    return 1


Program = Callable[[Process], int]

# What Android 5's toolbox already had, and what came with toybox (Android 6).
TOOLBOX: dict[str, Program] = {
    "cat": cat,
    "ls": ls,
    "rm": rm,
    "mkdir": mkdir,
    "cp": cp,
    "mv": cp,
    "dd": dd,
    "chmod": chmod,
    "chown": chmod,
    "ln": chmod,
    "date": date,
    "grep": grep,
    "sh": sh,
    "true": nothing,
    "false": fails,
    "touch": touch,
    "nohup": nice,
    "nice": nice,
    "uname": uname,
    "sleep": sleep,
}
TOOLS: dict[str, Program] = {
    **TOOLBOX,
    "head": head,
    "tail": tail,
    "wc": wc,
    "sort": sort,
    "uniq": uniq,
    "cut": cut,
    "tr": tr,
    "tee": tee,
    "seq": seq,
    "yes": yes,
    "timeout": timeout,
    "env": env,
    "printenv": env,
    "xargs": xargs,
    "toybox": toybox,
    "which": which,
    "stat": stat,
    "find": find,
    "basename": basename,
    "dirname": dirname,
    "printf": printf,
    "base64": base64,
    "md5sum": digest,
    "sha1sum": digest,
    "sha256sum": digest,
    "egrep": grep,
    "fgrep": grep,
    "setsid": nice,
    "time": nice,
    "sync": nothing,
    "mknod": chmod,
    "truncate": chmod,
}
