"""What the wire needs to know of Linux and macOS."""

import os


def make_binary(fd: int) -> None:
    """Bytes are bytes here."""


def hung_up(fd: int) -> bool:
    """Whether everybody who could write into this pipe is gone, even while unread bytes are left in it."""
    import select  # only a reader that had to pause asks

    poller = select.poll()
    poller.register(fd, 0)
    return any(events & (select.POLLHUP | select.POLLERR) for _, events in poller.poll(0))


def takes(fd: int, size: int) -> bool:
    """Whether a write of this size would not wait. A pipe that is ready takes PIPE_BUF at least (POSIX)."""
    import select

    poller = select.poll()
    poller.register(fd, select.POLLOUT)
    return size <= select.PIPE_BUF and poller.poll(0) == [(fd, select.POLLOUT)]


def process_alive(pid: int) -> bool:
    if os.getppid() == pid:
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
