"""The shell services of adbd: `shell:` and `exec:` (raw bytes), `shell,v2,…:` (packets with an exit status).

As AOSP daemon/shell_service.cpp has it: without v2 the command runs on a PTY (in raw mode since Android 7; before that
`shell:` turned LF into CR LF, and `exec:` was a plain socket). v2 frames: id, 4 bytes of length (little-endian), data;
0 stdin, 1 stdout, 2 stderr, 3 exit status, 4 end of stdin, 5 window size. Input after its end is ignored.
`start` returns at once; the service runs in a thread of its own and writes to the flow it is given.
"""

from __future__ import annotations

import struct
import threading
from typing import TYPE_CHECKING

from pyworker.virtual.android.flow import Flow
from pyworker.virtual.android.mksh import Hangup, Shell, Signals, Sink, Source
from pyworker.virtual.android.mksh.descriptors import BrokenPipe
from pyworker.virtual.android.mksh.signals import TimeUp

if TYPE_CHECKING:
    from pyworker.virtual.android.phone import VirtualAndroid

STDIN, STDOUT, STDERR, EXIT, CLOSE_STDIN, WINDOW_SIZE = range(6)
FRAME = struct.Struct("<BI")
MAX_ARGUMENT = 131072  # Linux' MAX_ARG_STRLEN: a longer script cannot be handed to a process
CANNOT_START = 126
FRAME_SIZE = 1 << 16
ANDROID_7 = 24


class Out:
    """A process's output: to the flow as it is, as v2 frames of one id, or through a PTY that turns LF into CR LF."""

    __slots__ = ("flow", "frame_id", "crlf", "is_terminal")

    def __init__(self, flow: Flow, frame_id: int | None, crlf: bool, is_terminal: bool) -> None:
        self.flow = flow
        self.frame_id = frame_id
        self.crlf = crlf
        self.is_terminal = is_terminal

    def write(self, data: bytes, signals: Signals) -> None:
        if self.crlf:
            data = data.replace(b"\n", b"\r\n")
        if self.frame_id is None:
            self.flow.write(data, signals)
            return
        if len(data) <= FRAME_SIZE:
            if data:
                self.flow.write(FRAME.pack(self.frame_id, len(data)) + data, signals)
            return
        for at in range(0, len(data), FRAME_SIZE):
            piece = data[at : at + FRAME_SIZE]
            self.flow.write(FRAME.pack(self.frame_id, len(piece)) + piece, signals)


class In:
    """A process's input from the host; `framed` unpacks v2 frames."""

    __slots__ = ("flow", "framed", "is_terminal", "_buffer", "_ready", "_ended")

    def __init__(self, flow: Flow, framed: bool, is_terminal: bool) -> None:
        self.flow = flow
        self.framed = framed
        self.is_terminal = is_terminal
        self._buffer = b""
        self._ready = b""
        self._ended = False

    def read(self, limit: int, signals: Signals) -> bytes:
        if not self.framed:
            return self.flow.read(limit, signals)
        while not self._ready and not self._ended:
            self._unpack(signals)
        piece, self._ready = self._ready[:limit], self._ready[limit:]
        return piece

    def _unpack(self, signals: Signals) -> None:
        while len(self._buffer) < FRAME.size or len(self._buffer) < FRAME.size + FRAME.unpack_from(self._buffer)[1]:
            data = self.flow.read(1 << 20, signals)
            if not data:
                self._ended = True
                return
            self._buffer += data
        frame_id, length = FRAME.unpack_from(self._buffer)
        data = self._buffer[FRAME.size : FRAME.size + length]
        self._buffer = self._buffer[FRAME.size + length :]
        if frame_id == STDIN:
            self._ready = data
        elif frame_id == CLOSE_STDIN:
            self._ended = True


class ShellService:
    """A parsed service name."""

    __slots__ = ("command", "framed", "terminal")

    def __init__(self, command: bytes, framed: bool, terminal: bool) -> None:
        self.command = command
        self.framed = framed
        self.terminal = terminal  # the host asked for a real terminal (shell,v2,pty or no command)


def parsed(service: str, phone: VirtualAndroid) -> ShellService | None:
    """The shell service of this name; None when it is another service or one this phone does not have."""
    name, colon, command = service.partition(":")
    if not colon:
        return None
    data = command.encode("utf-8", "surrogateescape")
    if name == "exec":
        return ShellService(data, False, False)
    if name == "shell":
        return ShellService(data, False, not data)
    kind, *arguments = name.split(",")
    if kind != "shell" or "shell_v2" not in phone.features:
        return None
    terminal = "pty" in arguments or (not data and "raw" not in arguments)
    return ShellService(data, "v2" in arguments, terminal)


def start(service: ShellService, is_exec: bool, phone: VirtualAndroid, flow: Flow) -> None:
    threading.Thread(target=_run, args=(service, is_exec, phone, flow), daemon=True, name="virtual shell").start()


def _run(service: ShellService, is_exec: bool, phone: VirtualAndroid, flow: Flow) -> None:
    on_terminal = service.terminal or not (service.framed or (is_exec and phone.sdk < ANDROID_7))
    cooked = service.terminal or (phone.has_crlf_terminal and not is_exec and not service.framed)
    stdout: Sink = Out(flow, STDOUT if service.framed else None, cooked, on_terminal)
    stderr: Sink = Out(flow, STDERR, False, False) if service.framed and not service.terminal else stdout
    stdin: Source = In(flow, service.framed, on_terminal)
    try:
        if len(service.command) >= MAX_ARGUMENT:
            stdout.write(b"error: exec '/system/bin/sh' failed: Argument list too long (7)\n", flow.signals)
            status = CANNOT_START
        else:
            shell = Shell(phone, stdin, stdout, stderr, flow.signals)
            text = service.command.decode("latin-1")
            status = shell.run(text) if text else _interactive(shell, stdin, stdout if service.terminal else None)
        if service.framed:
            flow.write(FRAME.pack(EXIT, 1) + bytes((status & 0xFF,)), flow.signals)
    except (Hangup, TimeUp, BrokenPipe):
        return
    finally:
        flow.finish()


def _interactive(shell: Shell, stdin: Source, terminal: Sink | None) -> int:
    """A shell that reads its commands line by line; on a terminal with prompt and echo. Ends with `exit` or at ^D."""
    prompt = f"{shell.variables['HOSTNAME']}:{shell.directory} $ ".encode()
    line = b""
    if terminal:
        terminal.write(prompt, shell.signals)
    while True:
        data = stdin.read(1, shell.signals)
        if not data or (terminal and data == b"\x04" and not line):
            return shell.run(line.decode("latin-1")) if line else shell.status
        if terminal:
            terminal.write(b"\n" if data == b"\r" else data, shell.signals)
        if data not in (b"\n", b"\r"):
            line += data
            continue
        text, line = line.decode("latin-1"), b""
        leaving = shell.run_line(text)
        if leaving is not None:
            return leaving
        if terminal:
            terminal.write(prompt, shell.signals)
