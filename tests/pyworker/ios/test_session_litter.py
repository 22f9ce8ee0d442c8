"""Nothing is written, started or listened on: not in HOME, not in the temporary folder, nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ios_bench import ALL_READS

from pyworker.ios import pair_record, tls_elsewhere
from pyworker.virtual.iphone import VirtualIphone, pairing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ios_bench import Bench

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC
FORBIDDEN = (
    "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.chown", "tempfile.",
    "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "socket.bind")

_heard: list[str] | None = None


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if _heard is None:
        return
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING:
        _heard.append(f"open {arguments[0]}")
    elif event.startswith(FORBIDDEN):
        _heard.append(f"{event} {arguments[:1]}")


@pytest.fixture(scope="module")
def hook() -> None:
    sys.addaudithook(_hear)  # there is no way to take it off again


@pytest.fixture
def heard(hook: None) -> Iterator[list[str]]:
    global _heard
    _heard = []
    yield _heard
    _heard = None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a private folder exists for a moment")
@pytest.mark.parametrize("state", ["trusted", "untrusted", "stale_record", "before_first_unlock", "locked"])
def test_an_inspection_writes_no_file(
    bench: Bench, phone: VirtualIphone, state: str, heard: list[str], monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    phone.state = state
    heard.clear()
    bench.observe(phone, ALL_READS)
    bench.listed()
    assert heard == []


def test_the_ear_hears(heard: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert heard[-1] == f"open {tmp_path / 'file'}"


def test_importing_the_session_starts_nothing_and_writes_nothing(tmp_path: Path) -> None:
    """In a process of its own, with a HOME that cannot be used; the whole of the platform is loaded."""
    script = """
import sys
heard = []
sys.addaudithook(lambda event, arguments: heard.append(event) if event.startswith(
    ("subprocess.", "os.fork", "os.posix_spawn", "socket.bind", "socket.connect", "os.mkdir", "tempfile.")) else None)
import pyworker.ios.platform
assert not heard, heard
heavy = {"requests", "prompt_toolkit", "pymobiledevice3.lockdown", "cryptography"} & set(sys.modules)
assert not heavy, heavy
"""
    environment = {**os.environ, "HOME": "/nonexistent", "TMPDIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, cwd=Path(__file__).parents[3],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_where_there_is_no_memfd_the_private_folder_is_gone_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    import ssl
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen: list[tuple[int, int]] = []

    class Context(ssl.SSLContext):
        def load_cert_chain(self, path: Any, *more: Any, **named: Any) -> None:
            seen.append((os.stat(os.path.dirname(path)).st_mode & 0o777, os.stat(path).st_mode & 0o777))
            super().load_cert_chain(path, *more, **named)

    record = pair_record.parse(pairing.pair_record("0" * 40, "", stale=False))
    pem = record._certificate + b"\n" + record._private_key
    tls_elsewhere.load_identity(Context(ssl.PROTOCOL_TLS_CLIENT), pem)
    assert seen == [(0o700, 0o600)]
    with pytest.raises(ssl.SSLError):
        tls_elsewhere.load_identity(Context(ssl.PROTOCOL_TLS_CLIENT), b"no key")
    assert list(tmp_path.iterdir()) == []


def test_the_private_key_is_never_shown() -> None:
    record = pair_record.parse(pairing.pair_record("0" * 40, "", stale=False))
    assert "PRIVATE" not in repr(record) + str(record)
