"""Redirections: which descriptors a command gets. What is opened for writing is told to the phone's record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.virtual.android.mksh import words
from pyworker.virtual.android.mksh.descriptors import Closed, Descriptor, FileSink, Held, Null
from pyworker.virtual.android.mksh.tree import Redirection

if TYPE_CHECKING:
    from pyworker.virtual.android.mksh.shell import Shell

ANDROID_12 = 31


class RedirectionFault(Exception):
    """It cannot be done; the text is what the shell says. The command is not run, the script goes on."""


def redirected(shell: Shell, redirections: list[Redirection]) -> dict[int, Descriptor]:
    descriptors = dict(shell.descriptors)
    for redirection in redirections:
        number, operator = redirection.descriptor, redirection.operator
        target = words.text(shell, redirection.target)
        if operator in ("<<", "<<<"):
            shell.phone.here_document(target)
            descriptors[number] = Held(target.encode("latin-1") + (b"\n" if operator == "<<<" else b""))
        elif operator in (">&", "<&"):
            if target == "-":
                descriptors[number] = Closed()
            elif target.isdigit() and not isinstance(descriptors.get(int(target), Closed()), Closed):
                descriptors[number] = descriptors[int(target)]
            else:
                raise RedirectionFault(f"{operator}{target} : bad file descriptor")
        else:
            descriptors[number] = _opened(shell, operator, target)
    return descriptors


def _not_opened(shell: Shell, verb: str, name: str, fault: OSError) -> RedirectionFault:
    """Worded as mksh R59 does (measured; taken to be Android 12 and later), or as older ones did."""
    if shell.phone.sdk >= ANDROID_12:
        return RedirectionFault(f"{name}: {verb}: {fault.strerror}")
    return RedirectionFault(f"can't {verb} {name}: {fault.strerror}")


def _opened(shell: Shell, operator: str, name: str) -> Descriptor:
    path = shell.phone.files.absolute(name, shell.directory)
    if path in ("/dev/null", "/dev/zero"):
        return Null()
    if operator == "<":
        try:
            return Held(shell.phone.files.read(path, shell.uid))
        except OSError as fault:
            raise _not_opened(shell, "open", name, fault) from None
    try:
        shell.phone.files.open_for_writing(path, operator == ">", shell.uid)
    except OSError as fault:
        raise _not_opened(shell, "create", name, fault) from None
    shell.phone.note("change", f"write {path}")
    return FileSink(lambda data: shell.phone.files.append(path, data))
