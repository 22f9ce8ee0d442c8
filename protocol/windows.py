"""What the wire needs to know of Windows."""

# mypy checks this file for the platform it is for: mypy --platform win32
import ctypes
import msvcrt
import os
from ctypes import wintypes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_ERROR_BROKEN_PIPE = 109
_SYNCHRONIZE = 0x00100000
_WAIT_TIMEOUT = 0x102

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel32.PeekNamedPipe.argtypes = (
    wintypes.HANDLE,
    wintypes.LPVOID,
    wintypes.DWORD,
    wintypes.LPVOID,
    wintypes.LPVOID,
    wintypes.LPVOID,
)
_kernel32.PeekNamedPipe.restype = wintypes.BOOL
_kernel32.OpenProcess.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
_kernel32.OpenProcess.restype = wintypes.HANDLE
_kernel32.WaitForSingleObject.argtypes = (wintypes.HANDLE, wintypes.DWORD)
_kernel32.WaitForSingleObject.restype = wintypes.DWORD
_kernel32.CloseHandle.argtypes = (wintypes.HANDLE,)


def make_binary(fd: int) -> None:
    """Keep the C library from turning line ends around."""
    msvcrt.setmode(fd, os.O_BINARY)


def hung_up(fd: int) -> bool:
    """Whether the writing end of this pipe is closed."""
    peeked = _kernel32.PeekNamedPipe(msvcrt.get_osfhandle(fd), None, 0, None, None, None)
    return not peeked and ctypes.get_last_error() == _ERROR_BROKEN_PIPE


def takes(fd: int, size: int) -> bool:
    """Whether a write of this size would not wait: anonymous pipes do not tell."""
    return False


def watch(pid: int) -> "Callable[[], bool]":
    """A function that tells whether the process is still there. Its handle is kept, so its number stays its own."""
    handle = _kernel32.OpenProcess(_SYNCHRONIZE, False, pid)
    if not handle:
        return lambda: False
    return lambda: bool(_kernel32.WaitForSingleObject(handle, 0) == _WAIT_TIMEOUT)


def process_alive(pid: int) -> bool:
    handle = _kernel32.OpenProcess(_SYNCHRONIZE, False, pid)
    if not handle:
        return False
    try:
        return bool(_kernel32.WaitForSingleObject(handle, 0) == _WAIT_TIMEOUT)
    finally:
        _kernel32.CloseHandle(handle)
