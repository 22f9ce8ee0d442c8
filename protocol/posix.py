"""What the wire needs to know of Linux and macOS."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def make_binary(fd: int) -> None:
    """Bytes are bytes here. What a parent left set not to wait would end the wire at the first moment of silence."""
    os.set_blocking(fd, True)


def hung_up(fd: int) -> bool:
    """Whether everybody who could write into this pipe is gone, even while unread bytes are left in it."""
    import select  # only a reader that had to pause asks

    poller = select.poll()
    poller.register(fd, 0)
    return any(events & (select.POLLHUP | select.POLLERR) for _, events in poller.poll(0))


def takes(fd: int, size: int) -> bool:
    """Whether a write of this size would not wait. A pipe that is ready takes PIPE_BUF at least (POSIX)."""
    try:
        import select
    except (ImportError, OSError):
        return False  # no descriptor is left to load it with

    poller = select.poll()
    poller.register(fd, select.POLLOUT)
    return size <= select.PIPE_BUF and poller.poll(0) == [(fd, select.POLLOUT)]


def watch(pid: int) -> "Callable[[], bool]":
    """A function that tells whether the process is still there.

    Our own parent is told by whose child we are: its number stays taken until somebody has asked how it ended.
    """
    if os.getppid() == pid:
        return lambda: os.getppid() == pid
    return lambda: process_alive(pid)


def process_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
