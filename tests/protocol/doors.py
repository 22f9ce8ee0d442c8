"""Three doors to the same worker: in memory, through a pipe one byte at a time, and a real process.

A test of the wire says what goes in and what must come out; `talk` puts it through a door until the end of the
input and returns the bytes that came back.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import workbench

from protocol.lines import Lines
from protocol.stdio import Taken, Wire
from pyworker.methods import METHODS
from pyworker.settings import Settings
from pyworker.validation import first_problem
from pyworker.worker import Worker

ROOT = Path(__file__).parent.parent.parent
WORKBENCH = Path(__file__).parent / "workbench.py"
# Longer than anything here should take; shorter than a person waits.
PATIENCE_S = 30.0


def request(method: str, params: Any = None, id: Any = 1) -> bytes:
    message = {"jsonrpc": "2.0", "id": id, "method": method}
    if params is not None:
        message["params"] = params
    return json.dumps(message).encode() + b"\n"


def notification(method: str, params: Any = None) -> bytes:
    message = {"jsonrpc": "2.0", "method": method}
    if params is not None:
        message["params"] = params
    return json.dumps(message).encode() + b"\n"


def cancel(id: Any) -> bytes:
    return notification("$/cancelRequest", {"id": id})


def said(output: bytes) -> list[Any]:
    """Each line of the output as a value; the output must be whole lines of ASCII JSON."""
    assert output == b"" or output.endswith(b"\n"), output[-80:]
    return [json.loads(line.decode("ascii")) for line in output.split(b"\n")[:-1]]


class _MemoryWire:
    """Keeps what is sent. The rest of a Wire's manners, without descriptors."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.data = bytearray()
        self.crowded = False

    def send(self, data: bytes) -> None:
        self.data += data

    def wait_for_room(self) -> None:
        pass

    def flush(self, seconds: float) -> bool:
        return True


def talk_in_memory(data: bytes) -> bytes:
    wire = _MemoryWire()
    worker = Worker(Settings(), lambda receive, ended: wire, threading.Thread.start)  # type: ignore[arg-type, return-value]
    lines = Lines()
    with workbench.installed():
        for line in (*lines.feed(data), *lines.end()):
            worker.receive(line)
        worker._drain()
    return bytes(wire.data)


def talk_byte_by_byte(data: bytes) -> bytes:
    """Through a real Wire and real pipes in this process, one byte a write, read one byte a read."""
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()
    taken = Taken(in_read, out_write, 2, -1)
    worker = Worker(Settings(), lambda receive, ended: Wire(taken, receive, ended), threading.Thread.start)
    codes: list[int] = []

    def live() -> None:
        codes.append(worker.run())
        os.close(out_write)

    def dribble() -> None:
        for at in range(len(data)):
            os.write(in_write, data[at : at + 1])
        os.close(in_write)

    threads = [threading.Thread(target=live), threading.Thread(target=dribble)]
    got = bytearray()
    with workbench.installed():
        for thread in threads:
            thread.start()
        while piece := os.read(out_read, 1):
            got += piece
        for thread in threads:
            thread.join(PATIENCE_S)
    os.close(out_read)
    os.close(in_read)
    assert codes == [0]
    return bytes(got)


def talk_to_a_process(data: bytes) -> bytes:
    done = subprocess.run(
        [sys.executable, str(WORKBENCH), "--log-level", "off"],
        input=data,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


DOORS = {"memory": talk_in_memory, "byte_by_byte": talk_byte_by_byte, "process": talk_to_a_process}


class Process:
    """A worker to talk with turn by turn. `program` may be the workbench or the module itself."""

    def __init__(
        self,
        *options: str,
        program: tuple[str, ...] = (str(WORKBENCH),),
        env: dict[str, str] | None = None,
        **popen: Any,
    ) -> None:
        popen.setdefault("stdin", subprocess.PIPE)
        popen.setdefault("stdout", subprocess.PIPE)
        popen.setdefault("stderr", subprocess.PIPE)
        self.popen = subprocess.Popen([sys.executable, *program, *options], cwd=ROOT, env=env, **popen)
        self.lines: list[Any] = []
        self._asked: dict[Any, str] = {}
        self._arrived = threading.Condition()
        if self.popen.stdout is not None:
            threading.Thread(target=self._collect, daemon=True).start()

    def _collect(self) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            with self._arrived:
                self.lines.append(json.loads(line))
                self._arrived.notify_all()

    def send(self, *messages: bytes) -> None:
        assert self.popen.stdin is not None
        for message in b"".join(messages).splitlines():
            if message.startswith(b'{"jsonrpc": "2.0", "id"'):
                asked = json.loads(message)
                self._asked[asked["id"]] = asked["method"]
        self.popen.stdin.write(b"".join(messages))
        self.popen.stdin.flush()

    def answer(self, id: Any, seconds: float = PATIENCE_S) -> Any:
        """The answer to this id, waited for. A result is held against its method's schema."""
        found = self.until(
            lambda lines: next(
                (line for line in lines if line.get("id", self) == id and type(line["id"]) is type(id)), None
            ),
            seconds,
        )
        method = self._asked.get(id, "")
        if "result" in found and method in METHODS:
            assert first_problem(f"{method}.result", found["result"]) == ""
        return found

    def ask(self, method: str, id: Any = None, **params: Any) -> Any:
        """One request and its answer's result; fails on an error."""
        id = len(self._asked) + 1 if id is None else id
        self.send(request(method, params, id))
        answer = self.answer(id)
        assert "result" in answer, answer
        return answer["result"]

    def refused(self, method: str, **params: Any) -> Any:
        """One request that must be answered by an error: its error object."""
        id = len(self._asked) + 1
        self.send(request(method, params, id))
        return self.answer(id)["error"]

    def until(self, found: Any, seconds: float = PATIENCE_S) -> Any:
        end = time.monotonic() + seconds
        with self._arrived:
            while (result := found(self.lines)) is None:
                left = end - time.monotonic()
                assert left > 0, f"nothing came; {len(self.lines)} lines so far, last {self.lines[-1:]}"
                self._arrived.wait(left)
            return result

    def wait(self, seconds: float = PATIENCE_S) -> int:
        return self.popen.wait(seconds)

    def end(self) -> int:
        """Close the input and see the process go."""
        if self.popen.stdin is not None and not self.popen.stdin.closed:
            self.popen.stdin.close()
        return self.wait()

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.popen.kill()
        self.popen.wait()
        for stream in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
