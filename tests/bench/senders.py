"""adb servers that cost next to no processor time, so that what is measured is the worker: `python -m tests.bench.senders KIND …`.

    paper COUNT LATENCY_S   any number of phones that answer every script from prepared frames
    log MODE MIB            one phone that answers every service with so much log; MODE: "v2" (shell_v2) or "exec"

Each prints its port, and lives until standard input ends.
"""

from __future__ import annotations

import os
import re
import socket
import struct
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from time import sleep

from pyworker.android import script
from tests.bench.phones import serial

_LINE = b"06-01 12:00:00.123456  1000  1234  1235 I ActivityManager: Start proc 1234:com.example/u0a1 for service\n"
PIECE = 32768


def _request(connection: socket.socket) -> bytes:
    length = int(connection.recv(4, socket.MSG_WAITALL) or b"0", 16)
    return connection.recv(length, socket.MSG_WAITALL) if length else b""


def _paper(count: int, latency_s: float) -> None:
    listener = _listen()
    said = b"  level: 80\n" * 40
    lines = "".join(f"{serial(number):<25} device model:x\n" for number in range(count)).encode()

    def answer(connection: socket.socket) -> None:
        with connection:
            while text := _request(connection):
                sleep(latency_s)
                if text == b"host:devices-l":
                    connection.sendall(b"OKAY%04x%s" % (len(lines), lines))
                    return
                if text.endswith(b":features"):
                    connection.sendall(b"OKAY0008shell_v2")
                    return
                connection.sendall(b"OKAY")
                if not text.startswith(b"host:"):
                    break
            else:
                return
            nonce = re.findall(rb"N=(@[0-9a-f]+)", text)[0]
            sleep(latency_s)
            for number in range(len(script.commands_of(text.decode().removeprefix("shell,v2,raw:")) or ())):
                data = b"%s:%d:B\n%s%s:%d:E:0\n" % (nonce, number, said, nonce, number)
                connection.sendall(b"\x01" + struct.pack("<I", len(data)) + data)
            end = nonce + b":END\n"
            connection.sendall(b"\x01" + struct.pack("<I", len(end)) + end + b"\x03\x01\0\0\0\0")

    with ThreadPoolExecutor(count * 2) as pool:
        while True:
            pool.submit(answer, listener.accept()[0])


def _log(mode: str, mebibytes: int) -> None:
    def packet(data: bytes) -> bytes:
        return b"\x01" + struct.pack("<I", len(data)) + data if mode == "v2" else data

    block = packet((_LINE * 1000)[:PIECE]) * (1024 * 1024 // PIECE)
    listener = _listen()
    while True:
        connection, _ = listener.accept()
        with connection:
            if b"features" in _request(connection):
                known = b"shell_v2" if mode == "v2" else b"cmd"
                connection.sendall(b"OKAY%04x%s" % (len(known), known))
                continue
            connection.sendall(b"OKAY")
            nonce = re.findall(rb"N=(@[0-9a-f]+)", _request(connection))[0]
            connection.sendall(b"OKAY" + packet(nonce + b":0:B\n"))
            for _ in range(mebibytes):
                connection.sendall(block)
            connection.sendall(packet(nonce + b":0:E:0\n" + nonce + b":END\n"))


def _listen() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    return listener


if __name__ == "__main__":
    if sys.argv[1] == "paper":
        _paper(int(sys.argv[2]), float(sys.argv[3]))
    else:
        _log(sys.argv[2], int(sys.argv[3]))
