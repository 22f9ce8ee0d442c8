"""`health`, the first thing a parent asks and the one it asks under load, and `shutdown`.

Both run on the reader's thread: no import, no file, no lock that a handler could hold.
"""

from time import monotonic

from pyworker import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyworker.call import Call

VERSION = f"py-worker-{__version__}"
_STARTED = monotonic()


def health(call: "Call") -> "dict[str, object]":
    return {"status": "ok", "version": VERSION, "uptime_ms": int((monotonic() - _STARTED) * 1000)}


def shutdown(call: "Call") -> None:
    """Nothing to do here: the answer is null, and the worker leaves because this method was called."""
