"""A file the worker hands over: there whole, or not there at all, and an older one is replaced whole.

The bytes go into a temporary file in the same folder, are forced to the disk, and take the final name in one step.
Whoever looks in between, or after a power cut, sees the old file or the new one. A temporary file is removed when
anything goes wrong, and so is a folder made for nothing; one that a killed process left behind is recognised by its
name and removed by the next write.
"""

from __future__ import annotations

import os

from pyworker.artifact_folder import failed, settle
from pyworker.errors import failure

_LEFTOVER = ".part"


def write_artifact(root: str, folder: str, name: str, data: bytes) -> None:
    """Write `data` to <root>/<folder>/<name>; the folder is made when it is not there.

    `folder` and `name` are single path components that the caller has checked. Raises artifact_failed.
    """
    where = os.path.join(root, folder)
    temporary = os.path.join(where, f".{name}.{os.getpid()}{_LEFTOVER}")
    made = not os.path.lexists(where)
    try:
        os.makedirs(where, exist_ok=True)
        try:
            _write(root, folder, where, temporary, name, data)
        except BaseException:
            if made:
                _remove_empty(where)
            raise
    except OSError as error:
        raise failed(error) from error


def _write(root: str, folder: str, where: str, temporary: str, name: str, data: bytes) -> None:
    if os.path.realpath(where) != os.path.join(os.path.realpath(root), folder):
        # A link in its place would lead the file out of the folder that was agreed on.
        raise failure("artifact_failed", "its folder is a link to another place")
    _remove_leftovers(where, name)
    _write_whole(temporary, data)
    try:
        os.replace(temporary, os.path.join(where, name))
    except OSError:
        os.unlink(temporary)
        raise
    settle(where)


def _remove_empty(where: str) -> None:
    try:
        os.rmdir(where)
    except OSError:
        # Another report of the same name got into it meanwhile; or the disk is gone, and the first failure says so.
        return


def _write_whole(path: str, data: bytes) -> None:
    # O_EXCL: never through a link somebody put there. 0o600 is what a document about a person deserves.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view):]
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError:
        os.unlink(path)
        raise


def _remove_leftovers(where: str, name: str) -> None:
    with os.scandir(where) as entries:
        stale = [entry.path for entry in entries
                 if entry.name.startswith(f".{name}.") and entry.name.endswith(_LEFTOVER)]
    for path in stale:
        os.unlink(path)
