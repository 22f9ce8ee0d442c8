"""The kinds of device there are, and the one shape each of them has towards the methods.

A platform's package is imported when the first request for it comes, never before: its libraries cost more than the
whole rest of the worker. `ios` and `android` know nothing of each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pyworker.call import Call
    from pyworker.collecting.collection import Collection
    from pyworker.collecting.wanted import Wanted
    from pyworker.probes import Observations, Probe, Read

STATES = ("ready", "untrusted", "unauthorized", "locked", "offline", "no_permissions")


class Device(NamedTuple):
    """One attached phone, as the listing tells it. Empty text: not known from where we looked.

    connection: "usb", "network", "adb-server", "adb-tcp" or "adb-usb". state: one of STATES. hint: what a technician
    can do when the state is not ready.
    """

    device_id: str
    platform: str
    connection: str
    state: str
    name: str = ""
    model: str = ""
    marketing_name: str = ""
    os_version: str = ""
    hint: str = ""


class Observed(NamedTuple):
    """What a session brought home: each read answered by a raw value or Unread, and how the phone stood.

    state and hint as in Device; connection: the way that was used; warnings: names in findings.WARNINGS.
    """

    answers: Mapping[Read, Any]
    state: str
    connection: str
    hint: str = ""
    warnings: Sequence[str] = ()


class Platform(NamedTuple):
    """attached: every phone of this kind, each with its state, never raising for a daemon that is not there; one that is
    there and cannot be asked is warned of (call.warn).
    find: the one with this device_id, or None; must cost less than `attached` where it can.
    observe: do the reads; raises RpcError only when nothing at all could be said (gone, stopped).
    identify: the `device` member of a result, from the observations alone; reads it needs are in `identity`.
    collect: bring what the phone has of logs and crash reports, as far as they are wanted, into the collection, which
    cleans, counts and writes it. Told in `collection.ended` is how each place ended, also one that said nothing.
    Raises RpcError when the phone tells nothing at all, never for one place of several. Needs the answers to
    `log_reads` beside those to `identity`.
    """

    name: str
    attached: Callable[[Call], list[Device]]
    find: Callable[[Call, str], Device | None]
    observe: Callable[[Call, Device, tuple[Read, ...]], Observed]
    probes: tuple[Probe, ...]
    identity: tuple[Read, ...]
    identify: Callable[[Device, Observations], dict[str, Any]]
    log_reads: tuple[Read, ...]
    collect: Callable[[Call, Device, Observations, Wanted, Collection], None]


def unasked(reason: str) -> tuple[str, ...]:
    """The warnings of a list of phones whose daemon is there and could not be asked for this reason."""
    return ("partial_data", "timeout") if reason == "timeout" else ("partial_data",)
