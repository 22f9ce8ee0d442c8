"""The worker's own log: JSON lines on stderr, for the parent to keep or drop.

Says which method ran, how long, how it ended, and counts. Never a parameter, a value read from a phone, or the text
of an exception that may hold one, unless the level is "debug", which a developer asks for on purpose.
"""

import os
from time import time

from protocol.json_text import dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

LEVELS = ("debug", "info", "warning", "error", "off")

_threshold = LEVELS.index("warning")


def set_level(name: str) -> None:
    global _threshold
    _threshold = LEVELS.index(name)


def write(level: str, event: str, **fields: object) -> None:
    """One line. Fields are JSON values."""
    if LEVELS.index(level) < _threshold:
        return
    line = dumps({"time": round(time(), 3), "level": level, "event": event, **fields})
    os.write(2, line.encode("ascii") + b"\n")


def bug(event: str, error: BaseException) -> None:
    """Something that must not happen did: the kind of exception and where, as a stack of places without values."""
    stack = []
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        stack.append(f"{os.path.basename(code.co_filename)}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    fields = {"text": str(error)} if _threshold == 0 else {}
    write("error", event, kind=type(error).__name__, stack=stack, **fields)
